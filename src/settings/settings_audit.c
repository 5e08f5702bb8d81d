/*
 * Settings -> Audit Log: what happened to one's own account.
 */

#include <string.h>

#include "settings/settings.h"
#include "store/store_own.h"
#include "web/web_page.h"

#define PAGE	"/settings/audit-log"
#define API	"/api/audit-log"

static web_step		event_list;
static settings_view	list_view;

static const char *const	events[] = { "sign_in", "sign_out",
	"account_created", "client_authorization", "passkey_added",
	"passkey_removed", "passkey_renamed", "login_link_created",
	"one_time_login", "session_ended", "sessions_ended", "consent_given",
	"consent_denied", "consent_removed", "profile_changed",
	"email_changed", NULL };

static const struct settings_field	query_fields[] = {
	{ .name = "event", .type = SETTINGS_CHOICE, .choices = events,
	    .label = "event" },
	{ .name = NULL }
};

static const struct settings_field	event_fields[] = {
	{ .name = "id", .type = SETTINGS_ID, .required = true },
	{ .name = "happened_at", .type = SETTINGS_TIME, .required = true },
	{ .name = "event", .type = SETTINGS_TEXT, .required = true },
	{ .name = "result", .type = SETTINGS_TEXT, .required = true },
	{ .name = "app", .type = SETTINGS_TEXT },
	{ .name = "address", .type = SETTINGS_TEXT },
	{ .name = "device", .type = SETTINGS_TEXT },
	{ .name = NULL }
};

const struct settings_operation	settings_audit_operations[] = {
	{ .name = "event_list", .method = WEB_GET, .api = API, .page = PAGE,
	    .input = query_fields, .output = event_fields, .keys = { "id" },
	    .run = event_list, .title = "nav.audit_log",
	    .template = "settings_audit_log", .view = list_view },
	{ .name = NULL }
};

static web_step	list_found;

static struct web_next
event_list(struct web_exchange *x)
{
	const struct settings_paging	*paging = settings_paging(x);
	const char			*after = paging->after[0];
	struct base_uuid		 before;

	if (after != NULL && !base_uuid_parse(after, strlen(after), &before))
		return (settings_problem(x, "malformed"));

	return (web_ask(x, store_own_events(web_arena(x), settings_caller(x),
	    after == NULL ? NULL : &before, settings_text(x, "event"),
	    paging->size + 1), list_found));
}

static json_t *
event_object(const struct store_own_event *event)
{
	return (json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:o}",
	    "id", settings_uuid(&event->id),
	    "happened_at", settings_time(event->at),
	    "event", event->event,
	    "result", event->result,
	    "app", settings_string(event->app),
	    "address", settings_string(event->address),
	    "device", settings_string(event->device)));
}

static struct web_next
list_found(struct web_exchange *x)
{
	int			 rows;
	enum store_status	 status;
	json_t			*list = json_array();
	struct store_own_event	 event;

	status = store_caller_rows(web_result(x), 0, &rows);
	for (int row = 0; status == STORE_OK && row < rows; row++) {
		if (!store_own_event_decode(web_result(x), row, &event))
			status = STORE_FAILED;
		else
			(void)json_array_append_new(list,
			    event_object(&event));
	}
	if (status == STORE_OK)
		return (settings_list(x, list));

	json_decref(list);
	return (settings_verdict(x, status));
}

/* A sentence for each: what happened, and whether it failed. */
static void
list_view(struct web_exchange *x, json_t *model)
{
	char	*key;
	json_t	*list = json_object_get(model, "items"), *one, *query;
	size_t	 i;

	json_array_foreach(list, i, one) {
		key = base_arena_format(web_arena(x), "event.%s",
		    json_string_value(json_object_get(one, "event")));
		if (web_message_find(key, strlen(key)) < 0)
			key = base_arena_format(web_arena(x),
			    "event.other");
		(void)json_object_set_new(one, "text", json_string(
		    web_page_text(x, key)));
		(void)json_object_set_new(one, "failed", json_boolean(
		    strcmp(json_string_value(json_object_get(one,
		    "result")), "ok") != 0));
	}

	query = json_pack("{s:s?}", "event", settings_text(x, "event"));
	(void)json_object_set_new(model, "filter", settings_form(x,
	    "event_list", query, NULL));
	json_decref(query);
}
