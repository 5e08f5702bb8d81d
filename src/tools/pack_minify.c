/*
 * Light minifying of style sheets and scripts.
 */

#include "tools/pack_minify.h"

#include <string.h>

static void
put(struct base_buffer *out, char c)
{
	base_buffer_append(out, &c, 1);
}

static char
last(const struct base_buffer *out)
{
	return (out->len == 0 ? '\0' : (char)out->data[out->len - 1]);
}

/* Copy a quoted string; returns what follows it. */
static const char *
string_copy(const char *text, struct base_buffer *out)
{
	char	quote = *text;

	put(out, *text++);
	while (*text != '\0' && *text != quote) {
		if (*text == '\\' && text[1] != '\0')
			put(out, *text++);
		put(out, *text++);
	}
	if (*text == quote)
		put(out, *text++);

	return (text);
}

static bool
is_space(char c)
{
	return (c == ' ' || c == '\t' || c == '\n' || c == '\r');
}

/* A space is kept unless a mark beside it says that it means nothing. */
static void
space_put(struct base_buffer *out, char next)
{
	char	before = last(out);

	if (before == '\0' || strchr("{};,:>(", before) != NULL)
		return;
	if (next == '\0' || strchr("{};,>)!", next) != NULL)
		return;

	put(out, ' ');
}

void
pack_minify_css(const char *text, struct base_buffer *out)
{
	while (*text != '\0') {
		if (strncmp(text, "/*", 2) == 0) {
			text = strstr(text, "*/");
			text = text == NULL ? "" : text + 2;
			continue;
		}
		if (*text == '"' || *text == '\'') {
			text = string_copy(text, out);
			continue;
		}
		if (is_space(*text)) {
			while (is_space(*text))
				text++;
			if (strncmp(text, "/*", 2) != 0)
				space_put(out, *text);
			continue;
		}
		if (*text == '}' && last(out) == ';')
			out->len--;
		put(out, *text++);
	}
}

/* How often "c" stands in a line. */
static size_t
line_count(const char *line, size_t len, char c)
{
	size_t	count = 0;

	for (size_t i = 0; i < len; i++)
		count += line[i] == c;

	return (count);
}

bool
pack_minify_js(const char *text, struct base_buffer *out)
{
	bool		 comment = false;
	const char	*line;
	size_t		 len;

	for (; *text != '\0'; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		line = text + strspn(text, " \t");
		if (line > text + len)
			line = text + len;

		if (strncmp(line, "/*", 2) == 0)
			comment = true;
		if (comment) {
			comment = memmem(line, (size_t)(text + len - line),
			    "*/", 2) == NULL;
			continue;
		}
		if (line == text + len || strncmp(line, "//", 2) == 0)
			continue;
		if (line_count(text, len, '`') % 2 != 0)
			return (false);
		base_buffer_append(out, line, (size_t)(text + len - line));
		put(out, '\n');
	}

	return (true);
}
