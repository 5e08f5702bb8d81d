/*
 * Markup as a value: a text that begins with a byte that is never UTF-8.
 * jansson's decoder refuses it, and so does its encoder.
 */

#include "web/web_html.h"

#include <string.h>
#include <time.h>

#define MARKUP_MAX	65536
#define MARK	"\xff" "h"

void
web_html_escape(struct base_buffer *out, const char *text, size_t len)
{
	const char	*end = text + len, *start = text, *code;

	for (; text < end; text++) {
		switch (*text) {
		case '&':
			code = "&amp;";
			break;
		case '<':
			code = "&lt;";
			break;
		case '>':
			code = "&gt;";
			break;
		case '"':
			code = "&quot;";
			break;
		default:
			continue;
		}
		base_buffer_append(out, start, (size_t)(text - start));
		base_buffer_text(out, code);
		start = text + 1;
	}

	base_buffer_append(out, start, (size_t)(end - start));
}

static json_t *
html_new(const char *markup)
{
	json_t			*value = NULL;
	const char		*marked;
	struct base_buffer	 out;

	base_buffer_init(&out, MARKUP_MAX);
	base_buffer_text(&out, MARK);
	base_buffer_text(&out, markup);
	if ((marked = base_buffer_finish(&out)) != NULL)
		value = json_stringn_nocheck(marked, out.len);

	base_buffer_clear(&out);
	return (value);
}

json_t *
web_html_format(const struct web_language *language, const char *key,
    const struct web_message_argument *arguments)
{
	char			*markup;
	json_t			*value;
	struct base_arena	 arena;

	base_arena_init(&arena);
	markup = web_message_markup(&arena, language, key, arguments);
	value = html_new(markup);
	base_arena_clear(&arena);
	return (value);
}

json_t *
web_html_time(int64_t seconds)
{
	char		machine[32], person[32], markup[128];
	struct tm	tm;
	time_t		t = (time_t)seconds;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(machine, sizeof(machine), "%Y-%m-%dT%H:%M:%SZ",
	    &tm) == 0 ||
	    strftime(person, sizeof(person), "%Y-%m-%d %H:%M UTC", &tm) == 0)
		return (NULL);

	(void)snprintf(markup, sizeof(markup),
	    "<time datetime=\"%s\">%s</time>", machine, person);
	return (html_new(markup));
}

json_t *
web_html_drawing(const char *svg)
{
	return (html_new(svg));
}

const char *
web_html_read(const json_t *value)
{
	const char	*text = json_string_value(value);

	if (text == NULL || strncmp(text, MARK, strlen(MARK)) != 0)
		return (NULL);

	return (text + strlen(MARK));
}
