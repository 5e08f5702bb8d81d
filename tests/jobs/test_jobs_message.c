/*
 * Mails byte by byte: a good one, and one thing spoiled at a time.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "jobs/jobs_message.h"

static struct base_buffer	out;

static const struct jobs_message good = {
	.from_name = "Permiso", .from = "id@example.com", .reply_to = "",
	.to = "ada@example.com", .subject = "Hello", .text = "Hi\n",
	.html = "<p>Hi</p>\n", .id = "0190.1", .host = "id.example.com",
	.date = 1700000000,
};

/* The whole mail, or NULL. */
static const char *
written(const struct jobs_message *message)
{
	base_buffer_clear(&out);
	base_buffer_init(&out, JOBS_MESSAGE_MAX);

	return (jobs_message_write(message, &out) ?
	    base_buffer_finish(&out) : NULL);
}

/* The line that begins with "name", without its end. */
static const char *
line(const char *mail, const char *name)
{
	static char	copy[1000];
	const char	*at = strstr(mail, name);

	assert_non_null(at);
	assert_true(strcspn(at, "\r") < sizeof(copy));
	memcpy(copy, at, strcspn(at, "\r"));
	copy[strcspn(at, "\r")] = '\0';

	return (copy);
}

static void
test_message_good(void **state)
{
	const char	*mail = written(&good);

	(void)state;
	assert_non_null(mail);
	assert_string_equal(line(mail, "Date:"),
	    "Date: Tue, 14 Nov 2023 22:13:20 +0000");
	assert_string_equal(line(mail, "From:"), "From: =?UTF-8?B?UGVybWlzbw==?=");
	assert_string_equal(line(mail, "To:"), "To: ada@example.com");
	assert_string_equal(line(mail, "Subject:"),
	    "Subject: =?UTF-8?B?SGVsbG8=?=");
	assert_string_equal(line(mail, "Message-ID:"),
	    "Message-ID: <0190.1@id.example.com>");
	assert_null(strstr(mail, "Reply-To"));
	assert_non_null(strstr(mail, "\r\n\r\nSGkK\r\n--"));
}

/* ASCII, CRLF, no line over 78 characters, no line of a lone dot. */
static void
lines_judge(const char *mail)
{
	size_t	n, at;

	for (at = 0; mail[at] != '\0'; at += n + 2) {
		n = strcspn(mail + at, "\r\n");
		assert_true(n <= 78);
		assert_int_equal(mail[at + n], '\r');
		assert_int_equal(mail[at + n + 1], '\n');
		assert_false(n == 1 && mail[at] == '.');
		for (size_t i = 0; i < n; i++)
			assert_true(mail[at + i] >= ' ' && mail[at + i] <= '~');
	}
}

static void
test_message_lines(void **state)
{
	struct jobs_message	message = good;
	char			text[40000], subject[3001];

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = i % 3 == 0 ? '.' : i % 3 == 1 ? '\r' : '\n';
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < sizeof(subject) - 1; i += 3)
		memcpy(subject + i, "\xe2\x82\xac", 3);
	subject[sizeof(subject) - 1] = '\0';
	message.text = message.html = text;
	message.from_name = message.subject = subject;
	message.reply_to = "help@example.com";
	assert_non_null(written(&message));
	lines_judge(written(&message));
	/* Cut between two characters: no word holds half of one. */
	assert_null(strstr(written(&message), "77+9"));
	message.from_name = "";
	lines_judge(written(&message));
	assert_string_equal(line(written(&message), "From:"),
	    "From: <id@example.com>");
}

/* No header of a chosen text: it is an encoded word, whatever it holds. */
static void
test_message_injection(void **state)
{
	static const char *const	texts[] = {
		"x\r\nBcc: eve@example.com", "x\nBcc: eve@example.com",
		"x\r\n\r\nbody", "\r\n.\r\n", "x\xe2\x80\xa8" "Bcc: e@e",
		"=?UTF-8?B?QmNj?=", "\"<eve@example.com>", "\x0b\x0c\x1b",
	};
	struct jobs_message		message;
	const char			*mail;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		message = good;
		message.from_name = message.subject = message.text =
		    message.html = texts[i];
		mail = written(&message);
		assert_non_null(mail);
		lines_judge(mail);
		assert_null(strstr(mail, "Bcc"));
		assert_null(strstr(mail, "eve@"));
	}
}

static void
test_message_address(void **state)
{
	static const char *const	bad[] = {
		"", "ada", "@example.com", "ada@", "a b@example.com",
		"ada@example.com ", " ada@example.com", "<ada@example.com>",
		"ada@example.com\r\nRCPT TO:<eve@example.com>",
		"ada@example.com\n", "ada@example.com\r", "ada@exam\tple.com",
		"ada@example.com>", "ada@example.com,eve@example.com",
		"\"a\r\nb\"@example.com", "\"ada\"@example.com",
		"ada@[127.0.0.1]", "\xc3\xa4@example.com",
		"ada@ex\xc3\xa4mple.com", "ada@example.com\xe2\x80\xa8",
		"ada@example.com NOTIFY=NEVER", "ada@.example.com",
		"ada..b@example.com", "ada@example..com", "ada\\@example.com",
		"a@b@example.com",
	};
	struct jobs_message		message;
	char				mail[400];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (jobs_message_address(bad[i]))
			fail_msg("%s", bad[i]);
		message = good;
		message.to = bad[i];
		assert_null(written(&message));
		message = good;
		message.from = bad[i];
		assert_null(written(&message));
		message = good;
		message.reply_to = bad[i];
		if (bad[i][0] != '\0')
			assert_null(written(&message));
	}
	memset(mail, 'a', sizeof(mail));
	memcpy(mail + 65, "@example.com", 13);
	assert_false(jobs_message_address(mail));
	assert_true(jobs_message_address(mail + 1));
	assert_true(jobs_message_address("Ada.L+x@Example.COM"));
}

static void
test_message_rest(void **state)
{
	struct jobs_message	message;

	(void)state;
	message = good;
	message.id = "a b";
	assert_null(written(&message));
	message.id = "";
	assert_null(written(&message));
	message = good;
	message.host = "id.example.com>\r\nX: y";
	assert_null(written(&message));
	message = good;
	message.text = "\xff";
	assert_null(written(&message));
	message = good;
	message.subject = "\xc3";
	assert_null(written(&message));
}

static int
tear_down(void **state)
{
	(void)state;
	base_buffer_clear(&out);

	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message_good),
		cmocka_unit_test(test_message_lines),
		cmocka_unit_test(test_message_injection),
		cmocka_unit_test(test_message_address),
		cmocka_unit_test(test_message_rest),
	};

	return (cmocka_run_group_tests(tests, NULL, tear_down));
}
