/*
 * Lists by pages: keyset cursors.
 *
 * A cursor is the values that the list is sorted by, of the last row that was
 * shown: the next page begins behind them, whatever was put in before, and
 * costs the same wherever it is.  It is no secret and no right: the statement
 * joins the caller as ever, and binds the values as parameters.
 */

#include <string.h>

#include "base/base_base64url.h"
#include "base/base_utf8.h"
#include "settings/settings_frame.h"
#include "web/web_page.h"

#define SIZE		20
#define SIZE_MAX_	100
#define CURSOR_MAX	1024	/* bytes of text, decoded */
#define BETWEEN		'\n'	/* in no value: they are of one line */
#define PARAMETERS_MAX	(WEB_FORM_FIELDS_MAX + 1)

static size_t
keys_count(const struct settings_operation *op)
{
	return (op->keys[1] == NULL ? 1 : 2);
}

/* "first\nsecond", as many as the list has keys. */
static bool
cursor_decode(struct web_exchange *x, const char *text)
{
	char			*plain, *second;
	size_t			 len, size = strlen(text);
	struct settings_frame	*frame = settings_frame(x);

	if (size > BASE_BASE64URL_LEN(CURSOR_MAX))
		return (false);
	plain = base_arena_new(web_arena(x), size + 1);
	if (!base_base64url_decode(text, size, plain, size, &len) ||
	    !base_utf8_valid(plain, len))
		return (false);

	plain[len] = '\0';
	second = strchr(plain, BETWEEN);
	if ((second == NULL ? 1U : 2U) != keys_count(frame->op))
		return (false);
	if (second != NULL) {
		*second = '\0';
		frame->paging.after[1] = second + 1;
	}
	frame->paging.after[0] = plain;
	return (true);
}

static bool
size_decode(const char *text, int64_t *size)
{
	int64_t	number = 0;

	if (strlen(text) > 3)
		return (false);
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return (false);
		number = 10 * number + (*text - '0');
	}

	*size = number;
	return (number >= 1 && number <= SIZE_MAX_);
}

bool
settings_list_decode(struct web_exchange *x)
{
	const struct web_form_field	*after, *size;
	struct settings_frame		*frame = settings_frame(x);

	frame->paging.size = SIZE;
	after = web_form_find(frame->form, "after");
	size = web_form_find(frame->form, "size");
	if (after != NULL && (after->repeated ||
	    !cursor_decode(x, after->value)))
		return (false);

	return (size == NULL || (!size->repeated &&
	    size_decode(size->value, &frame->paging.size)));
}

static const char *
cursor_encode(struct web_exchange *x, const json_t *item)
{
	char				*out;
	const char			*first, *second;
	const struct settings_operation	*op = settings_frame(x)->op;

	first = json_string_value(json_object_get(item, op->keys[0]));
	if (first == NULL)
		return (NULL);
	if (keys_count(op) == 2) {
		second = json_string_value(json_object_get(item,
		    op->keys[1]));
		first = second == NULL ? NULL : base_arena_format(
		    web_arena(x), "%s%c%s", first, BETWEEN, second);
	}
	if (first == NULL || strlen(first) > CURSOR_MAX)
		return (NULL);

	out = base_arena_new(web_arena(x), BASE_BASE64URL_LEN(strlen(first)) +
	    1);
	base_base64url_encode(first, strlen(first), out);
	return (out);
}

/* This page with another cursor; NULL: its beginning. */
static json_t *
list_url(struct web_exchange *x, const char *cursor)
{
	struct web_url_parameter	 list[PARAMETERS_MAX + 1];
	const struct settings_frame	*frame = settings_frame(x);
	const struct web_form_field	*field;
	const struct base_slice		*path = &web_request(x)->path;
	const char			*here;
	size_t				 n = 0;

	for (size_t i = 0; i < frame->form->count; i++) {
		field = &frame->form->fields[i];
		if (strcmp(field->name, "after") != 0)
			list[n++] = (struct web_url_parameter){ field->name,
			    field->value };
	}
	if (cursor != NULL)
		list[n++] = (struct web_url_parameter){ "after", cursor };
	list[n] = (struct web_url_parameter){ NULL, NULL };
	here = base_arena_text(web_arena(x), path->data, path->len);
	return (n == 0 ? web_url_path(here) : web_url_query_list(here, list));
}

json_t *
settings_list_model(struct web_exchange *x, json_t *items)
{
	const char			*cursor = NULL;
	const struct settings_frame	*frame = settings_frame(x);
	size_t				 size = (size_t)frame->paging.size;
	json_t				*model;

	if (json_array_size(items) > size) {
		(void)json_array_remove(items, size);
		cursor = cursor_encode(x, json_array_get(items, size - 1));
	}

	model = json_pack("{s:o, s:s?}", "items", items, "next", cursor);
	if (frame->api)
		return (model);

	(void)json_object_set_new(model, "next_url", cursor == NULL ||
	    frame->failed != NULL ? json_null() : list_url(x, cursor));
	(void)json_object_set_new(model, "first_url",
	    frame->paging.after[0] == NULL ? json_null() : list_url(x, NULL));
	return (model);
}
