/*
 * POST /oauth/token with grant_type=refresh_token (RFC 6749 section 6,
 * OpenID Connect Core 12).
 */

#include "endpoints/endpoints.h"

static struct web_next	refresh_turned(struct web_exchange *);

/*
 * A wider scope is refused before the database is asked, because a generation
 * that was raised for a request that then fails would be lost.
 */
struct web_next
endpoints_token_refresh(struct web_exchange *x,
    struct endpoints_token_state *state)
{
	const char *const	*candidates;
	struct oidc_token	 token;

	if (!oidc_token_parse(web_keyring(x), web_now(x), OIDC_TOKEN_REFRESH,
	    base_bytes_slice(state->request.refresh_token), &token))
		return (endpoints_token_refuse(x, state,
		    OIDC_INVALID_GRANT));

	state->scopes = state->request.has_scope ? state->request.scopes :
	    token.scopes;
	if ((state->scopes & ~token.scopes) != 0 || state->scopes == 0)
		return (endpoints_token_refuse(x, state,
		    OIDC_SCOPE_WIDENED));

	candidates = oidc_auth_candidates(web_arena(x), web_keyring(x),
	    state->client.secret);
	oidc_auth_clear(&state->client);

	return (web_ask(x, store_grant_refresh(web_arena(x), &token,
	    &state->client, candidates, web_request_id(x)), refresh_turned));
}

static struct web_next
refresh_turned(struct web_exchange *x)
{
	struct endpoints_token_state	*state = web_state(x, sizeof(*state));

	switch (store_grant_decode(web_result(x), &state->grant)) {
	case STORE_OK:
		return (endpoints_token_answer(x));
	case STORE_BAD_CLIENT:
		return (endpoints_token_refuse(x, state,
		    OIDC_INVALID_CLIENT));
	case STORE_MISSING:	/* another client's */
	case STORE_SPENT:	/* an old one: its grant is ended now */
	case STORE_GONE:
		return (endpoints_token_refuse(x, state,
		    OIDC_INVALID_GRANT));
	case STORE_FAILED:
	case STORE_CONFLICT:
	case STORE_REFUSED:
	case STORE_STALE:
		break;
	}

	return (web_unavailable(x));
}
