/*
 * One cookie out of the Cookie header.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/web_cookie.h"

static const struct {
	const char	*header;
	const char	*want;		/* "": none */
} cases[] = {
	{ "__Host-session=abc", "abc" },
	{ "a=1; __Host-session=abc; b=2", "abc" },
	{ "a=1;__Host-session=abc", "abc" },
	{ "__Host-session=a=b", "a=b" },
	{ "__Host-session=", "" },
	{ "", "" },
	{ "__host-session=abc", "" },
	{ "__Host-Session=abc", "" },
	{ "session=abc", "" },
	{ "__Host-session2=abc", "" },
	{ "x__Host-session=abc", "" },
	{ "__Host-session", "" },
	{ "__Host-session=abc; __Host-session=abc", "" },
	{ "__Host-session=abc; __Host-session=def", "" },
	{ "__host-session=evil; __Host-session=abc", "abc" },
	{ "\"; __Host-session=abc", "abc" },
};

static void
test_web_cookie_find(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct base_slice	got;

		got = web_cookie_find(base_bytes_slice(cases[i].header),
		    "__Host-", "session");
		if (got.len != strlen(cases[i].want) || (got.len > 0 &&
		    memcmp(got.data, cases[i].want, got.len) != 0))
			fail_msg("header: %s", cases[i].header);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_cookie_find),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
