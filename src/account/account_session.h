/*
 * Sessions: one a browser, proven by a cookie.
 *
 * A session names the passkey that made it.  One that a login link made names
 * none: it may enrol a passkey and sign out, nothing else.
 */
#ifndef PERMISO_ACCOUNT_SESSION_H
#define PERMISO_ACCOUNT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_uuid.h"

/* The cookie that holds one of account_secret.h. */
#define ACCOUNT_SESSION_COOKIE	"session"

/*
 * Clear-Site-Data of every sign-out.  Not "cookies": that would take those of
 * every host under the same registrable domain, signing people out of apps
 * that are not ours, and our own "browser" cookie, which is no session.  The
 * session's is taken back by its name.
 */
#define ACCOUNT_SESSION_CLEAR		"\"cache\", \"storage\""

/* A passkey used this long ago will do for a change that needs one. */
#define ACCOUNT_SESSION_FRESH_SECONDS	600

struct account_session {
	struct base_uuid	id;
	struct base_uuid	user_id;
	struct base_uuid	passkey_id;	/* empty: a login link made it */
	int64_t			auth_time;	/* seconds since 1970 */
	int64_t			created_at;
	int64_t			expires_at;	/* absolute */
};

/* May only enrol a passkey and sign out. */
bool	account_session_limited(const struct account_session *session);

#endif /* !PERMISO_ACCOUNT_SESSION_H */
