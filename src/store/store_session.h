/*
 * Sessions in the database: sign-in, look-up, sign-out.
 *
 * A session counts while it is not ended, not expired, its person is not
 * disabled and the passkey that made it is still theirs: all of that is
 * joined in the statement that asks, so an end of any of them works at once
 * (docs/decisions/rules.md, 5).  What a login link made counts only until the person gets
 * another link or a passkey: who spent a stolen link first would otherwise
 * still be there to add their own.  STORE_SESSION_LIVE is that join; authorize
 * adds its own tables behind it.
 */
#ifndef PERMISO_STORE_SESSION_H
#define PERMISO_STORE_SESSION_H

#include "account/account_session.h"
#include "account/account_user.h"
#include "base/base_hash.h"
#include "store/store.h"
#include "store/store_place.h"
#include "store/store_user.h"

/* "s" the session, "u" its person, "sp" its passkey.  $1: cookie digest. */
#define STORE_SESSION_LIVE						\
	"sessions s "							\
	"JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL "	\
	"LEFT JOIN passkeys sp "					\
	"ON sp.id = s.passkey_id AND sp.user_id = s.user_id "
#define STORE_SESSION_LIVE_WHERE					\
	"s.cookie_digest = $1 AND s.ended_at IS NULL "			\
	"AND s.expires_at > now() "					\
	"AND (sp.id IS NOT NULL OR (s.passkey_id IS NULL "		\
	"AND NOT EXISTS (SELECT FROM login_links nl "			\
	"WHERE nl.user_id = s.user_id AND (nl.created_at > s.created_at " \
	"OR nl.ended_at >= s.created_at)) "				\
	"AND NOT EXISTS (SELECT FROM passkeys np "			\
	"WHERE np.user_id = s.user_id AND np.created_at > s.created_at))) "

#define STORE_SESSION_COLUMN_COUNT	6
#define STORE_SESSION_COLUMNS						\
	"s.id, s.user_id, s.passkey_id, "				\
	"extract(epoch FROM s.auth_time)::int8, "			\
	"extract(epoch FROM s.created_at)::int8, "			\
	"extract(epoch FROM s.expires_at)::int8"

/* The live session of a cookie, and whose it is: one SELECT. */
struct store_call	*store_session_find(struct base_arena *arena,
			    const uint8_t cookie_digest[BASE_SHA256_LEN]);
/* STORE_OK, STORE_MISSING (nobody is signed in), STORE_FAILED */
enum store_status	 store_session_found(const struct store_result *result,
			    struct account_session *session,
			    struct account_user *user);

/* What makes a session, in all three ways to get one. */
struct store_session_new {
	struct base_uuid	id;		/* unless a row is kept */
	uint8_t			cookie_digest[BASE_SHA256_LEN];
	uint8_t			browser_digest[BASE_SHA256_LEN];
	int64_t			seconds;	/* of life */
};

/* A ceremony's challenge, spent by the statement that acts. */
struct store_session_challenge {
	uint8_t			digest[BASE_SHA256_LEN];
	int64_t			expires_at;	/* seconds since 1970 */
};

/* A good assertion, as the write of a sign-in needs it. */
struct store_session_assertion {
	struct base_uuid	user_id;
	struct base_uuid	passkey_id;
	int64_t			sign_count;	/* as received */
	bool			backup_state;
};

/*
 * Sign in: spend the challenge, move the counter, make the browser's session.
 * The same person keeps the session's id; another person's session ends.
 * STORE_OK, *session_id is the session's;
 * STORE_SPENT: the challenge was used before; STORE_GONE: passkey removed or
 * person disabled meanwhile; STORE_REFUSED: the counter went back on a passkey
 * that cannot be synced; STORE_CONFLICT: another person signed in at the same
 * moment in the same browser; STORE_FAILED.
 */
struct store_call	*store_session_sign_in(struct base_arena *arena,
			    const struct store_session_new *session,
			    const struct store_session_challenge *challenge,
			    const struct store_session_assertion *assertion,
			    const struct store_place *place);
enum store_status	 store_session_signed_in(
			    const struct store_result *result,
			    struct base_uuid *session_id);

/* Sign out.  STORE_OK; STORE_MISSING: it was not signed in. */
struct store_call	*store_session_end(struct base_arena *arena,
			    const uint8_t cookie_digest[BASE_SHA256_LEN],
			    const struct store_place *place);
/* Sign out in every browser.  STORE_OK; STORE_MISSING: nobody is signed in
 * here, or only by a login link, and nothing was ended. */
struct store_call	*store_session_end_all(struct base_arena *arena,
			    const uint8_t cookie_digest[BASE_SHA256_LEN],
			    const struct store_place *place);

/* Apps whose own sessions may go on; texts are borrowed from the result. */
#define STORE_SESSION_APPS_MAX	8
struct store_session_apps {
	struct base_slice	names[STORE_SESSION_APPS_MAX];
	struct base_slice	uris[STORE_SESSION_APPS_MAX];	/* or "" */
	size_t			count;
};
/* The verdict of both. */
enum store_status	 store_session_ended(const struct store_result *result,
			    struct store_session_apps *out);

/* When sessions were last used, many in one statement. */
struct store_call	*store_session_touch(struct base_arena *arena,
			    const struct base_uuid *ids, size_t count);

/*
 * What failed without writing anything of its own (sign-ins, authentications
 * of clients), many in one statement; collected by the worker.
 */
struct store_session_failure {
	const char		*event;		/* words of ours */
	const char		*reason;
	struct base_uuid	 user_id;	/* empty: not known */
	const char		*client_id;	/* as claimed; "": none */
	const char		*address;	/* "": several */
	const char		*device;
	int64_t			 count;
};
#define STORE_SESSION_FAILURES_MAX	64	/* of one statement */
struct store_call	*store_session_failures(struct base_arena *arena,
			    const struct store_session_failure *failures,
			    size_t count);

extern const struct store_statement *const store_session_web[];

#endif /* !PERMISO_STORE_SESSION_H */
