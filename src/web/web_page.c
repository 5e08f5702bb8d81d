/*
 * Pages: the frame's own values, language and theme of the reader, errors,
 * and the two ways out of the site.
 */

#include "web/web_page.h"

#include <stdio.h>
#include <string.h>

#include "base/base_bytes.h"
#include "web/web_asset.h"
#include "web/web_asset_data.h"
#include "web/web_csrf.h"
#include "web/web_engine.h"
#include "web/web_template.h"

#define PAGE_MAX	(1024U * 1024U)
#define REFERENCE_LEN	8
#define RELOAD_SECONDS	"5"	/* of the page that says: right back */
#define HTML		"text/html; charset=utf-8"

/* When even the error page does not render. */
#define LAST_RESORT							\
	"<!doctype html><meta charset=\"utf-8\"><title>500</title>"	\
	"<h1>Something went wrong on our side</h1>"

static struct web_template_set	*templates;

/* --------------------------------------------------------------- loading */

static int
message_index(const char *key, size_t len)
{
	int	index = web_message_find(key, len);

	return (index >= 0 && web_message_plain(index) ? index : -1);
}

bool
web_page_load(const struct base_config *config)
{
	static const struct web_template_names	names = { message_index,
	    web_asset_path };
	char	error[WEB_TEMPLATE_ERROR_MAX + 1];

	(void)config;
	web_page_unload();
	if (!web_message_load(web_asset_data_languages,
	    web_asset_data_language_count, error)) {
		base_log(BASE_LOG_ERROR, "web", "messages broken",
		    base_log_text("error", error));
		return (false);
	}

	templates = web_template_set_new(web_asset_data_templates,
	    web_asset_data_template_count, &names, error);
	if (templates == NULL) {
		base_log(BASE_LOG_ERROR, "web", "templates broken",
		    base_log_text("error", error));
		return (false);
	}

	return (true);
}

void
web_page_unload(void)
{
	web_template_set_free(templates);
	templates = NULL;
	web_message_unload();
}

/* ---------------------------------------------------------- the reader's */

const struct web_language *
web_page_language(struct web_exchange *x)
{
	bool	repeated;

	if (x->language == NULL)
		x->language = web_message_choose(
		    base_bytes_slice(x->ui_locales),
		    web_cookie(x, WEB_PAGE_LANGUAGE_COOKIE),
		    web_header(x, "accept-language", &repeated));

	return (x->language);
}

void
web_page_locales(struct web_exchange *x, const char *ui_locales)
{
	x->ui_locales = base_arena_text(&x->arena, ui_locales,
	    strlen(ui_locales));
	x->language = NULL;
}

static json_t *
theme(struct web_exchange *x)
{
	struct base_slice	cookie = web_cookie(x, WEB_PAGE_THEME_COOKIE);

	if (base_bytes_is(cookie, "dark"))
		return (json_string("dark"));
	if (base_bytes_is(cookie, "light"))
		return (json_string("light"));

	return (json_null());
}

/* -------------------------------------------------------------- the frame */

/* For the foot of a page; null when there is no choice. */
static json_t *
languages_list(const struct web_language *current)
{
	size_t				 count;
	const struct web_language	*languages;
	json_t				*list = json_array();

	languages = web_message_languages(&count);
	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:b}",
		    "tag", languages[i].tag, "name", languages[i].name,
		    "current", &languages[i] == current));

	return (list);
}

static void
link_add(struct web_exchange *x, json_t *list, const char *url,
    const char *key)
{
	if (url[0] != '\0')
		(void)json_array_append_new(list, json_pack("{s:o, s:s}",
		    "url", web_url_external(url), "text",
		    web_page_text(x, key)));
}

/* Pages of the operator's own, as they are set. */
static json_t *
links_list(struct web_exchange *x)
{
	const struct base_config	*config = x->process->config;
	json_t				*list = json_array();

	link_add(x, list, config->help_url, "frame.help");
	link_add(x, list, config->privacy_url, "frame.privacy");
	link_add(x, list, config->contact_url, "frame.contact");
	return (list);
}

/*
 * The landing of a one-time link sends no Referer, so its form says where
 * it stands.
 */
static json_t *
way_back(struct web_exchange *x, enum web_class class)
{
	const struct base_slice	*path = &x->request->path;

	if (class != WEB_CLASS_LINK)
		return (json_null());

	return (json_stringn((const char *)path->data, path->len));
}

static json_t *
page_object(struct web_exchange *x, int status, enum web_class class,
    const char *title)
{
	char				 messages[64];
	const char			*key = "frame.page_title";
	const struct web_language	*language = web_page_language(x);

	if (status == 422)
		key = "frame.page_title_error";
	(void)snprintf(messages, sizeof(messages), "passkey.%s.json",
	    language->tag);

	return (json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:o, "
	    "s:o}", "lang", language->tag, "dir", language->rtl ? "rtl" : "ltr",
	    "theme", theme(x), "app_name", x->process->config->app_name,
	    "title", web_page_text(x, key, { "page", title },
	    { "name", x->process->config->app_name }),
	    "messages", web_asset_path(messages, strlen(messages)),
	    "csrf", web_csrf_token(x, "language"),
	    "return", way_back(x, class), "links", links_list(x),
	    "languages", languages_list(language)));
}

/* Render into the arena; NULL, logged, when the page is broken. */
static const char *
page_render(struct web_exchange *x, const char *name, json_t *model,
    size_t *len)
{
	char			 error[WEB_TEMPLATE_ERROR_MAX + 1];
	const char		*text = NULL;
	struct base_buffer	 out;

	base_buffer_init(&out, PAGE_MAX);
	if (!web_template_render(templates, name,
	    web_message_texts(web_page_language(x)), model, &out, error)) {
		base_log(BASE_LOG_ERROR, "web", "page broken",
		    base_log_text("error", error));
	} else if ((text = base_buffer_finish(&out)) == NULL) {
		base_log(BASE_LOG_ERROR, "web", "page too large",
		    base_log_text("name", name));
	} else {
		*len = out.len;
		text = base_arena_text(&x->arena, text, out.len);
	}

	base_buffer_clear(&out);
	return (text);
}

struct web_next
web_page(struct web_exchange *x, int status, enum web_class class,
    const char *name, json_t *model)
{
	const char	*text, *title;
	size_t		 len = 0;

	/* A model that could not be built has no title, and is an error. */
	model = web_exchange_keep(x, model == NULL ? json_object() : model);
	title = json_string_value(json_object_get(model, "title"));
	(void)json_object_set_new(model, "page", page_object(x, status, class,
	    title == NULL ? name : title));

	text = page_render(x, name, model, &len);
	if (text == NULL && strcmp(name, "error") != 0)
		return (web_page_error(x, 500, "internal"));
	if (text == NULL) {
		status = 500;
		text = LAST_RESORT;
		len = strlen(text);
	}

	web_reply_status(x, status, class);
	web_reply_body(x, HTML, text, len);
	return (web_answered(x));
}

/* ------------------------------------------------------------------ parts */

/* The text of a key made of two words; null when there is no such message. */
static json_t *
text_of(struct web_exchange *x, const char *key, const char *what)
{
	char	*whole = base_arena_format(&x->arena, "%s.%s", key, what);

	if (web_message_find(whole, strlen(whole)) < 0)
		return (json_null());

	return (json_string(web_page_text(x, whole)));
}

json_t *
web_page_note(struct web_exchange *x, const char *kind, const char *key,
    bool alert)
{
	return (json_pack("{s:s, s:o, s:o, s:b}", "kind", kind,
	    "title", text_of(x, key, "title"), "text", text_of(x, key, "text"),
	    "alert", alert));
}

json_t *
web_page_field(struct web_exchange *x, const struct web_page_field *field,
    const char *value, const char *error)
{
	return (json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:b, s:s?, "
	    "s:s?}", "name", field->name,
	    "label", web_page_text(x, field->label),
	    "type", field->type == NULL ? "text" : field->type,
	    "value", value == NULL ? "" : value,
	    "autocomplete", field->autocomplete == NULL ? "off" :
	    field->autocomplete, "maxlength", field->maxlength,
	    "required", field->required, "code", field->code,
	    "hint", field->hint == NULL ? NULL :
	    web_page_text(x, field->hint), "error", error));
}

/* ---------------------------------------------------------- whole pages */

static struct web_next
error_page(struct web_exchange *x, int status, json_t *title, json_t *lead)
{
	return (web_page(x, status, WEB_CLASS_PAGE, "error", json_pack(
	    "{s:o, s:o, s:i, s:o, s:b, s:b}", "title", title, "lead", lead,
	    "status", status,
	    "reference", json_stringn(x->id, REFERENCE_LEN),
	    "home", status != 503, "reload", status == 503)));
}

struct web_next
web_page_error(struct web_exchange *x, int status, const char *key)
{
	char	*name = base_arena_format(&x->arena, "error.%s", key);
	json_t	*title = text_of(x, name, "title");

	if (json_is_null(title)) {
		base_log(BASE_LOG_ERROR, "web", "error page unknown",
		    base_log_text("key", key));
		name = base_arena_format(&x->arena, "error.%s",
		    status < 500 ? "bad_request" : "internal");
		title = text_of(x, name, "title");
	}

	if (status == 503)
		web_reply_header(x, "refresh", RELOAD_SECONDS);

	return (error_page(x, status, title, text_of(x, name, "text")));
}

struct web_next
web_page_limited(struct web_exchange *x, int64_t seconds)
{
	const char	*text = base_arena_format(&x->arena, "%lld",
			    (long long)seconds);

	return (error_page(x, 429, text_of(x, "passkey.rate", "title"),
	    json_string(web_page_text(x, "passkey.rate.text",
	    { "seconds", text }))));
}

static json_t *
leaving_model(struct web_exchange *x, json_t *target)
{
	return (json_pack("{s:s, s:s, s:o}",
	    "title", web_page_text(x, "leaving.title"),
	    "lead", web_page_text(x, "leaving.lead"), "target", target));
}

struct web_next
web_page_leave(struct web_exchange *x, const char *uri)
{
	json_t	*target = web_url_redirect(uri);

	if (target == NULL)
		return (web_page_error(x, 500, "internal"));

	web_reply_header(x, "refresh", base_arena_format(&x->arena,
	    "0;url=%s", uri));
	return (web_page(x, 200, WEB_CLASS_PAGE, "leaving",
	    leaving_model(x, target)));
}

struct web_next
web_page_form_post(struct web_exchange *x, const char *uri, json_t *fields)
{
	json_t	*model, *target = web_url_redirect(uri);

	if (target == NULL) {
		json_decref(fields);
		return (web_page_error(x, 500, "internal"));
	}

	model = leaving_model(x, target);
	(void)json_object_set_new(model, "fields", fields);
	return (web_page(x, 200, WEB_CLASS_FORM_POST, "form_post", model));
}
