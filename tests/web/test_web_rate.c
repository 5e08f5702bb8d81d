/*
 * Token buckets in shared memory: how many pass, when the next may, and that
 * neither a full table nor other workers make one key pay for another.
 */

#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/web_rate.h"

#define NOW	INT64_C(5000000)

static const struct web_rate_rule	rule = { .every = 1000, .burst = 3 };
static struct web_rate			*rate;

static int
setup(void **state)
{
	(void)state;
	rate = web_rate_open();
	return (rate == NULL);
}

static int
teardown(void **state)
{
	(void)state;
	web_rate_close(rate);
	return (0);
}

static int64_t
take(const char *key, int64_t now)
{
	return (web_rate_take(rate, key, strlen(key), &rule, now));
}

static void
test_web_rate_burst(void **state)
{
	(void)state;

	assert_int_equal(take("a", NOW), 0);
	assert_int_equal(take("a", NOW), 0);
	assert_int_equal(take("a", NOW), 0);
	assert_int_equal(take("a", NOW), 1000);
	assert_int_equal(take("a", NOW + 400), 600);

	/* another key has all of its own */
	assert_int_equal(take("b", NOW), 0);

	/* one more every second, and what was refused does not count */
	assert_int_equal(take("a", NOW + 1000), 0);
	assert_int_equal(take("a", NOW + 1000), 1000);
	/* full again after three */
	assert_int_equal(take("a", NOW + 9000), 0);
	assert_int_equal(take("a", NOW + 9000), 0);
	assert_int_equal(take("a", NOW + 9000), 0);
	assert_int_equal(take("a", NOW + 9000), 1000);
}

static void
test_web_rate_look(void **state)
{
	(void)state;

	for (int i = 0; i < 9; i++)
		assert_int_equal(web_rate_look(rate, "a", 1, &rule, NOW), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(take("a", NOW), 0);
	assert_int_equal(web_rate_look(rate, "a", 1, &rule, NOW), 1000);
}

/* Ten times as many keys as there are places: each still gets its first. */
static void
test_web_rate_full(void **state)
{
	char	key[32];

	(void)state;
	for (int i = 0; i < 10 * WEB_RATE_ROWS * WEB_RATE_PLACES; i++) {
		(void)snprintf(key, sizeof(key), "flood %d", i);
		assert_int_equal(take(key, NOW), 0);
	}
	assert_int_equal(take("a", NOW), 0);
}

/* What is in debt most is forgotten last: a flooder's bucket outlives the
 * places that a few others take once. */
static void
test_web_rate_kept(void **state)
{
	char	key[32];

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(take("flooder", NOW), 0);
	for (int i = 0; i < WEB_RATE_ROWS; i++) {
		(void)snprintf(key, sizeof(key), "other %d", i);
		assert_int_equal(take(key, NOW), 0);
	}
	assert_int_equal(take("flooder", NOW), 1000);
}

/* The clock's bits run over after two years: nobody is kept out by that. */
static void
test_web_rate_wrap(void **state)
{
	const int64_t	end = INT64_C(1) << 36;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(take("a", end - 500), 0);
	assert_int_equal(take("a", end - 500), 1000);
	assert_int_equal(take("a", end + 499), 1);
	assert_int_equal(take("a", end + 500), 0);
	/* very much later, what was written looks like the future */
	assert_int_equal(take("a", 3 * end - 1000000), 0);
}

/* Four workers at once over one key: all together no more than the burst. */
static void
test_web_rate_workers(void **state)
{
	const struct web_rate_rule	one = { .every = 1000, .burst = 500 };
	pid_t				child[4];
	int				status, passed = 0;

	(void)state;
	for (int w = 0; w < 4; w++) {
		if ((child[w] = fork()) != 0)
			continue;
		for (int i = 0; i < 1000; i++) {
			if (web_rate_take(rate, "a", 1, &one, NOW) == 0)
				passed++;
		}
		_exit(passed / 4);	/* an exit code has eight bits */
	}
	for (int w = 0; w < 4; w++) {
		assert_int_not_equal(child[w], -1);
		assert_int_equal(waitpid(child[w], &status, 0), child[w]);
		assert_true(WIFEXITED(status));
		passed += 4 * WEXITSTATUS(status);
	}
	assert_in_range(passed, 500 - 4 * 3, 500);
	assert_int_not_equal(web_rate_take(rate, "a", 1, &one, NOW), 0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_setup_teardown(test_web_rate_burst, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_web_rate_look, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_web_rate_full, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_web_rate_kept, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_web_rate_wrap, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_web_rate_workers, setup,
		    teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
