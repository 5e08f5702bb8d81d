/*
 * What a request needs before it is answered (OpenID Connect Core 3.1.2.1,
 * 3.1.2.3, 3.1.2.4): see oidc_request.h.
 */

#include "oidc/oidc_request.h"

#include <string.h>

#define MICROSECONDS	1000000

/* A sign-in that came after this request demanded one. */
static bool
judge_fresh(const struct oidc_request *request,
    const struct oidc_session *session)
{
	return (request->proofs.demanded >= 0 &&
	    session->auth_time > request->proofs.demanded);
}

/* Is what was proved on our pages about the person who is signed in now? */
static bool
judge_same(const struct oidc_request *request,
    const struct oidc_session *session)
{
	return (!base_uuid_empty(&request->proofs.user_id) &&
	    base_uuid_equal(&request->proofs.user_id, &session->user_id));
}

static bool
judge_login(const struct oidc_request *request,
    const struct oidc_session *session, int64_t now)
{
	if (!session->live)
		return (true);
	if (judge_fresh(request, session))
		return (false);
	if ((request->prompt & OIDC_PROMPT_LOGIN) != 0)
		return (true);
	/* 0 asks for a sign-in now, also within the second of the last one */
	if (request->max_age == 0)
		return (true);
	if (request->max_age > 0 && session->auth_time / MICROSECONDS +
	    request->max_age < now)
		return (true);

	return (request->sub[0] != '\0' &&
	    strcmp(request->sub, session->sub) != 0);
}

static bool
judge_consent(const struct oidc_request *request,
    const struct oidc_client *client, const struct oidc_session *session)
{
	uint32_t	asked = request->claims.id_token |
			    request->claims.userinfo;
	bool		shown;

	shown = request->proofs.consent && judge_same(request, session);
	if ((request->prompt & OIDC_PROMPT_CONSENT) != 0 && !shown)
		return (true);
	if (oidc_client_unassured(client, request->redirect_uri) && !shown)
		return (true);
	if (client->skip_consent)
		return (false);

	return (!session->consented ||
	    (request->scopes & ~session->consent_scopes) != 0 ||
	    (asked & ~session->consent_claims) != 0);
}

static enum oidc_need
judge_error(enum oidc_error *error, enum oidc_error value)
{
	*error = value;
	return (OIDC_NEED_ERROR);
}

enum oidc_need
oidc_request_judge(const struct oidc_request *request,
    const struct oidc_client *client, const struct oidc_session *session,
    int64_t now, enum oidc_error *error)
{
	bool	silent = (request->prompt & OIDC_PROMPT_NONE) != 0;

	if (request->proofs.denied)
		return (judge_error(error, OIDC_ACCESS_DENIED));
	if (judge_login(request, session, now))
		return (silent ? judge_error(error, OIDC_LOGIN_REQUIRED) :
		    OIDC_NEED_LOGIN);
	/* signed in anew, and still not the one who was asked for */
	if (request->sub[0] != '\0' &&
	    strcmp(request->sub, session->sub) != 0)
		return (judge_error(error, OIDC_LOGIN_REQUIRED));

	/* whoever signed in for this request has chosen by that */
	if ((request->prompt & OIDC_PROMPT_SELECT) != 0 &&
	    !judge_fresh(request, session) &&
	    !(request->proofs.account && judge_same(request, session)))
		return (OIDC_NEED_ACCOUNT);
	if (judge_consent(request, client, session))
		return (silent ? judge_error(error, OIDC_CONSENT_REQUIRED) :
		    OIDC_NEED_CONSENT);

	return (OIDC_NEED_NOTHING);
}
