/*
 * The description of the API (OpenAPI 3.1), out of the same tables that
 * decode what comes in and check what goes out.
 */

#include <stdlib.h>
#include <string.h>

#include "settings/settings_frame.h"
#include "web/web_csrf.h"

static json_t	*object_schema(const struct settings_field *fields,
		    bool answer);

/* --- answers against their table ------------------------------------------- */

static bool
list_matches(const struct settings_field *field, const json_t *value)
{
	size_t	 i;
	json_t	*one;

	if (!json_is_array(value))
		return (false);

	json_array_foreach(value, i, one) {
		if (field->type == SETTINGS_OBJECTS ?
		    !settings_openapi_matches(field->of, one) :
		    !json_is_string(one))
			return (false);
	}

	return (true);
}

static bool
value_matches(const struct settings_field *field, const json_t *value)
{
	if (json_is_null(value))
		return (!field->required);

	switch (field->type) {
	case SETTINGS_TEXT:
	case SETTINGS_EMAIL:
	case SETTINGS_USERNAME:
	case SETTINGS_CHOICE:
	case SETTINGS_LANGUAGE:
	case SETTINGS_ID:
	case SETTINGS_TIME:
		return (json_is_string(value));
	case SETTINGS_NUMBER:
		return (json_is_integer(value));
	case SETTINGS_SWITCH:
		return (json_is_boolean(value));
	case SETTINGS_IDS:
	case SETTINGS_LINES:
	case SETTINGS_OBJECTS:
		return (list_matches(field, value));
	case SETTINGS_OBJECT:
		return (settings_openapi_matches(field->of, value));
	case SETTINGS_END:
		break;
	}

	return (false);
}

bool
settings_openapi_matches(const struct settings_field *fields,
    const json_t *value)
{
	const json_t	*member;
	size_t		 count = 0;

	if (!json_is_object(value) || fields == NULL) {
		base_log(BASE_LOG_ERROR, "settings", "answer not described");
		return (false);
	}

	for (; fields->name != NULL; fields++, count++) {
		member = json_object_get(value, fields->name);
		if (member != NULL && value_matches(fields, member))
			continue;
		base_log(BASE_LOG_ERROR, "settings", "answer not described",
		    base_log_text("member", fields->name));
		return (false);
	}

	return (json_object_size(value) == count);
}

/* --- schemas --------------------------------------------------------------- */

static json_t *
choices_schema(const struct settings_field *field)
{
	json_t	*list = json_array();

	for (const char *const *one = field->choices; *one != NULL; one++)
		(void)json_array_append_new(list, json_string(*one));

	return (json_pack("{s:s, s:o}", "type", "string", "enum", list));
}

static json_t *
text_schema(const struct settings_field *field, bool answer)
{
	json_t	*schema = json_pack("{s:s}", "type", "string");

	if (field->type == SETTINGS_EMAIL)
		(void)json_object_set_new(schema, "format",
		    json_string("email"));
	if (!answer && field->type == SETTINGS_TEXT)
		(void)json_object_set_new(schema, "maxLength",
		    json_integer(field->max == 0 ? 200 : field->max));

	return (schema);
}

static json_t *
number_schema(const struct settings_field *field, bool answer)
{
	if (answer)
		return (json_pack("{s:s}", "type", "integer"));

	return (json_pack("{s:s, s:i, s:i}", "type", "integer", "minimum",
	    field->min, "maximum", field->max));
}

static json_t *
list_schema(const struct settings_field *field, json_t *items, bool answer)
{
	json_t	*schema = json_pack("{s:s, s:o}", "type", "array", "items",
		    items);

	if (!answer)
		(void)json_object_set_new(schema, "maxItems",
		    json_integer(field->lines == 0 ? 50 : field->lines));

	return (schema);
}

static json_t *
uuid_schema(void)
{
	return (json_pack("{s:s, s:s}", "type", "string", "format", "uuid"));
}

static json_t *
value_schema(const struct settings_field *field, bool answer)
{
	switch (field->type) {
	case SETTINGS_TEXT:
	case SETTINGS_EMAIL:
	case SETTINGS_USERNAME:
	case SETTINGS_LANGUAGE:
		return (text_schema(field, answer));
	case SETTINGS_NUMBER:
		return (number_schema(field, answer));
	case SETTINGS_SWITCH:
		return (json_pack("{s:s}", "type", "boolean"));
	case SETTINGS_CHOICE:
		return (choices_schema(field));
	case SETTINGS_ID:
		return (uuid_schema());
	case SETTINGS_IDS:
		return (list_schema(field, uuid_schema(), answer));
	case SETTINGS_LINES:
		return (list_schema(field, text_schema(field, answer),
		    answer));
	case SETTINGS_TIME:
		return (json_pack("{s:s, s:s}", "type", "string", "format",
		    "date-time"));
	case SETTINGS_OBJECT:
		return (object_schema(field->of, answer));
	case SETTINGS_OBJECTS:
		return (list_schema(field, object_schema(field->of, answer),
		    answer));
	case SETTINGS_END:
		break;
	}

	return (json_object());
}

/* What may be null says so (JSON Schema 2020-12). */
static json_t *
field_schema(const struct settings_field *field, bool answer)
{
	json_t	*schema = value_schema(field, answer);

	if (field->required || field->type == SETTINGS_SWITCH)
		return (schema);

	return (json_pack("{s:[o, {s:s}]}", "anyOf", schema, "type",
	    "null"));
}

static json_t *
object_schema(const struct settings_field *fields, bool answer)
{
	json_t	*properties = json_object(), *required = json_array();

	for (; fields != NULL && fields->name != NULL; fields++) {
		(void)json_object_set_new(properties, fields->name,
		    field_schema(fields, answer));
		if (answer || fields->required)
			(void)json_array_append_new(required,
			    json_string(fields->name));
	}

	return (json_pack("{s:s, s:o, s:o, s:b}", "type", "object",
	    "properties", properties, "required", required,
	    "additionalProperties", false));
}

static json_t *
answer_schema(const struct settings_operation *op)
{
	json_t	*schema = object_schema(op->output, true);

	if (op->keys[0] == NULL)
		return (schema);

	return (json_pack("{s:s, s:{s:{s:s, s:o}, s:{s:[s, s]}}, s:[s, s], "
	    "s:b}", "type", "object",
	    "properties",
	    "items", "type", "array", "items", schema,
	    "next", "type", "string", "null",
	    "required", "items", "next",
	    "additionalProperties", false));
}

/* --- operations ------------------------------------------------------------ */

static json_t *
parameter(const char *name, const char *in, bool required, json_t *schema)
{
	return (json_pack("{s:s, s:s, s:b, s:o}", "name", name, "in", in,
	    "required", required, "schema", schema));
}

static void
path_parameters(json_t *list, const char *path)
{
	char		 name[64];
	size_t		 len;
	const char	*open;

	for (open = strchr(path, '{'); open != NULL;
	    open = strchr(open + 1, '{')) {
		len = strcspn(open + 1, "}");
		if (!base_bytes_text_copy(name, sizeof(name), open + 1, len))
			abort();
		(void)json_array_append_new(list, parameter(name, "path",
		    true, uuid_schema()));
	}
}

static bool
bodied(const struct settings_operation *op)
{
	return (op->method != WEB_GET && op->method != WEB_DELETE);
}

static json_t *
parameters(const struct settings_operation *op)
{
	json_t				*list = json_array();
	const struct settings_field	*field;

	path_parameters(list, op->api);
	for (field = op->input; !bodied(op) && field != NULL &&
	    field->name != NULL; field++)
		(void)json_array_append_new(list, parameter(field->name,
		    "query", field->required, value_schema(field, false)));
	if (op->keys[0] != NULL) {
		(void)json_array_append_new(list, parameter("after", "query",
		    false, json_pack("{s:s}", "type", "string")));
		(void)json_array_append_new(list, parameter("size", "query",
		    false, json_pack("{s:s, s:i, s:i, s:i}", "type",
		    "integer", "minimum", 1, "maximum", 100, "default",
		    20)));
	}
	if (op->method != WEB_GET)
		(void)json_array_append_new(list, parameter(WEB_CSRF_HEADER,
		    "header", true, json_pack("{s:s}", "type", "string")));

	return (list);
}

static json_t *
responses(const struct settings_operation *op)
{
	json_t		*all;
	/* Something new is 201, anything else 200. */
	const char	*good = op->output == NULL ? "204" :
			    op->method == WEB_GET ? "200" : "2XX";

	all = json_pack("{s:{s:s}, s:{s:s}}",
	    good, "description", "Done",
	    "default", "$ref", "#/components/responses/problem");
	if (op->output != NULL)
		(void)json_object_set_new(json_object_get(all, good),
		    "content", json_pack("{s:{s:o}}", "application/json",
		    "schema", answer_schema(op)));

	return (all);
}

static json_t *
operation_object(const struct settings_operation *op)
{
	json_t	*object;

	object = json_pack("{s:s, s:o, s:o, s:b, s:b}",
	    "operationId", op->name,
	    "parameters", parameters(op),
	    "responses", responses(op),
	    "x-administrator", op->access == SETTINGS_ADMINISTRATOR,
	    "x-fresh-passkey", op->fresh);
	if (bodied(op) && op->input != NULL)
		(void)json_object_set_new(object, "requestBody", json_pack(
		    "{s:b, s:{s:{s:o}}}", "required", true, "content",
		    "application/json", "schema",
		    object_schema(op->input, false)));

	return (object);
}

static const char *
method_name(enum web_method method)
{
	switch (method) {
	case WEB_GET:
	case WEB_HEAD:
	case WEB_OPTIONS:
		break;
	case WEB_POST:
		return ("post");
	case WEB_PUT:
		return ("put");
	case WEB_PATCH:
		return ("patch");
	case WEB_DELETE:
		return ("delete");
	}

	return ("get");
}

static json_t *
paths_object(void)
{
	json_t				*paths = json_object(), *path;
	const struct settings_operation	*op;

	for (size_t i = 0; (op = settings_operation(i)) != NULL; i++) {
		if (op->api == NULL)
			continue;
		if ((path = json_object_get(paths, op->api)) == NULL) {
			path = json_object();
			(void)json_object_set_new(paths, op->api, path);
		}
		(void)json_object_set_new(path, method_name(op->method),
		    operation_object(op));
	}

	return (paths);
}

/* RFC 9457, with our code, reference and errors. */
static json_t *
problem_schema(void)
{
	return (json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, "
	    "s:{s:s}, s:{s:s}, s:{s:s, s:{s:s, s:{s:{s:s}, s:{s:s}, "
	    "s:{s:s}}}}}, s:[s, s, s, s]}",
	    "type", "object",
	    "properties",
	    "type", "type", "string",
	    "title", "type", "string",
	    "status", "type", "integer",
	    "detail", "type", "string",
	    "code", "type", "string",
	    "reference", "type", "string",
	    "errors", "type", "array",
	    "items", "type", "object", "properties",
	    "pointer", "type", "string",
	    "code", "type", "string",
	    "detail", "type", "string",
	    "required", "type", "title", "status", "code"));
}

static json_t *
components_object(void)
{
	return (json_pack("{s:{s:o}, s:{s:{s:s, s:{s:{s:{s:s}}}}}, "
	    "s:{s:{s:s, s:s, s:s}}}",
	    "schemas", "problem", problem_schema(),
	    "responses", "problem", "description", "Refused", "content",
	    "application/problem+json", "schema", "$ref",
	    "#/components/schemas/problem",
	    "securitySchemes", "session", "type", "apiKey", "in", "cookie",
	    "name", "__Host-" ACCOUNT_SESSION_COOKIE));
}

json_t *
settings_openapi_document(const char *app_name, const char *app_url)
{
	return (json_pack("{s:s, s:{s:s, s:s}, s:[{s:s}], s:o, s:o, "
	    "s:[{s:[]}]}",
	    "openapi", "3.1.0",
	    "info", "title", app_name, "version", "1",
	    "servers", "url", app_url,
	    "paths", paths_object(),
	    "components", components_object(),
	    "security", "session"));
}

/* Made once in a process: it depends on nothing that changes. */
struct web_next
settings_openapi(struct web_exchange *x)
{
	static char	*text;
	json_t		*document;

	if (text == NULL) {
		document = settings_openapi_document(web_config(x)->app_name,
		    web_config(x)->app_url);
		text = json_dumps(document, JSON_COMPACT);
		json_decref(document);
	}
	if (text == NULL)
		return (settings_problem(x, "internal"));

	web_reply_status(x, 200, WEB_CLASS_PUBLIC);
	web_reply_body(x, "application/json", text, strlen(text));
	return (web_answered(x));
}
