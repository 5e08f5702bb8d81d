/*
 * Whose address a request has, with and without proxies we trust.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/web_address.h"

static const struct {
	const char	*trust;
	const char	*peer;
	const char	*forwarded;
	const char	*want;
} cases[] = {
	/* nobody is trusted: the header is noise */
	{ "", "192.0.2.1", "", "192.0.2.1" },
	{ "", "192.0.2.1", "203.0.113.9", "192.0.2.1" },
	{ "", "", "203.0.113.9", "" },
	/* the peer is the proxy */
	{ "127.0.0.1", "127.0.0.1", "203.0.113.9", "203.0.113.9" },
	{ "127.0.0.1", "192.0.2.1", "203.0.113.9", "192.0.2.1" },
	{ "127.0.0.1", "", "203.0.113.9", "203.0.113.9" },
	{ "::1", "::1", "2001:db8::7", "2001:db8::7" },
	/* what a person writes before the proxy's entry does not count */
	{ "127.0.0.1", "127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9" },
	/* two proxies of ours */
	{ "127.0.0.1, 10.0.0.0/8", "127.0.0.1",
	    "1.2.3.4, 203.0.113.9, 10.1.2.3", "203.0.113.9" },
	/* junk stops the walk where it stands */
	{ "127.0.0.1", "127.0.0.1", "junk", "127.0.0.1" },
	{ "127.0.0.1 10.0.0.0/8", "127.0.0.1", "junk, 10.9.9.9", "10.9.9.9" },
	{ "127.0.0.1", "127.0.0.1", "", "127.0.0.1" },
	{ "127.0.0.1", "127.0.0.1", "203.0.113.9,", "127.0.0.1" },
	{ "127.0.0.1", "127.0.0.1", "[2001:db8::7]", "2001:db8::7" },
	/* networks */
	{ "192.0.2.128/25", "192.0.2.200", "203.0.113.9", "203.0.113.9" },
	{ "192.0.2.128/25", "192.0.2.100", "203.0.113.9", "192.0.2.100" },
	{ "2001:db8::/33", "2001:db8:7fff::1", "203.0.113.9", "203.0.113.9" },
	{ "2001:db8::/33", "2001:db8:8000::1", "203.0.113.9",
	    "2001:db8:8000::1" },
	{ "0.0.0.0/0", "2001:db8::1", "203.0.113.9", "2001:db8::1" },
	{ "all", "192.0.2.1", "203.0.113.9, 198.51.100.1", "203.0.113.9" },
};

static void
test_web_address_find(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char				got[46] = "";
		struct web_address_rules	rules;

		assert_true(web_address_parse(cases[i].trust, &rules));
		web_address_find(&rules, cases[i].peer,
		    base_bytes_slice(cases[i].forwarded), got, sizeof(got));
		if (!base_bytes_text_equal(got, cases[i].want))
			fail_msg("case %zu: %s", i, got);
	}
}

static void
test_web_address_parse(void **state)
{
	static const char *const	bad[] = {
		"localhost", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0/8",
		"10.0.0.0/-1", "10.0.0.0/8x", "every",
	};
	struct web_address_rules	rules;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (web_address_parse(bad[i], &rules))
			fail_msg("taken: %s", bad[i]);
	}
}

static const struct {
	const char	*one;
	const char	*other;
	bool		 same;
} networks[] = {
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "192.0.2.1", "::ffff:192.0.2.1", true },
	{ "192.0.2.1", "::192.0.2.1", false },
	{ "2001:db8::1", "2001:db8::ffff:1:2:3", true },
	{ "2001:db8::1", "2001:db8:0:1::1", false },
	{ "2001:db8::1", "2001:DB8:0:0::2", true },
};

static void
test_web_address_network(void **state)
{
	static const char *const	nobody[] = { "", "127.0.0.1",
					    "127.9.9.9", "::1",
					    "::ffff:127.0.0.1", "junk" };
	uint8_t				a[WEB_ADDRESS_NETWORK_LEN];
	uint8_t				b[WEB_ADDRESS_NETWORK_LEN];
	char				text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		assert_true(web_address_network(networks[i].one, a));
		assert_true(web_address_network(networks[i].other, b));
		if ((memcmp(a, b, sizeof(a)) == 0) != networks[i].same)
			fail_msg("%s, %s", networks[i].one,
			    networks[i].other);
	}
	web_address_group("2001:db8:0:7:1:2:3:4", text, sizeof(text));
	assert_string_equal(text, "2001:db8:0:7::/64");
	web_address_group("192.0.2.1", text, sizeof(text));
	assert_string_equal(text, "192.0.2.1");
	web_address_group("::1", text, sizeof(text));
	assert_string_equal(text, "::1");
	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
		memset(a, 1, sizeof(a));
		memset(b, 0, sizeof(b));
		assert_false(web_address_network(nobody[i], a));
		assert_memory_equal(a, b, sizeof(a));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_address_find),
		cmocka_unit_test(test_web_address_network),
		cmocka_unit_test(test_web_address_parse),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
