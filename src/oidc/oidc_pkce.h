/*
 * Proof Key for Code Exchange (RFC 7636), S256 only.
 */
#ifndef PERMISO_OIDC_PKCE_H
#define PERMISO_OIDC_PKCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_hash.h"

/* 43 characters of base64url: a SHA-256 (section 4.2). */
bool	oidc_pkce_challenge_parse(const char *text,
	    uint8_t out[BASE_SHA256_LEN]);
/* 43 to 128 unreserved characters (section 4.1). */
bool	oidc_pkce_verifier_valid(const char *text);
/* Does the verifier fit the challenge? (section 4.6) */
bool	oidc_pkce_match(const char *verifier,
	    const uint8_t challenge[BASE_SHA256_LEN]);

#endif /* !PERMISO_OIDC_PKCE_H */
