/*
 * Migrations, and the checks that every start makes.
 */

#include "store/store_migrate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "base/base_hex.h"
#include "store/store_audit.h"
#include "store/store_keyring.h"
#include "store/store_postgres.h"
#include "store/store_roles.h"
#include "store/store_schema.h"

/* "permiso" in ASCII; one number for everything migrate does. */
#define LOCK		"31647279063954287"
#define OLDEST_SERVER	150000
#define NAME_MAX_LEN	63
#define SCRIPT_FIXED	1024

/* A migration as the database has it. */
struct applied {
	int64_t	number;
	int64_t	oldest;
	char	name[NAME_MAX_LEN + 1];
	uint8_t	checksum[BASE_SHA256_LEN];
};

struct migration {
	struct store_sync		*sync;
	const struct base_config	*config;
	struct base_arena		*arena;
	store_migrate_said		*said;
	void				*owner;
	char				*error;
};

static enum store_migrate_status
	apply(const struct migration *, const struct store_schema_file *);
static enum store_migrate_status
	away(char *);
static enum store_migrate_status
	bootstrap(const struct migration *);
static enum store_migrate_status
	bring_up(const struct migration *);
static enum store_migrate_status
	check_history(struct store_sync *, struct base_arena *, bool,
	    int64_t *, char *);
static enum store_migrate_status
	check_installation(struct store_sync *, struct base_arena *,
	    const struct base_config *, char *);
static enum store_migrate_status
	check_session(struct store_sync *, struct base_arena *, char *);
static bool	applied_decode(const struct store_result *, int,
		    struct applied *);
static int	known(void);
static enum store_migrate_status
	judge(const struct applied *, int64_t, char *);
static enum store_migrate_status
	keys(const struct migration *);
static enum store_migrate_status
	new_series(const struct migration *);
static enum store_migrate_status
	partitions(const struct migration *);
static enum store_migrate_status
	record_installation(const struct migration *);
static enum store_migrate_status
	refuse(char *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

static const struct store_statement session_read = {
	.name = "migrate_session",
	.sql = "SELECT current_setting('server_encoding'),"
	    " current_setting('synchronous_commit'),"
	    " current_setting('plan_cache_mode'),"
	    " pg_is_in_recovery(), pg_backend_pid()",
	.types = "",
	.columns = 5,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement history_read = {
	.name = "migrate_history",
	.sql = "SELECT number, oldest, name, checksum FROM schema_migrations"
	    " ORDER BY number",
	.types = "",
	.columns = 4,
	.lane = STORE_SLOW,
	.repeatable = true,
};

static const struct store_statement installation_read = {
	.name = "migrate_installation",
	.sql = "SELECT issuer, rp_id FROM installation",
	.types = "",
	.columns = 2,
	.lane = STORE_SLOW,
	.repeatable = true,
};

/*
 * Issuer and RP ID are what every registered app and every passkey knows, so
 * they may change only while there is neither.
 */
static const struct store_statement installation_write = {
	.name = "migrate_record",
	.sql = "INSERT INTO installation AS i (issuer, rp_id) VALUES ($1, $2)"
	    " ON CONFLICT (one) DO UPDATE"
	    " SET issuer = excluded.issuer, rp_id = excluded.rp_id"
	    " WHERE (i.issuer = excluded.issuer"
	    "  OR NOT EXISTS (SELECT FROM clients) AND NOT i.set_up)"
	    " AND (i.rp_id = excluded.rp_id"
	    "  OR NOT EXISTS (SELECT FROM passkeys))"
	    " RETURNING 'ok'",
	.types = "tt",
	.columns = 1,
	.lane = STORE_SLOW,
	.repeatable = true,
};

const struct store_statement *const store_migrate_statements_all[] = {
	&session_read,
	&history_read,
	&installation_read,
	NULL
};

const struct store_statement *const store_migrate_statements_owner[] = {
	&installation_write,
	NULL
};

enum store_migrate_status
store_migrate(const struct base_config *config, store_migrate_said *said,
    void *owner, char error[BASE_CONFIG_ERROR_MAX + 1])
{
	struct migration		 migration = { 0 };
	struct base_arena		 arena;
	enum store_migrate_status	 status;

	if (!config->has_root_key)
		return (refuse(error, "ENCRYPTION_KEY is not set"));

	base_arena_init(&arena);
	migration.config = config;
	migration.arena = &arena;
	migration.said = said;
	migration.owner = owner;
	migration.error = error;
	if ((migration.sync = store_sync_open(config->database,
	    STORE_ROLE_OWNER, error)) == NULL) {
		base_arena_clear(&arena);
		return (STORE_MIGRATE_AWAY);
	}

	status = bring_up(&migration);
	store_sync_close(migration.sync);
	base_arena_clear(&arena);

	return (status);
}

enum store_migrate_status
store_migrate_check(struct store_sync *sync, const struct base_config *config,
    char error[BASE_CONFIG_ERROR_MAX + 1])
{
	struct base_arena		arena;
	enum store_migrate_status	status;
	int64_t				newest;

	base_arena_init(&arena);
	status = check_session(sync, &arena, error);
	if (status == STORE_MIGRATE_OK)
		status = check_history(sync, &arena, true, &newest, error);
	if (status == STORE_MIGRATE_OK)
		status = check_installation(sync, &arena, config, error);
	base_arena_clear(&arena);

	return (status);
}

/* Each step stands on the ones before it. */
static enum store_migrate_status
bring_up(const struct migration *m)
{
	enum store_migrate_status	status;
	int64_t				newest;

	if ((status = check_session(m->sync, m->arena, m->error)) !=
	    STORE_MIGRATE_OK)
		return (status);
	if (!store_roles_make(m->sync, m->config, m->error))
		return (STORE_MIGRATE_REFUSED);
	if ((status = bootstrap(m)) != STORE_MIGRATE_OK)
		return (status);
	if ((status = check_history(m->sync, m->arena, false, &newest,
	    m->error)) != STORE_MIGRATE_OK)
		return (status);

	for (const struct store_schema_file *file = store_schema_files;
	    file->number != 0; file++) {
		if (file->number <= newest)
			continue;
		if ((status = apply(m, file)) != STORE_MIGRATE_OK)
			return (status);
	}

	if ((status = record_installation(m)) != STORE_MIGRATE_OK)
		return (status);
	if ((status = new_series(m)) != STORE_MIGRATE_OK)
		return (status);
	if ((status = partitions(m)) != STORE_MIGRATE_OK)
		return (status);

	return (keys(m));
}

/* The table of what was applied; the one table that no migration makes. */
static enum store_migrate_status
bootstrap(const struct migration *m)
{
	static const char	sql[] =
	    "SET LOCAL lock_timeout = 0;"
	    "SELECT pg_advisory_xact_lock(" LOCK ");"
	    "CREATE TABLE IF NOT EXISTS schema_migrations ("
	    " number integer PRIMARY KEY,"
	    " oldest integer NOT NULL,"
	    " name text COLLATE \"C\" NOT NULL,"
	    " checksum bytea NOT NULL,"
	    " applied_at timestamptz NOT NULL DEFAULT now())";
	char	why[STORE_SYNC_ERROR_MAX + 1];

	if (store_sync_script(m->sync, sql, STORE_POSTGRES_NO_LIMIT, why) !=
	    STORE_OK)
		return (refuse(m->error, "cannot make tables: %.300s", why));

	return (STORE_MIGRATE_OK);
}

/*
 * One migration, its row first: whoever comes second waits for the lock and
 * then meets the row, which rolls the whole of it back.
 */
static enum store_migrate_status
apply(const struct migration *m, const struct store_schema_file *file)
{
	uint8_t			 checksum[BASE_SHA256_LEN];
	char			 hex[2 * BASE_SHA256_LEN + 1], text[128];
	char			 why[STORE_SYNC_ERROR_MAX + 1], *sql;
	enum store_status	 status;

	base_hash_sha256(file->sql, strlen(file->sql), checksum);
	base_hex_encode(checksum, sizeof(checksum), hex);
	sql = base_arena_format(m->arena,
	    "SET LOCAL lock_timeout = '1min';"
	    "SELECT pg_advisory_xact_lock(" LOCK ");"
	    "INSERT INTO schema_migrations (number, oldest, name, checksum)"
	    " VALUES (%d, %d, '%s', '\\x%s');\n%s",
	    file->number, file->oldest, file->name, hex, file->sql);

	status = store_sync_script(m->sync, sql, STORE_POSTGRES_NO_LIMIT, why);
	if (status == STORE_CONFLICT)
		return (STORE_MIGRATE_OK);
	if (status != STORE_OK)
		return (refuse(m->error, "migration %s failed, nothing of it "
		    "was kept: %.200s", file->name, why));

	snprintf(text, sizeof(text), "applied %s", file->name);
	m->said(m->owner, text);
	return (STORE_MIGRATE_OK);
}

static enum store_migrate_status
record_installation(const struct migration *m)
{
	const struct store_result	*result;
	struct store_call		*call;

	call = store_call(m->arena, &installation_write);
	store_text(call, m->config->app_url);
	store_text(call, m->config->rp_id);
	result = store_sync_run(m->sync, call);
	if (store_result_status(result) != STORE_OK)
		return (away(m->error));
	if (store_result_rows(result) == 1)
		return (STORE_MIGRATE_OK);

	return (check_installation(m->sync, m->arena, m->config, m->error));
}

/*
 * A database that was restored elsewhere counts its transactions from a lower
 * number than it has sealed: its series is sealed to its end, and what comes
 * now is a new one.
 */
static enum store_migrate_status
new_series(const struct migration *m)
{
	static const char		 sql[] =
	    "SET LOCAL lock_timeout = '1min';"
	    "DO $$ DECLARE last record; BEGIN"
	    " PERFORM pg_advisory_xact_lock(" LOCK ");"
	    " SELECT series, max(to_xid) AS xid INTO last FROM audit_seal"
	    "  GROUP BY series ORDER BY series DESC LIMIT 1;"
	    " IF last.xid > pg_snapshot_xmax(pg_current_snapshot()) THEN"
	    "  EXECUTE format('ALTER TABLE audit ALTER COLUMN series"
	    "   SET DEFAULT %s', last.series + 1); END IF; END $$";
	const struct store_result	*result;
	char				 why[STORE_SYNC_ERROR_MAX + 1];

	result = store_sync_run(m->sync, store_audit_close(m->arena));
	if (store_result_status(result) != STORE_OK)
		return (away(m->error));
	if (store_sync_script(m->sync, sql, STORE_POSTGRES_NO_LIMIT, why) !=
	    STORE_OK)
		return (refuse(m->error, "cannot look at the audit seals: "
		    "%.300s", why));

	return (STORE_MIGRATE_OK);
}

/* Retention owns what is partitioned, and everything that is made of it. */
static enum store_migrate_status
partitions(const struct migration *m)
{
	char	why[STORE_SYNC_ERROR_MAX + 1];

	if (store_sync_script(m->sync, "SET LOCAL lock_timeout = '1min';"
	    "SELECT pg_advisory_xact_lock(" LOCK ");"
	    "SET LOCAL ROLE permiso_retention; SELECT partitions_make()",
	    STORE_POSTGRES_NO_LIMIT, why) != STORE_OK)
		return (refuse(m->error, "cannot make partitions: %.300s",
		    why));

	return (STORE_MIGRATE_OK);
}

/*
 * A pooler hands out other process ids than the backends have, and loses the
 * settings of a session.
 */
static enum store_migrate_status
check_session(struct store_sync *sync, struct base_arena *arena, char *error)
{
	const struct store_result	*result;
	char				 encoding[32], commit[32], plan[32];
	int64_t				 backend;
	bool				 standby;

	result = store_sync_run(sync, store_call(arena, &session_read));
	if (store_result_status(result) != STORE_OK ||
	    !store_cell_text(result, 0, 0, encoding, sizeof(encoding)) ||
	    !store_cell_text(result, 0, 1, commit, sizeof(commit)) ||
	    !store_cell_text(result, 0, 2, plan, sizeof(plan)) ||
	    !store_cell_bool(result, 0, 3, &standby) ||
	    !store_cell_int(result, 0, 4, &backend))
		return (away(error));

	if (store_sync_version(sync) < OLDEST_SERVER)
		return (refuse(error, "PostgreSQL 15 or newer is needed; "
		    "this is %d", store_sync_version(sync) / 10000));
	if (strcmp(encoding, "UTF8") != 0)
		return (refuse(error, "the database's encoding is %s; make "
		    "one with ENCODING 'UTF8'", encoding));
	if (strcmp(commit, "off") == 0)
		return (refuse(error, "synchronous_commit is off: a crash "
		    "would bring back spent codes and ended sessions"));
	if (backend != store_sync_backend(sync) ||
	    strcmp(plan, "force_generic_plan") != 0)
		return (refuse(error, "DB_CONNECTION_STRING leads to a "
		    "connection pooler; Permiso keeps few connections itself "
		    "and needs the server"));
	if (standby)
		return (refuse(error, "the database is a standby"));

	return (STORE_MIGRATE_OK);
}

/*
 * Is what was applied what this program knows?  "*newest" becomes the number
 * of the last one.  With "complete" everything must be applied.
 */
static enum store_migrate_status
check_history(struct store_sync *sync, struct base_arena *arena, bool complete,
    int64_t *newest, char *error)
{
	const struct store_result	*result;
	struct applied			 applied;
	enum store_migrate_status	 status;

	result = store_sync_run(sync, store_call(arena, &history_read));
	if (store_result_status(result) != STORE_OK) {
		if (store_sync_version(sync) == 0)
			return (away(error));
		return (refuse(error, "the database has no schema yet: run "
		    "`permiso migrate`"));
	}

	*newest = 0;
	for (int row = 0; row < store_result_rows(result); row++) {
		if (!applied_decode(result, row, &applied))
			return (refuse(error, "the table schema_migrations "
			    "is not ours"));
		if ((status = judge(&applied, *newest, error)) !=
		    STORE_MIGRATE_OK)
			return (status);
		*newest = applied.number;
	}

	if (complete && *newest < known())
		return (refuse(error, "the database's schema is older than "
		    "this program: run `permiso migrate`"));

	return (STORE_MIGRATE_OK);
}

/* One migration that the database has, "before" being the one before it. */
static enum store_migrate_status
judge(const struct applied *applied, int64_t before, char *error)
{
	const struct store_schema_file	*file;
	uint8_t				 checksum[BASE_SHA256_LEN];

	if (applied->number != before + 1)
		return (refuse(error, "migration %lld is missing from the "
		    "database", (long long)before + 1));
	if (applied->number > known()) {
		if (applied->oldest <= known())
			return (STORE_MIGRATE_OK);
		return (refuse(error, "the database's schema (%s) is newer "
		    "than this program allows: run the newer program",
		    applied->name));
	}

	file = &store_schema_files[applied->number - 1];
	base_hash_sha256(file->sql, strlen(file->sql), checksum);
	if (strcmp(file->name, applied->name) != 0 ||
	    !base_bytes_equal(checksum, sizeof(checksum), applied->checksum,
	    sizeof(applied->checksum)))
		return (refuse(error, "migration %s was changed after it was "
		    "applied here as %s", file->name, applied->name));

	return (STORE_MIGRATE_OK);
}

/* How many migrations this program has. */
static int
known(void)
{
	int	count;

	for (count = 0; store_schema_files[count].number != 0; count++)
		continue;

	return (count);
}

static bool
applied_decode(const struct store_result *result, int row,
    struct applied *out)
{
	struct base_slice	checksum;

	if (!store_cell_int(result, row, 0, &out->number) ||
	    !store_cell_int(result, row, 1, &out->oldest) ||
	    !store_cell_text(result, row, 2, out->name, sizeof(out->name)) ||
	    !store_cell_slice(result, row, 3, &checksum) ||
	    checksum.len != sizeof(out->checksum))
		return (false);

	memcpy(out->checksum, checksum.data, checksum.len);
	return (true);
}

static enum store_migrate_status
check_installation(struct store_sync *sync, struct base_arena *arena,
    const struct base_config *config, char *error)
{
	const struct store_result	*result;
	char				 issuer[BASE_CONFIG_TEXT_MAX + 1];
	char				 rp_id[BASE_CONFIG_TEXT_MAX + 1];

	result = store_sync_run(sync, store_call(arena, &installation_read));
	if (store_result_status(result) != STORE_OK)
		return (away(error));
	if (store_result_rows(result) == 0)
		return (refuse(error, "nothing says what this installation "
		    "is: run `permiso migrate`"));
	if (!store_cell_text(result, 0, 0, issuer, sizeof(issuer)) ||
	    !store_cell_text(result, 0, 1, rp_id, sizeof(rp_id)))
		return (refuse(error, "the table installation is not ours"));

	if (strcmp(issuer, config->app_url) != 0)
		return (refuse(error, "APP_URL is %.150s, but this database "
		    "belongs to %.150s: every app knows the issuer by that "
		    "name", config->app_url, issuer));
	if (strcmp(rp_id, config->rp_id) != 0)
		return (refuse(error, "RP_ID is %.150s, but the passkeys in "
		    "this database are for %.150s", config->rp_id, rp_id));

	return (STORE_MIGRATE_OK);
}

/* The first key of each purpose; the signer makes its own. */
static enum store_migrate_status
keys(const struct migration *m)
{
	switch (store_keyring_prepare(m->sync, m->config->root_key)) {
	case STORE_OK:
		return (STORE_MIGRATE_OK);
	case STORE_REFUSED:
		return (refuse(m->error, "ENCRYPTION_KEY is not the key that "
		    "this database was made with"));
	case STORE_FAILED:
	case STORE_BAD_CLIENT:
	case STORE_SPENT:
	case STORE_GONE:
	case STORE_MISSING:
	case STORE_CONFLICT:
	case STORE_STALE:
		break;
	}

	return (away(m->error));
}

static enum store_migrate_status
away(char *error)
{
	snprintf(error, BASE_CONFIG_ERROR_MAX + 1,
	    "the database does not answer");
	return (STORE_MIGRATE_AWAY);
}

static enum store_migrate_status
refuse(char *error, const char *format, ...)
{
	va_list	args;

	va_start(args, format);
	vsnprintf(error, BASE_CONFIG_ERROR_MAX + 1, format, args);
	va_end(args);

	return (STORE_MIGRATE_REFUSED);
}
