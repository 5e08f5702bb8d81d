/*
 * People in the database.
 *
 * "At least one administrator" is the counter installation.administrators
 * with its CHECK.  A statement changes the person first and then the counter
 * by what it really changed, so of two administrators who demote each other
 * at once the second meets the counter of the first, breaks the CHECK and is
 * undone whole (SQLSTATE 23514, STORE_REFUSED).
 */

#include "store/store_user.h"

#include <string.h>

#include "store/store_user_change.h"

static const struct store_statement find = {
	.name = "user_find",
	.sql =
	    "SELECT " STORE_USER_COLUMNS " FROM users u "
	    "WHERE lower(u.username) = lower($1) OR lower(u.email) = lower($1) "
	    "ORDER BY lower(u.username) = lower($1) DESC LIMIT 1",
	.types = "t",
	.columns = STORE_USER_COLUMN_COUNT,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement list = {
	.name = "user_list",
	.sql =
	    "SELECT " STORE_USER_COLUMNS " FROM users u "
	    "WHERE lower(u.username) > $1 ORDER BY lower(u.username) LIMIT $2",
	.types = "ti",
	.columns = STORE_USER_COLUMN_COUNT,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement insert = {
	.name = "user_insert",
	.sql =
	    "WITH made AS ("
	    "INSERT INTO users (id, sub, user_handle, username, email, "
	    "given_name, family_name, display_name, administrator) "
	    "VALUES ($1, $2, $3, $4, nullif($5, ''), nullif($6, ''), "
	    "nullif($7, ''), $8, $9) RETURNING id, administrator"
	    "), counted AS ("
	    "UPDATE installation SET administrators = administrators + 1 "
	    "WHERE EXISTS (SELECT FROM made WHERE administrator) RETURNING one"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, user_id) "
	    "SELECT $10, 'account_created', id FROM made"
	    ") SELECT 'ok'",
	.types = "utbtttttou",
	.columns = 1,
	.lane = STORE_SLOW,
};

/* One person: what changes, and that it did. */
#define CHANGE(piece, event)						\
	"WITH target AS (SELECT $1::uuid AS id), " piece		\
	"audited AS ("							\
	"INSERT INTO audit (id, event, user_id) "			\
	"SELECT $2, '" event "', id FROM changed"			\
	") SELECT CASE WHEN EXISTS (SELECT FROM changed) THEN 'ok' "	\
	"WHEN EXISTS (SELECT FROM users WHERE id = $1) THEN 'conflict' " \
	"ELSE 'missing' END"

static const struct store_statement disable = {
	.name = "user_disable",
	.sql = CHANGE(STORE_USER_CHANGE_DISABLE, "user_disabled"),
	.types = "uu",
	.columns = 1,
	.lane = STORE_SLOW,
};

static const struct store_statement enable = {
	.name = "user_enable",
	.sql = CHANGE(STORE_USER_CHANGE_ENABLE, "user_enabled"),
	.types = "uu",
	.columns = 1,
	.lane = STORE_SLOW,
};

static const struct store_statement promote = {
	.name = "user_promote",
	.sql = CHANGE(STORE_USER_CHANGE_PROMOTE, "user_promoted"),
	.types = "uu",
	.columns = 1,
	.lane = STORE_SLOW,
};

static const struct store_statement demote = {
	.name = "user_demote",
	.sql = CHANGE(STORE_USER_CHANGE_DEMOTE, "user_demoted"),
	.types = "uu",
	.columns = 1,
	.lane = STORE_SLOW,
};

const struct store_statement *const store_user_owner[] = {
	&demote,
	&disable,
	&enable,
	&find,
	&insert,
	&list,
	&promote,
	NULL
};

/* NULL reads as "". */
static bool
text_or_empty(const struct store_result *result, int row, int column,
    char *out, size_t size)
{
	if (!store_cell_null(result, row, column))
		return (store_cell_text(result, row, column, out, size));

	out[0] = '\0';
	return (true);
}

static bool
handle(const struct store_result *result, int row, int column,
    uint8_t out[ACCOUNT_USER_HANDLE_LEN])
{
	struct base_slice	bytes;

	if (!store_cell_slice(result, row, column, &bytes) ||
	    bytes.len != ACCOUNT_USER_HANDLE_LEN)
		return (false);

	memcpy(out, bytes.data, bytes.len);
	return (true);
}

bool
store_user_decode(const struct store_result *result, int row, int column,
    struct account_user *out)
{
	const int	c = column;

	return (store_cell_uuid(result, row, c, &out->id) &&
	    store_cell_text(result, row, c + 1, out->sub, sizeof(out->sub)) &&
	    handle(result, row, c + 2, out->user_handle) &&
	    store_cell_text(result, row, c + 3, out->username,
	    sizeof(out->username)) &&
	    text_or_empty(result, row, c + 4, out->email,
	    sizeof(out->email)) &&
	    store_cell_bool(result, row, c + 5, &out->email_verified) &&
	    text_or_empty(result, row, c + 6, out->given_name,
	    sizeof(out->given_name)) &&
	    text_or_empty(result, row, c + 7, out->family_name,
	    sizeof(out->family_name)) &&
	    store_cell_text(result, row, c + 8, out->display_name,
	    sizeof(out->display_name)) &&
	    text_or_empty(result, row, c + 9, out->locale,
	    sizeof(out->locale)) &&
	    store_cell_bool(result, row, c + 10, &out->administrator) &&
	    store_cell_bool(result, row, c + 11, &out->disabled) &&
	    store_cell_int(result, row, c + 12, &out->passkeys) &&
	    store_cell_int(result, row, c + 13, &out->created_at) &&
	    store_cell_int(result, row, c + 14, &out->updated_at));
}

struct store_call *
store_user_find(struct base_arena *arena, const char *name)
{
	struct store_call	*call = store_call(arena, &find);

	store_text(call, name);
	return (call);
}

enum store_status
store_user_found(const struct store_result *result, struct account_user *out)
{
	if (store_result_status(result) != STORE_OK)
		return (STORE_FAILED);
	if (store_result_rows(result) == 0)
		return (STORE_MISSING);

	return (store_user_decode(result, 0, 0, out) ? STORE_OK :
	    STORE_FAILED);
}

struct store_call *
store_user_list(struct base_arena *arena, const char *after, int64_t limit)
{
	struct store_call	*call = store_call(arena, &list);

	store_text(call, after);
	store_int(call, limit);
	return (call);
}

struct store_call *
store_user_insert(struct base_arena *arena, const struct account_user *user)
{
	struct base_uuid	 audit = base_uuid_new();
	struct store_call	*call = store_call(arena, &insert);

	store_uuid(call, &user->id);
	store_text(call, user->sub);
	store_bytes(call, user->user_handle, sizeof(user->user_handle));
	store_text(call, user->username);
	store_text(call, user->email);
	store_text(call, user->given_name);
	store_text(call, user->family_name);
	store_text(call, user->display_name);
	store_bool(call, user->administrator);
	store_uuid(call, &audit);
	return (call);
}

static struct store_call *
change(struct base_arena *arena, const struct store_statement *statement,
    const struct base_uuid *user_id)
{
	struct base_uuid	 audit = base_uuid_new();
	struct store_call	*call = store_call(arena, statement);

	store_uuid(call, user_id);
	store_uuid(call, &audit);
	return (call);
}

struct store_call *
store_user_disable(struct base_arena *arena, const struct base_uuid *user_id)
{
	return (change(arena, &disable, user_id));
}

struct store_call *
store_user_enable(struct base_arena *arena, const struct base_uuid *user_id)
{
	return (change(arena, &enable, user_id));
}

struct store_call *
store_user_promote(struct base_arena *arena, const struct base_uuid *user_id)
{
	return (change(arena, &promote, user_id));
}

struct store_call *
store_user_demote(struct base_arena *arena, const struct base_uuid *user_id)
{
	return (change(arena, &demote, user_id));
}
