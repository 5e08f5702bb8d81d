/*
 * The sealed form of an authorization request, "i": see oidc_request.h.
 *
 * The browser is a field inside and not the seal's context, because an "i"
 * from another browser is still a request: it is only its proofs that do not
 * travel.
 */

#include "oidc/oidc_request.h"

#include <string.h>

#include "base/base_seal.h"
#include "oidc/oidc_pack.h"

#define SEAL_VERSION	1
#define SEAL_WHAT	"request"
#define SEAL_PLAIN_MAX	(OIDC_REQUEST_TEXT_MAX / 4 * 3 - BASE_SEAL_OVERHEAD)

/* The flags of one byte. */
enum {
	FLAG_STATE	= 1 << 0,
	FLAG_FORM_POST	= 1 << 1,
	FLAG_CHALLENGE	= 1 << 2,
	FLAG_ACCOUNT	= 1 << 3,
	FLAG_CONSENT	= 1 << 4,
	FLAG_DENIED	= 1 << 5
};

static unsigned
seal_flags(const struct oidc_request *request)
{
	return ((request->has_state ? FLAG_STATE : 0U) |
	    (request->mode == OIDC_MODE_FORM_POST ? FLAG_FORM_POST : 0U) |
	    (request->has_challenge ? FLAG_CHALLENGE : 0U) |
	    (request->proofs.account ? FLAG_ACCOUNT : 0U) |
	    (request->proofs.consent ? FLAG_CONSENT : 0U) |
	    (request->proofs.denied ? FLAG_DENIED : 0U));
}

static size_t
seal_pack(const struct oidc_request *request, int64_t now,
    const uint8_t browser[BASE_SHA256_LEN], uint8_t plain[SEAL_PLAIN_MAX])
{
	struct oidc_pack	p = oidc_pack_writer(plain, SEAL_PLAIN_MAX);

	oidc_pack_number(&p, SEAL_VERSION, 1);
	oidc_pack_bytes(&p, browser, BASE_SHA256_LEN);
	oidc_pack_number(&p, (uint64_t)now, 8);
	oidc_pack_number(&p, seal_flags(request), 1);
	oidc_pack_text(&p, request->client_id);
	oidc_pack_text(&p, request->redirect_uri);
	oidc_pack_text(&p, request->state);
	oidc_pack_text(&p, request->nonce);
	oidc_pack_number(&p, request->scopes, 4);
	oidc_pack_number(&p, request->prompt, 1);
	oidc_pack_number(&p, (uint64_t)request->max_age, 8);
	oidc_pack_text(&p, request->login_hint);
	oidc_pack_text(&p, request->ui_locales);
	oidc_pack_text(&p, request->sub);
	oidc_pack_number(&p, request->claims.id_token, 4);
	oidc_pack_number(&p, request->claims.userinfo, 4);
	if (request->has_challenge)
		oidc_pack_bytes(&p, request->challenge, BASE_SHA256_LEN);
	oidc_pack_number(&p, request->error, 1);
	oidc_pack_text(&p, request->client_name);
	oidc_pack_bytes(&p, request->proofs.code_id.bytes, BASE_UUID_LEN);
	oidc_pack_number(&p, (uint64_t)request->proofs.demanded, 8);
	oidc_pack_bytes(&p, request->proofs.user_id.bytes, BASE_UUID_LEN);

	return (oidc_pack_finish(&p) ? p.len : 0);
}

static void
seal_unpack_flags(unsigned flags, struct oidc_request *request)
{
	request->has_state = (flags & FLAG_STATE) != 0;
	request->mode = (flags & FLAG_FORM_POST) != 0 ? OIDC_MODE_FORM_POST :
	    OIDC_MODE_QUERY;
	request->has_challenge = (flags & FLAG_CHALLENGE) != 0;
	request->proofs.account = (flags & FLAG_ACCOUNT) != 0;
	request->proofs.consent = (flags & FLAG_CONSENT) != 0;
	request->proofs.denied = (flags & FLAG_DENIED) != 0;
}

static bool
seal_unpack(const uint8_t *plain, size_t len, struct oidc_request *request,
    uint8_t browser[BASE_SHA256_LEN], int64_t *sealed_at)
{
	struct oidc_pack	p = oidc_pack_reader(plain, len);

	if (oidc_pack_get_number(&p, 1) != SEAL_VERSION)
		return (false);
	oidc_pack_get_bytes(&p, browser, BASE_SHA256_LEN);
	*sealed_at = (int64_t)oidc_pack_get_number(&p, 8);
	seal_unpack_flags((unsigned)oidc_pack_get_number(&p, 1), request);
	oidc_pack_get_text(&p, request->client_id,
	    sizeof(request->client_id));
	oidc_pack_get_text(&p, request->redirect_uri,
	    sizeof(request->redirect_uri));
	oidc_pack_get_text(&p, request->state, sizeof(request->state));
	oidc_pack_get_text(&p, request->nonce, sizeof(request->nonce));
	request->scopes = (unsigned)oidc_pack_get_number(&p, 4);
	request->prompt = (unsigned)oidc_pack_get_number(&p, 1);
	request->max_age = (int64_t)oidc_pack_get_number(&p, 8);
	oidc_pack_get_text(&p, request->login_hint,
	    sizeof(request->login_hint));
	oidc_pack_get_text(&p, request->ui_locales,
	    sizeof(request->ui_locales));
	oidc_pack_get_text(&p, request->sub, sizeof(request->sub));
	request->claims.id_token = (uint32_t)oidc_pack_get_number(&p, 4);
	request->claims.userinfo = (uint32_t)oidc_pack_get_number(&p, 4);
	if (request->has_challenge)
		oidc_pack_get_bytes(&p, request->challenge, BASE_SHA256_LEN);
	request->error = (enum oidc_error)oidc_pack_get_number(&p, 1);
	oidc_pack_get_text(&p, request->client_name,
	    sizeof(request->client_name));
	oidc_pack_get_bytes(&p, request->proofs.code_id.bytes, BASE_UUID_LEN);
	request->proofs.demanded = (int64_t)oidc_pack_get_number(&p, 8);
	oidc_pack_get_bytes(&p, request->proofs.user_id.bytes, BASE_UUID_LEN);

	return (oidc_pack_finish(&p) && request->error < OIDC_ERROR_COUNT);
}

bool
oidc_request_seal(const struct base_keyring *ring, int64_t now,
    struct base_slice browser, const struct oidc_request *request,
    char out[OIDC_REQUEST_TEXT_MAX + 1])
{
	uint8_t	plain[SEAL_PLAIN_MAX];
	uint8_t	digest[BASE_SHA256_LEN] = { 0 };
	size_t	len;

	if (browser.len > 0)
		base_hash_sha256(browser.data, browser.len, digest);
	len = seal_pack(request, now, digest, plain);

	return (len > 0 && base_seal(ring, now, SEAL_WHAT,
	    base_bytes_slice(NULL), plain, len, out));
}

enum oidc_request_status
oidc_request_open(const struct base_keyring *ring, int64_t now,
    struct base_slice browser, struct base_slice text,
    struct oidc_request *out)
{
	struct oidc_request	request = { .error = OIDC_OK };
	uint8_t			plain[SEAL_PLAIN_MAX];
	uint8_t			bound[BASE_SHA256_LEN];
	uint8_t			digest[BASE_SHA256_LEN];
	int64_t			sealed_at = 0;
	size_t			len;

	if (text.len > OIDC_REQUEST_TEXT_MAX)
		return (OIDC_REQUEST_JUNK);
	if (!base_seal_open(ring, SEAL_WHAT, base_bytes_slice(NULL),
	    (const char *)text.data, text.len, plain, sizeof(plain), &len) ||
	    !seal_unpack(plain, len, &request, bound, &sealed_at))
		return (OIDC_REQUEST_JUNK);

	base_hash_sha256(browser.data, browser.len, digest);
	if (browser.len > 0 && base_bytes_equal(bound, sizeof(bound), digest,
	    sizeof(digest)) && now - sealed_at < OIDC_REQUEST_SECONDS) {
		*out = request;
		return (OIDC_REQUEST_OK);
	}

	request.proofs = (struct oidc_proofs){ .demanded = -1 };
	*out = request;
	return (OIDC_REQUEST_FOREIGN);
}
