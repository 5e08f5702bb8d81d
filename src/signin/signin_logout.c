/*
 * Signing out.
 *
 *	GET  /logout		asks
 *	POST /logout		ends the session
 *	GET  /signed-out	says so
 *
 * An app signs out through /oauth/logout (src/endpoints).
 */

#include "signin/signin.h"

#include "web/web_csrf.h"
#include "web/web_input.h"
#include "web/web_page.h"

#define PURPOSE		"logout"

static web_step	logout_found, logout_ended;

struct web_next
signin_logout(struct web_exchange *x)
{
	uint8_t	digest[BASE_SHA256_LEN];

	if (!signin_cookie_digest(x, digest))
		return (web_redirect(x, "/signed-out"));

	return (web_ask(x, store_session_find(web_arena(x), digest),
	    logout_found));
}

static struct web_next
logout_found(struct web_exchange *x)
{
	struct account_session	session;
	struct account_user	user;
	struct web_next		refused;

	if (!signin_session(x, "/signed-out", &session, &user, &refused))
		return (refused);

	return (web_page(x, 200, WEB_CLASS_PAGE, "logout", json_pack(
	    "{s:s, s:s, s:o, s:s}",
	    "title", web_page_text(x, "logout.title",
	    { "name", web_config(x)->app_name }),
	    "lead", web_page_text(x, "logout.lead",
	    { "person", signin_person(x, &user) }),
	    "account", signin_account(x, &user),
	    "csrf", web_csrf_token(x, PURPOSE))));
}

struct web_next
signin_logout_post(struct web_exchange *x)
{
	uint8_t			 digest[BASE_SHA256_LEN];
	const char		*csrf;
	struct store_place	 place;
	struct web_form		 form;

	if (web_input_form(x, &form) != WEB_FORM_OK ||
	    !signin_field(&form, WEB_CSRF_FIELD, &csrf))
		return (web_page_error(x, 400, "bad_request"));
	if (!web_csrf_valid(x, PURPOSE, csrf))
		return (web_page_error(x, 403, "bad_form"));
	if (!signin_cookie_digest(x, digest))
		return (web_redirect(x, "/signed-out"));

	signin_place(x, &place);
	return (web_ask(x, store_session_end(web_arena(x), digest, &place),
	    logout_ended));
}

/* An error is never told as success (R6.13; as CVE-2020-15223). */
static struct web_next
logout_ended(struct web_exchange *x)
{
	enum store_status	status = store_verdict(web_result(x));

	/* Missing: it had ended before. */
	if (status != STORE_OK && status != STORE_MISSING)
		return (web_unavailable(x));

	web_reply_cookie(x, ACCOUNT_SESSION_COOKIE, "", 0);
	web_reply_header(x, "clear-site-data", ACCOUNT_SESSION_CLEAR);
	return (web_redirect(x, "/signed-out"));
}

struct web_next
signin_logout_done(struct web_exchange *x)
{
	return (web_page(x, 200, WEB_CLASS_PAGE, "signed_out", json_pack(
	    "{s:s, s:s}",
	    "title", web_page_text(x, "signed_out.title"),
	    "lead", web_page_text(x, "signed_out.lead"))));
}
