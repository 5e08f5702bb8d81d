/*
 * Who asks: what the statements of the settings begin with.
 *
 * Every statement that reads or changes something for a person who is signed
 * in has the CTE "caller" in front and takes its rows from it, so that right
 * and deed are one statement: whoever is signed out, disabled, demoted or
 * without the passkey a moment before it runs gets nothing.  A handler's own
 * look at the session before that only makes better error messages.
 *
 *	WITH STORE_CALLER_READ(STORE_CALLER_USER)
 *	SELECT ... FROM caller LEFT JOIN passkeys p ON p.user_id = caller.id
 *
 *	WITH STORE_CALLER_WRITE(STORE_CALLER_ADMINISTRATOR STORE_CALLER_FRESH)
 *	", changed AS (UPDATE ... FROM caller WHERE ... RETURNING ...)"
 *	", audited AS (" STORE_CALLER_AUDIT("'group_created'", "NULL::uuid",
 *	    "jsonb_build_object('group', changed.id)") " FROM caller, changed)"
 *	"SELECT CASE WHEN NOT EXISTS (SELECT FROM caller) THEN 'gone' ... END"
 *
 * Columns of "caller": id, session_id, administrator, passkeys (how many),
 * passkey_id, auth_time.
 */
#ifndef PERMISO_STORE_CALLER_H
#define PERMISO_STORE_CALLER_H

#include "base/base_hash.h"
#include "store/store.h"
#include "store/store_place.h"
#include "store/store_session.h"

struct store_caller {
	uint8_t			digest[BASE_SHA256_LEN];  /* of the cookie */
	struct store_place	place;
};

/* What the caller must be; several may stand one behind the other. */
#define STORE_CALLER_USER		""
#define STORE_CALLER_ADMINISTRATOR	"AND u.administrator "
/* A passkey was used in the last ten minutes (account_session.h). */
#define STORE_CALLER_FRESH						\
	"AND s.auth_time >= now() - interval '600 seconds' "

#define STORE_CALLER_SELECT(needs)					\
	"SELECT u.id, s.id AS session_id, u.administrator, u.passkeys, "	\
	"s.passkey_id, s.auth_time FROM " STORE_SESSION_LIVE		\
	"WHERE " STORE_SESSION_LIVE_WHERE				\
	"AND s.passkey_id IS NOT NULL " needs

/* A statement that only reads.  It takes $1. */
#define STORE_CALLER_READ(needs)					\
	"caller AS MATERIALIZED (" STORE_CALLER_SELECT(needs) ") "
#define STORE_CALLER_READ_TYPES	"b"

/*
 * A statement that changes something.  It takes $1 to $5.  The person's and
 * the session's row are locked, person first: an end of either that is under
 * way is waited for and then seen, and one person's changes come one after
 * the other.
 */
#define STORE_CALLER_WRITE(needs)					\
	"caller AS MATERIALIZED (" STORE_CALLER_SELECT(needs)		\
	"FOR NO KEY UPDATE OF u FOR SHARE OF s) "
#define STORE_CALLER_WRITE_TYPES	"btttu"

/*
 * The audit row of a change: event, whom it is about (a uuid), detail (jsonb).
 * Put "FROM caller, ..." behind it; one row each.
 */
#define STORE_CALLER_AUDIT(event, user, detail)				\
	"INSERT INTO audit (id, event, actor_id, user_id, session_id, "	\
	"address, device, request_id, detail) "				\
	"SELECT $5, " event ", caller.id, " user ", caller.session_id, "	\
	STORE_PLACE_ADDRESS("$2") ", " STORE_PLACE_TEXT("$3") ", "	\
	STORE_PLACE_TEXT("$4") ", " detail

/* Calls with their first parameters bound. */
struct store_call	*store_caller_read(struct base_arena *arena,
			    const struct store_statement *statement,
			    const struct store_caller *caller);
struct store_call	*store_caller_write(struct base_arena *arena,
			    const struct store_statement *statement,
			    const struct store_caller *caller);

/*
 * How many rows a list has whose statement is "caller LEFT JOIN things":
 * without a caller there is none (STORE_GONE), without things one that is NULL
 * in "column".
 */
enum store_status	 store_caller_rows(const struct store_result *result,
			    int column, int *rows);

#endif /* !PERMISO_STORE_CALLER_H */
