/*
 * Input by a table of fields: out of a form, a query or a JSON body into one
 * JSON object, with every error; and the same table as a page's form.
 *
 * The JSON side takes types as they are (AD4: no text for a number); the form
 * side makes them of text.  Both then pass the same checks.
 */

#include <stdlib.h>
#include <string.h>

#include "account/account_text.h"
#include "account/account_user.h"
#include "settings/settings_frame.h"
#include "web/web_csrf.h"
#include "web/web_input.h"
#include "web/web_page.h"

#define TEXT_CHARS	200	/* when the table does not say */
#define TEXT_CHARS_MAX	4000
#define LINES		50
#define DIGITS_MAX	18

static const struct settings_field	nothing[] = { { .name = NULL } };

static const struct settings_field *
fields_of(const struct settings_operation *op)
{
	return (op->input == NULL ? nothing : op->input);
}

static int
chars_max(const struct settings_field *field)
{
	return (field->max == 0 ? TEXT_CHARS : field->max);
}

static size_t
lines_max(const struct settings_field *field)
{
	return (field->lines == 0 ? LINES : (size_t)field->lines);
}

/* --- errors ---------------------------------------------------------------- */

static const char *
error_text(struct web_exchange *x, const struct settings_field *field,
    const char *code)
{
	const char	*key, *max, *min;

	key = base_arena_format(web_arena(x), "form.%s", code);
	max = base_arena_format(web_arena(x), "%d", field == NULL ? 0 :
	    field->type == SETTINGS_NUMBER ? field->max : chars_max(field));
	min = base_arena_format(web_arena(x), "%d", field == NULL ? 0 :
	    field->min);
	return (web_page_text(x, key, { "max", max }, { "min", min }));
}

static const struct settings_field *
field_find(const struct settings_field *fields, const char *name)
{
	for (; fields->name != NULL; fields++) {
		if (strcmp(fields->name, name) == 0)
			return (fields);
	}

	return (NULL);
}

void
settings_form_wrong(struct web_exchange *x, const char *name,
    const char *code)
{
	struct settings_frame		*frame = settings_frame(x);
	const struct settings_field	*field = NULL;
	struct settings_error		*error;

	if (frame->error_count == SETTINGS_ERRORS_MAX)
		return;
	if (name != NULL)
		field = field_find(fields_of(frame->op), name);

	error = &frame->errors[frame->error_count++];
	error->field = name;
	error->code = code;
	error->text = error_text(x, field, code);
}

/* --- checks of one value; NULL: it was noted ------------------------------- */

static json_t *
wrong(struct web_exchange *x, const struct settings_field *field,
    const char *code)
{
	settings_form_wrong(x, field->name, code);
	return (NULL);
}

static enum account_text_status
text_parse(const struct settings_field *field, const char *text, size_t len,
    char *out, size_t size)
{
	if (field->type == SETTINGS_EMAIL)
		return (account_user_email_parse(text, len, out));
	if (field->type == SETTINGS_USERNAME)
		return (account_user_username_parse(text, len, out));

	return (account_text_parse(text, len, (size_t)chars_max(field), out,
	    size));
}

static const char *
text_code(const struct settings_field *field)
{
	if (field->type == SETTINGS_EMAIL)
		return ("email");

	return (field->type == SETTINGS_USERNAME ? "username" : "name");
}

/* A text of one line; an empty one is null. */
static json_t *
text_check(struct web_exchange *x, const struct settings_field *field,
    const char *text, size_t len)
{
	char		 out[4 * TEXT_CHARS_MAX + 1];
	const char	*code;

	switch (text_parse(field, text, len, out, sizeof(out))) {
	case ACCOUNT_TEXT_OK:
		break;
	case ACCOUNT_TEXT_EMPTY:
		return (json_null());
	case ACCOUNT_TEXT_TOO_LONG:
		return (wrong(x, field, "too_long"));
	case ACCOUNT_TEXT_CHARACTER:
		return (wrong(x, field, text_code(field)));
	}

	if (field->check != NULL && (code = field->check(out)) != NULL)
		return (wrong(x, field, code));

	return (json_string(out));
}

static json_t *
choice_check(struct web_exchange *x, const struct settings_field *field,
    const char *text)
{
	if (text[0] == '\0')
		return (json_null());
	for (const char *const *one = field->choices; *one != NULL; one++) {
		if (strcmp(*one, text) == 0)
			return (json_string(text));
	}

	return (wrong(x, field, "choice"));
}

static json_t *
language_check(struct web_exchange *x, const struct settings_field *field,
    const char *text)
{
	size_t				 count;
	const struct web_language	*list = web_message_languages(&count);

	if (text[0] == '\0')
		return (json_null());
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].tag, text) == 0)
			return (json_string(text));
	}

	return (wrong(x, field, "choice"));
}

static json_t *
number_check(struct web_exchange *x, const struct settings_field *field,
    json_int_t number)
{
	if (number < field->min)
		return (wrong(x, field, "too_small"));
	if (number > field->max)
		return (wrong(x, field, "too_large"));

	return (json_integer(number));
}

static json_t *
uuid_check(struct web_exchange *x, const struct settings_field *field,
    const char *text)
{
	struct base_uuid	uuid;

	if (text[0] == '\0')
		return (json_null());
	if (!base_uuid_parse(text, strlen(text), &uuid))
		return (wrong(x, field, "choice"));

	return (json_string(text));
}

/* One more of a list; false: it was noted. */
static bool
list_add(struct web_exchange *x, const struct settings_field *field,
    json_t *list, const char *text, size_t len)
{
	json_t	*one;

	if (json_array_size(list) == lines_max(field))
		return (wrong(x, field, "too_many") != NULL);

	one = field->type == SETTINGS_IDS ? uuid_check(x, field, text) :
	    text_check(x, field, text, len);
	if (one == NULL)
		return (false);
	if (json_is_null(one))	/* an empty line */
		return (true);

	return (json_array_append_new(list, one) == 0);
}

/* --- out of a form --------------------------------------------------------- */

static json_t *
number_read(struct web_exchange *x, const struct settings_field *field,
    const char *text)
{
	char		*end;
	json_int_t	 number;
	const char	*digits = text;

	if (text[0] == '\0')
		return (json_null());
	if (text[0] == '-')
		digits++;
	if (strspn(digits, "0123456789") != strlen(digits) ||
	    digits[0] == '\0' || strlen(digits) > DIGITS_MAX)
		return (wrong(x, field, "number"));

	number = strtoll(text, &end, 10);
	return (number_check(x, field, number));
}

static json_t *
lines_read(struct web_exchange *x, const struct settings_field *field,
    const char *text)
{
	json_t	*list = json_array();
	size_t	 len;

	while (*text != '\0') {
		len = strcspn(text, "\r\n");
		if (!list_add(x, field, list, text, len)) {
			json_decref(list);
			return (NULL);
		}
		text += len;
		text += strspn(text, "\r\n");
	}

	return (list);
}

static json_t *
ids_read(struct web_exchange *x, const struct settings_field *field,
    const struct web_form *form)
{
	const struct web_form_field	*one;
	json_t				*list = json_array();

	for (size_t i = 0; i < form->count; i++) {
		one = &form->fields[i];
		if (strcmp(one->name, field->name) != 0 ||
		    list_add(x, field, list, one->value, one->len))
			continue;
		json_decref(list);
		return (NULL);
	}

	return (list);
}

static json_t *
form_read(struct web_exchange *x, const struct settings_field *field,
    const struct web_form *form)
{
	const struct web_form_field	*sent;
	const char			*text;

	if (field->type == SETTINGS_IDS)
		return (ids_read(x, field, form));

	sent = web_form_find(form, field->name);
	if (sent != NULL && sent->repeated)
		return (wrong(x, field, "repeated"));
	text = sent == NULL ? "" : sent->value;

	switch (field->type) {
	case SETTINGS_TEXT:
	case SETTINGS_EMAIL:
	case SETTINGS_USERNAME:
		return (text_check(x, field, text, strlen(text)));
	case SETTINGS_NUMBER:
		return (number_read(x, field, text));
	case SETTINGS_SWITCH:
		return (json_boolean(strcmp(text, "true") == 0));
	case SETTINGS_CHOICE:
		return (choice_check(x, field, text));
	case SETTINGS_LANGUAGE:
		return (language_check(x, field, text));
	case SETTINGS_ID:
		return (uuid_check(x, field, text));
	case SETTINGS_LINES:
		return (lines_read(x, field, text));
	case SETTINGS_IDS:
	case SETTINGS_TIME:
	case SETTINGS_OBJECT:
	case SETTINGS_OBJECTS:
	case SETTINGS_END:
		break;
	}

	return (wrong(x, field, "unknown"));
}

/* --- out of JSON ----------------------------------------------------------- */

static json_t *
list_take(struct web_exchange *x, const struct settings_field *field,
    const json_t *value)
{
	json_t	*list, *one;
	size_t	 i;

	if (!json_is_array(value))
		return (wrong(x, field, "type"));

	list = json_array();
	json_array_foreach(value, i, one) {
		if (!json_is_string(one))
			(void)wrong(x, field, "type");
		else if (list_add(x, field, list, json_string_value(one),
		    json_string_length(one)))
			continue;
		json_decref(list);
		return (NULL);
	}

	return (list);
}

static json_t *
string_take(struct web_exchange *x, const struct settings_field *field,
    const json_t *value)
{
	const char	*text;

	if (!json_is_string(value))
		return (wrong(x, field, "type"));

	text = json_string_value(value);
	if (field->type == SETTINGS_CHOICE)
		return (choice_check(x, field, text));
	if (field->type == SETTINGS_LANGUAGE)
		return (language_check(x, field, text));
	if (field->type == SETTINGS_ID)
		return (uuid_check(x, field, text));

	return (text_check(x, field, text, json_string_length(value)));
}

static json_t *
json_take(struct web_exchange *x, const struct settings_field *field,
    json_t *value)
{
	if (value == NULL || json_is_null(value))
		return (field->type == SETTINGS_SWITCH ? json_false() :
		    json_null());

	switch (field->type) {
	case SETTINGS_TEXT:
	case SETTINGS_EMAIL:
	case SETTINGS_USERNAME:
	case SETTINGS_CHOICE:
	case SETTINGS_LANGUAGE:
	case SETTINGS_ID:
		return (string_take(x, field, value));
	case SETTINGS_NUMBER:
		return (json_is_integer(value) ? number_check(x, field,
		    json_integer_value(value)) : wrong(x, field, "type"));
	case SETTINGS_SWITCH:
		return (json_is_boolean(value) ? json_incref(value) :
		    wrong(x, field, "type"));
	case SETTINGS_IDS:
	case SETTINGS_LINES:
		return (list_take(x, field, value));
	case SETTINGS_TIME:
	case SETTINGS_OBJECT:
	case SETTINGS_OBJECTS:
	case SETTINGS_END:
		break;
	}

	return (wrong(x, field, "unknown"));
}

/* --- the whole ------------------------------------------------------------- */

/* What paging itself takes from a list's query. */
static bool
paging_name(const struct settings_frame *frame, const char *name)
{
	return (frame->op->keys[0] != NULL && (strcmp(name, "after") == 0 ||
	    strcmp(name, "size") == 0));
}

/* Names that the table does not have, told once. */
static void
unknown_check(struct web_exchange *x, const json_t *body)
{
	const struct settings_frame	*frame = settings_frame(x);
	const struct settings_field	*fields = fields_of(frame->op);
	const char			*name;
	void				*at;

	for (at = json_object_iter((json_t *)(uintptr_t)body); at != NULL;
	    at = json_object_iter_next((json_t *)(uintptr_t)body, at)) {
		name = json_object_iter_key(at);
		if (field_find(fields, name) == NULL) {
			settings_form_wrong(x, NULL, "unknown");
			return;
		}
	}
}

static void
unknown_form_check(struct web_exchange *x)
{
	const struct settings_frame	*frame = settings_frame(x);
	const char			*name;

	for (size_t i = 0; i < frame->form->count; i++) {
		name = frame->form->fields[i].name;
		if (strcmp(name, WEB_CSRF_FIELD) == 0 ||
		    paging_name(frame, name) ||
		    field_find(fields_of(frame->op), name) != NULL)
			continue;
		settings_form_wrong(x, NULL, "unknown");
		return;
	}
}

/* A value that must be there and is not. */
static bool
missing(const struct settings_field *field, const json_t *value)
{
	return (field->required && (json_is_null(value) ||
	    (json_is_array(value) && json_array_size(value) == 0)));
}

/* "body": of the API; NULL: the form. */
static void
fields_decode(struct web_exchange *x, const json_t *body)
{
	json_t				*value;
	const struct settings_field	*field;
	struct settings_frame		*frame = settings_frame(x);

	frame->input = web_keep(x, json_object());
	for (field = fields_of(frame->op); field->name != NULL; field++) {
		value = body != NULL ? json_take(x, field,
		    json_object_get(body, field->name)) :
		    form_read(x, field, frame->form);
		if (value == NULL)
			continue;
		if (missing(field, value))
			settings_form_wrong(x, field->name, "required");
		(void)json_object_set_new(frame->input, field->name, value);
	}
}

/* What has no body has its input in the query. */
static bool
of_query(const struct settings_frame *frame)
{
	return (frame->op->method == WEB_GET ||
	    (frame->api && frame->op->method == WEB_DELETE));
}

static bool
form_sent(struct web_exchange *x)
{
	struct settings_frame	*frame = settings_frame(x);

	frame->form = base_arena_new(web_arena(x), sizeof(*frame->form));
	return ((of_query(frame) ? web_input_query(x, frame->form) :
	    web_input_form(x, frame->form)) == WEB_FORM_OK);
}

bool
settings_form_decode(struct web_exchange *x)
{
	json_t			*body;
	struct settings_frame	*frame = settings_frame(x);

	if (!frame->api || of_query(frame)) {
		if (!form_sent(x))
			return (false);
		unknown_form_check(x);
		fields_decode(x, NULL);
		return (frame->op->keys[0] == NULL ||
		    settings_list_decode(x));
	}

	/* Who need not send anything may send nothing. */
	if (web_request(x)->body.len == 0 && frame->op->input == NULL)
		body = web_keep(x, json_object());
	else
		body = web_input_json(x);
	if (body == NULL)
		return (false);

	unknown_check(x, body);
	fields_decode(x, body);
	return (true);
}

/* --- the page's form ------------------------------------------------------- */

static bool
of_select(const struct settings_field *field)
{
	return (field->type == SETTINGS_CHOICE ||
	    field->type == SETTINGS_LANGUAGE);
}

/* As typed when this form came back, else out of the object. */
static const char *
field_value(struct web_exchange *x, const struct settings_field *field,
    const json_t *object, bool again)
{
	const struct web_form_field	*sent;
	const json_t			*value, *line;
	const char			*text = "";
	size_t				 i;

	if (again) {
		sent = web_form_find(settings_frame(x)->form, field->name);
		return (sent == NULL ? "" : sent->value);
	}

	value = json_object_get(object, field->name);
	if (json_is_integer(value))
		return (base_arena_format(web_arena(x), "%lld",
		    (long long)json_integer_value(value)));
	if (json_is_boolean(value))
		return (json_is_true(value) ? "true" : "");
	json_array_foreach(value, i, line)
		text = base_arena_format(web_arena(x), "%s%s%s", text,
		    i == 0 ? "" : "\n", json_string_value(line));

	return (json_is_string(value) ? json_string_value(value) : text);
}

static void
option_add(json_t *list, const char *value, const char *text,
    const char *selected)
{
	(void)json_array_append_new(list, json_pack("{s:s, s:s, s:b}",
	    "value", value, "text", text, "selected",
	    strcmp(value, selected) == 0));
}

static json_t *
options_model(struct web_exchange *x, const struct settings_field *field,
    const char *value)
{
	json_t				*list;
	const struct web_language	*languages;
	size_t				 count;

	if (!of_select(field))
		return (json_null());

	list = json_array();
	if (!field->required)
		option_add(list, "", web_page_text(x,
		    field->type == SETTINGS_LANGUAGE ? "form.automatic" :
		    settings_frame(x)->op->method == WEB_GET ? "form.any" :
		    "form.none"), value);
	if (field->type == SETTINGS_LANGUAGE) {
		languages = web_message_languages(&count);
		for (size_t i = 0; i < count; i++)
			option_add(list, languages[i].tag, languages[i].name,
			    value);
		return (list);
	}
	for (const char *const *one = field->choices; *one != NULL; one++)
		option_add(list, *one, web_page_text(x, base_arena_format(
		    web_arena(x), "%s.%s", field->label, *one)), value);

	return (list);
}

static const char *
input_type(const struct settings_field *field)
{
	if (field->type == SETTINGS_EMAIL)
		return ("email");
	if (field->type == SETTINGS_NUMBER)
		return ("number");

	return ("text");
}

static const char *
field_error(struct web_exchange *x, const char *name)
{
	const struct settings_frame	*frame = settings_frame(x);

	for (size_t i = 0; i < frame->error_count; i++) {
		if (frame->errors[i].field != NULL &&
		    strcmp(frame->errors[i].field, name) == 0)
			return (frame->errors[i].text);
	}

	return (NULL);
}

static bool
of_input(const struct settings_field *field)
{
	return (!of_select(field) &&
	    field->type != SETTINGS_SWITCH && field->type != SETTINGS_LINES);
}

/* For part "control". */
static json_t *
field_model(struct web_exchange *x, const struct settings_field *field,
    const char *value, const char *id, bool again)
{
	const char	*max, *min;

	max = base_arena_format(web_arena(x), "%d", chars_max(field));
	min = base_arena_format(web_arena(x), "%d", field->min);
	return (json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s, s:s, s:s, s:b, "
	    "s:b, s:b, s:b, s:b, s:s?, s:s?, s:i, s:o, s:b}",
	    "id", base_arena_format(web_arena(x), "%s%s%s", field->name,
	    id == NULL ? "" : "-", id == NULL ? "" : id),
	    "name", field->name,
	    "label", field->label == NULL ? "" :
	    web_page_text(x, field->label),
	    "hint", field->hint == NULL ? NULL : web_page_text(x, field->hint),
	    "error", again ? field_error(x, field->name) : NULL,
	    "type", input_type(field),
	    "autocomplete", field->autocomplete == NULL ? "off" :
	    field->autocomplete,
	    "value", value,
	    "required", field->required && field->type != SETTINGS_SWITCH,
	    "input", of_input(field),
	    "select", of_select(field),
	    "area", field->type == SETTINGS_LINES,
	    "checkbox", field->type == SETTINGS_SWITCH,
	    "maxlength", field->type == SETTINGS_NUMBER ? NULL : max,
	    "range", field->type == SETTINGS_NUMBER ? min : NULL,
	    "most", field->max,
	    "options", options_model(x, field, value),
	    "checked", strcmp(value, "true") == 0));
}

/* The summary above a form that came back, or null. */
static json_t *
problem_model(struct web_exchange *x, const char *id)
{
	const struct settings_frame	*frame = settings_frame(x);
	const struct settings_error	*error;
	json_t				*list = json_array();

	for (size_t i = 0; i < frame->error_count; i++) {
		error = &frame->errors[i];
		(void)json_array_append_new(list, json_pack("{s:s, s:s}",
		    "name", error->field == NULL ? "main" :
		    base_arena_format(web_arena(x), "%s%s%s", error->field,
		    id == NULL ? "" : "-", id == NULL ? "" : id),
		    "error", error->text));
	}

	return (json_pack("{s:o}", "errors", list));
}

/* Does the form that came back stand here? */
static bool
form_again(struct web_exchange *x, const struct settings_operation *op,
    const char *id)
{
	char			 text[BASE_UUID_TEXT_LEN + 1];
	struct settings_frame	*frame = settings_frame(x);

	if (frame->failed != op || frame->form == NULL)
		return (false);
	if (id == NULL || frame->id_count == 0)
		return (true);

	base_uuid_format(&frame->ids[frame->id_count - 1], text);
	return (strcmp(text, id) == 0);
}

json_t *
settings_form(struct web_exchange *x, const char *name, const json_t *object,
    const char *id)
{
	const struct settings_operation	*op = settings_operation_find(name);
	const struct settings_field	*field;
	const bool			 again = form_again(x, op, id);
	json_t				*list = json_array();

	for (field = fields_of(op); field->name != NULL; field++) {
		if (field->hidden || field->type == SETTINGS_IDS)
			continue;
		(void)json_array_append_new(list, field_model(x, field,
		    field_value(x, field, object, again), id, again));
	}

	return (json_pack("{s:o, s:o}", "fields", list,
	    "problem", again ? problem_model(x, id) : json_null()));
}
