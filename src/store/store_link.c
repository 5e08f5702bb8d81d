/*
 * One-time login links in the database.
 */

#include "store/store_link.h"

#include "base/base_random.h"
#include "store/store_outbox.h"
#include "store/store_user_change.h"

static const struct store_statement create = {
	.name = "link_create",
	.sql =
	    "WITH target AS ("
	    "SELECT id FROM users WHERE id = $1 AND disabled_at IS NULL"
	    "), " STORE_USER_CHANGE_LINK("$2", "$3", "$4", "NULL")
	    "audited AS ("
	    "INSERT INTO audit (id, event, user_id, detail) "
	    "SELECT $5, 'login_link_created', user_id, "
	    "jsonb_build_object('link', $2, 'seconds', $4) FROM made"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM made) THEN 'ok' "
	    "WHEN EXISTS (SELECT FROM users WHERE id = $1) THEN 'gone' "
	    "ELSE 'missing' END",
	.types = "uubiu",
	.columns = 1,
	.lane = STORE_SLOW,
};

/*
 * To be mailed: the row gets its code, and with it a digest that opens
 * something, when the mail is sent.
 */
static const struct store_statement mail = {
	.name = "link_mail",
	.sql =
	    "WITH target AS ("
	    "SELECT u.id FROM users u, installation i WHERE u.id = $1 "
	    "AND u.disabled_at IS NULL AND u.email IS NOT NULL AND i.mail"
	    "), " STORE_USER_CHANGE_LINK("$2", "$3", "$4", "NULL")
	    "mailed AS ("
	    STORE_OUTBOX_LINK("made.user_id", "made.id",
	    "jsonb_build_object('seconds', $4)", "made")
	    "), audited AS ("
	    "INSERT INTO audit (id, event, user_id, detail) "
	    "SELECT $5, 'login_link_created', user_id, "
	    "jsonb_build_object('link', id, 'seconds', $4, 'mail', true) "
	    "FROM made"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM made) THEN 'ok' "
	    "WHEN NOT EXISTS (SELECT FROM users WHERE id = $1) THEN 'missing' "
	    "WHEN EXISTS (SELECT FROM users WHERE id = $1 "
	    "AND disabled_at IS NOT NULL) THEN 'gone' ELSE 'refused' END",
	.types = "uubiu",
	.columns = 1,
	.lane = STORE_SLOW,
};

#define LINK_LIVE							\
	"l.digest = $1 AND l.used_at IS NULL AND l.ended_at IS NULL "	\
	"AND l.expires_at > now() "					\
	"AND u.id = l.user_id AND u.disabled_at IS NULL "

static const struct store_statement find = {
	.name = "link_find",
	.sql =
	    "SELECT " STORE_USER_COLUMNS " FROM login_links l, users u "
	    "WHERE " LINK_LIVE,
	.types = "b",
	.columns = STORE_USER_COLUMN_COUNT,
	.lane = STORE_FAST,
	.repeatable = true,
};

/*
 * The UPDATE of the link decides: the second one waits for the first, finds
 * used_at set and has no row.  The session of this browser ends, whoever's it
 * is: a link proves less than a passkey, and must not lower a session that a
 * passkey made.  A session that appears in the browser meanwhile breaks its
 * unique key and undoes everything ("conflict", by SQLSTATE 23505).
 */
static const struct store_statement spend = {
	.name = "link_spend",
	.sql =
	    "WITH own AS MATERIALIZED ("
	    "SELECT id FROM sessions WHERE cookie_digest = $3"
	    "), link AS ("
	    "UPDATE login_links l SET used_at = now() FROM users u "
	    "WHERE " LINK_LIVE "AND NOT EXISTS (SELECT FROM own) "
	    "RETURNING l.user_id, l.id"
	    "), ended AS ("
	    "UPDATE sessions s SET ended_at = now(), "
	    "end_reason = 'login_link' FROM link "
	    "WHERE s.browser_digest = $4 AND s.ended_at IS NULL "
	    "RETURNING s.id, s.user_id"
	    "), made AS ("
	    "INSERT INTO sessions (id, user_id, cookie_digest, "
	    "browser_digest, auth_time, expires_at, address, device) "
	    "SELECT $2, link.user_id, $3, $4, now(), "
	    "now() + make_interval(secs => $5), "
	    STORE_PLACE_ADDRESS("$6") ", " STORE_PLACE_TEXT("$7") " "
	    "FROM link WHERE (SELECT count(*) FROM ended) >= 0 "
	    "RETURNING id, user_id"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, actor_id, user_id, session_id, "
	    "address, device, request_id, detail) "
	    "SELECT $9, 'one_time_login', made.user_id, made.user_id, "
	    "made.id, " STORE_PLACE_ADDRESS("$6") ", "
	    STORE_PLACE_TEXT("$7") ", " STORE_PLACE_TEXT("$8") ", "
	    "jsonb_build_object('link', link.id) FROM made, link"
	    "), mailed AS ("
	    STORE_OUTBOX_MAIL("login_link_used", "made.user_id",
	    "jsonb_build_object('device', " STORE_PLACE_TEXT("$7")
	    ", 'address', " STORE_PLACE_TEXT("$6") ")", "made")
	    "), audited_end AS ("
	    "INSERT INTO audit (id, event, result, actor_id, user_id, "
	    "session_id, address, device, request_id) "
	    "SELECT $10, 'sign_out', 'login_link', link.user_id, "
	    "ended.user_id, ended.id, " STORE_PLACE_ADDRESS("$6") ", "
	    STORE_PLACE_TEXT("$7") ", " STORE_PLACE_TEXT("$8") " "
	    "FROM ended, link"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM made) "
	    "OR EXISTS (SELECT FROM own) THEN 'ok' ELSE 'gone' END",
	.types = "bubbitttuu",
	.columns = 1,
	.lane = STORE_FAST,
	.repeatable = true,
};

const struct store_statement *const store_link_web[] = {
	&find,
	&spend,
	NULL
};

const struct store_statement *const store_link_owner[] = {
	&create,
	&mail,
	NULL
};

static struct store_call *
link_call(struct base_arena *arena, const struct store_statement *statement,
    const struct base_uuid *user_id, const uint8_t digest[BASE_SHA256_LEN],
    int64_t seconds)
{
	struct base_uuid	 id = base_uuid_new();
	struct base_uuid	 audit = base_uuid_new();
	struct store_call	*call = store_call(arena, statement);

	store_uuid(call, user_id);
	store_uuid(call, &id);
	store_bytes(call, digest, BASE_SHA256_LEN);
	store_int(call, seconds);
	store_uuid(call, &audit);
	return (call);
}

struct store_call *
store_link_create(struct base_arena *arena, const struct base_uuid *user_id,
    const uint8_t digest[BASE_SHA256_LEN], int64_t seconds)
{
	return (link_call(arena, &create, user_id, digest, seconds));
}

struct store_call *
store_link_mail(struct base_arena *arena, const struct base_uuid *user_id,
    int64_t seconds)
{
	uint8_t	nobodys[BASE_SHA256_LEN];

	base_random_bytes(nobodys, sizeof(nobodys));
	return (link_call(arena, &mail, user_id, nobodys, seconds));
}

struct store_call *
store_link_find(struct base_arena *arena,
    const uint8_t digest[BASE_SHA256_LEN])
{
	struct store_call	*call = store_call(arena, &find);

	store_bytes(call, digest, BASE_SHA256_LEN);
	return (call);
}

enum store_status
store_link_found(const struct store_result *result, struct account_user *user)
{
	enum store_status	status = store_user_found(result, user);

	return (status == STORE_MISSING ? STORE_GONE : status);
}

struct store_call *
store_link_spend(struct base_arena *arena,
    const uint8_t digest[BASE_SHA256_LEN],
    const struct store_session_new *session, const struct store_place *place)
{
	struct base_uuid	 audit = base_uuid_new();
	struct base_uuid	 audit_end = base_uuid_new();
	struct store_call	*call = store_call(arena, &spend);

	store_bytes(call, digest, BASE_SHA256_LEN);
	store_uuid(call, &session->id);
	store_bytes(call, session->cookie_digest,
	    sizeof(session->cookie_digest));
	store_bytes(call, session->browser_digest,
	    sizeof(session->browser_digest));
	store_int(call, session->seconds);
	store_place(call, place);
	store_uuid(call, &audit);
	store_uuid(call, &audit_end);
	return (call);
}
