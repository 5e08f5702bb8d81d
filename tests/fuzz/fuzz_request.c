/*
 * Authorization, token and sign-out requests, and the Authorization header of
 * a client: as a form would bring them.  Whatever is read has room for its
 * NUL, and what was judged good seals and opens.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oidc/oidc_auth.h"
#include "oidc/oidc_logout.h"
#include "oidc/oidc_request.h"
#include "oidc/oidc_token_request.h"
#include "web/web_form.h"

#define NOW	1000000

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
seal(struct oidc_request *request)
{
	static struct base_keyring	ring;
	const struct base_key		key = {
		.id = 1, .purpose = BASE_PURPOSE_SEAL, .bytes = { 1 }
	};
	struct oidc_request		back;
	char				text[OIDC_REQUEST_TEXT_MAX + 1];

	if (ring.count == 0 && !base_keyring_add(&ring, &key))
		abort();
	if (!oidc_request_seal(&ring, NOW, base_bytes_slice("b"), request,
	    text))
		return;
	if (oidc_request_open(&ring, NOW, base_bytes_slice("b"),
	    base_bytes_slice(text), &back) != OIDC_REQUEST_OK ||
	    strcmp(back.state, request->state) != 0 ||
	    strcmp(back.redirect_uri, request->redirect_uri) != 0 ||
	    back.prompt != request->prompt ||
	    back.max_age != request->max_age)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oidc_field		list[WEB_FORM_FIELDS_MAX];
	struct oidc_fields		fields = { list, 0 };
	const struct base_slice		text = { data, size };
	struct oidc_auth_claim		claim;
	struct oidc_logout		logout;
	struct oidc_request		request;
	struct oidc_token_request	token;
	struct base_arena		arena;
	struct base_slice		hint;
	struct web_form			form;

	base_arena_init(&arena);
	if (web_form_parse(&arena, text, &form) == WEB_FORM_OK) {
		for (; fields.count < form.count; fields.count++)
			list[fields.count] = (struct oidc_field){
				form.fields[fields.count].name,
				form.fields[fields.count].value,
				form.fields[fields.count].len,
				form.fields[fields.count].repeated
			};
	}

	if (oidc_request_parse(&fields, &request, &hint) == OIDC_OK)
		seal(&request);
	(void)oidc_token_request_parse(&fields, &token);
	(void)oidc_logout_parse(&fields, &logout, &hint);
	(void)oidc_auth_parse(base_bytes_slice(NULL), &fields, &claim);
	fields.count = 0;
	if (oidc_auth_parse(text, &fields, &claim) == OIDC_OK &&
	    (claim.client_id[0] == '\0' || claim.secret[0] == '\0' ||
	    strlen(claim.secret) > OIDC_SECRET_MAX))
		abort();
	base_arena_clear(&arena);
	return (0);
}
