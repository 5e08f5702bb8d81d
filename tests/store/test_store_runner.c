/*
 * The pipelined runner against a real database that is well: order, errors,
 * deadlines, limits.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/base_clock.h"
#include "support/asker.h"

static void
test_store_runner_order(void **state)
{
	struct asked	asked[40];

	(void)state;
	/* Before it is connected: they wait. */
	for (int i = 0; i < 40; i++)
		asker_ask(&asked[i], &asker_echo, i);
	assert_false(store_runner_ready(asker_runner));
	for (int i = 0; i < 40; i++) {
		asker_wait(&asked[i]);
		assert_int_equal(asked[i].status, STORE_OK);
		assert_int_equal(asked[i].value, i);
	}
	assert_true(store_runner_ready(asker_runner));
	assert_int_equal(store_runner_sent(asker_runner), 40);
	assert_int_equal(strlen(store_runner_timeline(asker_runner)), 8);
	assert_true(llabs(store_runner_now(asker_runner) - base_clock_seconds()) <=
	    10);
	assert_true(store_runner_skew(asker_runner) < 10000);
}

/* On one connection answers come in the order of the questions. */
static void
test_store_runner_pipelined(void **state)
{
	struct asked	slow, quick[3];

	(void)state;
	asker_wait_ready();
	asker_ask(&slow, &asker_nap, 300);
	for (int i = 0; i < 3; i++)
		asker_ask(&quick[i], &asker_echo, i);
	asker_wait(&quick[2]);
	assert_int_equal(slow.order, 1);
	assert_int_equal(quick[0].order, 2);
	assert_int_equal(quick[2].order, 4);
	/* The slow lane is another connection. */
	asker_ask(&slow, &asker_nap, 1600);
	asker_ask(&quick[0], &asker_echo_slow, 7);
	asker_wait(&quick[0]);
	assert_int_equal(quick[0].value, 7);
	assert_int_equal(slow.calls, 0);
	asker_wait(&slow);
}

/* An error is one call's own; its neighbours on the wire do not see it. */
static void
test_store_runner_errors_apart(void **state)
{
	struct asked	asked[5];

	(void)state;
	asker_wait_ready();
	asker_ask(&asked[0], &asker_add, 1);
	asker_ask(&asked[1], &asker_add, 1);	/* unique */
	asker_ask(&asked[2], &asker_add, -1);	/* check */
	asker_ask(&asked[3], &asker_broken, 0);	/* could not even be prepared */
	asker_ask(&asked[4], &asker_echo, 5);
	asker_wait(&asked[4]);
	assert_int_equal(asked[0].status, STORE_OK);
	assert_int_equal(asked[1].status, STORE_CONFLICT);
	assert_int_equal(asked[2].status, STORE_REFUSED);
	assert_int_equal(asked[3].status, STORE_FAILED);
	assert_int_equal(asked[4].value, 5);
}

/*
 * A deferred constraint speaks at commit, after the row was sent: what was
 * answered as done must be done.
 */
static void
test_store_runner_error_at_commit(void **state)
{
	struct asked	asked[2];

	(void)state;
	asker_wait_ready();
	asker_ask(&asked[0], &asker_add_late, 12345);
	asker_ask(&asked[1], &asker_echo, 6);
	asker_wait(&asked[1]);
	assert_int_equal(asked[0].calls, 1);
	assert_int_equal(asked[0].status, STORE_FAILED);
	assert_int_equal(asked[1].value, 6);
}

static void
test_store_runner_large(void **state)
{
	struct asked	asked[20];

	(void)state;
	for (int i = 0; i < 20; i++)
		asker_ask(&asked[i], &asker_large, 1);
	for (int i = 0; i < 20; i++) {
		asker_wait(&asked[i]);
		assert_int_equal(asked[i].status, STORE_OK);
	}
}

static void
test_store_runner_abandon(void **state)
{
	struct asked	waiting, sent, last;

	(void)state;
	asker_ask(&waiting, &asker_echo, 1);	/* not connected yet */
	store_runner_abandon(waiting.ticket);
	asker_wait_ready();
	asker_ask(&sent, &asker_nap, 100);
	asker_ask(&last, &asker_echo, 2);
	store_runner_abandon(sent.ticket);
	asker_wait(&last);
	assert_int_equal(last.value, 2);
	assert_int_equal(waiting.calls, 0);
	assert_int_equal(sent.calls, 0);
}

/*
 * A row that is locked for longer than lock_timeout (250 ms): the statement is
 * undone and runs again, once in the end; for ever, it fails.
 */
static void
test_store_runner_locked(void **state)
{
	struct asked	 asked, other;
	PGconn		*holder = PQconnectdb(asker_config.database);

	(void)state;
	asker_wait_ready();
	asker_ask(&asked, &asker_add, 77);
	asker_wait(&asked);

	PQclear(PQexec(holder, "BEGIN; SELECT FROM runner_test WHERE key = 77"
	    " FOR UPDATE"));
	asker_ask(&asked, &asker_raise, 77);
	asker_turn_for(400);
	assert_int_equal(asked.calls, 0);
	PQclear(PQexec(holder, "COMMIT"));
	asker_wait(&asked);
	assert_int_equal(asked.status, STORE_OK);
	assert_int_equal(asked.value, 1);

	PQclear(PQexec(holder, "BEGIN; SELECT FROM runner_test WHERE key = 77"
	    " FOR UPDATE"));
	asker_ask(&asked, &asker_raise, 77);
	asker_ask(&other, &asker_echo, 5);
	asker_wait(&asked);
	assert_int_equal(asked.status, STORE_FAILED);
	assert_int_equal(other.value, 5);
	assert_int_equal(other.order, asked.order - 1);
	PQfinish(holder);
}

/* Too slow: given up at its deadline (2 s), and the next ones go on. */
static void
test_store_runner_deadline(void **state)
{
	struct asked	asked[2];
	int64_t		began;

	(void)state;
	asker_wait_ready();
	began = base_clock_monotonic();
	asker_ask(&asked[0], &asker_nap, 60000);
	asker_wait(&asked[0]);
	assert_int_equal(asked[0].status, STORE_FAILED);
	/* Not at once: it was tried for its deadline. */
	assert_true(asked[0].answered_at - began >= 1900);
	asker_recover();
}

/* More calls than the queue holds are refused at once, the rest answered. */
static void
test_store_runner_queue_limit(void **state)
{
	enum { MANY = 1500 };
	struct asked	*asked = calloc(MANY, sizeof(*asked));
	size_t		 good = 0, bad = 0;

	(void)state;
	assert_non_null(asked);
	for (int i = 0; i < MANY; i++)
		asker_ask(&asked[i], &asker_echo, i);
	for (int i = 0; i < MANY; i++) {
		asker_wait(&asked[i]);
		if (asked[i].status == STORE_OK)
			good++;
		else
			bad++;
	}
	assert_int_equal(good, 1000);
	assert_int_equal(bad, 500);
	free(asked);
}

static size_t		 left, failed;
static struct asked	 ring[64];

static void
again(void *owner, const struct store_result *result)
{
	struct asked		*asked = owner;
	int64_t			 value = -1;

	if (store_result_status(result) != STORE_OK ||
	    !store_cell_int(result, 0, 0, &value) || value != asked->value)
		failed++;
	if (left == 0) {
		asked->calls++;
		return;
	}
	left--;
	asked->value++;
	store_runner_submit(asker_runner, asker_call(&asker_echo,
	    asked->value), again, asked);
}

/* 64 under way all the time; each answer is the one that was asked for. */
static void
test_store_runner_many(void **state)
{
	int64_t			 began = base_clock_monotonic();

	(void)state;
	failed = 0;
	left = 10000 - 64;
	for (size_t i = 0; i < 64; i++) {
		ring[i] = (struct asked){ .value = (int64_t)(i * 1000000) };
		store_runner_submit(asker_runner, asker_call(&asker_echo,
		    ring[i].value), again, &ring[i]);
	}
	for (size_t i = 0; i < 64; i++)
		asker_wait(&ring[i]);
	assert_int_equal(failed, 0);
	assert_int_equal(store_runner_sent(asker_runner), 10000);
	print_message("10,000 calls, 64 at a time: %lld ms\n",
	    (long long)(base_clock_monotonic() - began));
}

/* Under load more connections come, up to four, and no more. */
static void
test_store_runner_grows(void **state)
{
	struct asked	asked[200];
	int64_t		pids[8];
	size_t		count = 0, i, j;

	(void)state;
	asker_wait_ready();
	for (int round = 0; round < 20; round++) {
		for (i = 0; i < 200; i++)
			asker_ask(&asked[i], &asker_backend, 0);
		for (i = 0; i < 200; i++) {
			asker_wait(&asked[i]);
			for (j = 0; j < count; j++) {
				if (pids[j] == asked[i].value)
					break;
			}
			if (j == count) {
				assert_true(count < 4);
				pids[count++] = asked[i].value;
			}
		}
		asker_turn_for(20);
	}
	assert_int_equal(count, 4);
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
		TEST(test_store_runner_order),
		TEST(test_store_runner_pipelined),
		TEST(test_store_runner_errors_apart),
		TEST(test_store_runner_error_at_commit),
		TEST(test_store_runner_large),
		TEST(test_store_runner_abandon),
		TEST(test_store_runner_locked),
		TEST(test_store_runner_deadline),
		TEST(test_store_runner_queue_limit),
		TEST(test_store_runner_many),
		TEST(test_store_runner_grows),
	};

	return (cmocka_run_group_tests(tests, asker_set_up, NULL));
}
