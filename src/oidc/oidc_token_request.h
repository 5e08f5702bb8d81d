/*
 * What is asked of the token endpoint (RFC 6749 sections 4.1.3 and 6).
 */
#ifndef PERMISO_OIDC_TOKEN_REQUEST_H
#define PERMISO_OIDC_TOKEN_REQUEST_H

#include <stdbool.h>

#include "oidc/oidc.h"
#include "oidc/oidc_error.h"

enum oidc_grant_type {
	OIDC_GRANT_CODE,
	OIDC_GRANT_REFRESH
};

/* Texts are borrowed from the fields; NULL: not sent, or sent empty. */
struct oidc_token_request {
	enum oidc_grant_type	 type;
	const char		*code;
	const char		*redirect_uri;
	const char		*verifier;
	const char		*refresh_token;
	bool			 has_scope;	/* of a refresh */
	unsigned		 scopes;	/* known ones among it */
};

/*
 * OIDC_REPEATED_PARAMETER, OIDC_TOO_LONG, OIDC_UNSUPPORTED_GRANT_TYPE,
 * OIDC_INVALID_SCOPE, or OIDC_INVALID_REQUEST when something is missing.
 * Client authentication is oidc_auth.h's.
 */
enum oidc_error	oidc_token_request_parse(const struct oidc_fields *fields,
		    struct oidc_token_request *out);

#endif /* !PERMISO_OIDC_TOKEN_REQUEST_H */
