/*
 * Settings -> Apps: what sees something of one's account, and how to take
 * that back.
 */

#include <string.h>

#include "settings/settings.h"
#include "store/store_own.h"
#include "web/web_page.h"

#define PAGE	"/settings/apps"
#define API	"/api/apps"

static web_step		app_list, app_remove;
static settings_view	list_view;

static const struct settings_field	app_fields[] = {
	{ .name = "id", .type = SETTINGS_ID, .required = true },
	{ .name = "name", .type = SETTINGS_TEXT, .required = true },
	{ .name = "scopes", .type = SETTINGS_LINES, .required = true },
	{ .name = "created_at", .type = SETTINGS_TIME, .required = true },
	{ .name = "updated_at", .type = SETTINGS_TIME, .required = true },
	{ .name = NULL }
};

static const struct settings_field	list_fields[] = {
	{ .name = "apps", .type = SETTINGS_OBJECTS, .required = true,
	    .of = app_fields },
	{ .name = NULL }
};

const struct settings_operation	settings_app_operations[] = {
	{ .name = "app_list", .method = WEB_GET, .api = API, .page = PAGE,
	    .output = list_fields, .run = app_list, .title = "nav.apps",
	    .template = "settings_apps", .view = list_view },
	{ .name = "app_remove", .method = WEB_DELETE,
	    .api = API "/{app}", .page = PAGE "/{app}/remove",
	    .run = app_remove, .back = "app_list" },
	{ .name = NULL }
};

static web_step	list_found, removed;

static struct web_next
app_list(struct web_exchange *x)
{
	return (web_ask(x, store_own_apps(web_arena(x), settings_caller(x)),
	    list_found));
}

static json_t *
app_object(const struct store_own_app *app)
{
	json_t	*scopes = json_array();

	for (size_t i = 0; i < app->scope_count; i++)
		(void)json_array_append_new(scopes, json_stringn(
		    (const char *)app->scopes[i].data, app->scopes[i].len));

	return (json_pack("{s:o, s:s, s:o, s:o, s:o}",
	    "id", settings_uuid(&app->id),
	    "name", app->name,
	    "scopes", scopes,
	    "created_at", settings_time(app->created_at),
	    "updated_at", settings_time(app->updated_at)));
}

static struct web_next
list_found(struct web_exchange *x)
{
	int			 rows;
	enum store_status	 status;
	json_t			*list = json_array();
	struct store_own_app	 app;

	status = store_caller_rows(web_result(x), 0, &rows);
	for (int row = 0; status == STORE_OK && row < rows; row++) {
		if (!store_own_app_decode(web_result(x), row, &app))
			status = STORE_FAILED;
		else
			(void)json_array_append_new(list, app_object(&app));
	}
	if (status == STORE_OK)
		return (settings_show(x, json_pack("{s:o}", "apps", list)));

	json_decref(list);
	return (settings_verdict(x, status));
}

/* What a scope means, in the words of the question that was asked then; the
 * one that every sign-in has goes without saying. */
static json_t *
scope_texts(struct web_exchange *x, const json_t *scopes)
{
	char		*key;
	const char	*name;
	json_t		*list = json_array(), *scope;
	size_t		 i;

	json_array_foreach(scopes, i, scope) {
		name = json_string_value(scope);
		if (strcmp(name, "openid") == 0)
			continue;
		key = base_arena_format(web_arena(x), "consent.scope.%s",
		    name);
		(void)json_array_append_new(list, json_string(
		    web_message_find(key, strlen(key)) < 0 ?
		    web_page_text(x, "consent.scope.other",
		    { "scope", name }) : web_page_text(x, key)));
	}

	return (list);
}

static void
list_view(struct web_exchange *x, json_t *model)
{
	json_t	*list = json_object_get(model, "apps"), *one;
	size_t	 i;

	json_array_foreach(list, i, one) {
		(void)json_object_set_new(one, "texts", scope_texts(x,
		    json_object_get(one, "scopes")));
		(void)json_object_set_new(one, "remove_url", settings_path(x,
		    PAGE "/{app}/remove", json_string_value(
		    json_object_get(one, "id")), NULL));
	}
}

static struct web_next
app_remove(struct web_exchange *x)
{
	return (web_ask(x, store_own_app_remove(web_arena(x),
	    settings_caller(x), settings_id(x, 0)), removed));
}

static struct web_next
removed(struct web_exchange *x)
{
	enum store_status	status = store_verdict(web_result(x));

	if (status != STORE_OK)
		return (settings_verdict(x, status));

	return (settings_done(x, PAGE, "app_removed", NULL));
}
