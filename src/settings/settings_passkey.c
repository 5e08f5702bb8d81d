/*
 * Settings -> Account -> Security: one's own passkeys.
 *
 * Adding one is the ceremony of src/signin/signin_passkey.c.
 */

#include <stdlib.h>
#include <string.h>

#include "base/base_base64url.h"
#include "settings/settings.h"
#include "store/store_passkey_own.h"
#include "web/web_csrf.h"
#include "web/web_page.h"

#define PAGE		"/settings/account/security"
#define NAME_CHARS	64

static web_step		passkey_list, passkey_remove, passkey_remove_ask,
			passkey_rename;
static settings_view	list_view, remove_view;

static const char *const	kinds[] = { "synced", "not_synced", "device",
	"security_key", NULL };

static const struct settings_field	passkey_fields[] = {
	{ .name = "id", .type = SETTINGS_ID, .required = true },
	{ .name = "name", .type = SETTINGS_TEXT, .required = true },
	/* where it is kept: a provider that copies it, or one thing */
	{ .name = "kind", .type = SETTINGS_CHOICE, .required = true, .choices = kinds },
	{ .name = "current", .type = SETTINGS_SWITCH, .required = true },
	{ .name = "created_at", .type = SETTINGS_TIME, .required = true },
	{ .name = "created_device", .type = SETTINGS_TEXT },
	{ .name = "last_used_at", .type = SETTINGS_TIME },
	{ .name = "last_used_device", .type = SETTINGS_TEXT },
	{ .name = "last_used_address", .type = SETTINGS_TEXT },
	{ .name = "credential_id", .type = SETTINGS_TEXT, .required = true },
	{ .name = NULL }
};

static const struct settings_field	list_fields[] = {
	{ .name = "passkeys", .type = SETTINGS_OBJECTS, .required = true,
	    .of = passkey_fields },
	{ .name = NULL }
};

static const struct settings_field	one_fields[] = {
	{ .name = "passkey", .type = SETTINGS_OBJECT, .required = true,
	    .of = passkey_fields },
	{ .name = "last", .type = SETTINGS_SWITCH, .required = true },
	{ .name = NULL }
};

static const struct settings_field	rename_fields[] = {
	{ .name = "name", .type = SETTINGS_TEXT, .required = true, .max = NAME_CHARS,
	    .label = "security.name" },
	{ .name = NULL }
};

static const struct settings_field	remove_fields[] = {
	{ .name = "confirm", .type = SETTINGS_TEXT, .max = NAME_CHARS,
	    .label = "security.confirm", .hint = "security.confirm_hint" },
	{ .name = NULL }
};

const struct settings_operation	settings_passkey_operations[] = {
	{ .name = "passkey_list", .method = WEB_GET,
	    .api = "/api/account/passkeys", .page = PAGE,
	    .output = list_fields, .run = passkey_list,
	    .title = "security.title", .template = "settings_security",
	    .view = list_view },
	{ .name = "passkey_rename", .method = WEB_PATCH,
	    .api = "/api/account/passkeys/{passkey}",
	    .page = PAGE "/passkeys/{passkey}/rename",
	    .fresh = true, .input = rename_fields, .run = passkey_rename,
	    .back = "passkey_list" },
	{ .name = "passkey_remove_ask", .method = WEB_GET,
	    .page = PAGE "/passkeys/{passkey}/remove",
	    .fresh = true, .output = one_fields, .run = passkey_remove_ask,
	    .title = "security.title", .template = "settings_passkey_remove",
	    .view = remove_view },
	{ .name = "passkey_remove", .method = WEB_DELETE,
	    .api = "/api/account/passkeys/{passkey}",
	    .page = PAGE "/passkeys/{passkey}/remove",
	    .fresh = true, .input = remove_fields, .run = passkey_remove,
	    .back = "passkey_remove_ask" },
	{ .name = NULL }
};

static web_step	list_found, remove_found, removed, renamed;

/* --- the list -------------------------------------------------------------- */

static const char *
kind_of(const struct store_passkey_own *own)
{
	if (own->passkey.backup_state)
		return ("synced");
	if (own->passkey.backup_eligible)
		return ("not_synced");

	return (own->roaming ? "security_key" : "device");
}

static json_t *
passkey_object(const struct store_passkey_own *own)
{
	const struct account_passkey	*passkey = &own->passkey;

	return (json_pack("{s:o, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, "
	    "s:s%}",
	    "id", settings_uuid(&passkey->id),
	    "name", passkey->name,
	    "kind", kind_of(own),
	    "current", own->current,
	    "created_at", settings_time(passkey->created_at),
	    "created_device", settings_string(own->created_device),
	    "last_used_at", settings_time(passkey->last_used_at),
	    "last_used_device", settings_string(own->used_device),
	    "last_used_address", settings_string(own->used_address),
	    "credential_id", (const char *)own->credential.data,
	    own->credential.len));
}

/* All of them, or NULL with *refused. */
static json_t *
passkeys_array(struct web_exchange *x, struct web_next *refused)
{
	int				 rows;
	enum store_status		 status;
	json_t				*list = json_array();
	struct store_passkey_own	 own;

	status = store_caller_rows(web_result(x), 0, &rows);
	for (int row = 0; status == STORE_OK && row < rows; row++) {
		if (!store_passkey_own_decode(web_result(x), row, &own))
			status = STORE_FAILED;
		else
			(void)json_array_append_new(list,
			    passkey_object(&own));
	}
	if (status == STORE_OK)
		return (list);

	json_decref(list);
	*refused = settings_verdict(x, status);
	return (NULL);
}

static struct web_next
passkey_list(struct web_exchange *x)
{
	return (web_ask(x, store_passkey_own_list(web_arena(x),
	    settings_caller(x)), list_found));
}

static struct web_next
list_found(struct web_exchange *x)
{
	struct web_next	 refused;
	json_t		*list = passkeys_array(x, &refused);

	return (list == NULL ? refused : settings_show(x, json_pack("{s:o}",
	    "passkeys", list)));
}

/* What the browser tells the password manager: the passkeys that are good
 * here, and what the account is called (WebAuthn Level 3, 5.1.10). */
static json_t *
signal_model(struct web_exchange *x, const json_t *list)
{
	char				 handle[BASE_BASE64URL_LEN(
					    ACCOUNT_USER_HANDLE_LEN) + 1];
	const struct account_user	*user = settings_user(x);
	json_t				*ids = json_array(), *one, *text;
	json_t				*signals;
	size_t				 i;
	char				*dump;

	json_array_foreach(list, i, one)
		(void)json_array_append(ids, json_object_get(one,
		    "credential_id"));
	base_base64url_encode(user->user_handle, sizeof(user->user_handle),
	    handle);
	signals = json_pack("{s:s, s:s, s:o, s:s, s:s}",
	    "rpId", web_config(x)->rp_id,
	    "userId", handle,
	    "allAcceptedCredentialIds", ids,
	    "name", user->username,
	    "displayName", user->display_name);
	dump = json_dumps(signals, JSON_COMPACT);
	text = dump == NULL ? NULL : json_string(dump);
	json_decref(signals);
	free(dump);
	return (text);
}

static bool
fresh(struct web_exchange *x)
{
	return (web_now(x) - settings_session(x)->auth_time <=
	    ACCOUNT_SESSION_FRESH_SECONDS);
}

/* A card: chips and sentences, its form to rename, its way to remove. */
static void
card_complete(struct web_exchange *x, json_t *one)
{
	const char	*id = json_string_value(json_object_get(one, "id"));
	const char	*key;

	key = base_arena_format(web_arena(x), "security.kind.%s",
	    json_string_value(json_object_get(one, "kind")));
	(void)json_object_set_new(one, "kind_text",
	    json_string(web_page_text(x, key)));
	(void)json_object_set_new(one, "rename_url", settings_path(x,
	    PAGE "/passkeys/{passkey}/rename", id, NULL));
	(void)json_object_set_new(one, "remove_url", settings_path(x,
	    PAGE "/passkeys/{passkey}/remove", id, NULL));
	(void)json_object_set_new(one, "rename", settings_form(x,
	    "passkey_rename", one, id));
}

static const char *
words(struct web_exchange *x)
{
	char		*dump;
	const char	*text;
	json_t		*json;

	json = json_pack("{s:s, s:s, s:s, s:s, s:s}",
	    "busy", web_page_text(x, "add.busy"),
	    "done", web_page_text(x, "add.done"),
	    "network.title", web_page_text(x, "passkey.network.title"),
	    "network.text", web_page_text(x, "passkey.network.text"),
	    "try_again", web_page_text(x, "passkey.try_again"));
	dump = json_dumps(json, JSON_COMPACT);
	text = base_arena_format(web_arena(x), "%s", dump == NULL ? "{}" :
	    dump);
	json_decref(json);
	free(dump);
	return (text);
}

static void
list_view(struct web_exchange *x, json_t *model)
{
	json_t	*list = json_object_get(model, "passkeys"), *one;
	size_t	 i, count = json_array_size(list);

	(void)json_object_set_new(model, "signal", signal_model(x, list));
	(void)json_object_set_new(model, "add", !fresh(x) ? json_null() :
	    json_pack("{s:s, s:s, s:s}",
	    "csrf", web_csrf_token(x, "passkey"),
	    "words", words(x),
	    "host", web_config(x)->rp_id));
	(void)json_object_set_new(model, "confirm_url", fresh(x) ?
	    json_null() : web_url_query("/login", { "to", PAGE }));
	(void)json_object_set_new(model, "note", count > 1 ? json_null() :
	    web_page_note(x, "info", "dashboard.one_passkey", false));
	json_array_foreach(list, i, one)
		card_complete(x, one);
}

/* --- rename ---------------------------------------------------------------- */

static struct web_next
passkey_rename(struct web_exchange *x)
{
	return (web_ask(x, store_passkey_own_rename(web_arena(x),
	    settings_caller(x), settings_id(x, 0), settings_text(x, "name")),
	    renamed));
}

static struct web_next
renamed(struct web_exchange *x)
{
	enum store_status	status = store_verdict(web_result(x));

	if (status != STORE_OK)
		return (settings_verdict(x, status));

	return (settings_done(x, PAGE, "passkey_renamed", NULL));
}

/* --- remove ---------------------------------------------------------------- */

static struct web_next
passkey_remove_ask(struct web_exchange *x)
{
	return (web_ask(x, store_passkey_own_list(web_arena(x),
	    settings_caller(x)), remove_found));
}

static struct web_next
remove_found(struct web_exchange *x)
{
	char		 id[BASE_UUID_TEXT_LEN + 1];
	json_t		*list, *one, *found = NULL;
	size_t		 i;
	struct web_next	 refused, next;

	if ((list = passkeys_array(x, &refused)) == NULL)
		return (refused);

	base_uuid_format(settings_id(x, 0), id);
	json_array_foreach(list, i, one) {
		if (strcmp(json_string_value(json_object_get(one, "id")),
		    id) == 0)
			found = one;
	}

	next = found == NULL ? settings_problem(x, "not_found") :
	    settings_show(x, json_pack("{s:O, s:b}", "passkey", found,
	    "last", json_array_size(list) == 1));
	json_decref(list);
	return (next);
}

/* What happens then, and the form; the last one's has a field. */
static void
remove_view(struct web_exchange *x, json_t *model)
{
	const bool	 last = json_is_true(json_object_get(model, "last"));
	json_t		*one = json_object_get(model, "passkey");
	const char	*name = json_string_value(json_object_get(one,
			    "name"));
	json_t		*lines = json_array();

	if (json_is_true(json_object_get(one, "current")))
		(void)json_array_append_new(lines, json_string(
		    web_page_text(x, "security.remove.current")));
	(void)json_array_append_new(lines, json_string(web_page_text(x,
	    "security.remove.sessions")));
	(void)json_array_append_new(lines, json_string(web_page_text(x,
	    "security.remove.kept", { "name", name })));

	(void)json_object_set_new(model, "title", json_string(
	    web_page_text(x, "security.remove.title", { "name", name })));
	(void)json_object_set_new(model, "lines", lines);
	(void)json_object_set_new(model, "note", !last ? json_null() :
	    web_page_note(x, "warning", "security.remove.last", false));
	(void)json_object_set_new(model, "form", last ? settings_form(x,
	    "passkey_remove", NULL, NULL) : json_null());
	(void)json_object_set_new(model, "remove_url", settings_path(x,
	    PAGE "/passkeys/{passkey}/remove", json_string_value(
	    json_object_get(one, "id")), NULL));
}

static struct web_next
passkey_remove(struct web_exchange *x)
{
	return (web_ask(x, store_passkey_own_remove(web_arena(x),
	    settings_caller(x), settings_id(x, 0),
	    settings_text(x, "confirm")), removed));
}

static struct web_next
removed(struct web_exchange *x)
{
	enum store_status	status = store_verdict(web_result(x));

	if (status == STORE_REFUSED) {
		settings_wrong(x, "confirm", "confirm");
		return (settings_invalid(x));
	}
	if (status != STORE_OK)
		return (settings_verdict(x, status));

	return (settings_done(x, PAGE, "passkey_removed", NULL));
}
