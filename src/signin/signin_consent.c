/*
 * Between an app's request and its answer: which account, and what it may
 * see.
 *
 *	GET  /interaction	the question that the request needs now
 *	POST /interaction	its answer, noted in the sealed request
 *
 * Nothing is answered to the app here: the request goes back to
 * /oauth/authorize, which checks it all again.  What was answered here is a
 * proof in "i", good for this person, this browser and one code.  The "i" of a
 * page names the person it was shown to: nobody else's answer counts.
 */

#include "signin/signin.h"

#include <string.h>

#include "oidc/oidc_request.h"
#include "store/store_client.h"
#include "store/store_consent.h"
#include "web/web_browser.h"
#include "web/web_csrf.h"
#include "web/web_input.h"
#include "web/web_page.h"

#define PURPOSE	"interaction"

enum answer {
	ANSWER_NONE,
	ANSWER_ALLOW,
	ANSWER_CANCEL,
	ANSWER_CONTINUE,
	ANSWER_OTHER
};

struct interaction {
	const char			*i;
	struct oidc_request		 request;
	struct store_client_scene	 scene;
	enum answer			 answer;
};

static web_step	interaction_found, interaction_written;

/* Back to where requests are judged; from a GET. */
static struct web_next
interaction_back(struct web_exchange *x, const struct interaction *in)
{
	return (web_redirect(x, base_arena_format(web_arena(x),
	    OIDC_CONTINUE_PATH "%s", in->i)));
}

/* --- the questions --------------------------------------------------------- */

/* Where the answer will go: the host, or the scheme of a native app. */
static const char *
app_host(struct web_exchange *x, const char *uri)
{
	const char	*host = strstr(uri, "://");

	if (host == NULL)
		return (base_arena_text(web_arena(x), uri,
		    strcspn(uri, ":")));
	host += 3;
	return (base_arena_text(web_arena(x), host, strcspn(host, "/?#")));
}

/* One line of what an app will see. */
static void
fact_add(json_t *list, const char *kind, const char *text, const char *value,
    bool is_new)
{
	static const char *const	kinds[] = {
		"profile", "email", "groups", "offline", "other"
	};
	json_t				*fact;

	fact = json_pack("{s:s, s:s?, s:b}", "text", text,
	    "value", value != NULL && value[0] == '\0' ? NULL : value,
	    "new", is_new);
	for (size_t n = 0; n < sizeof(kinds) / sizeof(kinds[0]); n++)
		json_object_set_new(fact, kinds[n],
		    json_boolean(strcmp(kinds[n], kind) == 0));
	json_array_append_new(list, fact);
}

/* The value of a claim as text; NULL when the person has none. */
static const char *
fact_value(struct web_exchange *x, const json_t *values, const char *name)
{
	const json_t	*value = json_object_get(values, name);

	if (json_is_string(value))
		return (base_arena_text(web_arena(x),
		    json_string_value(value), json_string_length(value)));

	return (NULL);
}

/* Claims that were asked for by name and that no scope covers. */
static void
facts_claims(struct web_exchange *x, const struct interaction *in,
    const json_t *values, json_t *list)
{
	const struct oidc_request	*request = &in->request;
	const struct oidc_session	*session = &in->scene.session;
	uint32_t			 asked;

	asked = request->claims.id_token | request->claims.userinfo;
	for (size_t bit = 0; bit < OIDC_CLAIM_COUNT; bit++) {
		if ((asked & 1U << bit) == 0 ||
		    (oidc_claims_scope(bit) & request->scopes) != 0)
			continue;
		fact_add(list, "other", web_page_text(x,
		    "consent.scope.other", { "scope", oidc_claims_name(bit) }),
		    fact_value(x, values, oidc_claims_name(bit)),
		    session->consented &&
		    (session->consent_claims & 1U << bit) == 0);
	}
}

/* What the app will see, with the very values. */
static json_t *
facts(struct web_exchange *x, const struct interaction *in)
{
	const struct account_user	*user = &in->scene.user;
	const struct oidc_claims_facts	 about = {
		.person = user,
		.scopes = in->request.scopes,
		.asked = in->request.claims,
	};
	unsigned			 scopes = in->request.scopes, fresh;
	json_t				*list = json_array(), *values;

	fresh = in->scene.session.consented ?
	    ~in->scene.session.consent_scopes : 0;
	values = oidc_claims_build(OIDC_TO_CONSENT, &about);
	if ((scopes & OIDC_SCOPE_PROFILE) != 0)
		fact_add(list, "profile",
		    web_page_text(x, "consent.scope.profile"),
		    base_arena_format(web_arena(x), "%s \xc2\xb7 %s",
		    user->display_name, user->username),
		    (fresh & OIDC_SCOPE_PROFILE) != 0);
	if ((scopes & OIDC_SCOPE_EMAIL) != 0)
		fact_add(list, "email",
		    web_page_text(x, "consent.scope.email"),
		    fact_value(x, values, "email"),
		    (fresh & OIDC_SCOPE_EMAIL) != 0);
	if ((scopes & OIDC_SCOPE_OFFLINE) != 0)
		fact_add(list, "offline",
		    web_page_text(x, "consent.scope.offline_access"), NULL,
		    (fresh & OIDC_SCOPE_OFFLINE) != 0);
	facts_claims(x, in, values, list);
	json_decref(values);

	return (list);
}

static json_t *
links(struct web_exchange *x, const struct oidc_client *client)
{
	json_t	*list = json_array();

	if (client->policy_uri[0] != '\0')
		json_array_append_new(list, json_pack("{s:o, s:s}",
		    "url", web_url_external(client->policy_uri),
		    "text", web_page_text(x, "consent.privacy",
		    { "app", client->name })));
	if (client->tos_uri[0] != '\0')
		json_array_append_new(list, json_pack("{s:o, s:s}",
		    "url", web_url_external(client->tos_uri),
		    "text", web_page_text(x, "consent.terms",
		    { "app", client->name })));

	return (list);
}

static struct web_next
page_consent(struct web_exchange *x, const struct interaction *in)
{
	const char	*app = in->scene.client.name;
	json_t		*list = facts(x, in);
	bool		 listed = json_array_size(list) > 0;

	return (web_page(x, 200, WEB_CLASS_PAGE, "consent", json_pack(
	    "{s:s, s:s, s:s, s:s, s:{s:s}, s:s, s:b, s:o, s:o}",
	    "title", listed ?
	    web_page_text(x, "consent.title", { "app", app }) :
	    web_page_text(x, "consent.title_sign_in", { "app", app }),
	    "lead", web_page_text(x, "consent.lead",
	    { "host", app_host(x, in->request.redirect_uri) }),
	    "csrf", web_csrf_token(x, PURPOSE),
	    "i", in->i,
	    "app", "initial", signin_initial(x, app),
	    "person", web_page_text(x, "consent.account",
	    { "person", signin_person(x, &in->scene.user) }),
	    "listed", listed,
	    "scopes", list,
	    "links", links(x, &in->scene.client))));
}

static struct web_next
page_account(struct web_exchange *x, const struct interaction *in)
{
	const char	*app = in->scene.client.name;

	return (web_page(x, 200, WEB_CLASS_PAGE, "account_choice", json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:{s:s}, s:o}",
	    "title", web_page_text(x, "interaction.account.title",
	    { "app", app }),
	    "lead", web_page_text(x, "interaction.account.lead",
	    { "name", web_config(x)->app_name }),
	    "csrf", web_csrf_token(x, PURPOSE),
	    "i", in->i,
	    "continue", web_page_text(x, "login.continue_as",
	    { "person", in->scene.user.display_name }),
	    "app", "initial", signin_initial(x, app),
	    "account", signin_account(x, &in->scene.user))));
}

/* --- the answers ----------------------------------------------------------- */

/* What was proved by somebody else is not this person's. */
static void
proofs_of(struct oidc_proofs *proofs, const struct base_uuid *user_id)
{
	if (!base_uuid_equal(&proofs->user_id, user_id)) {
		proofs->account = false;
		proofs->consent = false;
		proofs->user_id = *user_id;
	}
	/* one proof, one code (docs/decisions/codes.md) */
	if (base_uuid_empty(&proofs->code_id))
		proofs->code_id = base_uuid_new();
}

/* The request with its new proof; false: it would be too long. */
static bool
interaction_seal(struct web_exchange *x, struct interaction *in)
{
	char	*sealed = base_arena_new(web_arena(x),
		    OIDC_REQUEST_TEXT_MAX + 1);

	if (!oidc_request_seal(web_keyring(x), web_now(x),
	    web_browser_secret(x), &in->request, sealed))
		return (false);

	in->i = sealed;
	return (true);
}

/* On to authorize, which may lead out of the site. */
static struct web_next
interaction_leave(struct web_exchange *x, struct interaction *in)
{
	if (!interaction_seal(x, in))
		return (web_page_error(x, 400, "expired"));

	return (web_page_leave(x, base_arena_format(web_arena(x),
	    "%s" OIDC_CONTINUE_PATH "%s", web_config(x)->app_url, in->i)));
}

static struct web_next
interaction_write(struct web_exchange *x, const struct interaction *in,
    bool allow)
{
	const struct store_consent	consent = {
		.user_id = in->scene.session.user_id,
		.client_id = in->scene.client.id,
		.session_id = in->scene.session.id,
		.scopes = in->request.scopes,
		.claims = in->request.claims.id_token |
		    in->request.claims.userinfo,
	};
	struct store_place		place;

	signin_place(x, &place);
	return (web_ask(x, allow ?
	    store_consent_give(web_arena(x), &consent, &place) :
	    store_consent_deny(web_arena(x), &consent, &place),
	    interaction_written));
}

static struct web_next
interaction_written(struct web_exchange *x)
{
	struct interaction	*in = web_state(x, sizeof(*in));
	enum store_status	 status = store_verdict(web_result(x));

	/* the session ended meanwhile: authorize sees it */
	if (status == STORE_GONE)
		return (interaction_back(x, in));
	if (status != STORE_OK)
		return (web_unavailable(x));

	return (interaction_leave(x, in));
}

/* Another account: whoever signs in anew has chosen. */
static struct web_next
answer_other(struct web_exchange *x, struct interaction *in)
{
	in->request.proofs.demanded = in->scene.session.auth_time;
	if (!interaction_seal(x, in))
		return (web_page_error(x, 400, "expired"));

	return (web_redirect(x, base_arena_format(web_arena(x),
	    "/login?i=%s&other=1", in->i)));
}

static struct web_next
interaction_answer(struct web_exchange *x, struct interaction *in,
    enum oidc_need need)
{
	struct oidc_proofs	*proofs = &in->request.proofs;

	/* somebody else signed in since the page was shown: ask them */
	if (!base_uuid_equal(&proofs->user_id, &in->scene.session.user_id))
		return (interaction_back(x, in));

	switch (in->answer) {
	case ANSWER_ALLOW:
		if (need != OIDC_NEED_CONSENT)
			break;
		proofs->consent = true;
		return (interaction_write(x, in, true));
	case ANSWER_CANCEL:
		proofs->denied = true;
		return (interaction_write(x, in, false));
	case ANSWER_CONTINUE:
		if (need != OIDC_NEED_ACCOUNT)
			break;
		proofs->account = true;
		return (interaction_leave(x, in));
	case ANSWER_OTHER:
		return (answer_other(x, in));
	case ANSWER_NONE:
		break;
	}

	return (interaction_back(x, in));
}

/* --- both ------------------------------------------------------------------ */

static struct web_next
interaction_found(struct web_exchange *x)
{
	struct interaction	*in = web_state(x, sizeof(*in));
	enum store_status	 status;
	enum oidc_error		 error;
	enum oidc_need		 need;

	status = store_client_scene_found(web_result(x), web_arena(x),
	    &in->scene);
	if (status != STORE_OK && status != STORE_BAD_CLIENT)
		return (web_unavailable(x));
	/* what is wrong with a request is told by authorize */
	if (status == STORE_BAD_CLIENT || in->scene.spent ||
	    oidc_request_check(&in->request, &in->scene.client) != OIDC_OK)
		return (interaction_back(x, in));

	need = oidc_request_judge(&in->request, &in->scene.client,
	    &in->scene.session, web_now(x), &error);
	if (need != OIDC_NEED_ACCOUNT && need != OIDC_NEED_CONSENT)
		return (interaction_back(x, in));
	if (in->answer != ANSWER_NONE)
		return (interaction_answer(x, in, need));

	proofs_of(&in->request.proofs, &in->scene.session.user_id);
	if (!interaction_seal(x, in))
		return (web_page_error(x, 400, "expired"));
	web_page_locales(x, in->request.ui_locales);
	return (need == OIDC_NEED_CONSENT ? page_consent(x, in) :
	    page_account(x, in));
}

/* The request in "i"; one without proofs goes to authorize first. */
static struct web_next
interaction_open(struct web_exchange *x, struct interaction *in,
    const char *i)
{
	const struct base_uuid	*code_id = &in->request.proofs.code_id;
	uint8_t			*digest;

	in->i = i;
	switch (oidc_request_open(web_keyring(x), web_now(x),
	    web_browser_secret(x), base_bytes_slice(i), &in->request)) {
	case OIDC_REQUEST_OK:
		break;
	case OIDC_REQUEST_FOREIGN:
		return (interaction_back(x, in));
	case OIDC_REQUEST_JUNK:
		return (web_page_error(x, 400, "expired"));
	}

	digest = base_arena_new(web_arena(x), BASE_SHA256_LEN);
	return (web_ask(x, store_client_scene(web_arena(x),
	    in->request.client_id,
	    signin_cookie_digest(x, digest) ? digest : NULL,
	    base_uuid_empty(code_id) ? NULL : code_id), interaction_found));
}

struct web_next
signin_consent(struct web_exchange *x)
{
	struct interaction	*in = web_state(x, sizeof(*in));
	struct web_form		*form;
	const char		*i;

	form = base_arena_new(web_arena(x), sizeof(*form));
	if (web_input_query(x, form) != WEB_FORM_OK ||
	    !signin_field(form, "i", &i) || i == NULL)
		return (web_page_error(x, 400, "bad_request"));

	return (interaction_open(x, in, i));
}

static enum answer
answer_parse(const char *text)
{
	static const struct {
		const char	*name;
		enum answer	 answer;
	} answers[] = {
		{ "allow",	ANSWER_ALLOW },
		{ "cancel",	ANSWER_CANCEL },
		{ "continue",	ANSWER_CONTINUE },
		{ "other",	ANSWER_OTHER },
	};

	for (size_t n = 0; text != NULL &&
	    n < sizeof(answers) / sizeof(answers[0]); n++) {
		if (strcmp(answers[n].name, text) == 0)
			return (answers[n].answer);
	}

	return (ANSWER_NONE);
}

struct web_next
signin_consent_post(struct web_exchange *x)
{
	struct interaction	*in = web_state(x, sizeof(*in));
	struct web_form		*form;
	const char		*i, *answer, *token;

	form = base_arena_new(web_arena(x), sizeof(*form));
	if (web_input_form(x, form) != WEB_FORM_OK ||
	    !signin_field(form, "i", &i) || i == NULL ||
	    !signin_field(form, "answer", &answer) ||
	    !signin_field(form, WEB_CSRF_FIELD, &token) ||
	    (in->answer = answer_parse(answer)) == ANSWER_NONE)
		return (web_page_error(x, 400, "bad_request"));
	if (!web_csrf_valid(x, PURPOSE, token))
		return (web_page_error(x, 403, "bad_form"));

	return (interaction_open(x, in, i));
}
