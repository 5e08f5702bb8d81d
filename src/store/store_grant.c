/*
 * Grants.
 *
 * Who wins when two arrive together:
 *
 * - Two redemptions of one code: the insert under the code's id decides.  The
 *   second waits for the first, meets its row in the conflict branch and ends
 *   it (a code that is seen twice was stolen, RFC 6749 section 4.1.2).  A row
 *   with our own statement key is our own work whose answer was lost.
 * - Redemption and sign-out: no lock.  A session that ended before is seen, and
 *   the grant is made already ended; one that ends meanwhile ends the grant
 *   with it, because every use of a grant joins the live session.
 * - Two refreshes of one public client: the second waits for the row and is
 *   judged on what the first left there: it finds its generation to be one
 *   behind, within the window, and gets the same successor.
 */

#include "store/store_grant.h"

#include <string.h>

#include "base/base_random.h"
#include "store/store_gather.h"
#include "store/store_user.h"

#define KEY_LEN		16	/* of a statement key */

/* What every answer has, in the order store_grant_decode() reads it. */
#define GRANT_COLUMN_COUNT	(15 + STORE_USER_COLUMN_COUNT)

/* The client "c", authenticated: $1 client_id, $2 method, $3 candidates.
 * A secret's digest is compared with one made for each pepper in the ring. */
#define CLIENT_AUTHENTICATED						\
	"c.client_id = $1[i] AND c.auth_method = $2[i] "		\
	"AND c.disabled_at IS NULL "					\
	"AND ($2[i] = 'none' OR EXISTS (SELECT FROM client_secrets cs "	\
	"WHERE cs.client_id = c.id "					\
	"AND (cs.expires_at IS NULL OR cs.expires_at > now()) "		\
	"AND cs.key_id || ':' || encode(cs.digest, 'hex') "		\
	"= ANY (string_to_array($3[i], ' ')))) "

/* The live rows of grant "g" of client "c". */
#define LIVE_JOINS							\
	"LEFT JOIN users u ON u.id = g.user_id "			\
	"AND u.disabled_at IS NULL AND g.created_at >= u.grants_from "	\
	"LEFT JOIN sessions s ON s.id = g.session_id "			\
	"AND s.user_id = g.user_id AND s.ended_at IS NULL "		\
	"LEFT JOIN passkeys p ON p.id = s.passkey_id "			\
	"AND p.user_id = s.user_id "					\
	"LEFT JOIN consents k ON k.user_id = g.user_id "		\
	"AND k.client_id = g.client_id "				\
	"AND k.created_at <= g.created_at "				\
	"AND k.scopes @> string_to_array(g.scope, ' ') "

/* Why "g" is over; NULL while it is not.  Mere expiry of a session ends
 * nothing; its end does, unless the grant is an offline one. */
#define LIVE_REASON							\
	"CASE WHEN g.ended_at IS NOT NULL THEN g.end_reason "		\
	"WHEN g.expires_at <= now() THEN 'expired' "			\
	"WHEN u.id IS NULL THEN 'user' "				\
	"WHEN NOT g.offline AND p.id IS NULL THEN 'session' "		\
	"WHEN NOT c.skip_consent AND k.user_id IS NULL THEN 'consent' "	\
	"END"

#define CLIENT_COLUMNS							\
	"c.id, c.client_id, c.id_token_alg, "				\
	"c.id_token_claims = 'core', c.token_seconds::int8, "		\
	"'refresh_token' = ANY (c.grant_types)"

/*
 * "asked" has a row for each call, "fact" what is true of it; who is not the
 * client that he says has no client_id there, and nothing is inserted.
 */
static const struct store_statement redeem = {
	.name = "grant_redeem",
	.sql =
	    "WITH fact AS MATERIALIZED ("
	    "SELECT i, $5[i] AS id, $14[i] AS statement_key, "
	    "c.id AS client_id, "
	    "'refresh_token' = ANY (c.grant_types) AS refresh, "
	    "c.token_seconds, c.refresh_idle_days, c.refresh_days, "
	    "CASE WHEN u.id IS NULL THEN 'user' "
	    "WHEN p.id IS NULL OR s.ended_at IS NOT NULL "
	    "OR s.expires_at <= now() THEN 'session' "
	    "WHEN NOT c.skip_consent AND k.user_id IS NULL THEN 'consent' "
	    "WHEN to_timestamp($13[i]) <= now() THEN 'expired' END AS reason "
	    "FROM " STORE_GATHER("$5")
	    "LEFT JOIN clients c ON " CLIENT_AUTHENTICATED
	    "AND c.id = $4[i] AND 'authorization_code' = ANY (c.grant_types) "
	    "LEFT JOIN users u ON u.id = $6[i] AND u.disabled_at IS NULL "
	    "LEFT JOIN sessions s ON s.id = $7[i] AND s.user_id = u.id "
	    "LEFT JOIN passkeys p ON p.id = s.passkey_id "
	    "AND p.user_id = u.id "
	    "LEFT JOIN consents k ON k.user_id = u.id "
	    "AND k.client_id = c.id "
	    "AND k.scopes @> string_to_array($8[i], ' ')"
	    "), made AS ("
	    "INSERT INTO grants AS g (id, client_id, user_id, session_id, "
	    "scope, claims, offline, nonce, auth_time, idle_until, "
	    "expires_at, ended_at, end_reason, statement_key) "
	    "SELECT id, client_id, $6[i], $7[i], $8[i], $9[i], $10[i], "
	    "$11[i], to_timestamp($12[i]), CASE WHEN refresh THEN "
	    "(now() + make_interval(days => refresh_idle_days))::date END, "
	    "now() + CASE WHEN refresh "
	    "THEN make_interval(days => refresh_days) "
	    "ELSE make_interval(secs => token_seconds) END, "
	    "CASE WHEN reason IS NOT NULL THEN now() END, reason, "
	    "statement_key FROM fact WHERE client_id IS NOT NULL "
	    "ON CONFLICT (id) DO UPDATE SET "
	    "ended_at = CASE WHEN g.statement_key = EXCLUDED.statement_key "
	    "THEN g.ended_at ELSE coalesce(g.ended_at, now()) END, "
	    "end_reason = CASE WHEN g.statement_key = EXCLUDED.statement_key "
	    "THEN g.end_reason ELSE coalesce(g.end_reason, 'replay') END "
	    "RETURNING g.id, g.expires_at, g.end_reason, g.statement_key"
	    "), done AS ("
	    "SELECT fact.i, made.id, made.expires_at, made.end_reason, "
	    "made.statement_key = fact.statement_key AS mine, fact.client_id "
	    "FROM fact LEFT JOIN made ON made.id = fact.id"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, result, actor_id, user_id, "
	    "client_id, session_id, address, device, request_id, detail) "
	    "SELECT $15[i], "
	    "CASE WHEN mine THEN 'client_authorization' "
	    "ELSE 'code_replay' END, "
	    "CASE WHEN mine THEN coalesce(end_reason, 'ok') ELSE 'ended' END, "
	    "$6[i], $6[i], $4[i], $7[i], nullif($16[i], '')::inet, "
	    "nullif($17[i], ''), nullif($18[i], ''), "
	    "jsonb_build_object('scope', $8[i]) "
	    "FROM done WHERE id IS NOT NULL ON CONFLICT (id) DO NOTHING"
	    ") SELECT CASE WHEN done.mine IS NULL THEN 'bad_client' "
	    "WHEN NOT done.mine THEN 'spent' "
	    "WHEN done.end_reason IS NOT NULL THEN 'gone' ELSE 'ok' END, "
	    "done.id, $7[i], $8[i], $9[i], $11[i], $12[i], "
	    "extract(epoch FROM done.expires_at)::int8, 0::int8, "
	    CLIENT_COLUMNS ", " STORE_USER_COLUMNS ", i "
	    "FROM done LEFT JOIN clients c ON c.id = done.client_id "
	    "LEFT JOIN users u ON u.id = $6[i] AND done.mine",
	.types = "tttuuuuttotiibuttt",
	.columns = GRANT_COLUMN_COUNT,
	.lane = STORE_FAST,
	.repeatable = true,
	.gather = STORE_GATHER_MAX,
	.apart = 5,
};

/*
 * Everything that depends on the generation is judged in the UPDATE's own
 * expressions, on the row as it is once it is ours; "held" is a snapshot.
 * A generation ahead of the row can only come from a commit that a fail-over
 * lost: nobody else can make its MAC.  So the row follows it.
 */
#define REUSED								\
	"(held.reason IS NULL AND g.ended_at IS NULL "			\
	"AND $5[held.i] < g.generation AND NOT (held.public "		\
	"AND $5[held.i] = g.generation - 1 AND g.rotated_at > "		\
	"now() - make_interval(secs => $6[held.i])))"
#define TURNS								\
	"(held.reason IS NULL AND g.ended_at IS NULL "			\
	"AND $5[held.i] >= g.generation)"

static const struct store_statement refresh = {
	.name = "grant_refresh",
	.sql =
	    "WITH held AS MATERIALIZED ("
	    "SELECT i, c.id AS known, g.*, c.auth_method = 'none' AS public, "
	    "(now() + make_interval(days => c.refresh_idle_days))::date "
	    "AS idle_next, "
	    "coalesce(" LIVE_REASON ", CASE WHEN g.idle_until IS NULL "
	    "OR g.idle_until < current_date THEN 'idle' END) AS reason "
	    "FROM " STORE_GATHER("$4")
	    "LEFT JOIN clients c ON " CLIENT_AUTHENTICATED
	    "AND 'refresh_token' = ANY (c.grant_types) "
	    "LEFT JOIN grants g ON g.id = $4[i] AND g.client_id = c.id "
	    LIVE_JOINS
	    "), turned AS ("
	    "UPDATE grants g SET "
	    "generation = CASE WHEN " TURNS " AND held.public "
	    "THEN $5[held.i] + 1 "
	    "WHEN " TURNS " THEN $5[held.i] ELSE g.generation END, "
	    "rotated_at = CASE WHEN " TURNS " AND held.public THEN now() "
	    "ELSE g.rotated_at END, "
	    "idle_until = CASE WHEN held.reason IS NULL AND NOT " REUSED " "
	    "THEN greatest(g.idle_until, held.idle_next) "
	    "ELSE g.idle_until END, "
	    "ended_at = CASE WHEN " REUSED " THEN now() "
	    "ELSE g.ended_at END, "
	    "end_reason = CASE WHEN " REUSED " THEN 'refresh_reuse' "
	    "ELSE g.end_reason END "
	    "FROM held WHERE g.id = held.id AND held.reason IS NULL "
	    "AND (held.public OR $5[held.i] <> g.generation "
	    "OR g.idle_until < held.idle_next) "
	    "RETURNING g.id, g.generation, g.ended_at, g.end_reason"
	    "), audited AS ("
	    "INSERT INTO audit (id, event, result, actor_id, user_id, "
	    "client_id, session_id, request_id) "
	    "SELECT $7[held.i], 'refresh_reuse', 'ended', held.user_id, "
	    "held.user_id, held.client_id, held.session_id, "
	    "nullif($8[held.i], '') "
	    "FROM turned JOIN held ON held.id = turned.id "
	    "WHERE turned.end_reason = 'refresh_reuse' "
	    "AND turned.ended_at = now() ON CONFLICT (id) DO NOTHING"
	    ") SELECT CASE WHEN c.id IS NULL THEN 'bad_client' "
	    "WHEN held.id IS NULL THEN 'missing' "
	    "WHEN held.reason IS NOT NULL THEN 'gone' "
	    "WHEN turned.end_reason IS NOT NULL THEN 'spent' ELSE 'ok' END, "
	    "held.id, held.session_id, held.scope, held.claims, held.nonce, "
	    "extract(epoch FROM held.auth_time)::int8, "
	    "extract(epoch FROM held.expires_at)::int8, "
	    "coalesce(turned.generation, held.generation)::int8, "
	    CLIENT_COLUMNS ", " STORE_USER_COLUMNS ", held.i "
	    "FROM held "
	    "LEFT JOIN turned ON turned.id = held.id "
	    "LEFT JOIN clients c ON c.id = held.known "
	    "LEFT JOIN users u ON u.id = held.user_id",
	.types = "tttuiiut",
	.columns = GRANT_COLUMN_COUNT,
	.lane = STORE_FAST,
	.repeatable = true,
	.gather = STORE_GATHER_MAX,
	.apart = 4,
};

static const struct store_statement userinfo = {
	.name = "grant_userinfo",
	.sql =
	    "SELECT CASE WHEN c.id IS NOT NULL "
	    "AND " LIVE_REASON " IS NULL THEN 'ok' ELSE 'gone' END, "
	    "g.id, g.session_id, g.scope, g.claims, g.nonce, "
	    "extract(epoch FROM g.auth_time)::int8, "
	    "extract(epoch FROM g.expires_at)::int8, g.generation::int8, "
	    CLIENT_COLUMNS ", " STORE_USER_COLUMNS ", i "
	    "FROM " STORE_GATHER("$1")
	    "LEFT JOIN grants g ON g.id = $1[i] "
	    "LEFT JOIN clients c ON c.id = g.client_id "
	    "AND c.disabled_at IS NULL "
	    LIVE_JOINS,
	.types = "u",
	.columns = GRANT_COLUMN_COUNT,
	.lane = STORE_FAST,
	.repeatable = true,
	.gather = STORE_GATHER_MAX,
};

const struct store_statement *const store_grant_web[] = {
	&redeem,
	&refresh,
	&userinfo,
	NULL
};

static void
grant_bind_client(struct store_call *call,
    const struct oidc_auth_claim *client, const char *const *candidates)
{
	const char	*words = "";

	for (size_t i = 0; candidates[i] != NULL; i++)
		words = base_arena_format(call->arena, "%s%s%s", words,
		    i > 0 ? " " : "", candidates[i]);

	store_text(call, client->client_id);
	store_text(call, oidc_client_auth_name(client->method));
	store_text(call, words);
}

static void
grant_bind_audit(struct store_call *call)
{
	const struct base_uuid	id = base_uuid_new();

	store_uuid(call, &id);
}

struct store_call *
store_grant_redeem(struct base_arena *arena, const struct oidc_code *code,
    const struct oidc_auth_claim *client, const char *const *candidates,
    const char *request_id)
{
	const struct oidc_claims_set	 asked = {
		.id_token = code->id_token_claims,
		.userinfo = code->userinfo_claims,
	};
	struct store_call		*call = store_call(arena, &redeem);
	uint8_t				 key[KEY_LEN];
	char				 scope[OIDC_SCOPE_MAX + 1];
	char				 claims[OIDC_CLAIMS_WORDS_MAX + 1];

	base_random_bytes(key, sizeof(key));
	oidc_scope_format(code->scopes, scope);
	oidc_claims_format(&asked, claims);

	grant_bind_client(call, client, candidates);
	store_uuid(call, &code->client);
	store_uuid(call, &code->id);
	store_uuid(call, &code->user);
	store_uuid(call, &code->session);
	store_text(call, scope);
	store_text(call, claims);
	store_bool(call, (code->scopes & OIDC_SCOPE_OFFLINE) != 0);
	store_text(call, code->nonce);
	store_int(call, code->auth_time);
	store_int(call, code->expires_at);
	store_bytes(call, key, sizeof(key));
	grant_bind_audit(call);
	store_text(call, code->address);
	store_text(call, code->device);
	store_text(call, request_id);

	return (call);
}

struct store_call *
store_grant_refresh(struct base_arena *arena, const struct oidc_token *token,
    const struct oidc_auth_claim *client, const char *const *candidates,
    const char *request_id)
{
	struct store_call	*call = store_call(arena, &refresh);

	grant_bind_client(call, client, candidates);
	store_uuid(call, &token->grant);
	store_int(call, token->generation);
	store_int(call, OIDC_RETRY_SECONDS);
	grant_bind_audit(call);
	store_text(call, request_id);

	return (call);
}

struct store_call *
store_grant_userinfo(struct base_arena *arena, const struct base_uuid *grant)
{
	struct store_call	*call = store_call(arena, &userinfo);

	store_uuid(call, grant);
	return (call);
}

/* Columns 1 to 8: the grant's own. */
static bool
grant_decode_own(const struct store_result *result, struct store_grant *out)
{
	struct base_slice	scope;
	char			claims[OIDC_CLAIMS_WORDS_MAX + 1];
	int64_t			generation;

	if (!store_cell_uuid(result, 0, 1, &out->id) ||
	    !store_cell_uuid(result, 0, 2, &out->session) ||
	    !store_cell_slice(result, 0, 3, &scope) ||
	    !store_cell_text(result, 0, 4, claims, sizeof(claims)) ||
	    !store_cell_text(result, 0, 5, out->nonce, sizeof(out->nonce)) ||
	    !store_cell_int(result, 0, 6, &out->auth_time) ||
	    !store_cell_int(result, 0, 7, &out->expires_at) ||
	    !store_cell_int(result, 0, 8, &generation))
		return (false);
	if (generation < 0 || generation > UINT32_MAX || !oidc_scope_parse(
	    (const char *)scope.data, scope.len, &out->scopes))
		return (false);

	out->generation = (uint32_t)generation;
	oidc_claims_words(claims, &out->claims);
	return (true);
}

/* Columns 9 to 14: the client's; then the person's. */
static bool
grant_decode_others(const struct store_result *result,
    struct store_grant *out)
{
	return (store_cell_uuid(result, 0, 9, &out->client) &&
	    store_cell_text(result, 0, 10, out->client_id,
	    sizeof(out->client_id)) &&
	    store_cell_text(result, 0, 11, out->id_token_alg,
	    sizeof(out->id_token_alg)) &&
	    store_cell_bool(result, 0, 12, &out->core_claims) &&
	    store_cell_int(result, 0, 13, &out->token_seconds) &&
	    store_cell_bool(result, 0, 14, &out->refresh) &&
	    store_user_decode(result, 0, 15, &out->user));
}

enum store_status
store_grant_decode(const struct store_result *result, struct store_grant *out)
{
	struct store_grant	grant = { .generation = 0 };
	enum store_status	status;

	if (store_result_status(result) != STORE_OK)
		return (STORE_FAILED);
	/* no row at all: userinfo for a grant or client that is not there */
	if (store_result_rows(result) == 0)
		return (STORE_GONE);
	if ((status = store_verdict(result)) != STORE_OK)
		return (status);
	if (!grant_decode_own(result, &grant) ||
	    !grant_decode_others(result, &grant))
		return (STORE_FAILED);

	*out = grant;
	return (STORE_OK);
}
