/*
 * What else is a person's own.
 */

#include "store/store_own.h"

#define VERDICT(done)							\
	"SELECT CASE WHEN NOT EXISTS (SELECT FROM caller) THEN 'gone' "	\
	"WHEN EXISTS (SELECT FROM " done ") THEN 'ok' "			\
	"ELSE 'missing' END"

#define SECONDS(column)	"extract(epoch FROM " column ")::int8"

/* --- sessions -------------------------------------------------------------- */

/* A session whose passkey is gone is dead already. */
static const struct store_statement sessions = {
	.name = "own_sessions",
	.sql =
	    "WITH " STORE_CALLER_READ(STORE_CALLER_USER)
	    "SELECT s.id, s.id = caller.session_id, coalesce(p.name, ''), "
	    "coalesce(host(s.address), ''), coalesce(s.device, ''), "
	    SECONDS("s.created_at") ", " SECONDS("s.last_active_at") ", "
	    SECONDS("s.expires_at") " FROM caller "
	    "LEFT JOIN (sessions s LEFT JOIN passkeys p "
	    "ON p.id = s.passkey_id AND p.user_id = s.user_id) "
	    "ON s.user_id = caller.id AND s.ended_at IS NULL "
	    "AND s.expires_at > now() "
	    "AND (s.passkey_id IS NULL OR p.id IS NOT NULL) "
	    "ORDER BY s.id = caller.session_id DESC, "
	    "s.last_active_at DESC, s.id LIMIT 200",
	.types = STORE_CALLER_READ_TYPES,
	.columns = 8,
	.lane = STORE_FAST,
	.repeatable = true,
};

static const struct store_statement session_end = {
	.name = "own_session_end",
	.sql =
	    "WITH " STORE_CALLER_WRITE(STORE_CALLER_USER)
	    ", ended AS ("
	    "UPDATE sessions s SET ended_at = now(), "
	    "end_reason = 'ended' FROM caller "
	    "WHERE s.id = $6 AND s.user_id = caller.id "
	    "AND s.ended_at IS NULL RETURNING s.id"
	    "), audited AS ("
	    STORE_CALLER_AUDIT("'session_ended'", "caller.id",
	    "jsonb_build_object('session', ended.id)")
	    " FROM caller, ended"
	    ") " VERDICT("ended"),
	.types = STORE_CALLER_WRITE_TYPES "u",
	.columns = 1,
	.lane = STORE_FAST,
};

static const struct store_statement sessions_end = {
	.name = "own_sessions_end",
	.sql =
	    "WITH " STORE_CALLER_WRITE(STORE_CALLER_USER)
	    ", ended AS ("
	    "UPDATE sessions s SET ended_at = now(), "
	    "end_reason = 'ended' FROM caller "
	    "WHERE s.user_id = caller.id AND s.id <> caller.session_id "
	    "AND s.ended_at IS NULL RETURNING s.id"
	    "), audited AS ("
	    STORE_CALLER_AUDIT("'sessions_ended'", "caller.id",
	    "jsonb_build_object('count', count.ended)")
	    " FROM caller, (SELECT count(*) AS ended FROM ended) count "
	    "WHERE count.ended > 0"
	    ") " VERDICT("caller"),
	.types = STORE_CALLER_WRITE_TYPES,
	.columns = 1,
	.lane = STORE_FAST,
};

struct store_call *
store_own_sessions(struct base_arena *arena,
    const struct store_caller *caller)
{
	return (store_caller_read(arena, &sessions, caller));
}

bool
store_own_session_decode(const struct store_result *result, int row,
    struct store_own_session *out)
{
	return (store_cell_uuid(result, row, 0, &out->id) &&
	    store_cell_bool(result, row, 1, &out->current) &&
	    store_cell_text(result, row, 2, out->passkey,
	    sizeof(out->passkey)) &&
	    store_cell_text(result, row, 3, out->address,
	    sizeof(out->address)) &&
	    store_cell_text(result, row, 4, out->device,
	    sizeof(out->device)) &&
	    store_cell_int(result, row, 5, &out->created_at) &&
	    store_cell_int(result, row, 6, &out->last_active_at) &&
	    store_cell_int(result, row, 7, &out->expires_at));
}

struct store_call *
store_own_session_end(struct base_arena *arena,
    const struct store_caller *caller, const struct base_uuid *session_id)
{
	struct store_call	*call = store_caller_write(arena, &session_end,
				    caller);

	store_uuid(call, session_id);
	return (call);
}

struct store_call *
store_own_sessions_end(struct base_arena *arena,
    const struct store_caller *caller)
{
	return (store_caller_write(arena, &sessions_end, caller));
}

/* --- apps ------------------------------------------------------------------ */

static const struct store_statement apps = {
	.name = "own_apps",
	.sql =
	    "WITH " STORE_CALLER_READ(STORE_CALLER_USER)
	    "SELECT c.id, c.name, k.scopes, " SECONDS("k.created_at") ", "
	    SECONDS("k.updated_at") " FROM caller "
	    "LEFT JOIN (consents k JOIN clients c ON c.id = k.client_id) "
	    "ON k.user_id = caller.id ORDER BY lower(c.name), c.id LIMIT 200",
	.types = STORE_CALLER_READ_TYPES,
	.columns = 5,
	.lane = STORE_FAST,
	.repeatable = true,
};

/* Grants are joined with a consent that is older than they are, so they end
 * with it, and a new one revives none. */
static const struct store_statement app_remove = {
	.name = "own_app_remove",
	.sql =
	    "WITH " STORE_CALLER_WRITE(STORE_CALLER_USER)
	    ", removed AS ("
	    "DELETE FROM consents k USING caller "
	    "WHERE k.user_id = caller.id AND k.client_id = $6 "
	    "RETURNING k.client_id, k.scopes"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, actor_id, user_id, client_id, "
	    "session_id, address, device, request_id, detail) "
	    "SELECT $5, 'consent_removed', caller.id, caller.id, "
	    "removed.client_id, caller.session_id, "
	    STORE_PLACE_ADDRESS("$2") ", " STORE_PLACE_TEXT("$3") ", "
	    STORE_PLACE_TEXT("$4") ", "
	    "jsonb_build_object('scopes', removed.scopes) "
	    "FROM caller, removed"
	    ") " VERDICT("removed"),
	.types = STORE_CALLER_WRITE_TYPES "u",
	.columns = 1,
	.lane = STORE_FAST,
};

struct store_call *
store_own_apps(struct base_arena *arena, const struct store_caller *caller)
{
	return (store_caller_read(arena, &apps, caller));
}

bool
store_own_app_decode(const struct store_result *result, int row,
    struct store_own_app *out)
{
	return (store_cell_uuid(result, row, 0, &out->id) &&
	    store_cell_text(result, row, 1, out->name, sizeof(out->name)) &&
	    store_cell_texts(result, row, 2, out->scopes, OIDC_SCOPE_COUNT,
	    &out->scope_count) &&
	    store_cell_int(result, row, 3, &out->created_at) &&
	    store_cell_int(result, row, 4, &out->updated_at));
}

struct store_call *
store_own_app_remove(struct base_arena *arena,
    const struct store_caller *caller, const struct base_uuid *client_id)
{
	struct store_call	*call = store_caller_write(arena, &app_remove,
				    caller);

	store_uuid(call, client_id);
	return (call);
}

/* --- details --------------------------------------------------------------- */

/*
 * The row is locked by "caller", whose values are those after any wait.  What
 * is compared is what stands there then.
 */
static const struct store_statement profile_set = {
	.name = "own_profile",
	.sql =
	    "WITH " STORE_CALLER_WRITE(STORE_CALLER_USER)
	    ", old AS MATERIALIZED ("
	    "SELECT u.*, coalesce(u.email, '') <> coalesce($9, '') AS moves, "
	    "caller.auth_time >= now() - interval '600 seconds' AS fresh "
	    "FROM caller JOIN users u ON u.id = caller.id"
	    "), changed AS ("
	    "UPDATE users u SET given_name = $6, family_name = $7, "
	    "display_name = $8, email = $9, "
	    "email_verified = u.email_verified AND NOT old.moves, "
	    "locale = $10, updated_at = now() FROM old "
	    "WHERE u.id = old.id AND (old.fresh OR NOT old.moves) "
	    "RETURNING u.id"
	    "), audited AS ("
	    STORE_CALLER_AUDIT("CASE WHEN old.moves THEN 'email_changed' "
	    "ELSE 'profile_changed' END", "caller.id",
	    "jsonb_build_object('before', jsonb_build_object("
	    "'email', old.email, 'display_name', old.display_name, "
	    "'given_name', old.given_name, 'family_name', old.family_name, "
	    "'locale', old.locale), 'after', jsonb_build_object("
	    "'email', $9, 'display_name', $8, 'given_name', $6, "
	    "'family_name', $7, 'locale', $10))")
	    " FROM caller, old, changed"
	    ") SELECT CASE "
	    "WHEN NOT EXISTS (SELECT FROM caller) THEN 'gone' "
	    "WHEN EXISTS (SELECT FROM changed) THEN 'ok' "
	    "ELSE 'refused' END",
	.types = STORE_CALLER_WRITE_TYPES "ttttt",
	.columns = 1,
	.lane = STORE_FAST,
};

struct store_call *
store_own_profile(struct base_arena *arena,
    const struct store_caller *caller,
    const struct store_own_profile *profile)
{
	struct store_call	*call = store_caller_write(arena, &profile_set,
				    caller);

	store_text(call, profile->given_name);
	store_text(call, profile->family_name);
	store_text(call, profile->display_name);
	store_text(call, profile->email);
	store_text(call, profile->locale);
	return (call);
}

/* --- activity -------------------------------------------------------------- */

/* By the index over person and key, newest first: a page costs the same
 * wherever it is. */
static const struct store_statement events = {
	.name = "own_events",
	.sql =
	    "WITH " STORE_CALLER_READ(STORE_CALLER_USER)
	    "SELECT a.id, " SECONDS("a.at") ", a.event, a.result, "
	    "coalesce(c.name, ''), coalesce(host(a.address), ''), "
	    "coalesce(a.device, '') FROM caller "
	    "LEFT JOIN LATERAL (SELECT * FROM audit e "
	    "WHERE e.user_id = caller.id "
	    "AND e.id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff') "
	    "AND ($3::text IS NULL OR e.event = $3) "
	    "ORDER BY e.id DESC LIMIT $4) a ON true "
	    "LEFT JOIN clients c ON c.id = a.client_id ORDER BY a.id DESC",
	.types = STORE_CALLER_READ_TYPES "uti",
	.columns = 7,
	.lane = STORE_SLOW,
	.repeatable = true,
};

struct store_call *
store_own_events(struct base_arena *arena, const struct store_caller *caller,
    const struct base_uuid *before, const char *event, int64_t limit)
{
	struct store_call	*call = store_caller_read(arena, &events,
				    caller);

	if (before == NULL)
		store_null(call);
	else
		store_uuid(call, before);
	store_text(call, event);
	store_int(call, limit);
	return (call);
}

bool
store_own_event_decode(const struct store_result *result, int row,
    struct store_own_event *out)
{
	return (store_cell_uuid(result, row, 0, &out->id) &&
	    store_cell_int(result, row, 1, &out->at) &&
	    store_cell_text(result, row, 2, out->event,
	    sizeof(out->event)) &&
	    store_cell_text(result, row, 3, out->result,
	    sizeof(out->result)) &&
	    store_cell_text(result, row, 4, out->app, sizeof(out->app)) &&
	    store_cell_text(result, row, 5, out->address,
	    sizeof(out->address)) &&
	    store_cell_text(result, row, 6, out->device,
	    sizeof(out->device)));
}

const struct store_statement *const store_own_web[] = {
	&app_remove,
	&apps,
	&events,
	&profile_set,
	&session_end,
	&sessions,
	&sessions_end,
	NULL
};
