/*
 * Which header blocks Kore may read.
 * Every case starts from a block that must pass and spoils one thing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/server_guard.h"

#define GET	"GET / HTTP/1.1\r\nHost: x\r\n"
#define POST	"POST / HTTP/1.1\r\nHost: x\r\n"
#define END	"\r\n"

/* A literal with its length, so that NUL can be in it. */
#define BLOCK(text)	(text), sizeof(text) - 1

static const struct {
	const char	*name;
	const char	*block;
	size_t		 len;
	int		 want;
	size_t		 length;
	bool		 expects;
} cases[] = {
	{ "plain", BLOCK(GET END), 0, 0, false },
	{ "form", BLOCK(POST "Content-Length: 3\r\n" END), 0, 3, false },
	{ "waits", BLOCK(POST "Content-Length: 3\r\nexpect: 100-CONTINUE\r\n"
	    END), 0, 3, true },
	{ "empty line before", BLOCK("\r\n" GET END), 0, 0, false },
	{ "two before", BLOCK("\r\n\r\n"), 400, 0, false },
	{ "nothing", BLOCK("\r\n"), 400, 0, false },
	{ "two ends", BLOCK(GET END END), 400, 0, false },
	{ "no end", BLOCK(GET), 400, 0, false },

	{ "LF alone at the end", BLOCK(GET "\n"), 400, 0, false },
	{ "LF alone", BLOCK(GET "A: 1\nB: 2\r\n" END), 400, 0, false },
	{ "LF first", BLOCK("\n" GET END), 400, 0, false },
	{ "CR alone", BLOCK(GET "A: 1\rB: 2\r\n" END), 400, 0, false },
	{ "CR last", BLOCK(GET END "\r"), 400, 0, false },
	{ "NUL", BLOCK(GET "A: 1\0\r\n" END), 400, 0, false },

	{ "small method", BLOCK("get / HTTP/1.1\r\nHost: x\r\n" END), 501, 0,
	    false },
	{ "no method", BLOCK(" / HTTP/1.1\r\nHost: x\r\n" END), 400, 0, false },
	{ "bad method", BLOCK("G\"T / HTTP/1.1\r\nHost: x\r\n" END), 400, 0,
	    false },
	{ "1.0", BLOCK("GET / HTTP/1.0\r\nHost: x\r\n" END), 0, 0, false },
	{ "1.0 PUT", BLOCK("PUT / HTTP/1.0\r\nHost: x\r\n" END), 501, 0,
	    false },
	{ "1.0 expects nothing", BLOCK("POST / HTTP/1.0\r\nHost: x\r\n"
	    "Expect: miracles\r\nContent-Length: 1\r\n" END), 0, 1, false },
	{ "1.2", BLOCK("GET / HTTP/1.2\r\nHost: x\r\n" END), 505, 0, false },
	{ "0.9", BLOCK("GET /\r\nHost: x\r\n" END), 400, 0, false },
	{ "1.1 and more", BLOCK("GET / HTTP/1.10\r\nHost: x\r\n" END), 400, 0,
	    false },
	{ "1.x", BLOCK("GET / HTTP/1.x\r\nHost: x\r\n" END), 400, 0, false },
	{ "no target", BLOCK("GET  HTTP/1.1\r\nHost: x\r\n" END), 400, 0,
	    false },
	{ "tab", BLOCK("GET\t/ HTTP/1.1\r\nHost: x\r\n" END), 400, 0, false },
	{ "high byte", BLOCK("GET /\x80 HTTP/1.1\r\nHost: x\r\n" END), 400, 0,
	    false },
	{ "DEL", BLOCK("GET /\x7f HTTP/1.1\r\nHost: x\r\n" END), 400, 0,
	    false },
	{ "fragment", BLOCK("GET /#a HTTP/1.1\r\nHost: x\r\n" END), 400, 0,
	    false },
	{ "absolute", BLOCK("GET hTTps://x HTTP/1.1\r\nHost: x\r\n" END), 0, 0,
	    false },
	{ "absolute of none", BLOCK("GET http:///a HTTP/1.1\r\nHost: x\r\n"
	    END), 400, 0, false },
	{ "absolute and no more", BLOCK("GET http:// HTTP/1.1\r\nHost: x\r\n"
	    END), 400, 0, false },
	{ "star", BLOCK("OPTIONS * HTTP/1.1\r\nHost: x\r\n" END), 0, 0, false },
	{ "star of GET", BLOCK("GET * HTTP/1.1\r\nHost: x\r\n" END), 400, 0,
	    false },

	{ "no Host", BLOCK("GET / HTTP/1.1\r\nHostile: x\r\n" END), 400, 0,
	    false },
	{ "Hosts", BLOCK(GET "host: x\r\n" END), 400, 0, false },
	{ "Host empty", BLOCK("GET / HTTP/1.1\r\nHost: \r\n" END), 400, 0,
	    false },
	{ "Host odd", BLOCK("GET / HTTP/1.1\r\nHost: a b\r\n" END), 400, 0,
	    false },
	{ "Host IPv6", BLOCK("GET / HTTP/1.1\r\nHost: [::1]:1\r\n" END), 0, 0,
	    false },

	{ "length 0 of GET", BLOCK(GET "Content-Length: 0\r\n" END), 0, 0,
	    false },
	{ "length of GET", BLOCK(GET "Content-Length: 1\r\n" END), 400, 0,
	    false },
	{ "length twice", BLOCK(POST "Content-Length: 3\r\n"
	    "content-length: 3\r\n" END), 400, 0, false },
	{ "length +", BLOCK(POST "Content-Length: +3\r\n" END), 400, 0, false },
	{ "length list", BLOCK(POST "Content-Length: 3,3\r\n" END), 400, 0,
	    false },
	{ "length none", BLOCK(POST "Content-Length:\r\n" END), 400, 0, false },
	{ "length blank", BLOCK(POST "Content-Length: 3 \r\n" END), 400, 0,
	    false },
	{ "length of 15", BLOCK(POST "Content-Length: 999999999999999\r\n"
	    END), 0, 999999999999999, false },
	{ "length of 16", BLOCK(POST "Content-Length: 1000000000000000\r\n"
	    END), 400, 0, false },
	{ "coding", BLOCK(POST "Transfer-Encoding: identity\r\n" END), 400, 0,
	    false },
	{ "expects", BLOCK(POST "Expect: 200-ok\r\n" END), 417, 0, false },

	{ "no colon", BLOCK(GET "A\r\n" END), 400, 0, false },
	{ "no name", BLOCK(GET ": 1\r\n" END), 400, 0, false },
	{ "blank in name", BLOCK(GET "A : 1\r\n" END), 400, 0, false },
	{ "folded", BLOCK(GET "A: 1\r\n B: 2\r\n" END), 400, 0, false },
	{ "control", BLOCK(GET "A: \x1f\r\n" END), 400, 0, false },
	{ "tab in value", BLOCK(GET "A: \t1\t\r\n" END), 0, 0, false },
	{ "high in value", BLOCK(GET "A: \xff\r\n" END), 0, 0, false },
	{ "empty value", BLOCK(GET "A:\r\n" END), 0, 0, false },
};

static void
test_server_guard_check(void **state)
{
	struct server_guard	guard;
	int			status;

	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&guard, 0x55, sizeof(guard));
		status = server_guard_check((const uint8_t *)cases[i].block,
		    cases[i].len, &guard);
		if (status != cases[i].want)
			fail_msg("%s: %d", cases[i].name, status);
		if (status == 0 && (guard.length != cases[i].length ||
		    guard.expects != cases[i].expects))
			fail_msg("%s: %zu, %d", cases[i].name, guard.length,
			    guard.expects);
	}
}

static int
check_sized(const char *start, size_t fill, unsigned headers)
{
	struct server_guard	 guard;
	size_t			 size = fill + headers * 16 + 100;
	char			*block = calloc(1, size);
	size_t			 len = strlen(start);
	int			 status;

	assert_non_null(block);
	memcpy(block, start, len);
	memset(block + len, 'a', fill);
	len += fill;
	len += (size_t)snprintf(block + len, size - len,
	    " HTTP/1.1\r\nHost: x\r\n");
	for (unsigned i = 0; i < headers; i++)
		len += (size_t)snprintf(block + len, size - len,
		    "X-%u: 1\r\n", i);
	len += (size_t)snprintf(block + len, size - len, "\r\n");

	status = server_guard_check((const uint8_t *)block, len, &guard);
	free(block);
	return (status);
}

static void
test_server_guard_sizes(void **state)
{
	(void)state;

	assert_int_equal(check_sized("GET /", 0, 99), 0);
	assert_int_equal(check_sized("GET /", 0, 100), 431);
	assert_int_equal(check_sized("GET /", SERVER_GUARD_TARGET_MAX - 1, 0),
	    0);
	assert_int_equal(check_sized("GET /", SERVER_GUARD_TARGET_MAX, 0), 414);
}

/* Whatever is cut off, nothing behind it is read. */
static void
test_server_guard_cut(void **state)
{
	static const char	 good[] = POST "Content-Length: 3\r\n" END;
	struct server_guard	 guard;
	uint8_t			*part;

	(void)state;

	for (size_t len = 0; len < sizeof(good) - 1; len++) {
		part = malloc(len > 0 ? len : 1);
		assert_non_null(part);
		memcpy(part, good, len);
		if (server_guard_check(part, len, &guard) == 0)
			fail_msg("%zu bytes pass", len);
		free(part);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server_guard_check),
		cmocka_unit_test(test_server_guard_sizes),
		cmocka_unit_test(test_server_guard_cut),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
