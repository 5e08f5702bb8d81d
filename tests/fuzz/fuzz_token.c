/*
 * Everything that is sealed or carries a MAC, as it comes back from outside:
 * nothing opens but what was made here.  The first byte changes a genuine
 * value instead, one byte of it.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oidc/oidc_code.h"
#include "oidc/oidc_logout.h"
#include "oidc/oidc_request.h"
#include "oidc/oidc_token.h"

#define NOW	1000000

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct base_keyring	ring;
static char			genuine[OIDC_TOKEN_TEXT_LEN + 1];

static void
prepare(void)
{
	const struct base_key	keys[] = {
		{ .id = 1, .purpose = BASE_PURPOSE_SEAL, .bytes = { 1 } },
		{ .id = 2, .purpose = BASE_PURPOSE_MAC, .bytes = { 2 } },
	};
	const struct oidc_token	token = {
		.type = OIDC_TOKEN_REFRESH, .expires_at = NOW + 60
	};

	if (ring.count > 0)
		return;
	if (!base_keyring_add(&ring, &keys[0]) ||
	    !base_keyring_add(&ring, &keys[1]) ||
	    !oidc_token_format(&ring, NOW, &token, genuine))
		abort();
}

static void
changed(uint8_t at, uint8_t by)
{
	struct oidc_token	token;
	char			text[OIDC_TOKEN_TEXT_LEN + 1];
	bool			opens;

	memcpy(text, genuine, sizeof(text));
	text[at % OIDC_TOKEN_TEXT_LEN] ^= (char)by;
	opens = oidc_token_parse(&ring, NOW, OIDC_TOKEN_REFRESH,
	    base_bytes_slice(text), &token);
	if (opens != (by == 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct base_uuid	 id = { { 1 } };
	const struct base_slice	 text = { data, size };
	struct oidc_code	 code;
	struct oidc_token	 token;
	struct oidc_logout	 logout;
	struct oidc_request	 request;
	char			*sid;

	prepare();
	if (size >= 2)
		changed(data[0], data[1]);
	if (oidc_token_parse(&ring, NOW, OIDC_TOKEN_ACCESS, text, &token) ||
	    oidc_code_open(&ring, NOW, "00000001", text, &code) == OIDC_OK ||
	    oidc_request_open(&ring, NOW, base_bytes_slice("b"), text,
	    &request) != OIDC_REQUEST_JUNK ||
	    oidc_logout_open(&ring, NOW, text, &logout))
		abort();
	if (oidc_token_parse(&ring, NOW, OIDC_TOKEN_REFRESH, text, &token) &&
	    (size != OIDC_TOKEN_TEXT_LEN ||
	    memcmp(data, genuine, size) != 0))
		abort();

	if ((sid = calloc(1, size + 1)) == NULL)
		return (0);
	if (size > 0)
		memcpy(sid, data, size);
	if (oidc_token_sid_match(&ring, sid, &id, &id))
		abort();
	free(sid);
	return (0);
}
