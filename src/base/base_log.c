/*
 * A line is built in one array and leaves in one write(2), so that lines of
 * several processes on one pipe do not mix (PIPE_BUF is 4,096).
 */

#include "base/base_log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/base_clock.h"
#include "base/base_utf8.h"

#define LINE_MAX_LEN	4000
#define VALUE_MAX_LEN	1024	/* escaped bytes of one value */

struct line {
	char	text[LINE_MAX_LEN + 8];	/* closing brace and newline */
	size_t	len;
};

static const char *const	levels[] = {
	[BASE_LOG_DEBUG]	= "debug",
	[BASE_LOG_INFO]		= "info",
	[BASE_LOG_WARNING]	= "warning",
	[BASE_LOG_ERROR]	= "error",
};

static struct {
	char			process[32];
	char			request[BASE_LOG_REQUEST_ID_LEN + 1];
	enum base_log_level	least;
	bool			json;
} state = { .process = "permiso", .least = BASE_LOG_INFO };

static bool
line_put(struct line *line, const char *text, size_t len)
{
	if (len > LINE_MAX_LEN - line->len)
		return (false);
	memcpy(line->text + line->len, text, len);
	line->len += len;

	return (true);
}

static bool
line_text(struct line *line, const char *text)
{
	return (line_put(line, text, strlen(text)));
}

/* Control characters, and those that turn the reading direction around. */
static bool
point_hidden(uint32_t point)
{
	return (point < 0x20 || (point >= 0x7f && point <= 0x9f) ||
	    (point >= 0x200b && point <= 0x200f) ||
	    (point >= 0x2028 && point <= 0x202e) ||
	    (point >= 0x2060 && point <= 0x206f) || point == 0xfeff);
}

/* One character of a value; returns how many bytes of "text" it took. */
static size_t
escape_one(const uint8_t *text, size_t len, char out[16])
{
	uint32_t	point;
	size_t		taken = base_utf8_next(text, len, &point);

	if (taken == 0) {
		(void)snprintf(out, 16, "\\u%04x", 0xfffdU);
		return (1);
	}
	if (point == '"' || point == '\\') {
		out[0] = '\\';
		out[1] = (char)point;
		out[2] = '\0';
	} else if (point_hidden(point)) {
		(void)snprintf(out, 16, "\\u%04x", (unsigned int)point);
	} else {
		memcpy(out, text, taken);
		out[taken] = '\0';
	}

	return (taken);
}

/* A quoted value, cut when it is long: a log line is no archive. */
static void
line_value(struct line *line, const char *value)
{
	const uint8_t	*text = (const uint8_t *)value;
	size_t		 len = strlen(value), taken, start = line->len;
	char		 escaped[16];

	(void)line_text(line, "\"");
	for (; len != 0; text += taken, len -= taken) {
		taken = escape_one(text, len, escaped);
		/* Eight bytes stay free for the cut mark and the quote. */
		if (line->len - start > VALUE_MAX_LEN ||
		    line->len + strlen(escaped) + 8 > LINE_MAX_LEN ||
		    !line_text(line, escaped)) {
			(void)line_text(line, "...");
			break;
		}
	}
	(void)line_text(line, "\"");
}

/* True for a value that needs no quotes in a text line. */
static bool
value_plain(const char *value)
{
	return (*value != '\0' && strlen(value) < 256 &&
	    strspn(value, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/@+,") == strlen(value));
}

static void
line_pair(struct line *line, const char *name, const char *value)
{
	size_t	start = line->len;

	if (line->len + strlen(name) + 64 > LINE_MAX_LEN)
		return;

	(void)line_text(line, state.json ? (start == 1 ? "\"" : ",\"") :
	    (start == 0 ? "" : " "));
	(void)line_text(line, name);
	(void)line_text(line, state.json ? "\":" : "=");
	if (!state.json && value_plain(value))
		(void)line_text(line, value);
	else
		line_value(line, value);
}

static void
line_number(struct line *line, const char *name, int64_t number)
{
	char	text[96];

	(void)snprintf(text, sizeof(text),
	    state.json ? ",\"%.48s\":%" PRId64 : " %.48s=%" PRId64, name,
	    number);
	(void)line_text(line, text);
}

static void
line_time(char out[40])
{
	int64_t		ms = base_clock_milliseconds();
	time_t		seconds = (time_t)(ms / 1000);
	struct tm	tm;
	char		text[24];

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		text[0] = '\0';
	(void)snprintf(out, 40, "%s.%03dZ", text, (int)(ms % 1000));
}

/* time level process part: event */
static void
line_head(struct line *line, enum base_log_level level, const char *part,
    const char *event)
{
	char	now[40], head[192];

	line_time(now);
	if (!state.json) {
		(void)snprintf(head, sizeof(head), "%s %s %s %.48s: %.64s",
		    now, levels[level], state.process, part, event);
		(void)line_text(line, head);
		return;
	}

	(void)line_text(line, "{");
	line_pair(line, "time", now);
	line_pair(line, "level", levels[level]);
	line_pair(line, "process", state.process);
	line_pair(line, "part", part);
	line_pair(line, "event", event);
}

static void
line_send(struct line *line)
{
	size_t	sent = 0;
	ssize_t	n;

	line->text[line->len++] = '\n';
	while (sent < line->len) {
		n = write(STDERR_FILENO, line->text + sent, line->len - sent);
		if (n <= 0)
			return;	/* there is nowhere left to say so */
		sent += (size_t)n;
	}
}

void
base_log_open(const char *process, enum base_log_level least, bool json)
{
	(void)snprintf(state.process, sizeof(state.process), "%s", process);
	state.least = least;
	state.json = json;
}

void
base_log_request(const char *request_id)
{
	(void)snprintf(state.request, sizeof(state.request), "%s",
	    request_id == NULL ? "" : request_id);
}

void
base_log_write(enum base_log_level level, const char *part,
    const char *event, const struct base_log_value *values)
{
	struct line	line;

	if (level < state.least)
		return;

	line.len = 0;
	line_head(&line, level, part, event);
	if (state.request[0] != '\0')
		line_pair(&line, "request", state.request);
	for (; values->name != NULL; values++) {
		if (values->kind == BASE_LOG_NUMBER)
			line_number(&line, values->name, values->number);
		else
			line_pair(&line, values->name,
			    values->text == NULL ? "" : values->text);
	}
	if (state.json)
		line.text[line.len++] = '}';

	line_send(&line);
}

bool
base_log_level_parse(const char *name, enum base_log_level *out)
{
	int	i;

	for (i = 0; i <= BASE_LOG_ERROR; i++) {
		if (strcmp(name, levels[i]) == 0) {
			*out = (enum base_log_level)i;
			return (true);
		}
	}

	return (false);
}
