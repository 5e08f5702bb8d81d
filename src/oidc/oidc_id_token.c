/*
 * What an ID token says: see oidc_id_token.h.
 */

#include "oidc/oidc_id_token.h"

json_t *
oidc_id_token_build(const struct oidc_id_token *token)
{
	json_t	*claims, *own;
	int	 failed;

	claims = oidc_claims_build(OIDC_TO_ID_TOKEN, &token->about);
	/* amr of RFC 8176: a key was proved, a person was there, and the
	 * authenticator checked who; user verification is always required */
	own = json_pack("{s:s, s:I, s:I, s:I, s:s, s:[s, s, s], s:s}",
	    "aud", token->client_id,
	    "iat", (json_int_t)token->issued_at,
	    "exp", (json_int_t)token->expires_at,
	    "auth_time", (json_int_t)token->auth_time,
	    "acr", OIDC_ACR,
	    "amr", "pop", "user", "mfa",
	    "sid", token->sid);
	failed = json_object_update(claims, own);
	json_decref(own);
	if (token->nonce[0] != '\0')
		failed |= json_object_set_new(claims, "nonce",
		    json_string(token->nonce));
	if (failed != 0) {
		json_decref(claims);
		return (NULL);
	}

	return (claims);
}
