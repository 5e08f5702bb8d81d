/*
 * Seals.
 *
 * A transaction below pg_snapshot_xmin() has ended, so its rows are all there
 * or never will be: sealing by transaction id leaves no row behind, whatever
 * ids or clocks the rows themselves have.  Two nodes that seal at once meet
 * at (series, from_xid), and one of them does nothing.
 */

#include "store/store_audit.h"

#include <string.h>

#include "base/base_bytes.h"

/* So many rows in one seal, but for the last transaction's: after an outage
 * there may be a day of them. */
#define TEXT(number)	#number
#define QUOTED(number)	TEXT(number)
#define MOST		QUOTED(STORE_AUDIT_MOST)

/*
 * The digest of an audit row "a".  Columns by name: one that is added later
 * changes no digest of today.
 */
#define ROW_DIGEST							\
	"sha256(convert_to(jsonb_build_array(a.id, "			\
	"(extract(epoch FROM a.at) * 1000000)::int8, a.event, a.result, " \
	"a.actor_id, a.user_id, a.client_id, a.session_id, "		\
	"a.address::text, a.device, a.request_id, a.detail, "		\
	"a.xid::text)::text, 'UTF8'))"

/* All rows of one seal. */
#define ROWS_DIGEST							\
	"sha256(coalesce(string_agg(" ROW_DIGEST ", ''::bytea "		\
	"ORDER BY a.id), ''))"

/* The hash of a seal "s" over its rows' count and digest in "r". */
#define SEAL_HASH							\
	"sha256(s.previous || convert_to(concat_ws(':', s.series, "	\
	"s.from_xid, s.to_xid, r.count, "				\
	"(extract(epoch FROM s.sealed_at) * 1000000)::int8), 'UTF8') "	\
	"|| r.digest)"

/* The series of new rows: the column's default. */
#define CURRENT_SERIES							\
	"SELECT pg_get_expr(d.adbin, d.adrelid)::integer AS series "	\
	"FROM pg_attrdef d JOIN pg_attribute t "			\
	"ON t.attrelid = d.adrelid AND t.attnum = d.adnum "		\
	"WHERE d.adrelid = 'audit'::regclass AND t.attname = 'series'"

/* One seal from where "last" ended up to "end". */
#define SEAL_INTO(series, end)						\
	"WITH now_series AS (" series "), "				\
	"last AS (SELECT l.to_xid, l.hash FROM audit_seal l "		\
	"WHERE l.series = (SELECT series FROM now_series) "		\
	"ORDER BY l.from_xid DESC LIMIT 1), "				\
	"s AS (SELECT n.series, coalesce((SELECT to_xid FROM last), "	\
	"'0'::xid8) AS from_xid, " end " AS to_xid, "			\
	"coalesce((SELECT hash FROM last), decode(repeat('00', 32), "	\
	"'hex')) AS previous, now() AS sealed_at FROM now_series n), "	\
	"r AS (SELECT count(a.id) AS count, " ROWS_DIGEST " AS digest "	\
	"FROM s JOIN audit a ON a.series = s.series "			\
	"AND a.xid >= s.from_xid AND a.xid < s.to_xid) "		\
	"INSERT INTO audit_seal (series, from_xid, to_xid, count, hash, " \
	"previous, sealed_at) SELECT s.series, s.from_xid, s.to_xid, "	\
	"r.count, " SEAL_HASH ", s.previous, s.sealed_at FROM s, r "	\
	"WHERE r.count > 0 ON CONFLICT DO NOTHING "			\
	"RETURNING 'ok', count, encode(hash, 'hex')"

static const struct store_statement	seal = {
	.name = "audit_seal",
	.sql = SEAL_INTO(CURRENT_SERIES,
	    "least(pg_snapshot_xmin(pg_current_snapshot()), "
	    "(SELECT (a.xid::text::numeric + 1)::text::xid8 FROM audit a "
	    "WHERE a.series = n.series AND a.xid >= "
	    "coalesce((SELECT to_xid FROM last), '0'::xid8) "
	    "ORDER BY a.xid OFFSET " MOST " LIMIT 1))"),
	.types = "",
	.columns = 3,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement	close_series = {
	.name = "audit_close",
	.sql = SEAL_INTO("SELECT series FROM (SELECT series, "
	    "max(to_xid) AS to_xid FROM audit_seal "
	    "GROUP BY series ORDER BY series DESC LIMIT 1) latest "
	    "WHERE to_xid > pg_snapshot_xmax(pg_current_snapshot())",
	    "(SELECT (max(a.xid::text::numeric) + 1)::text::xid8 "
	    "FROM audit a WHERE a.series = n.series)"),
	.types = "",
	.columns = 3,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement	list = {
	.name = "audit_list",
	.sql =
	    "WITH s AS (SELECT * FROM audit_seal "
	    "WHERE (series, from_xid) > ($1::integer, $2::text::xid8) "
	    "ORDER BY series, from_xid LIMIT $3) "
	    "SELECT s.series::int8, s.from_xid::text::int8, "
	    "s.to_xid::text::int8, s.count, "
	    "extract(epoch FROM s.sealed_at)::int8, "
	    "s.pruned_at IS NOT NULL, s.hash, s.previous, r.count, "
	    SEAL_HASH " FROM s CROSS JOIN LATERAL ("
	    "SELECT count(a.id) AS count, " ROWS_DIGEST " AS digest "
	    "FROM audit a WHERE a.series = s.series "
	    "AND a.xid >= s.from_xid AND a.xid < s.to_xid) r "
	    "ORDER BY s.series, s.from_xid",
	.types = "iii",
	.columns = 10,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement	unsealed = {
	.name = "audit_unsealed",
	.sql =
	    "WITH s AS (SELECT series, max(to_xid) AS to_xid FROM audit_seal "
	    "GROUP BY series), "
	    "a AS (SELECT a.at FROM audit a WHERE a.xid >= coalesce("
	    "(SELECT s.to_xid FROM s WHERE s.series = a.series), '0'::xid8)) "
	    "SELECT count(*), extract(epoch FROM now() - min(at))::int8 "
	    "FROM a",
	.types = "",
	.columns = 2,
	.lane = STORE_SLOW,
	.repeatable = true,
};

/*
 * Whole seals, oldest first, so that what is gone is always the beginning of
 * the chain.  A row goes only when its seal is past its day.
 */
static const struct store_statement	prune = {
	.name = "audit_prune",
	.sql =
	    "WITH s AS (SELECT series, from_xid, to_xid FROM audit_seal "
	    "WHERE pruned_at IS NULL "
	    "AND sealed_at < now() - make_interval(days => $1::integer) "
	    "ORDER BY series, from_xid LIMIT 20), "
	    "gone AS (DELETE FROM audit a USING s WHERE a.series = s.series "
	    "AND a.xid >= s.from_xid AND a.xid < s.to_xid), "
	    "marked AS (UPDATE audit_seal t SET pruned_at = now() FROM s "
	    "WHERE t.series = s.series AND t.from_xid = s.from_xid "
	    "RETURNING 1) "
	    "SELECT 'ok', count(*) FROM marked",
	.types = "i",
	.columns = 2,
	.lane = STORE_SLOW,
	.repeatable = true,
};

const struct store_statement *const store_audit_statements_jobs[] = {
	&seal,
	NULL
};

const struct store_statement *const store_audit_statements_retention[] = {
	&prune,
	NULL
};

const struct store_statement *const store_audit_statements_owner[] = {
	&close_series,
	&list,
	&unsealed,
	NULL
};

struct store_call *
store_audit_seal(struct base_arena *arena)
{
	return (store_call(arena, &seal));
}

struct store_call *
store_audit_close(struct base_arena *arena)
{
	return (store_call(arena, &close_series));
}

struct store_call *
store_audit_list(struct base_arena *arena, int64_t series, int64_t from_xid)
{
	struct store_call	*call = store_call(arena, &list);

	store_int(call, series);
	store_int(call, from_xid);
	store_int(call, STORE_AUDIT_BATCH);

	return (call);
}

bool
store_audit_row(const struct store_result *result, int row,
    struct store_audit_seal *out)
{
	struct store_audit_seal	said;
	struct base_slice	hash, previous, found;

	if (!store_cell_int(result, row, 0, &said.series) ||
	    !store_cell_int(result, row, 1, &said.from_xid) ||
	    !store_cell_int(result, row, 2, &said.to_xid) ||
	    !store_cell_int(result, row, 3, &said.count) ||
	    !store_cell_int(result, row, 4, &said.sealed_at) ||
	    !store_cell_bool(result, row, 5, &said.pruned) ||
	    !store_cell_slice(result, row, 6, &hash) ||
	    !store_cell_slice(result, row, 7, &previous) ||
	    !store_cell_int(result, row, 8, &said.found) ||
	    !store_cell_slice(result, row, 9, &found) ||
	    hash.len != sizeof(said.hash) ||
	    previous.len != sizeof(said.previous) ||
	    found.len != sizeof(said.found_hash))
		return (false);

	memcpy(said.hash, hash.data, sizeof(said.hash));
	memcpy(said.previous, previous.data, sizeof(said.previous));
	memcpy(said.found_hash, found.data, sizeof(said.found_hash));
	*out = said;

	return (true);
}

struct store_call *
store_audit_unsealed(struct base_arena *arena)
{
	return (store_call(arena, &unsealed));
}

struct store_call *
store_audit_prune(struct base_arena *arena, int64_t days)
{
	struct store_call	*call = store_call(arena, &prune);

	store_int(call, days);

	return (call);
}

enum store_audit_verdict
store_audit_check(const struct store_audit_seal *seal_now,
    const struct store_audit_seal *before)
{
	static const uint8_t	zero[BASE_SHA256_LEN];
	const uint8_t		*previous = zero;
	int64_t			 begin = 0;

	/* Each series begins at 0, with nothing before it. */
	if (before != NULL && before->series == seal_now->series) {
		begin = before->to_xid;
		previous = before->hash;
	}

	if (seal_now->from_xid != begin)
		return (STORE_AUDIT_GAP);
	if (!base_bytes_equal(seal_now->previous, BASE_SHA256_LEN, previous,
	    BASE_SHA256_LEN))
		return (STORE_AUDIT_CHAIN);
	if (seal_now->pruned)
		return (before == NULL || before->pruned ? STORE_AUDIT_OK :
		    STORE_AUDIT_PRUNED);
	if (seal_now->found < seal_now->count)
		return (STORE_AUDIT_MISSING);
	if (seal_now->found > seal_now->count)
		return (STORE_AUDIT_ADDED);
	if (!base_bytes_equal(seal_now->hash, BASE_SHA256_LEN,
	    seal_now->found_hash, BASE_SHA256_LEN))
		return (STORE_AUDIT_CHANGED);

	return (STORE_AUDIT_OK);
}

const char *
store_audit_verdict_text(enum store_audit_verdict verdict)
{
	switch (verdict) {
	case STORE_AUDIT_OK:
		return ("sound");
	case STORE_AUDIT_GAP:
		return ("does not begin where the seal before it ends: a seal "
		    "is missing or was moved");
	case STORE_AUDIT_CHAIN:
		return ("is not chained to the seal before it");
	case STORE_AUDIT_MISSING:
		return ("lacks rows: they were deleted");
	case STORE_AUDIT_ADDED:
		return ("has more rows than were sealed: some were put in");
	case STORE_AUDIT_CHANGED:
		return ("does not match its rows: one of them, or the seal, "
		    "was changed");
	case STORE_AUDIT_PRUNED:
		return ("says that its rows were pruned, but older ones were "
		    "not");
	}

	return ("is broken");
}
