/*
 * A registration, as the JSON a page posts, or (when it does not begin with
 * '{') as an attestation object under client data that is good.
 *
 * Expected is what tests/vectors/chromium_usb_es256.json was made for; the
 * working folder is that of the clone.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "support/vector.h"
#include "webauthn/webauthn_json.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vector				vector;
static struct webauthn_register_response	recorded;
static struct webauthn_register_expect		expect;
static struct webauthn_credential		out;

static void
open_once(void)
{
	if (vector.json != NULL)
		return;
	vector_open(&vector, "chromium_usb_es256");
	expect.common = vector_expect(&vector, -1);
	expect.algs = webauthn_algs;
	expect.alg_count = WEBAUTHN_ALGS_COUNT;
	if (webauthn_register_parse(&vector.arena, vector_created(&vector),
	    &recorded) != WEBAUTHN_OK ||
	    webauthn_register_check(&recorded, &expect, &out) != WEBAUTHN_OK)
		abort();
}

/* What passes is whole: of lengths that the table takes, with a key. */
static void
judge(const struct webauthn_register_response *response)
{
	const uint8_t	*p = out.spki;
	EVP_PKEY	*key;

	if (webauthn_register_check(response, &expect, &out) != WEBAUTHN_OK)
		return;
	if (out.id_len < WEBAUTHN_CREDENTIAL_ID_MIN ||
	    out.id_len > WEBAUTHN_CREDENTIAL_ID_MAX ||
	    out.id_len != response->id.len ||
	    memcmp(out.id, response->id.data, out.id_len) != 0 ||
	    !out.user_verified || (out.backup_state && !out.backup_eligible))
		abort();
	key = d2i_PUBKEY(NULL, &p, (long)out.spki_len);
	if (key == NULL)
		abort();
	EVP_PKEY_free(key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct webauthn_register_response	response;
	struct base_arena			arena;
	json_t					*json;

	open_once();
	if (size == 0 || data[0] != '{') {
		response = recorded;
		response.attestation = (struct base_slice){ data, size };
		judge(&response);
		return (0);
	}

	base_arena_init(&arena);
	json = webauthn_json_load((struct base_slice){ data, size });
	if (json != NULL && webauthn_register_parse(&arena, json,
	    &response) == WEBAUTHN_OK)
		judge(&response);
	json_decref(json);
	base_arena_clear(&arena);
	return (0);
}
