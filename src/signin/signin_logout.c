/*
 * Signing out.
 *
 *	GET  /logout		asks; with "everywhere", about every browser
 *	POST /logout		ends the session, or all of them
 *	GET  /signed-out	says so, and which apps may go on
 *
 * An app signs out through /oauth/logout (src/endpoints).
 */

#include "signin/signin.h"

#include <stdlib.h>
#include <string.h>

#include "base/base_seal.h"
#include "web/web_browser.h"
#include "web/web_csrf.h"
#include "web/web_input.h"
#include "web/web_page.h"

#define PURPOSE		"logout"
#define DONE		"/signed-out"
#define EVERYWHERE	"everywhere"

/* The apps of /signed-out travel sealed: no text comes from an address. */
#define SEALED		"signed out"
#define APPS_TEXT_MAX	4096
#define APPS_SECONDS	3600

struct logout {
	bool	everywhere;
};

static web_step	logout_found, logout_ended;

/* --- the question ---------------------------------------------------------- */

struct web_next
signin_logout(struct web_exchange *x)
{
	uint8_t		 digest[BASE_SHA256_LEN];
	const char	*everywhere;
	struct logout	*logout = web_state(x, sizeof(*logout));
	struct web_form	 query;

	if (web_input_query(x, &query) != WEB_FORM_OK ||
	    !signin_field(&query, EVERYWHERE, &everywhere))
		return (web_page_error(x, 400, "bad_request"));
	if (!signin_cookie_digest(x, digest))
		return (web_redirect(x, DONE));

	logout->everywhere = everywhere != NULL;
	return (web_ask(x, store_session_find(web_arena(x), digest),
	    logout_found));
}

static struct web_next
logout_found(struct web_exchange *x)
{
	bool			 everywhere;
	struct account_session	 session;
	struct account_user	 user;
	struct logout		*logout = web_state(x, sizeof(*logout));
	struct web_next		 refused;

	if (!signin_session(x, DONE, &session, &user, &refused))
		return (refused);

	/* What a login link made may end itself only. */
	everywhere = logout->everywhere && !account_session_limited(&session);
	return (web_page(x, 200, WEB_CLASS_PAGE, everywhere ?
	    "logout_everywhere" : "logout", json_pack(
	    "{s:s, s:s, s:o, s:s, s:b}",
	    "title", everywhere ? web_page_text(x, "logout.everywhere.title") :
	    web_page_text(x, "logout.title",
	    { "name", web_config(x)->app_name }),
	    "lead", web_page_text(x, "logout.lead",
	    { "person", signin_person(x, &user) }),
	    "account", signin_account(x, &user),
	    "csrf", web_csrf_token(x, PURPOSE),
	    EVERYWHERE, !account_session_limited(&session))));
}

/* --- the answer ------------------------------------------------------------ */

struct web_next
signin_logout_post(struct web_exchange *x)
{
	uint8_t			 digest[BASE_SHA256_LEN];
	const char		*csrf, *everywhere;
	struct logout		*logout = web_state(x, sizeof(*logout));
	struct store_place	 place;
	struct web_form		 form;

	if (web_input_form(x, &form) != WEB_FORM_OK ||
	    !signin_field(&form, WEB_CSRF_FIELD, &csrf) ||
	    !signin_field(&form, EVERYWHERE, &everywhere))
		return (web_page_error(x, 400, "bad_request"));
	if (!web_csrf_valid(x, PURPOSE, csrf))
		return (web_page_error(x, 403, "bad_form"));

	logout->everywhere = everywhere != NULL;
	if (!signin_cookie_digest(x, digest))
		return (logout->everywhere ?
		    web_page_error(x, 403, "not_signed_in") :
		    web_redirect(x, DONE));

	signin_place(x, &place);
	return (web_ask(x, (logout->everywhere ? store_session_end_all :
	    store_session_end)(web_arena(x), digest, &place), logout_ended));
}

/* "?apps=", or "" when there are none, or they do not fit. */
static const char *
apps_query(struct web_exchange *x, const struct store_session_apps *apps)
{
	char	*sealed, *text;
	json_t	*json, *list = json_array();
	size_t	 len;

	for (size_t i = 0; i < apps->count; i++)
		(void)json_array_append_new(list, json_pack("[s%, s%]",
		    apps->names[i].data, apps->names[i].len,
		    apps->uris[i].data, apps->uris[i].len));
	json = json_pack("{s:I, s:o}", "until",
	    (json_int_t)(web_now(x) + APPS_SECONDS), "apps", list);
	text = apps->count == 0 ? NULL : json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text == NULL || (len = strlen(text)) > APPS_TEXT_MAX) {
		free(text);
		return ("");
	}

	sealed = base_arena_new(web_arena(x), BASE_SEAL_TEXT_LEN(len) + 1);
	if (!base_seal(web_keyring(x), web_now(x), SEALED,
	    web_browser_secret(x), text, len, sealed))
		sealed = NULL;
	free(text);
	return (sealed == NULL ? "" :
	    base_arena_format(web_arena(x), "?apps=%s", sealed));
}

/* An error is never told as success (R6.13; as CVE-2020-15223). */
static struct web_next
logout_ended(struct web_exchange *x)
{
	enum store_status		 status;
	struct logout			*logout = web_state(x,
					    sizeof(*logout));
	struct store_session_apps	 apps;

	status = store_session_ended(web_result(x), &apps);
	if (status == STORE_MISSING && logout->everywhere)
		return (web_page_error(x, 403, "not_signed_in"));
	/* Missing: it had ended before. */
	if (status != STORE_OK && status != STORE_MISSING)
		return (web_unavailable(x));

	web_reply_cookie(x, ACCOUNT_SESSION_COOKIE, "", 0);
	web_reply_header(x, "clear-site-data", ACCOUNT_SESSION_CLEAR);
	return (web_redirect(x, base_arena_format(web_arena(x), DONE "%s",
	    apps_query(x, &apps))));
}

/* --- afterwards ------------------------------------------------------------ */

/* What was sealed for this browser within the hour; NULL: nothing good. */
static json_t *
apps_open(struct web_exchange *x, const char *sealed)
{
	char	*text;
	json_t	*apps = NULL, *json;
	size_t	 len, size = strlen(sealed);

	text = base_arena_new(web_arena(x), size + 1);
	if (!base_seal_open(web_keyring(x), SEALED, web_browser_secret(x),
	    sealed, size, text, size, &len))
		return (NULL);

	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (json_integer_value(json_object_get(json, "until")) >= web_now(x))
		apps = json_incref(json_object_get(json, "apps"));
	json_decref(json);
	return (apps);
}

/* For the template: name and, when there is one to go to, address. */
static json_t *
apps_model(struct web_exchange *x, const char *sealed)
{
	const char	*uri;
	json_t		*app, *apps, *list = json_array(), *url;
	size_t		 i;

	apps = sealed == NULL ? NULL : apps_open(x, sealed);
	json_array_foreach(apps, i, app) {
		uri = json_string_value(json_array_get(app, 1));
		url = uri == NULL ? NULL : web_url_external(uri);
		(void)json_array_append_new(list, json_pack("{s:O, s:o}",
		    "name", json_array_get(app, 0),
		    "url", url == NULL ? json_null() : url));
	}
	json_decref(apps);
	return (list);
}

struct web_next
signin_logout_done(struct web_exchange *x)
{
	const char	*sealed;
	json_t		*apps;
	struct web_form	 query;

	if (web_input_query(x, &query) != WEB_FORM_OK ||
	    !signin_field(&query, "apps", &sealed))
		return (web_page_error(x, 400, "bad_request"));

	apps = apps_model(x, sealed);
	return (web_page(x, 200, WEB_CLASS_PAGE, "signed_out", json_pack(
	    "{s:s, s:s, s:b, s:o}",
	    "title", web_page_text(x, "signed_out.title"),
	    "lead", json_array_size(apps) == 0 ?
	    web_page_text(x, "signed_out.lead") :
	    web_page_text(x, "signed_out.lead_apps"),
	    "listed", json_array_size(apps) > 0, "apps", apps)));
}
