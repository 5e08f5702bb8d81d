/*
 * What expired.
 *
 * Challenges go an hour after they would be refused by their own expiry.  An
 * ended session says no more than a missing one.  An expired one does: its
 * grants live on until their own end, and their statements look for the
 * session's row, so it stays as long as any client's grants may.
 */

#include "store/store_cleanup.h"

#include "store/store_outbox.h"

/* The browser's cookie lives as long, and is seen at least monthly. */
#define BROWSER_DAYS	"430"

/* "permiso" in ASCII, and one for jobs. */
#define LOCK	"31647279063954288"

static const struct store_statement	expired = {
	.name = "cleanup_expired",
	.sql =
	    "WITH c AS (DELETE FROM challenges WHERE digest IN ("
	    "SELECT digest FROM challenges "
	    "WHERE expires_at < now() - interval '1 hour' "
	    "ORDER BY expires_at LIMIT $1) RETURNING 1), "
	    "s AS (DELETE FROM sessions WHERE id IN ("
	    "SELECT id FROM sessions "
	    "WHERE expires_at < now() - interval '1 day' "
	    "AND (ended_at IS NOT NULL OR expires_at < now() - "
	    "make_interval(days => (SELECT coalesce(max(refresh_days), 0) + 2 "
	    "FROM clients))) ORDER BY expires_at LIMIT $1) RETURNING 1), "
	    "l AS (DELETE FROM login_links WHERE user_id IN ("
	    "SELECT user_id FROM login_links "
	    "WHERE expires_at < now() - interval '1 day' LIMIT $1) "
	    "RETURNING 1), "
	    "b AS (DELETE FROM browsers WHERE (user_id, digest) IN ("
	    "SELECT user_id, digest FROM browsers "
	    "WHERE seen_at < now() - interval '" BROWSER_DAYS " days' "
	    "ORDER BY seen_at LIMIT $1) RETURNING 1), "
	    "o AS (DELETE FROM outbox WHERE id IN ("
	    "SELECT id FROM outbox WHERE done_at < now() - "
	    "interval '" STORE_OUTBOX_DAYS " days' "
	    "ORDER BY done_at LIMIT $1) RETURNING 1) "
	    "SELECT 'ok', greatest((SELECT count(*) FROM c), "
	    "(SELECT count(*) FROM s), (SELECT count(*) FROM l), "
	    "(SELECT count(*) FROM b), (SELECT count(*) FROM o))",
	.types = "i",
	.columns = 2,
	.lane = STORE_SLOW,
	.repeatable = true,
};

/* Asked again on the same connection it is still true, and not held twice. */
static const struct store_statement	leader = {
	.name = "cleanup_leader",
	.sql =
	    "SELECT CASE WHEN EXISTS (SELECT FROM pg_locks "
	    "WHERE locktype = 'advisory' AND granted "
	    "AND database = (SELECT oid FROM pg_database "
	    "WHERE datname = current_database()) "
	    "AND pid = pg_backend_pid() "
	    "AND (classid::int8 << 32) + objid::int8 = " LOCK ") "
	    "THEN true ELSE pg_try_advisory_lock(" LOCK ") END",
	.types = "",
	.columns = 1,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement	partitions = {
	.name = "cleanup_partitions",
	.sql = "SELECT partitions_make()",
	.types = "",
	.columns = 1,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement	removals = {
	.name = "cleanup_removals",
	.sql = "SELECT partitions_remove()",
	.types = "",
	.columns = 1,
	.lane = STORE_SLOW,
	.repeatable = true,
};

const struct store_statement *const store_cleanup_statements_jobs[] = {
	&expired,
	&leader,
	NULL
};

const struct store_statement *const store_cleanup_statements_retention[] = {
	&partitions,
	&removals,
	NULL
};

struct store_call *
store_cleanup(struct base_arena *arena)
{
	struct store_call	*call = store_call(arena, &expired);

	store_int(call, STORE_CLEANUP_BATCH);

	return (call);
}

struct store_call *
store_cleanup_leader(struct base_arena *arena)
{
	return (store_call(arena, &leader));
}

struct store_call *
store_cleanup_partitions(struct base_arena *arena)
{
	return (store_call(arena, &partitions));
}

struct store_call *
store_cleanup_removals(struct base_arena *arena)
{
	return (store_call(arena, &removals));
}
