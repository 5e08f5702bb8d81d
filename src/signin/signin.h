/*
 * Getting in and out: set-up, sign-in, login links, adding a passkey,
 * sign-out, the start page.
 *
 * signin_routes is the index.  Below it is what these handlers share.
 */
#ifndef PERMISO_SIGNIN_H
#define PERMISO_SIGNIN_H

#include "account/account_secret.h"
#include "account/account_session.h"
#include "account/account_user.h"
#include "store/store_session.h"
#include "web/web.h"
#include "web/web_form.h"
#include "web/web_router.h"
#include "webauthn/webauthn.h"
#include "webauthn/webauthn_challenge.h"
#include "webauthn/webauthn_verdict.h"

#define SIGNIN_ROUTES	25
extern const struct web_route	signin_routes[SIGNIN_ROUTES];

/* --- handlers, by file ----------------------------------------------------- */

web_step	signin_consent, signin_consent_post;
web_step	signin_home;
web_step	signin_link, signin_link_spend;
web_step	signin_login, signin_login_cancel, signin_login_options,
		signin_login_other, signin_login_press, signin_login_verify;
web_step	signin_logout, signin_logout_done, signin_logout_post;
web_step	signin_offer, signin_offer_post;
web_step	signin_passkey, signin_passkey_options, signin_passkey_press,
		signin_passkey_verify;
web_step	signin_setup, signin_setup_form, signin_setup_options,
		signin_setup_press, signin_setup_verify;

/* --- what they share ------------------------------------------------------- */

#define SIGNIN_LIMITED_SECONDS	3600	/* life of a login link's session */

/* Where this request comes from; texts live as long as the exchange. */
void	signin_place(struct web_exchange *x, struct store_place *place);

/* The digest of the session cookie; false: there is none, or a broken one. */
bool	signin_cookie_digest(const struct web_exchange *x,
	    uint8_t digest[BASE_SHA256_LEN]);

/*
 * A session to be made for this browser, and the text of its cookie, to be
 * set when it was made.  False when the browser has no secret.
 */
bool	signin_session_new(struct web_exchange *x, int64_t seconds,
	    struct store_session_new *session,
	    char cookie[ACCOUNT_SECRET_LEN + 1]);

/*
 * For a page: whose session the answer to store_session_find() is.  False
 * when it is nobody's, who is sent to "away" without the cookie, and when the
 * database failed; *refused is then the answer.
 */
bool	signin_session(struct web_exchange *x, const char *away,
	    struct account_session *session, struct account_user *user,
	    struct web_next *refused);

/* The cookie that proves nothing any more is taken back (R10.9). */
void	signin_cookie_clear(struct web_exchange *x);

/* The one value of a form or query; NULL: not sent.  False: sent twice. */
bool	signin_field(const struct web_form *form, const char *name,
	    const char **value);

/* The first character of a name, for a tile. */
const char	*signin_initial(struct web_exchange *x, const char *name);
/* Who is signed in, for part "account". */
json_t	*signin_account(struct web_exchange *x,
	    const struct account_user *user);
/* "Ada Lovelace (ada@example.com)" */
const char	*signin_person(struct web_exchange *x,
		    const struct account_user *user);

/* A document as a JSON text for a data- attribute; consumed. */
json_t	*signin_text(json_t *json);
/*
 * Texts that a page's script needs, as JSON for data-words: "busy", "done"
 * (given here), and what is said when there is no connection to ask.
 */
json_t	*signin_words(struct web_exchange *x, const char *busy,
	    const char *done);

/* --- ceremonies: JSON from and to assets/js/passkey.js --------------------- */

/*
 * The body of a script's POST: NULL when its X-CSRF header, made for
 * "purpose", or the JSON is not right; *refused is then the answer.
 */
json_t	*signin_json(struct web_exchange *x, const char *purpose,
	    struct web_next *refused);

/* The token of what creates a passkey for one's own account. */
#define SIGNIN_PURPOSE_PASSKEY	"passkey"

/*
 * Who came with the passkey of another device may be offered one here: the
 * path of the page that asks, for "i" (an app's sealed request, checked, or
 * NULL).  NULL when this browser is not to be asked again.
 */
const char	*signin_offer_path(struct web_exchange *x, const char *i);

/*
 * The POST of a passkey button that was pressed before the page's script was
 * there: the page comes again with data-pressed, so that the press is not
 * lost.  Fills "form"; the result is what was pressed ("any", or hints with
 * commas), or NULL when the form is not right; *refused is then the answer.
 */
const char	*signin_pressed(struct web_exchange *x, const char *purpose,
		    struct web_form *form, struct web_next *refused);

/* {"code": one of assets/js/passkey.js, "reference": request id} */
struct web_next	signin_refuse(struct web_exchange *x, int status,
		    const char *code);
/* The same with a place for the page to go to instead of a message. */
struct web_next	signin_refuse_to(struct web_exchange *x, const char *code,
		    const char *location);
/* {"location": path} */
struct web_next	signin_arrived(struct web_exchange *x, const char *location);

/* A sign-in failed: logged now, audited with others later (web_batch.h).
 * "reason" is a word of ours, "person" may be NULL. */
void	signin_failed(struct web_exchange *x, const char *reason,
	    const struct base_uuid *person);

/* A ceremony was refused: log it, count it, tell the page what it may know. */
struct web_next	signin_verdict(struct web_exchange *x,
		    enum webauthn_verdict verdict,
		    const struct base_uuid *person);

/* {"publicKey": options, "state": sealed challenge}, or NULL; consumes
 * "options". */
json_t	*signin_ceremony(struct web_exchange *x,
	    const struct webauthn_challenge *challenge, json_t *options);
/* The same as the answer. */
struct web_next	signin_options(struct web_exchange *x,
		    const struct webauthn_challenge *challenge,
		    json_t *options);

/* The challenge of member "state", opened and checked for "use". */
enum webauthn_verdict	signin_challenge(struct web_exchange *x,
		    const json_t *body, enum webauthn_purpose purpose,
		    const struct account_session *session,
		    struct webauthn_challenge *out);

/* What a ceremony is held against; "origin" has room for the one we have. */
void	signin_expect(struct web_exchange *x,
	    const struct webauthn_challenge *challenge,
	    struct base_slice *origin, struct webauthn_expect *out);

#endif /* !PERMISO_SIGNIN_H */
