/*
 * What mails say: every kind that the table allows, in every language, with
 * everything it may hold and with nothing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "jobs/jobs_letter.h"
#include "store/store_schema.h"

#define CODE	"0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
#define LINK	"https://id.example.com/lc/" CODE

static struct base_arena	arena;
static struct base_config	config = {
	.app_url = "https://id.example.com", .app_name = "Acme & Co",
};

/* A mail of "kind"; its code only where a link is. */
static bool
write_one(const char *kind, const char *locale, const char *detail,
    struct jobs_letter *out)
{
	struct store_outbox_item	item = {
		.username = "ada", .name = "Ada <b>Lovelace</b>",
		.created_at = 1700000000, .address = "ada@example.com",
	};
	bool				link;

	(void)snprintf(item.kind, sizeof(item.kind), "%s", kind);
	(void)snprintf(item.locale, sizeof(item.locale), "%s", locale);
	(void)snprintf(item.detail, sizeof(item.detail), "%s", detail);
	link = strcmp(kind, "login_link") == 0;
	item.link_until = link ? 1700003600 : 0;

	return (jobs_letter_write(&arena, &config, &item, link ? CODE : NULL,
	    out));
}

/* A message that is not there comes out as its key. */
static bool
has_key(const char *text)
{
	while ((text = strstr(text, "mail.")) != NULL) {
		text += strlen("mail.");
		if (islower((unsigned char)*text))
			return (true);
	}

	return (false);
}

static void
judge(const char *kind, const struct jobs_letter *letter)
{
	bool	link = strcmp(kind, "login_link") == 0;

	if (has_key(letter->subject) || has_key(letter->text) ||
	    has_key(letter->html))
		fail_msg("%s: a message is missing", kind);
	assert_null(strchr(letter->text, '{'));
	assert_null(strstr(letter->html, "{{"));
	assert_true((strstr(letter->text, LINK) != NULL) == link);
	assert_true((strstr(letter->html, "href=\"" LINK "\"") != NULL) ==
	    link);
	assert_non_null(strstr(letter->text, "Acme & Co"));
	assert_non_null(strstr(letter->html, "Acme &amp; Co"));
	assert_non_null(strstr(letter->text, "<b>Lovelace</b>"));
	assert_null(strstr(letter->html, "<b>Lovelace"));
}

/* The kinds of the table, read from the schema itself. */
static void
test_letter_kinds(void **state)
{
	static const char *const	locales[] = { "", "en", "de", "de-AT",
					    "xx", "'; DROP" };
	static const char *const	details[] = { "{}",
		"{\"name\":\"Key\",\"device\":\"Firefox on Linux\","
		"\"address\":\"2001:db8::1\",\"seconds\":3600}",
		"{\"name\":null,\"device\":null,\"address\":null}" };
	struct jobs_letter		letter;
	const char			*at, *end;
	char				kind[STORE_OUTBOX_KIND_MAX + 1];
	int				kinds = 0;

	(void)state;
	at = strstr(store_schema_files[0].sql, "CHECK (kind IN");
	assert_non_null(at);
	end = strstr(at, "))");
	while ((at = strchr(at, '\'')) != NULL && at < end) {
		(void)snprintf(kind, sizeof(kind), "%.*s",
		    (int)strcspn(at + 1, "'"), at + 1);
		at += strlen(kind) + 2;
		kinds++;
		for (size_t i = 0; i < sizeof(locales) / sizeof(*locales) *
		    sizeof(details) / sizeof(*details); i++) {
			if (!write_one(kind, locales[i % 6], details[i / 6],
			    &letter))
				fail_msg("%s, %s", kind, locales[i % 6]);
			judge(kind, &letter);
		}
	}
	assert_true(kinds >= 6);
}

static void
test_letter_language(void **state)
{
	struct jobs_letter	letter;

	(void)state;
	assert_true(write_one("login_link", "de", "{}", &letter));
	assert_string_equal(letter.subject,
	    "Ihr Anmeldelink f\xc3\xbcr Acme & Co");
	assert_non_null(strstr(letter.html, "lang=\"de\""));
	assert_non_null(strstr(letter.text, "2023-11-14 23:13 UTC"));
	assert_true(write_one("new_device", "en",
	    "{\"device\":\"Firefox on Linux\"}", &letter));
	assert_string_equal(letter.subject,
	    "New sign-in to Acme & Co from Firefox on Linux");
	assert_non_null(strstr(letter.text, "Browser: Firefox on Linux\n"));
	assert_non_null(strstr(letter.text, "Time: 2023-11-14 22:13 UTC\n"));
	assert_null(strstr(letter.text, "Address"));
}

/* What a person chose is text, and nothing that looks like a link. */
static void
test_letter_chosen(void **state)
{
	struct jobs_letter	letter;

	(void)state;
	assert_true(write_one("passkey_added", "en",
	    "{\"name\":\"<a href=//e.test>http://e.test {{m.x}}\"}", &letter));
	assert_null(strstr(letter.html, "<a href=//"));
	assert_null(strstr(letter.html, "http://e.test"));
	assert_null(strstr(letter.html, "e.test"));
	assert_non_null(strstr(letter.text,
	    "Passkey: <a href=//e.test>http://e.test {{m.x}}\n"));
}

static void
test_letter_wrong(void **state)
{
	struct jobs_letter		letter;
	struct store_outbox_item	item = { .kind = "login_link",
					    .detail = "{}" };

	(void)state;
	assert_false(write_one("no_such_kind", "", "{}", &letter));
	assert_false(write_one("", "", "{}", &letter));
	assert_false(jobs_letter_write(&arena, &config, &item, NULL,
	    &letter));
	(void)snprintf(item.kind, sizeof(item.kind), "test");
	assert_false(jobs_letter_write(&arena, &config, &item, CODE,
	    &letter));
	/* A detail that is none leaves the facts out. */
	assert_true(write_one("passkey_added", "", "[1", &letter));
}

static int
set_up(void **state)
{
	(void)state;
	base_arena_init(&arena);

	return (jobs_letter_load() ? 0 : -1);
}

static int
tear_down(void **state)
{
	(void)state;
	jobs_letter_unload();
	base_arena_clear(&arena);

	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letter_kinds),
		cmocka_unit_test(test_letter_language),
		cmocka_unit_test(test_letter_chosen),
		cmocka_unit_test(test_letter_wrong),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
