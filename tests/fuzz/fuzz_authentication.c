/*
 * A sign-in, as the JSON a page posts, or (when it does not begin with '{')
 * as authenticator data of data[0] bytes and a signature.
 *
 * Expected is the first assertion of tests/vectors/chromium_usb_es256.json,
 * whose private key is lost: nothing but that assertion may pass.  The
 * working folder is that of the clone.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/vector.h"
#include "webauthn/webauthn_json.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vector				vector;
static struct webauthn_credential		made;
static struct webauthn_authenticate_response	recorded;
static struct webauthn_authenticate_expect	expect;
static struct webauthn_stored			stored;

static void
open_once(void)
{
	struct webauthn_register_response	created;
	struct webauthn_register_expect		creation;
	struct webauthn_assertion		out;

	if (vector.json != NULL)
		return;
	vector_open(&vector, "chromium_usb_es256");
	creation = (struct webauthn_register_expect){
	    vector_expect(&vector, -1), webauthn_algs, WEBAUTHN_ALGS_COUNT };
	if (webauthn_register_parse(&vector.arena, vector_created(&vector),
	    &created) != WEBAUTHN_OK ||
	    webauthn_register_check(&created, &creation,
	    &made) != WEBAUTHN_OK)
		abort();

	stored = (struct webauthn_stored){ { made.id, made.id_len },
	    vector.user_handle, { made.spki, made.spki_len }, made.alg,
	    made.sign_count, made.backup_eligible };
	expect.common = vector_expect(&vector, 0);
	if (webauthn_authenticate_parse(&vector.arena,
	    vector_asserted(&vector, 0), &recorded) != WEBAUTHN_OK ||
	    webauthn_authenticate_check(&recorded, &expect, &stored,
	    &out) != WEBAUTHN_OK)
		abort();
}

static void
same(struct base_slice a, struct base_slice b)
{
	if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0)
		abort();
}

static void
judge(const struct webauthn_authenticate_response *response)
{
	struct webauthn_assertion	out;

	if (webauthn_authenticate_check(response, &expect, &stored,
	    &out) != WEBAUTHN_OK)
		return;
	same(response->auth_data, recorded.auth_data);
	same(response->client_data, recorded.client_data);
	same(response->id, recorded.id);
	same(response->user_handle, recorded.user_handle);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct webauthn_authenticate_response	response;
	struct base_arena			arena;
	json_t					*json;

	open_once();
	if (size > 0 && data[0] != '{') {
		size_t	len = data[0] < size ? data[0] : size - 1;

		response = recorded;
		response.auth_data = (struct base_slice){ data + 1, len };
		response.signature = (struct base_slice){ data + 1 + len,
		    size - 1 - len };
		judge(&response);
		return (0);
	}

	base_arena_init(&arena);
	json = webauthn_json_load((struct base_slice){ data, size });
	if (json != NULL && webauthn_authenticate_parse(&arena, json,
	    &response) == WEBAUTHN_OK)
		judge(&response);
	json_decref(json);
	base_arena_clear(&arena);
	return (0);
}
