/*
 * ID tokens that come back as hints (OpenID Connect Core 3.1.2.1,
 * RP-Initiated Logout 1.0 section 2).
 *
 * A hint is proved by its signature and may have expired: it says who somebody
 * was, never that they are signed in.
 */
#ifndef PERMISO_OIDC_HINT_H
#define PERMISO_OIDC_HINT_H

#include "jose/jose_jws.h"
#include "oidc/oidc.h"

struct oidc_hint {
	char	sub[OIDC_SUB_MAX + 1];
	char	client_id[OIDC_CLIENT_ID_MAX + 1];	/* its audience */
	char	sid[OIDC_SID_MAX + 1];			/* "": none */
};

enum oidc_hint_status {
	OIDC_HINT_OK = 0,
	OIDC_HINT_UNKNOWN,	/* signed with a key that is not (any more) ours */
	OIDC_HINT_FORGED	/* anything else: not an ID token of ours */
};

/*
 * Judge a token that jose_jws_parse() has read.  "key" is the public key that
 * its kid names, NULL when there is none.
 */
enum oidc_hint_status	oidc_hint_check(const struct jose_jws *jws,
			    const struct jose_key *key, const char *issuer,
			    struct oidc_hint *out);

#endif /* !PERMISO_OIDC_HINT_H */
