/*
 * Mails, byte by byte.
 */

#include "jobs/jobs_message.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "account/account_user.h"
#include "base/base_hex.h"
#include "base/base_random.h"
#include "base/base_utf8.h"

#define LINE_BYTES	57		/* 76 characters of base64 */
#define WORD_BYTES	42		/* "=?UTF-8?B?" 56 "?=": 68 of 75 */
#define BOUNDARY_LEN	16

/* Letters, digits, dots, hyphens: what an id and a host are made of. */
static bool
plain(const char *text)
{
	size_t	len = strlen(text);

	return (len > 0 && len <= 255 && strspn(text,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    ".-") == len);
}

bool
jobs_message_address(const char *text)
{
	char	same[ACCOUNT_EMAIL_MAX + 1];
	size_t	len = strlen(text);

	/* Nothing may be trimmed; the domain may come in capitals. */
	return (account_user_email_parse(text, len, same) ==
	    ACCOUNT_TEXT_OK && strlen(same) == len);
}

static void
base64(struct base_buffer *out, const void *data, size_t len)
{
	uint8_t	text[4 * ((LINE_BYTES + 2) / 3) + 1];
	int	n;

	n = EVP_EncodeBlock(text, data, (int)len);
	base_buffer_append(out, text, (size_t)n);
}

/* How much of "text" is one encoded word: whole characters. */
static size_t
word_len(const char *text, size_t len)
{
	uint32_t	point;
	size_t		n, used = 0;

	while (used < len && (n = base_utf8_next(text + used, len - used,
	    &point)) > 0 && used + n <= WORD_BYTES)
		used += n;

	return (used);
}

/*
 * RFC 2047: encoded words, the next on a line of its own.  Also for plain
 * ASCII, so that there is one form and nothing to quote.
 */
static bool
words(struct base_buffer *out, const char *text, size_t most)
{
	size_t	n, len = strlen(text);

	if (!base_utf8_valid(text, len))
		return (false);
	while (len > most) {
		/* Cut between characters. */
		for (len = most; len > 0 &&
		    ((uint8_t)text[len] & 0xc0) == 0x80; len--)
			continue;
	}

	for (bool first = true; len > 0; first = false) {
		n = word_len(text, len);
		base_buffer_text(out, first ? "=?UTF-8?B?" :
		    "\r\n =?UTF-8?B?");
		base64(out, text, n);
		base_buffer_text(out, "?=");
		text += n;
		len -= n;
	}

	return (true);
}

/* In English, whatever the process's locale says (RFC 5322 section 3.3). */
static bool
date(struct base_buffer *out, int64_t seconds)
{
	static const char	days[] = "SunMonTueWedThuFriSat";
	static const char	months[] =
				    "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t			when = (time_t)seconds;
	struct tm		tm;

	if (gmtime_r(&when, &tm) == NULL)
		return (false);
	base_buffer_format(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d "
	    "+0000\r\n", days + 3 * tm.tm_wday, tm.tm_mday,
	    months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);

	return (true);
}

static bool
part(struct base_buffer *out, const char *boundary, const char *type,
    const char *body)
{
	size_t	n, len = strlen(body);

	if (!base_utf8_valid(body, len))
		return (false);
	base_buffer_format(out, "--%s\r\nContent-Type: %s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n", boundary, type);
	for (; len > 0; body += n, len -= n) {
		n = len < LINE_BYTES ? len : LINE_BYTES;
		base64(out, body, n);
		base_buffer_text(out, "\r\n");
	}

	return (true);
}

static bool
headers(const struct jobs_message *m, const char *boundary,
    struct base_buffer *out)
{
	if (!date(out, m->date))
		return (false);
	base_buffer_text(out, "From: ");
	if (!words(out, m->from_name, JOBS_MESSAGE_SUBJECT))
		return (false);
	base_buffer_format(out, "%s<%s>\r\n",
	    m->from_name[0] == '\0' ? "" : "\r\n ", m->from);
	if (m->reply_to[0] != '\0')
		base_buffer_format(out, "Reply-To: %s\r\n", m->reply_to);
	base_buffer_format(out, "To: %s\r\nSubject: ", m->to);
	if (!words(out, m->subject, JOBS_MESSAGE_SUBJECT))
		return (false);
	base_buffer_format(out, "\r\nMessage-ID: <%s@%s>\r\n"
	    "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n",
	    m->id, m->host, boundary);

	return (true);
}

bool
jobs_message_write(const struct jobs_message *m, struct base_buffer *out)
{
	uint8_t	random[BOUNDARY_LEN];
	char	boundary[2 * BOUNDARY_LEN + 1];

	if (!jobs_message_address(m->from) || !jobs_message_address(m->to) ||
	    (m->reply_to[0] != '\0' && !jobs_message_address(m->reply_to)) ||
	    !plain(m->id) || !plain(m->host))
		return (false);

	/* No line of base64 begins with two hyphens, so any would do. */
	base_random_bytes(random, sizeof(random));
	base_hex_encode(random, sizeof(random), boundary);
	if (!headers(m, boundary, out) ||
	    !part(out, boundary, "text/plain", m->text) ||
	    !part(out, boundary, "text/html", m->html))
		return (false);
	base_buffer_format(out, "--%s--\r\n", boundary);

	return (base_buffer_finish(out) != NULL);
}
