/*
 * The start page of whoever is signed in.
 */

#include "signin/signin.h"

#include "web/web_batch.h"
#include "web/web_csrf.h"
#include "web/web_page.h"

static web_step	home_found;

struct web_next
signin_home(struct web_exchange *x)
{
	uint8_t	digest[BASE_SHA256_LEN];

	if (!signin_cookie_digest(x, digest)) {
		signin_cookie_clear(x);
		return (web_redirect(x, "/login"));
	}

	return (web_ask(x, store_session_find(web_arena(x), digest),
	    home_found));
}

static struct web_next
home_page(struct web_exchange *x, const struct account_user *user)
{
	const char	*count = base_arena_format(web_arena(x), "%lld",
			    (long long)user->passkeys);

	return (web_page(x, 200, WEB_CLASS_PAGE, "home", json_pack(
	    "{s:s, s:s, s:o, s:s, s:o, s:s}",
	    "title", web_page_text(x, "dashboard.title",
	    { "person", user->display_name }),
	    "lead", web_page_text(x, "dashboard.lead",
	    { "name", web_config(x)->app_name }),
	    "account", signin_account(x, user),
	    "passkeys", web_page_text(x, "dashboard.passkeys",
	    { "count", count }),
	    "note", user->passkeys > 1 ? json_null() :
	    web_page_note(x, "info", "dashboard.one_passkey", false),
	    "csrf", web_csrf_token(x, "logout"))));
}

static struct web_next
home_found(struct web_exchange *x)
{
	struct account_session	session;
	struct account_user	user;
	struct web_next		refused;

	if (!signin_session(x, "/login", &session, &user, &refused))
		return (refused);

	web_batch_session(x, &session.id);
	if (account_session_limited(&session))
		return (web_redirect(x, "/passkey/add"));

	return (home_page(x, &user));
}
