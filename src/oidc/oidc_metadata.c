/*
 * What this issuer says it can do: see oidc_metadata.h.
 */

#include "oidc/oidc_metadata.h"

#include <stdbool.h>
#include <stdio.h>

#include "oidc/oidc.h"
#include "oidc/oidc_claims.h"

#define LIST_MAX	8
#define URL_MAX		2048

/* Lists; each value here is one that a request may really use. */
static const struct {
	const char	*name;
	const char	*values[LIST_MAX];	/* NULL-terminated */
} lists[] = {
	{ "response_types_supported", { "code" } },
	{ "response_modes_supported", { "query", "form_post" } },
	{ "grant_types_supported",
	    { "authorization_code", "refresh_token" } },
	{ "subject_types_supported", { "public" } },
	{ "id_token_signing_alg_values_supported",
	    { "RS256", "PS256", "ES256", "EdDSA" } },
	{ "token_endpoint_auth_methods_supported",
	    { "client_secret_basic", "client_secret_post", "none" } },
	{ "code_challenge_methods_supported", { "S256" } },
	{ "acr_values_supported", { OIDC_ACR } },
	{ "prompt_values_supported",
	    { "none", "login", "consent", "select_account" } },
	{ "display_values_supported", { "page" } },
	{ "claim_types_supported", { "normal" } },
};

static const struct {
	const char	*name;
	const char	*path;
} endpoints[] = {
	{ "authorization_endpoint", OIDC_PATH_AUTHORIZE },
	{ "token_endpoint", OIDC_PATH_TOKEN },
	{ "userinfo_endpoint", OIDC_PATH_USERINFO },
	{ "end_session_endpoint", OIDC_PATH_LOGOUT },
	{ "jwks_uri", OIDC_PATH_JWKS },
};

static const struct {
	const char	*name;
	bool		 value;
} switches[] = {
	{ "claims_parameter_supported", true },
	{ "request_parameter_supported", false },
	/* absent would mean true (Discovery 3) */
	{ "request_uri_parameter_supported", false },
	{ "authorization_response_iss_parameter_supported", true },
};

/* Claims of the protocol itself, beside those about a person. */
static const char *const protocol_claims[] = {
	"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr",
	"sid"
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static bool
metadata_endpoints(json_t *object, const char *issuer)
{
	char	url[URL_MAX];
	int	len;

	for (size_t i = 0; i < COUNT(endpoints); i++) {
		len = snprintf(url, sizeof(url), "%s%s", issuer,
		    endpoints[i].path);
		if (len < 0 || (size_t)len >= sizeof(url) ||
		    json_object_set_new(object, endpoints[i].name,
		    json_string(url)) != 0)
			return (false);
	}

	return (true);
}

static bool
metadata_lists(json_t *object)
{
	json_t	*list;

	for (size_t i = 0; i < COUNT(lists); i++) {
		list = json_array();
		for (size_t n = 0; lists[i].values[n] != NULL; n++) {
			if (json_array_append_new(list,
			    json_string(lists[i].values[n])) != 0) {
				json_decref(list);
				return (false);
			}
		}
		if (json_object_set_new(object, lists[i].name, list) != 0)
			return (false);
	}

	return (true);
}

/* What the tables of scopes and claims hold. */
static bool
metadata_names(json_t *object)
{
	json_t	*scopes = json_array(), *claims = json_array();
	int	 failed = 0;

	for (size_t i = 0; i < OIDC_SCOPE_COUNT; i++)
		failed |= json_array_append_new(scopes,
		    json_string(oidc_scope_name(i)));
	for (size_t i = 0; i < COUNT(protocol_claims); i++)
		failed |= json_array_append_new(claims,
		    json_string(protocol_claims[i]));
	for (size_t i = 0; i < OIDC_CLAIM_COUNT; i++)
		failed |= json_array_append_new(claims,
		    json_string(oidc_claims_name(i)));
	failed |= json_object_set_new(object, "scopes_supported", scopes);
	failed |= json_object_set_new(object, "claims_supported", claims);

	return (failed == 0);
}

json_t *
oidc_metadata_build(const char *issuer)
{
	json_t	*object = json_object();
	int	 failed;

	failed = json_object_set_new(object, "issuer", json_string(issuer));
	for (size_t i = 0; i < COUNT(switches); i++)
		failed |= json_object_set_new(object, switches[i].name,
		    json_boolean(switches[i].value));
	if (failed != 0 || !metadata_endpoints(object, issuer) ||
	    !metadata_lists(object) || !metadata_names(object)) {
		json_decref(object);
		return (NULL);
	}

	return (object);
}
