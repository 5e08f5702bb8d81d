/*
 * Secrets of 256 bits: made, and known again.
 */

#include "account/account_secret.h"

#include "base/base_random.h"

#define BYTES	32

void
account_secret_new(char text[ACCOUNT_SECRET_LEN + 1],
    uint8_t digest[BASE_SHA256_LEN])
{
	uint8_t	secret[BYTES];

	base_random_bytes(secret, sizeof(secret));
	base_base64url_encode(secret, sizeof(secret), text);
	base_hash_sha256(secret, sizeof(secret), digest);
	base_bytes_wipe(secret, sizeof(secret));
}

bool
account_secret_digest(struct base_slice text, uint8_t digest[BASE_SHA256_LEN])
{
	uint8_t	secret[BYTES];
	size_t	len;
	bool	valid;

	valid = text.len == ACCOUNT_SECRET_LEN &&
	    base_base64url_decode((const char *)text.data, text.len, secret,
	    sizeof(secret), &len) && len == sizeof(secret);
	if (valid)
		base_hash_sha256(secret, sizeof(secret), digest);
	base_bytes_wipe(secret, sizeof(secret));

	return (valid);
}
