/*
 * The one row that says what this installation is.  Migration makes it.
 */

#include "store/store_installation.h"

static const struct store_statement code = {
	.name = "installation_code",
	.sql =
	    "WITH changed AS ("
	    "UPDATE installation SET setup_digest = $1 WHERE NOT set_up "
	    "RETURNING one"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM changed) THEN 'ok' "
	    "WHEN EXISTS (SELECT FROM installation) THEN 'spent' "
	    "ELSE 'missing' END",
	.types = "b",
	.columns = 1,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement state = {
	.name = "installation_state",
	.sql =
	    "SELECT CASE WHEN set_up THEN 'spent' "
	    "WHEN setup_digest = $1 THEN 'ok' ELSE 'missing' END "
	    "FROM installation",
	.types = "b",
	.columns = 1,
	.lane = STORE_FAST,
	.repeatable = true,
};

/*
 * The UPDATE of the one row decides: of fifty at once the first commits, the
 * others then find it set up.  A name, address or passkey that is taken
 * breaks its unique key and undoes everything, so the code can be used again.
 */
static const struct store_statement set_up = {
	.name = "installation_set_up",
	.sql =
	    "WITH own AS MATERIALIZED ("
	    "SELECT id FROM sessions WHERE cookie_digest = $13"
	    "), opened AS ("
	    "UPDATE installation SET set_up = true, setup_digest = NULL, "
	    "administrators = administrators + 1 "
	    "WHERE NOT set_up AND setup_digest = $1 RETURNING one"
	    "), person AS ("
	    "INSERT INTO users (id, sub, user_handle, username, email, "
	    "given_name, family_name, display_name, administrator, passkeys) "
	    "SELECT $2, $3, $4, $5, nullif($6, ''), nullif($7, ''), "
	    "nullif($8, ''), $9, true, 1 FROM opened RETURNING id"
	    "), spent AS ("
	    "INSERT INTO challenges (digest, expires_at) "
	    "SELECT $10, to_timestamp($11) FROM opened RETURNING expires_at"
	    "), made AS ("
	    "INSERT INTO passkeys (id, user_id, credential_id, spki, cose, "
	    "alg, sign_count, backup_eligible, backup_state, uv_initialized, "
	    "transports, aaguid, format, attestation, attestation_object, "
	    "client_data, name, last_used_at) "
	    "SELECT $16, person.id, $17, $18, $19, $20, $21, $22, $23, $24, "
	    "$25, $26, $27, $28, $29, $30, $31, now() FROM person "
	    "RETURNING id, user_id, name"
	    "), begun AS ("
	    "INSERT INTO sessions (id, user_id, cookie_digest, "
	    "browser_digest, passkey_id, auth_time, expires_at, address, "
	    "device) SELECT $12, made.user_id, $13, $14, made.id, now(), "
	    "now() + make_interval(secs => $15), "
	    STORE_PLACE_ADDRESS("$32") ", " STORE_PLACE_TEXT("$33") " "
	    "FROM made RETURNING id, user_id"
	    "), known AS ("
	    "INSERT INTO browsers (user_id, digest) "
	    "SELECT begun.user_id, $14 FROM begun"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, actor_id, user_id, session_id, "
	    "address, device, request_id, detail) "
	    "SELECT e.id, e.event, begun.user_id, begun.user_id, begun.id, "
	    STORE_PLACE_ADDRESS("$32") ", " STORE_PLACE_TEXT("$33") ", "
	    STORE_PLACE_TEXT("$34") ", "
	    "jsonb_build_object('passkey', made.id, 'name', made.name) "
	    "FROM begun, made, (VALUES ($35, 'account_created'), "
	    "($36, 'passkey_added'), ($37, 'sign_in')) AS e (id, event)"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM begun) "
	    "OR EXISTS (SELECT FROM own) THEN 'ok' ELSE 'spent' END",
	.types = "b" "utbttttt" "bi" "ubbi" STORE_PASSKEY_NEW_TYPES "ttt"
	    "uuu",
	.columns = 1,
	.lane = STORE_FAST,
	.repeatable = true,
};

const struct store_statement *const store_installation_web[] = {
	&set_up,
	&state,
	NULL
};

const struct store_statement *const store_installation_owner[] = {
	&code,
	NULL
};

static struct store_call *
with_digest(struct base_arena *arena, const struct store_statement *statement,
    const uint8_t digest[BASE_SHA256_LEN])
{
	struct store_call	*call = store_call(arena, statement);

	store_bytes(call, digest, BASE_SHA256_LEN);
	return (call);
}

struct store_call *
store_installation_code(struct base_arena *arena,
    const uint8_t digest[BASE_SHA256_LEN])
{
	return (with_digest(arena, &code, digest));
}

struct store_call *
store_installation_state(struct base_arena *arena,
    const uint8_t digest[BASE_SHA256_LEN])
{
	return (with_digest(arena, &state, digest));
}

struct store_call *
store_installation_set_up(struct base_arena *arena,
    const uint8_t code_digest[BASE_SHA256_LEN],
    const struct store_installation_first *first,
    const struct store_place *place)
{
	struct base_uuid		 audit;
	const struct account_user	*user = first->user;
	struct store_call		*call = store_call(arena, &set_up);

	store_bytes(call, code_digest, BASE_SHA256_LEN);
	store_uuid(call, &user->id);
	store_text(call, user->sub);
	store_bytes(call, user->user_handle, sizeof(user->user_handle));
	store_text(call, user->username);
	store_text(call, user->email);
	store_text(call, user->given_name);
	store_text(call, user->family_name);
	store_text(call, user->display_name);
	store_bytes(call, first->challenge->digest,
	    sizeof(first->challenge->digest));
	store_int(call, first->challenge->expires_at);
	store_uuid(call, &first->session->id);
	store_bytes(call, first->session->cookie_digest,
	    sizeof(first->session->cookie_digest));
	store_bytes(call, first->session->browser_digest,
	    sizeof(first->session->browser_digest));
	store_int(call, first->session->seconds);
	store_passkey_bind(call, first->passkey);
	store_place(call, place);
	for (int i = 0; i < 3; i++) {
		audit = base_uuid_new();
		store_uuid(call, &audit);
	}
	return (call);
}
