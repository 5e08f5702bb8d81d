/*
 * Clients.
 *
 * Registrations come from files or the command line, whole or not at all; a
 * change raises the version.  Two runs at once: the second waits for each row
 * and then writes its own, so the last one's files stand.
 */

#include "store/store_client.h"

#include <string.h>

#include "store/store_gather.h"

/* "c" the client's row; client_decode() reads them. */
#define CLIENT_COLUMN_COUNT	17
#define CLIENT_COLUMNS							\
	"c.id, c.client_id, c.name, c.auth_method, "			\
	"c.application_type = 'native', c.require_pkce, "		\
	"'refresh_token' = ANY (c.grant_types), c.skip_consent, "	\
	"c.scopes, c.id_token_alg, c.id_token_claims = 'core', "	\
	"c.token_seconds::int8, c.redirect_uris, "			\
	"c.post_logout_redirect_uris, coalesce(c.client_uri, ''), "	\
	"coalesce(c.policy_uri, ''), coalesce(c.tos_uri, '')"

#define SCENE_CLIENT	2
#define SCENE_SESSION	(SCENE_CLIENT + CLIENT_COLUMN_COUNT)
#define SCENE_USER	(SCENE_SESSION + 4)
#define SCENE_COLUMNS	(SCENE_USER + STORE_USER_COLUMN_COUNT)

/* A session that a login link made has no passkey, and is nobody here. */
static const struct store_statement scene = {
	.name = "client_scene",
	.sql =
	    "SELECT CASE WHEN c.id IS NULL THEN 'bad_client' ELSE 'ok' END, "
	    "EXISTS (SELECT FROM grants g WHERE g.id = $3[i]), "
	    CLIENT_COLUMNS ", "
	    "s.id, (extract(epoch FROM s.auth_time) * 1000000)::int8, "
	    "k.scopes, k.claims, " STORE_USER_COLUMNS ", i "
	    "FROM " STORE_GATHER("$1")
	    "LEFT JOIN clients c ON c.client_id = $1[i] "
	    "AND c.disabled_at IS NULL "
	    "LEFT JOIN (sessions s "
	    "JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL "
	    "JOIN passkeys p ON p.id = s.passkey_id AND p.user_id = u.id) "
	    "ON s.cookie_digest = $2[i] AND s.ended_at IS NULL "
	    "AND s.expires_at > now() "
	    "LEFT JOIN consents k ON k.user_id = u.id AND k.client_id = c.id",
	.types = "tbu",
	.columns = SCENE_COLUMNS,
	.lane = STORE_FAST,
	.repeatable = true,
	.gather = STORE_GATHER_MAX,
};

/* What a registration says, as a row "x". */
#define REGISTRATION							\
	"jsonb_to_recordset($1::jsonb) AS x ("				\
	"id uuid, audit_id uuid, client_id text, name text, application_type text, "	\
	"auth_method text, require_pkce boolean, grant_types text[], "	\
	"scopes text[], redirect_uris text[], "				\
	"post_logout_redirect_uris text[], id_token_alg text, "		\
	"id_token_claims text, token_seconds integer, "			\
	"refresh_idle_days integer, refresh_days integer, "		\
	"skip_consent boolean, client_uri text, logo_uri text, "	\
	"policy_uri text, tos_uri text, secret jsonb, candidates text[]) "

/* The columns a registration fills, of row "r". */
#define FILLED(r)							\
	r "name, " r "application_type, " r "auth_method, "		\
	r "require_pkce, " r "grant_types, " r "scopes, "		\
	r "redirect_uris, " r "post_logout_redirect_uris, "		\
	r "id_token_alg, " r "id_token_claims, " r "token_seconds, "	\
	r "refresh_idle_days, " r "refresh_days, " r "skip_consent, "	\
	r "client_uri, " r "logo_uri, " r "policy_uri, " r "tos_uri"

#define SECRET_LIVE							\
	"(cs.expires_at IS NULL OR cs.expires_at > now())"

static const struct store_statement compare = {
	.name = "client_compare",
	.sql =
	    "SELECT x.client_id, CASE WHEN c.id IS NULL THEN 'create' "
	    "WHEN (" FILLED("c.") ") IS NOT DISTINCT FROM "
	    "(" FILLED("x.") ") THEN 'unchanged' ELSE 'update' END, "
	    "EXISTS (SELECT FROM client_secrets cs "
	    "WHERE cs.client_id = c.id AND " SECRET_LIVE "), "
	    "EXISTS (SELECT FROM client_secrets cs "
	    "WHERE cs.client_id = c.id AND " SECRET_LIVE " "
	    "AND cs.key_id || ':' || encode(cs.digest, 'hex') "
	    "= ANY (x.candidates)) "
	    "FROM " REGISTRATION
	    "LEFT JOIN clients c ON c.client_id = x.client_id "
	    "ORDER BY x.client_id",
	.types = "t",
	.columns = 4,
	.lane = STORE_SLOW,
};

static const struct store_statement apply = {
	.name = "client_apply",
	.sql =
	    "WITH x AS MATERIALIZED (SELECT x.* FROM " REGISTRATION
	    "), put AS ("
	    "INSERT INTO clients AS c (id, client_id, " FILLED("") ") "
	    "SELECT id, client_id, " FILLED("") " FROM x "
	    "ON CONFLICT (client_id) DO UPDATE SET (" FILLED("") ") = "
	    "(" FILLED("EXCLUDED.") "), version = c.version + 1, "
	    "updated_at = now() "
	    "WHERE (" FILLED("c.") ") IS DISTINCT FROM "
	    "(" FILLED("EXCLUDED.") ") "
	    "RETURNING c.id, c.client_id, c.version"
	    "), target AS ("
	    "SELECT coalesce(put.id, c.id) AS id, put.version, "
	    "x.auth_method, x.secret, x.audit_id FROM x LEFT JOIN put ON put.client_id = x.client_id "
	    "LEFT JOIN clients c ON c.client_id = x.client_id"
	    "), dropped AS ("
	    "DELETE FROM client_secrets cs USING target "
	    "WHERE cs.client_id = target.id AND (target.auth_method = 'none' "
	    "OR jsonb_typeof(target.secret) = 'object') RETURNING cs.id"
	    "), added AS ("
	    "INSERT INTO client_secrets (id, client_id, key_id, digest) "
	    "SELECT (secret->>'id')::uuid, id, (secret->>'key_id')::integer, "
	    "decode(secret->>'digest', 'hex') FROM target "
	    "WHERE jsonb_typeof(secret) = 'object' "
	    "AND auth_method <> 'none' RETURNING client_id"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, client_id) "
	    "SELECT audit_id, CASE WHEN version = 1 THEN 'client_created' "
	    "WHEN version > 1 THEN 'client_changed' "
	    "ELSE 'client_secret_created' END, id FROM target "
	    "WHERE version IS NOT NULL "
	    "OR id IN (SELECT client_id FROM added)"
	    ") SELECT 'ok', (SELECT count(*) FROM put), "
	    "(SELECT count(*) FROM added)",
	.types = "t",
	.columns = 3,
	.lane = STORE_SLOW,
};

static const struct store_statement list = {
	.name = "client_list",
	.sql =
	    "SELECT c.client_id, c.name, c.auth_method, "
	    "c.disabled_at IS NOT NULL, (SELECT count(*) "
	    "FROM client_secrets cs WHERE cs.client_id = c.id "
	    "AND " SECRET_LIVE ") FROM clients c ORDER BY c.client_id",
	.types = "",
	.columns = 5,
	.lane = STORE_SLOW,
};

static const struct store_statement show = {
	.name = "client_show",
	.sql =
	    "SELECT jsonb_pretty(to_jsonb(c) - 'id')::text "
	    "FROM clients c WHERE c.client_id = $1",
	.types = "t",
	.columns = 1,
	.lane = STORE_SLOW,
};

/* Its grants die with the row they are joined with. */
static const struct store_statement flip = {
	.name = "client_switch",
	.sql =
	    "WITH changed AS ("
	    "UPDATE clients SET version = version + 1, updated_at = now(), "
	    "disabled_at = CASE WHEN $2 THEN now() END "
	    "WHERE client_id = $1 AND (disabled_at IS NULL) = $2 "
	    "RETURNING id"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, client_id) SELECT $3, "
	    "CASE WHEN $2 THEN 'client_disabled' ELSE 'client_enabled' END, "
	    "id FROM changed"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM changed) THEN 'ok' "
	    "WHEN EXISTS (SELECT FROM clients WHERE client_id = $1) "
	    "THEN 'conflict' ELSE 'missing' END",
	.types = "tou",
	.columns = 1,
	.lane = STORE_SLOW,
};

static const struct store_statement drop = {
	.name = "client_delete",
	.sql =
	    "WITH gone AS ("
	    "DELETE FROM clients WHERE client_id = $1 RETURNING id"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, client_id, detail) "
	    "SELECT $2, 'client_deleted', id, "
	    "jsonb_build_object('client_id', $1) FROM gone"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM gone) THEN 'ok' "
	    "ELSE 'missing' END",
	.types = "tu",
	.columns = 1,
	.lane = STORE_SLOW,
};

/* Two at most, so that a change needs no outage: add, deploy, drop the old
 * one.  The third takes the place of the older. */
static const struct store_statement secret_add = {
	.name = "client_secret_add",
	.sql =
	    "WITH target AS ("
	    "SELECT id FROM clients WHERE client_id = $1 "
	    "AND auth_method <> 'none' FOR UPDATE"
	    "), dropped AS ("
	    "DELETE FROM client_secrets WHERE id IN ("
	    "SELECT cs.id FROM client_secrets cs, target "
	    "WHERE cs.client_id = target.id "
	    "ORDER BY cs.created_at DESC, cs.id DESC OFFSET 1) RETURNING id"
	    "), added AS ("
	    "INSERT INTO client_secrets (id, client_id, key_id, digest) "
	    "SELECT $2, id, $3::int8::integer, $4 FROM target "
	    "RETURNING client_id"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, client_id) "
	    "SELECT $5, 'client_secret_created', client_id FROM added"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM added) THEN 'ok' "
	    "WHEN EXISTS (SELECT FROM clients WHERE client_id = $1) "
	    "THEN 'conflict' ELSE 'missing' END",
	.types = "tuibu",
	.columns = 1,
	.lane = STORE_SLOW,
};

const struct store_statement *const store_client_web[] = {
	&scene,
	NULL
};

const struct store_statement *const store_client_owner[] = {
	&apply,
	&compare,
	&drop,
	&flip,
	&list,
	&secret_add,
	&show,
	NULL
};

/* A text[] as a NULL-terminated list in the arena. */
static bool
client_texts(const struct store_result *result, int column,
    struct base_arena *arena, const char *const **out)
{
	struct base_slice	  slices[OIDC_CLIENT_URIS_MAX];
	const char		**texts;
	size_t			  count;

	if (!store_cell_texts(result, 0, column, slices,
	    OIDC_CLIENT_URIS_MAX, &count))
		return (false);

	texts = base_arena_new(arena, (count + 1) * sizeof(*texts));
	for (size_t i = 0; i < count; i++)
		texts[i] = base_arena_text(arena, slices[i].data,
		    slices[i].len);
	*out = texts;
	return (true);
}

/* The known scopes in a text[]; NULL is none. */
static bool
client_scopes(const struct store_result *result, int column, unsigned *out)
{
	struct base_slice	words[OIDC_CLIENT_URIS_MAX];
	unsigned		scope, scopes = 0;
	size_t			count;

	if (!store_cell_texts(result, 0, column, words,
	    OIDC_CLIENT_URIS_MAX, &count))
		return (false);
	for (size_t i = 0; i < count; i++) {
		if (!oidc_scope_parse((const char *)words[i].data,
		    words[i].len, &scope))
			return (false);
		scopes |= scope;
	}

	*out = scopes;
	return (true);
}

/* Lists go into "arena".  False when the columns are not a client's. */
static bool
client_decode(const struct store_result *result, struct base_arena *arena,
    struct oidc_client *out)
{
	const int	column = SCENE_CLIENT;
	char		auth[32];

#define TEXT(n, field)	store_cell_text(result, 0, column + (n), \
			    out->field, sizeof(out->field))
#define BOOL(n, field)	store_cell_bool(result, 0, column + (n), \
			    &out->field)
	return (store_cell_uuid(result, 0, column, &out->id) &&
	    TEXT(1, client_id) && TEXT(2, name) &&
	    store_cell_text(result, 0, column + 3, auth, sizeof(auth)) &&
	    oidc_client_auth_parse(auth, &out->auth) &&
	    BOOL(4, native) && BOOL(5, require_pkce) && BOOL(6, refresh) &&
	    BOOL(7, skip_consent) &&
	    client_scopes(result, column + 8, &out->scopes) &&
	    TEXT(9, id_token_alg) && BOOL(10, core_claims) &&
	    store_cell_int(result, 0, column + 11, &out->token_seconds) &&
	    client_texts(result, column + 12, arena,
	    &out->redirect_uris) &&
	    client_texts(result, column + 13, arena,
	    &out->logout_uris) &&
	    TEXT(14, client_uri) && TEXT(15, policy_uri) &&
	    TEXT(16, tos_uri));
#undef TEXT
#undef BOOL
}

struct store_call *
store_client_scene(struct base_arena *arena, const char *client_id,
    const uint8_t *cookie_digest, const struct base_uuid *code_id)
{
	struct store_call	*call = store_call(arena, &scene);

	store_text(call, client_id);
	if (cookie_digest != NULL)
		store_bytes(call, cookie_digest, BASE_SHA256_LEN);
	else
		store_null(call);
	if (code_id != NULL)
		store_uuid(call, code_id);
	else
		store_null(call);

	return (call);
}

static bool
scene_consent(const struct store_result *result, struct oidc_session *out)
{
	struct base_slice	names[OIDC_CLIENT_URIS_MAX];
	size_t			count;

	if (store_cell_null(result, 0, SCENE_SESSION + 2))
		return (true);
	if (!client_scopes(result, SCENE_SESSION + 2,
	    &out->consent_scopes) || !store_cell_texts(result, 0,
	    SCENE_SESSION + 3, names, OIDC_CLIENT_URIS_MAX, &count))
		return (false);

	for (size_t i = 0; i < count; i++)
		for (size_t bit = 0; bit < OIDC_CLAIM_COUNT; bit++)
			if (base_bytes_equal(names[i].data, names[i].len,
			    oidc_claims_name(bit),
			    strlen(oidc_claims_name(bit))))
				out->consent_claims |= 1U << bit;
	out->consented = true;
	return (true);
}

static bool
scene_session(const struct store_result *result,
    struct store_client_scene *out)
{
	if (store_cell_null(result, 0, SCENE_SESSION))
		return (true);
	if (!store_cell_uuid(result, 0, SCENE_SESSION, &out->session.id) ||
	    !store_cell_int(result, 0, SCENE_SESSION + 1,
	    &out->session.auth_time) ||
	    !store_user_decode(result, 0, SCENE_USER, &out->user) ||
	    !scene_consent(result, &out->session))
		return (false);

	out->session.user_id = out->user.id;
	memcpy(out->session.sub, out->user.sub, sizeof(out->user.sub));
	out->session.live = true;
	return (true);
}

enum store_status
store_client_scene_found(const struct store_result *result,
    struct base_arena *arena, struct store_client_scene *out)
{
	struct store_client_scene	found = { .spent = false };
	enum store_status		status;

	if (store_result_status(result) != STORE_OK)
		return (STORE_FAILED);
	status = store_verdict(result);
	if (status != STORE_OK && status != STORE_BAD_CLIENT)
		return (STORE_FAILED);
	if (!store_cell_bool(result, 0, 1, &found.spent) ||
	    !scene_session(result, &found))
		return (STORE_FAILED);
	if (status == STORE_OK && !client_decode(result, arena,
	    &found.client))
		return (STORE_FAILED);

	*out = found;
	return (status);
}

static struct store_call *
client_json(struct base_arena *arena, const struct store_statement *statement,
    const char *json)
{
	struct store_call	*call = store_call(arena, statement);

	store_text(call, json);
	return (call);
}

struct store_call *
store_client_compare(struct base_arena *arena, const char *json)
{
	return (client_json(arena, &compare, json));
}

enum store_status
store_client_compared(const struct store_result *result, int row,
    char client_id[OIDC_CLIENT_ID_MAX + 1], char change[16],
    bool *has_secret, bool *known)
{
	if (store_result_status(result) != STORE_OK ||
	    !store_cell_text(result, row, 0, client_id,
	    OIDC_CLIENT_ID_MAX + 1) ||
	    !store_cell_text(result, row, 1, change, 16) ||
	    !store_cell_bool(result, row, 2, has_secret) ||
	    !store_cell_bool(result, row, 3, known))
		return (STORE_FAILED);

	return (STORE_OK);
}

struct store_call *
store_client_apply(struct base_arena *arena, const char *json)
{
	return (client_json(arena, &apply, json));
}

struct store_call *
store_client_list(struct base_arena *arena)
{
	return (store_call(arena, &list));
}

bool
store_client_line(const struct store_result *result, int row,
    struct store_client_line *out)
{
	return (store_cell_text(result, row, 0, out->client_id,
	    sizeof(out->client_id)) &&
	    store_cell_text(result, row, 1, out->name, sizeof(out->name)) &&
	    store_cell_text(result, row, 2, out->auth_method,
	    sizeof(out->auth_method)) &&
	    store_cell_bool(result, row, 3, &out->disabled) &&
	    store_cell_int(result, row, 4, &out->secrets));
}

struct store_call *
store_client_show(struct base_arena *arena, const char *client_id)
{
	return (client_json(arena, &show, client_id));
}

struct store_call *
store_client_switch(struct base_arena *arena, const char *client_id,
    bool disabled)
{
	struct store_call	*call = client_json(arena, &flip, client_id);
	const struct base_uuid	 audit = base_uuid_new();

	store_bool(call, disabled);
	store_uuid(call, &audit);
	return (call);
}

struct store_call *
store_client_delete(struct base_arena *arena, const char *client_id)
{
	struct store_call	*call = client_json(arena, &drop, client_id);
	const struct base_uuid	 audit = base_uuid_new();

	store_uuid(call, &audit);
	return (call);
}

struct store_call *
store_client_secret_add(struct base_arena *arena, const char *client_id,
    uint32_t key_id, const uint8_t digest[BASE_SHA256_LEN])
{
	struct store_call	*call;
	const struct base_uuid	 id = base_uuid_new();
	const struct base_uuid	 audit = base_uuid_new();

	call = client_json(arena, &secret_add, client_id);
	store_uuid(call, &id);
	store_int(call, key_id);
	store_bytes(call, digest, BASE_SHA256_LEN);
	store_uuid(call, &audit);

	return (call);
}
