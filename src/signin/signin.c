/*
 * Getting in and out: the index, and what the handlers share.
 */

#include "signin/signin.h"

#include <stdlib.h>
#include <string.h>

#include "account/account_device.h"
#include "base/base_log.h"
#include "web/web_batch.h"
#include "web/web_browser.h"
#include "web/web_csrf.h"
#include "web/web_input.h"
#include "web/web_page.h"
#include "webauthn/webauthn_register.h"

const struct web_route	signin_routes[SIGNIN_ROUTES] = {
	{ WEB_GET,  "/",			WEB_BODY_NONE, signin_home },
	{ WEB_GET,  "/interaction",		WEB_BODY_NONE,
	    signin_consent },
	{ WEB_POST, "/interaction",		WEB_BODY_FORM,
	    signin_consent_post },
	{ WEB_GET,  "/lc/*",			WEB_BODY_NONE, signin_link,
	    WEB_LIMIT_LINK },
	{ WEB_POST, "/lc/*",			WEB_BODY_FORM,
	    signin_link_spend, WEB_LIMIT_LINK },
	{ WEB_GET,  "/login",			WEB_BODY_NONE, signin_login },
	{ WEB_POST, "/login",			WEB_BODY_FORM,
	    signin_login_press },
	{ WEB_POST, "/login/cancel",		WEB_BODY_FORM,
	    signin_login_cancel },
	{ WEB_POST, "/login/options",		WEB_BODY_JSON,
	    signin_login_options, WEB_LIMIT_OPTIONS },
	{ WEB_GET,  "/login/other",		WEB_BODY_NONE,
	    signin_login_other },
	{ WEB_POST, "/login/verify",		WEB_BODY_JSON,
	    signin_login_verify, WEB_LIMIT_VERIFY },
	{ WEB_GET,  "/logout",			WEB_BODY_NONE, signin_logout },
	{ WEB_POST, "/logout",			WEB_BODY_FORM,
	    signin_logout_post },
	{ WEB_GET,  "/passkey/add",		WEB_BODY_NONE,
	    signin_passkey },
	{ WEB_POST, "/passkey/add",		WEB_BODY_FORM,
	    signin_passkey_press },
	{ WEB_POST, "/passkey/add/options",	WEB_BODY_JSON,
	    signin_passkey_options, WEB_LIMIT_OPTIONS },
	{ WEB_POST, "/passkey/add/verify",	WEB_BODY_JSON,
	    signin_passkey_verify, WEB_LIMIT_VERIFY },
	{ WEB_GET,  "/passkey/offer",		WEB_BODY_NONE,
	    signin_offer },
	{ WEB_POST, "/passkey/offer",		WEB_BODY_FORM,
	    signin_offer_post },
	{ WEB_GET,  "/setup",			WEB_BODY_NONE, signin_setup },
	{ WEB_POST, "/setup",			WEB_BODY_FORM,
	    signin_setup_form, WEB_LIMIT_SETUP },
	{ WEB_POST, "/setup/options",		WEB_BODY_JSON,
	    signin_setup_options, WEB_LIMIT_OPTIONS },
	{ WEB_POST, "/setup/passkey",		WEB_BODY_FORM,
	    signin_setup_press },
	{ WEB_POST, "/setup/verify",		WEB_BODY_JSON,
	    signin_setup_verify, WEB_LIMIT_VERIFY },
	{ WEB_GET,  "/signed-out",		WEB_BODY_NONE,
	    signin_logout_done },
};

static const char *
device(struct web_exchange *x)
{
	bool			 repeated;
	char			 name[ACCOUNT_DEVICE_MAX + 1];
	struct base_slice	 header = web_header(x, "user-agent",
				    &repeated);

	account_device_name(header, name);
	return (base_arena_text(web_arena(x), name, strlen(name)));
}

void
signin_place(struct web_exchange *x, struct store_place *place)
{
	place->address = web_address(x);
	place->device = device(x);
	place->request_id = web_request_id(x);
}

bool
signin_cookie_digest(const struct web_exchange *x,
    uint8_t digest[BASE_SHA256_LEN])
{
	return (account_secret_digest(web_cookie(x,
	    ACCOUNT_SESSION_COOKIE), digest));
}

bool
signin_session_new(struct web_exchange *x, int64_t seconds,
    struct store_session_new *session,
    char cookie[ACCOUNT_SECRET_LEN + 1])
{
	if (!web_browser_digest(x, session->browser_digest))
		return (false);

	session->id = base_uuid_new();
	session->seconds = seconds;
	account_secret_new(cookie, session->cookie_digest);
	return (true);
}

bool
signin_session(struct web_exchange *x, const char *away,
    struct account_session *session, struct account_user *user,
    struct web_next *refused)
{
	enum store_status	status;

	status = store_session_found(web_result(x), session, user);
	if (status == STORE_MISSING) {
		signin_cookie_clear(x);
		*refused = web_redirect(x, away);
	} else if (status != STORE_OK)
		*refused = web_unavailable(x);

	return (status == STORE_OK);
}

void
signin_cookie_clear(struct web_exchange *x)
{
	if (web_cookie(x, ACCOUNT_SESSION_COOKIE).len > 0)
		web_reply_cookie(x, ACCOUNT_SESSION_COOKIE, "", 0);
}

bool
signin_field(const struct web_form *form, const char *name,
    const char **value)
{
	const struct web_form_field	*field = web_form_find(form, name);

	*value = field == NULL ? NULL : field->value;
	return (field == NULL || !field->repeated);
}

/* The first character of a name, which is valid UTF-8. */
const char *
signin_initial(struct web_exchange *x, const char *name)
{
	size_t	len = name[0] == '\0' ? 0 : 1;

	while (len > 0 && (name[len] & 0xc0) == 0x80)
		len++;

	return (base_arena_text(web_arena(x), name, len));
}

json_t *
signin_account(struct web_exchange *x, const struct account_user *user)
{
	return (json_pack("{s:s, s:s, s:s}",
	    "initial", signin_initial(x, user->display_name),
	    "name", user->display_name,
	    "detail", user->email[0] != '\0' ? user->email :
	    user->username));
}

const char *
signin_person(struct web_exchange *x, const struct account_user *user)
{
	return (base_arena_format(web_arena(x), "%s (%s)",
	    user->display_name, user->email[0] != '\0' ? user->email :
	    user->username));
}

/* A JSON document as a text for an attribute. */
json_t *
signin_text(json_t *json)
{
	char	*text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	json_t	*value = text == NULL ? NULL : json_string(text);

	json_decref(json);
	free(text);
	return (value);
}

json_t *
signin_words(struct web_exchange *x, const char *busy, const char *done)
{
	return (signin_text(json_pack("{s:s, s:s, s:s, s:s, s:s}",
	    "busy", busy, "done", done,
	    "network.title", web_page_text(x, "passkey.network.title"),
	    "network.text", web_page_text(x, "passkey.network.text"),
	    "try_again", web_page_text(x, "passkey.try_again"))));
}

json_t *
signin_json(struct web_exchange *x, const char *purpose,
    struct web_next *refused)
{
	bool			 repeated;
	char			*token;
	json_t			*body;
	struct base_slice	 header;

	header = web_header(x, WEB_CSRF_HEADER, &repeated);
	token = base_arena_text(web_arena(x), header.data, header.len);
	if (repeated || !web_csrf_valid(x, purpose, token)) {
		*refused = signin_refuse(x, 403, "expired");
		return (NULL);
	}
	if ((body = web_input_json(x)) == NULL)
		*refused = signin_refuse(x, 400, "server");

	return (body);
}

const char *
signin_pressed(struct web_exchange *x, const char *purpose,
    struct web_form *form, struct web_next *refused)
{
	static const char *const	hints[] = { "hybrid", "security-key",
					    "security-key,hybrid" };
	const char			*csrf, *hint;

	if (web_input_form(x, form) != WEB_FORM_OK ||
	    !signin_field(form, WEB_CSRF_FIELD, &csrf) ||
	    !signin_field(form, "hint", &hint)) {
		*refused = web_page_error(x, 400, "bad_request");
		return (NULL);
	}
	if (!web_csrf_valid(x, purpose, csrf)) {
		*refused = web_page_error(x, 403, "bad_form");
		return (NULL);
	}

	for (size_t i = 0; hint != NULL && i < sizeof(hints) /
	    sizeof(hints[0]); i++) {
		if (strcmp(hint, hints[i]) == 0)
			return (hints[i]);
	}

	return ("any");
}

struct web_next
signin_refuse(struct web_exchange *x, int status, const char *code)
{
	return (web_json(x, status, json_pack("{s:s, s:s}", "code", code,
	    "reference", web_request_id(x))));
}

struct web_next
signin_refuse_to(struct web_exchange *x, const char *code,
    const char *location)
{
	return (web_json(x, 403, json_pack("{s:s, s:s}", "code", code,
	    "location", location)));
}

struct web_next
signin_arrived(struct web_exchange *x, const char *location)
{
	return (web_json(x, 200, json_pack("{s:s}", "location", location)));
}

void
signin_failed(struct web_exchange *x, const char *reason,
    const struct base_uuid *person)
{
	base_log(BASE_LOG_INFO, "signin", "refused",
	    base_log_text("why", reason));
	web_batch_failure(x, reason, person, device(x));
}

struct web_next
signin_verdict(struct web_exchange *x, enum webauthn_verdict verdict,
    const struct base_uuid *person)
{
	signin_failed(x, webauthn_verdict_name(verdict), person);
	return (signin_refuse(x, 400, webauthn_verdict_code(verdict)));
}

json_t *
signin_ceremony(struct web_exchange *x,
    const struct webauthn_challenge *challenge, json_t *options)
{
	char	state[WEBAUTHN_CHALLENGE_TEXT_LEN + 1];

	if (options == NULL || !webauthn_challenge_seal(web_keyring(x),
	    web_browser_ensure(x), challenge, state)) {
		json_decref(options);
		return (NULL);
	}

	return (json_pack("{s:o, s:s}", "publicKey", options, "state",
	    state));
}

struct web_next
signin_options(struct web_exchange *x,
    const struct webauthn_challenge *challenge, json_t *options)
{
	json_t	*answer = signin_ceremony(x, challenge, options);

	return (answer == NULL ? signin_refuse(x, 503, "server") :
	    web_json(x, 200, answer));
}

enum webauthn_verdict
signin_challenge(struct web_exchange *x, const json_t *body,
    enum webauthn_purpose purpose, const struct account_session *session,
    struct webauthn_challenge *out)
{
	const json_t			*state = json_object_get(body,
					    "state");
	enum webauthn_verdict		 verdict;
	struct webauthn_challenge_use	 use = {
		.purpose = purpose,
		.now = web_now(x),
		.timeline = web_timeline(x),
	};

	if (!json_is_string(state))
		return (WEBAUTHN_RESPONSE_MALFORMED);
	if (session != NULL) {
		use.user_id = session->user_id;
		use.session_id = session->id;
	}

	if ((verdict = webauthn_challenge_open(web_keyring(x),
	    web_browser_secret(x), base_bytes_slice(json_string_value(state)),
	    out)) != WEBAUTHN_OK)
		return (verdict);

	return (webauthn_challenge_check(out, &use));
}

void
signin_expect(struct web_exchange *x,
    const struct webauthn_challenge *challenge, struct base_slice *origin,
    struct webauthn_expect *out)
{
	const struct base_config	*config = web_config(x);

	*origin = base_bytes_slice(config->app_url);
	*out = (struct webauthn_expect){
		.challenge = { challenge->bytes, sizeof(challenge->bytes) },
		.rp_id = config->rp_id,
		.origins = origin,
		.origin_count = 1,
		.user_verification = true,
	};
}
