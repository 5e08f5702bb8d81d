/*
 * Adding a passkey to one's account.
 *
 *	GET  /passkey/add		the page
 *	POST /passkey/add		the same for a press that no script took
 *	POST /passkey/add/options	a challenge, and what one has already
 *	POST /passkey/add/verify	one SELECT, one write
 *
 * A passkey opens the account for good, so one must have been used in the
 * last ten minutes to add another.  A session that a login link made is there
 * for nothing else; it becomes a full one.
 */

#include "signin/signin.h"

#include <string.h>

#include "store/store_passkey.h"
#include "web/web_batch.h"
#include "web/web_csrf.h"
#include "web/web_page.h"
#include "webauthn/webauthn_options.h"
#include "webauthn/webauthn_register.h"

#define PURPOSE		SIGNIN_PURPOSE_PASSKEY
#define CONFIRM		"/login?to=passkey"

struct add {
	json_t			*body;
	uint8_t			 cookie_digest[BASE_SHA256_LEN];
	char			 cookie[ACCOUNT_SECRET_LEN + 1];
	struct webauthn_challenge challenge;
	struct webauthn_register_response response;
	struct webauthn_credential credential;
};

static web_step	page_found, options_found, verify_found, verify_written;

/* May this session add a passkey as it is? */
static bool
session_fresh(struct web_exchange *x, const struct account_session *session)
{
	return (account_session_limited(session) ||
	    web_now(x) - session->auth_time <= ACCOUNT_SESSION_FRESH_SECONDS);
}

/* --- the page -------------------------------------------------------------- */

/* What the page says about itself. */
struct page {
	const char	*pressed;	/* signin_pressed(), or "" */
};

static struct web_next
page_begin(struct web_exchange *x)
{
	uint8_t	digest[BASE_SHA256_LEN];

	if (!signin_cookie_digest(x, digest))
		return (web_redirect(x, "/login"));

	return (web_ask(x, store_session_find(web_arena(x), digest),
	    page_found));
}

struct web_next
signin_passkey(struct web_exchange *x)
{
	struct page	*page = web_state(x, sizeof(*page));

	page->pressed = "";
	return (page_begin(x));
}

struct web_next
signin_passkey_press(struct web_exchange *x)
{
	struct page	*page = web_state(x, sizeof(*page));
	struct web_form	 form;
	struct web_next	 refused;

	page->pressed = signin_pressed(x, PURPOSE, &form, &refused);
	return (page->pressed == NULL ? refused : page_begin(x));
}

static struct web_next
page_answer(struct web_exchange *x, const struct account_session *session,
    const struct account_user *user)
{
	bool		 limited = account_session_limited(session);
	struct page	*page = web_state(x, sizeof(*page));

	if (!session_fresh(x, session))
		return (web_redirect(x, CONFIRM));

	return (web_page(x, 200, WEB_CLASS_PAGE, "passkey_add", json_pack(
	    "{s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:s}",
	    "title", web_page_text(x, "add.title"),
	    "lead", web_page_text(x, "add.lead"),
	    "account", signin_account(x, user),
	    "after_link", limited ?
	    json_string(web_page_text(x, "add.after_link")) : json_null(),
	    "full", json_boolean(!limited),
	    "words", signin_words(x, web_page_text(x, "add.busy"),
	    web_page_text(x, "add.done")),
	    "host", web_config(x)->rp_id,
	    "csrf", web_csrf_token(x, PURPOSE),
	    "pressed", page->pressed,
	    "csrf_logout", web_csrf_token(x, "logout"))));
}

static struct web_next
page_found(struct web_exchange *x)
{
	struct account_session	session;
	struct account_user	user;
	struct web_next		refused;

	if (!signin_session(x, "/login", &session, &user, &refused))
		return (refused);

	web_batch_session(x, &session.id);
	return (page_answer(x, &session, &user));
}

/* --- the ceremony ---------------------------------------------------------- */

struct web_next
signin_passkey_options(struct web_exchange *x)
{
	uint8_t		digest[BASE_SHA256_LEN];
	struct web_next	refused;

	if (signin_json(x, PURPOSE, &refused) == NULL)
		return (refused);
	if (!signin_cookie_digest(x, digest))
		return (signin_refuse_to(x, "expired", "/login"));

	return (web_ask(x, store_passkey_session(web_arena(x), digest),
	    options_found));
}

static struct web_next
options_answer(struct web_exchange *x, const struct account_session *session,
    const struct account_user *user, const struct store_passkey_named *named,
    size_t count)
{
	struct webauthn_challenge		 challenge;
	struct webauthn_descriptor		 exclude[STORE_PASSKEY_LIST_MAX];
	const struct webauthn_options_site	 site = {
		web_config(x)->rp_id, web_config(x)->app_name
	};
	const struct webauthn_options_user	 person = {
		{ user->user_handle, sizeof(user->user_handle) },
		user->username, user->display_name
	};

	if (!session_fresh(x, session))
		return (signin_refuse_to(x, "expired", CONFIRM));

	webauthn_challenge_init(&challenge, WEBAUTHN_PURPOSE_ADD,
	    WEBAUTHN_MEDIATION_MODAL, web_now(x), web_timeline(x));
	challenge.user_id = user->id;
	challenge.session_id = session->id;
	memcpy(challenge.user_handle, user->user_handle,
	    sizeof(challenge.user_handle));
	for (size_t i = 0; i < count; i++)
		exclude[i] = (struct webauthn_descriptor){ named[i].id,
		    &named[i].transports };

	return (signin_options(x, &challenge, webauthn_options_create(&site,
	    &person, (struct base_slice){ challenge.bytes,
	    sizeof(challenge.bytes) }, exclude, count)));
}

static struct web_next
options_found(struct web_exchange *x)
{
	size_t				 count;
	enum store_status		 status;
	struct account_session		 session;
	struct account_user		 user;
	struct store_passkey_named	*named;

	named = base_arena_new(web_arena(x),
	    STORE_PASSKEY_LIST_MAX * sizeof(*named));
	status = store_passkey_session_found(web_result(x), &session, &user,
	    named, STORE_PASSKEY_LIST_MAX, &count);
	if (status == STORE_MISSING) {
		signin_cookie_clear(x);
		return (signin_refuse_to(x, "expired", "/login"));
	}
	if (status != STORE_OK)
		return (signin_refuse(x, 503, "server"));

	return (options_answer(x, &session, &user, named, count));
}

struct web_next
signin_passkey_verify(struct web_exchange *x)
{
	struct add	*add = web_state(x, sizeof(*add));
	struct web_next	 refused;

	if ((add->body = signin_json(x, PURPOSE, &refused)) == NULL)
		return (refused);
	if (!signin_cookie_digest(x, add->cookie_digest))
		return (signin_refuse_to(x, "expired", "/login"));

	return (web_ask(x, store_session_find(web_arena(x),
	    add->cookie_digest), verify_found));
}

static enum webauthn_verdict
verify_check(struct web_exchange *x, struct add *add,
    const struct account_session *session)
{
	enum webauthn_verdict		 verdict;
	struct base_slice		 origin;
	struct webauthn_register_expect	 expect = {
		.algs = webauthn_algs, .alg_count = WEBAUTHN_ALGS_COUNT,
	};

	if ((verdict = signin_challenge(x, add->body, WEBAUTHN_PURPOSE_ADD,
	    session, &add->challenge)) != WEBAUTHN_OK ||
	    (verdict = webauthn_register_parse(web_arena(x),
	    json_object_get(add->body, "credential"), &add->response)) !=
	    WEBAUTHN_OK)
		return (verdict);

	signin_expect(x, &add->challenge, &origin, &expect.common);
	return (webauthn_register_check(&add->response, &expect,
	    &add->credential));
}

static struct web_next
verify_write(struct web_exchange *x, struct add *add)
{
	struct store_place		 place;
	struct store_session_new	 session;
	struct store_session_challenge	 challenge = {
		.expires_at = add->challenge.expires_at,
	};
	const struct store_passkey_new	 passkey = {
		.id = base_uuid_new(),
		.credential = &add->credential,
		.attestation_object = add->response.attestation,
		.client_data = add->response.client_data,
		.name = account_passkey_name(&add->credential.aaguid),
	};

	if (!signin_session_new(x, web_config(x)->session_seconds, &session,
	    add->cookie))
		return (signin_refuse(x, 403, "expired"));

	webauthn_challenge_digest(&add->challenge, challenge.digest);
	signin_place(x, &place);
	return (web_ask(x, store_passkey_add(web_arena(x), add->cookie_digest,
	    &session, &challenge, &passkey, &place), verify_written));
}

static struct web_next
verify_found(struct web_exchange *x)
{
	enum store_status	 status;
	enum webauthn_verdict	 verdict;
	struct account_session	 session;
	struct account_user	 user;
	struct add		*add = web_state(x, sizeof(*add));

	status = store_session_found(web_result(x), &session, &user);
	if (status == STORE_MISSING) {
		signin_cookie_clear(x);
		return (signin_refuse_to(x, "expired", "/login"));
	}
	if (status != STORE_OK)
		return (signin_refuse(x, 503, "server"));

	if ((verdict = verify_check(x, add, &session)) != WEBAUTHN_OK)
		return (signin_verdict(x, verdict, &user.id));

	return (verify_write(x, add));
}

static struct web_next
verify_written(struct web_exchange *x)
{
	bool		 renewed;
	struct add	*add = web_state(x, sizeof(*add));

	switch (store_passkey_added(web_result(x), &renewed)) {
	case STORE_OK:
		if (renewed)
			web_reply_cookie(x, ACCOUNT_SESSION_COOKIE,
			    add->cookie, web_config(x)->session_seconds);
		return (signin_arrived(x, "/"));
	case STORE_SPENT:
		return (signin_refuse(x, 409, "expired"));
	case STORE_GONE:	/* signed out meanwhile */
		return (signin_refuse_to(x, "expired", "/login"));
	case STORE_CONFLICT:	/* this very passkey is registered */
		return (signin_refuse(x, 409, "already"));
	case STORE_REFUSED:	/* one has too many */
	case STORE_BAD_CLIENT:
	case STORE_MISSING:
	case STORE_STALE:
		return (signin_refuse(x, 409, "server"));
	case STORE_FAILED:
		break;
	}

	return (signin_refuse(x, 503, "server"));
}
