/*
 * What an ID token says (OpenID Connect Core 2), but for "iss", which the
 * signer puts in itself.
 */
#ifndef PERMISO_OIDC_ID_TOKEN_H
#define PERMISO_OIDC_ID_TOKEN_H

#include <jansson.h>

#include "oidc/oidc_claims.h"

struct oidc_id_token {
	struct oidc_claims_facts	 about;
	const char			*client_id;
	const char			*nonce;		/* "": none */
	const char			*sid;
	int64_t				 auth_time;	/* seconds since 1970 */
	int64_t				 issued_at;
	int64_t				 expires_at;
};

/* A new object; NULL only when out of memory. */
json_t	*oidc_id_token_build(const struct oidc_id_token *token);

#endif /* !PERMISO_OIDC_ID_TOKEN_H */
