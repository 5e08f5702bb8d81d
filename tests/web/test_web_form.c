/*
 * Forms and query strings: what is taken, and what is told apart.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "web/web_form.h"

static const struct {
	const char		*name;
	const char		*text;
	enum web_form_status	 want;
	const char		*value;		/* of field "a"; NULL: absent */
} cases[] = {
	{ "one field",		"a=1",		WEB_FORM_OK, "1" },
	{ "nothing",		"",		WEB_FORM_OK, NULL },
	{ "empty is not absent", "a=",		WEB_FORM_OK, "" },
	{ "no equals sign",	"a",		WEB_FORM_OK, "" },
	{ "equals in value",	"a=b==",	WEB_FORM_OK, "b==" },
	{ "query in value",	"a=https://x/cb?k=v", WEB_FORM_OK,
	    "https://x/cb?k=v" },
	{ "plus is a space",	"a=b+c",	WEB_FORM_OK, "b c" },
	{ "escaped plus",	"a=b%2Bc",	WEB_FORM_OK, "b+c" },
	{ "lower-case escape",	"a=%c3%bc",	WEB_FORM_OK, "\xc3\xbc" },
	{ "escaped name",	"%61=1",	WEB_FORM_OK, "1" },
	{ "line break",		"a=1%0D%0A2",	WEB_FORM_OK, "1\r\n2" },
	{ "empty pairs",	"&&a=1&",	WEB_FORM_OK, "1" },
	{ "other name only",	"aa=1",		WEB_FORM_OK, NULL },
	{ "names have case",	"A=1",		WEB_FORM_OK, NULL },
	{ "bad escape",		"a=%zz",	WEB_FORM_MALFORMED, NULL },
	{ "cut escape",		"a=%4",		WEB_FORM_MALFORMED, NULL },
	{ "cut escape at end",	"a=%",		WEB_FORM_MALFORMED, NULL },
	{ "NUL",		"a=1%00",	WEB_FORM_MALFORMED, NULL },
	{ "escape character",	"a=%1b",	WEB_FORM_MALFORMED, NULL },
	{ "delete character",	"a=%7f",	WEB_FORM_MALFORMED, NULL },
	{ "overlong slash",	"a=%c0%af",	WEB_FORM_MALFORMED, NULL },
	{ "half a character",	"a=%c3",	WEB_FORM_MALFORMED, NULL },
	{ "surrogate",		"a=%ed%a0%80",	WEB_FORM_MALFORMED, NULL },
	{ "empty name",		"=1",		WEB_FORM_MALFORMED, NULL },
	{ "bad name",		"%00a=1",	WEB_FORM_MALFORMED, NULL },
};

static void
test_web_form_parse(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct base_arena		 arena;
		struct web_form			 form;
		const struct web_form_field	*field = NULL;
		enum web_form_status		 got;

		base_arena_init(&arena);
		got = web_form_parse(&arena, base_bytes_slice(cases[i].text),
		    &form);
		if (got != cases[i].want)
			fail_msg("%s: status %d", cases[i].name, got);
		if (got == WEB_FORM_OK)
			field = web_form_find(&form, "a");
		if ((field == NULL) != (cases[i].value == NULL))
			fail_msg("%s: presence", cases[i].name);
		if (field != NULL && (strcmp(field->value, cases[i].value) !=
		    0 || field->len != strlen(cases[i].value)))
			fail_msg("%s: value", cases[i].name);
		base_arena_clear(&arena);
	}
}

/* A raw NUL byte ends no parsing early. */
static void
test_web_form_raw_nul(void **state)
{
	struct base_arena		 arena;
	struct web_form			 form;
	const struct base_slice		 text = {
	    (const uint8_t *)"a=1\0&b=2", 8 };

	(void)state;
	base_arena_init(&arena);
	assert_int_equal(web_form_parse(&arena, text, &form),
	    WEB_FORM_MALFORMED);
	base_arena_clear(&arena);
}

static void
test_web_form_repeated(void **state)
{
	struct base_arena	arena;
	struct web_form		form;

	(void)state;
	base_arena_init(&arena);
	assert_int_equal(web_form_parse(&arena,
	    base_bytes_slice("a=1&b=2&a=1&c="), &form), WEB_FORM_OK);
	assert_true(web_form_find(&form, "a")->repeated);
	assert_false(web_form_find(&form, "b")->repeated);
	assert_false(web_form_find(&form, "c")->repeated);

	/* The escape does not hide it. */
	assert_int_equal(web_form_parse(&arena,
	    base_bytes_slice("a=1&%61=2"), &form), WEB_FORM_OK);
	assert_true(web_form_find(&form, "a")->repeated);
	base_arena_clear(&arena);
}

static void
test_web_form_count(void **state)
{
	char			text[WEB_FORM_FIELDS_MAX * 4 + 16];
	size_t			used = 0;
	struct base_arena	arena;
	struct web_form		form;

	(void)state;
	base_arena_init(&arena);
	for (int i = 0; i < WEB_FORM_FIELDS_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "f%d&", i);
	assert_int_equal(web_form_parse(&arena, base_bytes_slice(text), &form),
	    WEB_FORM_OK);
	assert_int_equal(form.count, WEB_FORM_FIELDS_MAX);

	(void)snprintf(text + used, sizeof(text) - used, "more");
	assert_int_equal(web_form_parse(&arena, base_bytes_slice(text), &form),
	    WEB_FORM_TOO_MANY);
	base_arena_clear(&arena);
}

static void
test_web_form_type(void **state)
{
	static const struct {
		const char	*type;
		bool		 want;
	} types[] = {
		{ "application/x-www-form-urlencoded", true },
		{ "Application/X-WWW-Form-URLEncoded", true },
		{ "application/x-www-form-urlencoded; charset=UTF-8", true },
		{ "application/x-www-form-urlencoded;charset=utf-8", true },
		{ "application/x-www-form-urlencoded; charset=\"utf-8\"", true },
		{ "", false },
		{ "text/plain", false },
		{ "application/json", false },
		{ "multipart/form-data; boundary=x", false },
		{ "application/x-www-form-urlencodedx", false },
		{ "application/x-www-form-urlencoded; charset=utf-16", false },
		{ "application/x-www-form-urlencoded; charset=utf-8x", false },
		{ "application/x-www-form-urlencoded, text/plain", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (web_form_type_valid(base_bytes_slice(types[i].type)) !=
		    types[i].want)
			fail_msg("type: %s", types[i].type);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_form_parse),
		cmocka_unit_test(test_web_form_raw_nul),
		cmocka_unit_test(test_web_form_repeated),
		cmocka_unit_test(test_web_form_count),
		cmocka_unit_test(test_web_form_type),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
