/*
 * Who may talk to the signer: each role has a key of its own, made of one that
 * only supervisor and signer hold, and proves it by a MAC over a nonce.
 */
#ifndef PERMISO_SIGNER_AUTH_H
#define PERMISO_SIGNER_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_hash.h"
#include "base/base_keyring.h"

#define SIGNER_AUTH_NONCE_LEN	32

enum signer_auth_role {
	SIGNER_AUTH_WEB,
	SIGNER_AUTH_JOBS,
	SIGNER_AUTH_ROLE_COUNT
};

bool	signer_auth_parse(const char *name, enum signer_auth_role *out);

/* The key of one role, for its struct base_config. */
void	signer_auth_key(const uint8_t master[BASE_KEY_LEN],
	    enum signer_auth_role role, uint8_t out[BASE_KEY_LEN]);

/* The proof: HMAC over role and nonce with the role's key. */
void	signer_auth_prove(const uint8_t key[BASE_KEY_LEN],
	    enum signer_auth_role role,
	    const uint8_t nonce[SIGNER_AUTH_NONCE_LEN],
	    uint8_t out[BASE_SHA256_LEN]);

#endif /* !PERMISO_SIGNER_AUTH_H */
