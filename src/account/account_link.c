/*
 * The set-up code: a random value and its digest.
 */

#include "account/account_link.h"

#include "base/base_hex.h"
#include "base/base_random.h"

#define SETUP_LEN	(ACCOUNT_LINK_SETUP_LEN / 2)

void
account_link_setup_new(char code[ACCOUNT_LINK_SETUP_LEN + 1],
    uint8_t digest[BASE_SHA256_LEN])
{
	uint8_t	secret[SETUP_LEN];

	base_random_bytes(secret, sizeof(secret));
	base_hex_encode(secret, sizeof(secret), code);
	base_hash_sha256(secret, sizeof(secret), digest);
	base_bytes_wipe(secret, sizeof(secret));
}

bool
account_link_setup_digest(struct base_slice code,
    uint8_t digest[BASE_SHA256_LEN])
{
	uint8_t	secret[SETUP_LEN];
	size_t	len;
	bool	valid;

	valid = code.len == ACCOUNT_LINK_SETUP_LEN &&
	    base_hex_decode((const char *)code.data, code.len, secret,
	    sizeof(secret), &len) && len == sizeof(secret);
	if (valid)
		base_hash_sha256(secret, sizeof(secret), digest);
	base_bytes_wipe(secret, sizeof(secret));

	return (valid);
}
