/*
 * GET and POST /oauth/logout (OpenID Connect RP-Initiated Logout 1.0).
 *
 * Silent only with an ID token of ours that names the session which is there
 * now; everything else is asked (RP-Initiated Logout 1.0 section 2).  The app
 * is returned to only with such a token and at a registered address.
 *
 *	GET	request, or "l": what a POST left, sealed
 *	POST	request of an app: sealed, and on as a GET (SameSite=Lax
 *		keeps our cookies from a form of another site)
 *	POST	"l" and "csrf": the answer to our question
 */

#include "endpoints/endpoints.h"

#include <string.h>

#include "account/account_session.h"
#include "oidc/oidc_logout.h"
#include "oidc/oidc_metadata.h"
#include "oidc/oidc_response.h"
#include "store/store_client.h"
#include "store/store_session.h"
#include "web/web_csrf.h"
#include "web/web_input.h"
#include "web/web_page.h"

#define SIGNED_OUT	"/signed-out"
#define CSRF_PURPOSE	"rp-logout"

struct logout {
	struct oidc_logout		request;
	struct store_client_scene	scene;
	bool				confirmed;
};

static struct web_next	logout_found(struct web_exchange *);
static struct web_next	logout_ended(struct web_exchange *);

/* Where the person goes once signed out. */
static const char *
logout_target(struct web_exchange *x, const struct oidc_logout *request)
{
	struct oidc_response	response = { .count = 0 };

	if (!request->hinted || request->redirect_uri[0] == '\0')
		return (SIGNED_OUT);
	if (request->has_state)
		response.fields[response.count++] =
		    (struct oidc_response_field){ "state", request->state };

	return (oidc_response_uri(web_arena(x), request->redirect_uri,
	    &response));
}

static struct web_next
logout_done(struct web_exchange *x, const struct logout *l)
{
	const char	*target = logout_target(x, &l->request);

	web_reply_cookie(x, ACCOUNT_SESSION_COOKIE, "", 0);
	web_reply_header(x, "clear-site-data", ACCOUNT_SESSION_CLEAR);
	/* a POST that leaves the site: docs/decisions/leaving.md */
	if (l->confirmed && target[0] != '/')
		return (web_page_leave(x, target));

	return (web_redirect(x, target));
}

/*
 * Whatever the cookie names is ended: a session that has expired still keeps
 * its grants alive, and one that a login link made can still add a passkey.
 */
static struct web_next
logout_end(struct web_exchange *x, const struct logout *l)
{
	const struct store_place	place = {
		.address = web_address(x),
		.device = endpoints_device(x),
		.request_id = web_request_id(x),
	};
	const uint8_t			*cookie = endpoints_session(x);

	if (cookie == NULL)
		return (logout_done(x, l));

	return (web_ask(x, store_session_end(web_arena(x), cookie, &place),
	    logout_ended));
}

/* Revocation is never called done when it was not (R6.13). */
static struct web_next
logout_ended(struct web_exchange *x)
{
	struct logout		*l = web_state(x, sizeof(*l));
	enum store_status	 status = store_verdict(web_result(x));

	if (status != STORE_OK && status != STORE_MISSING)
		return (web_unavailable(x));

	return (logout_done(x, l));
}

/* "Sign out of Acme?", with the request sealed in the form. */
static struct web_next
logout_question(struct web_exchange *x, const struct logout *l)
{
	const struct account_user	*user = &l->scene.user;
	char				*sealed;

	sealed = base_arena_new(web_arena(x), OIDC_LOGOUT_TEXT_MAX + 1);
	if (!oidc_logout_seal(web_keyring(x), web_now(x), &l->request,
	    sealed))
		return (endpoints_broken(x, OIDC_TOO_LONG, NULL));
	web_page_locales(x, l->request.ui_locales);

	return (web_page(x, 200, WEB_CLASS_PAGE, "logout_app", json_pack(
	    "{s:s, s:s, s:s, s:s}",
	    "title", web_page_text(x, "logout.title",
	    { "name", web_config(x)->app_name }),
	    "lead", web_page_text(x, "logout.lead",
	    { "person", user->display_name }),
	    "csrf", web_csrf_token(x, CSRF_PURPOSE),
	    "l", sealed)));
}

/* Does the hint name exactly the session that is there? */
static bool
logout_matches(struct web_exchange *x, const struct logout *l)
{
	const struct oidc_hint		*hint = &l->request.hint;
	const struct oidc_session	*session = &l->scene.session;

	return (l->request.hinted && strcmp(hint->sub, session->sub) == 0 &&
	    oidc_token_sid_match(web_keyring(x), hint->sid, &session->id,
	    &l->scene.client.id));
}

static struct web_next
logout_found(struct web_exchange *x)
{
	struct logout		*l = web_state(x, sizeof(*l));
	struct oidc_logout	*request = &l->request;

	switch (store_client_scene_found(web_result(x), web_arena(x),
	    &l->scene)) {
	case STORE_OK:
		if (request->redirect_uri[0] != '\0' &&
		    !oidc_client_logout_valid(&l->scene.client,
		    request->redirect_uri))
			return (endpoints_broken_uri(x, OIDC_BAD_LOGOUT_URI,
			    &l->scene, &(struct endpoints_mismatch){
			    request->redirect_uri,
			    l->scene.client.logout_uris }));
		break;
	case STORE_BAD_CLIENT:
		if (request->client_id[0] != '\0')
			return (endpoints_broken(x, OIDC_UNKNOWN_CLIENT,
			    NULL));
		break;
	case STORE_FAILED:
	case STORE_SPENT:
	case STORE_GONE:
	case STORE_MISSING:
	case STORE_CONFLICT:
	case STORE_REFUSED:
	case STORE_STALE:
		return (web_unavailable(x));
	}

	if (l->confirmed || logout_matches(x, l))
		return (logout_end(x, l));
	if (l->scene.session.live)
		return (logout_question(x, l));
	/* a cookie that no app's session goes with: our own page asks */
	if (!request->hinted && endpoints_session(x) != NULL)
		return (web_redirect(x, "/logout"));

	return (logout_end(x, l));
}

static struct web_next
logout_ask(struct web_exchange *x, const struct logout *l)
{
	return (web_ask(x, store_client_scene(web_arena(x),
	    l->request.client_id, endpoints_session(x), NULL),
	    logout_found));
}

/* The request in "form", its hint judged. */
static enum oidc_error
logout_read(struct web_exchange *x, const struct web_form *form,
    struct oidc_logout *request)
{
	const struct oidc_fields	fields = endpoints_fields(x, form);
	struct oidc_hint		hint;
	struct base_slice		text;
	enum oidc_error			error;

	if ((error = oidc_logout_parse(&fields, request, &text)) != OIDC_OK)
		return (error);
	if (text.len == 0)
		return (OIDC_OK);

	switch (endpoints_hint(x, text, &hint)) {
	case OIDC_HINT_OK:
		return (oidc_logout_hint(request, &hint));
	case OIDC_HINT_UNKNOWN:	/* signed long ago: as if there were none */
		return (OIDC_OK);
	case OIDC_HINT_FORGED:
		break;
	}

	return (OIDC_BAD_LOGOUT_HINT);
}

static bool
logout_open(struct web_exchange *x, const struct web_form_field *field,
    struct oidc_logout *out)
{
	const struct base_slice	text = {
		.data = (const uint8_t *)field->value, .len = field->len
	};

	return (oidc_logout_open(web_keyring(x), web_now(x), text, out));
}

struct web_next
endpoints_logout(struct web_exchange *x)
{
	struct logout			*l = web_state(x, sizeof(*l));
	const struct web_form_field	*sealed;
	struct web_form			*form;
	enum oidc_error			 error;

	form = base_arena_new(web_arena(x), sizeof(*form));
	if (web_input_query(x, form) != WEB_FORM_OK)
		return (endpoints_broken(x, OIDC_INVALID_REQUEST, NULL));

	sealed = web_form_find(form, "l");
	if (sealed != NULL && form->count == 1) {
		if (!logout_open(x, sealed, &l->request))
			return (web_page_error(x, 400, "expired"));
		return (logout_ask(x, l));
	}
	if ((error = logout_read(x, form, &l->request)) != OIDC_OK)
		return (endpoints_broken(x, error, NULL));

	return (logout_ask(x, l));
}

/* An app's request, on as a GET. */
static struct web_next
logout_forward(struct web_exchange *x, struct logout *l,
    const struct web_form *form)
{
	enum oidc_error	 error;
	char		*sealed;

	if ((error = logout_read(x, form, &l->request)) != OIDC_OK)
		return (endpoints_broken(x, error, NULL));
	sealed = base_arena_new(web_arena(x), OIDC_LOGOUT_TEXT_MAX + 1);
	if (!oidc_logout_seal(web_keyring(x), web_now(x), &l->request,
	    sealed))
		return (endpoints_broken(x, OIDC_TOO_LONG, NULL));

	return (web_redirect(x, base_arena_format(web_arena(x),
	    OIDC_PATH_LOGOUT "?l=%s", sealed)));
}

struct web_next
endpoints_logout_post(struct web_exchange *x)
{
	struct logout			*l = web_state(x, sizeof(*l));
	const struct web_form_field	*sealed, *token;
	struct web_form			*form;

	form = base_arena_new(web_arena(x), sizeof(*form));
	if (web_request(x)->query.len > 0 ||
	    web_input_form(x, form) != WEB_FORM_OK)
		return (endpoints_broken(x, OIDC_INVALID_REQUEST, NULL));

	sealed = web_form_find(form, "l");
	token = web_form_find(form, WEB_CSRF_FIELD);
	if (sealed == NULL)
		return (logout_forward(x, l, form));
	if (token == NULL || !web_csrf_valid(x, CSRF_PURPOSE, token->value))
		return (web_page_error(x, 403, "bad_form"));
	if (!logout_open(x, sealed, &l->request))
		return (web_page_error(x, 400, "expired"));

	l->confirmed = true;
	return (logout_ask(x, l));
}
