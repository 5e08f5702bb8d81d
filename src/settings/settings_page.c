/*
 * Pages of the settings: what stands around the operation's own template.
 *
 * "frame" in the model: the side list with the present page marked, who is
 * signed in, the notice of the change before, the token of all forms here.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "settings/settings_frame.h"
#include "web/web_csrf.h"
#include "web/web_page.h"

#define NOTICE_COOKIE	"notice"
#define NOTICE_SECONDS	60
#define NOTICE_MAX	64

/* The side list.  A group's name stands before its first page. */
static const struct entry {
	const char	*path;
	const char	*label;		/* message key */
	const char	*group;		/* message key; NULL: the one before */
	bool		 administrator;
} entries[] = {
	{ "/settings/account", "nav.profile", "nav.account", false },
	{ "/settings/account/security", "nav.security", NULL, false },
	{ "/settings/account/sessions", "nav.sessions", NULL, false },
	{ "/settings/account/api-keys", "nav.api_keys", NULL, false },
	{ "/settings/apps", "nav.apps", "nav.activity", false },
	{ "/settings/audit-log", "nav.audit_log", NULL, false },
	{ "/settings/audit-log/all", "nav.all_users", NULL, true },
	{ "/settings/admin", "nav.overview", "nav.administration", true },
	{ "/settings/admin/users", "nav.users", NULL, true },
	{ "/settings/admin/user-groups", "nav.user_groups", NULL, true },
	{ "/settings/admin/oidc-clients", "nav.oidc_clients", NULL, true },
	{ "/settings/admin/api-keys", "nav.api_keys", NULL, true },
	{ "/settings/admin/application-configuration", "nav.configuration",
	    NULL, true },
};
#define ENTRIES	(sizeof(entries) / sizeof(entries[0]))

/* --- the side list --------------------------------------------------------- */

/* Is there such a page yet? */
static bool
page_exists(const char *path)
{
	const struct settings_operation	*op;

	for (size_t i = 0; (op = settings_operation(i)) != NULL; i++) {
		if (op->method == WEB_GET && op->page != NULL &&
		    strcmp(op->page, path) == 0)
			return (true);
	}

	return (false);
}

/* The entry whose path is the longest beginning of "page". */
static const struct entry *
current_entry(const char *page)
{
	const struct entry	*best = NULL;
	size_t			 len, longest = 0;

	for (size_t i = 0; i < ENTRIES; i++) {
		len = strlen(entries[i].path);
		if (strncmp(page, entries[i].path, len) != 0 ||
		    (page[len] != '\0' && page[len] != '/') ||
		    len <= longest || !page_exists(entries[i].path))
			continue;
		best = &entries[i];
		longest = len;
	}

	return (best);
}

static json_t *
group_new(struct web_exchange *x, json_t *groups, const char *label)
{
	json_t	*items = json_array();

	(void)json_array_append_new(groups, json_pack("{s:s, s:o}", "name",
	    web_page_text(x, label), "items", items));
	return (items);
}

static json_t *
nav_model(struct web_exchange *x)
{
	const struct settings_frame	*frame = settings_frame(x);
	const struct entry		*current, *entry;
	const char			*group = NULL;
	json_t				*groups = json_array(), *items = NULL;

	current = current_entry(frame->op->page);
	for (size_t i = 0; i < ENTRIES; i++) {
		entry = &entries[i];
		if (entry->group != NULL)
			group = entry->group;
		if ((entry->administrator && !frame->user.administrator) ||
		    !page_exists(entry->path))
			continue;
		if (group != NULL)
			items = group_new(x, groups, group);
		group = NULL;
		(void)json_array_append_new(items, json_pack(
		    "{s:o, s:s, s:b}", "url", web_url_path(entry->path),
		    "label", web_page_text(x, entry->label),
		    "current", entry == current));
	}

	return (groups);
}

/* --- the notice ------------------------------------------------------------ */

/* "notice" becomes "notice.NOTICE"; a word that is no message of ours, which
 * only a broken browser would send, says nothing. */
static json_t *
notice_model(struct web_exchange *x)
{
	struct base_slice	 cookie = web_cookie(x, NOTICE_COOKIE);
	char			*key;

	if (cookie.len == 0)
		return (json_null());

	web_reply_cookie(x, NOTICE_COOKIE, "", 0);
	key = base_arena_format(web_arena(x), "notice.%.*s",
	    cookie.len > NOTICE_MAX ? 0 : (int)cookie.len,
	    (const char *)cookie.data);
	if (web_message_find(key, strlen(key)) < 0)
		return (json_null());

	return (json_string(web_page_text(x, key)));
}

struct web_next
settings_page_go(struct web_exchange *x, const char *path,
    const char *notice)
{
	if (notice != NULL)
		web_reply_cookie(x, NOTICE_COOKIE, notice, NOTICE_SECONDS);

	return (web_redirect(x, path));
}

/* --- the page -------------------------------------------------------------- */

/* "2026-05-03T10:11:00Z" as a <time>. */
static json_t *
time_value(const char *text)
{
	struct tm	 tm = { 0 };
	const char	*end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	if (end == NULL || *end != '\0')
		return (NULL);

	return (web_html_time(timegm(&tm)));
}

static bool
name_of_time(const char *name)
{
	size_t	len = strlen(name);

	return (len > 3 && strcmp(name + len - 3, "_at") == 0);
}

/* Every "..._at" of the answer, however deep, becomes a <time>. */
static void
times_set(json_t *value)
{
	const char	*name;
	json_t		*member, *time;
	size_t		 i;
	void		*next;

	if (json_is_array(value)) {
		json_array_foreach(value, i, member)
			times_set(member);
		return;
	}

	json_object_foreach_safe(value, next, name, member) {
		if (!json_is_string(member))
			times_set(member);
		else if (name_of_time(name) && (time = time_value(
		    json_string_value(member))) != NULL)
			(void)json_object_set_new(value, name, time);
	}
}

/* The first character of a name, which is valid UTF-8. */
static json_t *
initial(const char *name)
{
	size_t	len = name[0] == '\0' ? 0 : 1;

	while (len > 0 && (name[len] & 0xc0) == 0x80)
		len++;

	return (json_stringn(name, len));
}

static json_t *
frame_model(struct web_exchange *x)
{
	const struct account_user	*user = settings_user(x);

	return (json_pack("{s:o, s:o, s:s, s:s, s:o, s:s, s:s}",
	    "nav", nav_model(x),
	    "notice", notice_model(x),
	    "csrf", web_csrf_token(x, "settings"),
	    "csrf_logout", web_csrf_token(x, "logout"),
	    "initial", initial(user->display_name),
	    "name", user->display_name,
	    "detail", user->email[0] != '\0' ? user->email :
	    user->username));
}

struct web_next
settings_page(struct web_exchange *x, json_t *object)
{
	const struct settings_frame	*frame = settings_frame(x);
	const struct settings_operation	*op = frame->op;

	times_set(object);
	if (!json_object_get(object, "title"))
		(void)json_object_set_new(object, "title", json_string(
		    web_page_text(x, op->title)));
	if (op->view != NULL)
		op->view(x, object);
	(void)json_object_set_new(object, "frame", frame_model(x));
	return (web_page(x, frame->failed != NULL ? 422 : 200,
	    WEB_CLASS_PAGE, op->template, object));
}
