#include "store/store_signing_key.h"

#include <stdlib.h>
#include <string.h>

static const struct store_statement	list = {
	.name = "signing_key_list",
	.sql = "SELECT kid, alg, jwk::text,"
	    " floor(extract(epoch FROM active_from))::int8,"
	    " floor(extract(epoch FROM gone_at))::int8"
	    " FROM signing_keys WHERE gone_at IS NULL OR gone_at > now()"
	    " ORDER BY alg, generation",
	.types = "",
	.columns = 5,
	.lane = STORE_FAST,
	.repeatable = true,
};

/* Retired keys are among them until they are burned; they sign nothing. */
static const struct store_statement	sealed = {
	.name = "signing_key_sealed",
	.sql = "SELECT kid, alg, floor(extract(epoch FROM active_from))::int8,"
	    " floor(extract(epoch FROM now()))::int8, sealed"
	    " FROM signing_keys WHERE length(sealed) > 0"
	    " AND (gone_at IS NULL OR gone_at > now())"
	    " ORDER BY alg, generation",
	.types = "",
	.columns = 5,
	.lane = STORE_FAST,
	.repeatable = true,
};

/*
 * "due" decides whether and when, "made" writes, "changed" retires those
 * before.  Two writers at once count the same generation up; it is unique, and
 * the one who comes second makes nothing and retires nothing.
 */
static const struct store_statement	insert = {
	.name = "signing_key_insert",
	.sql = "WITH latest AS (SELECT max(generation) AS generation,"
	    "  max(active_from) AS active_from"
	    "  FROM signing_keys WHERE alg = $2),"
	    " span AS (SELECT $6 * interval '1 second' AS rotation,"
	    "  $7 * interval '1 second' AS ahead,"
	    "  $8 * interval '1 second' AS kept),"
	    " due AS (SELECT coalesce(generation, 0) + 1 AS generation,"
	    "  CASE WHEN generation IS NULL THEN now()"
	    "  WHEN $5 = 'due' THEN"
	    "   greatest(active_from + rotation, now() + ahead)"
	    "  WHEN $5 = 'asked' THEN now() + ahead"
	    "  ELSE now() END AS active_from"
	    "  FROM latest, span WHERE CASE $5"
	    "  WHEN 'first' THEN generation IS NULL"
	    "  WHEN 'due' THEN active_from + rotation - ahead <= now()"
	    "  WHEN 'asked' THEN generation IS NULL OR active_from <= now()"
	    "  WHEN 'emergency' THEN true ELSE false END),"
	    " made AS (INSERT INTO signing_keys"
	    "  (kid, alg, generation, jwk, sealed, active_from)"
	    "  SELECT $1, $2, generation, $3::jsonb, $4, active_from FROM due"
	    "  ON CONFLICT DO NOTHING"
	    "  RETURNING kid, alg, generation, active_from),"
	    " changed AS (UPDATE signing_keys k"
	    "  SET retired_at = least(k.retired_at, made.active_from),"
	    "  gone_at = CASE WHEN $5 = 'emergency' THEN now()"
	    "   ELSE made.active_from + kept END,"
	    "  sealed = CASE WHEN $5 = 'emergency' THEN ''::bytea"
	    "   ELSE k.sealed END"
	    "  FROM made, span WHERE k.alg = made.alg"
	    "  AND k.generation < made.generation"
	    "  AND (k.retired_at IS NULL OR ($5 = 'emergency'"
	    "   AND (k.gone_at IS NULL OR k.gone_at > now()))) RETURNING 1),"
	    " noted AS (INSERT INTO audit (id, event, detail)"
	    "  SELECT $9, 'signing_key_made', jsonb_build_object('kid', kid,"
	    "  'alg', alg, 'reason', $5::text, 'active_from', active_from)"
	    "  FROM made RETURNING 1)"
	    " SELECT CASE WHEN EXISTS (SELECT FROM made) THEN 'ok'"
	    " WHEN EXISTS (SELECT FROM due) THEN 'conflict'"
	    " ELSE 'refused' END",
	.types = "tttbtiiiu",
	.columns = 1,
	.lane = STORE_FAST,
};

static const struct store_statement	rewrap = {
	.name = "signing_key_rewrap",
	.sql = "WITH changed AS (UPDATE signing_keys SET sealed = $3"
	    " WHERE kid = $1 AND sealed = $2 RETURNING 1)"
	    " SELECT CASE WHEN EXISTS (SELECT FROM changed) THEN 'ok'"
	    " ELSE 'missing' END",
	.types = "tbb",
	.columns = 1,
	.lane = STORE_FAST,
};

/* Five minutes: signers go by the database's clock, and may still be away. */
static const struct store_statement	prune = {
	.name = "signing_key_prune",
	.sql = "WITH burned AS (UPDATE signing_keys SET sealed = ''"
	    "  WHERE length(sealed) > 0"
	    "  AND retired_at < now() - interval '5 minutes' RETURNING 1),"
	    " forgotten AS (DELETE FROM signing_keys"
	    "  WHERE length(sealed) = 0"
	    "  AND gone_at < now() - interval '1 year' RETURNING 1)"
	    " SELECT 'ok'::text, (SELECT count(*) FROM burned)",
	.types = "",
	.columns = 2,
	.lane = STORE_FAST,
	.repeatable = true,
};

const struct store_statement *const store_signing_key_statements_web[] = {
	&list, NULL
};
const struct store_statement *const store_signing_key_statements_signer[] = {
	&insert, &list, &prune, &sealed, NULL
};
const struct store_statement *const store_signing_key_statements_owner[] = {
	&insert, &list, &prune, &rewrap, &sealed, NULL
};

static const char *const	reasons[] = {
	[STORE_SIGNING_KEY_FIRST]	= "first",
	[STORE_SIGNING_KEY_DUE]		= "due",
	[STORE_SIGNING_KEY_ASKED]	= "asked",
	[STORE_SIGNING_KEY_EMERGENCY]	= "emergency",
};

struct store_call *
store_signing_key_list(struct base_arena *arena)
{
	return (store_call(arena, &list));
}

/* Columns 0 and 1 of every row: kid and algorithm. */
static bool
read_name(const struct store_result *result, int row,
    char kid[JOSE_KEY_KID_LEN + 1], enum jose_alg *alg)
{
	char	name[16];

	return (store_cell_text(result, row, 0, kid, JOSE_KEY_KID_LEN + 1) &&
	    store_cell_text(result, row, 1, name, sizeof(name)) &&
	    jose_key_alg_parse(name, alg));
}

enum store_status
store_signing_key_row(const struct store_result *result, int row,
    struct store_signing_key *out)
{
	struct store_signing_key	key = { .gone_at = 0 };

	if (!read_name(result, row, key.kid, &key.alg) ||
	    !store_cell_text(result, row, 2, key.jwk, sizeof(key.jwk)) ||
	    !store_cell_int(result, row, 3, &key.active_from))
		return (STORE_FAILED);
	if (!store_cell_null(result, row, 4) &&
	    !store_cell_int(result, row, 4, &key.gone_at))
		return (STORE_FAILED);
	*out = key;

	return (STORE_OK);
}

struct store_call *
store_signing_key_sealed(struct base_arena *arena)
{
	return (store_call(arena, &sealed));
}

enum store_status
store_signing_key_sealed_row(const struct store_result *result, int row,
    struct store_signing_key_sealed *out)
{
	struct store_signing_key_sealed	key;
	struct base_slice		bytes;

	if (!read_name(result, row, key.kid, &key.alg) ||
	    !store_cell_int(result, row, 2, &key.active_from) ||
	    !store_cell_int(result, row, 3, &key.now) ||
	    !store_cell_slice(result, row, 4, &bytes) ||
	    bytes.len > sizeof(key.sealed))
		return (STORE_FAILED);
	memcpy(key.sealed, bytes.data, bytes.len);
	key.sealed_len = bytes.len;
	*out = key;

	return (STORE_OK);
}

/* NULL only when out of memory, which ends the process soon enough. */
static char *
jwk_text(const struct jose_key *key)
{
	json_t	*jwk = jose_key_jwk(key);
	char	*text = json_dumps(jwk, JSON_COMPACT);

	json_decref(jwk);

	return (text);
}

struct store_call *
store_signing_key_insert(struct base_arena *arena, const struct jose_key *key,
    const uint8_t *sealed_key, size_t sealed_len,
    enum store_signing_key_reason reason, int64_t rotation_days)
{
	struct store_call	*call = store_call(arena, &insert);
	struct base_uuid	 audit_id = base_uuid_new();
	char			*jwk = jwk_text(key);

	store_text(call, jose_key_kid(key));
	store_text(call, jose_key_alg_name(jose_key_alg(key)));
	store_text(call, jwk);
	store_bytes(call, sealed_key, sealed_len);
	store_text(call, reasons[reason]);
	store_int(call, rotation_days * 86400);
	store_int(call, STORE_SIGNING_KEY_AHEAD);
	store_int(call, STORE_SIGNING_KEY_KEPT);
	store_uuid(call, &audit_id);
	free(jwk);

	return (call);
}

struct store_call *
store_signing_key_rewrap(struct base_arena *arena, const char *kid,
    const uint8_t *before, size_t before_len, const uint8_t *after,
    size_t after_len)
{
	struct store_call	*call = store_call(arena, &rewrap);

	store_text(call, kid);
	store_bytes(call, before, before_len);
	store_bytes(call, after, after_len);

	return (call);
}

struct store_call *
store_signing_key_prune(struct base_arena *arena)
{
	return (store_call(arena, &prune));
}
