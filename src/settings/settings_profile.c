/*
 * Settings -> Account -> Profile: name, address, language.
 *
 * The user name is not among them: it ends up in other systems, so only an
 * administrator changes it.
 */

#include "settings/settings.h"
#include "store/store_own.h"
#include "web/web_page.h"

#define PAGE		"/settings/account"
#define API		"/api/account"
#define NAME_CHARS	64
#define COOKIE_SECONDS	(400LL * 24 * 60 * 60)

static web_step		profile_read, profile_update;
static settings_view	profile_view;

#define DETAILS								\
	{ .name = "first_name", .type = SETTINGS_TEXT,			\
	    .max = NAME_CHARS, .label = "setup.first_name",		\
	    .autocomplete = "given-name" },				\
	{ .name = "last_name", .type = SETTINGS_TEXT,			\
	    .max = NAME_CHARS, .label = "setup.last_name",		\
	    .autocomplete = "family-name" },				\
	{ .name = "display_name", .type = SETTINGS_TEXT,		\
	    .required = true, .max = NAME_CHARS,			\
	    .label = "profile.display_name",				\
	    .hint = "profile.display_name_hint",			\
	    .autocomplete = "name" },					\
	{ .name = "email", .type = SETTINGS_EMAIL,			\
	    .max = ACCOUNT_EMAIL_MAX, .label = "setup.email",		\
	    .autocomplete = "email" },					\
	{ .name = "language", .type = SETTINGS_LANGUAGE,		\
	    .label = "profile.language" }

static const struct settings_field	update_fields[] = {
	DETAILS,
	{ .name = NULL }
};

static const struct settings_field	profile_fields[] = {
	{ .name = "id", .type = SETTINGS_ID, .required = true },
	{ .name = "username", .type = SETTINGS_TEXT, .required = true },
	{ .name = "email_verified", .type = SETTINGS_SWITCH,
	    .required = true },
	{ .name = "administrator", .type = SETTINGS_SWITCH,
	    .required = true },
	DETAILS,
	{ .name = "created_at", .type = SETTINGS_TIME, .required = true },
	{ .name = NULL }
};

const struct settings_operation	settings_profile_operations[] = {
	{ .name = "profile_read", .method = WEB_GET, .api = API,
	    .page = PAGE, .output = profile_fields, .run = profile_read,
	    .title = "nav.profile", .template = "settings_profile",
	    .view = profile_view },
	{ .name = "profile_update", .method = WEB_PUT, .api = API,
	    .page = PAGE, .input = update_fields, .run = profile_update,
	    .back = "profile_read" },
	{ .name = NULL }
};

static web_step	updated;

static struct web_next
profile_read(struct web_exchange *x)
{
	const struct account_user	*user = settings_user(x);

	return (settings_show(x, json_pack("{s:o, s:s, s:b, s:b, s:o, s:o, "
	    "s:s, s:o, s:o, s:o}",
	    "id", settings_uuid(&user->id),
	    "username", user->username,
	    "email_verified", user->email_verified,
	    "administrator", user->administrator,
	    "first_name", settings_string(user->given_name),
	    "last_name", settings_string(user->family_name),
	    "display_name", user->display_name,
	    "email", settings_string(user->email),
	    "language", settings_string(user->locale),
	    "created_at", settings_time(user->created_at))));
}

/* A new address takes a passkey used lately: the page offers it before. */
static void
profile_view(struct web_exchange *x, json_t *model)
{
	const bool	fresh = web_now(x) - settings_session(x)->auth_time <=
			    ACCOUNT_SESSION_FRESH_SECONDS;

	(void)json_object_set_new(model, "form", settings_form(x,
	    "profile_update", model, NULL));
	(void)json_object_set_new(model, "confirm_url", fresh ? json_null() :
	    web_url_query("/login", { "to", PAGE }));
}

static struct web_next
profile_update(struct web_exchange *x)
{
	const struct store_own_profile	profile = {
		.given_name = settings_text(x, "first_name"),
		.family_name = settings_text(x, "last_name"),
		.display_name = settings_text(x, "display_name"),
		.email = settings_text(x, "email"),
		.locale = settings_text(x, "language"),
	};

	return (web_ask(x, store_own_profile(web_arena(x),
	    settings_caller(x), &profile), updated));
}

static struct web_next
updated(struct web_exchange *x)
{
	const char		*language = settings_text(x, "language");
	enum store_status	 status = store_verdict(web_result(x));

	if (status == STORE_CONFLICT || status == STORE_REFUSED) {
		settings_wrong(x, "email", status == STORE_CONFLICT ?
		    "email_taken" : "confirm_first");
		return (settings_invalid(x));
	}
	if (status != STORE_OK)
		return (settings_verdict(x, status));

	if (language != NULL && !settings_api(x))
		web_reply_cookie(x, WEB_PAGE_LANGUAGE_COOKIE, language,
		    COOKIE_SECONDS);
	return (settings_done(x, PAGE, "profile_saved", NULL));
}
