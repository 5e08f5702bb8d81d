/*
 * ID tokens that come back as hints: see oidc_hint.h.
 */

#include "oidc/oidc_hint.h"

#include <string.h>

#include "base/base_bytes.h"

/* Logout tokens and access tokens of ours say what they are; an ID token
 * says nothing, or JWT. */
static bool
hint_type_valid(const struct jose_jws *jws)
{
	return (jws->typ[0] == '\0' || strcmp(jws->typ, "JWT") == 0);
}

static bool
hint_text(const json_t *claims, const char *name, char *out, size_t size)
{
	const json_t	*value = json_object_get(claims, name);

	return (json_is_string(value) && json_string_length(value) > 0 &&
	    base_bytes_text_copy(out, size, json_string_value(value),
	    json_string_length(value)));
}

static bool
hint_read(const json_t *claims, const char *issuer, struct oidc_hint *out)
{
	const json_t	*iss = json_object_get(claims, "iss");

	if (!json_is_string(iss) ||
	    strcmp(json_string_value(iss), issuer) != 0)
		return (false);
	/* of a logout token that hides its type (R: one kind, one use) */
	if (json_object_get(claims, "events") != NULL)
		return (false);
	if (!hint_text(claims, "sub", out->sub, sizeof(out->sub)) ||
	    !hint_text(claims, "aud", out->client_id,
	    sizeof(out->client_id)))
		return (false);

	return (json_object_get(claims, "sid") == NULL ||
	    hint_text(claims, "sid", out->sid, sizeof(out->sid)));
}

enum oidc_hint_status
oidc_hint_check(const struct jose_jws *jws, const struct jose_key *key,
    const char *issuer, struct oidc_hint *out)
{
	struct oidc_hint	 hint = { .sid = "" };
	json_t			*claims;
	bool			 good;

	if (!hint_type_valid(jws))
		return (OIDC_HINT_FORGED);
	if (key == NULL)
		return (OIDC_HINT_UNKNOWN);
	if (jose_jws_verify(jws, key, &claims) != JOSE_JWS_OK)
		return (OIDC_HINT_FORGED);

	good = hint_read(claims, issuer, &hint);
	json_decref(claims);
	if (!good)
		return (OIDC_HINT_FORGED);

	*out = hint;
	return (OIDC_HINT_OK);
}
