/*
 * Protocol errors: one table of wire code, HTTP status and safe text
 * (RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6,
 * RFC 6750 section 3.1).
 *
 * Texts are ours, in the characters RFC 6749 allows, and never contain what a
 * client sent.
 */
#ifndef PERMISO_OIDC_ERROR_H
#define PERMISO_OIDC_ERROR_H

enum oidc_error {
	OIDC_OK = 0,
	/* requests that cannot be answered at a redirect URI: a page */
	OIDC_UNKNOWN_CLIENT,
	OIDC_BAD_REDIRECT_URI,
	OIDC_MISSING_REDIRECT_URI,
	/* authorization endpoint */
	OIDC_INVALID_REQUEST,
	OIDC_REPEATED_PARAMETER,
	OIDC_TOO_LONG,
	OIDC_MISSING_RESPONSE_TYPE,
	OIDC_BAD_RESPONSE_TYPE,
	OIDC_BAD_RESPONSE_MODE,
	OIDC_BAD_PROMPT,
	OIDC_BAD_MAX_AGE,
	OIDC_BAD_CLAIMS,
	OIDC_BAD_HINT,
	OIDC_PKCE_REQUIRED,
	OIDC_PKCE_METHOD,
	OIDC_PKCE_CHALLENGE,
	OIDC_INVALID_SCOPE,
	OIDC_OPENID_REQUIRED,
	OIDC_UNAUTHORIZED_CLIENT,
	OIDC_ACCESS_DENIED,
	OIDC_LOGIN_REQUIRED,
	OIDC_CONSENT_REQUIRED,
	OIDC_SELECT_REQUIRED,
	OIDC_INTERACTION_REQUIRED,
	OIDC_UNMET_AUTHENTICATION,
	OIDC_REQUEST_NOT_SUPPORTED,
	OIDC_REQUEST_URI_NOT_SUPPORTED,
	OIDC_REGISTRATION_NOT_SUPPORTED,
	OIDC_SERVER_ERROR,
	OIDC_TEMPORARILY_UNAVAILABLE,
	/* token endpoint */
	OIDC_INVALID_CLIENT,
	OIDC_TWO_METHODS,
	OIDC_QUERY_REFUSED,
	OIDC_INVALID_GRANT,
	OIDC_UNSUPPORTED_GRANT_TYPE,
	OIDC_SCOPE_WIDENED,
	OIDC_TOO_MANY,
	/* bearer tokens */
	OIDC_INVALID_TOKEN,
	OIDC_INSUFFICIENT_SCOPE,
	/* end session */
	OIDC_BAD_LOGOUT_URI,
	OIDC_BAD_LOGOUT_HINT,
	OIDC_ERROR_COUNT
};

const char	*oidc_error_code(enum oidc_error error);	/* on the wire */
const char	*oidc_error_text(enum oidc_error error);	/* description */
int		 oidc_error_status(enum oidc_error error);	/* as JSON */
/* Message key of the reason on the page, without its "broken.reason." */
const char	*oidc_error_page(enum oidc_error error);

#endif /* !PERMISO_OIDC_ERROR_H */
