/*
 * The authorization request (OpenID Connect Core 3.1.2.1), from the fields of
 * a query or form to what must happen next, and its sealed form "i".
 *
 * "i" carries a request through sign-in and consent without a row in the
 * database.  It names the browser it was sealed for and holds what was proved
 * on the way; from another browser, or after 30 minutes, the request in it
 * still stands but its proofs do not
 * (docs/decisions/authorization-request.md).
 */
#ifndef PERMISO_OIDC_REQUEST_H
#define PERMISO_OIDC_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "base/base_keyring.h"
#include "base/base_uuid.h"
#include "oidc/oidc.h"
#include "oidc/oidc_claims.h"
#include "oidc/oidc_client.h"
#include "oidc/oidc_error.h"

enum oidc_prompt {
	OIDC_PROMPT_NONE	= 1 << 0,
	OIDC_PROMPT_LOGIN	= 1 << 1,
	OIDC_PROMPT_CONSENT	= 1 << 2,
	OIDC_PROMPT_SELECT	= 1 << 3
};

enum oidc_mode {
	OIDC_MODE_QUERY,
	OIDC_MODE_FORM_POST
};

/* What was proved to us since the request came in; sealed with it. */
struct oidc_proofs {
	/* the code this request will become; empty: not fixed yet */
	struct base_uuid	code_id;
	/* microseconds since 1970 of the sign-in that was there when a fresh
	 * one was demanded (0: none was there); -1: none was demanded */
	int64_t			demanded;
	/* who the next two are about */
	struct base_uuid	user_id;
	bool			account;	/* chose this account */
	bool			consent;	/* saw and allowed */
	bool			denied;		/* pressed Cancel */
};

/* No pointers: copy it, wipe it, never free it. */
struct oidc_request {
	char			client_id[OIDC_CLIENT_ID_MAX + 1];
	char			redirect_uri[OIDC_URI_MAX + 1];
	char			state[OIDC_STATE_MAX + 1];	/* "": none */
	bool			has_state;
	char			nonce[OIDC_NONCE_MAX + 1];	/* "": none */
	unsigned		scopes;		/* known ones that were asked */
	enum oidc_mode		mode;
	unsigned		prompt;		/* set of enum oidc_prompt */
	int64_t			max_age;	/* seconds; -1: not sent */
	char			login_hint[OIDC_HINT_MAX + 1];
	char			ui_locales[OIDC_LOCALES_MAX + 1];
	/* the only person who may answer: id_token_hint, or sub in claims */
	char			sub[OIDC_SUB_MAX + 1];	/* "": anybody */
	struct oidc_claims_set	claims;
	bool			has_challenge;
	uint8_t			challenge[BASE_SHA256_LEN];	/* S256 */
	/* the first thing wrong that may be told at the redirect URI */
	enum oidc_error		error;

	char			client_name[OIDC_CLIENT_NAME_MAX + 1];
	struct oidc_proofs	proofs;
};

/*
 * Read a request.  OIDC_UNKNOWN_CLIENT, OIDC_BAD_REDIRECT_URI and
 * OIDC_MISSING_REDIRECT_URI mean that there is nowhere to answer; whatever
 * else is wrong is left in out->error, to be told once client and redirect
 * URI have been checked.  An id_token_hint is not judged here: *hint is the
 * text (empty when none was sent).
 */
enum oidc_error	oidc_request_parse(const struct oidc_fields *fields,
		    struct oidc_request *out, struct base_slice *hint);

enum oidc_request_status {
	OIDC_REQUEST_OK = 0,
	OIDC_REQUEST_FOREIGN,	/* another browser, or too old: a new request,
				 * its proofs dropped */
	OIDC_REQUEST_JUNK	/* not sealed here */
};

/*
 * Seal into "i".  "browser" is the browser's secret (empty when it is not
 * known, as in a POST from another site: then "i" is foreign everywhere).
 * False when it would pass OIDC_REQUEST_TEXT_MAX, or with no key.
 */
bool		oidc_request_seal(const struct base_keyring *ring, int64_t now,
		    struct base_slice browser, const struct oidc_request *request,
		    char out[OIDC_REQUEST_TEXT_MAX + 1]);

enum oidc_request_status
		oidc_request_open(const struct base_keyring *ring, int64_t now,
		    struct base_slice browser, struct base_slice text,
		    struct oidc_request *out);

/* Who is signed in, as the live rows say it. */
struct oidc_session {
	bool			live;
	struct base_uuid	id;
	struct base_uuid	user_id;
	char			sub[OIDC_SUB_MAX + 1];
	int64_t			auth_time;	/* microseconds since 1970 */
	bool			consented;	/* there is a consent row */
	unsigned		consent_scopes;
	uint32_t		consent_claims;
};

/* What a request needs next. */
enum oidc_need {
	OIDC_NEED_NOTHING = 0,	/* answer with a code */
	OIDC_NEED_LOGIN,	/* /login?i= */
	OIDC_NEED_ACCOUNT,	/* /interaction?i=: which account */
	OIDC_NEED_CONSENT,	/* /interaction?i=: consent */
	OIDC_NEED_ERROR		/* *error, told at the redirect URI */
};

/*
 * Check a request against its client once that is known: redirect URI,
 * scopes it may have (narrowed in place), PKCE.  OIDC_BAD_REDIRECT_URI has a
 * page; all other errors go to the redirect URI.
 */
enum oidc_error	oidc_request_check(struct oidc_request *request,
		    const struct oidc_client *client);

/*
 * What a checked request needs before it may be answered; "now" in seconds.
 * With prompt=none the need is OIDC_NEED_NOTHING or an error.
 */
enum oidc_need	oidc_request_judge(const struct oidc_request *request,
		    const struct oidc_client *client,
		    const struct oidc_session *session, int64_t now,
		    enum oidc_error *error);

#endif /* !PERMISO_OIDC_REQUEST_H */
