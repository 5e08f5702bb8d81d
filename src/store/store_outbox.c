/*
 * The outbox.
 */

#include "store/store_outbox.h"

#define TEXT(x)		TEXT_(x)
#define TEXT_(x)	#x

/*
 * One row, skipping those that another node holds.  Whether it is still
 * wanted is judged by the live rows; a link that ends at this very moment is
 * not armed, and the row is found to be gone when it is due again.
 */
static const struct store_statement claim = {
	.name = "outbox_claim",
	.sql =
	    "WITH due AS MATERIALIZED ("
	    "SELECT o.id FROM outbox o "
	    "WHERE o.done_at IS NULL AND o.due_at <= now() "
	    "ORDER BY o.due_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"
	    "), wanted AS ("
	    "SELECT o.id, coalesce(u.email, o.recipient) AS address, "
	    "u.username, u.display_name, u.locale, l.id AS link, "
	    "l.expires_at AS link_until, "
	    "u.disabled_at IS NULL AND coalesce(u.email, o.recipient) "
	    "IS NOT NULL AND (o.link_id IS NULL OR l.id IS NOT NULL) AS good "
	    "FROM due JOIN outbox o ON o.id = due.id "
	    "LEFT JOIN users u ON u.id = o.user_id "
	    "LEFT JOIN login_links l ON l.id = o.link_id "
	    "AND l.user_id = o.user_id AND l.used_at IS NULL "
	    "AND l.ended_at IS NULL "
	    "AND l.expires_at > now()"
	    "), taken AS ("
	    "UPDATE outbox o SET claim = $1, "
	    "tries = o.tries + wanted.good::integer, "
	    "due_at = now() + interval '" TEXT(STORE_OUTBOX_LEASE) " seconds', "
	    "done_at = CASE WHEN NOT wanted.good THEN now() END, "
	    "outcome = CASE WHEN NOT wanted.good THEN 'gone' END "
	    "FROM wanted WHERE o.id = wanted.id AND o.done_at IS NULL "
	    "RETURNING o.id, o.kind, o.tries, o.created_at, o.detail, "
	    "o.link_id, wanted.address, wanted.username, "
	    "wanted.display_name, wanted.locale, wanted.link_until, "
	    "wanted.good"
	    "), armed AS ("
	    "UPDATE login_links l SET digest = $2 FROM taken "
	    "WHERE taken.good AND l.id = taken.link_id "
	    "AND l.used_at IS NULL AND l.ended_at IS NULL "
	    "AND l.expires_at > now() RETURNING l.id"
	    ") SELECT CASE WHEN taken.id IS NULL THEN 'missing' "
	    "WHEN taken.good AND (taken.link_id IS NULL "
	    "OR EXISTS (SELECT FROM armed)) THEN 'ok' ELSE 'gone' END, "
	    "taken.id, $1, taken.kind, taken.tries, taken.address, "
	    "coalesce(taken.username, ''), coalesce(taken.display_name, ''), "
	    "coalesce(taken.locale, ''), "
	    "extract(epoch FROM taken.created_at)::int8, "
	    "coalesce(extract(epoch FROM taken.link_until)::int8, 0), "
	    "taken.detail::text "
	    "FROM (SELECT) AS one LEFT JOIN taken ON true",
	.types = "ub",
	.columns = 12,
	.lane = STORE_SLOW,
};

static const struct store_statement sent = {
	.name = "outbox_sent",
	.sql =
	    "WITH done AS ("
	    "UPDATE outbox SET done_at = now(), outcome = 'sent', "
	    "last_error = NULL "
	    "WHERE id = $1 AND claim = $2 AND done_at IS NULL "
	    "RETURNING kind, user_id, link_id"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, user_id, detail) "
	    "SELECT $3, 'login_link_sent', user_id, "
	    "jsonb_build_object('link', link_id) FROM done "
	    "WHERE kind = 'login_link'"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM done) THEN 'ok' "
	    "ELSE 'stale' END",
	.types = "uuu",
	.columns = 1,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement failed = {
	.name = "outbox_failed",
	.sql =
	    "WITH tried AS ("
	    "SELECT id, $4 OR kind = 'test' OR tries >= "
	    TEXT(STORE_OUTBOX_TRIES) " AS over FROM outbox "
	    "WHERE id = $1 AND claim = $2 AND done_at IS NULL"
	    "), noted AS ("
	    "UPDATE outbox o SET last_error = $3, claim = NULL, "
	    "due_at = now() + least(interval '2 hours', "
	    "interval '30 seconds' * power(2, least(o.tries, 20) - 1)), "
	    "done_at = CASE WHEN tried.over THEN now() END, "
	    "outcome = CASE WHEN tried.over THEN 'failed' END "
	    "FROM tried WHERE o.id = tried.id AND o.claim = $2 "
	    "AND o.done_at IS NULL "
	    "RETURNING o.id, o.kind, o.user_id, o.tries, tried.over"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, result, user_id, detail) "
	    "SELECT $5, 'mail_failed', 'failed', user_id, "
	    "jsonb_build_object('mail', id, 'kind', kind, 'tries', tries, "
	    "'error', $3) FROM noted WHERE over"
	    ") SELECT CASE WHEN NOT EXISTS (SELECT FROM noted) THEN 'stale' "
	    "WHEN (SELECT over FROM noted) THEN 'spent' ELSE 'ok' END",
	.types = "uutou",
	.columns = 1,
	.lane = STORE_SLOW,
};

static const struct store_statement enable = {
	.name = "outbox_enable",
	.sql =
	    "WITH changed AS ("
	    "UPDATE installation SET mail = $1 WHERE mail <> $1 RETURNING one"
	    ") SELECT 'ok' FROM (SELECT count(*) FROM changed) AS done",
	.types = "o",
	.columns = 1,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement test = {
	.name = "outbox_test",
	.sql =
	    "WITH queued AS ("
	    "INSERT INTO outbox (id, kind, recipient) "
	    "SELECT $1, 'test', $2 FROM installation WHERE mail RETURNING id"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM queued) THEN 'ok' "
	    "ELSE 'refused' END",
	.types = "ut",
	.columns = 1,
	.lane = STORE_SLOW,
};

#define ROW_COLUMN_COUNT	9
#define ROW_COLUMNS							\
	"o.id, o.kind, coalesce(u.username, o.recipient), "		\
	"extract(epoch FROM o.created_at)::int8, "			\
	"extract(epoch FROM o.due_at)::int8, "				\
	"coalesce(extract(epoch FROM o.done_at)::int8, 0), "		\
	"o.tries, coalesce(o.outcome, 'waiting'), "			\
	"coalesce(o.last_error, '') "					\
	"FROM outbox o LEFT JOIN users u ON u.id = o.user_id "

/* Two halves, each read along its own index. */
static const struct store_statement list = {
	.name = "outbox_list",
	.sql =
	    "(SELECT " ROW_COLUMNS "WHERE o.done_at IS NULL "
	    "ORDER BY o.due_at LIMIT " TEXT(STORE_OUTBOX_LIST_MAX) ") "
	    "UNION ALL "
	    "(SELECT " ROW_COLUMNS "WHERE o.done_at IS NOT NULL "
	    "AND o.outcome = 'failed' "
	    "ORDER BY o.done_at DESC LIMIT " TEXT(STORE_OUTBOX_LIST_MAX) ")",
	.types = "",
	.columns = ROW_COLUMN_COUNT,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement find = {
	.name = "outbox_find",
	.sql = "SELECT " ROW_COLUMNS "WHERE o.id = $1",
	.types = "u",
	.columns = ROW_COLUMN_COUNT,
	.lane = STORE_SLOW,
	.repeatable = true,
};

/* One that is being sent is left alone: its error is cleared by no one. */
static const struct store_statement retry = {
	.name = "outbox_retry",
	.sql =
	    "WITH now_due AS ("
	    "UPDATE outbox SET due_at = now() "
	    "WHERE done_at IS NULL AND claim IS NULL RETURNING id"
	    ") SELECT 'ok', (SELECT count(*) FROM now_due)",
	.types = "",
	.columns = 2,
	.lane = STORE_SLOW,
	.repeatable = true,
};

const struct store_statement *const store_outbox_jobs[] = {
	&claim,
	&enable,
	&failed,
	&sent,
	NULL
};

const struct store_statement *const store_outbox_owner[] = {
	&find,
	&list,
	&retry,
	&test,
	NULL
};

const struct store_statement *const store_outbox_web[] = {
	&list,
	NULL
};

struct store_call *
store_outbox_claim(struct base_arena *arena,
    const uint8_t digest[BASE_SHA256_LEN])
{
	struct base_uuid	 id = base_uuid_new();
	struct store_call	*call = store_call(arena, &claim);

	store_uuid(call, &id);
	store_bytes(call, digest, BASE_SHA256_LEN);
	return (call);
}

enum store_status
store_outbox_claimed(const struct store_result *result,
    struct store_outbox_item *out)
{
	enum store_status	status = store_verdict(result);

	if (status != STORE_OK)
		return (status);
	if (!store_cell_uuid(result, 0, 1, &out->id) ||
	    !store_cell_uuid(result, 0, 2, &out->claim) ||
	    !store_cell_text(result, 0, 3, out->kind, sizeof(out->kind)) ||
	    !store_cell_int(result, 0, 4, &out->tries) ||
	    !store_cell_text(result, 0, 5, out->address,
	    sizeof(out->address)) ||
	    !store_cell_text(result, 0, 6, out->username,
	    sizeof(out->username)) ||
	    !store_cell_text(result, 0, 7, out->name, sizeof(out->name)) ||
	    !store_cell_text(result, 0, 8, out->locale,
	    sizeof(out->locale)) ||
	    !store_cell_int(result, 0, 9, &out->created_at) ||
	    !store_cell_int(result, 0, 10, &out->link_until) ||
	    !store_cell_text(result, 0, 11, out->detail,
	    sizeof(out->detail)))
		return (STORE_FAILED);

	return (STORE_OK);
}

struct store_call *
store_outbox_sent(struct base_arena *arena,
    const struct store_outbox_item *item)
{
	struct base_uuid	 audit = base_uuid_new();
	struct store_call	*call = store_call(arena, &sent);

	store_uuid(call, &item->id);
	store_uuid(call, &item->claim);
	store_uuid(call, &audit);
	return (call);
}

struct store_call *
store_outbox_failed(struct base_arena *arena,
    const struct store_outbox_item *item, const char *error, bool for_good)
{
	struct base_uuid	 audit = base_uuid_new();
	struct store_call	*call = store_call(arena, &failed);

	store_uuid(call, &item->id);
	store_uuid(call, &item->claim);
	store_text(call, error);
	store_bool(call, for_good);
	store_uuid(call, &audit);
	return (call);
}

struct store_call *
store_outbox_enable(struct base_arena *arena, bool mail)
{
	struct store_call	*call = store_call(arena, &enable);

	store_bool(call, mail);
	return (call);
}

struct store_call *
store_outbox_test(struct base_arena *arena, const struct base_uuid *id,
    const char *address)
{
	struct store_call	*call = store_call(arena, &test);

	store_uuid(call, id);
	store_text(call, address);
	return (call);
}

struct store_call *
store_outbox_list(struct base_arena *arena)
{
	return (store_call(arena, &list));
}

struct store_call *
store_outbox_find(struct base_arena *arena, const struct base_uuid *id)
{
	struct store_call	*call = store_call(arena, &find);

	store_uuid(call, id);
	return (call);
}

bool
store_outbox_row(const struct store_result *result, int row,
    struct store_outbox_row *out)
{
	return (store_cell_uuid(result, row, 0, &out->id) &&
	    store_cell_text(result, row, 1, out->kind, sizeof(out->kind)) &&
	    store_cell_text(result, row, 2, out->to, sizeof(out->to)) &&
	    store_cell_int(result, row, 3, &out->created_at) &&
	    store_cell_int(result, row, 4, &out->due_at) &&
	    store_cell_int(result, row, 5, &out->done_at) &&
	    store_cell_int(result, row, 6, &out->tries) &&
	    store_cell_text(result, row, 7, out->outcome,
	    sizeof(out->outcome)) &&
	    store_cell_text(result, row, 8, out->error,
	    sizeof(out->error)));
}

struct store_call *
store_outbox_retry(struct base_arena *arena)
{
	return (store_call(arena, &retry));
}
