/*
 * The synchronous runner against a real database: verdicts by SQLSTATE, what a
 * lost connection repeats, and that a database that hangs costs a deadline.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/store_sync.h"
#include "support/postgres.h"

static struct base_config	config;
static struct base_arena	arena;

#define STATEMENT(n, text, t, c, again) \
	static const struct store_statement n = { .name = #n, .sql = (text), \
	    .types = (t), .columns = (c), .lane = STORE_FAST, \
	    .repeatable = (again) }

STATEMENT(echo, "SELECT $1, $2, $3, $4, $5, $6, NULL::text", "ubtioT", 7,
    true);
STATEMENT(add, "INSERT INTO sync_test (key) VALUES ($1) RETURNING 'ok'", "t",
    1, false);
STATEMENT(add_again, "INSERT INTO sync_test (key) VALUES ($1)"
    " RETURNING 'ok'", "t", 1, true);
STATEMENT(wide, "SELECT 1, 2", "", 1, true);
STATEMENT(broken, "SELECT nothing FROM nowhere", "", 1, true);
STATEMENT(napping, "SELECT pg_sleep($1)::text", "i", 1, false);
STATEMENT(suicide, "SELECT pg_terminate_backend(pg_backend_pid())", "", 1,
    true);

static enum store_status
run_text(struct store_sync *sync, const struct store_statement *statement,
    const char *text)
{
	struct store_call	*call = store_call(&arena, statement);

	if (text != NULL)
		store_text(call, text);

	return (store_result_status(store_sync_run(sync, call)));
}

static void
test_store_sync_round_trip(void **state)
{
	static const char *const	texts[] = { "a b", "", "\"{,}", NULL };
	const struct store_result	*result;
	struct store_sync		*sync;
	struct store_call		*call;
	struct base_uuid		 uuid = base_uuid_new(), uuid_out;
	struct base_slice		 slices[4];
	char				 text[16];
	int64_t				 number;
	size_t				 count;
	bool				 flag;

	(void)state;
	sync = postgres_open(&config, STORE_ROLE_OWNER);
	call = store_call(&arena, &echo);
	store_uuid(call, &uuid);
	store_bytes(call, "\0\1", 2);
	store_text(call, "grüße");
	store_int(call, -5);
	store_bool(call, false);
	store_texts(call, texts);
	result = store_sync_run(sync, call);
	assert_int_equal(store_result_status(result), STORE_OK);
	assert_true(store_cell_uuid(result, 0, 0, &uuid_out));
	assert_true(base_uuid_equal(&uuid, &uuid_out));
	assert_true(store_cell_slice(result, 0, 1, &slices[0]));
	assert_int_equal(slices[0].len, 2);
	assert_true(store_cell_text(result, 0, 2, text, sizeof(text)));
	assert_string_equal(text, "grüße");
	assert_true(store_cell_int(result, 0, 3, &number));
	assert_int_equal(number, -5);
	assert_true(store_cell_bool(result, 0, 4, &flag));
	assert_false(flag);
	assert_true(store_cell_texts(result, 0, 5, slices, 4, &count));
	assert_int_equal(count, 3);
	assert_memory_equal(slices[2].data, "\"{,}", 4);
	assert_true(store_cell_null(result, 0, 6));
	store_sync_close(sync);
}

static void
test_store_sync_verdicts(void **state)
{
	struct store_sync	*sync;

	(void)state;
	sync = postgres_open(&config, STORE_ROLE_OWNER);
	assert_int_equal(run_text(sync, &add, "one"), STORE_OK);
	assert_int_equal(run_text(sync, &add, "one"), STORE_CONFLICT);
	assert_int_equal(run_text(sync, &add, "bad"), STORE_REFUSED);
	assert_int_equal(run_text(sync, &wide, NULL), STORE_FAILED);
	assert_int_equal(run_text(sync, &broken, NULL), STORE_FAILED);
	/* ... and it still works */
	assert_int_equal(run_text(sync, &add, "two"), STORE_OK);
	store_sync_close(sync);
}

/*
 * A connection that is lost while idle costs nothing; one that is lost with
 * the call under way is repeated only when the statement says so.
 */
static void
test_store_sync_lost(void **state)
{
	struct store_sync	*sync;
	char			 backend[64];

	(void)state;
	sync = postgres_open(&config, STORE_ROLE_OWNER);
	(void)snprintf(backend, sizeof(backend), "/proc/%s",
	    postgres_psql(&config, "SELECT pid FROM (SELECT pid FROM"
	    " pg_stat_activity WHERE usename = 'permiso' OFFSET 0) AS ours"
	    " WHERE pg_terminate_backend(pid)"));
	assert_true(strlen(backend) > strlen("/proc/"));
	while (access(backend, F_OK) == 0)
		usleep(10000);
	assert_int_equal(run_text(sync, &add, "after kill"), STORE_OK);

	postgres_do("restart");
	assert_int_equal(run_text(sync, &add, "after restart"), STORE_OK);

	/* It ends its own backend each time: repeated once, then given up. */
	assert_int_equal(run_text(sync, &suicide, NULL), STORE_FAILED);
	assert_int_equal(run_text(sync, &add_again, "after that"), STORE_OK);

	postgres_do("stop immediate");
	assert_int_equal(run_text(sync, &add_again, "x"), STORE_FAILED);
	postgres_do("start fast");
	assert_int_equal(run_text(sync, &add_again, "x"), STORE_OK);
	store_sync_close(sync);
}

/* Hanging costs the deadline of the lane (2 s) and no more. */
static void
test_store_sync_deadline(void **state)
{
	struct store_sync	*sync;
	struct store_call	*call;

	(void)state;
	sync = postgres_open(&config, STORE_ROLE_OWNER);
	call = store_call(&arena, &napping);
	store_int(call, 100000);	/* longer than any test may take */
	assert_int_equal(store_result_status(store_sync_run(sync, call)),
	    STORE_FAILED);
	assert_int_equal(run_text(sync, &add, "after nap"), STORE_OK);

	postgres_signal(SIGSTOP, true);
	assert_int_equal(run_text(sync, &add, "frozen"), STORE_FAILED);
	postgres_signal(SIGCONT, true);
	assert_int_equal(run_text(sync, &add, "thawed"), STORE_OK);
	store_sync_close(sync);
}

static int
set_up(void **state)
{
	(void)state;
	base_arena_init(&arena);
	postgres_config(&config);
	postgres_psql(&config, "CREATE TABLE sync_test (key text PRIMARY KEY"
	    " CHECK (key <> 'bad')); ALTER TABLE sync_test OWNER TO permiso");

	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_sync_round_trip),
		cmocka_unit_test(test_store_sync_verdicts),
		cmocka_unit_test(test_store_sync_lost),
		cmocka_unit_test(test_store_sync_deadline),
	};

	return (cmocka_run_group_tests(tests, set_up, NULL));
}
