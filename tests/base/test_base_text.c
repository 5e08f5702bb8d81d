/*
 * base64url, hex, UTF-8, UUIDs: one value has one text, and every other text
 * is refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_base64url.h"
#include "base/base_clock.h"
#include "base/base_hex.h"
#include "base/base_utf8.h"
#include "base/base_uuid.h"

/* RFC 4648 section 10, without padding, and the two changed characters. */
static const struct {
	const char	*data;
	const char	*text;
} vectors[] = {
	{ "", "" },
	{ "f", "Zg" },
	{ "fo", "Zm8" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg" },
	{ "fooba", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "-_-_" },
};

static void
test_base64url_vectors(void **state)
{
	char	text[32];
	uint8_t	data[32];
	size_t	i, len, want;

	(void)state;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		want = strlen(vectors[i].data);
		base_base64url_encode(vectors[i].data, want, text);
		assert_string_equal(text, vectors[i].text);
		assert_int_equal(strlen(text), BASE_BASE64URL_LEN(want));

		assert_true(base_base64url_decode(text, strlen(text), data,
		    want, &len));
		assert_int_equal(len, want);
		assert_memory_equal(data, vectors[i].data, want);
		if (want != 0)
			assert_false(base_base64url_decode(text, strlen(text),
			    data, want - 1, &len));
	}
}

static const struct {
	const char	*name;
	const char	*text;
	size_t		 len;
} bad_base64url[] = {
	{ "length 1 mod 4",		"A", 1 },
	{ "length 5",			"AAAAA", 5 },
	{ "padding",			"Zg==", 4 },
	{ "one padding",		"Zm8=", 4 },
	{ "plus",			"ab+c", 4 },
	{ "slash",			"ab/c", 4 },
	{ "blank",			"ab c", 4 },
	{ "newline at the end",		"abcd\n", 5 },
	{ "NUL",			"ab\0d", 4 },
	{ "high bit",			"ab\xc3\xa9", 4 },
	{ "trailing bits after one",	"Zh", 2 },
	{ "trailing bits after two",	"Zm9", 3 },
	{ "@ before A",			"@AAA", 4 },
	{ "[ after Z",			"[AAA", 4 },
	{ "` before a",			"`AAA", 4 },
	{ "{ after z",			"{AAA", 4 },
};

static void
test_base64url_refused(void **state)
{
	uint8_t	data[32] = { 0x5a };
	size_t	i, len;

	(void)state;
	for (i = 0; i < sizeof(bad_base64url) / sizeof(bad_base64url[0]); i++) {
		len = 777;
		if (base_base64url_decode(bad_base64url[i].text,
		    bad_base64url[i].len, data, sizeof(data), &len))
			fail_msg("case: %s", bad_base64url[i].name);
		assert_int_equal(len, 777);
		assert_int_equal(data[0], 0x5a);
	}
}

/* Every two- and three-character text: what decodes encodes to itself. */
static void
test_base64url_canonical(void **state)
{
	uint8_t	data[4];
	char	text[4], again[8];
	size_t	len, n, good = 0;
	int	a, b, c;

	(void)state;
	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			for (c = 0; c <= 128; c++) {
				text[0] = (char)a;
				text[1] = (char)b;
				text[2] = (char)c;
				n = c == 128 ? 2 : 3;
				if (!base_base64url_decode(text, n, data,
				    sizeof(data), &len))
					continue;
				base_base64url_encode(data, len, again);
				assert_memory_equal(text, again, n);
				good++;
			}
		}
	}
	/* 64*64*16 with three characters, 64*4 with two. */
	assert_int_equal(good, 64 * 64 * 16 + 64 * 4);
}

static void
test_hex(void **state)
{
	static const char *const	bad[] = { "0", "0g", "0A", "A0", " 0",
					    "0x", "00 ", "000" };
	uint8_t				data[4] = { 1, 0xab, 0xff, 0 }, out[4];
	char				text[9];
	size_t				len = 9, i;

	(void)state;
	base_hex_encode(data, 4, text);
	assert_string_equal(text, "01abff00");
	assert_true(base_hex_decode(text, 8, out, 4, &len));
	assert_int_equal(len, 4);
	assert_memory_equal(out, data, 4);
	assert_false(base_hex_decode(text, 8, out, 3, &len));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(base_hex_decode(bad[i], strlen(bad[i]), out, 4,
		    &len));
}

static const struct {
	const char	*name;
	const char	*text;
	size_t		 len;
	bool		 valid;
} utf8[] = {
	{ "empty",		"", 0, true },
	{ "two bytes, least",	"\xc2\x80", 2, true },
	{ "three, least",	"\xe0\xa0\x80", 3, true },
	{ "four, least",	"\xf0\x90\x80\x80", 4, true },
	{ "last point",		"\xf4\x8f\xbf\xbf", 4, true },
	{ "before surrogates",	"\xed\x9f\xbf", 3, true },
	{ "after surrogates",	"\xee\x80\x80", 3, true },
	{ "NUL",		"a\0b", 3, false },
	{ "overlong NUL",	"\xc0\x80", 2, false },
	{ "overlong slash",	"\xc0\xaf", 2, false },
	{ "overlong of three",	"\xe0\x9f\xbf", 3, false },
	{ "overlong of four",	"\xf0\x8f\xbf\xbf", 4, false },
	{ "first surrogate",	"\xed\xa0\x80", 3, false },
	{ "last surrogate",	"\xed\xbf\xbf", 3, false },
	{ "past the end",	"\xf4\x90\x80\x80", 4, false },
	{ "lone continuation",	"\x80", 1, false },
	{ "cut short",		"\xe2\x82", 2, false },
	{ "five bytes",		"\xf8\x88\x80\x80\x80", 5, false },
	{ "0xff",		"\xff", 1, false },
	{ "bad continuation",	"\xe2\x28\xa1", 3, false },
};

static void
test_utf8(void **state)
{
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(utf8) / sizeof(utf8[0]); i++) {
		if (base_utf8_valid(utf8[i].text, utf8[i].len) !=
		    utf8[i].valid)
			fail_msg("case: %s", utf8[i].name);
	}
}

static void
test_uuid(void **state)
{
	static const char *const	bad[] = {
		"01931bd3-0c71-7e2a-89fa-1ab6e4752fa",
		"01931bd3-0c71-7e2a-89fa-1ab6e4752fadd",
		"01931BD3-0c71-7e2a-89fa-1ab6e4752fad",
		"01931bd300c71-7e2a-89fa-1ab6e4752fad",
		"01931bd3-0c71-7e2a-89fa-1ab6e4752fag",
		"{1931bd3-0c71-7e2a-89fa-1ab6e4752fa}",
		"-1931bd3-0c71-7e2a-89fa-1ab6e4752fad",
	};
	struct base_uuid		a = base_uuid_new(), b, none = { { 0 } };
	char				text[BASE_UUID_TEXT_LEN + 1];
	size_t				i;

	(void)state;
	assert_in_range(base_uuid_time(&a), base_clock_milliseconds() - 5000,
	    base_clock_milliseconds());
	assert_int_equal(a.bytes[6] >> 4, 7);
	assert_int_equal(a.bytes[8] >> 6, 2);
	b = base_uuid_new();
	assert_false(base_uuid_equal(&a, &b));
	assert_false(base_uuid_empty(&a));
	assert_true(base_uuid_empty(&none));

	base_uuid_format(&a, text);
	assert_true(base_uuid_parse(text, strlen(text), &b));
	assert_true(base_uuid_equal(&a, &b));
	assert_true(base_uuid_parse("01931bd3-0c71-7e2a-89fa-1ab6e4752fad", 36,
	    &b));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(base_uuid_parse(bad[i], strlen(bad[i]), &b));
	assert_int_equal(b.bytes[0], 1);
	assert_int_equal(b.bytes[15], 0xad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64url_vectors),
		cmocka_unit_test(test_base64url_refused),
		cmocka_unit_test(test_base64url_canonical),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_uuid),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
