/*
 * Settings -> Administration -> Users -> one person: their ways in.
 *
 * "Send login link" mails a one-time link by one press where that can be
 * done, and is a page otherwise: how long it shall live, then the link itself
 * with a QR code, shown this once.
 */

#include "settings/settings_user.h"

#include <string.h>

#include "account/account_link.h"
#include "account/account_secret.h"
#include "store/store_user_access.h"
#include "web/web_page.h"
#include "web/web_qr.h"

#define PAGE		SETTINGS_USER_PAGE "/login-link"
#define API		SETTINGS_USER_API "/login-link"
#define MINUTE		60
#define HOUR		(60 * MINUTE)
#define DAY		(24 * HOUR)

static web_step		link_create, link_created, link_end, link_ended,
			link_mail, link_mailed, passkey_remove,
			passkey_removed, session_end, sessions_end,
			sessions_ended;
static settings_view	created_view, form_view, passkey_view, session_view,
			sessions_view;

static const char *const	lives[] = { "15_minutes", "1_hour",
	"12_hours", "1_day", "7_days", NULL };
static const int64_t		seconds[] = { 15 * MINUTE, HOUR, 12 * HOUR,
	DAY, 7 * DAY };

static const struct settings_field	life_fields[] = {
	{ "life", SETTINGS_CHOICE, .choices = lives, .label = "users.life" },
	{ .name = NULL }
};

static const struct settings_field	created_fields[] = {
	{ "url", SETTINGS_TEXT, .required = true },
	{ "expires_at", SETTINGS_TIME, .required = true },
	{ .name = NULL }
};

#define ADMINISTRATOR	.access = SETTINGS_ADMINISTRATOR
#define ASK							\
	.method = WEB_GET, ADMINISTRATOR,			\
	.output = settings_user_ask_fields,			\
	.run = settings_user_ask, .title = "users.title"

const struct settings_operation	settings_user_access_operations[] = {
	{ .name = "user_link", ASK, .page = PAGE,
	    .template = "settings_user_link", .view = form_view },
	{ .name = "user_link_create", .method = WEB_POST, .api = API,
	    .page = PAGE, ADMINISTRATOR, .input = life_fields,
	    .output = created_fields, .run = link_create,
	    .title = "users.link.made",
	    .template = "settings_user_link_made", .view = created_view,
	    .back = "user_link" },
	{ .name = "user_link_mail", .method = WEB_POST, .api = API "/mail",
	    .page = PAGE "/mail", ADMINISTRATOR, .input = life_fields,
	    .run = link_mail, .back = "user_show" },
	{ .name = "user_link_end", .method = WEB_DELETE,
	    .api = API "/{link}", .page = PAGE "/{link}/end", ADMINISTRATOR,
	    .run = link_end, .back = "user_show" },
	{ .name = "user_session_end_ask", ASK,
	    .page = SETTINGS_USER_PAGE "/sessions/{session}/end",
	    .template = "settings_user_ask", .view = session_view },
	{ .name = "user_session_end", .method = WEB_DELETE,
	    .api = SETTINGS_USER_API "/sessions/{session}",
	    .page = SETTINGS_USER_PAGE "/sessions/{session}/end",
	    ADMINISTRATOR, .run = session_end, .back = "user_show" },
	{ .name = "user_sessions_end_ask", ASK,
	    .page = SETTINGS_USER_PAGE "/sessions/end",
	    .template = "settings_user_ask", .view = sessions_view },
	{ .name = "user_sessions_end", .method = WEB_DELETE,
	    .api = SETTINGS_USER_API "/sessions",
	    .page = SETTINGS_USER_PAGE "/sessions/end", ADMINISTRATOR,
	    .run = sessions_end, .back = "user_show" },
	{ .name = "user_passkey_remove_ask", ASK, .fresh = true,
	    .page = SETTINGS_USER_PAGE "/passkeys/{passkey}/remove",
	    .template = "settings_user_ask", .view = passkey_view },
	{ .name = "user_passkey_remove", .method = WEB_DELETE,
	    .api = SETTINGS_USER_API "/passkeys/{passkey}",
	    .page = SETTINGS_USER_PAGE "/passkeys/{passkey}/remove",
	    ADMINISTRATOR, .fresh = true, .run = passkey_remove,
	    .back = "user_show" },
	{ .name = NULL }
};

/* --- the login link -------------------------------------------------------- */

struct link {
	char	code[ACCOUNT_SECRET_LEN + 1];
	int64_t	expires_at;
};

static int64_t
life_of(const char *word)
{
	for (size_t i = 0; word != NULL && lives[i] != NULL; i++) {
		if (strcmp(lives[i], word) == 0)
			return (seconds[i]);
	}

	return (ACCOUNT_LINK_HOURS * HOUR);
}

/* The form, with the usual life chosen. */
static void
form_view(struct web_exchange *x, json_t *model)
{
	const char	*id = json_string_value(json_object_get(model, "id"));
	const char	*name = json_string_value(json_object_get(model,
			    "display_name"));
	json_t		*usual = json_pack("{s:s}", "life", "1_hour");

	(void)json_object_set_new(model, "title", json_string(web_page_text(x,
	    "users.link.title", { "name", name })));
	(void)json_object_set_new(model, "lead", json_string(web_page_text(x,
	    "users.link.text", { "name", name })));
	(void)json_object_set_new(model, "form", settings_form(x,
	    "user_link_create", usual, NULL));
	(void)json_object_set_new(model, "action", settings_path(x, PAGE, id,
	    NULL));
	(void)json_object_set_new(model, "back_url", web_url_path(
	    settings_user_path(x, id)));
	json_decref(usual);
}

static struct web_next
link_create(struct web_exchange *x)
{
	const int64_t	 life = life_of(settings_text(x, "life"));
	uint8_t		 digest[BASE_SHA256_LEN];
	struct link	*link = settings_state(x, sizeof(*link));

	account_secret_new(link->code, digest);
	link->expires_at = web_now(x) + life;
	return (web_ask(x, store_user_access_link(web_arena(x),
	    settings_user_actor(x), settings_id(x, 0), digest, life),
	    link_created));
}

static struct web_next
link_created(struct web_exchange *x)
{
	char				*url;
	enum store_actor_verdict	 verdict;
	struct link			*link = settings_state(x,
					    sizeof(*link));

	verdict = store_actor_verdict(web_result(x));
	if (verdict != STORE_ACTOR_OK)
		return (settings_user_done(x, verdict, NULL, NULL));

	url = base_arena_format(web_arena(x), "%s/lc/%s",
	    web_config(x)->app_url, link->code);
	return (settings_show(x, json_pack("{s:s, s:o}", "url", url,
	    "expires_at", settings_time(link->expires_at))));
}

static void
created_view(struct web_exchange *x, json_t *model)
{
	const char	*url = json_string_value(json_object_get(model,
			    "url"));

	(void)json_object_set_new(model, "qr", web_qr(url, web_page_text(x,
	    "users.link.qr")));
	(void)json_object_set_new(model, "back_url", web_url_path(
	    settings_user_path(x, NULL)));
}

static struct web_next
link_mail(struct web_exchange *x)
{
	return (web_ask(x, store_user_access_mail(web_arena(x),
	    settings_user_actor(x), settings_id(x, 0),
	    life_of(settings_text(x, "life"))), link_mailed));
}

static struct web_next
link_mailed(struct web_exchange *x)
{
	return (settings_user_done(x, store_actor_verdict(web_result(x)),
	    NULL, "link_mailed"));
}

static struct web_next
link_end(struct web_exchange *x)
{
	return (web_ask(x, store_user_access_link_end(web_arena(x),
	    settings_user_actor(x), settings_id(x, 0), settings_id(x, 1)),
	    link_ended));
}

static struct web_next
link_ended(struct web_exchange *x)
{
	return (settings_user_done(x, store_actor_verdict(web_result(x)),
	    NULL, "link_ended"));
}

/* --- sessions -------------------------------------------------------------- */

static void
session_view(struct web_exchange *x, json_t *model)
{
	settings_user_ask_view(x, model, "session_end", "user_session_end");
}

static void
sessions_view(struct web_exchange *x, json_t *model)
{
	settings_user_ask_view(x, model, "sessions_end",
	    "user_sessions_end");
}

static struct web_next
session_end(struct web_exchange *x)
{
	return (web_ask(x, store_user_access_session_end(web_arena(x),
	    settings_user_actor(x), settings_id(x, 0), settings_id(x, 1)),
	    sessions_ended));
}

static struct web_next
sessions_end(struct web_exchange *x)
{
	return (web_ask(x, store_user_access_session_end(web_arena(x),
	    settings_user_actor(x), settings_id(x, 0), NULL),
	    sessions_ended));
}

static struct web_next
sessions_ended(struct web_exchange *x)
{
	return (settings_user_done(x, store_actor_verdict(web_result(x)),
	    NULL, "user_signed_out"));
}

/* --- passkeys -------------------------------------------------------------- */

static void
passkey_view(struct web_exchange *x, json_t *model)
{
	settings_user_ask_view(x, model, "passkey_remove",
	    "user_passkey_remove");
}

static struct web_next
passkey_remove(struct web_exchange *x)
{
	return (web_ask(x, store_user_access_passkey_remove(web_arena(x),
	    settings_user_actor(x), settings_id(x, 0), settings_id(x, 1)),
	    passkey_removed));
}

static struct web_next
passkey_removed(struct web_exchange *x)
{
	return (settings_user_done(x, store_actor_verdict(web_result(x)),
	    NULL, "passkey_gone"));
}
