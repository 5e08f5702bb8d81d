/*
 * Sessions in the database.
 */

#include "store/store_session.h"

#include <stdio.h>

#include "store/store_outbox.h"

#define FAILURE_COLUMNS	8	/* id, event, reason, person, ... */

static const struct store_statement find = {
	.name = "session_find",
	.sql =
	    "SELECT " STORE_SESSION_COLUMNS ", " STORE_USER_COLUMNS
	    " FROM " STORE_SESSION_LIVE "WHERE " STORE_SESSION_LIVE_WHERE,
	.types = "b",
	.columns = STORE_SESSION_COLUMN_COUNT + STORE_USER_COLUMN_COUNT,
	.lane = STORE_FAST,
	.repeatable = true,
};

/*
 * Who wins when things arrive together:
 *
 * - The passkey's row is locked first, so a removal that commits before us
 *   leaves nothing to lock ("gone"), and one that comes later ends what we
 *   made by the join on passkeys.
 * - Of two assertions over one challenge the second insert waits for the
 *   first and then inserts nothing ("spent").
 * - "forward" is judged on the locked row, so of two with one count the
 *   second has gone back.
 * - A browser has one live session.  The same person's row is kept; another
 *   person's is ended before the insert looks for a conflict, and one that
 *   another person makes at this very moment is left alone ("conflict").
 *
 * A browser that this person was never seen in is worth a mail, unless it is
 * their first.
 *
 * A cookie digest that is there before we begin is our own work: the answer
 * was lost, and this is the repetition.
 */
static const struct store_statement sign_in = {
	.name = "session_sign_in",
	.sql =
	    "WITH own AS MATERIALIZED ("
	    "SELECT id FROM sessions WHERE cookie_digest = $8"
	    "), locked AS MATERIALIZED ("
	    "SELECT p.id, p.backup_eligible, "
	    "$3 > p.sign_count OR ($3 = 0 AND p.sign_count = 0) AS forward "
	    "FROM passkeys p "
	    "JOIN users u ON u.id = p.user_id AND u.disabled_at IS NULL "
	    "WHERE p.id = $2 AND p.user_id = $1 "
	    "AND NOT EXISTS (SELECT FROM own) "
	    "FOR NO KEY UPDATE OF p"
	    "), spent AS ("
	    "INSERT INTO challenges (digest, expires_at) "
	    "SELECT $5, to_timestamp($6) FROM locked "
	    "WHERE forward OR backup_eligible "
	    "ON CONFLICT DO NOTHING RETURNING expires_at"
	    "), moved AS ("
	    "UPDATE passkeys p SET sign_count = greatest(p.sign_count, $3), "
	    "backup_state = $4, last_used_at = now(), "
	    "last_used_address = " STORE_PLACE_ADDRESS("$11") ", "
	    "last_used_device = " STORE_PLACE_TEXT("$12") " "
	    "FROM locked, spent WHERE p.id = locked.id RETURNING p.id"
	    "), other AS ("
	    "UPDATE sessions s SET ended_at = now(), "
	    "end_reason = 'other_person' "
	    "FROM moved WHERE s.browser_digest = $9 AND s.ended_at IS NULL "
	    "AND s.user_id <> $1 RETURNING s.id, s.user_id"
	    "), made AS ("
	    "INSERT INTO sessions AS s (id, user_id, cookie_digest, "
	    "browser_digest, passkey_id, auth_time, expires_at, address, "
	    "device) "
	    "SELECT $7, $1, $8, $9, moved.id, now(), "
	    "now() + make_interval(secs => $10), "
	    STORE_PLACE_ADDRESS("$11") ", " STORE_PLACE_TEXT("$12") " "
	    "FROM moved WHERE (SELECT count(*) FROM other) >= 0 "
	    "ON CONFLICT (browser_digest) WHERE ended_at IS NULL "
	    "DO UPDATE SET cookie_digest = EXCLUDED.cookie_digest, "
	    "passkey_id = EXCLUDED.passkey_id, "
	    "auth_time = EXCLUDED.auth_time, last_active_at = now(), "
	    "expires_at = EXCLUDED.expires_at, address = EXCLUDED.address, "
	    "device = EXCLUDED.device "
	    "WHERE s.user_id = EXCLUDED.user_id RETURNING s.id"
	    "), known AS ("
	    "INSERT INTO browsers AS b (user_id, digest) "
	    "SELECT $1, $9 FROM made ON CONFLICT (user_id, digest) "
	    "DO UPDATE SET seen_at = now() "
	    "WHERE b.seen_at < now() - interval '30 days' RETURNING b.digest"
	    "), mailed AS ("
	    STORE_OUTBOX_MAIL("new_device", "$1",
	    "jsonb_build_object('device', " STORE_PLACE_TEXT("$12")
	    ", 'address', " STORE_PLACE_TEXT("$11") ")", "known")
	    "AND NOT EXISTS (SELECT FROM browsers b "
	    "WHERE b.user_id = $1 AND b.digest = $9) "
	    "AND EXISTS (SELECT FROM browsers b WHERE b.user_id = $1)"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, result, actor_id, user_id, "
	    "session_id, address, device, request_id, detail) "
	    "SELECT $14, 'sign_in', CASE WHEN made.id IS NULL THEN 'clone' "
	    "WHEN forward THEN 'ok' ELSE 'counter_back' END, "
	    "$1, $1, made.id, " STORE_PLACE_ADDRESS("$11") ", "
	    STORE_PLACE_TEXT("$12") ", " STORE_PLACE_TEXT("$13") ", "
	    "jsonb_build_object('passkey', $2) "
	    "FROM locked LEFT JOIN made ON true "
	    "WHERE made.id IS NOT NULL OR NOT (forward OR backup_eligible)"
	    "), audited_other AS ("
	    "INSERT INTO audit (id, event, result, actor_id, user_id, "
	    "session_id, address, device, request_id) "
	    "SELECT $15, 'sign_out', 'other_person', $1, user_id, id, "
	    STORE_PLACE_ADDRESS("$11") ", " STORE_PLACE_TEXT("$12") ", "
	    STORE_PLACE_TEXT("$13") " FROM other"
	    ") SELECT CASE "
	    "WHEN EXISTS (SELECT FROM made) OR EXISTS (SELECT FROM own) "
	    "THEN 'ok' "
	    "WHEN NOT EXISTS (SELECT FROM locked) THEN 'gone' "
	    "WHEN NOT (SELECT forward OR backup_eligible FROM locked) "
	    "THEN 'refused' "
	    "WHEN NOT EXISTS (SELECT FROM spent) THEN 'spent' "
	    "ELSE 'conflict' END, "
	    "coalesce((SELECT id FROM made), (SELECT id FROM own))",
	.types = "uuiobiubbitttuu",
	.columns = 2,
	.lane = STORE_FAST,
	.repeatable = true,
};

/*
 * The apps that a person has let in and that may go on without us, with their
 * addresses.  Consents say it: grants are not looked up by person.
 */
#define APPS_LEFT(column, person)					\
	"ARRAY (SELECT " column " FROM consents k "			\
	"JOIN clients c ON c.id = k.client_id AND c.disabled_at IS NULL " \
	"WHERE k.user_id = (" person ") ORDER BY lower(c.name), c.id "	\
	"LIMIT 8)"
#define APPS_LEFT_COLUMNS						\
	APPS_LEFT("c.name", "SELECT user_id FROM ended LIMIT 1") ", "	\
	APPS_LEFT("coalesce(c.client_uri, '')",				\
	"SELECT user_id FROM ended LIMIT 1")
_Static_assert(STORE_SESSION_APPS_MAX == 8, "LIMIT of APPS_LEFT");

static const struct store_statement end = {
	.name = "session_end",
	.sql =
	    "WITH ended AS ("
	    "UPDATE sessions SET ended_at = now(), end_reason = 'sign_out' "
	    "WHERE cookie_digest = $1 AND ended_at IS NULL "
	    "RETURNING id, user_id"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, actor_id, user_id, session_id, "
	    "address, device, request_id) "
	    "SELECT $5, 'sign_out', user_id, user_id, id, "
	    STORE_PLACE_ADDRESS("$2") ", " STORE_PLACE_TEXT("$3") ", "
	    STORE_PLACE_TEXT("$4") " FROM ended"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM ended) THEN 'ok' "
	    "ELSE 'missing' END, " APPS_LEFT_COLUMNS,
	.types = "btttu",
	.columns = 3,
	.lane = STORE_FAST,
	.repeatable = true,
};

/*
 * Whose session is live ends all of the person's, expired ones too: those
 * still keep grants alive.  A sign-in that commits after we began is a later
 * one.  What a login link made may not do this.  Not repeatable: the second
 * time nobody is signed in, and "missing" must not pass for done.
 */
static const struct store_statement end_all = {
	.name = "session_end_all",
	.sql =
	    "WITH caller AS MATERIALIZED ("
	    "SELECT s.id, s.user_id FROM " STORE_SESSION_LIVE
	    "WHERE " STORE_SESSION_LIVE_WHERE
	    "AND s.passkey_id IS NOT NULL"
	    "), ended AS ("
	    "UPDATE sessions s SET ended_at = now(), "
	    "end_reason = 'sign_out_everywhere' FROM caller "
	    "WHERE s.user_id = caller.user_id AND s.ended_at IS NULL "
	    "RETURNING s.id, s.user_id"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, result, actor_id, user_id, "
	    "session_id, address, device, request_id, detail) "
	    "SELECT $5, 'sign_out', 'everywhere', user_id, user_id, id, "
	    STORE_PLACE_ADDRESS("$2") ", " STORE_PLACE_TEXT("$3") ", "
	    STORE_PLACE_TEXT("$4") ", jsonb_build_object('sessions', "
	    "(SELECT count(*) FROM ended)) FROM caller"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM ended) THEN 'ok' "
	    "ELSE 'missing' END, " APPS_LEFT_COLUMNS,
	.types = "btttu",
	.columns = 3,
	.lane = STORE_FAST,
};

/* In the order of their keys and passing over what somebody holds: two
 * workers never wait for each other. */
static const struct store_statement touch = {
	.name = "session_touch",
	.sql =
	    "WITH used AS ("
	    "SELECT id FROM sessions WHERE id = ANY ($1::uuid[]) "
	    "AND ended_at IS NULL ORDER BY id "
	    "FOR NO KEY UPDATE SKIP LOCKED"
	    "), touched AS ("
	    "UPDATE sessions s SET last_active_at = now() FROM used "
	    "WHERE s.id = used.id RETURNING s.id"
	    ") SELECT 'ok' FROM (SELECT count(*) FROM touched) AS done",
	.types = "T",
	.columns = 1,
	.lane = STORE_SLOW,
};

static const struct store_statement failures = {
	.name = "session_failures",
	.sql =
	    "WITH audited AS ("
	    "INSERT INTO audit (id, event, result, user_id, client_id, "
	    "address, device, detail) "
	    "SELECT f.id::uuid, f.event, f.reason, "
	    "nullif(f.person, '')::uuid, c.id, "
	    "nullif(f.address, '')::inet, nullif(f.device, ''), "
	    "jsonb_build_object('count', f.count::int8) "
	    "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS f (id, event, "
	    "reason, person, client, address, device, count) "
	    "LEFT JOIN clients c ON c.client_id = f.client RETURNING id"
	    ") SELECT 'ok' FROM (SELECT count(*) FROM audited) AS done",
	.types = "TTTTTTTT",
	.columns = 1,
	.lane = STORE_SLOW,
};

const struct store_statement *const store_session_web[] = {
	&end,
	&end_all,
	&failures,
	&find,
	&sign_in,
	&touch,
	NULL
};

static bool
session_decode(const struct store_result *result, struct account_session *out)
{
	if (store_cell_null(result, 0, 2))
		out->passkey_id = (struct base_uuid){ { 0 } };
	else if (!store_cell_uuid(result, 0, 2, &out->passkey_id))
		return (false);

	return (store_cell_uuid(result, 0, 0, &out->id) &&
	    store_cell_uuid(result, 0, 1, &out->user_id) &&
	    store_cell_int(result, 0, 3, &out->auth_time) &&
	    store_cell_int(result, 0, 4, &out->created_at) &&
	    store_cell_int(result, 0, 5, &out->expires_at));
}

struct store_call *
store_session_find(struct base_arena *arena,
    const uint8_t cookie_digest[BASE_SHA256_LEN])
{
	struct store_call	*call = store_call(arena, &find);

	store_bytes(call, cookie_digest, BASE_SHA256_LEN);
	return (call);
}

enum store_status
store_session_found(const struct store_result *result,
    struct account_session *session, struct account_user *user)
{
	if (store_result_status(result) != STORE_OK)
		return (STORE_FAILED);
	if (store_result_rows(result) == 0)
		return (STORE_MISSING);
	if (!session_decode(result, session) ||
	    !store_user_decode(result, 0, STORE_SESSION_COLUMN_COUNT, user))
		return (STORE_FAILED);

	return (STORE_OK);
}

struct store_call *
store_session_sign_in(struct base_arena *arena,
    const struct store_session_new *session,
    const struct store_session_challenge *challenge,
    const struct store_session_assertion *assertion,
    const struct store_place *place)
{
	struct base_uuid	 audit = base_uuid_new();
	struct base_uuid	 audit_other = base_uuid_new();
	struct store_call	*call = store_call(arena, &sign_in);

	store_uuid(call, &assertion->user_id);
	store_uuid(call, &assertion->passkey_id);
	store_int(call, assertion->sign_count);
	store_bool(call, assertion->backup_state);
	store_bytes(call, challenge->digest, sizeof(challenge->digest));
	store_int(call, challenge->expires_at);
	store_uuid(call, &session->id);
	store_bytes(call, session->cookie_digest,
	    sizeof(session->cookie_digest));
	store_bytes(call, session->browser_digest,
	    sizeof(session->browser_digest));
	store_int(call, session->seconds);
	store_place(call, place);
	store_uuid(call, &audit);
	store_uuid(call, &audit_other);
	return (call);
}

enum store_status
store_session_signed_in(const struct store_result *result,
    struct base_uuid *session_id)
{
	enum store_status	status = store_verdict(result);

	if (status == STORE_OK && !store_cell_uuid(result, 0, 1, session_id))
		return (STORE_FAILED);

	return (status);
}

static struct store_call *
end_call(struct base_arena *arena, const struct store_statement *statement,
    const uint8_t cookie_digest[BASE_SHA256_LEN],
    const struct store_place *place)
{
	struct base_uuid	 audit = base_uuid_new();
	struct store_call	*call = store_call(arena, statement);

	store_bytes(call, cookie_digest, BASE_SHA256_LEN);
	store_place(call, place);
	store_uuid(call, &audit);
	return (call);
}

struct store_call *
store_session_end(struct base_arena *arena,
    const uint8_t cookie_digest[BASE_SHA256_LEN],
    const struct store_place *place)
{
	return (end_call(arena, &end, cookie_digest, place));
}

struct store_call *
store_session_end_all(struct base_arena *arena,
    const uint8_t cookie_digest[BASE_SHA256_LEN],
    const struct store_place *place)
{
	return (end_call(arena, &end_all, cookie_digest, place));
}

enum store_status
store_session_ended(const struct store_result *result,
    struct store_session_apps *out)
{
	size_t			 uris;
	enum store_status	 status = store_verdict(result);

	out->count = 0;
	if (status == STORE_OK && (!store_cell_texts(result, 0, 1, out->names,
	    STORE_SESSION_APPS_MAX, &out->count) || !store_cell_texts(result,
	    0, 2, out->uris, STORE_SESSION_APPS_MAX, &uris) ||
	    uris != out->count))
		return (STORE_FAILED);

	return (status);
}

struct store_call *
store_session_touch(struct base_arena *arena, const struct base_uuid *ids,
    size_t count)
{
	char			 text[BASE_UUID_TEXT_LEN + 1];
	const char		**list;
	struct store_call	*call = store_call(arena, &touch);

	list = base_arena_new(arena, (count + 1) * sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		base_uuid_format(&ids[i], text);
		list[i] = base_arena_text(arena, text, BASE_UUID_TEXT_LEN);
	}
	store_texts(call, list);
	return (call);
}

struct store_call *
store_session_failures(struct base_arena *arena,
    const struct store_session_failure *list, size_t count)
{
	char			 text[BASE_UUID_TEXT_LEN + 1];
	const char		*column[FAILURE_COLUMNS]
				    [STORE_SESSION_FAILURES_MAX + 1];
	struct base_uuid	 id;
	struct store_call	*call = store_call(arena, &failures);

	if (count > STORE_SESSION_FAILURES_MAX)
		count = STORE_SESSION_FAILURES_MAX;

	for (size_t i = 0; i < count; i++) {
		id = base_uuid_new();
		base_uuid_format(&id, text);
		column[0][i] = base_arena_text(arena, text,
		    BASE_UUID_TEXT_LEN);
		column[1][i] = list[i].event;
		column[2][i] = list[i].reason;
		base_uuid_format(&list[i].user_id, text);
		column[3][i] = base_uuid_empty(&list[i].user_id) ? "" :
		    base_arena_text(arena, text, BASE_UUID_TEXT_LEN);
		column[4][i] = list[i].client_id;
		column[5][i] = list[i].address;
		column[6][i] = list[i].device;
		column[7][i] = base_arena_format(arena, "%lld",
		    (long long)list[i].count);
	}
	for (size_t c = 0; c < FAILURE_COLUMNS; c++) {
		column[c][count] = NULL;
		store_texts(call, column[c]);
	}
	return (call);
}
