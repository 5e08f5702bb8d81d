/*
 * Messages: what compiles, what comes out, and who reads which language.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "web/web_message.h"

#define HEAD(name)	"{\"language.name\":\"" name \
			"\",\"language.direction\":\"ltr\","
#define SOURCE(tag, text)	{ tag, text, sizeof(text) - 1 }

static bool
load_two(const char *first, const char *second,
    char error[WEB_MESSAGE_ERROR_MAX + 1])
{
	const struct web_message_source	sources[] = {
		{ "en", first, strlen(first) },
		{ "de", second, strlen(second) },
	};

	error[0] = '\0';
	return (web_message_load(sources, 2, error));
}

/* ---------------------------------------------------------------- loading */

static const struct {
	const char	*name;
	const char	*german;	/* of {"t":"Hi {a}"} */
	bool		 good;
} files[] = {
	{ "the same argument", "\"t\":\"Hallo {a}\"", true },
	{ "in a choice", "\"t\":\"{a, select, x {X} other {Y}}\"", true },
	{ "another argument", "\"t\":\"Hallo {b}\"", false },
	{ "no argument", "\"t\":\"Hallo\"", false },
	{ "one more", "\"t\":\"{a} {b}\"", false },
	{ "a key too few", "\"u\":\"{a}\"", false },
	{ "a key too many", "\"t\":\"{a}\",\"u\":\"x\"", false },
	{ "a key twice", "\"t\":\"{a}\",\"t\":\"{a}\"", false },
	{ "no text", "\"t\":5", false },
	{ "an open brace", "\"t\":\"{a\"", false },
	{ "a brace too many", "\"t\":\"{a}}\"", false },
	{ "no name", "\"t\":\"{}{a}\"", false },
	{ "no other", "\"t\":\"{a, plural, one {x}}\"", false },
	{ "an unknown form", "\"t\":\"{a, plural, some {x} other {y}}\"",
	    false },
	{ "a number in a select", "\"t\":\"{a, select, =1 {x} other {y}}\"",
	    false },
	{ "an unknown kind", "\"t\":\"{a, date}\"", false },
	{ "bold never closed", "\"t\":\"<b>{a}\"", false },
	{ "another tag", "\"t\":\"<i>{a}</i>\"", false },
	{ "bold across a choice",
	    "\"t\":\"<b>{a, select, x {</b>} other {y}}\"", false },
	{ "choices too deep", "\"t\":\"{a,select,other{{a,select,other{"
	    "{a,select,other{{a,select,other{x}}}}}}}}\"", false },
};

static void
test_web_message_files(void **state)
{
	char	error[WEB_MESSAGE_ERROR_MAX + 1], german[512];

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(german, sizeof(german), HEAD("Deutsch") "%s}",
		    files[i].german);
		if (load_two(HEAD("English") "\"t\":\"Hi {a}\"}", german,
		    error) != files[i].good)
			fail_msg("%s: %s", files[i].name, error);
		if (!files[i].good && strstr(error, "de.json: ") != error)
			fail_msg("%s: names no file: %s", files[i].name,
			    error);
	}

	assert_false(load_two("{\"t\":\"x\"}", "{\"t\":\"x\"}", error));
	web_message_unload();
}

/* ------------------------------------------------------------ formatting */

static const char	english[] = HEAD("English")
	"\"plain\":\"It's <b>so</b>\","
	"\"arg\":\"<b>{a}</b> and {b}, {a}\","
	"\"n\":\"{n, plural, =0 {none} one {# thing} other {# things}}\","
	"\"x\":\"{x, select, web {a page} other {an app}} #\","
	"\"deep\":\"{n, plural, one {{x, select, a {A#} other {B#}}} "
	"other {many}}\","
	"\"empty\":\"\"}";
static const char	french[] = HEAD("fran\xc3\xa7" "ais")
	"\"plain\":\"p\",\"arg\":\"{b} {a}\","
	"\"n\":\"{n, plural, one {# chose} other {# choses}}\","
	"\"x\":\"{x, select, other {y}}\",\"deep\":\"{n} {x}\","
	"\"empty\":\"\"}";

static const struct {
	const char	*key;
	size_t		 language;
	const char	*n;
	const char	*x;
	const char	*want;
} formats[] = {
	{ "plain", 0, "", "", "It's so" },
	{ "empty", 0, "", "", "" },
	{ "n", 0, "0", "", "none" },
	{ "n", 0, "1", "", "1 thing" },
	{ "n", 0, "2", "", "2 things" },
	{ "n", 0, "11", "", "11 things" },
	{ "n", 1, "0", "", "0 chose" },
	{ "n", 1, "1", "", "1 chose" },
	{ "n", 1, "2", "", "2 choses" },
	{ "x", 0, "", "web", "a page #" },
	{ "x", 0, "", "other", "an app #" },
	{ "x", 0, "", "we", "an app #" },
	{ "deep", 0, "1", "a", "A1" },
	{ "deep", 0, "1", "b", "B1" },
	{ "deep", 0, "5", "a", "many" },
	{ "no.such", 0, "", "", "no.such" },
};

static void
test_web_message_formats(void **state)
{
	static const struct web_message_source	sources[] = {
		SOURCE("en", english), SOURCE("fr", french),
	};
	char				 error[WEB_MESSAGE_ERROR_MAX + 1];
	char				*text;
	size_t				 count;
	const struct web_language	*languages;
	struct base_arena		 arena;

	(void)state;
	base_arena_init(&arena);
	if (!web_message_load(sources, 2, error))
		fail_msg("%s", error);
	languages = web_message_languages(&count);
	assert_int_equal(count, 2);

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		text = web_message_format(&arena,
		    &languages[formats[i].language], formats[i].key,
		    (const struct web_message_argument[]){
		    { "n", formats[i].n }, { "x", formats[i].x },
		    { NULL, NULL } });
		if (strcmp(text, formats[i].want) != 0)
			fail_msg("%s %s%s: %s", formats[i].key, formats[i].n,
			    formats[i].x, text);
	}

	text = web_message_markup(&arena, &languages[0], "arg",
	    (const struct web_message_argument[]){ { "a", "<i>" },
	    { "b", "R&D" }, { NULL, NULL } });
	assert_string_equal(text, "<b><bdi>&lt;i&gt;</bdi></b> and "
	    "<bdi>R&amp;D</bdi>, <bdi>&lt;i&gt;</bdi>");
	/* An argument that was forgotten: the key, never half a sentence. */
	text = web_message_format(&arena, &languages[0], "arg",
	    (const struct web_message_argument[]){ { "a", "x" },
	    { NULL, NULL } });
	assert_string_equal(text, "arg");

	assert_true(web_message_find("plai", 4) < 0);
	assert_true(web_message_find("plainer", 7) < 0);
	assert_string_equal(web_message_texts(&languages[0])[
	    web_message_find("empty", 5)], "");
	assert_false(web_message_plain(web_message_find("n", 1)));
	assert_false(web_message_plain(web_message_find("plain", 5)));
	base_arena_clear(&arena);
	web_message_unload();
}

/* -------------------------------------------------------------- languages */

static const struct {
	const char	*locales;
	const char	*cookie;
	const char	*accept;
	const char	*want;
} choices[] = {
	{ "", "", "", "en" },
	{ "de", "fr", "en", "de" },
	{ "xx de", "fr", "en", "de" },
	{ "", "fr", "en", "fr" },
	{ "xx", "yy", "de", "de" },
	{ "de-AT", "", "", "de" },
	{ "DE-at-1996", "", "", "de" },
	{ "d", "", "", "en" },
	{ "deu", "", "", "en" },
	{ "", "", "fr;q=0.5, de;q=0.8, en;q=0.1", "de" },
	{ "", "", "fr, de", "fr" },
	{ "", "", "fr;q=0, de;q=0.001", "de" },
	{ "", "", "*, de;q=0.5", "de" },
	{ "", "", "fr;q=2, de;q=0.1", "de" },
	{ "", "", "fr;q=0.1234, de;q=0.1", "de" },
	{ "", "", "fr;q=x, de;q=0.1", "de" },
	{ "", "", " ,, ;q=1,de-CH ; q=0.7", "de" },
	{ "", "", "zh-TW, de", "zh-Hant" },
	{ "", "", "zh, de", "de" },
	{ "", "de; fr", "", "en" },
	{ "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop-de", "", "", "en" },
};

static void
test_web_message_choice(void **state)
{
	static const char		 text[] = HEAD("x") "\"a\":\"\"}";
	static const struct web_message_source	sources[] = {
		SOURCE("en", text), SOURCE("de", text), SOURCE("fr", text),
		SOURCE("zh-Hant", text),
	};
	char				 error[WEB_MESSAGE_ERROR_MAX + 1];
	const struct web_language	*language;

	(void)state;
	if (!web_message_load(sources, 4, error))
		fail_msg("%s", error);

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		language = web_message_choose(
		    base_bytes_slice(choices[i].locales),
		    base_bytes_slice(choices[i].cookie),
		    base_bytes_slice(choices[i].accept));
		if (strcmp(language->tag, choices[i].want) != 0)
			fail_msg("case %zu: %s", i, language->tag);
	}

	web_message_unload();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_message_files),
		cmocka_unit_test(test_web_message_formats),
		cmocka_unit_test(test_web_message_choice),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
