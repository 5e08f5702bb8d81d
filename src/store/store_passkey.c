/*
 * Passkeys in the database.
 */

#include "store/store_passkey.h"

#include <string.h>

#include "store/store_outbox.h"
#include "store/store_user_change.h"

/* One less than fits the list, so that no list is ever cut short: a browser
 * told of a list without a good passkey would hide it. */
#define PASSKEYS_MAX	"50"

/* base64url without padding; encode() breaks its lines. */
#define CREDENTIAL_TEXT(column) \
	"translate(encode(" column ", 'base64'), E'+/=\\n', '-_')"

/* A name that the person's passkeys do not have yet: "YubiKey 2". */
#define NUMBERED(name, person)						\
	"left(" name ", 240) || coalesce((SELECT ' ' || count(*) + 1 "	\
	"FROM passkeys o WHERE o.user_id = " person " "			\
	"AND (o.name = " name " OR starts_with(o.name, " name " || ' ')) " \
	"HAVING count(*) > 0), '')"

static const struct store_statement find = {
	.name = "passkey_find",
	.sql =
	    "SELECT p.id, p.spki, p.alg::int8, p.sign_count, "
	    "p.backup_eligible, "
	    "ARRAY (SELECT " CREDENTIAL_TEXT("o.credential_id")
	    " FROM passkeys o WHERE o.user_id = p.user_id ORDER BY o.id), "
	    "p.transports && ARRAY['hybrid', 'internal'], "
	    STORE_USER_COLUMNS " FROM passkeys p "
	    "JOIN users u ON u.id = p.user_id "
	    "WHERE p.credential_id = $2 AND u.user_handle = $1",
	.types = "bb",
	.columns = 7 + STORE_USER_COLUMN_COUNT,
	.lane = STORE_FAST,
	.repeatable = true,
};

static const struct store_statement session = {
	.name = "passkey_session",
	.sql =
	    "SELECT " STORE_SESSION_COLUMNS ", " STORE_USER_COLUMNS ", "
	    "p.credential_id, p.transports FROM " STORE_SESSION_LIVE
	    "LEFT JOIN passkeys p ON p.user_id = u.id "
	    "WHERE " STORE_SESSION_LIVE_WHERE "ORDER BY p.id",
	.types = "b",
	.columns = STORE_SESSION_COLUMN_COUNT + STORE_USER_COLUMN_COUNT + 2,
	.lane = STORE_FAST,
	.repeatable = true,
};

/*
 * The session's row is locked, so a sign-out that commits first leaves
 * nothing to act for.  A credential id that is registered, whoever's, breaks
 * the unique key and undoes everything, the challenge too.  The pending login
 * link of a person who has a passkey now is void.
 */
static const struct store_statement add = {
	.name = "passkey_add",
	.sql =
	    "WITH own AS MATERIALIZED ("
	    "SELECT id FROM passkeys WHERE id = $6"
	    "), live AS MATERIALIZED ("
	    "SELECT s.id, s.user_id, s.passkey_id, "
	    "u.passkeys < " PASSKEYS_MAX " AS room FROM " STORE_SESSION_LIVE
	    "WHERE " STORE_SESSION_LIVE_WHERE
	    "AND NOT EXISTS (SELECT FROM own) FOR NO KEY UPDATE OF s"
	    "), spent AS ("
	    "INSERT INTO challenges (digest, expires_at) "
	    "SELECT $2, to_timestamp($3) FROM live WHERE room "
	    "ON CONFLICT DO NOTHING RETURNING expires_at"
	    "), made AS ("
	    "INSERT INTO passkeys (id, user_id, credential_id, spki, cose, "
	    "alg, sign_count, backup_eligible, backup_state, uv_initialized, "
	    "transports, aaguid, format, attestation, attestation_object, "
	    "client_data, name, created_device) "
	    "SELECT $6, live.user_id, $7, $8, $9, $10, $11, $12, $13, $14, "
	    "$15, $16, $17, $18, $19, $20, " NUMBERED("$21", "live.user_id")
	    ", " STORE_PLACE_TEXT("$23") " FROM live, spent "
	    "RETURNING id, user_id, name"
	    "), counted AS ("
	    "UPDATE users u SET passkeys = passkeys + 1, updated_at = now() "
	    "FROM made WHERE u.id = made.user_id RETURNING u.id"
	    "), voided AS ("
	    "UPDATE login_links l SET ended_at = clock_timestamp() "
	    "FROM made WHERE l.user_id = made.user_id "
	    "AND l.used_at IS NULL RETURNING l.id"
	    "), renewed AS ("
	    "UPDATE sessions s SET passkey_id = made.id, cookie_digest = $4, "
	    "auth_time = now(), last_active_at = now(), "
	    "expires_at = now() + make_interval(secs => $5) "
	    "FROM live, made WHERE s.id = live.id AND live.passkey_id IS NULL "
	    "RETURNING s.id"
	    "), known AS ("
	    "INSERT INTO browsers (user_id, digest) "
	    "SELECT s.user_id, s.browser_digest FROM made, sessions s, live "
	    "WHERE s.id = live.id ON CONFLICT DO NOTHING"
	    "), mailed AS ("
	    STORE_OUTBOX_MAIL("passkey_added", "made.user_id",
	    "jsonb_build_object('name', made.name, 'device', "
	    STORE_PLACE_TEXT("$23") ", 'address', " STORE_PLACE_TEXT("$22")
	    ")", "made")
	    "), audited AS ("
	    "INSERT INTO audit (id, event, actor_id, user_id, session_id, "
	    "address, device, request_id, detail) "
	    "SELECT $25, 'passkey_added', made.user_id, made.user_id, live.id, "
	    STORE_PLACE_ADDRESS("$22") ", " STORE_PLACE_TEXT("$23") ", "
	    STORE_PLACE_TEXT("$24") ", "
	    "jsonb_build_object('passkey', made.id, 'name', made.name) "
	    "FROM live, made"
	    ") SELECT CASE "
	    "WHEN EXISTS (SELECT FROM made) OR EXISTS (SELECT FROM own) "
	    "THEN 'ok' "
	    "WHEN NOT EXISTS (SELECT FROM live) THEN 'gone' "
	    "WHEN NOT (SELECT room FROM live) THEN 'refused' "
	    "ELSE 'spent' END, "
	    "EXISTS (SELECT FROM renewed) OR "
	    "EXISTS (SELECT FROM sessions WHERE cookie_digest = $4)",
	.types = "bbibi" STORE_PASSKEY_NEW_TYPES "tttu",
	.columns = 2,
	.lane = STORE_FAST,
	.repeatable = true,
};

static const struct store_statement list = {
	.name = "passkey_list",
	.sql =
	    "SELECT id, name, backup_eligible, backup_state, "
	    "extract(epoch FROM created_at)::int8, "
	    "extract(epoch FROM last_used_at)::int8 "
	    "FROM passkeys WHERE user_id = $1 ORDER BY id",
	.types = "u",
	.columns = 6,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement remove_one = {
	.name = "passkey_remove",
	.sql =
	    "WITH target AS (SELECT $1::uuid AS id), "
	    STORE_USER_CHANGE_PASSKEY_REMOVED("$2")
	    "audited AS ("
	    "INSERT INTO audit (id, event, user_id, detail) "
	    "SELECT $3, 'passkey_removed', id, "
	    "jsonb_build_object('passkey', passkey, 'name', name) "
	    "FROM changed"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM changed) THEN 'ok' "
	    "ELSE 'missing' END",
	.types = "uuu",
	.columns = 1,
	.lane = STORE_FAST,
};

const struct store_statement *const store_passkey_web[] = {
	&add,
	&find,
	&session,
	NULL
};

const struct store_statement *const store_passkey_owner[] = {
	&list,
	&remove_one,
	NULL
};

struct store_call *
store_passkey_find(struct base_arena *arena, struct base_slice user_handle,
    struct base_slice credential_id)
{
	struct store_call	*call = store_call(arena, &find);

	store_bytes(call, user_handle.data, user_handle.len);
	store_bytes(call, credential_id.data, credential_id.len);
	return (call);
}

enum store_status
store_passkey_found(const struct store_result *result,
    struct store_passkey_known *out)
{
	int64_t	alg, sign_count;

	if (store_result_status(result) != STORE_OK)
		return (STORE_FAILED);
	if (store_result_rows(result) == 0)
		return (STORE_MISSING);

	if (!store_cell_uuid(result, 0, 0, &out->id) ||
	    !store_cell_slice(result, 0, 1, &out->spki) ||
	    !store_cell_int(result, 0, 2, &alg) ||
	    !store_cell_int(result, 0, 3, &sign_count) ||
	    !store_cell_bool(result, 0, 4, &out->backup_eligible) ||
	    !store_cell_texts(result, 0, 5, out->credentials,
	    STORE_PASSKEY_LIST_MAX, &out->credential_count) ||
	    !store_cell_bool(result, 0, 6, &out->device) ||
	    !store_user_decode(result, 0, 7, &out->user) ||
	    alg < INT32_MIN || alg > INT32_MAX ||
	    sign_count < 0 || sign_count > UINT32_MAX)
		return (STORE_FAILED);

	out->alg = (int32_t)alg;
	out->sign_count = (uint32_t)sign_count;
	return (STORE_OK);
}

struct store_call *
store_passkey_session(struct base_arena *arena,
    const uint8_t cookie_digest[BASE_SHA256_LEN])
{
	struct store_call	*call = store_call(arena, &session);

	store_bytes(call, cookie_digest, BASE_SHA256_LEN);
	return (call);
}

static bool
named_decode(const struct store_result *result, int row, int column,
    struct store_passkey_named *out)
{
	struct base_slice	words[WEBAUTHN_TRANSPORTS_MAX];
	size_t			count;

	if (!store_cell_slice(result, row, column, &out->id) ||
	    !store_cell_texts(result, row, column + 1, words,
	    WEBAUTHN_TRANSPORTS_MAX, &count))
		return (false);

	for (size_t i = 0; i < count; i++) {
		if (!base_bytes_text_copy(out->transports.names[i],
		    sizeof(out->transports.names[i]), words[i].data,
		    words[i].len))
			return (false);
	}
	out->transports.count = count;
	return (true);
}

enum store_status
store_passkey_session_found(const struct store_result *result,
    struct account_session *live, struct account_user *user,
    struct store_passkey_named *named, size_t max, size_t *count)
{
	const int		column = STORE_SESSION_COLUMN_COUNT +
				    STORE_USER_COLUMN_COUNT;
	int			rows;
	enum store_status	status;

	if ((status = store_session_found(result, live, user)) != STORE_OK)
		return (status);

	/* A person without a passkey is one row without one. */
	rows = store_cell_null(result, 0, column) ? 0 :
	    store_result_rows(result);
	if ((size_t)rows > max)
		return (STORE_FAILED);

	for (int row = 0; row < rows; row++) {
		if (!named_decode(result, row, column, &named[row]))
			return (STORE_FAILED);
	}
	*count = (size_t)rows;
	return (STORE_OK);
}

void
store_passkey_bind(struct store_call *call,
    const struct store_passkey_new *passkey)
{
	const struct webauthn_credential	*c = passkey->credential;
	const char		*transports[WEBAUTHN_TRANSPORTS_MAX + 1];

	for (size_t i = 0; i < c->transports.count; i++)
		transports[i] = c->transports.names[i];
	transports[c->transports.count] = NULL;

	store_uuid(call, &passkey->id);
	store_bytes(call, c->id, c->id_len);
	store_bytes(call, c->spki, c->spki_len);
	store_bytes(call, c->cose, c->cose_len);
	store_int(call, c->alg);
	store_int(call, c->sign_count);
	store_bool(call, c->backup_eligible);
	store_bool(call, c->backup_state);
	store_bool(call, c->user_verified);
	store_texts(call, transports);
	store_uuid(call, &c->aaguid);
	store_text(call, webauthn_format_name(c->format));
	store_text(call, webauthn_attestation_name(c->attestation));
	store_bytes(call, passkey->attestation_object.data,
	    passkey->attestation_object.len);
	store_bytes(call, passkey->client_data.data,
	    passkey->client_data.len);
	store_text(call, passkey->name);
}

struct store_call *
store_passkey_add(struct base_arena *arena,
    const uint8_t cookie_digest[BASE_SHA256_LEN],
    const struct store_session_new *renewed,
    const struct store_session_challenge *challenge,
    const struct store_passkey_new *passkey, const struct store_place *place)
{
	struct base_uuid	 audit = base_uuid_new();
	struct store_call	*call = store_call(arena, &add);

	store_bytes(call, cookie_digest, BASE_SHA256_LEN);
	store_bytes(call, challenge->digest, sizeof(challenge->digest));
	store_int(call, challenge->expires_at);
	store_bytes(call, renewed->cookie_digest,
	    sizeof(renewed->cookie_digest));
	store_int(call, renewed->seconds);
	store_passkey_bind(call, passkey);
	store_place(call, place);
	store_uuid(call, &audit);
	return (call);
}

enum store_status
store_passkey_added(const struct store_result *result, bool *renewed)
{
	enum store_status	status = store_verdict(result);

	if (status == STORE_OK && !store_cell_bool(result, 0, 1, renewed))
		return (STORE_FAILED);

	return (status);
}

struct store_call *
store_passkey_list(struct base_arena *arena, const struct base_uuid *user_id)
{
	struct store_call	*call = store_call(arena, &list);

	store_uuid(call, user_id);
	return (call);
}

bool
store_passkey_decode(const struct store_result *result, int row,
    struct account_passkey *out)
{
	out->last_used_at = 0;
	if (!store_cell_null(result, row, 5) &&
	    !store_cell_int(result, row, 5, &out->last_used_at))
		return (false);

	return (store_cell_uuid(result, row, 0, &out->id) &&
	    store_cell_text(result, row, 1, out->name, sizeof(out->name)) &&
	    store_cell_bool(result, row, 2, &out->backup_eligible) &&
	    store_cell_bool(result, row, 3, &out->backup_state) &&
	    store_cell_int(result, row, 4, &out->created_at));
}

struct store_call *
store_passkey_remove(struct base_arena *arena,
    const struct base_uuid *user_id, const struct base_uuid *passkey_id)
{
	struct base_uuid	 audit = base_uuid_new();
	struct store_call	*call = store_call(arena, &remove_one);

	store_uuid(call, user_id);
	store_uuid(call, passkey_id);
	store_uuid(call, &audit);
	return (call);
}
