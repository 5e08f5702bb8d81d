#include "store/store_keyring.h"

#include <string.h>

#include "base/base_bytes.h"
#include "base/base_random.h"

/* BASE_KEYRING_MAX is also the most rows a process reads. */
#define TEXT(x)		TEXT_(x)
#define TEXT_(x)	#x

static const struct store_statement	list = {
	.name = "keyring_list",
	.sql = "SELECT id, purpose, wrapped,"
	    " floor(extract(epoch FROM active_from))::int8"
	    " FROM keyring ORDER BY id",
	.types = "",
	.columns = 4,
	.lane = STORE_FAST,
	.repeatable = true,
};

static const struct store_statement	next = {
	.name = "keyring_next",
	.sql = "SELECT 'ok'::text,"
	    " nextval(pg_get_serial_sequence('keyring', 'id'))",
	.types = "",
	.columns = 2,
	.lane = STORE_FAST,
	.repeatable = true,
};

/*
 * Two writers at once count the same generation up; it is unique, and the
 * one who comes second makes nothing.
 */
static const struct store_statement	insert = {
	.name = "keyring_insert",
	.sql = "WITH latest AS (SELECT"
	    "  max(generation) FILTER (WHERE purpose = $2) AS generation,"
	    "  count(*) AS total FROM keyring),"
	    " fits AS (SELECT coalesce(generation, 0) + 1 AS generation,"
	    "  CASE WHEN generation IS NULL THEN now()"
	    "  ELSE now() + interval '60 seconds' END AS active_from"
	    "  FROM latest WHERE total < " TEXT(BASE_KEYRING_MAX) "),"
	    " made AS (INSERT INTO keyring"
	    "  (id, purpose, generation, wrapped, active_from)"
	    "  OVERRIDING SYSTEM VALUE"
	    "  SELECT $1::int4, $2, generation, $3, active_from FROM fits"
	    "  WHERE NOT $4 OR generation = 1"
	    "  ON CONFLICT DO NOTHING RETURNING 1)"
	    " SELECT CASE WHEN EXISTS (SELECT FROM made) THEN 'ok'"
	    " WHEN EXISTS (SELECT FROM fits) THEN 'conflict'"
	    " ELSE 'refused' END",
	.types = "itbo",
	.columns = 1,
	.lane = STORE_FAST,
};

/*
 * What nothing can carry any more.  A key makes values until the next one of
 * its purpose is in use ("at"), give or take a day for clocks and slow nodes.
 * Sealed values live 31 days at most (an invitation); MACs in the tokens of a
 * grant as long as the grant; a pepper's digests as long as they are stored.
 * Whatever stores another digest under a pepper has to be asked here, too.
 */
static const struct store_statement	prune = {
	.name = "keyring_prune",
	.sql = "WITH past AS (SELECT k.id, k.purpose, min(n.active_from) AS at"
	    "  FROM keyring k JOIN keyring n ON n.purpose = k.purpose"
	    "  AND n.generation > k.generation GROUP BY k.id, k.purpose),"
	    " gone AS (DELETE FROM keyring k USING past p WHERE k.id = p.id"
	    "  AND p.at < now() - interval '2 days' AND CASE p.purpose"
	    "  WHEN 'seal' THEN p.at < now() - interval '33 days'"
	    "  WHEN 'mac' THEN NOT EXISTS (SELECT FROM grants g"
	    "   WHERE g.created_at < p.at + interval '1 day'"
	    "   AND g.ended_at IS NULL AND g.expires_at > now())"
	    "  WHEN 'pepper' THEN NOT EXISTS (SELECT FROM client_secrets s"
	    "   WHERE s.key_id = p.id)"
	    "  ELSE false END RETURNING k.id, k.purpose),"
	    " noted AS (INSERT INTO audit (id, event, detail)"
	    "  SELECT $1, 'keyring_pruned', jsonb_agg(jsonb_build_object("
	    "  'id', id, 'purpose', purpose)) FROM gone HAVING count(*) > 0"
	    "  RETURNING 1)"
	    " SELECT 'ok'::text, (SELECT count(*) FROM gone)",
	.types = "u",
	.columns = 2,
	.lane = STORE_SLOW,
};

static const struct store_statement	rewrap = {
	.name = "keyring_rewrap",
	.sql = "WITH changed AS (UPDATE keyring SET wrapped = $3"
	    " WHERE id = $1::int4 AND wrapped = $2 RETURNING 1)"
	    " SELECT CASE WHEN EXISTS (SELECT FROM changed) THEN 'ok'"
	    " ELSE 'missing' END",
	.types = "ibb",
	.columns = 1,
	.lane = STORE_FAST,
};

const struct store_statement *const store_keyring_statements_web[] = {
	&list, NULL
};
const struct store_statement *const store_keyring_statements_jobs[] = {
	&list, NULL
};
const struct store_statement *const store_keyring_statements_owner[] = {
	&insert, &list, &next, &prune, &rewrap, NULL
};

struct store_call *
store_keyring_list(struct base_arena *arena)
{
	return (store_call(arena, &list));
}

/* STORE_MISSING: a purpose that this program, or this process, has not. */
static enum store_status
read_key(const struct store_result *result, int row,
    const struct base_config *config, struct base_key *out)
{
	struct base_slice	wrapped;
	char			purpose[16];
	int64_t			id;

	if (!store_cell_int(result, row, 0, &id) || id < 1 ||
	    id > UINT32_MAX ||
	    !store_cell_slice(result, row, 2, &wrapped) ||
	    wrapped.len != BASE_WRAPPED_LEN ||
	    !store_cell_int(result, row, 3, &out->active_from))
		return (STORE_FAILED);
	if (!store_cell_text(result, row, 1, purpose, sizeof(purpose)) ||
	    !base_keyring_purpose_parse(purpose, &out->purpose) ||
	    !config->has_wrapping[out->purpose])
		return (STORE_MISSING);
	out->id = (uint32_t)id;
	if (!base_keyring_unwrap(config->wrapping[out->purpose], wrapped.data,
	    out))
		return (STORE_FAILED);

	return (STORE_OK);
}

enum store_status
store_keyring_read(const struct store_result *result,
    const struct base_config *config, struct base_keyring *out)
{
	struct base_keyring	ring = { .count = 0 };
	struct base_key		key;
	enum store_status	status = store_result_status(result);
	int			row;

	for (row = 0; status == STORE_OK &&
	    row < store_result_rows(result); row++) {
		status = read_key(result, row, config, &key);
		if (status == STORE_MISSING)
			status = STORE_OK;
		else if (status == STORE_OK && !base_keyring_add(&ring, &key))
			status = STORE_FAILED;
	}
	if (status == STORE_OK)
		*out = ring;
	base_keyring_clear(&ring);
	base_bytes_wipe(&key, sizeof(key));

	return (status == STORE_OK ? STORE_OK : STORE_FAILED);
}

struct store_call *
store_keyring_rewrap(struct base_arena *arena, uint32_t id,
    const uint8_t before[BASE_WRAPPED_LEN],
    const uint8_t after[BASE_WRAPPED_LEN])
{
	struct store_call	*call = store_call(arena, &rewrap);

	store_int(call, id);
	store_bytes(call, before, BASE_WRAPPED_LEN);
	store_bytes(call, after, BASE_WRAPPED_LEN);

	return (call);
}

/* "key" has the id that the statement "next" gave. */
static struct store_call *
key_insert(struct base_arena *arena, const struct base_key *key,
    const uint8_t wrapped[BASE_WRAPPED_LEN], bool only_first)
{
	struct store_call	*call = store_call(arena, &insert);

	store_int(call, key->id);
	store_text(call, base_keyring_purpose_name(key->purpose));
	store_bytes(call, wrapped, BASE_WRAPPED_LEN);
	store_bool(call, only_first);

	return (call);
}

static enum store_status
make_key(struct store_sync *sync, struct base_arena *arena,
    const uint8_t root[BASE_KEY_LEN], struct base_key *key, bool only_first)
{
	const struct store_result	*result;
	uint8_t				 wrapping[BASE_KEY_LEN];
	uint8_t				 wrapped[BASE_WRAPPED_LEN];
	int64_t				 id;

	result = store_sync_run(sync, store_call(arena, &next));
	if (store_result_status(result) != STORE_OK ||
	    !store_cell_int(result, 0, 1, &id) || id < 1 || id > INT32_MAX)
		return (STORE_FAILED);

	key->id = (uint32_t)id;
	base_random_bytes(key->bytes, sizeof(key->bytes));
	base_keyring_derive(root, key->purpose, wrapping);
	base_keyring_wrap(wrapping, key, wrapped);
	base_bytes_wipe(wrapping, sizeof(wrapping));

	return (store_verdict(store_sync_run(sync, key_insert(arena, key,
	    wrapped, only_first))));
}

enum store_status
store_keyring_make(struct store_sync *sync, const uint8_t root[BASE_KEY_LEN],
    enum base_purpose purpose, bool only_first)
{
	struct base_arena	arena;
	struct base_key		key = { .purpose = purpose };
	enum store_status	status;

	base_arena_init(&arena);
	status = make_key(sync, &arena, root, &key, only_first);
	base_bytes_wipe(&key, sizeof(key));
	base_arena_clear(&arena);

	return (status);
}

enum store_status
store_keyring_prune(struct store_sync *sync, int64_t *count)
{
	const struct store_result	*result;
	struct base_arena		 arena;
	struct base_uuid		 audit = base_uuid_new();
	struct store_call		*call;
	enum store_status		 status;

	base_arena_init(&arena);
	call = store_call(&arena, &prune);
	store_uuid(call, &audit);
	result = store_sync_run(sync, call);
	status = store_verdict(result);
	if (status == STORE_OK && !store_cell_int(result, 0, 1, count))
		status = STORE_FAILED;
	base_arena_clear(&arena);

	return (status);
}

/* Does every row open under "root"? */
static enum store_status
check_keys(struct store_sync *sync, const uint8_t root[BASE_KEY_LEN])
{
	struct base_config	config = { .has_root_key = false };
	struct base_keyring	ring;
	struct base_arena	arena;
	enum store_status	status;
	int			i;

	for (i = 0; i < BASE_PURPOSE_COUNT; i++) {
		base_keyring_derive(root, (enum base_purpose)i,
		    config.wrapping[i]);
		config.has_wrapping[i] = true;
	}

	base_arena_init(&arena);
	status = store_keyring_read(store_sync_run(sync,
	    store_keyring_list(&arena)), &config, &ring);
	base_arena_clear(&arena);
	base_config_clear(&config);
	if (status != STORE_OK)
		return (STORE_REFUSED);
	base_keyring_clear(&ring);

	return (STORE_OK);
}

/* Signing keys are rows of their own, so their purpose has none here. */
enum store_status
store_keyring_prepare(struct store_sync *sync,
    const uint8_t root[BASE_KEY_LEN])
{
	static const enum base_purpose	purposes[] = { BASE_PURPOSE_SEAL,
					    BASE_PURPOSE_MAC,
					    BASE_PURPOSE_PEPPER };
	enum store_status		status;
	size_t				i;

	for (i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
		status = store_keyring_make(sync, root, purposes[i], true);
		if (status != STORE_OK && status != STORE_CONFLICT)
			return (status);
	}

	return (check_keys(sync, root));
}
