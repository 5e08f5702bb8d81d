/*
 * "Add a passkey here?", after a sign-in with another device's.
 *
 *	GET  /passkey/offer	asks
 *	POST /passkey/offer	a press that no script took; or with "never":
 *				this browser is not asked again
 *
 * Whatever the answer, it leads on to where the sign-in was going.
 */

#include "signin/signin.h"

#include "oidc/oidc_request.h"
#include "web/web_batch.h"
#include "web/web_browser.h"
#include "web/web_csrf.h"
#include "web/web_input.h"
#include "web/web_page.h"

#define PURPOSE		SIGNIN_PURPOSE_PASSKEY
#define COOKIE		"passkey_offer"
#define NEVER		"never"
#define NEVER_SECONDS	(400LL * 24 * 60 * 60)

struct offer {
	const char	*target;	/* where the sign-in was going */
	const char	*i;		/* sealed request of an app, or "" */
	const char	*pressed;	/* signin_pressed(), or "" */
};

static web_step	offer_begin, offer_found;

const char *
signin_offer_path(struct web_exchange *x, const char *i)
{
	if (base_bytes_is(web_cookie(x, COOKIE), NEVER))
		return (NULL);

	return (i == NULL ? "/passkey/offer" :
	    base_arena_format(web_arena(x), "/passkey/offer?i=%s", i));
}

/* False when "i" was not sealed here.  Authorize checks the rest again. */
static bool
offer_set(struct web_exchange *x, const char *i, struct offer *offer)
{
	struct oidc_request	*request;

	offer->i = i == NULL ? "" : i;
	offer->target = "/";
	if (i == NULL)
		return (true);

	request = base_arena_new(web_arena(x), sizeof(*request));
	if (oidc_request_open(web_keyring(x), web_now(x),
	    web_browser_secret(x), base_bytes_slice(i), request) ==
	    OIDC_REQUEST_JUNK)
		return (false);

	offer->target = base_arena_format(web_arena(x),
	    OIDC_CONTINUE_PATH "%s", i);
	return (true);
}

static struct web_next
offer_begin(struct web_exchange *x)
{
	uint8_t	digest[BASE_SHA256_LEN];

	if (!signin_cookie_digest(x, digest))
		return (web_redirect(x, "/login"));

	return (web_ask(x, store_session_find(web_arena(x), digest),
	    offer_found));
}

struct web_next
signin_offer(struct web_exchange *x)
{
	const char	*i;
	struct offer	*offer = web_state(x, sizeof(*offer));
	struct web_form	 query;

	if (web_input_query(x, &query) != WEB_FORM_OK ||
	    !signin_field(&query, "i", &i) || !offer_set(x, i, offer))
		return (web_page_error(x, 400, "bad_request"));

	offer->pressed = "";
	return (offer_begin(x));
}

struct web_next
signin_offer_post(struct web_exchange *x)
{
	const char	*i, *never;
	struct offer	*offer = web_state(x, sizeof(*offer));
	struct web_form	 form;
	struct web_next	 refused;

	if ((offer->pressed = signin_pressed(x, PURPOSE, &form, &refused)) ==
	    NULL)
		return (refused);
	if (!signin_field(&form, "i", &i) ||
	    !signin_field(&form, NEVER, &never) || !offer_set(x, i, offer))
		return (web_page_error(x, 400, "bad_request"));
	if (never == NULL)
		return (offer_begin(x));

	web_reply_cookie(x, COOKIE, NEVER, NEVER_SECONDS);
	return (web_page_leave(x, base_arena_format(web_arena(x), "%s%s",
	    web_config(x)->app_url, offer->target)));
}

static struct web_next
offer_found(struct web_exchange *x)
{
	struct account_session	 session;
	struct account_user	 user;
	struct offer		*offer = web_state(x, sizeof(*offer));
	struct web_next		 refused;

	if (!signin_session(x, "/login", &session, &user, &refused))
		return (refused);

	web_batch_session(x, &session.id);
	return (web_page(x, 200, WEB_CLASS_PAGE, "passkey_offer", json_pack(
	    "{s:s, s:s, s:o, s:o, s:s, s:s, s:o, s:s, s:s, s:s}",
	    "title", web_page_text(x, "offer.title"),
	    "lead", web_page_text(x, "offer.lead"),
	    "account", signin_account(x, &user),
	    "target", web_url_path(offer->target),
	    "next", offer->target,
	    "i", offer->i,
	    "words", signin_words(x, web_page_text(x, "add.busy"),
	    web_page_text(x, "add.done")),
	    "host", web_config(x)->rp_id,
	    "csrf", web_csrf_token(x, PURPOSE),
	    "pressed", offer->pressed)));
}
