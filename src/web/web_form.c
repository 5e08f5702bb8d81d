/*
 * application/x-www-form-urlencoded, strictly.
 */

#include "web/web_form.h"

#include <string.h>
#include <strings.h>

#include "base/base_utf8.h"

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);

	return (-1);
}

/*
 * Decode one name or value into the arena; NULL when it holds a bad escape, a
 * control byte other than TAB, CR or LF, or is not UTF-8.
 */
static char *
decode(struct base_arena *arena, struct base_slice text, size_t *len)
{
	char	*out;
	int	 high, low;
	size_t	 n = 0;
	uint8_t	 c;

	out = base_arena_new(arena, text.len + 1);
	for (size_t i = 0; i < text.len; i++) {
		c = text.data[i];
		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			if (text.len - i < 3 ||
			    (high = hex_digit(text.data[i + 1])) < 0 ||
			    (low = hex_digit(text.data[i + 2])) < 0)
				return (NULL);
			c = (uint8_t)(high << 4 | low);
			i += 2;
		}
		if (c == 0x7f || (c < 0x20 && c != '\t' && c != '\r' &&
		    c != '\n'))
			return (NULL);
		out[n++] = (char)c;
	}

	if (!base_utf8_valid(out, n))
		return (NULL);

	*len = n;
	return (out);
}

/* Mark both when a field of this name is there already. */
static void
mark_repeated(struct web_form *form, struct web_form_field *field)
{
	for (size_t i = 0; i < form->count; i++) {
		if (strcmp(form->fields[i].name, field->name) == 0) {
			form->fields[i].repeated = true;
			field->repeated = true;
		}
	}
}

static enum web_form_status
add_pair(struct base_arena *arena, struct base_slice pair,
    struct web_form *form)
{
	size_t			 name_len;
	const uint8_t		*equal;
	struct base_slice	 name = pair, value = { NULL, 0 };
	struct web_form_field	 field = { 0 };

	if ((equal = memchr(pair.data, '=', pair.len)) != NULL) {
		name.len = (size_t)(equal - pair.data);
		value.data = equal + 1;
		value.len = pair.len - name.len - 1;
	}

	if ((field.name = decode(arena, name, &name_len)) == NULL ||
	    (field.value = decode(arena, value, &field.len)) == NULL ||
	    name_len == 0)
		return (WEB_FORM_MALFORMED);

	if (form->count == WEB_FORM_FIELDS_MAX)
		return (WEB_FORM_TOO_MANY);

	mark_repeated(form, &field);
	form->fields[form->count++] = field;
	return (WEB_FORM_OK);
}

enum web_form_status
web_form_parse(struct base_arena *arena, struct base_slice text,
    struct web_form *out)
{
	enum web_form_status	 status;
	const uint8_t		*ampersand;
	struct base_slice	 pair;

	memset(out, 0, sizeof(*out));
	while (text.len > 0) {
		pair = text;
		ampersand = memchr(text.data, '&', text.len);
		if (ampersand != NULL)
			pair.len = (size_t)(ampersand - text.data);

		/* "a=1&&b=2" and a trailing "&" are common and harmless. */
		if (pair.len > 0 && (status = add_pair(arena, pair, out)) !=
		    WEB_FORM_OK)
			return (status);

		pair.len += ampersand != NULL ? 1 : 0;
		text.data += pair.len;
		text.len -= pair.len;
	}

	return (WEB_FORM_OK);
}

const struct web_form_field *
web_form_find(const struct web_form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++) {
		if (strcmp(form->fields[i].name, name) == 0)
			return (&form->fields[i]);
	}

	return (NULL);
}

static bool
take(struct base_slice *text, const char *word)
{
	size_t	len = strlen(word);

	if (text->len < len ||
	    strncasecmp((const char *)text->data, word, len) != 0)
		return (false);

	text->data += len;
	text->len -= len;
	return (true);
}

bool
web_form_type_valid(struct base_slice type)
{
	if (!take(&type, "application/x-www-form-urlencoded"))
		return (false);
	if (type.len == 0)
		return (true);
	if (!take(&type, ";"))
		return (false);
	while (type.len > 0 && type.data[0] == ' ')
		(void)take(&type, " ");

	return ((take(&type, "charset=utf-8") ||
	    take(&type, "charset=\"utf-8\"")) && type.len == 0);
}
