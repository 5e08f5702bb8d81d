/*
 * The table of operations: that every one is whole, and what is described is
 * what is held against answers.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "settings/settings_frame.h"
#include "support/visit.h"
#include "web/web_message.h"

const struct web_routes	web_router_tables[] = {
	{ settings_routes, SETTINGS_ROUTES },
	{ NULL, 0 }
};

static bool
message(const char *key)
{
	return (key != NULL && web_message_find(key, strlen(key)) >= 0);
}

/* Every label, and every choice's. */
static void
labels_check(const struct settings_operation *op)
{
	char				 key[128];
	const struct settings_field	*field;

	for (field = op->input; field != NULL && field->name != NULL;
	    field++) {
		if (field->hidden || field->label == NULL)
			continue;
		if (!message(field->label))
			fail_msg("%s: %s", op->name, field->label);
		for (const char *const *one = field->choices; one != NULL &&
		    *one != NULL; one++) {
			(void)snprintf(key, sizeof(key), "%s.%s",
			    field->label, *one);
			if (!message(key))
				fail_msg("%s: %s", op->name, key);
		}
	}
}

/* A change that has a page has a form on one, which has an API twin. */
static void
test_settings_operations(void **state)
{
	const struct settings_operation	*op, *back;
	size_t				 count = 0;

	(void)state;
	for (; (op = settings_operation(count)) != NULL; count++) {
		if (settings_operation_find(op->name) != op)
			fail_msg("%s: twice", op->name);
		if (op->run == NULL || (op->api == NULL && op->page == NULL))
			fail_msg("%s: not whole", op->name);
		if (op->api != NULL && strncmp(op->api, "/api/", 5) != 0)
			fail_msg("%s: api", op->name);
		if (op->page != NULL && strncmp(op->page, "/settings", 9) != 0)
			fail_msg("%s: page", op->name);
		labels_check(op);
		if (op->page == NULL)
			continue;
		if (op->method == WEB_GET) {
			if (!message(op->title) || op->template == NULL ||
			    op->output == NULL)
				fail_msg("%s: page not whole", op->name);
			continue;
		}
		back = op->back == NULL ? NULL :
		    settings_operation_find(op->back);
		if (back == NULL || back->method != WEB_GET ||
		    back->page == NULL || op->api == NULL)
			fail_msg("%s: a form without its page or its twin",
			    op->name);
	}
	assert_true(count >= 4);
}

static const struct settings_field	inner[] = {
	{ .name = "id", .type = SETTINGS_ID, .required = true },
	{ .name = NULL }
};

static const struct settings_field	outer[] = {
	{ .name = "name", .type = SETTINGS_TEXT, .required = true },
	{ .name = "note", .type = SETTINGS_TEXT },
	{ .name = "on", .type = SETTINGS_SWITCH, .required = true },
	{ .name = "size", .type = SETTINGS_NUMBER },
	{ .name = "tags", .type = SETTINGS_LINES, .required = true },
	{ .name = "list", .type = SETTINGS_OBJECTS, .required = true,
	    .of = inner },
	{ .name = NULL }
};

/* R3.3, AD5: nothing leaves that is not described. */
static void
test_settings_answers(void **state)
{
	static const struct {
		const char	*json;
		bool		 want;
	} cases[] = {
		{ "{'name':'a','note':null,'on':true,'size':3,'tags':['x'],"
		    "'list':[{'id':'i'}]}", true },
		{ "{'name':null,'note':null,'on':true,'size':3,'tags':[],"
		    "'list':[]}", false },
		{ "{'name':'a','note':null,'on':'true','size':3,'tags':[],"
		    "'list':[]}", false },
		{ "{'name':'a','note':null,'on':true,'size':'3','tags':[],"
		    "'list':[]}", false },
		{ "{'name':'a','note':null,'on':true,'size':3,'tags':[1],"
		    "'list':[]}", false },
		{ "{'name':'a','note':null,'on':true,'size':3,'tags':[],"
		    "'list':[{'id':'i','secret':'s'}]}", false },
		{ "{'name':'a','note':null,'on':true,'size':3,'tags':[],"
		    "'list':[],'secret':'s'}", false },
		{ "{'name':'a','on':true,'size':3,'tags':[],'list':[]}",
		    false },
		{ "[]", false },
	};
	char	text[256];
	json_t	*json;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s", cases[i].json);
		for (char *at = text; *at != '\0'; at++)
			*at = *at == '\'' ? '"' : *at;
		assert_non_null(json = json_loads(text, 0, NULL));
		if (settings_openapi_matches(outer, json) != cases[i].want)
			fail_msg("case: %s", cases[i].json);
		json_decref(json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_operations),
		cmocka_unit_test(test_settings_answers),
	};
	struct base_config	config;
	int			status;

	visit_open(&config);
	status = cmocka_run_group_tests(tests, NULL, NULL);
	visit_close();
	return (status);
}
