/*
 * Settings -> Administration -> Users: the list, and one person's fields,
 * rank and state.  Their ways in are in settings_user_access.c.
 */

#include "settings/settings_user.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_user_admin.h"
#include "web/web_page.h"

#define SEARCH_CHARS	254
#define VERSION_DIGITS	20

static web_step		user_created, user_delete, user_deleted, user_demote,
			user_disable, user_disabled, user_enable,
			user_enabled, user_insert, user_list, user_new,
			user_promote, user_ranked, user_show, user_update,
			user_updated;
static web_step		users_disable, users_enable;
static settings_view	delete_view, demote_view, disable_view, enable_view,
			list_view, new_view, promote_view, show_view;
static web_step		list_found, show_found;

static const char *const	states[] = { "active", "no_passkey",
	"disabled", NULL };
static const char *const	roles[] = { "user", "administrator", NULL };
static const char *const	sorts[] = { "username", "-username",
	"created", "-created", NULL };

/* --- fields ---------------------------------------------------------------- */

#define PERSON								\
	{ "id", SETTINGS_ID, .required = true },			\
	{ "username", SETTINGS_USERNAME, .required = true },		\
	{ "email", SETTINGS_EMAIL },					\
	{ "email_verified", SETTINGS_SWITCH, .required = true },	\
	{ "first_name", SETTINGS_TEXT },				\
	{ "last_name", SETTINGS_TEXT },					\
	{ "display_name", SETTINGS_TEXT, .required = true },		\
	{ "administrator", SETTINGS_SWITCH, .required = true },		\
	{ "state", SETTINGS_CHOICE, .required = true,			\
	    .choices = states },					\
	{ "subject", SETTINGS_TEXT, .required = true },			\
	{ "created_at", SETTINGS_TIME, .required = true },		\
	{ "updated_at", SETTINGS_TIME, .required = true },		\
	{ "last_sign_in_at", SETTINGS_TIME }

const struct settings_field	settings_user_fields[] = {
	PERSON,
	{ .name = NULL }
};

static const struct settings_field	row_fields[] = {
	PERSON,
	/* what the list is sorted by; of a search, what was found */
	{ "sorted_by", SETTINGS_TEXT, .required = true },
	{ .name = NULL }
};

static const char *const	kinds[] = { "synced", "not_synced", "device",
	NULL };
static const struct settings_field	passkey_fields[] = {
	{ "id", SETTINGS_ID, .required = true },
	{ "name", SETTINGS_TEXT, .required = true },
	{ "kind", SETTINGS_CHOICE, .required = true, .choices = kinds },
	{ "created_at", SETTINGS_TIME, .required = true },
	{ "last_used_at", SETTINGS_TIME },
	{ .name = NULL }
};

static const struct settings_field	session_fields[] = {
	{ "id", SETTINGS_ID, .required = true },
	/* the passkey it began with; null: a login link */
	{ "passkey", SETTINGS_TEXT },
	{ "device", SETTINGS_TEXT },
	{ "address", SETTINGS_TEXT },
	{ "created_at", SETTINGS_TIME, .required = true },
	{ "last_active_at", SETTINGS_TIME, .required = true },
	{ "expires_at", SETTINGS_TIME, .required = true },
	{ .name = NULL }
};

static const char *const	link_states[] = { "waiting", "used", "expired",
	NULL };
static const struct settings_field	link_fields[] = {
	{ "id", SETTINGS_ID, .required = true },
	{ "status", SETTINGS_CHOICE, .required = true,
	    .choices = link_states },
	{ "created_by", SETTINGS_TEXT },
	{ "created_at", SETTINGS_TIME, .required = true },
	{ "expires_at", SETTINGS_TIME, .required = true },
	{ "used_at", SETTINGS_TIME },
	{ .name = NULL }
};

static const struct settings_field	app_fields[] = {
	{ "client_id", SETTINGS_TEXT, .required = true },
	{ "name", SETTINGS_TEXT, .required = true },
	{ "scopes", SETTINGS_LINES, .required = true },
	{ "created_at", SETTINGS_TIME, .required = true },
	{ .name = NULL }
};

static const struct settings_field	event_fields[] = {
	{ "event", SETTINGS_TEXT, .required = true },
	{ "result", SETTINGS_TEXT, .required = true },
	{ "actor", SETTINGS_TEXT },
	{ "device", SETTINGS_TEXT },
	{ "address", SETTINGS_TEXT },
	{ "created_at", SETTINGS_TIME, .required = true },
	{ .name = NULL }
};

static const struct settings_field	profile_fields[] = {
	PERSON,
	{ "version", SETTINGS_TEXT, .required = true },
	{ "can_mail", SETTINGS_SWITCH, .required = true },
	{ "passkeys", SETTINGS_OBJECTS, .required = true,
	    .of = passkey_fields },
	{ "sessions", SETTINGS_OBJECTS, .required = true,
	    .of = session_fields },
	{ "login_link", SETTINGS_OBJECT, .of = link_fields },
	{ "apps", SETTINGS_OBJECTS, .required = true, .of = app_fields },
	{ "activity", SETTINGS_OBJECTS, .required = true,
	    .of = event_fields },
	{ .name = NULL }
};

static const struct settings_field	none_fields[] = {
	{ .name = NULL }
};

static const struct settings_field	list_fields[] = {
	{ "q", SETTINGS_TEXT, .max = SEARCH_CHARS,
	    .label = "users.search" },
	{ "state", SETTINGS_CHOICE, .choices = states,
	    .label = "users.state" },
	{ "role", SETTINGS_CHOICE, .choices = roles, .label = "users.role" },
	{ "sort", SETTINGS_CHOICE, .choices = sorts, .label = "users.sort" },
	{ .name = NULL }
};

#define NAMES								\
	{ "username", SETTINGS_USERNAME, .required = true,		\
	    .max = ACCOUNT_USERNAME_MAX, .label = "users.username",	\
	    .hint = "users.username_hint" },				\
	{ "first_name", SETTINGS_TEXT, .max = ACCOUNT_NAME_CHARS,	\
	    .label = "users.first_name" },				\
	{ "last_name", SETTINGS_TEXT, .max = ACCOUNT_NAME_CHARS,	\
	    .label = "users.last_name" },				\
	{ "display_name", SETTINGS_TEXT, .max = ACCOUNT_NAME_CHARS,	\
	    .label = "users.display_name",				\
	    .hint = "users.display_name_hint" },			\
	{ "email", SETTINGS_EMAIL, .max = ACCOUNT_EMAIL_MAX,		\
	    .label = "users.email" }

static const struct settings_field	new_fields[] = {
	NAMES,
	{ "administrator", SETTINGS_SWITCH, .label = "users.administrator",
	    .hint = "users.administrator_hint" },
	{ .name = NULL }
};

static const struct settings_field	change_fields[] = {
	NAMES,
	{ "email_verified", SETTINGS_SWITCH,
	    .label = "users.email_verified" },
	/* as it was read with the fields: who comes second is told so */
	{ "version", SETTINGS_TEXT, .required = true, .hidden = true,
	    .max = VERSION_DIGITS },
	{ .name = NULL }
};

static const struct settings_field	many_fields[] = {
	{ "ids", SETTINGS_IDS, .required = true,
	    .lines = STORE_USER_ADMIN_MANY },
	{ .name = NULL }
};

static const struct settings_field	changed_fields[] = {
	{ "changed", SETTINGS_NUMBER, .required = true,
	    .max = STORE_USER_ADMIN_MANY },
	{ .name = NULL }
};

static const struct settings_field	name_fields[] = {
	{ "confirm", SETTINGS_TEXT, .max = ACCOUNT_USERNAME_MAX,
	    .required = true, .label = "users.confirm",
	    .hint = "users.confirm_hint" },
	{ .name = NULL }
};

/* --- operations ------------------------------------------------------------ */

#define ADMINISTRATOR	.access = SETTINGS_ADMINISTRATOR

/* A page that asks before "what" is done to the person. */
#define ASK(what, is_fresh)						\
	{ .name = "user_" what "_ask", .method = WEB_GET,		\
	    .page = SETTINGS_USER_PAGE "/" what, ADMINISTRATOR,		\
	    .fresh = is_fresh, .output = settings_user_ask_fields,	\
	    .run = settings_user_ask, .title = "users.title",		\
	    .template = "settings_user_ask"

const struct settings_operation	settings_user_operations[] = {
	{ .name = "user_list", .method = WEB_GET, .api = "/api/users",
	    .page = SETTINGS_USER_LIST, ADMINISTRATOR, .input = list_fields,
	    .output = row_fields, .keys = { "sorted_by", "id" },
	    .run = user_list, .title = "users.title",
	    .template = "settings_users", .view = list_view },
	{ .name = "user_new", .method = WEB_GET,
	    .page = SETTINGS_USER_LIST "/new", ADMINISTRATOR,
	    .output = none_fields, .run = user_new, .title = "users.new",
	    .template = "settings_user_new", .view = new_view },
	{ .name = "user_create", .method = WEB_POST, .api = "/api/users",
	    .page = SETTINGS_USER_LIST "/new", ADMINISTRATOR,
	    .input = new_fields, .output = settings_user_fields,
	    .run = user_insert, .back = "user_new" },
	{ .name = "users_disable", .method = WEB_POST,
	    .api = "/api/users/disable", .page = SETTINGS_USER_LIST
	    "/disable", ADMINISTRATOR, .input = many_fields,
	    .output = changed_fields, .run = users_disable,
	    .back = "user_list" },
	{ .name = "users_enable", .method = WEB_POST,
	    .api = "/api/users/enable", .page = SETTINGS_USER_LIST "/enable",
	    ADMINISTRATOR, .input = many_fields, .output = changed_fields,
	    .run = users_enable, .back = "user_list" },
	{ .name = "user_show", .method = WEB_GET, .api = SETTINGS_USER_API,
	    .page = SETTINGS_USER_PAGE, ADMINISTRATOR,
	    .output = profile_fields, .run = user_show,
	    .title = "users.title", .template = "settings_user",
	    .view = show_view },
	{ .name = "user_update", .method = WEB_PUT, .api = SETTINGS_USER_API,
	    .page = SETTINGS_USER_PAGE, ADMINISTRATOR,
	    .input = change_fields, .run = user_update,
	    .back = "user_show" },
	ASK("disable", false), .view = disable_view },
	{ .name = "user_disable", .method = WEB_POST,
	    .api = SETTINGS_USER_API "/disable",
	    .page = SETTINGS_USER_PAGE "/disable", ADMINISTRATOR,
	    .run = user_disable, .back = "user_show" },
	ASK("enable", false), .view = enable_view },
	{ .name = "user_enable", .method = WEB_POST,
	    .api = SETTINGS_USER_API "/enable",
	    .page = SETTINGS_USER_PAGE "/enable", ADMINISTRATOR,
	    .run = user_enable, .back = "user_show" },
	ASK("promote", true), .view = promote_view },
	{ .name = "user_promote", .method = WEB_POST,
	    .api = SETTINGS_USER_API "/promote",
	    .page = SETTINGS_USER_PAGE "/promote", ADMINISTRATOR,
	    .fresh = true, .run = user_promote, .back = "user_show" },
	ASK("demote", true), .view = demote_view },
	{ .name = "user_demote", .method = WEB_POST,
	    .api = SETTINGS_USER_API "/demote",
	    .page = SETTINGS_USER_PAGE "/demote", ADMINISTRATOR,
	    .fresh = true, .run = user_demote, .back = "user_show" },
	ASK("delete", true), .view = delete_view },
	{ .name = "user_delete", .method = WEB_DELETE,
	    .api = SETTINGS_USER_API, .page = SETTINGS_USER_PAGE "/delete",
	    ADMINISTRATOR, .fresh = true, .input = name_fields,
	    .run = user_delete, .back = "user_delete_ask" },
	{ .name = NULL }
};

/* --- shared ---------------------------------------------------------------- */

json_t *
settings_user_object(const struct store_people_row *row)
{
	const struct account_user	*user = &row->user;

	return (json_pack("{s:o, s:s, s:o, s:b, s:o, s:o, s:s, s:b, s:s, "
	    "s:s, s:o, s:o, s:o}",
	    "id", settings_uuid(&user->id),
	    "username", user->username,
	    "email", settings_string(user->email),
	    "email_verified", user->email_verified,
	    "first_name", settings_string(user->given_name),
	    "last_name", settings_string(user->family_name),
	    "display_name", user->display_name,
	    "administrator", user->administrator,
	    "state", row->state,
	    "subject", user->sub,
	    "created_at", settings_time(user->created_at),
	    "updated_at", settings_time(user->updated_at),
	    "last_sign_in_at", settings_time(row->last_used_at)));
}

const struct store_actor *
settings_user_actor(struct web_exchange *x)
{
	const struct store_caller	*caller = settings_caller(x);
	struct store_actor		*actor;

	actor = base_arena_new(web_arena(x), sizeof(*actor));
	memcpy(actor->cookie_digest, caller->digest,
	    sizeof(actor->cookie_digest));
	actor->fresh_seconds = ACCOUNT_SESSION_FRESH_SECONDS;
	actor->place = &caller->place;
	return (actor);
}

const char *
settings_user_path(struct web_exchange *x, const char *id)
{
	char	own[BASE_UUID_TEXT_LEN + 1];

	if (id == NULL) {
		base_uuid_format(settings_id(x, 0), own);
		id = own;
	}
	return (base_arena_format(web_arena(x), SETTINGS_USER_LIST "/%s",
	    id));
}

struct web_next
settings_user_done(struct web_exchange *x, enum store_actor_verdict verdict,
    const char *page, const char *notice)
{
	switch (verdict) {
	case STORE_ACTOR_OK:
	case STORE_ACTOR_UNCHANGED:
		return (settings_done(x, page != NULL ? page :
		    settings_user_path(x, NULL), notice, NULL));
	case STORE_ACTOR_NOBODY:
		return (settings_problem(x, "forbidden"));
	case STORE_ACTOR_MISSING:
		return (settings_problem(x, "not_found"));
	case STORE_ACTOR_UNCONFIRMED:
		return (settings_confirm(x));
	case STORE_ACTOR_OWN:
		return (settings_problem(x, "own_account"));
	case STORE_ACTOR_LAST:
		return (settings_problem(x, "last_administrator"));
	case STORE_ACTOR_DISABLED:
		return (settings_problem(x, "user_disabled"));
	case STORE_ACTOR_UNMAILED:
		return (settings_problem(x, "unmailed"));
	case STORE_ACTOR_STALE:
		return (settings_problem(x, "stale"));
	case STORE_ACTOR_USERNAME:
	case STORE_ACTOR_EMAIL:
	case STORE_ACTOR_TAKEN:
		return (settings_problem(x, "conflict"));
	case STORE_ACTOR_FAILED:
		break;
	}

	return (settings_problem(x, "unavailable"));
}

bool
settings_user_found(struct web_exchange *x,
    struct store_people_profile *profile, struct web_next *refused)
{
	enum store_status	status;

	status = store_people_found(web_result(x), profile);
	if (status == STORE_GONE)
		*refused = settings_problem(x, "forbidden");
	else if (status != STORE_OK)
		*refused = settings_verdict(x, status);

	return (status == STORE_OK);
}

/* --- the list -------------------------------------------------------------- */

static enum store_people_sort
sort_of(const char *word)
{
	if (word == NULL || strcmp(word, "username") == 0)
		return (STORE_PEOPLE_USERNAME);
	if (strcmp(word, "-username") == 0)
		return (STORE_PEOPLE_USERNAME_DOWN);

	return (strcmp(word, "created") == 0 ? STORE_PEOPLE_CREATED :
	    STORE_PEOPLE_CREATED_DOWN);
}

static struct web_next
user_list(struct web_exchange *x)
{
	const char			*search = settings_text(x, "q");
	const struct settings_paging	*paging = settings_paging(x);
	struct store_people_query	 query = {
		.search = search == NULL ? "" : search,
		.sort = sort_of(settings_text(x, "sort")),
		.state = settings_text(x, "state"),
		.rank = settings_text(x, "role"),
		.limit = paging->size + 1,
	};

	if (paging->after[0] != NULL) {
		query.after_key = paging->after[0];
		if (!base_uuid_parse(paging->after[1],
		    strlen(paging->after[1]), &query.after_id))
			return (settings_problem(x, "malformed"));
	}

	return (web_ask(x, store_people_list(web_arena(x), settings_caller(x),
	    &query), list_found));
}

static struct web_next
list_found(struct web_exchange *x)
{
	int			 rows;
	enum store_status	 status;
	json_t			*list, *one;
	struct store_people_row	 row;

	status = store_caller_rows(web_result(x), 0, &rows);
	if (status == STORE_GONE)
		return (settings_problem(x, "forbidden"));
	if (status != STORE_OK)
		return (settings_verdict(x, status));

	list = json_array();
	for (int i = 0; i < rows; i++) {
		if (!store_people_decode(web_result(x), i, &row)) {
			json_decref(list);
			return (settings_problem(x, "unavailable"));
		}
		one = settings_user_object(&row);
		(void)json_object_set_new(one, "sorted_by",
		    json_string(row.key));
		(void)json_array_append_new(list, one);
	}

	return (settings_list(x, list));
}

/* Words for a row or a head: state and rank. */
static void
words_set(struct web_exchange *x, json_t *person)
{
	const char	*state = json_string_value(json_object_get(person,
			    "state"));

	(void)json_object_set_new(person, "state_text", json_string(
	    web_page_text(x, base_arena_format(web_arena(x),
	    "users.state.%s", state))));
	(void)json_object_set_new(person, "disabled",
	    json_boolean(strcmp(state, "disabled") == 0));
	(void)json_object_set_new(person, "role_text", json_string(
	    web_page_text(x, json_is_true(json_object_get(person,
	    "administrator")) ? "users.role.administrator" :
	    "users.role.user")));
}

/* One filter as a <select>: every choice, and none. */
static json_t *
filter_model(struct web_exchange *x, const struct settings_field *field)
{
	const char	*chosen = settings_text(x, field->name);
	json_t		*list = json_array();

	(void)json_array_append_new(list, json_pack("{s:s, s:s, s:b}",
	    "value", "", "text", web_page_text(x, base_arena_format(
	    web_arena(x), "%s.any", field->label)), "selected",
	    chosen == NULL));
	for (const char *const *one = field->choices; *one != NULL; one++)
		(void)json_array_append_new(list, json_pack(
		    "{s:s, s:s, s:b}", "value", *one, "text",
		    web_page_text(x, base_arena_format(web_arena(x), "%s.%s",
		    field->label, *one)), "selected",
		    chosen != NULL && strcmp(chosen, *one) == 0));

	return (json_pack("{s:s, s:s, s:o}", "name", field->name, "label",
	    web_page_text(x, field->label), "options", list));
}

static void
list_view(struct web_exchange *x, json_t *model)
{
	const char	*search = settings_text(x, "q");
	json_t		*filters = json_array(), *one;
	size_t		 i;

	json_array_foreach(json_object_get(model, "items"), i, one) {
		words_set(x, one);
		(void)json_object_set_new(one, "url", web_url_path(
		    settings_user_path(x, json_string_value(
		    json_object_get(one, "id")))));
	}
	for (const struct settings_field *f = list_fields + 1;
	    f->name != NULL; f++)
		(void)json_array_append_new(filters, filter_model(x, f));

	(void)json_object_set_new(model, "filters", filters);
	(void)json_object_set_new(model, "some", json_boolean(i > 0));
	(void)json_object_set_new(model, "search", json_string(
	    search == NULL ? "" : search));
	(void)json_object_set_new(model, "filtered", json_boolean(
	    search != NULL || settings_text(x, "state") != NULL ||
	    settings_text(x, "role") != NULL));
}

/* --- a new person ---------------------------------------------------------- */

static struct web_next
user_new(struct web_exchange *x)
{
	return (settings_show(x, json_object()));
}

static void
new_view(struct web_exchange *x, json_t *model)
{
	(void)json_object_set_new(model, "form", settings_form(x,
	    "user_create", NULL, NULL));
}

/* Fields of the table into "user"; they are checked already. */
static void
fields_read(struct web_exchange *x, struct account_user *user)
{
	const struct {
		const char	*name;
		char		*out;
		size_t		 size;
	} texts[] = {
		{ "username", user->username, sizeof(user->username) },
		{ "email", user->email, sizeof(user->email) },
		{ "first_name", user->given_name, sizeof(user->given_name) },
		{ "last_name", user->family_name, sizeof(user->family_name) },
		{ "display_name", user->display_name,
		    sizeof(user->display_name) },
	};
	const char	*text;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		text = settings_text(x, texts[i].name);
		if (text == NULL || !base_bytes_text_copy(texts[i].out,
		    texts[i].size, text, strlen(text)))
			texts[i].out[0] = '\0';
	}
	if (user->display_name[0] == '\0')
		account_user_display(user);
}

static struct web_next
user_insert(struct web_exchange *x)
{
	struct account_user	*user = settings_state(x, sizeof(*user));

	account_user_init(user);
	fields_read(x, user);
	user->administrator = settings_on(x, "administrator");
	return (web_ask(x, store_user_admin_insert(web_arena(x),
	    settings_user_actor(x), user), user_created));
}

/* What a form can put right. */
static bool
field_wrong(struct web_exchange *x, enum store_actor_verdict verdict)
{
	if (verdict == STORE_ACTOR_USERNAME || verdict == STORE_ACTOR_TAKEN)
		settings_wrong(x, "username", "username_taken");
	else if (verdict == STORE_ACTOR_EMAIL)
		settings_wrong(x, "email", "email_taken");
	else
		return (false);

	return (true);
}

static struct web_next
user_created(struct web_exchange *x)
{
	char				 id[BASE_UUID_TEXT_LEN + 1];
	enum store_actor_verdict	 verdict;
	struct account_user		*user = settings_state(x,
					    sizeof(*user));
	struct store_people_row		 row = { .user = *user,
					    .state = "no_passkey" };

	verdict = store_actor_verdict(web_result(x));
	if (field_wrong(x, verdict))
		return (settings_invalid(x));
	if (verdict != STORE_ACTOR_OK)
		return (settings_user_done(x, verdict, NULL, NULL));

	base_uuid_format(&user->id, id);
	row.user.created_at = row.user.updated_at = web_now(x);
	return (settings_created(x, settings_user_path(x, id),
	    "user_created", base_arena_format(web_arena(x), "/api/users/%s",
	    id), settings_user_object(&row)));
}

/* --- one person ------------------------------------------------------------ */

static struct web_next
user_show(struct web_exchange *x)
{
	return (web_ask(x, store_people_find(web_arena(x), settings_caller(x),
	    settings_id(x, 0)), show_found));
}

static json_t *
json_of(struct base_slice text)
{
	if (text.len == 0)
		return (json_null());

	return (json_loadb((const char *)text.data, text.len,
	    JSON_REJECT_DUPLICATES, NULL));
}

static struct web_next
show_found(struct web_exchange *x)
{
	json_t				*object;
	struct store_people_profile	 profile;
	struct web_next			 refused;

	if (!settings_user_found(x, &profile, &refused))
		return (refused);

	object = settings_user_object(&profile.person);
	(void)json_object_set_new(object, "version", json_string(
	    base_arena_format(web_arena(x), "%" PRId64, profile.version)));
	(void)json_object_set_new(object, "can_mail", json_boolean(
	    profile.mail && profile.person.user.email[0] != '\0' &&
	    !profile.person.user.disabled));
	(void)json_object_set_new(object, "passkeys",
	    json_of(profile.passkeys));
	(void)json_object_set_new(object, "sessions",
	    json_of(profile.sessions));
	(void)json_object_set_new(object, "login_link",
	    json_of(profile.link));
	(void)json_object_set_new(object, "apps", json_of(profile.apps));
	(void)json_object_set_new(object, "activity",
	    json_of(profile.activity));
	return (settings_show(x, object));
}

/* "url" of each of a list: "path" with the person's id and the item's. */
static void
urls_set(struct web_exchange *x, json_t *model, const char *list,
    const char *path)
{
	const char	*id = json_string_value(json_object_get(model, "id"));
	json_t		*one;
	size_t		 i;

	json_array_foreach(json_object_get(model, list), i, one)
		(void)json_object_set_new(one, "url", settings_path(x, path,
		    id, json_string_value(json_object_get(one, "id"))));
}

static void
passkeys_words(struct web_exchange *x, json_t *model)
{
	json_t	*one;
	size_t	 i;

	json_array_foreach(json_object_get(model, "passkeys"), i, one)
		(void)json_object_set_new(one, "kind_text", json_string(
		    web_page_text(x, base_arena_format(web_arena(x),
		    "security.kind.%s", json_string_value(json_object_get(one,
		    "kind"))))));
}

/* What happened in words; an event without words of its own as it is. */
static void
activity_words(struct web_exchange *x, json_t *model)
{
	const char	*event, *key;
	json_t		*one;
	size_t		 i;

	json_array_foreach(json_object_get(model, "activity"), i, one) {
		event = json_string_value(json_object_get(one, "event"));
		key = base_arena_format(web_arena(x), "event.%s", event);
		if (web_message_find(key, strlen(key)) >= 0)
			event = web_page_text(x, key);
		(void)json_object_set_new(one, "text", json_string(event));
	}
}

static void
link_words(struct web_exchange *x, json_t *model)
{
	const char	*status;
	json_t		*link = json_object_get(model, "login_link");

	if (!json_is_object(link))
		return;

	status = json_string_value(json_object_get(link, "status"));
	(void)json_object_set_new(link, "text", json_string(web_page_text(x,
	    base_arena_format(web_arena(x), "users.link.%s", status))));
	(void)json_object_set_new(link, "end_url", strcmp(status,
	    "waiting") != 0 ? json_null() : settings_path(x,
	    SETTINGS_USER_PAGE "/login-link/{link}/end",
	    json_string_value(json_object_get(model, "id")),
	    json_string_value(json_object_get(link, "id"))));
}

/* Addresses of what can be done to this person; what may not be is null. */
static void
show_actions(struct web_exchange *x, json_t *model, bool own, bool disabled)
{
	const bool	 admin = json_is_true(json_object_get(model,
			    "administrator"));
	const char	*id = json_string_value(json_object_get(model, "id"));
	const struct {
		const char	*name;
		const char	*path;
		bool		 offered;
	} actions[] = {
		{ "link_url", SETTINGS_USER_PAGE "/login-link", !disabled },
		{ "mail_url", SETTINGS_USER_PAGE "/login-link/mail",
		    json_is_true(json_object_get(model, "can_mail")) },
		{ "save_url", SETTINGS_USER_PAGE, true },
		{ "sessions_url", SETTINGS_USER_PAGE "/sessions/end",
		    json_array_size(json_object_get(model, "sessions")) > 0 },
		{ "disable_url", SETTINGS_USER_PAGE "/disable",
		    !own && !disabled },
		{ "enable_url", SETTINGS_USER_PAGE "/enable", disabled },
		{ "promote_url", SETTINGS_USER_PAGE "/promote", !admin },
		{ "demote_url", SETTINGS_USER_PAGE "/demote", !own && admin },
		{ "delete_url", SETTINGS_USER_PAGE "/delete", !own },
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		(void)json_object_set_new(model, actions[i].name,
		    actions[i].offered ? settings_path(x, actions[i].path, id,
		    NULL) : json_null());
}

static void
show_view(struct web_exchange *x, json_t *model)
{
	char	own_id[BASE_UUID_TEXT_LEN + 1];
	bool	disabled, own;

	base_uuid_format(&settings_user(x)->id, own_id);
	own = strcmp(own_id, json_string_value(json_object_get(model,
	    "id"))) == 0;
	words_set(x, model);
	disabled = json_is_true(json_object_get(model, "disabled"));

	/* As it was sent, when the form comes again: who is late stays so. */
	if (settings_text(x, "version") != NULL)
		(void)json_object_set_new(model, "version", json_string(
		    settings_text(x, "version")));
	(void)json_object_set(model, "title", json_object_get(model,
	    "display_name"));
	(void)json_object_set_new(model, "note", disabled ?
	    web_page_note(x, "warning", "users.is_disabled", false) :
	    own ? web_page_note(x, "info", "users.is_you", false) :
	    json_null());
	(void)json_object_set_new(model, "form", settings_form(x,
	    "user_update", model, NULL));
	show_actions(x, model, own, disabled);
	urls_set(x, model, "passkeys",
	    SETTINGS_USER_PAGE "/passkeys/{passkey}/remove");
	urls_set(x, model, "sessions",
	    SETTINGS_USER_PAGE "/sessions/{session}/end");
	passkeys_words(x, model);
	activity_words(x, model);
	link_words(x, model);
}

static struct web_next
user_update(struct web_exchange *x)
{
	char			*end;
	const char		*text = settings_text(x, "version");
	int64_t			 version = strtoll(text, &end, 10);
	struct account_user	 user = { .id = *settings_id(x, 0) };

	if (*end != '\0')
		return (settings_problem(x, "stale"));

	fields_read(x, &user);
	user.email_verified = user.email[0] != '\0' &&
	    settings_on(x, "email_verified");
	return (web_ask(x, store_user_admin_update(web_arena(x),
	    settings_user_actor(x), &user, version), user_updated));
}

static struct web_next
user_updated(struct web_exchange *x)
{
	enum store_actor_verdict	verdict;

	verdict = store_actor_verdict(web_result(x));
	if (field_wrong(x, verdict))
		return (settings_invalid(x));

	return (settings_user_done(x, verdict, NULL, "user_saved"));
}

/* --- state and rank -------------------------------------------------------- */

static struct web_next
user_disable(struct web_exchange *x)
{
	return (web_ask(x, store_user_admin_disable(web_arena(x),
	    settings_user_actor(x), settings_id(x, 0), 1), user_disabled));
}

static struct web_next
user_disabled(struct web_exchange *x)
{
	return (settings_user_done(x, store_actor_verdict(web_result(x)),
	    NULL, "user_disabled"));
}

static struct web_next
user_enable(struct web_exchange *x)
{
	return (web_ask(x, store_user_admin_enable(web_arena(x),
	    settings_user_actor(x), settings_id(x, 0), 1), user_enabled));
}

static struct web_next
user_enabled(struct web_exchange *x)
{
	return (settings_user_done(x, store_actor_verdict(web_result(x)),
	    NULL, "user_enabled"));
}

static struct web_next
user_promote(struct web_exchange *x)
{
	return (web_ask(x, store_user_admin_promote(web_arena(x),
	    settings_user_actor(x), settings_id(x, 0)), user_ranked));
}

static struct web_next
user_demote(struct web_exchange *x)
{
	return (web_ask(x, store_user_admin_demote(web_arena(x),
	    settings_user_actor(x), settings_id(x, 0)), user_ranked));
}

static struct web_next
user_ranked(struct web_exchange *x)
{
	return (settings_user_done(x, store_actor_verdict(web_result(x)),
	    NULL, "user_saved"));
}

static struct web_next
user_delete(struct web_exchange *x)
{
	return (web_ask(x, store_user_admin_delete(web_arena(x),
	    settings_user_actor(x), settings_id(x, 0),
	    settings_text(x, "confirm")), user_deleted));
}

static struct web_next
user_deleted(struct web_exchange *x)
{
	enum store_actor_verdict	verdict;

	verdict = store_actor_verdict(web_result(x));
	if (verdict == STORE_ACTOR_UNCHANGED) {
		settings_wrong(x, "confirm", "confirm");
		return (settings_invalid(x));
	}

	return (settings_user_done(x, verdict, SETTINGS_USER_LIST,
	    "user_deleted"));
}

/* --- many ------------------------------------------------------------------ */

static web_step	users_changed;

static struct web_next
many(struct web_exchange *x, struct store_call *(*call)(struct base_arena *,
    const struct store_actor *, const struct base_uuid *, size_t))
{
	const char *const	*texts = settings_texts(x, "ids");
	size_t			 count = 0;
	struct base_uuid	*ids;

	ids = base_arena_new(web_arena(x), STORE_USER_ADMIN_MANY *
	    sizeof(*ids));
	for (size_t i = 0; texts[i] != NULL &&
	    count < STORE_USER_ADMIN_MANY; i++) {
		bool	known = false;

		if (!base_uuid_parse(texts[i], strlen(texts[i]),
		    &ids[count]))
			return (settings_problem(x, "malformed"));
		for (size_t j = 0; j < count; j++)
			known |= base_bytes_equal(&ids[j], sizeof(*ids),
			    &ids[count], sizeof(*ids));
		count += !known;
	}
	return (web_ask(x, call(web_arena(x), settings_user_actor(x), ids,
	    count), users_changed));
}

static struct web_next
users_disable(struct web_exchange *x)
{
	return (many(x, store_user_admin_disable));
}

static struct web_next
users_enable(struct web_exchange *x)
{
	return (many(x, store_user_admin_enable));
}

static struct web_next
users_changed(struct web_exchange *x)
{
	enum store_actor_verdict	verdict;

	verdict = store_actor_verdict(web_result(x));
	if (verdict != STORE_ACTOR_OK && verdict != STORE_ACTOR_UNCHANGED)
		return (settings_user_done(x, verdict, SETTINGS_USER_LIST,
		    NULL));

	return (settings_done(x, SETTINGS_USER_LIST, "users_changed",
	    json_pack("{s:I}", "changed",
	    (json_int_t)store_user_admin_changed(web_result(x)))));
}

/* --- questions ------------------------------------------------------------- */

static void
disable_view(struct web_exchange *x, json_t *model)
{
	settings_user_ask_view(x, model, "disable", "user_disable");
}

static void
enable_view(struct web_exchange *x, json_t *model)
{
	settings_user_ask_view(x, model, "enable", "user_enable");
}

static void
promote_view(struct web_exchange *x, json_t *model)
{
	settings_user_ask_view(x, model, "promote", "user_promote");
}

static void
demote_view(struct web_exchange *x, json_t *model)
{
	settings_user_ask_view(x, model, "demote", "user_demote");
}

static void
delete_view(struct web_exchange *x, json_t *model)
{
	settings_user_ask_view(x, model, "delete", "user_delete");
}
