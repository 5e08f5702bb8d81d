/*
 * When a child that ended is started again.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sysexits.h>

#include "supervisor/supervisor_backoff.h"

#define EXITED(code)	((code) << 8)	/* as wait(2) says it */
#define KILLED(sig)	(sig)

static const struct {
	const char			*name;
	struct supervisor_backoff	 before;
	int64_t				 lived;
	int				 status;
	bool				 again;
	int64_t				 delay;
	unsigned			 failures;
} cases[] = {
	{ "first crash", { 0, false }, 5, KILLED(11), true, 100, 1 },
	{ "second doubles", { 1, false }, 5, KILLED(11), true, 200, 2 },
	{ "a clean exit counts as well", { 1, false }, 5, EXITED(0),
	    true, 200, 2 },
	{ "fifth", { 4, false }, 5, KILLED(11), true, 1600, 5 },
	{ "sixth, never well: enough", { 5, false }, 5, KILLED(11),
	    false, -1, 6 },
	{ "sixth, but was well once", { 5, true }, 5, KILLED(11),
	    true, 3200, 6 },
	{ "just under steady is not well", { 5, false }, 9999, KILLED(11),
	    false, -1, 6 },
	{ "steady forgets", { 5, false }, 10000, KILLED(11), true, 100, 1 },
	{ "capped", { 20, true }, 5, KILLED(11), true, 30000, 21 },
	{ "no overflow", { 4000000000u, true }, 5, KILLED(11),
	    true, 30000, 4000000001u },
	{ "settings are wrong: at once", { 0, false }, 5, EXITED(EX_CONFIG),
	    false, -1, 1 },
	{ "usage is wrong: at once", { 0, false }, 5, EXITED(EX_USAGE),
	    false, -1, 1 },
	{ "wrong settings after a good life: try on", { 0, true }, 5,
	    EXITED(EX_CONFIG), true, 100, 1 },
};

static void
test_supervisor_backoff_again(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct supervisor_backoff	backoff = cases[i].before;
		int64_t				delay = -1;
		bool				again;

		again = supervisor_backoff_again(&backoff, cases[i].lived,
		    cases[i].status, &delay);
		if (again != cases[i].again || delay != cases[i].delay ||
		    backoff.failures != cases[i].failures)
			fail_msg("case: %s", cases[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_supervisor_backoff_again),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
