/*
 * Proof Key for Code Exchange: see oidc_pkce.h.
 */

#include "oidc/oidc_pkce.h"

#include <string.h>

#include "base/base_base64url.h"
#include "base/base_bytes.h"
#include "oidc/oidc.h"

#define UNRESERVED	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"abcdefghijklmnopqrstuvwxyz0123456789-._~"

bool
oidc_pkce_challenge_parse(const char *text, uint8_t out[BASE_SHA256_LEN])
{
	uint8_t	digest[BASE_SHA256_LEN];
	size_t	len;

	if (!base_base64url_decode(text, strlen(text), digest, sizeof(digest),
	    &len) || len != sizeof(digest))
		return (false);

	memcpy(out, digest, sizeof(digest));
	return (true);
}

bool
oidc_pkce_verifier_valid(const char *text)
{
	size_t	len = strlen(text);

	return (len >= OIDC_VERIFIER_MIN && len <= OIDC_VERIFIER_MAX &&
	    strspn(text, UNRESERVED) == len);
}

bool
oidc_pkce_match(const char *verifier,
    const uint8_t challenge[BASE_SHA256_LEN])
{
	uint8_t	digest[BASE_SHA256_LEN];

	if (!oidc_pkce_verifier_valid(verifier))
		return (false);
	base_hash_sha256(verifier, strlen(verifier), digest);

	return (base_bytes_equal(digest, sizeof(digest), challenge,
	    BASE_SHA256_LEN));
}
