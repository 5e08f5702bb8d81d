/*
 * Signing in with a passkey.
 *
 *	GET  /login		the page; from an app with "i", its request
 *	POST /login		the same for a press that no script took: it
 *				starts by itself once its script is there
 *	GET  /login/other	other ways
 *	POST /login/cancel	back to the app with access_denied: no database
 *	POST /login/options	a challenge: no database
 *	POST /login/verify	one SELECT, one write
 *
 * A stranger's requests change nothing: the challenge travels sealed, and
 * what fails is counted in memory (docs/decisions/rules.md, 4).
 */

#include "signin/signin.h"

#include <string.h>

#include "base/base_log.h"
#include "oidc/oidc_request.h"
#include "store/store_installation.h"
#include "store/store_passkey.h"
#include "web/web_batch.h"
#include "web/web_browser.h"
#include "web/web_csrf.h"
#include "web/web_input.h"
#include "web/web_page.h"
#include "webauthn/webauthn_authenticate.h"
#include "webauthn/webauthn_options.h"

#define PURPOSE		"login"
#define TO_PASSKEY	"passkey"	/* ?to=: on to /passkey/add */
#define TO_SETTINGS	"/settings"	/* ?to=: back to a page of these */
#define TO_MAX		200

/* Where a sign-in comes from and goes to. */
struct target {
	const char		*i;	/* sealed request of an app, or NULL */
	const char		*to;	/* TO_PASSKEY, a path, or NULL */
	struct oidc_request	 request;	/* of "i" */
	bool			 ours;	/* this browser's, and not too old */
};

struct login {
	struct target		 target;
	bool			 other;	/* asked for another account */
	const char		*pressed;	/* signin_pressed(), or "" */
};

struct verify {
	struct target		 target;
	struct webauthn_challenge challenge;
	struct webauthn_authenticate_response response;
	struct store_passkey_known *known;	/* copied into the arena */
	char			 cookie[ACCOUNT_SECRET_LEN + 1];
};

/* That it is set up is a fact that never changes back. */
static bool	set_up;

static web_step	login_begin, login_known, login_nobody, login_session,
		verify_found, verify_written;

static struct web_next	login_page(struct web_exchange *x,
			    const struct account_user *user);

/* --- where to -------------------------------------------------------------- */

/* A page of the settings, and no more than a path: no "..", no query. */
static bool
settings_path(const char *to)
{
	size_t	len = strlen(to);

	return (len <= TO_MAX && strncmp(to, TO_SETTINGS,
	    strlen(TO_SETTINGS)) == 0 &&
	    (to[strlen(TO_SETTINGS)] == '/' || to[strlen(TO_SETTINGS)] ==
	    '\0') && strspn(to, "abcdefghijklmnopqrstuvwxyz0123456789-/") ==
	    len && strstr(to, "//") == NULL);
}

/* Open "i"; one that was not sealed here is refused, any other still stands
 * for its request, which authorize checks again. */
static bool
target_set(struct web_exchange *x, const char *i, const char *to,
    struct target *target)
{
	if (to != NULL && strcmp(to, TO_PASSKEY) == 0)
		target->to = TO_PASSKEY;
	else if (to != NULL && settings_path(to))
		target->to = to;
	if (i == NULL)
		return (true);

	switch (oidc_request_open(web_keyring(x), web_now(x),
	    web_browser_secret(x), base_bytes_slice(i), &target->request)) {
	case OIDC_REQUEST_OK:
		target->ours = true;
		break;
	case OIDC_REQUEST_FOREIGN:
		break;
	case OIDC_REQUEST_JUNK:
		return (false);
	}

	target->i = i;
	return (true);
}

/*
 * A request that came as a POST is sealed before its client was looked at.
 * Whoever made it could give any redirect URI: no page is shown for it, it
 * goes to authorize.
 */
static bool
target_unchecked(const struct target *target)
{
	return (target->i != NULL && target->request.client_name[0] == '\0');
}

static const char *
target_path(struct web_exchange *x, const struct target *target)
{
	json_t		*url;
	const char	*path;

	if (target->i != NULL) {
		url = web_url_query("/oauth/authorize",
		    { "i", target->i });
		path = base_arena_format(web_arena(x), "%s",
		    web_url_read(url));
		json_decref(url);
		return (path);
	}

	if (target->to == NULL)
		return ("/");

	return (strcmp(target->to, TO_PASSKEY) == 0 ? "/passkey/add" :
	    target->to);
}

/* This page again, for this target, with "other" when that is wanted. */
static json_t *
target_again(const struct target *target, const char *path, bool other)
{
	struct web_url_parameter	 list[4] = { { NULL, NULL } };
	size_t				 n = 0;

	if (target->i != NULL)
		list[n++] = (struct web_url_parameter){ "i", target->i };
	if (target->to != NULL)
		list[n++] = (struct web_url_parameter){ "to", target->to };
	if (other)
		list[n++] = (struct web_url_parameter){ "other", "1" };
	return (n == 0 ? web_url_path(path) :
	    web_url_query_list(path, list));
}

/* An app, or a change that needs it, wants a passkey to be used now. */
static bool
target_demands(const struct target *target)
{
	return (target->to != NULL ||
	    (target->i != NULL && target->request.proofs.demanded >= 0));
}

static bool
target_query(struct web_exchange *x, struct target *target, bool *other)
{
	struct web_form	 query;
	const char	*i, *to, *again;

	if (web_input_query(x, &query) != WEB_FORM_OK ||
	    !signin_field(&query, "i", &i) ||
	    !signin_field(&query, "to", &to) ||
	    !signin_field(&query, "other", &again) ||
	    !target_set(x, i, to, target))
		return (false);

	*other = again != NULL;
	return (true);
}

/* --- the pages ------------------------------------------------------------- */

struct web_next
signin_login(struct web_exchange *x)
{
	struct login	*login = web_state(x, sizeof(*login));

	if (!target_query(x, &login->target, &login->other))
		return (web_page_error(x, 400, "bad_request"));

	login->pressed = "";
	return (login_begin(x));
}

struct web_next
signin_login_press(struct web_exchange *x)
{
	const char	*i, *to;
	struct login	*login = web_state(x, sizeof(*login));
	struct web_form	 form;
	struct web_next	 refused;

	if ((login->pressed = signin_pressed(x, PURPOSE, &form, &refused)) ==
	    NULL)
		return (refused);
	if (!signin_field(&form, "i", &i) || !signin_field(&form, "to", &to) ||
	    !target_set(x, i, to, &login->target))
		return (web_page_error(x, 400, "bad_request"));

	return (login_begin(x));
}

/* Who is signed in already? */
static struct web_next
login_begin(struct web_exchange *x)
{
	uint8_t		 digest[BASE_SHA256_LEN];
	struct login	*login = web_state(x, sizeof(*login));

	if (target_unchecked(&login->target))
		return (web_redirect(x, target_path(x, &login->target)));
	if (signin_cookie_digest(x, digest))
		return (web_ask(x, store_session_find(web_arena(x), digest),
		    login_session));

	return (login_nobody(x));
}

/* Nobody is signed in; before set-up nobody can. */
static struct web_next
login_nobody(struct web_exchange *x)
{
	const uint8_t	no_code[BASE_SHA256_LEN] = { 0 };

	if (set_up)
		return (login_page(x, NULL));

	return (web_ask(x, store_installation_state(web_arena(x), no_code),
	    login_known));
}

static struct web_next
login_known(struct web_exchange *x)
{
	enum store_status	status = store_verdict(web_result(x));

	if (status == STORE_MISSING)
		return (web_redirect(x, "/setup"));
	if (status != STORE_SPENT)
		return (web_unavailable(x));

	set_up = true;
	return (login_page(x, NULL));
}

static struct web_next
login_session(struct web_exchange *x)
{
	enum store_status	status;
	struct account_session	session;
	struct account_user	user;

	status = store_session_found(web_result(x), &session, &user);
	if (status == STORE_MISSING) {
		signin_cookie_clear(x);
		return (login_nobody(x));
	}
	if (status != STORE_OK)
		return (web_unavailable(x));

	web_batch_session(x, &session.id);
	if (account_session_limited(&session))
		return (web_redirect(x, "/passkey/add"));

	return (login_page(x, &user));
}

/* The app's name and host, for a page that says where one is going.  What is
 * registered may have changed since a request that is old or not ours. */
static json_t *
app_model(struct web_exchange *x, const struct target *target)
{
	const char		*name = target->request.client_name;
	const char		*host;
	size_t			 len;

	if (target->i == NULL)
		return (json_null());

	host = strstr(target->request.redirect_uri, "://");
	host = host == NULL ? "" : host + 3;
	len = strcspn(host, "/?#");
	return (json_pack("{s:s, s:s, s:o}",
	    "name", name,
	    "initial", signin_initial(x, name),
	    "host", len == 0 || !target->ours ? json_null() :
	    json_stringn(host, len)));
}

static const char *
login_title(struct web_exchange *x, const struct target *target,
    const struct account_user *user)
{
	if (user != NULL && target_demands(target))
		return (web_page_text(x, "login.confirm"));
	if (target->i != NULL)
		return (web_page_text(x, "login.title_app",
		    { "app", target->request.client_name }));

	return (web_page_text(x, "login.title",
	    { "name", web_config(x)->app_name }));
}

static const char *
login_lead(struct web_exchange *x, const struct target *target,
    const struct account_user *user)
{
	if (user == NULL || !target_demands(target))
		return (web_page_text(x, "login.lead"));
	if (target->i != NULL)
		return (web_page_text(x, "login.confirm_lead",
		    { "app", target->request.client_name }));

	return (web_page_text(x, "login.confirm_change"));
}

/* Texts that the script puts into the page. */
static json_t *
login_words(struct web_exchange *x, const struct target *target)
{
	return (signin_words(x, web_page_text(x, "login.busy"),
	    target->i == NULL ? web_page_text(x, "login.done") :
	    web_page_text(x, "login.done_app",
	    { "app", target->request.client_name })));
}

static json_t *
ceremony(struct web_exchange *x, enum webauthn_mediation mediation)
{
	struct webauthn_challenge	challenge;

	webauthn_challenge_init(&challenge, WEBAUTHN_PURPOSE_LOGIN, mediation,
	    web_now(x), web_timeline(x));
	return (signin_ceremony(x, &challenge, webauthn_options_get(
	    web_config(x)->rp_id, (struct base_slice){ challenge.bytes,
	    sizeof(challenge.bytes) }, NULL, 0)));
}

/*
 * "user": who is signed in already, or NULL.  They may go on as they are,
 * unless a passkey is to be used now or they want another account.
 */
static struct web_next
login_page(struct web_exchange *x, const struct account_user *user)
{
	struct login	*login = web_state(x, sizeof(*login));
	struct target	*target = &login->target;
	json_t		*conditional, *go_on = json_null();

	conditional = signin_text(ceremony(x,
	    WEBAUTHN_MEDIATION_CONDITIONAL));
	if (conditional == NULL)
		return (web_unavailable(x));
	if (login->other)
		user = NULL;
	if (target->i != NULL)
		web_page_locales(x, target->request.ui_locales);
	if (user != NULL && !target_demands(target))
		go_on = json_pack("{s:s, s:o}",
		    "label", web_page_text(x, "login.continue_as",
		    { "person", signin_person(x, user) }),
		    "target", web_url_path(target_path(x, target)));

	return (web_page(x, 200, WEB_CLASS_PAGE, "login", json_pack(
	    "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:s, s:s, "
	    "s:s, s:s, s:b}",
	    "title", login_title(x, target, user),
	    "lead", login_lead(x, target, user),
	    "app", app_model(x, target),
	    "account", user == NULL ? json_null() : signin_account(x, user),
	    "continue", go_on,
	    "again", user == NULL ? json_null() :
	    target_again(target, "/login", true),
	    "other", target_again(target, "/login/other", false),
	    "words", login_words(x, target),
	    "host", web_config(x)->rp_id,
	    "conditional", conditional,
	    "csrf", web_csrf_token(x, PURPOSE),
	    "i", target->i == NULL ? "" : target->i,
	    "to", target->to == NULL ? "" : target->to,
	    "pressed", login->pressed,
	    "cancel", target->i != NULL)));
}

/* Not now: the app is told by authorize, which checks its request again. */
struct web_next
signin_login_cancel(struct web_exchange *x)
{
	struct login	*login = web_state(x, sizeof(*login));
	struct target	*target = &login->target;
	struct web_form	 form;
	const char	*csrf, *i;
	char		*sealed;

	if (web_input_form(x, &form) != WEB_FORM_OK ||
	    !signin_field(&form, WEB_CSRF_FIELD, &csrf) ||
	    !signin_field(&form, "i", &i) || i == NULL ||
	    !target_set(x, i, NULL, target))
		return (web_page_error(x, 400, "bad_request"));
	if (!web_csrf_valid(x, PURPOSE, csrf))
		return (web_page_error(x, 403, "bad_form"));

	target->request.proofs.denied = true;
	sealed = base_arena_new(web_arena(x), OIDC_REQUEST_TEXT_MAX + 1);
	if (!oidc_request_seal(web_keyring(x), web_now(x),
	    web_browser_secret(x), &target->request, sealed))
		return (web_page_error(x, 400, "expired"));

	return (web_page_leave(x, base_arena_format(web_arena(x),
	    "%s" OIDC_CONTINUE_PATH "%s", web_config(x)->app_url, sealed)));
}

struct web_next
signin_login_other(struct web_exchange *x)
{
	struct login	*login = web_state(x, sizeof(*login));
	struct target	*target = &login->target;

	if (!target_query(x, target, &login->other))
		return (web_page_error(x, 400, "bad_request"));
	if (target_unchecked(target))
		return (web_redirect(x, target_path(x, target)));

	return (web_page(x, 200, WEB_CLASS_PAGE, "login_other", json_pack(
	    "{s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:s, s:s}",
	    "title", web_page_text(x, "other.title"),
	    "lead", web_page_text(x, "other.lead"),
	    "app", app_model(x, target),
	    "back", target_again(target, "/login", false),
	    "words", login_words(x, target),
	    "host", web_config(x)->rp_id,
	    "csrf", web_csrf_token(x, PURPOSE),
	    "i", target->i == NULL ? "" : target->i,
	    "to", target->to == NULL ? "" : target->to)));
}

/* --- the ceremony ---------------------------------------------------------- */

struct web_next
signin_login_options(struct web_exchange *x)
{
	json_t		*answer, *body;
	struct web_next	 refused;

	if ((body = signin_json(x, PURPOSE, &refused)) == NULL)
		return (refused);

	answer = ceremony(x, json_is_true(json_object_get(body,
	    "conditional")) ? WEBAUTHN_MEDIATION_CONDITIONAL :
	    WEBAUTHN_MEDIATION_MODAL);
	return (answer == NULL ? signin_refuse(x, 503, "server") :
	    web_json(x, 200, answer));
}

static void
verify_expect(struct web_exchange *x, struct verify *verify,
    struct base_slice *origin, struct webauthn_authenticate_expect *out)
{
	memset(out, 0, sizeof(*out));
	signin_expect(x, &verify->challenge, origin, &out->common);
}

static const char *
member(const json_t *body, const char *name)
{
	const char	*text = json_string_value(json_object_get(body, name));

	return (text == NULL || text[0] == '\0' ? NULL : text);
}

/* Everything that can be refused without the database is refused here. */
struct web_next
signin_login_verify(struct web_exchange *x)
{
	json_t				*body;
	enum webauthn_verdict		 verdict;
	struct base_slice		 origin;
	struct verify			*verify = web_state(x,
					    sizeof(*verify));
	struct web_next			 refused;
	struct webauthn_authenticate_expect expect;

	if ((body = signin_json(x, PURPOSE, &refused)) == NULL)
		return (refused);
	if (!target_set(x, member(body, "i"), member(body, "to"),
	    &verify->target))
		return (signin_refuse(x, 400, "expired"));

	if ((verdict = signin_challenge(x, body, WEBAUTHN_PURPOSE_LOGIN, NULL,
	    &verify->challenge)) != WEBAUTHN_OK ||
	    (verdict = webauthn_authenticate_parse(web_arena(x),
	    json_object_get(body, "credential"), &verify->response)) !=
	    WEBAUTHN_OK)
		return (signin_verdict(x, verdict, NULL));

	verify_expect(x, verify, &origin, &expect);
	if ((verdict = webauthn_authenticate_screen(&verify->response,
	    &expect)) != WEBAUTHN_OK)
		return (signin_verdict(x, verdict, NULL));

	return (web_ask(x, store_passkey_find(web_arena(x),
	    verify->response.user_handle, verify->response.id),
	    verify_found));
}

/* What is borrowed from the result, and needed after the write. */
static void
known_keep(struct web_exchange *x, struct store_passkey_known *known)
{
	struct base_slice	*one;

	for (size_t i = 0; i < known->credential_count; i++) {
		one = &known->credentials[i];
		one->data = base_arena_copy(web_arena(x), one->data,
		    one->len);
	}
}

/* What the page tells the password manager: the passkeys that are good here,
 * and what the account is called (WebAuthn Level 3, 5.1.10). */
static json_t *
signal_model(struct web_exchange *x, const struct store_passkey_known *known)
{
	char	handle[BASE_BASE64URL_LEN(ACCOUNT_USER_HANDLE_LEN) + 1];
	json_t	*ids = json_array();

	for (size_t i = 0; i < known->credential_count; i++)
		(void)json_array_append_new(ids, json_stringn(
		    (const char *)known->credentials[i].data,
		    known->credentials[i].len));
	base_base64url_encode(known->user.user_handle,
	    sizeof(known->user.user_handle), handle);
	return (json_pack("{s:s, s:s, s:o, s:s, s:s}",
	    "rpId", web_config(x)->rp_id,
	    "userId", handle,
	    "allAcceptedCredentialIds", ids,
	    "name", known->user.username,
	    "displayName", known->user.display_name));
}

static enum webauthn_verdict
verify_check(struct web_exchange *x, struct verify *verify,
    const struct store_passkey_known *known, struct webauthn_assertion *out)
{
	struct base_slice			 origin;
	struct webauthn_authenticate_expect	 expect;
	const struct webauthn_stored		 stored = {
		.id = verify->response.id,
		.user_handle = { known->user.user_handle,
		    sizeof(known->user.user_handle) },
		.spki = known->spki,
		.alg = known->alg,
		.sign_count = known->sign_count,
		.backup_eligible = known->backup_eligible,
	};

	verify_expect(x, verify, &origin, &expect);
	return (webauthn_authenticate_check(&verify->response, &expect,
	    &stored, out));
}

static struct web_next
verify_write(struct web_exchange *x, struct verify *verify,
    const struct webauthn_assertion *assertion)
{
	const struct store_passkey_known *known = verify->known;
	struct store_place		 place;
	struct store_session_new	 session;
	struct store_session_challenge	 challenge = {
		.expires_at = verify->challenge.expires_at,
	};
	const struct store_session_assertion proved = {
		.user_id = known->user.id,
		.passkey_id = known->id,
		.sign_count = assertion->sign_count,
		.backup_state = assertion->backup_state,
	};

	if (!signin_session_new(x, web_config(x)->session_seconds, &session,
	    verify->cookie))
		return (signin_refuse(x, 403, "expired"));

	webauthn_challenge_digest(&verify->challenge, challenge.digest);
	signin_place(x, &place);
	return (web_ask(x, store_session_sign_in(web_arena(x), &session,
	    &challenge, &proved, &place), verify_written));
}

static struct web_next
verify_found(struct web_exchange *x)
{
	enum store_status		 status;
	enum webauthn_verdict		 verdict;
	struct store_passkey_known	*known;
	struct verify			*verify = web_state(x,
					    sizeof(*verify));
	struct webauthn_assertion	 assertion;

	known = base_arena_new(web_arena(x), sizeof(*known));
	status = store_passkey_found(web_result(x), known);
	if (status == STORE_MISSING)
		return (signin_verdict(x, WEBAUTHN_CREDENTIAL_UNKNOWN, NULL));
	if (status != STORE_OK)
		return (signin_refuse(x, 503, "server"));

	if ((verdict = verify_check(x, verify, known, &assertion)) !=
	    WEBAUTHN_OK)
		return (signin_verdict(x, verdict, &known->user.id));
	/* Told only to whoever has the passkey. */
	if (known->user.disabled) {
		signin_failed(x, "disabled", &known->user.id);
		return (signin_refuse(x, 403, "disabled"));
	}

	known_keep(x, known);
	verify->known = known;
	return (verify_write(x, verify, &assertion));
}

/* Signed in: where to, what the password manager is told, and the offer of
 * a passkey here when this one lives on another device. */
static struct web_next
verify_answer(struct web_exchange *x, const struct verify *verify)
{
	const char		*offer = NULL;
	const struct target	*target = &verify->target;

	if (verify->response.cross_platform && verify->known->device &&
	    target->to == NULL)
		offer = signin_offer_path(x, target->i);

	return (web_json(x, 200, json_pack("{s:s, s:o, s:s*}",
	    "location", target_path(x, target),
	    "signal", signal_model(x, verify->known), "offer", offer)));
}

static struct web_next
verify_written(struct web_exchange *x)
{
	struct base_uuid	 session_id;
	struct verify		*verify = web_state(x, sizeof(*verify));

	switch (store_session_signed_in(web_result(x), &session_id)) {
	case STORE_OK:
		web_reply_cookie(x, ACCOUNT_SESSION_COOKIE, verify->cookie,
		    web_config(x)->session_seconds);
		return (verify_answer(x, verify));
	case STORE_REFUSED:
		return (signin_verdict(x, WEBAUTHN_COUNTER_BACK,
		    &verify->known->user.id));
	case STORE_SPENT:	/* a replay */
		return (signin_verdict(x, WEBAUTHN_CHALLENGE_EXPIRED,
		    &verify->known->user.id));
	case STORE_GONE:	/* passkey or person, a moment ago */
	case STORE_CONFLICT:	/* another person, in this browser */
		return (signin_refuse(x, 409, "expired"));
	case STORE_BAD_CLIENT:
	case STORE_MISSING:
	case STORE_STALE:
	case STORE_FAILED:
		break;
	}

	return (signin_refuse(x, 503, "server"));
}
