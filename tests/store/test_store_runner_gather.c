/*
 * Calls that go together as one statement: each has its own answer, its own
 * failure and its own end, and no statement more is sent than is needed.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libpq-fe.h>

#include <string.h>

#include "base/base_arena.h"
#include "store/store_gather.h"
#include "support/asker.h"

/* Those that come in one turn of the loop go together, eight at most. */
static void
test_store_runner_gather_shares(void **state)
{
	struct asked	asked[17];
	uint64_t	before;

	(void)state;
	asker_wait_ready();
	before = store_runner_sent(asker_runner);
	for (int i = 0; i < 17; i++)
		asker_ask(&asked[i], &asker_share, i + 1);
	for (int i = 0; i < 17; i++) {
		asker_wait(&asked[i]);
		assert_int_equal(asked[i].status, STORE_OK);
		assert_int_equal(asked[i].value, 1000 / (i + 1));
	}
	assert_int_equal(store_runner_sent(asker_runner) - before, 3);
}

/* Ask, and let it go out before anything else is asked. */
static void
under_way(struct asked *asked, int64_t value)
{
	uint64_t	before = store_runner_sent(asker_runner);

	asker_ask(asked, &asker_share_slowly, value);
	while (store_runner_sent(asker_runner) == before)
		asker_turn();
}

/* The same statement waits for it, another one does not. */
static void
test_store_runner_gather_others(void **state)
{
	struct asked	slow, waits, other;

	(void)state;
	asker_wait_ready();
	under_way(&slow, 1);
	asker_ask(&waits, &asker_share_slowly, 2);
	asker_ask(&other, &asker_share, 3);
	asker_wait(&other);
	assert_int_equal(waits.calls, 0);
	asker_wait(&waits);
	assert_true(slow.order < waits.order);
	assert_int_equal(waits.value, 500);
	assert_int_equal(other.value, 333);
}

/* A statement that writes by a key meets each key once. */
static void
test_store_runner_gather_apart(void **state)
{
	struct asked	asked[6];
	uint64_t	before;

	(void)state;
	asker_wait_ready();
	before = store_runner_sent(asker_runner);
	for (int i = 0; i < 6; i++)
		asker_ask(&asked[i], &asker_share, 4 + i % 2);
	for (int i = 0; i < 6; i++) {
		asker_wait(&asked[i]);
		assert_int_equal(asked[i].value, i % 2 == 0 ? 250 : 200);
	}
	assert_int_equal(store_runner_sent(asker_runner) - before, 3);
}

/* One that fails takes no other with it. */
static void
test_store_runner_gather_failure(void **state)
{
	struct asked	asked[6];

	(void)state;
	asker_wait_ready();
	for (int i = 0; i < 6; i++)
		asker_ask(&asked[i], &asker_share, i == 3 ? 0 : i + 1);
	for (int i = 0; i < 6; i++) {
		asker_wait(&asked[i]);
		assert_int_equal(asked[i].status,
		    i == 3 ? STORE_FAILED : STORE_OK);
		assert_int_equal(asked[i].value, i == 3 ? -1 : 1000 / (i + 1));
	}
}

static void
test_store_runner_gather_abandon(void **state)
{
	struct asked	asked[5] = { 0 };

	(void)state;
	asker_wait_ready();
	for (int i = 1; i < 4; i++)
		asker_ask(&asked[i], &asker_share_slowly, i + 1);
	store_runner_abandon(asked[1].ticket);	/* still waits */
	under_way(&asked[4], 5);
	store_runner_abandon(asked[2].ticket);	/* the first that was sent */
	asker_ask(&asked[0], &asker_share_slowly, 1);
	asker_wait(&asked[0]);
	assert_int_equal(asked[0].value, 1000);
	assert_int_equal(asked[1].calls + asked[2].calls, 0);
	assert_int_equal(asked[3].value, 250);
	assert_int_equal(asked[4].value, 200);
}

/* A connection that is lost under several calls: each is asked again. */
static void
test_store_runner_gather_lost(void **state)
{
	struct asked	 asked[5];
	PGconn		*killer = PQconnectdb(asker_config.database);

	(void)state;
	asker_wait_ready();
	for (int i = 0; i < 4; i++)
		asker_ask(&asked[i], &asker_share_slowly, i + 1);
	under_way(&asked[4], 5);
	PQclear(PQexec(killer, "SELECT pg_terminate_backend(pid) FROM"
	    " pg_stat_activity WHERE usename = 'permiso' AND"
	    " pid <> pg_backend_pid()"));
	PQfinish(killer);
	for (int i = 0; i < 5; i++) {
		asker_wait(&asked[i]);
		assert_int_equal(asked[i].status, STORE_OK);
		assert_int_equal(asked[i].value, 1000 / (i + 1));
	}
}

/* Sorted by what keeps them apart, whatever its length. */
static void
test_store_gather_order(void **state)
{
	static const struct store_statement	 texts = { .name = "texts",
	    .types = "t", .gather = 2, .apart = 1 };
	struct base_arena			 memory;
	struct store_call			*a, *b;

	(void)state;
	base_arena_init(&memory);
	a = store_call(&memory, &texts);
	b = store_call(&memory, &texts);
	store_text(a, "ab");
	store_text(b, "abc");
	assert_true(store_gather_order(a, b) < 0);
	assert_true(store_gather_order(b, a) > 0);
	assert_int_equal(store_gather_order(a, a), 0);
	base_arena_clear(&memory);
}

/* Takes the place of store_statements.c. */
const struct store_statement *const *
store_statements(enum store_role role)
{
	(void)role;

	return (asker_statements());
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, asker_begin, \
			    asker_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_store_runner_gather_shares),
		TEST(test_store_runner_gather_others),
		TEST(test_store_runner_gather_apart),
		TEST(test_store_runner_gather_failure),
		TEST(test_store_runner_gather_abandon),
		TEST(test_store_runner_gather_lost),
		cmocka_unit_test(test_store_gather_order),
	};

	return (cmocka_run_group_tests(tests, asker_set_up, NULL));
}
