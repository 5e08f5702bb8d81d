/*
 * Pages that ask an administrator before something is done to a person.
 */

#include "settings/settings_user.h"

#include <string.h>

#include "web/web_page.h"

static web_step	asked;

const struct settings_field	settings_user_ask_fields[] = {
	{ "id", SETTINGS_ID, .required = true },
	{ "username", SETTINGS_USERNAME, .required = true },
	{ "display_name", SETTINGS_TEXT, .required = true },
	{ .name = NULL }
};

struct web_next
settings_user_ask(struct web_exchange *x)
{
	return (web_ask(x, store_people_find(web_arena(x), settings_caller(x),
	    settings_id(x, 0)), asked));
}

static struct web_next
asked(struct web_exchange *x)
{
	const struct account_user	*user;
	struct store_people_profile	 profile;
	struct web_next			 refused;

	if (!settings_user_found(x, &profile, &refused))
		return (refused);

	user = &profile.person.user;
	return (settings_show(x, json_pack("{s:o, s:s, s:s}",
	    "id", settings_uuid(&user->id),
	    "username", user->username,
	    "display_name", user->display_name)));
}

/* The id of the path's second part, if it has one. */
static const char *
second_id(struct web_exchange *x, const char *page)
{
	char		 id[BASE_UUID_TEXT_LEN + 1];
	const char	*open = strchr(page, '{');

	if (open == NULL || strchr(open + 1, '{') == NULL)
		return (NULL);

	base_uuid_format(settings_id(x, 1), id);
	return (base_arena_text(web_arena(x), id, BASE_UUID_TEXT_LEN));
}

void
settings_user_ask_view(struct web_exchange *x, json_t *model,
    const char *what, const char *operation)
{
	const struct settings_operation	*op = settings_operation_find(
					    operation);
	const char	*id = json_string_value(json_object_get(model, "id"));
	const char	*name = json_string_value(json_object_get(model,
			    "display_name"));
	const char	*key = base_arena_format(web_arena(x), "users.%s",
			    what);

	(void)json_object_set_new(model, "title", json_string(web_page_text(x,
	    base_arena_format(web_arena(x), "%s.title", key),
	    { "name", name })));
	(void)json_object_set_new(model, "lead", json_string(web_page_text(x,
	    base_arena_format(web_arena(x), "%s.text", key),
	    { "name", name })));
	(void)json_object_set_new(model, "button", json_string(web_page_text(
	    x, base_arena_format(web_arena(x), "%s.button", key))));
	(void)json_object_set_new(model, "form", op->input == NULL ?
	    json_null() : settings_form(x, operation, NULL, NULL));
	(void)json_object_set_new(model, "action", settings_path(x, op->page,
	    id, second_id(x, op->page)));
	(void)json_object_set_new(model, "back_url", web_url_path(
	    settings_user_path(x, id)));
}
