/*
 * The table of protocol errors: see oidc_error.h.
 */

#include "oidc/oidc_error.h"

#include <stddef.h>

static const struct {
	const char	*code;
	int		 status;
	const char	*page;
	const char	*text;
} errors[OIDC_ERROR_COUNT] = {
	[OIDC_OK] = { "", 200, "", "" },

	[OIDC_UNKNOWN_CLIENT] = { "invalid_client", 400, "client",
	    "The client_id is missing, or no such client is enabled here." },
	[OIDC_BAD_REDIRECT_URI] = { "invalid_request", 400,
	    "redirect_uri",
	    "The redirect_uri is not one that is registered for this "
	    "client." },
	[OIDC_MISSING_REDIRECT_URI] = { "invalid_request", 400,
	    "redirect_uri_missing", "The redirect_uri is missing." },

	[OIDC_INVALID_REQUEST] = { "invalid_request", 400, "request",
	    "The request is malformed or lacks a parameter." },
	[OIDC_REPEATED_PARAMETER] = { "invalid_request", 400, "request",
	    "A parameter was sent more than once." },
	[OIDC_TOO_LONG] = { "invalid_request", 400, "request",
	    "A parameter, or the request as a whole, is too long." },
	[OIDC_MISSING_RESPONSE_TYPE] = { "invalid_request", 400,
	    "request", "The response_type is missing." },
	[OIDC_BAD_RESPONSE_TYPE] = { "unsupported_response_type", 400,
	    "request", "The only response_type here is code." },
	[OIDC_BAD_RESPONSE_MODE] = { "invalid_request", 400, "request",
	    "The response_mode must be query or form_post." },
	[OIDC_BAD_PROMPT] = { "invalid_request", 400, "request",
	    "The prompt has an unknown value, or none stands with another." },
	[OIDC_BAD_MAX_AGE] = { "invalid_request", 400, "request",
	    "The max_age is not a number of seconds." },
	[OIDC_BAD_CLAIMS] = { "invalid_request", 400, "request",
	    "The claims parameter is not the JSON object it should be." },
	[OIDC_BAD_HINT] = { "invalid_request", 400, "request",
	    "The id_token_hint is not an ID token of this issuer." },
	[OIDC_PKCE_REQUIRED] = { "invalid_request", 400, "request",
	    "This client must send a code_challenge (PKCE, S256)." },
	[OIDC_PKCE_METHOD] = { "invalid_request", 400, "request",
	    "The code_challenge_method must be S256." },
	[OIDC_PKCE_CHALLENGE] = { "invalid_request", 400, "request",
	    "The code_challenge must be 43 characters of base64url." },
	[OIDC_INVALID_SCOPE] = { "invalid_scope", 400, "request",
	    "The scope is malformed." },
	[OIDC_OPENID_REQUIRED] = { "invalid_scope", 400, "request",
	    "The scope must contain openid, and the client must be allowed "
	    "it." },
	[OIDC_UNAUTHORIZED_CLIENT] = { "unauthorized_client", 400,
	    "request", "This client may not use this grant type." },
	[OIDC_ACCESS_DENIED] = { "access_denied", 400, "request",
	    "The person cancelled the request." },
	[OIDC_LOGIN_REQUIRED] = { "login_required", 400, "request",
	    "The person must sign in first." },
	[OIDC_CONSENT_REQUIRED] = { "consent_required", 400, "request",
	    "The person must consent first." },
	[OIDC_SELECT_REQUIRED] = { "account_selection_required", 400,
	    "request", "The person must choose an account first." },
	[OIDC_INTERACTION_REQUIRED] = { "interaction_required", 400,
	    "request", "The person must be asked first." },
	[OIDC_UNMET_AUTHENTICATION] = {
	    "unmet_authentication_requirements", 400, "request",
	    "The essential acr cannot be met." },
	[OIDC_REQUEST_NOT_SUPPORTED] = { "request_not_supported", 400,
	    "request", "The request parameter is not supported." },
	[OIDC_REQUEST_URI_NOT_SUPPORTED] = { "request_uri_not_supported",
	    400, "request",
	    "The request_uri parameter is not supported." },
	[OIDC_REGISTRATION_NOT_SUPPORTED] = { "registration_not_supported",
	    400, "request",
	    "The registration parameter is not supported." },
	[OIDC_SERVER_ERROR] = { "server_error", 500, "request",
	    "Something failed here; the log of the server says what." },
	[OIDC_TEMPORARILY_UNAVAILABLE] = { "temporarily_unavailable", 503,
	    "request", "The server cannot answer at the moment." },

	[OIDC_INVALID_CLIENT] = { "invalid_client", 401, "request",
	    "The client is unknown or did not authenticate as it is "
	    "registered." },
	[OIDC_TWO_METHODS] = { "invalid_request", 400, "request",
	    "More than one kind of client authentication was sent." },
	[OIDC_QUERY_REFUSED] = { "invalid_request", 400, "request",
	    "Parameters belong in the body, not in the query." },
	[OIDC_INVALID_GRANT] = { "invalid_grant", 400, "request",
	    "The code or refresh token is not valid for this request, or not "
	    "any more." },
	[OIDC_UNSUPPORTED_GRANT_TYPE] = { "unsupported_grant_type", 400,
	    "request",
	    "The grant_type must be authorization_code or refresh_token." },
	[OIDC_SCOPE_WIDENED] = { "invalid_scope", 400, "request",
	    "The scope asks for more than was granted." },
	[OIDC_TOO_MANY] = { "temporarily_unavailable", 429, "request",
	    "Too many requests of yours failed. Retry-After says when the "
	    "next one is looked at." },

	[OIDC_INVALID_TOKEN] = { "invalid_token", 401, "request",
	    "The access token is not valid, or not any more." },
	[OIDC_INSUFFICIENT_SCOPE] = { "insufficient_scope", 403,
	    "request", "The access token lacks the scope openid." },

	[OIDC_BAD_LOGOUT_URI] = { "invalid_request", 400, "logout_uri",
	    "The post_logout_redirect_uri is not one that is registered for "
	    "this client." },
	[OIDC_BAD_LOGOUT_HINT] = { "invalid_request", 400, "logout_hint",
	    "The id_token_hint is not an ID token of this issuer for this "
	    "client." },
};

const char *
oidc_error_code(enum oidc_error error)
{
	return (errors[error].code);
}

const char *
oidc_error_text(enum oidc_error error)
{
	return (errors[error].text);
}

int
oidc_error_status(enum oidc_error error)
{
	return (errors[error].status);
}

const char *
oidc_error_page(enum oidc_error error)
{
	return (errors[error].page);
}
