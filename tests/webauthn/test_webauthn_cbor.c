/*
 * CBOR and the attestation object: webauthn_3_2, groups 74 to 86.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/forge_assert.h"
#include "webauthn/webauthn_attestation.h"
#include "webauthn/webauthn_cbor.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* "fmt", "attStmt", "authData", and values that go with them */
#define FMT		"63666d74"
#define STMT		"6761747453746d74"
#define DATA		"686175746844617461"
#define NONE		"646e6f6e65"

static struct base_arena	arena;

static int
open_arena(void **state)
{
	(void)state;
	base_arena_init(&arena);
	return (0);
}

static int
close_arena(void **state)
{
	(void)state;
	base_arena_clear(&arena);
	return (0);
}

/* Is this one item, and nothing behind it? */
static bool
one_item(struct base_slice bytes)
{
	struct webauthn_cbor		cursor = webauthn_cbor_over(bytes);
	struct webauthn_cbor_item	item;

	return (webauthn_cbor_take(&cursor, &item) &&
	    webauthn_cbor_done(&cursor) && item.whole.len == bytes.len);
}

static void
taken(const char *hex)
{
	if (!one_item(forge_hex(&arena, hex)))
		fail_msg("%s was refused", hex);
}

static void
refused(const char *hex)
{
	if (one_item(forge_hex(&arena, hex)))
		fail_msg("%s was taken", hex);
}

static enum webauthn_verdict
decode(struct base_slice bytes)
{
	struct webauthn_attestation_object	object;

	return (webauthn_attestation_decode(bytes, &object));
}

static void
malformed(const char *hex)
{
	if (decode(forge_hex(&arena, hex)) != WEBAUTHN_ATTESTATION_MALFORMED)
		fail_msg("%s was taken", hex);
}

static void
test_webauthn_3_2_074_truncated(void **state)
{
	struct forge		f;
	struct base_slice	whole;

	(void)state;
	malformed("");
	malformed("a3");
	forge_creation(&f, WEBAUTHN_ALG_ES256);
	whole = forge_created(&f).attestation;
	assert_int_equal(decode(whole), WEBAUTHN_OK);
	for (size_t len = 0; len < whole.len; len++) {
		uint8_t	*copy = malloc(len + 1);

		/* in memory of its own, so that a read past the end shows */
		memcpy(copy, whole.data, len);
		copy = realloc(copy, len == 0 ? 1 : len);
		assert_int_equal(decode((struct base_slice){ copy, len }),
		    WEBAUTHN_ATTESTATION_MALFORMED);
		free(copy);
	}
	forge_clear(&f);
}

static void
test_webauthn_3_2_075_top_level(void **state)
{
	(void)state;
	malformed("80");
	malformed("83" FMT STMT DATA);
	malformed("01");
	malformed("20");
	malformed("646e6f6e65");
	malformed("43010203");
	malformed("f5");
}

static void
test_webauthn_3_2_076_keys(void **state)
{
	(void)state;
	assert_int_equal(decode(forge_hex(&arena,
	    "a3" FMT NONE STMT "a0" DATA "4101")), WEBAUTHN_OK);
	malformed("a0");
	malformed("a2" STMT "a0" DATA "4101");
	malformed("a2" FMT NONE DATA "4101");
	malformed("a2" FMT NONE STMT "a0");
	malformed("a4" FMT NONE STMT "a0" DATA "4101" "6178" "01");
	malformed("a3" FMT NONE STMT "a0" "686175746844617462" "4101");
	malformed("a3" FMT NONE FMT NONE DATA "4101");
	malformed("a4" FMT NONE FMT NONE STMT "a0" DATA "4101");
	malformed("a4" FMT NONE STMT "a0" DATA "4101" DATA "4102");
	malformed("a3" "01" NONE "02" "4101" "03" "a0");
	malformed("a3" "43666d74" NONE STMT "a0" DATA "4101");
	malformed("a3" "63464d54" NONE STMT "a0" DATA "4101");
}

static void
test_webauthn_3_2_077_auth_data_type(void **state)
{
	(void)state;
	malformed("a3" FMT NONE STMT "a0" DATA "6101");
	malformed("a3" FMT NONE STMT "a0" DATA "8101");
	malformed("a3" FMT NONE STMT "a0" DATA "5f4101ff");
	malformed("a3" FMT NONE STMT "a0" DATA "c24101");
	malformed("a3" FMT NONE STMT "a0" DATA "a0");
	malformed("a3" FMT NONE STMT "a0" DATA "01");
	malformed("a3" FMT NONE STMT "a0" DATA "f6");
}

/* A creation with this for its format, as text. */
static void
with_format(const char *format)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.format = format;
	forge_assert_register(&f, format, WEBAUTHN_ATTESTATION_FORMAT);
}

static void
test_webauthn_3_2_078_format(void **state)
{
	struct forge		f;
	struct base_slice	good;
	uint8_t			bytes[1024];

	(void)state;
	with_format("NONE");
	with_format("None");
	with_format("");
	with_format("none ");
	with_format("non");
	with_format("a text of more than thirty-two characters");
	malformed("a3" FMT "446e6f6e65" STMT "a0" DATA "4101");
	malformed("a3" FMT "01" STMT "a0" DATA "4101");
	/* "none" and a zero byte: no text of ours has one */
	malformed("a3" FMT "656e6f6e6500" STMT "a0" DATA "4101");

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	good = forge_created(&f).attestation;
	memcpy(bytes, good.data, good.len);
	assert_memory_equal(bytes + 6, "none", 4);
	bytes[9] = 'd';
	f.object = (struct base_slice){ bytes, good.len };
	forge_assert_register(&f, "nond", WEBAUTHN_ATTESTATION_FORMAT);
}

/* Claims that no input could keep. */
static void
test_webauthn_3_2_079_huge_claims(void **state)
{
	static const char *const	claims[] = {
		"9a10000000", "9affffffff", "9bffffffffffffffff",
		"ba10000000", "baffffffff", "bbffffffffffffffff",
		"5a80000000", "5b7fffffffffffffff", "5bffffffffffffffff",
		"7a80000000", "7bffffffffffffffff", "9b0000000100000000",
		"bb8000000000000000", "5bfffffffffffffff8",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(claims); i++) {
		char	object[128];

		refused(claims[i]);
		malformed(claims[i]);
		snprintf(object, sizeof(object), "a3" FMT NONE STMT "%s",
		    claims[i]);
		malformed(object);
		snprintf(object, sizeof(object), "a3" FMT NONE STMT
		    "%s00000000", claims[i]);
		malformed(object);
	}
}

static void
test_webauthn_3_2_080_nesting(void **state)
{
	static const uint8_t	heads[] = { 0x81, 0xa1, 0xc1, 0xd9 };
	uint8_t			*deep = malloc(1000000);

	(void)state;
	taken("818181818180");
	refused("81818181818180");
	taken("a101a101a101a101a101a0");
	refused("a101a101a101a101a101a101a0");
	for (size_t i = 0; i < COUNT(heads); i++) {
		memset(deep, heads[i], 1000000);
		assert_false(one_item((struct base_slice){ deep, 1000000 }));
		assert_int_equal(decode((struct base_slice){ deep, 30000 }),
		    WEBAUTHN_ATTESTATION_MALFORMED);
	}
	free(deep);
}

static void
test_webauthn_3_2_081_indefinite(void **state)
{
	(void)state;
	refused("9fff");
	refused("9f01ff");
	refused("bfff");
	refused("bf0101ff");
	refused("5fff");
	refused("5f4101ff");
	refused("7f6161ff");
	refused("9f01");
	refused("ff");
	refused("81ff");
	refused("a1ff");
	refused("a101ff");
	malformed("bf" FMT NONE STMT "a0" DATA "4101" "ff");
	malformed("a3" FMT NONE STMT "bfff" DATA "4101");
}

static void
test_webauthn_3_2_082_not_shortest(void **state)
{
	(void)state;
	taken("17");
	taken("1818");
	taken("18ff");
	taken("190100");
	taken("1a00010000");
	taken("1b0000000100000000");
	refused("1801");
	refused("1817");
	refused("190001");
	refused("1900ff");
	refused("1a0000ffff");
	refused("1b00000000ffffffff");
	refused("3801");
	refused("3900ff");
	refused("3a0000ffff");
	refused("3b00000000ffffffff");
	refused("580141");
	refused("59000141");
	refused("780161");
	refused("980101");
	refused("b8010101");
	refused("a118010101");
}

static void
test_webauthn_3_2_083_other_items(void **state)
{
	static const char *const	values[] = {
		"f90000", "f97e00", "fa00000000", "fb0000000000000000",
		"fb7ff8000000000000", "f6", "f7", "e0", "f3", "f8ff", "f820",
		"f810", "f8", "c24101", "c34101", "c001", "d81845", "1c",
		"1d", "1e", "1f", "3c", "5c", "7c", "9c", "bc", "dc", "fc",
		"fd", "fe",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		char	pair[64];

		refused(values[i]);
		snprintf(pair, sizeof(pair), "a101%s", values[i]);
		refused(pair);
		snprintf(pair, sizeof(pair), "a1%s01", values[i]);
		refused(pair);
		snprintf(pair, sizeof(pair), "81%s", values[i]);
		refused(pair);
	}
	taken("f4");
	taken("f5");
	/* booleans, bytes and containers are no keys */
	refused("a1f501");
	refused("a1410101");
	refused("a18001");
	refused("a1a001");
	/* integers beyond 64 bits with a sign */
	taken("1b7fffffffffffffff");
	refused("1b8000000000000000");
	taken("3b7fffffffffffffff");
	refused("3b8000000000000000");
	refused("3bffffffffffffffff");
	/* text that is not UTF-8 */
	taken("62c3bc");
	refused("61ff");
	refused("62c080");
	refused("63eda080");
}

static void
test_webauthn_3_2_084_trailing(void **state)
{
	(void)state;
	refused("0100");
	refused("8000");
	malformed("a3" FMT NONE STMT "a0" DATA "4101" "00");
	malformed("a3" FMT NONE STMT "a0" DATA "4101" "a0");
}

static void
test_webauthn_3_2_085_self_described(void **state)
{
	(void)state;
	refused("d9d9f701");
	malformed("d9d9f7" "a3" FMT NONE STMT "a0" DATA "4101");
}

/* Decided: taken in any order, at every place. */
static void
test_webauthn_3_2_086_unsorted(void **state)
{
	struct webauthn_attestation_object	object;

	(void)state;
	taken("a202010101");
	taken("a3010103022002");
	taken("a2616201616101");
	assert_int_equal(webauthn_attestation_decode(forge_hex(&arena, "a3"
	    DATA "4101" FMT NONE STMT "a0"), &object), WEBAUTHN_OK);
	assert_int_equal(object.auth_data.len, 1);
	assert_int_equal(object.format.len, 4);
	/* the same keys, but one twice */
	refused("a201010102");
	refused("a2616101616102");
	refused("a3010102020103");
}

/* More pairs than any of our maps has are more than we take. */
static void
test_webauthn_cbor_pairs(void **state)
{
	char	hex[2 * (2 + 4 * 33) + 1];
	size_t	at;

	(void)state;
	for (unsigned int count = 31; count <= 33; count++) {
		at = (size_t)snprintf(hex, sizeof(hex), "b8%02x", count);
		for (unsigned int i = 0; i < count; i++)
			at += (size_t)snprintf(hex + at, sizeof(hex) - at,
			    i < 24 ? "%02x00" : "18%02x00", i);
		if (count <= WEBAUTHN_CBOR_PAIRS_MAX)
			taken(hex);
		else
			refused(hex);
	}
}

/* What the cursor hands out is what was written. */
static void
test_webauthn_cbor_values(void **state)
{
	struct webauthn_cbor		cursor;
	struct webauthn_cbor_item	item, inner;

	(void)state;
	cursor = webauthn_cbor_over(forge_hex(&arena,
	    "390100" "43010203" "62c3bc" "f5" "8201" "20" "a1" "0a" "f4"));
	assert_true(webauthn_cbor_take(&cursor, &item));
	assert_int_equal(item.type, WEBAUTHN_CBOR_INTEGER);
	assert_int_equal(item.integer, -257);
	assert_false(webauthn_cbor_expect(&cursor, WEBAUTHN_CBOR_TEXT,
	    &item));
	assert_true(webauthn_cbor_expect(&cursor, WEBAUTHN_CBOR_BYTES,
	    &item));
	assert_int_equal(item.string.len, 3);
	assert_memory_equal(item.string.data, "\1\2\3", 3);
	assert_true(webauthn_cbor_take(&cursor, &item));
	assert_true(webauthn_cbor_text(&item, "\xc3\xbc"));
	assert_false(webauthn_cbor_text(&item, "\xc3"));
	assert_true(webauthn_cbor_take(&cursor, &item));
	assert_true(item.boolean);
	assert_true(webauthn_cbor_take(&cursor, &item));
	assert_int_equal(item.type, WEBAUTHN_CBOR_ARRAY);
	assert_int_equal(item.count, 2);
	assert_true(webauthn_cbor_take(&item.inside, &inner));
	assert_true(webauthn_cbor_take(&item.inside, &inner));
	assert_int_equal(inner.integer, -1);
	assert_false(webauthn_cbor_take(&item.inside, &inner));
	assert_true(webauthn_cbor_take(&cursor, &item));
	assert_int_equal(item.type, WEBAUTHN_CBOR_MAP);
	assert_int_equal(item.whole.len, 3);
	assert_true(webauthn_cbor_done(&cursor));
	assert_false(webauthn_cbor_take(&cursor, &item));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_3_2_074_truncated),
		cmocka_unit_test(test_webauthn_3_2_075_top_level),
		cmocka_unit_test(test_webauthn_3_2_076_keys),
		cmocka_unit_test(test_webauthn_3_2_077_auth_data_type),
		cmocka_unit_test(test_webauthn_3_2_078_format),
		cmocka_unit_test(test_webauthn_3_2_079_huge_claims),
		cmocka_unit_test(test_webauthn_3_2_080_nesting),
		cmocka_unit_test(test_webauthn_3_2_081_indefinite),
		cmocka_unit_test(test_webauthn_3_2_082_not_shortest),
		cmocka_unit_test(test_webauthn_3_2_083_other_items),
		cmocka_unit_test(test_webauthn_3_2_084_trailing),
		cmocka_unit_test(test_webauthn_3_2_085_self_described),
		cmocka_unit_test(test_webauthn_3_2_086_unsorted),
		cmocka_unit_test(test_webauthn_cbor_pairs),
		cmocka_unit_test(test_webauthn_cbor_values),
	};

	return (cmocka_run_group_tests(tests, open_arena, close_arena));
}
