/*
 * Migrations: from nothing, again, by several at once; what a start refuses;
 * what each role may not do.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/store_migrate.h"
#include "store/store_roles.h"
#include "support/postgres.h"

static char	error[BASE_CONFIG_ERROR_MAX + 1];

static void
said(void *owner, const char *text)
{
	int	*count = owner;

	(void)text;
	if (count != NULL)
		(*count)++;
}

static enum store_migrate_status
check(const struct base_config *config, enum store_role role)
{
	struct store_sync		*sync = postgres_open(config, role);
	enum store_migrate_status	 status;

	status = store_migrate_check(sync, config, error);
	store_sync_close(sync);

	return (status);
}

static void
test_store_migrate_twice(void **state)
{
	struct base_config	config;
	int			applied = 0;

	(void)state;
	postgres_config(&config);
	if (store_migrate(&config, said, &applied, error) != STORE_MIGRATE_OK)
		fail_msg("%s", error);
	assert_true(applied > 0);

	applied = 0;
	assert_int_equal(store_migrate(&config, said, &applied, error),
	    STORE_MIGRATE_OK);
	assert_int_equal(applied, 0);

	assert_int_equal(check(&config, STORE_ROLE_WEB), STORE_MIGRATE_OK);
	assert_int_equal(check(&config, STORE_ROLE_SIGNER), STORE_MIGRATE_OK);
	assert_int_equal(check(&config, STORE_ROLE_JOBS), STORE_MIGRATE_OK);

	/* Both tables: the previous month, this one, three ahead. */
	assert_string_equal(postgres_psql(&config,
	    "SELECT inhparent::regclass, count(*) FROM pg_inherits"
	    " WHERE inhparent IN ('grants'::regclass, 'audit'::regclass)"
	    " GROUP BY inhparent"
	    " ORDER BY inhparent::regclass::text"), "audit|5\ngrants|5");
}

/* Eight at once: all end well, each migration applied once. */
static void
test_store_migrate_together(void **state)
{
	struct base_config	config;
	int			status;

	(void)state;
	postgres_config(&config);
	for (int i = 0; i < 8; i++) {
		pid_t	child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			status = store_migrate(&config, said, NULL, error);
			if (status != STORE_MIGRATE_OK)
				fprintf(stderr, "%s\n", error);
			_exit(status);
		}
	}
	for (int i = 0; i < 8; i++) {
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), STORE_MIGRATE_OK);
	}
	assert_int_equal(check(&config, STORE_ROLE_WEB), STORE_MIGRATE_OK);
}

/* Databases of one cluster, migrated at once while its roles have no
 * passwords yet: "tuple concurrently updated" is nobody's end. */
static void
test_store_migrate_roles_together(void **state)
{
	struct base_config	config[6];
	int			status;

	(void)state;
	for (int i = 0; i < 6; i++)
		postgres_config(&config[i]);
	(void)postgres_psql(&config[0], "DO $$ DECLARE r text; BEGIN "
	    "FOR r IN SELECT rolname FROM pg_roles WHERE rolname "
	    "IN ('permiso_web', 'permiso_signer', 'permiso_jobs', "
	    "'permiso_retention', 'permiso_readonly') LOOP "
	    "EXECUTE format('ALTER ROLE %I NOLOGIN', r); "
	    "EXECUTE format('COMMENT ON ROLE %I IS NULL', r); "
	    "END LOOP; END $$");
	for (int i = 0; i < 6; i++) {
		pid_t	child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			status = store_migrate(&config[i], said, NULL, error);
			if (status != STORE_MIGRATE_OK)
				fprintf(stderr, "%s\n", error);
			_exit(status);
		}
	}
	for (int i = 0; i < 6; i++) {
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), STORE_MIGRATE_OK);
	}
}

/* What a start refuses: one thing is spoiled, and its word is in the text. */
static void
test_store_migrate_refuses(void **state)
{
	static const struct {
		const char			*spoil;
		const char			*mend;
		enum store_migrate_status	 want;
		const char			*word;
	} cases[] = {
		{ "SELECT 1", "SELECT 1", STORE_MIGRATE_OK, "" },
		{ "UPDATE schema_migrations SET checksum = '\\x00' WHERE"
		    " number = 1", NULL, STORE_MIGRATE_REFUSED, "not ours" },
		{ "UPDATE schema_migrations SET checksum ="
		    " sha256('x') WHERE number = 1",
		    NULL, STORE_MIGRATE_REFUSED, "changed after" },
		{ "UPDATE schema_migrations SET name = '0001_other.sql' WHERE"
		    " number = 1", NULL, STORE_MIGRATE_REFUSED,
		    "changed after" },
		{ "INSERT INTO schema_migrations SELECT max(number) + 1,"
		    " max(number) + 1, 'next', sha256('x')"
		    " FROM schema_migrations", NULL, STORE_MIGRATE_REFUSED,
		    "newer" },
		{ "INSERT INTO schema_migrations SELECT max(number) + 1,"
		    " max(number), 'next', sha256('x')"
		    " FROM schema_migrations", NULL, STORE_MIGRATE_OK, "" },
		{ "INSERT INTO schema_migrations SELECT max(number) + 2,"
		    " 1, 'next', sha256('x')"
		    " FROM schema_migrations", NULL, STORE_MIGRATE_REFUSED,
		    "missing" },
		{ "DELETE FROM schema_migrations WHERE number ="
		    " (SELECT max(number) FROM schema_migrations)", NULL,
		    STORE_MIGRATE_REFUSED, "permiso migrate" },
		{ "UPDATE installation SET issuer = 'https://x.example'", NULL,
		    STORE_MIGRATE_REFUSED, "https://x.example" },
		{ "UPDATE installation SET rp_id = 'x.example'", NULL,
		    STORE_MIGRATE_REFUSED, "x.example" },
		{ "DELETE FROM installation", NULL, STORE_MIGRATE_REFUSED,
		    "permiso migrate" },
		{ "ALTER ROLE permiso_web SET synchronous_commit = off",
		    "ALTER ROLE permiso_web RESET synchronous_commit",
		    STORE_MIGRATE_REFUSED, "synchronous_commit" },
	};
	static const char	keep[] =
	    "CREATE TABLE kept AS SELECT * FROM schema_migrations;"
	    "CREATE TABLE kept_installation AS SELECT * FROM installation";
	static const char	restore[] =
	    "DELETE FROM schema_migrations; DELETE FROM installation;"
	    "INSERT INTO schema_migrations SELECT * FROM kept;"
	    "INSERT INTO installation SELECT * FROM kept_installation";
	struct base_config	 config;

	(void)state;
	postgres_migrated(&config);
	postgres_psql(&config, keep);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		postgres_psql(&config, cases[i].spoil);
		error[0] = '\0';
		if (check(&config, STORE_ROLE_WEB) != cases[i].want ||
		    strstr(error, cases[i].word) == NULL)
			fail_msg("%s: %s", cases[i].spoil, error);
		if (cases[i].mend != NULL)
			postgres_psql(&config, cases[i].mend);
		postgres_psql(&config, restore);
	}
}

/* The issuer may change while nobody knows it, and not after. */
static void
test_store_migrate_issuer(void **state)
{
	struct base_config	config;

	(void)state;
	postgres_migrated(&config);
	snprintf(config.app_url, sizeof(config.app_url), "https://id.example");
	snprintf(config.rp_id, sizeof(config.rp_id), "id.example");
	assert_int_equal(check(&config, STORE_ROLE_WEB),
	    STORE_MIGRATE_REFUSED);
	assert_int_equal(store_migrate(&config, said, NULL, error),
	    STORE_MIGRATE_OK);
	assert_int_equal(check(&config, STORE_ROLE_WEB), STORE_MIGRATE_OK);

	postgres_psql(&config, "INSERT INTO clients (id, client_id, name,"
	    " application_type, auth_method, grant_types, scopes,"
	    " redirect_uris) VALUES (gen_random_uuid(), 'c', 'c', 'web',"
	    " 'none', '{}', '{}', '{}')");
	snprintf(config.app_url, sizeof(config.app_url), "https://b.example");
	assert_int_equal(store_migrate(&config, said, NULL, error),
	    STORE_MIGRATE_REFUSED);
	assert_non_null(strstr(error, "https://id.example"));
}

static void
test_store_migrate_refuses_encoding(void **state)
{
	struct base_config	 config;
	char			*name;

	(void)state;
	postgres_config(&config);
	postgres_psql(&config, "CREATE DATABASE latin OWNER permiso TEMPLATE"
	    " template0 ENCODING 'LATIN1' LOCALE 'C'");
	name = strstr(config.database, "dbname=");
	snprintf(name, 32, "dbname=latin");
	assert_int_equal(store_migrate(&config, said, NULL, error),
	    STORE_MIGRATE_REFUSED);
	assert_non_null(strstr(error, "UTF8"));
}

/* One way of a connection; the server's process id is made another one. */
static bool
pump(int from, int to)
{
	static const uint8_t	key[] = { 'K', 0, 0, 0, 12 };
	uint8_t			bytes[65536], *at;
	ssize_t			len = read(from, bytes, sizeof(bytes));

	if (len <= 0)
		return (false);
	at = memmem(bytes, (size_t)len, key, sizeof(key));
	if (at != NULL)
		at[sizeof(key) + 1] ^= 1;

	return (write(to, bytes, (size_t)len) == len);
}

/* What a pooler looks like from outside: another key than the backend's. */
static void
pooler(int listener, const struct sockaddr_un *server)
{
	struct pollfd		 ends[2];

	for (;;) {
		ends[0].fd = accept(listener, NULL, NULL);
		ends[1].fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (connect(ends[1].fd, (const struct sockaddr *)server,
		    sizeof(*server)) != 0)
			_exit(1);
		ends[0].events = ends[1].events = POLLIN;
		while (poll(ends, 2, -1) > 0) {
			if (ends[0].revents != 0 &&
			    !pump(ends[0].fd, ends[1].fd))
				break;
			if (ends[1].revents != 0 &&
			    !pump(ends[1].fd, ends[0].fd))
				break;
		}
		close(ends[0].fd);
		close(ends[1].fd);
	}
}

static void
test_store_migrate_refuses_pooler(void **state)
{
	struct sockaddr_un	 server = { .sun_family = AF_UNIX };
	struct sockaddr_un	 name = { .sun_family = AF_UNIX };
	struct base_config	 config, behind;
	const char		*rest;
	pid_t			 child;
	int			 listener = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	postgres_migrated(&config);
	assert_int_equal(strncmp(config.database, "host=", 5), 0);
	rest = strchr(config.database, ' ');
	snprintf(server.sun_path, sizeof(server.sun_path),
	    "%.*s/.s.PGSQL.5432", (int)(rest - config.database - 5),
	    config.database + 5);
	behind = config;
	snprintf(behind.database, sizeof(behind.database), "host=%s%.900s",
	    postgres_folder(), rest);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s/.s.PGSQL.5432",
	    postgres_folder());
	assert_int_equal(bind(listener, (struct sockaddr *)&name,
	    sizeof(name)), 0);
	assert_int_equal(listen(listener, 8), 0);
	if ((child = fork()) == 0)
		pooler(listener, &server);
	close(listener);

	assert_int_equal(store_migrate(&behind, said, NULL, error),
	    STORE_MIGRATE_REFUSED);
	assert_non_null(strstr(error, "pooler"));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(store_migrate(&config, said, NULL, error),
	    STORE_MIGRATE_OK);
}

/* Each line must be refused to its role. */
static void
test_store_migrate_least_privilege(void **state)
{
	static const struct {
		enum store_role	 role;
		const char	*sql;
	} refused[] = {
		{ STORE_ROLE_WEB, "SELECT sealed FROM signing_keys" },
		{ STORE_ROLE_WEB, "SELECT * FROM signing_keys" },
		{ STORE_ROLE_WEB, "DELETE FROM signing_keys" },
		{ STORE_ROLE_WEB, "INSERT INTO signing_keys (kid) VALUES"
		    " ('x')" },
		{ STORE_ROLE_WEB, "UPDATE audit SET event = 'x'" },
		{ STORE_ROLE_WEB, "DELETE FROM audit" },
		{ STORE_ROLE_WEB, "TRUNCATE audit" },
		{ STORE_ROLE_WEB, "DELETE FROM audit_seal" },
		{ STORE_ROLE_WEB, "UPDATE installation SET issuer = 'x'" },
		{ STORE_ROLE_WEB, "DELETE FROM grants" },
		{ STORE_ROLE_WEB, "UPDATE keyring SET purpose = 'x'" },
		{ STORE_ROLE_WEB, "INSERT INTO schema_migrations VALUES"
		    " (9, 9, 'x', 'x')" },
		{ STORE_ROLE_WEB, "CREATE TABLE t (i int)" },
		{ STORE_ROLE_WEB, "CREATE TEMP TABLE t (i int)" },
		{ STORE_ROLE_WEB, "SET ROLE permiso_retention" },
		{ STORE_ROLE_SIGNER, "SELECT * FROM users" },
		{ STORE_ROLE_SIGNER, "SELECT * FROM sessions" },
		{ STORE_ROLE_SIGNER, "DELETE FROM audit" },
		{ STORE_ROLE_JOBS, "SELECT sealed FROM signing_keys" },
		{ STORE_ROLE_JOBS, "DELETE FROM audit" },
		{ STORE_ROLE_JOBS, "UPDATE audit SET event = 'x'" },
		{ STORE_ROLE_JOBS, "UPDATE audit_seal SET hash = 'x'" },
		{ STORE_ROLE_JOBS, "DELETE FROM audit_seal" },
		{ STORE_ROLE_JOBS, "SELECT digest FROM client_secrets" },
		{ STORE_ROLE_RETENTION, "SELECT * FROM users" },
		{ STORE_ROLE_RETENTION, "DELETE FROM audit_seal" },
		{ STORE_ROLE_RETENTION, "UPDATE audit_seal SET hash = 'x'" },
	};
	static const char	secrets[] =
	    "SELECT string_agg(a.attrelid::regclass || '.' || a.attname, ' '"
	    " ORDER BY 1) FROM pg_attribute a JOIN pg_class c"
	    " ON c.oid = a.attrelid"
	    " WHERE c.relnamespace = 'public'::regnamespace"
	    " AND c.relkind IN ('r', 'p') AND a.attnum > 0"
	    " AND a.attname ~ 'digest|^sealed$|wrapped|statement_key'"
	    " AND has_column_privilege('permiso_readonly', a.attrelid,"
	    "  a.attnum, 'SELECT')";
	struct base_config	 config;
	struct store_sync	*sync;

	(void)state;
	postgres_migrated(&config);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		sync = postgres_open(&config, refused[i].role);
		if (store_sync_script(sync, refused[i].sql, 5000, error) !=
		    STORE_FAILED || strstr(error, "permission denied") == NULL)
			fail_msg("%s: %s", refused[i].sql, error);
		store_sync_close(sync);
	}

	assert_string_equal(postgres_psql(&config, secrets), "");
	/* ... and it does read what is no secret. */
	assert_string_equal(postgres_psql(&config, "SELECT"
	    " has_table_privilege('permiso_readonly', 'users', 'SELECT')"),
	    "t");
}

/* Another root key over the same cluster does not take the roles away. */
static void
test_store_migrate_other_key(void **state)
{
	struct base_config	config, other;

	(void)state;
	postgres_migrated(&config);
	postgres_config(&other);
	other.root_key[0] ^= 1;
	assert_int_equal(store_migrate(&other, said, NULL, error),
	    STORE_MIGRATE_REFUSED);
	assert_non_null(strstr(error, "ENCRYPTION_KEY"));
	assert_int_equal(check(&config, STORE_ROLE_WEB), STORE_MIGRATE_OK);
}

static void
test_store_migrate_away(void **state)
{
	struct base_config	config = { .has_root_key = true };

	(void)state;
	snprintf(config.database, sizeof(config.database),
	    "host=/tmp/permiso-nobody-listens dbname=x user=x");
	assert_int_equal(store_migrate(&config, said, NULL, error),
	    STORE_MIGRATE_AWAY);
	snprintf(config.database, sizeof(config.database),
	    "password='not closed");
	assert_int_equal(store_migrate(&config, said, NULL, error),
	    STORE_MIGRATE_AWAY);
	assert_null(strstr(error, "not closed"));
}

static void
test_store_roles_conninfo(void **state)
{
	struct base_config	config = { .has_root_key = true };
	char			out[BASE_CONFIG_TEXT_MAX + 1];

	(void)state;
	snprintf(config.database, sizeof(config.database),
	    "postgresql://me:hunter2@db.example:5433/name?sslmode=verify-full"
	    "&application_name=it%%27s");
	assert_true(store_roles_conninfo(&config, STORE_ROLE_WEB, out, error));
	assert_null(strstr(out, "hunter2"));
	assert_null(strstr(out, "'me'"));
	assert_non_null(strstr(out, "host='db.example'"));
	assert_non_null(strstr(out, "port='5433'"));
	assert_non_null(strstr(out, "sslmode='verify-full'"));
	assert_non_null(strstr(out, "application_name='it\\'s'"));
	assert_non_null(strstr(out, "user='permiso_web'"));
	assert_true(store_roles_conninfo(&config, STORE_ROLE_OWNER, out,
	    error));
	assert_string_equal(out, config.database);

	config.has_root_key = false;
	assert_false(store_roles_conninfo(&config, STORE_ROLE_WEB, out,
	    error));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_migrate_twice),
		cmocka_unit_test(test_store_migrate_together),
		cmocka_unit_test(test_store_migrate_roles_together),
		cmocka_unit_test(test_store_migrate_refuses),
		cmocka_unit_test(test_store_migrate_issuer),
		cmocka_unit_test(test_store_migrate_refuses_encoding),
		cmocka_unit_test(test_store_migrate_refuses_pooler),
		cmocka_unit_test(test_store_migrate_least_privilege),
		cmocka_unit_test(test_store_migrate_other_key),
		cmocka_unit_test(test_store_migrate_away),
		cmocka_unit_test(test_store_roles_conninfo),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
