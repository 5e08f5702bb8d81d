/*
 * Sessions: cookie values and their digests.
 *
 * The secret has 256 random bits, so a plain digest is enough: nobody can
 * guess it back, and a copy of the database signs nobody in (DESIGN rule 6).
 */

#include "account/account_session.h"

#include "base/base_random.h"

bool
account_session_limited(const struct account_session *session)
{
	return (base_uuid_empty(&session->passkey_id));
}

void
account_session_cookie_new(char cookie[ACCOUNT_SESSION_COOKIE_LEN + 1],
    uint8_t digest[BASE_SHA256_LEN])
{
	uint8_t	secret[ACCOUNT_SESSION_SECRET_LEN];

	base_random_bytes(secret, sizeof(secret));
	base_base64url_encode(secret, sizeof(secret), cookie);
	base_hash_sha256(secret, sizeof(secret), digest);
	base_bytes_wipe(secret, sizeof(secret));
}

bool
account_session_cookie_digest(struct base_slice cookie,
    uint8_t digest[BASE_SHA256_LEN])
{
	uint8_t	secret[ACCOUNT_SESSION_SECRET_LEN];
	size_t	len;

	if (cookie.len != ACCOUNT_SESSION_COOKIE_LEN ||
	    !base_base64url_decode((const char *)cookie.data, cookie.len,
	    secret, sizeof(secret), &len) || len != sizeof(secret))
		return (false);

	base_hash_sha256(secret, sizeof(secret), digest);
	base_bytes_wipe(secret, sizeof(secret));
	return (true);
}
