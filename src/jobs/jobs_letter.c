/*
 * Mails as people read them.  One layout, a table of kinds, the words in the
 * messages: a new kind is a row here and four messages.
 */

#include "jobs/jobs_letter.h"

#include <string.h>
#include <time.h>

#include "base/base_buffer.h"
#include "base/base_log.h"
#include "base/base_utf8.h"
#include "web/web_asset_data.h"
#include "web/web_html.h"
#include "web/web_message.h"
#include "web/web_template.h"
#include "web/web_url.h"

#define LETTER_MAX	(64U * 1024U)
#define TEMPLATES_MOST	32
#define PREFIX		"mail/"

static struct web_template_set	*templates;

/* A mail under way: what its words are made of. */
struct writing {
	struct base_arena		*arena;
	const struct base_config	*config;
	const struct store_outbox_item	*item;
	const struct web_language	*language;
	json_t				*detail;
	const char			*link;		/* NULL: none */
	const char			*until;		/* of the link */
	const char			*at;		/* when it happened */
	const char			*subject;
};

struct kind {
	const char	*name;
	bool		 link;		/* has a button */
	bool		 facts;		/* browser, address, time */
};

static const struct kind	kinds[] = {
	{ "login_link",		true,	false },
	{ "login_link_used",	false,	true },
	{ "new_device",		false,	true },
	{ "passkey_added",	false,	true },
	{ "passkey_removed",	false,	true },
	{ "test",		false,	false },
};

/* --------------------------------------------------------------- loading */

static int
message_index(const char *key, size_t len)
{
	int	index = web_message_find(key, len);

	return (index >= 0 && web_message_plain(index) ? index : -1);
}

static bool
broken(const char *what, const char *error)
{
	base_log(BASE_LOG_ERROR, "mail", what, base_log_text("error", error));

	return (false);
}

bool
jobs_letter_load(void)
{
	static const struct web_template_names	names = { message_index,
	    NULL };
	static struct web_template_source	ours[TEMPLATES_MOST];
	const struct web_template_source	*source;
	char	error[WEB_TEMPLATE_ERROR_MAX + 1];
	size_t	count = 0;

	jobs_letter_unload();
	if (!web_message_load(web_asset_data_languages,
	    web_asset_data_language_count, error))
		return (broken("messages broken", error));

	for (size_t i = 0; i < web_asset_data_template_count; i++) {
		source = &web_asset_data_templates[i];
		if (strncmp(source->name, PREFIX, strlen(PREFIX)) == 0 &&
		    count < TEMPLATES_MOST)
			ours[count++] = *source;
	}
	if ((templates = web_template_set_new(ours, count, &names, error)) ==
	    NULL)
		return (broken("templates broken", error));

	return (true);
}

void
jobs_letter_unload(void)
{
	web_template_set_free(templates);
	templates = NULL;
	web_message_unload();
}

/* ----------------------------------------------------------------- words */

#define say(w, key, ...)						\
	web_message_format((w)->arena, (w)->language, (key),		\
	    (const struct web_message_argument[]){ __VA_ARGS__		\
	    __VA_OPT__(,) { NULL, NULL } })

/* "mail.KIND.WHAT" with every argument that such a message may take. */
static const char *
say_kind(struct writing *w, const char *what)
{
	const char	*device;

	device = json_string_value(json_object_get(w->detail, "device"));
	if (device == NULL)
		device = say(w, "mail.device_unknown");

	return (say(w, base_arena_format(w->arena, "mail.%s.%s",
	    w->item->kind, what), { "app", w->config->app_name },
	    { "device", device }, { "until", w->until }));
}

static const char *
moment(struct base_arena *arena, int64_t seconds)
{
	char		text[32] = "";
	time_t		when = (time_t)seconds;
	struct tm	tm;

	if (gmtime_r(&when, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm);

	return (base_arena_text(arena, text, strlen(text)));
}

/*
 * Mail programs make links of what looks like one.  A name that a person
 * chose must not become one: an invisible non-joiner behind each dot, colon,
 * slash and at-sign takes its looks away.
 */
static json_t *
unlinked(struct writing *w, const char *text)
{
	struct base_buffer	 out;
	json_t			*value;
	char			*whole;

	base_buffer_init(&out, 4 * BASE_CONFIG_TEXT_MAX);
	for (; *text != '\0'; text++) {
		base_buffer_append(&out, text, 1);
		if (strchr(".:/@", *text) != NULL)
			base_buffer_text(&out, "\u200c");
	}
	whole = base_buffer_finish(&out);
	value = whole == NULL ? NULL :
	    json_string(base_arena_text(w->arena, whole, out.len));
	base_buffer_clear(&out);

	return (value);
}

/* A text that holds what a person chose, for one of the two forms. */
static json_t *
chosen(struct writing *w, const char *text, bool html)
{
	return (html ? unlinked(w, text) : json_string(text));
}

static void
fact(struct writing *w, json_t *list, const char *key, const char *value,
    bool html)
{
	if (value != NULL)
		(void)json_array_append_new(list, json_pack("{s:s, s:o}",
		    "name", say(w, key), "value", chosen(w, value, html)));
}

static const char *
detail(const struct writing *w, const char *name)
{
	return (json_string_value(json_object_get(w->detail, name)));
}

static json_t *
facts(struct writing *w, const struct kind *kind, bool html)
{
	json_t	*list = json_array();

	if (!kind->facts)
		return (list);
	fact(w, list, "mail.passkey", detail(w, "name"), html);
	fact(w, list, "mail.device", detail(w, "device"), html);
	fact(w, list, "mail.address", detail(w, "address"), html);
	fact(w, list, "mail.time", w->at, false);

	return (list);
}

static json_t *
action(struct writing *w)
{
	if (w->link == NULL)
		return (json_null());

	return (json_pack("{s:s, s:o, s:s}", "label", say_kind(w, "action"),
	    "href", web_url_external(w->link), "address", w->link));
}

static json_t *
greeting(struct writing *w, bool html)
{
	if (w->item->name[0] == '\0')
		return (json_string(say(w, "mail.greeting_nobody")));

	return (chosen(w, say(w, "mail.greeting", { "name", w->item->name }),
	    html));
}

static json_t *
model(struct writing *w, const struct kind *kind, bool html)
{
	return (json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:o}",
	    "app", w->config->app_name, "title", w->subject,
	    "greeting", greeting(w, html), "text", say_kind(w, "text"),
	    "note", say_kind(w, "note"), "foot", say(w, "mail.foot",
	    { "app", w->config->app_name }, { "url", w->config->app_url }),
	    "action", action(w), "facts", facts(w, kind, html)));
}

/* ------------------------------------------------------------- rendering */

static bool
render(struct writing *w, const char *name, json_t *object,
    struct base_buffer *out)
{
	char	error[WEB_TEMPLATE_ERROR_MAX + 1] = "no model";
	bool	good;

	good = object != NULL && web_template_render(templates, name,
	    web_message_texts(w->language), object, out, error);
	json_decref(object);

	return (good || broken("mail broken", error));
}

/* Out of the buffer, which is wiped, into the arena, which will be. */
static const char *
kept(struct writing *w, struct base_buffer *out, bool good)
{
	char	*text = good ? base_buffer_finish(out) : NULL;

	if (text != NULL)
		text = base_arena_text(w->arena, text, out->len);
	base_buffer_clear(out);

	return (text);
}

/* A style sheet of its own, in its head: templates have none, and a mail may
 * fetch none. */
static const char *
html(struct writing *w, const struct kind *kind)
{
	struct base_buffer	out;
	bool			good;

	base_buffer_init(&out, LETTER_MAX);
	base_buffer_format(&out, "<!doctype html>\n<html lang=\"%s\" "
	    "dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
	    "name=\"viewport\" content=\"width=device-width\">\n<meta "
	    "name=\"color-scheme\" content=\"light dark\">\n<title>",
	    w->language->tag, w->language->rtl ? "rtl" : "ltr");
	web_html_escape(&out, w->subject, strlen(w->subject));
	base_buffer_text(&out, "</title>\n<style>\n");
	good = render(w, "mail/style.txt", json_object(), &out);
	base_buffer_text(&out, "</style>\n</head>\n<body>\n");
	good = good && render(w, "mail/notice", model(w, kind, true), &out);
	base_buffer_text(&out, "</body>\n</html>\n");

	return (kept(w, &out, good));
}

static const char *
text(struct writing *w, const struct kind *kind)
{
	struct base_buffer	out;
	bool			good;

	base_buffer_init(&out, LETTER_MAX);
	good = render(w, "mail/notice.txt", model(w, kind, false), &out);

	return (kept(w, &out, good));
}

static const struct kind *
kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return (&kinds[i]);
	}

	return (NULL);
}

bool
jobs_letter_write(struct base_arena *arena, const struct base_config *config,
    const struct store_outbox_item *item, const char *code,
    struct jobs_letter *out)
{
	const struct base_slice	 none = base_bytes_slice("");
	const struct kind	*kind = kind_find(item->kind);
	struct writing		 w = { .arena = arena, .config = config,
				    .item = item };

	if (kind == NULL || kind->link != (code != NULL))
		return (broken("unknown kind of mail", item->kind));
	w.language = web_message_choose(base_bytes_slice(item->locale), none,
	    none);
	w.detail = json_loadb(item->detail, strlen(item->detail),
	    JSON_REJECT_DUPLICATES, NULL);
	w.at = moment(arena, item->created_at);
	w.until = moment(arena, item->link_until);
	if (code != NULL)
		w.link = base_arena_format(arena, "%s/lc/%s",
		    config->app_url, code);
	w.subject = say_kind(&w, "subject");
	out->subject = w.subject;
	out->text = text(&w, kind);
	out->html = html(&w, kind);
	json_decref(w.detail);

	return (out->text != NULL && out->html != NULL);
}
