/*
 * What may be written into an account.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "account/account_user.h"

#define OK	ACCOUNT_TEXT_OK
#define EMPTY	ACCOUNT_TEXT_EMPTY
#define LONG	ACCOUNT_TEXT_TOO_LONG
#define CHAR	ACCOUNT_TEXT_CHARACTER

#define A16	"aaaaaaaaaaaaaaaa"
#define A63	A16 A16 A16 "aaaaaaaaaaaaaaa"
#define A64	A16 A16 A16 A16

struct row {
	const char			*text;
	enum account_text_status	 want;
	const char			*out;
};

static const struct row usernames[] = {
	{ "ada",		OK,	"ada" },
	{ "  ada ",		OK,	"ada" },
	{ "Ada.Lovelace",	OK,	"ada.lovelace" },
	{ "a-b_c@d.e9",		OK,	"a-b_c@d.e9" },
	{ "7",			OK,	"7" },
	{ A64,			OK,	A64 },
	{ A64 "a",		LONG,	NULL },
	{ "",			EMPTY,	NULL },
	{ "   ",		EMPTY,	NULL },
	{ ".ada",		CHAR,	NULL },
	{ "ada-",		CHAR,	NULL },
	{ "a da",		CHAR,	NULL },
	{ "a/da",		CHAR,	NULL },
	{ "a\nda",		CHAR,	NULL },
	{ "\xc4\xb1vy",		CHAR,	NULL },	/* dotless i */
	{ "\xe2\x84\xaa" "im",	CHAR,	NULL },	/* Kelvin sign */
	{ "\xef\xbd\x81" "da",	CHAR,	NULL },	/* full width */
};

static const struct row emails[] = {
	{ "ada@example.com",		OK,	"ada@example.com" },
	{ " Ada@Example.COM ",		OK,	"Ada@example.com" },
	{ "a.b+c@x-y.example",		OK,	"a.b+c@x-y.example" },
	{ "ada@localhost",		OK,	"ada@localhost" },
	{ "ada@xn--bcher-kva.example",	OK,	"ada@xn--bcher-kva.example" },
	{ A64 "@example.com",		OK,	A64 "@example.com" },
	{ "a@" A63 ".com",		OK,	"a@" A63 ".com" },
	{ "",				EMPTY,	NULL },
	{ A64 "a@example.com",		LONG,	NULL },
	{ "a@" A63 "." A63 "." A63 "." A63,	LONG,	NULL },
	{ "ada",			CHAR,	NULL },
	{ "@example.com",		CHAR,	NULL },
	{ "ada@",			CHAR,	NULL },
	{ "ada@b@example.com",		CHAR,	NULL },
	{ "ada@example.com,eve@example.com", CHAR, NULL },
	{ "Ada <ada@example.com>",	CHAR,	NULL },
	{ "\"ada\"@example.com",	CHAR,	NULL },
	{ "ada(x)@example.com",		CHAR,	NULL },
	{ "<@a:ada@example.com>",	CHAR,	NULL },
	{ "ada@[127.0.0.1]",		CHAR,	NULL },
	{ ".ada@example.com",		CHAR,	NULL },
	{ "ada.@example.com",		CHAR,	NULL },
	{ "a..da@example.com",		CHAR,	NULL },
	{ "ada@example..com",		CHAR,	NULL },
	{ "ada@.com",			CHAR,	NULL },
	{ "ada@example.com.",		CHAR,	NULL },
	{ "ada@-example.com",		CHAR,	NULL },
	{ "ada@example-.com",		CHAR,	NULL },
	{ "a@" A63 "a.com",		CHAR,	NULL },
	{ "ad a@example.com",		CHAR,	NULL },
	{ "ada@exam\rple.com",		CHAR,	NULL },
	{ "ad\xc4\xb1@example.com",	CHAR,	NULL },
	{ "ada@b\xc3\xbc" "cher.example", CHAR,	NULL },
};

static const struct row names[] = {
	{ "Ada",			OK,	"Ada" },
	{ "  Ada Lovelace ",		OK,	"Ada Lovelace" },
	{ "Z\xc3\xbc\xc3\xbc",		OK,	"Z\xc3\xbc\xc3\xbc" },
	{ "\xe6\x84\x9b",		OK,	"\xe6\x84\x9b" },
	{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac", OK,
	    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac" },	/* joined */
	{ A64,				OK,	A64 },
	{ "",				EMPTY,	NULL },
	{ "  ",				EMPTY,	NULL },
	{ A64 "a",			LONG,	NULL },
	{ "A\tb",			CHAR,	NULL },
	{ "A\nb",			CHAR,	NULL },
	{ "A\x7f",			CHAR,	NULL },
	{ "A\xc2\x85" "b",		CHAR,	NULL },	/* C1 */
	{ "A\xe2\x80\xae" "b",		CHAR,	NULL },	/* override */
	{ "A\xe2\x81\xa6" "b",		CHAR,	NULL },	/* isolate */
	{ "A\xe2\x80\x8f" "b",		CHAR,	NULL },	/* direction mark */
	{ "A\xe2\x80\x8b" "b",		CHAR,	NULL },	/* zero width */
	{ "A\xe2\x80\xa8" "b",		CHAR,	NULL },	/* line separator */
	{ "A\xef\xbb\xbf" "b",		CHAR,	NULL },	/* BOM */
	{ "\xe3\x85\xa4",		CHAR,	NULL },	/* Hangul filler */
	{ "\xe2\x80\x8d" "Ada",		CHAR,	NULL },	/* joiner at the end */
	{ "Ada\xc2\xa0",		CHAR,	NULL },	/* no-break space */
	{ "A\xf3\xa0\x80\xa0",		CHAR,	NULL },	/* tag */
	{ "A\xef\xbf\xbf",		CHAR,	NULL },	/* noncharacter */
	{ "A\xf0\x9f\xbf\xbe",		CHAR,	NULL },	/* the same, plane 1 */
	{ "A\xee\x80\x80",		CHAR,	NULL },	/* private use */
	{ "A\xc3",			CHAR,	NULL },	/* cut short */
	{ "A\xc0\xaf",			CHAR,	NULL },	/* overlong */
	{ "A\xed\xa0\x80",		CHAR,	NULL },	/* surrogate */
};

static void
check(const char *what, const struct row *rows, size_t count,
    enum account_text_status (*parse)(const char *, size_t, char *))
{
	char	out[512];

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(out, sizeof(out), "%s", "untouched");
		if (parse(rows[i].text, strlen(rows[i].text), out) !=
		    rows[i].want)
			fail_msg("%s %zu: %s", what, i, rows[i].text);
		assert_string_equal(out, rows[i].want == OK ? rows[i].out :
		    "untouched");
	}
}

static void
test_account_user_username_parse(void **state)
{
	(void)state;
	check("username", usernames, sizeof(usernames) / sizeof(usernames[0]),
	    account_user_username_parse);
	/* A NUL inside is no end. */
	char	out[ACCOUNT_USERNAME_MAX + 1];
	assert_int_equal(account_user_username_parse("a\0b", 3, out), CHAR);
}

static void
test_account_user_email_parse(void **state)
{
	char	out[ACCOUNT_EMAIL_MAX + 1];

	(void)state;
	check("email", emails, sizeof(emails) / sizeof(emails[0]),
	    account_user_email_parse);
	assert_int_equal(account_user_email_parse("a\0b@c.de", 8, out), CHAR);
}

static void
test_account_user_name_parse(void **state)
{
	char	out[ACCOUNT_NAME_MAX + 1];

	(void)state;
	check("name", names, sizeof(names) / sizeof(names[0]),
	    account_user_name_parse);
	assert_int_equal(account_user_name_parse("A\0b", 3, out), CHAR);
}

static void
test_account_user_display(void **state)
{
	struct account_user	user = { .username = "ada" };

	(void)state;
	account_user_display(&user);
	assert_string_equal(user.display_name, "ada");

	(void)snprintf(user.family_name, sizeof(user.family_name), "%s", "Lovelace");
	account_user_display(&user);
	assert_string_equal(user.display_name, "Lovelace");

	(void)snprintf(user.given_name, sizeof(user.given_name), "%s", "Ada");
	account_user_display(&user);
	assert_string_equal(user.display_name, "Ada Lovelace");

	(void)memset(user.given_name, 'A', ACCOUNT_NAME_MAX);
	(void)memset(user.family_name, 'B', ACCOUNT_NAME_MAX);
	account_user_display(&user);
	assert_string_equal(user.display_name, user.given_name);
}

static void
test_account_user_email_mask(void **state)
{
	char	out[ACCOUNT_EMAIL_MASKED_MAX + 1];

	(void)state;
	account_user_email_mask("ada@example.com", out);
	assert_string_equal(out,
	    "a\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2@example.com");
	account_user_email_mask("", out);
	assert_string_equal(out, "");
}

static void
test_account_user_init(void **state)
{
	struct account_user	a, b;

	(void)state;
	account_user_init(&a);
	account_user_init(&b);
	assert_false(base_uuid_empty(&a.id));
	assert_int_equal(strlen(a.sub), 22);
	assert_string_not_equal(a.sub, b.sub);
	assert_memory_not_equal(a.user_handle, b.user_handle,
	    sizeof(a.user_handle));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_account_user_username_parse),
		cmocka_unit_test(test_account_user_email_parse),
		cmocka_unit_test(test_account_user_name_parse),
		cmocka_unit_test(test_account_user_display),
		cmocka_unit_test(test_account_user_email_mask),
		cmocka_unit_test(test_account_user_init),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
