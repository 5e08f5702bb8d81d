#include "signer/signer_auth.h"

#include <stdio.h>
#include <string.h>

static const char *const	names[SIGNER_AUTH_ROLE_COUNT] = {
	[SIGNER_AUTH_WEB]	= "web",
	[SIGNER_AUTH_JOBS]	= "jobs",
};

bool
signer_auth_parse(const char *name, enum signer_auth_role *out)
{
	int	i;

	for (i = 0; i < SIGNER_AUTH_ROLE_COUNT; i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum signer_auth_role)i;
			return (true);
		}
	}

	return (false);
}

void
signer_auth_key(const uint8_t master[BASE_KEY_LEN],
    enum signer_auth_role role, uint8_t out[BASE_KEY_LEN])
{
	char	info[64];

	(void)snprintf(info, sizeof(info), "permiso signer client v1 %s",
	    names[role]);
	base_hash_hkdf(master, BASE_KEY_LEN, info, out, BASE_KEY_LEN);
}

void
signer_auth_prove(const uint8_t key[BASE_KEY_LEN], enum signer_auth_role role,
    const uint8_t nonce[SIGNER_AUTH_NONCE_LEN], uint8_t out[BASE_SHA256_LEN])
{
	uint8_t	text[1 + SIGNER_AUTH_NONCE_LEN];

	text[0] = (uint8_t)role;
	memcpy(text + 1, nonce, SIGNER_AUTH_NONCE_LEN);
	base_hash_hmac(key, BASE_KEY_LEN, text, sizeof(text), out);
}
