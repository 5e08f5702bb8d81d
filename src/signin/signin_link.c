/*
 * A one-time login link.
 *
 *	GET  /lc/CODE	asks; changes nothing, whoever fetches it first
 *	POST /lc/CODE	spends it: exactly one succeeds
 *
 * Used, expired, unknown and malformed links get one and the same answer, so
 * that trying tells nothing.  The session may add a passkey and sign out.
 */

#include "signin/signin.h"

#include "account/account_secret.h"
#include "store/store_link.h"
#include "web/web_csrf.h"
#include "web/web_input.h"
#include "web/web_page.h"

#define PURPOSE		"link"

struct link {
	char	cookie[ACCOUNT_SECRET_LEN + 1];
};

static web_step	link_found, link_spent;

static struct web_next
link_gone(struct web_exchange *x)
{
	return (web_page(x, 410, WEB_CLASS_LINK, "link_gone", json_pack(
	    "{s:s, s:s}",
	    "title", web_page_text(x, "link.gone.title"),
	    "lead", web_page_text(x, "link.gone.text"))));
}

struct web_next
signin_link(struct web_exchange *x)
{
	uint8_t	digest[BASE_SHA256_LEN];

	if (!account_secret_digest(web_router_segment(x), digest))
		return (link_gone(x));

	return (web_ask(x, store_link_find(web_arena(x), digest),
	    link_found));
}

static struct web_next
link_found(struct web_exchange *x)
{
	char			 masked[ACCOUNT_EMAIL_MASKED_MAX + 1];
	enum store_status	 status;
	struct account_user	 user;
	struct base_slice	 code = web_router_segment(x);

	status = store_link_found(web_result(x), &user);
	if (status == STORE_GONE)
		return (link_gone(x));
	if (status != STORE_OK)
		return (web_unavailable(x));

	account_user_email_mask(user.email, masked);
	return (web_page(x, 200, WEB_CLASS_LINK, "link", json_pack(
	    "{s:s, s:s, s:o, s:s}",
	    "title", web_page_text(x, "link.title",
	    { "name", web_config(x)->app_name }),
	    "lead", web_page_text(x, "link.lead",
	    { "person", masked[0] != '\0' ? masked : user.username }),
	    "target", web_url_path(base_arena_format(web_arena(x),
	    "/lc/%.*s", (int)code.len, (const char *)code.data)),
	    "csrf", web_csrf_token(x, PURPOSE))));
}

struct web_next
signin_link_spend(struct web_exchange *x)
{
	uint8_t				 digest[BASE_SHA256_LEN];
	const char			*csrf;
	struct link			*link = web_state(x, sizeof(*link));
	struct store_place		 place;
	struct store_session_new	 session;
	struct web_form			 form;

	if (web_input_form(x, &form) != WEB_FORM_OK ||
	    !signin_field(&form, WEB_CSRF_FIELD, &csrf))
		return (web_page_error(x, 400, "bad_request"));
	if (!web_csrf_valid(x, PURPOSE, csrf))
		return (web_page_error(x, 403, "bad_form"));
	if (!account_secret_digest(web_router_segment(x), digest))
		return (link_gone(x));
	if (!signin_session_new(x, SIGNIN_LIMITED_SECONDS, &session,
	    link->cookie))
		return (web_page_error(x, 403, "bad_form"));

	signin_place(x, &place);
	return (web_ask(x, store_link_spend(web_arena(x), digest, &session,
	    &place), link_spent));
}

static struct web_next
link_spent(struct web_exchange *x)
{
	struct link	*link = web_state(x, sizeof(*link));

	switch (store_verdict(web_result(x))) {
	case STORE_OK:
		web_reply_cookie(x, ACCOUNT_SESSION_COOKIE, link->cookie,
		    SIGNIN_LIMITED_SECONDS);
		return (web_redirect(x, "/passkey/add"));
	case STORE_GONE:
		signin_failed(x, "login_link", NULL);
		return (link_gone(x));
	case STORE_CONFLICT:	/* signed in elsewhere in this browser */
		return (web_page_error(x, 409, "conflict"));
	case STORE_BAD_CLIENT:
	case STORE_SPENT:
	case STORE_MISSING:
	case STORE_REFUSED:
	case STORE_STALE:
	case STORE_FAILED:
		break;
	}

	return (web_unavailable(x));
}
