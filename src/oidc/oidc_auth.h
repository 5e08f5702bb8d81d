/*
 * Who a token request says it is from (RFC 6749 section 2.3.1, OpenID Connect
 * Core 9), and client secrets.
 *
 * A secret is 256 random bits, so it is stored as an HMAC with a pepper of the
 * keyring; a slow hash would protect nothing more.  Which pepper a
 * stored digest was made with is part of its text, so a secret is tried by
 * making its digest with every pepper in the ring and asking for any of them.
 */
#ifndef PERMISO_OIDC_AUTH_H
#define PERMISO_OIDC_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_arena.h"
#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "base/base_keyring.h"
#include "oidc/oidc.h"
#include "oidc/oidc_client.h"
#include "oidc/oidc_error.h"

struct oidc_auth_claim {
	enum oidc_auth	method;		/* as it was used */
	bool		basic;		/* tried to: 401 names Basic */
	char		client_id[OIDC_CLIENT_ID_MAX + 1];
	char		secret[OIDC_SECRET_MAX + 1];	/* wiped by _clear */
};

/*
 * "authorization" is the value of that header (empty: none).  OIDC_TWO_METHODS
 * when credentials came in two ways, OIDC_INVALID_CLIENT when they cannot be
 * read, OIDC_REPEATED_PARAMETER.  out->basic is set in any case.
 */
enum oidc_error	oidc_auth_parse(struct base_slice authorization,
		    const struct oidc_fields *fields,
		    struct oidc_auth_claim *out);
void		oidc_auth_clear(struct oidc_auth_claim *claim);

#define OIDC_AUTH_SECRET_PREFIX	"permiso_cs_"
#define OIDC_AUTH_SECRET_LEN	(11 + 43)
#define OIDC_AUTH_SECRET_MIN	32	/* of one that was chosen elsewhere */

/* A new secret. */
void	oidc_auth_secret_new(char out[OIDC_AUTH_SECRET_LEN + 1]);
/* Its digest under one pepper; false when there is no such key. */
bool	oidc_auth_secret_digest(const struct base_keyring *ring,
	    uint32_t key_id, const char *secret,
	    uint8_t out[BASE_SHA256_LEN]);
/*
 * "7:0123abcd..." for every pepper in the ring, NULL-terminated, in the arena;
 * nothing at all for an empty secret.
 */
const char *const	*oidc_auth_candidates(struct base_arena *arena,
			    const struct base_keyring *ring,
			    const char *secret);

#endif /* !PERMISO_OIDC_AUTH_H */
