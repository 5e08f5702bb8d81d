/*
 * Settings -> Account -> Sessions: where one is signed in.
 */

#include "settings/settings.h"
#include "store/store_own.h"
#include "web/web_page.h"

#define PAGE	"/settings/account/sessions"
#define API	"/api/account/sessions"

static web_step		session_list, session_end, session_end_others;
static settings_view	list_view;

static const struct settings_field	session_fields[] = {
	{ .name = "id", .type = SETTINGS_ID, .required = true },
	{ .name = "current", .type = SETTINGS_SWITCH, .required = true },
	/* null: a login link made it */
	{ .name = "passkey", .type = SETTINGS_TEXT },
	{ .name = "device", .type = SETTINGS_TEXT },
	{ .name = "address", .type = SETTINGS_TEXT },
	{ .name = "created_at", .type = SETTINGS_TIME, .required = true },
	{ .name = "last_active_at", .type = SETTINGS_TIME,
	    .required = true },
	{ .name = "expires_at", .type = SETTINGS_TIME, .required = true },
	{ .name = NULL }
};

static const struct settings_field	list_fields[] = {
	{ .name = "sessions", .type = SETTINGS_OBJECTS, .required = true,
	    .of = session_fields },
	{ .name = NULL }
};

const struct settings_operation	settings_session_operations[] = {
	{ .name = "session_list", .method = WEB_GET, .api = API,
	    .page = PAGE, .output = list_fields, .run = session_list,
	    .title = "nav.sessions", .template = "settings_sessions",
	    .view = list_view },
	{ .name = "session_end", .method = WEB_DELETE,
	    .api = API "/{session}", .page = PAGE "/{session}/end",
	    .run = session_end, .back = "session_list" },
	{ .name = "session_end_others", .method = WEB_POST,
	    .api = API "/end-others", .page = PAGE "/end-others",
	    .run = session_end_others, .back = "session_list" },
	{ .name = NULL }
};

static web_step	list_found, one_ended, others_ended;

static struct web_next
session_list(struct web_exchange *x)
{
	return (web_ask(x, store_own_sessions(web_arena(x),
	    settings_caller(x)), list_found));
}

static json_t *
session_object(const struct store_own_session *session)
{
	return (json_pack("{s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "id", settings_uuid(&session->id),
	    "current", session->current,
	    "passkey", settings_string(session->passkey),
	    "device", settings_string(session->device),
	    "address", settings_string(session->address),
	    "created_at", settings_time(session->created_at),
	    "last_active_at", settings_time(session->last_active_at),
	    "expires_at", settings_time(session->expires_at)));
}

static struct web_next
list_found(struct web_exchange *x)
{
	int				 rows;
	enum store_status		 status;
	json_t				*list = json_array();
	struct store_own_session	 session;

	status = store_caller_rows(web_result(x), 0, &rows);
	for (int row = 0; status == STORE_OK && row < rows; row++) {
		if (!store_own_session_decode(web_result(x), row, &session))
			status = STORE_FAILED;
		else
			(void)json_array_append_new(list,
			    session_object(&session));
	}
	if (status == STORE_OK)
		return (settings_show(x, json_pack("{s:o}", "sessions",
		    list)));

	json_decref(list);
	return (settings_verdict(x, status));
}

static void
list_view(struct web_exchange *x, json_t *model)
{
	json_t	*list = json_object_get(model, "sessions"), *one;
	size_t	 i;

	(void)json_object_set_new(model, "others",
	    json_boolean(json_array_size(list) > 1));
	json_array_foreach(list, i, one)
		(void)json_object_set_new(one, "end_url", settings_path(x,
		    PAGE "/{session}/end", json_string_value(
		    json_object_get(one, "id")), NULL));
}

static struct web_next
session_end(struct web_exchange *x)
{
	return (web_ask(x, store_own_session_end(web_arena(x),
	    settings_caller(x), settings_id(x, 0)), one_ended));
}

static struct web_next
one_ended(struct web_exchange *x)
{
	enum store_status	status = store_verdict(web_result(x));

	if (status != STORE_OK)
		return (settings_verdict(x, status));

	return (settings_done(x, PAGE, "session_ended", NULL));
}

static struct web_next
session_end_others(struct web_exchange *x)
{
	return (web_ask(x, store_own_sessions_end(web_arena(x),
	    settings_caller(x)), others_ended));
}

static struct web_next
others_ended(struct web_exchange *x)
{
	enum store_status	status = store_verdict(web_result(x));

	if (status != STORE_OK)
		return (settings_verdict(x, status));

	return (settings_done(x, PAGE, "sessions_ended", NULL));
}
