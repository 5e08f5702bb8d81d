/*
 * Calls and cells without a database: binary forms, and every way a cell may
 * not be what a decoder asks for.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "store/store.h"
#include "support/fake_store.h"

static const struct store_statement	all = {
	.name = "all", .sql = "", .types = "ubtioT", .columns = 0
};

static void
test_store_call_binary(void **state)
{
	static const char *const	texts[] = { "a", "", "bc", NULL };
	static const uint8_t		wire[] = {
		0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 3, 0, 0, 0, 1,
		0, 0, 0, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 2, 'b', 'c'
	};
	static const uint8_t		minus[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe
	};
	struct base_uuid		uuid = { { 1, 2, 3 } };
	struct base_arena		arena;
	struct store_call		*call;

	(void)state;
	base_arena_init(&arena);
	call = store_call(&arena, &all);
	assert_false(store_complete(call));
	store_uuid(call, &uuid);
	store_bytes(call, "x\0y", 3);
	store_text(call, "");
	store_int(call, -2);
	store_bool(call, true);
	store_texts(call, texts);
	assert_true(store_complete(call));

	assert_memory_equal(call->values[0].data, uuid.bytes, 16);
	assert_int_equal(call->values[1].len, 3);
	assert_memory_equal(call->values[1].data, "x\0y", 3);
	assert_non_null(call->values[2].data);	/* empty is not NULL */
	assert_int_equal(call->values[2].len, 0);
	assert_int_equal(call->values[3].len, 8);
	assert_memory_equal(call->values[3].data, minus, 8);
	assert_int_equal(call->values[4].data[0], 1);
	assert_int_equal(call->values[5].len, sizeof(wire));
	assert_memory_equal(call->values[5].data, wire, sizeof(wire));
	base_arena_clear(&arena);
}

static void
test_store_cell_round_trip(void **state)
{
	static const char *const	texts[] = { "a", "", "bc", NULL };
	static const char *const	none[] = { NULL };
	struct base_uuid		uuid = { { 9, 8, 7 } }, uuid_out;
	struct base_slice		slices[3];
	struct store_result		*result;
	char				text[4];
	int64_t				number;
	size_t				count;
	bool				flag;

	(void)state;
	result = fake_store_result(STORE_OK);
	fake_store_row(result, "tuiobTTn", "abc", &uuid, INT64_MIN, true,
	    "\0", (size_t)1, texts, none);
	assert_int_equal(store_result_rows(result), 1);

	assert_true(store_cell_text(result, 0, 0, text, sizeof(text)));
	assert_string_equal(text, "abc");
	assert_false(store_cell_text(result, 0, 0, text, 3));
	assert_true(store_cell_uuid(result, 0, 1, &uuid_out));
	assert_true(base_uuid_equal(&uuid, &uuid_out));
	assert_true(store_cell_int(result, 0, 2, &number));
	assert_true(number == INT64_MIN);
	assert_true(store_cell_bool(result, 0, 3, &flag));
	assert_true(flag);
	assert_true(store_cell_slice(result, 0, 4, &slices[0]));
	assert_int_equal(slices[0].len, 1);
	assert_true(store_cell_texts(result, 0, 5, slices, 3, &count));
	assert_int_equal(count, 3);
	assert_memory_equal(slices[2].data, "bc", 2);
	assert_false(store_cell_texts(result, 0, 5, slices, 2, &count));
	assert_true(store_cell_texts(result, 0, 6, slices, 3, &count));
	assert_int_equal(count, 0);
	assert_true(store_cell_null(result, 0, 7));
	assert_false(store_cell_null(result, 0, 0));
	fake_store_free(result);
}

/* Of another type, NULL, or not there: false, and the output untouched. */
static void
test_store_cell_refused(void **state)
{
	struct base_uuid	 uuid = { { 1 } };
	struct store_result	*result;
	char			 text[8] = "kept";
	int64_t			 number = 7;
	bool			 flag = true;

	(void)state;
	result = fake_store_result(STORE_OK);
	fake_store_row(result, "tn", "word");

	assert_false(store_cell_uuid(result, 0, 0, &uuid));
	assert_false(store_cell_bool(result, 0, 0, &flag));
	assert_false(store_cell_int(result, 0, 1, &number));
	assert_false(store_cell_text(result, 0, 1, text, sizeof(text)));
	assert_false(store_cell_text(result, 0, 2, text, sizeof(text)));
	assert_false(store_cell_text(result, 1, 0, text, sizeof(text)));
	assert_false(store_cell_text(result, -1, 0, text, sizeof(text)));
	assert_false(store_cell_text(result, 0, -1, text, sizeof(text)));
	assert_true(store_cell_null(result, 5, 5));
	assert_string_equal(text, "kept");
	assert_int_equal(number, 7);
	assert_true(flag);
	assert_int_equal(uuid.bytes[0], 1);
	fake_store_free(result);
}

/* An array that says more than it holds. */
static void
test_store_cell_texts_malformed(void **state)
{
	static const uint8_t	good[] = {
		0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 1, 0, 0, 0, 1,
		0, 0, 0, 2, 'h', 'i'
	};
	static const struct {
		const char	*name;
		size_t		 at;
		uint8_t		 value;
	} spoils[] = {
		{ "two dimensions",		3,	2 },
		{ "elements of another type",	11,	20 },
		{ "more elements than there are", 15,	2 },
		{ "fewer elements",		15,	0 },
		{ "a NULL element",		20,	0xff },
		{ "an element past the end",	23,	3 },
		{ "bytes left over",		23,	1 },
	};
	struct base_slice	 slices[4];
	struct store_result	*result;
	uint8_t			 wire[sizeof(good)];
	size_t			 count;

	(void)state;
	result = fake_store_result(STORE_OK);
	fake_store_row(result, "b", good, sizeof(good));
	assert_true(store_cell_texts(result, 0, 0, slices, 4, &count));
	fake_store_free(result);

	for (size_t i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		memcpy(wire, good, sizeof(good));
		wire[spoils[i].at] = spoils[i].value;
		result = fake_store_result(STORE_OK);
		fake_store_row(result, "b", wire, sizeof(wire));
		if (store_cell_texts(result, 0, 0, slices, 4, &count))
			fail_msg("case: %s", spoils[i].name);
		fake_store_free(result);
	}

	for (size_t len = 0; len < sizeof(good); len++) {
		result = fake_store_result(STORE_OK);
		fake_store_row(result, "b", good, len);
		if (store_cell_texts(result, 0, 0, slices, 4, &count))
			fail_msg("cut at %zu", len);
		fake_store_free(result);
	}
}

static void
test_store_verdict(void **state)
{
	static const struct {
		const char		*word;
		enum store_status	 want;
	} words[] = {
		{ "ok", STORE_OK }, { "bad_client", STORE_BAD_CLIENT },
		{ "spent", STORE_SPENT }, { "gone", STORE_GONE },
		{ "missing", STORE_MISSING }, { "conflict", STORE_CONFLICT },
		{ "refused", STORE_REFUSED }, { "stale", STORE_STALE },
		{ "OK", STORE_FAILED }, { "", STORE_FAILED },
		{ "a word that is far too long", STORE_FAILED },
		{ NULL, STORE_FAILED },
	};
	struct store_result	*result;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		result = fake_store_result(STORE_OK);
		fake_store_row(result, "t", words[i].word);
		if (store_verdict(result) != words[i].want)
			fail_msg("word %s", words[i].word);
		fake_store_free(result);
	}

	result = fake_store_result(STORE_OK);	/* no row */
	assert_int_equal(store_verdict(result), STORE_FAILED);
	fake_store_free(result);
	result = fake_store_result(STORE_REFUSED);
	assert_int_equal(store_verdict(result), STORE_REFUSED);
	fake_store_free(result);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_call_binary),
		cmocka_unit_test(test_store_cell_round_trip),
		cmocka_unit_test(test_store_cell_refused),
		cmocka_unit_test(test_store_cell_texts_malformed),
		cmocka_unit_test(test_store_verdict),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
