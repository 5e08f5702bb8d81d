/*
 * Authorization codes: see oidc_code.h.
 */

#include "oidc/oidc_code.h"

#include <string.h>

#include "base/base_seal.h"
#include "oidc/oidc_pack.h"
#include "oidc/oidc_pkce.h"

#define CODE_VERSION	1
#define CODE_WHAT	"code"
/* The largest plaintext whose sealed text fits. */
#define CODE_PLAIN_MAX	(OIDC_CODE_TEXT_MAX / 4 * 3 - BASE_SEAL_OVERHEAD)

static size_t
code_pack(const struct oidc_code *code, uint8_t plain[CODE_PLAIN_MAX])
{
	struct oidc_pack	p = oidc_pack_writer(plain, CODE_PLAIN_MAX);

	oidc_pack_number(&p, CODE_VERSION, 1);
	oidc_pack_bytes(&p, code->id.bytes, BASE_UUID_LEN);
	oidc_pack_bytes(&p, code->client.bytes, BASE_UUID_LEN);
	oidc_pack_bytes(&p, code->user.bytes, BASE_UUID_LEN);
	oidc_pack_bytes(&p, code->session.bytes, BASE_UUID_LEN);
	oidc_pack_text(&p, code->client_id);
	oidc_pack_bytes(&p, code->redirect_digest, BASE_SHA256_LEN);
	oidc_pack_number(&p, code->has_challenge ? 1 : 0, 1);
	if (code->has_challenge)
		oidc_pack_bytes(&p, code->challenge, BASE_SHA256_LEN);
	oidc_pack_number(&p, code->scopes, 4);
	oidc_pack_number(&p, code->id_token_claims, 4);
	oidc_pack_number(&p, code->userinfo_claims, 4);
	oidc_pack_text(&p, code->nonce);
	oidc_pack_number(&p, (uint64_t)code->auth_time, 8);
	oidc_pack_number(&p, (uint64_t)code->expires_at, 8);
	oidc_pack_text(&p, code->timeline);
	oidc_pack_text(&p, code->address);
	oidc_pack_text(&p, code->device);

	return (oidc_pack_finish(&p) ? p.len : 0);
}

static bool
code_unpack(const uint8_t *plain, size_t len, struct oidc_code *code)
{
	struct oidc_pack	p = oidc_pack_reader(plain, len);

	if (oidc_pack_get_number(&p, 1) != CODE_VERSION)
		return (false);
	oidc_pack_get_bytes(&p, code->id.bytes, BASE_UUID_LEN);
	oidc_pack_get_bytes(&p, code->client.bytes, BASE_UUID_LEN);
	oidc_pack_get_bytes(&p, code->user.bytes, BASE_UUID_LEN);
	oidc_pack_get_bytes(&p, code->session.bytes, BASE_UUID_LEN);
	oidc_pack_get_text(&p, code->client_id, sizeof(code->client_id));
	oidc_pack_get_bytes(&p, code->redirect_digest, BASE_SHA256_LEN);
	code->has_challenge = oidc_pack_get_number(&p, 1) != 0;
	if (code->has_challenge)
		oidc_pack_get_bytes(&p, code->challenge, BASE_SHA256_LEN);
	code->scopes = (unsigned)oidc_pack_get_number(&p, 4);
	code->id_token_claims = (uint32_t)oidc_pack_get_number(&p, 4);
	code->userinfo_claims = (uint32_t)oidc_pack_get_number(&p, 4);
	oidc_pack_get_text(&p, code->nonce, sizeof(code->nonce));
	code->auth_time = (int64_t)oidc_pack_get_number(&p, 8);
	code->expires_at = (int64_t)oidc_pack_get_number(&p, 8);
	oidc_pack_get_text(&p, code->timeline, sizeof(code->timeline));
	oidc_pack_get_text(&p, code->address, sizeof(code->address));
	oidc_pack_get_text(&p, code->device, sizeof(code->device));

	return (oidc_pack_finish(&p));
}

bool
oidc_code_seal(const struct base_keyring *ring, int64_t now,
    const struct oidc_code *code, char out[OIDC_CODE_TEXT_MAX + 1])
{
	uint8_t	plain[CODE_PLAIN_MAX];
	size_t	len = code_pack(code, plain);
	bool	sealed;

	sealed = len > 0 && base_seal(ring, now, CODE_WHAT,
	    base_bytes_slice(NULL), plain, len, out);
	base_bytes_wipe(plain, sizeof(plain));

	return (sealed);
}

enum oidc_error
oidc_code_open(const struct base_keyring *ring, int64_t now,
    const char *timeline, struct base_slice text, struct oidc_code *out)
{
	struct oidc_code	code = { 0 };
	uint8_t			plain[CODE_PLAIN_MAX];
	size_t			len;
	bool			opened;

	if (text.len > OIDC_CODE_TEXT_MAX)
		return (OIDC_INVALID_GRANT);
	opened = base_seal_open(ring, CODE_WHAT, base_bytes_slice(NULL),
	    (const char *)text.data, text.len, plain, sizeof(plain), &len) &&
	    code_unpack(plain, len, &code);
	base_bytes_wipe(plain, sizeof(plain));
	if (!opened || code.expires_at <= now)
		return (OIDC_INVALID_GRANT);
	/* hexadecimal of one length: order of bytes is order of numbers */
	if (strcmp(code.timeline, timeline) < 0)
		return (OIDC_INVALID_GRANT);

	*out = code;
	return (OIDC_OK);
}

static bool
code_verifier_fits(const struct oidc_code *code, const char *verifier)
{
	/* A verifier for a code without challenge is a downgrade (R12.2). */
	if (!code->has_challenge)
		return (verifier == NULL);

	return (verifier != NULL && oidc_pkce_match(verifier,
	    code->challenge));
}

enum oidc_error
oidc_code_check(const struct oidc_code *code,
    const struct oidc_code_claim *claim)
{
	uint8_t	digest[BASE_SHA256_LEN];
	bool	client, redirect, verifier;

	if (claim->client_id == NULL || claim->redirect_uri == NULL)
		return (OIDC_INVALID_GRANT);
	base_hash_sha256(claim->redirect_uri, strlen(claim->redirect_uri),
	    digest);

	client = strcmp(code->client_id, claim->client_id) == 0;
	redirect = base_bytes_equal(digest, sizeof(digest),
	    code->redirect_digest, BASE_SHA256_LEN);
	verifier = code_verifier_fits(code, claim->verifier);

	return (client && redirect && verifier ? OIDC_OK :
	    OIDC_INVALID_GRANT);
}
