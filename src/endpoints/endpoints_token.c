/*
 * POST /oauth/token (RFC 6749 section 3.2).
 *
 * Reads who asks and what for; the two grants are in endpoints_token_code.c
 * and endpoints_token_refresh.c; both end in endpoints_token_answer().
 */

#include "endpoints/endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "base/base_random.h"
#include "oidc/oidc_id_token.h"
#include "signer/signer_client.h"
#include "web/web_batch.h"
#include "web/web_input.h"
#include "web/web_limit.h"

static struct web_next	token_signed(struct web_exchange *);

/* In the log, in the audit log (with others, later), and counted. */
static void
client_failed(struct web_exchange *x,
    const struct endpoints_token_state *state)
{
	const char	*client = state->claimed ? state->client.client_id : "";

	(void)web_limit_take(x, WEB_LIMIT_CLIENT, client);
	web_batch_client(x, state->claimed ? "refused" : "malformed", client,
	    endpoints_device(x));
}

struct web_next
endpoints_token_refuse(struct web_exchange *x,
    const struct endpoints_token_state *state, enum oidc_error error)
{
	(void)web_limit_take(x, WEB_LIMIT_TOKEN, NULL);
	if (error == OIDC_INVALID_CLIENT)
		client_failed(x, state);
	if (error == OIDC_INVALID_CLIENT && state->client.basic)
		web_reply_header(x, "www-authenticate",
		    "Basic realm=\"Permiso\"");

	return (endpoints_error(x, error));
}

/*
 * Only failures are counted, so a client that knows its secret is never
 * slowed down; and by client, so that one with a wrong secret does not stop
 * another that shares its address.
 */
static bool
too_many(struct web_exchange *x, const struct endpoints_token_state *state)
{
	if (web_limit_look(x, WEB_LIMIT_TOKEN, NULL) && (!state->claimed ||
	    web_limit_look(x, WEB_LIMIT_CLIENT, state->client.client_id)))
		return (false);

	(void)web_limit_refused(x);
	return (true);
}

/* Client and request; parameters are read from the body alone (R12.7). */
static enum oidc_error
token_read(struct web_exchange *x, struct endpoints_token_state *state)
{
	struct web_form		*form;
	struct oidc_fields	 fields;
	struct base_slice	 authorization;
	enum oidc_error		 error;
	bool			 repeated;

	authorization = web_header(x, "authorization", &repeated);
	if (repeated)
		return (OIDC_TWO_METHODS);
	if (web_request(x)->query.len > 0)
		return (OIDC_QUERY_REFUSED);
	form = base_arena_new(web_arena(x), sizeof(*form));
	if (web_input_form(x, form) != WEB_FORM_OK)
		return (OIDC_INVALID_REQUEST);

	fields = endpoints_fields(x, form);
	if ((error = oidc_auth_parse(authorization, &fields,
	    &state->client)) != OIDC_OK)
		return (error);
	state->claimed = true;

	return (oidc_token_request_parse(&fields, &state->request));
}

struct web_next
endpoints_token(struct web_exchange *x)
{
	struct endpoints_token_state	*state = web_state(x, sizeof(*state));
	enum oidc_error			 error;

	if (too_many(x, state))
		return (endpoints_error(x, OIDC_TOO_MANY));
	if ((error = token_read(x, state)) != OIDC_OK)
		return (endpoints_token_refuse(x, state, error));
	if (too_many(x, state))
		return (endpoints_error(x, OIDC_TOO_MANY));

	switch (state->request.type) {
	case OIDC_GRANT_CODE:
		return (endpoints_token_code(x, state));
	case OIDC_GRANT_REFRESH:
		break;
	}

	return (endpoints_token_refresh(x, state));
}

/* The claims as the text to be signed; NULL when out of memory or keys. */
static char *
token_claims(struct web_exchange *x, const struct store_grant *grant,
    bool with_nonce)
{
	char			 sid[OIDC_SID_MAX + 1];
	struct oidc_id_token	 token = {
		.about = {
			.person = &grant->user,
			.scopes = grant->scopes,
			.asked = grant->claims,
			.core = grant->core_claims,
		},
		.client_id = grant->client_id,
		.nonce = with_nonce ? grant->nonce : "",
		.sid = sid,
		.auth_time = grant->auth_time,
		.issued_at = web_now(x),
		.expires_at = web_now(x) + grant->token_seconds,
	};
	json_t			*claims;
	char			*text, *copy = NULL;

	if (!oidc_token_sid(web_keyring(x), web_now(x), &grant->session,
	    &grant->client, sid))
		return (NULL);
	claims = oidc_id_token_build(&token);
	text = json_dumps(claims, JSON_COMPACT);
	json_decref(claims);
	if (text != NULL)
		copy = base_arena_text(web_arena(x), text, strlen(text));
	free(text);

	return (copy);
}

struct web_next
endpoints_token_answer(struct web_exchange *x)
{
	struct endpoints_token_state	*state = web_state(x, sizeof(*state));
	struct signer_request		 request = { .kind = SIGNER_ID_TOKEN };

	request.claims = token_claims(x, &state->grant, state->with_nonce);
	if (request.claims == NULL || !signer_client_alg_parse(
	    state->grant.id_token_alg, &request.alg)) {
		base_log(BASE_LOG_ERROR, "oidc", "no ID token",
		    base_log_text("alg", state->grant.id_token_alg));
		return (web_unavailable(x));
	}
	request.claims_len = strlen(request.claims);

	return (web_sign(x, &request, token_signed));
}

/* The access token, and when it ends: never after its grant. */
static bool
token_access(struct web_exchange *x,
    const struct endpoints_token_state *state,
    char out[OIDC_TOKEN_TEXT_LEN + 1], int64_t *seconds)
{
	const struct store_grant	*grant = &state->grant;
	struct oidc_token		 token = {
		.type = OIDC_TOKEN_ACCESS,
		.grant = grant->id,
		.expires_at = web_now(x) + grant->token_seconds,
		.scopes = state->scopes,
	};

	/* makes two of one second distinct; never compared */
	base_random_bytes(&token.generation, sizeof(token.generation));
	if (token.expires_at > grant->expires_at)
		token.expires_at = grant->expires_at;
	*seconds = token.expires_at - web_now(x);

	return (*seconds > 0 && oidc_token_format(web_keyring(x), web_now(x),
	    &token, out));
}

static bool
token_refresh(struct web_exchange *x, const struct store_grant *grant,
    char out[OIDC_TOKEN_TEXT_LEN + 1])
{
	const struct oidc_token	token = {
		.type = OIDC_TOKEN_REFRESH,
		.grant = grant->id,
		.generation = grant->generation,
		.expires_at = grant->expires_at,
		.scopes = grant->scopes,
	};

	return (oidc_token_format(web_keyring(x), web_now(x), &token, out));
}

static struct web_next
token_signed(struct web_exchange *x)
{
	struct endpoints_token_state	*state = web_state(x, sizeof(*state));
	const struct signer_answer	*answer = web_signature(x);
	char				 access[OIDC_TOKEN_TEXT_LEN + 1];
	char				 refresh[OIDC_TOKEN_TEXT_LEN + 1];
	char				 scope[OIDC_SCOPE_MAX + 1];
	int64_t				 seconds;
	json_t				*json;

	if (answer == NULL || !token_access(x, state, access, &seconds))
		return (web_unavailable(x));

	oidc_scope_format(state->scopes, scope);
	json = json_pack("{s:s, s:s, s:I, s:s, s:s}",
	    "access_token", access,
	    "token_type", "Bearer",
	    "expires_in", (json_int_t)seconds,
	    "scope", scope,
	    "id_token", answer->token);
	if (state->grant.refresh &&
	    token_refresh(x, &state->grant, refresh))
		json_object_set_new(json, "refresh_token",
		    json_string(refresh));
	base_bytes_wipe(access, sizeof(access));
	base_bytes_wipe(refresh, sizeof(refresh));

	return (web_json(x, 200, json));
}
