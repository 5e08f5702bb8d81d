/*
 * The administrator who acts: whoever does something to another account is
 * authenticated by the statement that does it.
 *
 * STORE_ACTOR() begins such a statement.  It locks the rows of the people it
 * is about and of the one who acts, always in the order of their keys, and
 * only then looks whether the session is a live one, made by a passkey, of
 * an administrator.  So of two administrators who demote each other at the
 * same moment the second is none any more when its turn comes, and of two
 * statements that need the same people neither waits for the other's.
 */
#ifndef PERMISO_STORE_ACTOR_H
#define PERMISO_STORE_ACTOR_H

#include "base/base_hash.h"
#include "store/store.h"
#include "store/store_place.h"
#include "store/store_session.h"

/* Who acts, and from where; borrowed. */
struct store_actor {
	uint8_t			 cookie_digest[BASE_SHA256_LEN];
	/* a passkey used this many seconds ago is a fresh one */
	int64_t			 fresh_seconds;
	const struct store_place *place;
};

/* What became of it.  OK is 0; compared by name. */
enum store_actor_verdict {
	STORE_ACTOR_OK = 0,
	STORE_ACTOR_FAILED,		/* no database, deadline: logged */
	STORE_ACTOR_NOBODY,		/* not the session of an administrator */
	STORE_ACTOR_MISSING,		/* there is nobody, nothing of that id */
	STORE_ACTOR_UNCONFIRMED,	/* their passkey was used too long ago */
	STORE_ACTOR_OWN,		/* not to one's own account */
	STORE_ACTOR_LAST,		/* no administrator would be left */
	STORE_ACTOR_USERNAME,		/* somebody has that username */
	STORE_ACTOR_EMAIL,		/* somebody has that address */
	STORE_ACTOR_TAKEN,		/* one of both, since a moment ago */
	STORE_ACTOR_DISABLED,		/* not while the account is disabled */
	STORE_ACTOR_UNMAILED,		/* no address, or no mail server */
	STORE_ACTOR_STALE,		/* changed by somebody else meanwhile */
	STORE_ACTOR_UNCHANGED		/* it is so already */
};

enum store_actor_verdict	store_actor_verdict(
				    const struct store_result *result);

/* Bind the parameters $1 to $5, of these types.  $6 is the audit row's id. */
#define STORE_ACTOR_TYPES	"bittt"
void	store_actor(struct store_call *call, const struct store_actor *actor);

/*
 * The CTEs "locked" (the rows of users of those whom the query "ids" names,
 * and of who acts) and "actor" (id, session_id, fresh; no row: the session is
 * not an administrator's).  "locked" is only read together with "actor".
 */
#define STORE_ACTOR(ids)						\
	"WITH locked AS MATERIALIZED ("					\
	"SELECT u.* FROM users u WHERE u.id IN ("			\
	"SELECT s.user_id FROM sessions s WHERE s.cookie_digest = $1 "	\
	"UNION " ids ") ORDER BY u.id FOR NO KEY UPDATE"		\
	"), actor AS MATERIALIZED ("					\
	"SELECT u.id, s.id AS session_id, "				\
	"s.auth_time > now() - make_interval(secs => $2) AS fresh "	\
	"FROM " STORE_SESSION_LIVE					\
	"JOIN locked l ON l.id = u.id AND l.administrator "		\
	"AND l.disabled_at IS NULL "					\
	"WHERE " STORE_SESSION_LIVE_WHERE "AND s.passkey_id IS NOT NULL" \
	"), "

/* The CTE "wanted": the one whom it is about, as in "locked", with "own" (it
 * is the one who acts) and "audit". */
#define STORE_ACTOR_WANTED(person)					\
	"wanted AS ("							\
	"SELECT l.*, l.id = actor.id AS own, $6::uuid AS audit "	\
	"FROM locked l, actor WHERE l.id = " person			\
	"), "

/* Guards, over "wanted w" and "actor". */
#define STORE_ACTOR_NOT_OWN	"w.own"
#define STORE_ACTOR_EVEN_OWN	"false"
#define STORE_ACTOR_CONFIRMED	"NOT actor.fresh"
#define STORE_ACTOR_CONFIRMED_FOR_ADMIN					\
	"(w.administrator AND NOT actor.fresh)"

/* The CTE "target": all of those, or nobody when one of them is guarded. */
#define STORE_ACTOR_TARGET(own, unconfirmed)				\
	"target AS ("							\
	"SELECT * FROM wanted WHERE NOT EXISTS ("			\
	"SELECT FROM wanted w, actor WHERE " own " OR " unconfirmed ")"	\
	"), "

/* The verdict of a statement whose CTE "changed" says what was done;
 * "otherwise": WHEN clauses of its own. */
#define STORE_ACTOR_VERDICT(own, unconfirmed, otherwise)		\
	"SELECT CASE WHEN EXISTS (SELECT FROM changed) THEN 'ok' "	\
	"WHEN NOT EXISTS (SELECT FROM actor) THEN 'nobody' "		\
	"WHEN NOT EXISTS (SELECT FROM wanted) THEN 'missing' "		\
	"WHEN EXISTS (SELECT FROM wanted w WHERE " own ") THEN 'own' "	\
	"WHEN EXISTS (SELECT FROM wanted w, actor WHERE " unconfirmed ") " \
	"THEN 'unconfirmed' " otherwise "ELSE 'unchanged' END"

/* Columns of an audit row behind its id and event, and what goes in there:
 * "actor" and the person must be in the FROM. */
#define STORE_ACTOR_AUDIT_COLUMNS					\
	"(id, event, actor_id, session_id, address, device, request_id, " \
	"user_id, detail) "
#define STORE_ACTOR_AUDIT(id, event)					\
	id ", '" event "', actor.id, actor.session_id, "		\
	STORE_PLACE_ADDRESS("$3") ", " STORE_PLACE_TEXT("$4") ", "	\
	STORE_PLACE_TEXT("$5") ", "

/* The audit row of each of "changed" (id, ...): the last CTE. */
#define STORE_ACTOR_AUDITED(event, detail)				\
	"audited AS ("							\
	"INSERT INTO audit " STORE_ACTOR_AUDIT_COLUMNS			\
	"SELECT " STORE_ACTOR_AUDIT("wanted.audit", event)		\
	"changed.id, " detail " FROM actor, changed "			\
	"JOIN wanted ON wanted.id = changed.id"				\
	") "

#endif /* !PERMISO_STORE_ACTOR_H */
