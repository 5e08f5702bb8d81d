/*
 * POST /oauth/token with grant_type=authorization_code (RFC 6749 section
 * 4.1.3).
 *
 * Opening and judging the code (oidc_code.c), spending it (store_grant.c) and
 * signing are each tested alone; this file only puts them in order.
 */

#include "endpoints/endpoints.h"

#include "oidc/oidc_code.h"

static struct web_next	redeem_spent(struct web_exchange *);

/* Everything that can be refused without the database is refused here. */
struct web_next
endpoints_token_code(struct web_exchange *x,
    struct endpoints_token_state *state)
{
	const struct oidc_code_claim	 claim = {
		.client_id = state->client.client_id,
		.redirect_uri = state->request.redirect_uri,
		.verifier = state->request.verifier,
	};
	const char *const		*candidates;
	struct oidc_code		 code;
	enum oidc_error			 error;

	if ((error = oidc_code_open(web_keyring(x), web_now(x),
	    web_timeline(x), base_bytes_slice(state->request.code),
	    &code)) != OIDC_OK)
		return (endpoints_token_refuse(x, state, error));
	if ((error = oidc_code_check(&code, &claim)) != OIDC_OK)
		return (endpoints_token_refuse(x, state, error));

	candidates = oidc_auth_candidates(web_arena(x), web_keyring(x),
	    state->client.secret);
	oidc_auth_clear(&state->client);

	return (web_ask(x, store_grant_redeem(web_arena(x), &code,
	    &state->client, candidates, web_request_id(x)), redeem_spent));
}

static struct web_next
redeem_spent(struct web_exchange *x)
{
	struct endpoints_token_state	*state = web_state(x, sizeof(*state));

	switch (store_grant_decode(web_result(x), &state->grant)) {
	case STORE_OK:
		state->scopes = state->grant.scopes;
		state->with_nonce = true;
		return (endpoints_token_answer(x));
	case STORE_BAD_CLIENT:
		return (endpoints_token_refuse(x, state,
		    OIDC_INVALID_CLIENT));
	case STORE_SPENT:	/* its grant is ended now */
	case STORE_GONE:	/* user, session, consent or time */
		return (endpoints_token_refuse(x, state,
		    OIDC_INVALID_GRANT));
	case STORE_FAILED:	/* the store has logged it */
	case STORE_MISSING:
	case STORE_CONFLICT:
	case STORE_REFUSED:
	case STORE_STALE:
		break;
	}

	return (web_unavailable(x));
}
