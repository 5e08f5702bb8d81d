/*
 * What the signer signs: the rules of each kind of token (OpenID Connect Core
 * section 2 and 5.3.2, RFC 9068, RFC 9701, Back-Channel Logout section 2.4).
 * Pure: key, clock and issuer are given.
 */
#ifndef PERMISO_SIGNER_TOKEN_H
#define PERMISO_SIGNER_TOKEN_H

#include <stdint.h>

#include "jose/jose_key.h"
#include "signer/signer_auth.h"
#include "signer/signer_client.h"

#define SIGNER_TOKEN_SKEW	60		/* seconds, either way */
#define SIGNER_TOKEN_LIFE	86400
#define SIGNER_TOKEN_LOGOUT_LIFE 600

enum signer_token_verdict {
	SIGNER_TOKEN_OK = 0,
	SIGNER_TOKEN_KIND,	/* unknown, or not for this role */
	SIGNER_TOKEN_JSON,	/* not one object with unique members */
	SIGNER_TOKEN_CLAIMS,	/* one missing, of a wrong type, or forbidden */
	SIGNER_TOKEN_TIME,	/* iat or exp */
	SIGNER_TOKEN_NO_KEY,
	SIGNER_TOKEN_FAILED
};

/* May "role" have "claims" signed as "kind" at "now"? */
enum signer_token_verdict	signer_token_check(enum signer_auth_role role,
				    const struct signer_request *request,
				    int64_t now);

/*
 * Sign what was checked, with "iss" put in front.  The issuer is ours: no
 * character of it needs escaping.
 */
enum signer_token_verdict	signer_token_make(const struct jose_key *key,
				    const char *issuer,
				    const struct signer_request *request,
				    struct signer_answer *out);

const char	*signer_token_verdict_name(enum signer_token_verdict verdict);

#endif /* !PERMISO_SIGNER_TOKEN_H */
