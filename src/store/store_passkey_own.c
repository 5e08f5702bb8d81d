/*
 * A person's own passkeys.
 */

#include "store/store_passkey_own.h"

#include "store/store_outbox.h"

static const struct store_statement list = {
	.name = "passkey_own_list",
	.sql =
	    "WITH " STORE_CALLER_READ(STORE_CALLER_USER)
	    "SELECT p.id, p.name, p.backup_eligible, p.backup_state, "
	    "extract(epoch FROM p.created_at)::int8, "
	    "extract(epoch FROM p.last_used_at)::int8, "
	    "translate(encode(p.credential_id, 'base64'), E'+/=\\n', '-_'), "
	    "p.transports && ARRAY['usb', 'nfc'], p.id = caller.passkey_id, "
	    "coalesce(p.created_device, ''), "
	    "coalesce(p.last_used_device, ''), "
	    "coalesce(host(p.last_used_address), '') "
	    "FROM caller LEFT JOIN passkeys p ON p.user_id = caller.id "
	    "ORDER BY p.id",
	.types = STORE_CALLER_READ_TYPES,
	.columns = 12,
	.lane = STORE_FAST,
	.repeatable = true,
};

static const struct store_statement rename_one = {
	.name = "passkey_own_rename",
	.sql =
	    "WITH " STORE_CALLER_WRITE(STORE_CALLER_FRESH)
	    ", old AS MATERIALIZED ("
	    "SELECT p.id, p.name FROM caller "
	    "JOIN passkeys p ON p.user_id = caller.id WHERE p.id = $6 "
	    "FOR NO KEY UPDATE OF p"
	    "), renamed AS ("
	    "UPDATE passkeys p SET name = $7 FROM old WHERE p.id = old.id "
	    "RETURNING p.id"
	    "), audited AS ("
	    STORE_CALLER_AUDIT("'passkey_renamed'", "caller.id",
	    "jsonb_build_object('passkey', old.id, 'before', old.name, "
	    "'name', $7)") " FROM caller, old, renamed "
	    "WHERE old.name <> $7"
	    ") SELECT CASE "
	    "WHEN NOT EXISTS (SELECT FROM caller) THEN 'gone' "
	    "WHEN EXISTS (SELECT FROM renamed) THEN 'ok' "
	    "ELSE 'missing' END",
	.types = STORE_CALLER_WRITE_TYPES "ut",
	.columns = 1,
	.lane = STORE_FAST,
};

/*
 * One person's changes come one after the other (the lock on their row), so
 * of two removals at once the second knows that it takes the last one.  A
 * sign-in that holds the passkey's row goes first, and its session is dead by
 * the join whether or not the UPDATE below sees it.
 */
static const struct store_statement remove_one = {
	.name = "passkey_own_remove",
	.sql =
	    "WITH " STORE_CALLER_WRITE(STORE_CALLER_FRESH)
	    ", target AS MATERIALIZED ("
	    "SELECT p.id, p.name, caller.passkeys > 1 OR p.name = $7 AS may "
	    "FROM caller JOIN passkeys p ON p.user_id = caller.id "
	    "WHERE p.id = $6"
	    "), removed AS ("
	    "DELETE FROM passkeys p USING target "
	    "WHERE p.id = target.id AND target.may "
	    "RETURNING p.id, p.user_id, p.name"
	    "), counted AS ("
	    "UPDATE users u SET passkeys = u.passkeys - 1, "
	    "updated_at = now() FROM removed WHERE u.id = removed.user_id "
	    "RETURNING u.id"
	    "), ended AS ("
	    "UPDATE sessions s SET ended_at = now(), "
	    "end_reason = 'passkey_removed' FROM removed "
	    "WHERE s.passkey_id = removed.id AND s.ended_at IS NULL "
	    "RETURNING s.id"
	    "), mailed AS ("
	    STORE_OUTBOX_MAIL("passkey_removed", "removed.user_id",
	    "jsonb_build_object('name', removed.name, 'device', "
	    STORE_PLACE_TEXT("$3") ", 'address', " STORE_PLACE_TEXT("$2")
	    ")", "removed")
	    "), audited AS ("
	    STORE_CALLER_AUDIT("'passkey_removed'", "caller.id",
	    "jsonb_build_object('passkey', removed.id, 'name', removed.name, "
	    "'sessions', (SELECT count(*) FROM ended))")
	    " FROM caller, removed"
	    ") SELECT CASE "
	    "WHEN NOT EXISTS (SELECT FROM caller) THEN 'gone' "
	    "WHEN EXISTS (SELECT FROM removed) THEN 'ok' "
	    "WHEN EXISTS (SELECT FROM target WHERE NOT may) THEN 'refused' "
	    "ELSE 'missing' END",
	.types = STORE_CALLER_WRITE_TYPES "ut",
	.columns = 1,
	.lane = STORE_FAST,
};

const struct store_statement *const store_passkey_own_web[] = {
	&list,
	&remove_one,
	&rename_one,
	NULL
};

struct store_call *
store_passkey_own_list(struct base_arena *arena,
    const struct store_caller *caller)
{
	return (store_caller_read(arena, &list, caller));
}

bool
store_passkey_own_decode(const struct store_result *result, int row,
    struct store_passkey_own *out)
{
	struct account_passkey	*passkey = &out->passkey;

	passkey->last_used_at = 0;
	if (!store_cell_null(result, row, 5) &&
	    !store_cell_int(result, row, 5, &passkey->last_used_at))
		return (false);

	return (store_cell_uuid(result, row, 0, &passkey->id) &&
	    store_cell_text(result, row, 1, passkey->name,
	    sizeof(passkey->name)) &&
	    store_cell_bool(result, row, 2, &passkey->backup_eligible) &&
	    store_cell_bool(result, row, 3, &passkey->backup_state) &&
	    store_cell_int(result, row, 4, &passkey->created_at) &&
	    store_cell_slice(result, row, 6, &out->credential) &&
	    store_cell_bool(result, row, 7, &out->roaming) &&
	    store_cell_bool(result, row, 8, &out->current) &&
	    store_cell_text(result, row, 9, out->created_device,
	    sizeof(out->created_device)) &&
	    store_cell_text(result, row, 10, out->used_device,
	    sizeof(out->used_device)) &&
	    store_cell_text(result, row, 11, out->used_address,
	    sizeof(out->used_address)));
}

struct store_call *
store_passkey_own_rename(struct base_arena *arena,
    const struct store_caller *caller, const struct base_uuid *passkey_id,
    const char *name)
{
	struct store_call	*call = store_caller_write(arena, &rename_one,
				    caller);

	store_uuid(call, passkey_id);
	store_text(call, name);
	return (call);
}

struct store_call *
store_passkey_own_remove(struct base_arena *arena,
    const struct store_caller *caller, const struct base_uuid *passkey_id,
    const char *confirm)
{
	struct store_call	*call = store_caller_write(arena, &remove_one,
				    caller);

	store_uuid(call, passkey_id);
	store_text(call, confirm == NULL ? "" : confirm);
	return (call);
}
