/*
 * Log lines: one write, one line, no control character, valid JSON, bounded.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include <jansson.h>

#include "base/base_log.h"
#include "base/base_utf8.h"

static char	got[16384];
static ssize_t	got_len;

/* What one call writes to standard error, caught by a packet socket's rule:
 * one read of a pipe that was written once. */
static void
catch(const char *text, enum base_log_level level)
{
	int	fds[2], saved = dup(STDERR_FILENO);

	assert_int_equal(pipe2(fds, O_NONBLOCK | O_DIRECT), 0);
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	base_log(level, "part", "happened", base_log_text("value", text),
	    base_log_number("n", -5));
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	got_len = read(fds[0], got, sizeof(got) - 1);
	/* A pipe in packet mode gives one write a read: there was one. */
	assert_int_equal(read(fds[0], got + sizeof(got) - 1, 1), -1);
	got[got_len < 0 ? 0 : got_len] = '\0';
	(void)close(fds[0]);
	(void)close(fds[1]);
	(void)close(saved);
}

static void
test_log_text(void **state)
{
	(void)state;
	base_log_open("web", BASE_LOG_INFO, false);
	base_log_request(NULL);
	catch("plain", BASE_LOG_INFO);
	assert_string_equal(got + 24,
	    " info web part: happened value=plain n=-5\n");
	assert_int_equal(got[10], 'T');
	assert_int_equal(got[19], '.');
	assert_int_equal(got[23], 'Z');

	base_log_request("0123456789abcdef");
	catch("a\"b\\c d\r\n\x1b\x7f\xc2\x85\xe2\x80\xae=\xff", BASE_LOG_ERROR);
	assert_string_equal(got + 24, " error web part: happened "
	    "request=0123456789abcdef value=\"a\\\"b\\\\c d\\u000d\\u000a"
	    "\\u001b\\u007f\\u0085\\u202e=\\ufffd\" n=-5\n");

	catch("plain", BASE_LOG_DEBUG);
	assert_int_equal(got_len, -1);
	base_log_request(NULL);
}

static void
test_log_json(void **state)
{
	json_t	*json;

	(void)state;
	base_log_open("web", BASE_LOG_INFO, true);
	base_log_request("0123456789abcdef");
	catch("a\"b\\c\n\x01\xff\xc3\xa9", BASE_LOG_WARNING);
	json = json_loads(got, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "value")),
	    "a\"b\\c\n\x01\xef\xbf\xbd\xc3\xa9");
	assert_string_equal(json_string_value(json_object_get(json, "level")),
	    "warning");
	assert_string_equal(json_string_value(json_object_get(json,
	    "request")), "0123456789abcdef");
	assert_int_equal(json_integer_value(json_object_get(json, "n")), -5);
	json_decref(json);
	base_log_request(NULL);
}

/* Whatever the value, a line is one line under 4 KiB of valid UTF-8. */
static void
test_log_long(void **state)
{
	static const char *const	units[] = { "x", "\n", "\xe2\x82\xac",
					    "\"", "\xff", "\xc3" };
	char				text[9000];
	json_t				*json;
	size_t				i, n;

	(void)state;
	for (i = 0; i < 2 * sizeof(units) / sizeof(units[0]); i++) {
		base_log_open("web", BASE_LOG_INFO, i % 2 == 0);
		for (n = 0; n + 4 < sizeof(text);)
			n += (size_t)snprintf(text + n, 4, "%s", units[i / 2]);
		catch(text, BASE_LOG_INFO);
		assert_in_range(got_len, 500, 4095);
		assert_ptr_equal(strchr(got, '\n'), got + got_len - 1);
		assert_true(base_utf8_valid(got, (size_t)got_len));
		assert_non_null(strstr(got, "..."));
		if (i % 2 == 0) {
			json = json_loads(got, JSON_REJECT_DUPLICATES, NULL);
			assert_non_null(json);
			json_decref(json);
		}
	}
}

/* Many long values: the line is cut, and still well formed. */
static void
test_log_many(void **state)
{
	char	text[2000];
	int	fds[2], saved = dup(STDERR_FILENO);
	json_t	*json;

	(void)state;
	memset(text, 'y', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	base_log_open("web", BASE_LOG_INFO, true);
	assert_int_equal(pipe2(fds, O_DIRECT), 0);
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	base_log(BASE_LOG_INFO, "part", "happened", base_log_text("a", text),
	    base_log_text("b", text), base_log_text("c", text),
	    base_log_text("d", text), base_log_text("e", text),
	    base_log_text("f", text), base_log_number("n", 1));
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	got_len = read(fds[0], got, sizeof(got) - 1);
	assert_in_range(got_len, 3000, 4095);
	got[got_len] = '\0';
	json = json_loads(got, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_non_null(json_object_get(json, "c"));
	json_decref(json);
	(void)close(fds[0]);
	(void)close(fds[1]);
	(void)close(saved);
}

static void
test_log_level(void **state)
{
	enum base_log_level	level = BASE_LOG_ERROR;

	(void)state;
	assert_true(base_log_level_parse("debug", &level));
	assert_int_equal(level, BASE_LOG_DEBUG);
	assert_false(base_log_level_parse("Debug", &level));
	assert_false(base_log_level_parse("", &level));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_text),
		cmocka_unit_test(test_log_json),
		cmocka_unit_test(test_log_long),
		cmocka_unit_test(test_log_many),
		cmocka_unit_test(test_log_level),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
