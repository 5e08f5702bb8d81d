/*
 * GET and POST /oauth/authorize (OpenID Connect Core 3.1.2).
 *
 *	read	parameters, or the sealed "i" that stands for them
 *	ask	client, session, person and consent: one SELECT
 *	judge	answer with a code or an error, or send the person to
 *		/login?i= or /interaction?i= and see them again here
 *
 * Nothing is written.  A code is minted only by authorize_code(), after
 * everything was checked in the same step.
 */

#include "endpoints/endpoints.h"

#include <string.h>

#include "oidc/oidc_code.h"
#include "oidc/oidc_request.h"
#include "oidc/oidc_response.h"
#include "store/store_client.h"
#include "web/web_browser.h"
#include "web/web_input.h"
#include "web/web_page.h"

struct authorize {
	struct oidc_request		request;
	struct store_client_scene	scene;
	struct base_slice		hint;
};

static struct web_next	authorize_found(struct web_exchange *);

/* Answer the app, in the response mode it asked for. */
static struct web_next
authorize_respond(struct web_exchange *x, const struct oidc_request *request,
    const struct oidc_response *response)
{
	json_t	*fields;

	if (request->mode == OIDC_MODE_QUERY)
		return (web_redirect(x, oidc_response_uri(web_arena(x),
		    request->redirect_uri, response)));

	fields = json_array();
	for (size_t i = 0; i < response->count; i++)
		json_array_append_new(fields, json_pack("{s:s, s:s}",
		    "name", response->fields[i].name,
		    "value", response->fields[i].value));
	return (web_page_form_post(x, request->redirect_uri, fields));
}

/* An error the app is told; only after its redirect URI was checked. */
static struct web_next
authorize_fail(struct web_exchange *x, const struct oidc_request *request,
    enum oidc_error error)
{
	struct oidc_response	response;

	base_log(BASE_LOG_INFO, "oidc", "authorization refused",
	    base_log_text("client", request->client_id),
	    base_log_text("error", oidc_error_code(error)),
	    base_log_text("reason", oidc_error_text(error)));
	oidc_response_error(request, web_config(x)->app_url, error,
	    &response);

	return (authorize_respond(x, request, &response));
}

/* To a page of ours, which finds the request again in "i". */
static struct web_next
authorize_send(struct web_exchange *x, struct oidc_request *request,
    const char *path)
{
	char	*sealed = base_arena_new(web_arena(x),
		    OIDC_REQUEST_TEXT_MAX + 1);

	if (!oidc_request_seal(web_keyring(x), web_now(x),
	    web_browser_ensure(x), request, sealed))
		return (authorize_fail(x, request, OIDC_TOO_LONG));

	return (web_redirect(x, base_arena_format(web_arena(x), "%s?i=%s",
	    path, sealed)));
}

/*
 * A sign-in is needed.  What can only be met by a new one is noted with the
 * sign-in that is there now, and fixes the code's id, so that the proof is
 * good for one code (docs/decisions/codes.md).
 */
static struct web_next
authorize_login(struct web_exchange *x, struct authorize *a)
{
	struct oidc_request	*request = &a->request;

	if ((request->prompt & OIDC_PROMPT_LOGIN) != 0 ||
	    request->max_age >= 0 || request->sub[0] != '\0') {
		request->proofs.demanded = a->scene.session.live ?
		    a->scene.session.auth_time : 0;
		if (base_uuid_empty(&request->proofs.code_id))
			request->proofs.code_id = base_uuid_new();
	}

	return (authorize_send(x, request, "/login"));
}

static void
authorize_code_fill(struct web_exchange *x, const struct authorize *a,
    struct oidc_code *code)
{
	const struct oidc_request	*request = &a->request;
	const char			*device = endpoints_device(x);

	*code = (struct oidc_code){
		.id = base_uuid_empty(&request->proofs.code_id) ?
		    base_uuid_new() : request->proofs.code_id,
		.client = a->scene.client.id,
		.user = a->scene.session.user_id,
		.session = a->scene.session.id,
		.has_challenge = request->has_challenge,
		.scopes = request->scopes,
		.id_token_claims = request->claims.id_token,
		.userinfo_claims = request->claims.userinfo,
		.auth_time = a->scene.session.auth_time / 1000000,
		.expires_at = web_now(x) + OIDC_CODE_SECONDS,
	};
	memcpy(code->client_id, request->client_id, sizeof(code->client_id));
	memcpy(code->challenge, request->challenge, sizeof(code->challenge));
	memcpy(code->nonce, request->nonce, sizeof(code->nonce));
	base_hash_sha256(request->redirect_uri,
	    strlen(request->redirect_uri), code->redirect_digest);
	(void)base_bytes_text_copy(code->timeline, sizeof(code->timeline),
	    web_timeline(x), strlen(web_timeline(x)));
	(void)base_bytes_text_copy(code->address, sizeof(code->address),
	    web_address(x), strlen(web_address(x)));
	(void)base_bytes_text_copy(code->device, sizeof(code->device),
	    device, strlen(device));
}

static struct web_next
authorize_code(struct web_exchange *x, const struct authorize *a)
{
	struct oidc_code	 code;
	struct oidc_response	 response;
	char			*text = base_arena_new(web_arena(x),
				    OIDC_CODE_TEXT_MAX + 1);

	authorize_code_fill(x, a, &code);
	if (!oidc_code_seal(web_keyring(x), web_now(x), &code, text))
		return (authorize_fail(x, &a->request, OIDC_TOO_LONG));
	oidc_response_code(&a->request, web_config(x)->app_url, text,
	    &response);

	return (authorize_respond(x, &a->request, &response));
}

static struct web_next
authorize_judge(struct web_exchange *x, struct authorize *a)
{
	enum oidc_error	error;

	/* Its code was redeemed: a new request, to be proved anew. */
	if (a->scene.spent)
		a->request.proofs = (struct oidc_proofs){ .demanded = -1 };

	switch (oidc_request_judge(&a->request, &a->scene.client,
	    &a->scene.session, web_now(x), &error)) {
	case OIDC_NEED_NOTHING:
		return (authorize_code(x, a));
	case OIDC_NEED_LOGIN:
		return (authorize_login(x, a));
	case OIDC_NEED_ACCOUNT:
	case OIDC_NEED_CONSENT:
		return (authorize_send(x, &a->request, "/interaction"));
	case OIDC_NEED_ERROR:
		break;
	}

	return (authorize_fail(x, &a->request, error));
}

/*
 * Whom an id_token_hint names may answer, nobody else.  One that we cannot
 * verify any more names nobody, so there is nobody to answer silently.
 */
static enum oidc_error
authorize_hint(struct web_exchange *x, struct authorize *a)
{
	struct oidc_request	*request = &a->request;
	struct oidc_hint	 hint;

	if (a->hint.len == 0)
		return (OIDC_OK);

	switch (endpoints_hint(x, a->hint, &hint)) {
	case OIDC_HINT_OK:
		break;
	case OIDC_HINT_UNKNOWN:
		return ((request->prompt & OIDC_PROMPT_NONE) != 0 ?
		    OIDC_LOGIN_REQUIRED : OIDC_OK);
	case OIDC_HINT_FORGED:
		return (OIDC_BAD_HINT);
	}

	/* another app's token tells this one nothing about its person */
	if (strcmp(hint.client_id, request->client_id) != 0)
		return (OIDC_BAD_HINT);
	if (request->sub[0] != '\0' && strcmp(request->sub, hint.sub) != 0)
		return (OIDC_BAD_HINT);
	memcpy(request->sub, hint.sub, sizeof(request->sub));
	return (OIDC_OK);
}

static struct web_next
authorize_found(struct web_exchange *x)
{
	struct authorize	*a = web_state(x, sizeof(*a));
	enum oidc_error		 error;

	switch (store_client_scene_found(web_result(x), web_arena(x),
	    &a->scene)) {
	case STORE_OK:
		break;
	case STORE_BAD_CLIENT:
		return (endpoints_broken(x, OIDC_UNKNOWN_CLIENT, NULL));
	case STORE_FAILED:
	case STORE_SPENT:
	case STORE_GONE:
	case STORE_MISSING:
	case STORE_CONFLICT:
	case STORE_REFUSED:
	case STORE_STALE:
		return (web_unavailable(x));
	}

	error = oidc_request_check(&a->request, &a->scene.client);
	if (error == OIDC_BAD_REDIRECT_URI)
		return (endpoints_broken_uri(x, error, &a->scene,
		    &(struct endpoints_mismatch){ a->request.redirect_uri,
		    a->scene.client.redirect_uris }));
	if (error != OIDC_OK ||
	    (error = authorize_hint(x, a)) != OIDC_OK)
		return (authorize_fail(x, &a->request, error));
	memcpy(a->request.client_name, a->scene.client.name,
	    sizeof(a->request.client_name));

	return (authorize_judge(x, a));
}

static struct web_next
authorize_ask(struct web_exchange *x, struct authorize *a)
{
	const struct base_uuid	*code_id = &a->request.proofs.code_id;

	return (web_ask(x, store_client_scene(web_arena(x),
	    a->request.client_id, endpoints_session(x),
	    base_uuid_empty(code_id) ? NULL : code_id), authorize_found));
}

/* Back from sign-in or consent. */
static struct web_next
authorize_again(struct web_exchange *x, struct authorize *a,
    const struct web_form_field *sealed)
{
	const struct base_slice	text = {
		.data = (const uint8_t *)sealed->value,
		.len = sealed->len
	};

	switch (oidc_request_open(web_keyring(x), web_now(x),
	    web_browser_secret(x), text, &a->request)) {
	case OIDC_REQUEST_OK:
	case OIDC_REQUEST_FOREIGN:	/* without its proofs */
		return (authorize_ask(x, a));
	case OIDC_REQUEST_JUNK:
		break;
	}

	return (web_page_error(x, 400, "expired"));
}

/* The request in "form": to the page when there is nowhere to answer. */
static enum oidc_error
authorize_read(struct web_exchange *x, struct authorize *a,
    const struct web_form *form)
{
	const struct oidc_fields	fields = endpoints_fields(x, form);

	return (oidc_request_parse(&fields, &a->request, &a->hint));
}

struct web_next
endpoints_authorize(struct web_exchange *x)
{
	struct authorize		*a = web_state(x, sizeof(*a));
	const struct web_form_field	*sealed;
	struct web_form			*form;
	enum oidc_error			 error;

	form = base_arena_new(web_arena(x), sizeof(*form));
	if (web_input_query(x, form) != WEB_FORM_OK)
		return (endpoints_broken(x, OIDC_INVALID_REQUEST, NULL));

	sealed = web_form_find(form, "i");
	if (sealed != NULL && !sealed->repeated && form->count == 1)
		return (authorize_again(x, a, sealed));
	if ((error = authorize_read(x, a, form)) != OIDC_OK)
		return (endpoints_broken(x, error, NULL));

	return (authorize_ask(x, a));
}

/*
 * A form of another site does not carry our cookies (SameSite=Lax), so who is
 * signed in cannot be seen here.  The request goes on as a GET of our own,
 * sealed without a browser: no cookie is set that would replace one that was
 * only not sent.
 */
struct web_next
endpoints_authorize_post(struct web_exchange *x)
{
	struct authorize	*a = web_state(x, sizeof(*a));
	struct web_form		*form;
	char			*sealed;
	enum oidc_error		 error;

	form = base_arena_new(web_arena(x), sizeof(*form));
	if (web_request(x)->query.len > 0 ||
	    web_input_form(x, form) != WEB_FORM_OK)
		return (endpoints_broken(x, OIDC_INVALID_REQUEST, NULL));
	if ((error = authorize_read(x, a, form)) != OIDC_OK)
		return (endpoints_broken(x, error, NULL));
	/* what is wrong with a hint is told from the GET */
	error = authorize_hint(x, a);
	if (a->request.error == OIDC_OK)
		a->request.error = error;

	sealed = base_arena_new(web_arena(x), OIDC_REQUEST_TEXT_MAX + 1);
	if (!oidc_request_seal(web_keyring(x), web_now(x),
	    base_bytes_slice(NULL), &a->request, sealed))
		return (endpoints_broken(x, OIDC_TOO_LONG, NULL));

	return (web_redirect(x, base_arena_format(web_arena(x),
	    OIDC_CONTINUE_PATH "%s", sealed)));
}
