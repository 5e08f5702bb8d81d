/*
 * Seals over the audit: nothing is left out, nodes do not disturb each other,
 * and every way of changing what was sealed shows.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include <libpq-fe.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base_bytes.h"
#include "base/base_hex.h"
#include "store/store_audit.h"
#include "store/store_migrate.h"
#include "support/postgres.h"

#define INSERT	"INSERT INTO audit (id, event, detail) SELECT "		\
		"overlay(gen_random_uuid()::text PLACING substr("	\
		"partition_bound(now())::text, 1, 13) FROM 1)::uuid, "

static struct base_config	 config;
static struct store_sync	*jobs, *owner, *retention;
static struct base_arena	 arena;

/* Seal until there is nothing to seal; how many rows were. */
static int64_t
seal(struct store_sync *sync)
{
	const struct store_result	*result;
	int64_t				 count, all = 0;

	for (;;) {
		result = store_sync_run(sync, store_audit_seal(&arena));
		assert_int_equal(store_result_status(result), STORE_OK);
		if (store_result_rows(result) == 0)
			return (all);
		assert_true(store_cell_int(result, 0, 1, &count));
		all += count;
	}
}

/* The first thing that is wrong with the chain; *rows of sound seals. */
static enum store_audit_verdict
verify(int64_t *rows)
{
	const struct store_result	*result;
	struct store_audit_seal		 now, before;
	enum store_audit_verdict	 verdict;
	bool				 first = true;

	*rows = 0;
	for (;;) {
		result = store_sync_run(owner, store_audit_list(&arena,
		    first ? 0 : before.series, first ? 0 : before.from_xid));
		assert_int_equal(store_result_status(result), STORE_OK);
		for (int row = 0; row < store_result_rows(result); row++) {
			assert_true(store_audit_row(result, row, &now));
			verdict = store_audit_check(&now,
			    first ? NULL : &before);
			if (verdict != STORE_AUDIT_OK)
				return (verdict);
			*rows += now.found;
			before = now;
			first = false;
		}
		if (store_result_rows(result) < STORE_AUDIT_BATCH)
			return (STORE_AUDIT_OK);
	}
}

static void
start_again(void)
{
	postgres_psql(&config, "TRUNCATE audit, audit_seal");
}

static void
test_store_audit_seal(void **state)
{
	int64_t	rows;

	(void)state;
	start_again();
	assert_int_equal(seal(jobs), 0);
	assert_int_equal(verify(&rows), STORE_AUDIT_OK);

	postgres_psql(&config, INSERT "'a', NULL FROM generate_series(1, 3)");
	assert_int_equal(seal(jobs), 3);
	assert_int_equal(seal(jobs), 0);
	postgres_psql(&config, INSERT "'b', '{\"k\": 1}'");
	assert_int_equal(seal(jobs), 1);
	assert_int_equal(verify(&rows), STORE_AUDIT_OK);
	assert_int_equal(rows, 4);
	assert_string_equal(postgres_psql(&config,
	    "SELECT count(*) FROM audit_seal"), "2");
}

/*
 * A transaction that began before others and ends after them: its row is not
 * sealed over, and not lost.
 */
static void
test_store_audit_late_commit(void **state)
{
	PGconn	*slow;
	int64_t	 rows;

	(void)state;
	start_again();
	slow = PQconnectdb(config.database);
	PQclear(PQexec(slow, "BEGIN"));
	PQclear(PQexec(slow, INSERT "'slow', NULL"));
	postgres_psql(&config, INSERT "'quick', NULL");
	assert_int_equal(seal(jobs), 0);
	PQclear(PQexec(slow, "COMMIT"));
	assert_int_equal(seal(jobs), 2);
	assert_int_equal(verify(&rows), STORE_AUDIT_OK);
	assert_int_equal(rows, 2);
	PQfinish(slow);
}

/* After an outage: many rows make several seals. */
static void
test_store_audit_backlog(void **state)
{
	int64_t	rows;

	(void)state;
	start_again();
	postgres_psql(&config, "DO $$ BEGIN FOR i IN 1..5 LOOP "
	    INSERT "'x', NULL FROM generate_series(1, 9000); COMMIT;"
	    " END LOOP; END $$");
	assert_int_equal(seal(jobs), 45000);
	assert_int_equal(verify(&rows), STORE_AUDIT_OK);
	assert_int_equal(rows, 45000);
	assert_string_equal(postgres_psql(&config,
	    "SELECT count(*), max(count) FROM audit_seal"), "2|27000");
}

/* Four nodes seal while rows come in. */
static void
test_store_audit_nodes(void **state)
{
	struct store_sync	*own;
	int			 status;
	int64_t			 rows;

	(void)state;
	start_again();
	for (int node = 0; node < 4; node++) {
		pid_t	child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			own = postgres_open(&config, STORE_ROLE_JOBS);
			for (int i = 0; i < 200; i++)
				store_sync_run(own, store_audit_seal(&arena));
			_exit(0);
		}
	}
	for (int i = 0; i < 20; i++)
		postgres_psql(&config, INSERT
		    "'n', NULL FROM generate_series(1, 5)");
	for (int node = 0; node < 4; node++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	seal(jobs);
	assert_int_equal(verify(&rows), STORE_AUDIT_OK);
	assert_int_equal(rows, 100);
}

static const struct {
	const char			*sql;	/* %s: the victim */
	enum store_audit_verdict	 want;
} tampering[] = {
	{ "SELECT %s", STORE_AUDIT_OK },
	{ "DELETE FROM audit WHERE id = %s", STORE_AUDIT_MISSING },
	{ "INSERT INTO audit (id, event, xid) SELECT"
	    " gen_random_uuid(), 'x', xid FROM audit WHERE id = %s",
	    STORE_AUDIT_ADDED },
	{ "UPDATE audit SET event = 'three' WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit SET result = '' WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit SET at = at + interval '1 microsecond'"
	    " WHERE id = %s", STORE_AUDIT_CHANGED },
	{ "UPDATE audit SET actor_id = id WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit SET user_id = id WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit SET client_id = id WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit SET session_id = id WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit SET address = '::1' WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit SET device = '' WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit SET request_id = '0' WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit SET detail = '{}' WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit SET id = gen_random_uuid() WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	/* one transaction's row handed to another of the same seal */
	{ "UPDATE audit SET xid = (SELECT max(xid) FROM audit"
	    " WHERE event = 'two') WHERE id = %s",
	    STORE_AUDIT_CHANGED },
	/* ... and to another seal */
	{ "UPDATE audit SET xid = (SELECT min(xid) FROM audit"
	    " WHERE event = 'one') WHERE id = %s", STORE_AUDIT_ADDED },
	/* two rows change places */
	{ "UPDATE audit a SET event = b.event FROM audit b WHERE"
	    " a.id IN (%s, (SELECT min(id::text)::uuid FROM audit"
	    " WHERE event = 'one')) AND b.event <> a.event",
	    STORE_AUDIT_CHANGED },
	{ "DELETE FROM audit_seal WHERE from_xid = (SELECT from_xid"
	    " FROM audit_seal ORDER BY from_xid OFFSET 1 LIMIT 1)"
	    " AND %s IS NOT NULL", STORE_AUDIT_GAP },
	{ "DELETE FROM audit_seal WHERE from_xid = '0'"
	    " AND %s IS NOT NULL", STORE_AUDIT_GAP },
	{ "UPDATE audit_seal SET previous = sha256('x') WHERE"
	    " from_xid <> '0' AND %s IS NOT NULL", STORE_AUDIT_CHAIN },
	{ "UPDATE audit_seal SET hash = sha256('x') WHERE"
	    " from_xid = '0' AND %s IS NOT NULL",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit_seal SET count = count - 1 WHERE"
	    " from_xid = '0' AND %s IS NOT NULL", STORE_AUDIT_ADDED },
	{ "UPDATE audit_seal SET sealed_at = sealed_at"
	    " - interval '1 second' WHERE %s IS NOT NULL",
	    STORE_AUDIT_CHANGED },
	{ "UPDATE audit_seal SET pruned_at = now() WHERE"
	    " from_xid <> '0' AND %s IS NOT NULL",
	    STORE_AUDIT_PRUNED },
};

/* One thing is changed behind our back; verify must say what. */
static void
test_store_audit_tampering(void **state)
{
	static const char	victim[] =
	    "(SELECT id FROM audit WHERE event = 'two' ORDER BY id LIMIT 1)";
	char	sql[1024];
	int64_t	rows;

	(void)state;
	start_again();
	postgres_psql(&config, INSERT "'one', NULL FROM generate_series(1, 2)");
	seal(jobs);
	postgres_psql(&config, INSERT "'two', NULL FROM generate_series(1, 2)");
	postgres_psql(&config, INSERT "'two', NULL");
	seal(jobs);
	postgres_psql(&config, INSERT "'end', NULL");
	seal(jobs);
	postgres_psql(&config, "CREATE TABLE k1 AS SELECT * FROM audit;"
	    "CREATE TABLE k2 AS SELECT * FROM audit_seal;"
	    "CREATE TABLE audit_spare PARTITION OF audit DEFAULT");

	for (size_t i = 0; i < sizeof(tampering) / sizeof(tampering[0]); i++) {
		const char	*place = strstr(tampering[i].sql, "%s");

		assert_non_null(place);
		snprintf(sql, sizeof(sql), "%.*s%s%s",
		    (int)(place - tampering[i].sql), tampering[i].sql, victim,
		    place + 2);
		postgres_psql(&config, sql);
		if (verify(&rows) != tampering[i].want)
			fail_msg("%s: %s", tampering[i].sql,
			    store_audit_verdict_text(verify(&rows)));
		postgres_psql(&config, "TRUNCATE audit, audit_seal;"
		    "INSERT INTO audit SELECT * FROM k1;"
		    "INSERT INTO audit_seal SELECT * FROM k2");
	}
	postgres_psql(&config, "DROP TABLE k1, k2, audit_spare");
}

/* Retention takes whole seals from the front; the chain stays sound. */
static void
test_store_audit_prune(void **state)
{
	const struct store_result	*result;
	int64_t				 seals, rows;

	(void)state;
	start_again();
	for (int i = 0; i < 25; i++) {
		postgres_psql(&config, INSERT "'old', NULL");
		seal(jobs);
	}
	result = store_sync_run(retention, store_audit_prune(&arena, 1));
	assert_int_equal(store_verdict(result), STORE_OK);
	assert_true(store_cell_int(result, 0, 1, &seals));
	assert_int_equal(seals, 0);	/* none is a day old */

	result = store_sync_run(retention, store_audit_prune(&arena, 0));
	assert_true(store_cell_int(result, 0, 1, &seals));
	assert_int_equal(seals, 20);
	assert_int_equal(verify(&rows), STORE_AUDIT_OK);
	assert_int_equal(rows, 5);
	postgres_psql(&config, INSERT "'new', NULL");
	assert_int_equal(seal(jobs), 1);
	assert_int_equal(verify(&rows), STORE_AUDIT_OK);
	assert_int_equal(rows, 6);
}

/*
 * Restored into a cluster that counts from a lower number: what was left is
 * sealed to its end, new rows are another series, and migrate may run twice.
 */
static void
test_store_audit_restored(void **state)
{
	const struct store_result	*result;
	struct store_audit_seal		 far;
	char				 error[BASE_CONFIG_ERROR_MAX + 1];
	char				 hex[65], sql[256];
	int64_t				 rows;

	(void)state;
	start_again();
	postgres_psql(&config, INSERT "'far', NULL; UPDATE audit SET xid ="
	    " '9000000'; INSERT INTO audit_seal VALUES (1, '0', '9000001', 1,"
	    " 'x', decode(repeat('00', 32), 'hex'), now())");
	postgres_psql(&config, "UPDATE audit_seal SET hash = sha256('')");
	result = store_sync_run(owner, store_audit_list(&arena, 0, 0));
	assert_true(store_audit_row(result, 0, &far));
	base_hex_encode(far.found_hash, sizeof(far.found_hash), hex);
	snprintf(sql, sizeof(sql), "UPDATE audit_seal SET hash ="
	    " decode('%s', 'hex')", hex);
	postgres_psql(&config, sql);
	assert_int_equal(verify(&rows), STORE_AUDIT_OK);
	postgres_psql(&config, INSERT "'rest', NULL; UPDATE audit SET xid ="
	    " '9000005' WHERE event = 'rest'");

	for (int i = 0; i < 2; i++)
		assert_int_equal(store_migrate(&config, NULL, NULL, error),
		    STORE_MIGRATE_OK);
	postgres_psql(&config, INSERT "'here', NULL");
	assert_int_equal(seal(jobs), 1);
	assert_int_equal(verify(&rows), STORE_AUDIT_OK);
	assert_int_equal(rows, 3);
	assert_string_equal(postgres_psql(&config, "SELECT series, count(*)"
	    " FROM audit_seal GROUP BY 1 ORDER BY 1"), "1|2\n2|1");
	postgres_psql(&config, "ALTER TABLE audit ALTER series SET DEFAULT 1");
}

static int
set_up(void **state)
{
	(void)state;
	base_arena_init(&arena);
	postgres_migrated(&config);
	jobs = postgres_open(&config, STORE_ROLE_JOBS);
	owner = postgres_open(&config, STORE_ROLE_OWNER);
	retention = postgres_open(&config, STORE_ROLE_RETENTION);

	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	store_sync_close(jobs);
	store_sync_close(owner);
	store_sync_close(retention);
	base_arena_clear(&arena);

	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_audit_seal),
		cmocka_unit_test(test_store_audit_late_commit),
		cmocka_unit_test(test_store_audit_backlog),
		cmocka_unit_test(test_store_audit_nodes),
		cmocka_unit_test(test_store_audit_tampering),
		cmocka_unit_test(test_store_audit_prune),
		cmocka_unit_test(test_store_audit_restored),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
