/*
 * Pages of ours: a template over a model, inside the frame.
 *
 * A model is one object.  It always has "title" (text, already in the
 * reader's language: web_page_text), names everything its template names, and
 * says null for what it does not have.  web_page() (web.h) adds "page": lang,
 * dir, theme, title, app_name, languages, ... (docs/pages.md).
 */
#ifndef PERMISO_WEB_PAGE_H
#define PERMISO_WEB_PAGE_H

#include "web/web.h"
#include "web/web_html.h"
#include "web/web_message.h"
#include "web/web_url.h"

/*
 * Load templates, messages and assets; once in a process, at its start.
 * False, logged, when one of them is broken.
 */
bool	web_page_load(const struct base_config *config);
void	web_page_unload(void);

#define WEB_PAGE_LANGUAGE_COOKIE	"language"
#define WEB_PAGE_THEME_COOKIE		"theme"	/* "light" or "dark" */

/* The reader's language. */
const struct web_language	*web_page_language(struct web_exchange *x);
/* The app asked for these (ui_locales): they come first from now on. */
void	web_page_locales(struct web_exchange *x, const char *ui_locales);

/*
 * web_page_text(x, "login.title_app", { "app", client->name }): text for a
 * model.  Without arguments: web_page_text(x, "login.title").
 */
#define web_page_text(x, key, ...) \
	web_message_format(web_arena(x), web_page_language(x), (key), \
	    (const struct web_message_argument[]){ __VA_ARGS__ __VA_OPT__(,) \
	    { NULL, NULL } })
/* The same with <b> tags kept, for {{{name}}}. */
#define web_page_html(x, key, ...) \
	web_html_format(web_page_language(x), (key), \
	    (const struct web_message_argument[]){ __VA_ARGS__ __VA_OPT__(,) \
	    { NULL, NULL } })

/*
 * A note for part "note": the messages KEY.title and KEY.text (which may be
 * missing).  "kind" is info, success, warning or danger; an alert is read out
 * and takes the focus.
 */
json_t	*web_page_note(struct web_exchange *x, const char *kind,
	    const char *key, bool alert);

/* A field for part "field"; its words are messages, looked up here. */
struct web_page_field {
	const char	*name;
	const char	*label;		/* key */
	const char	*hint;		/* key; NULL: none */
	const char	*type;		/* NULL: "text" */
	const char	*autocomplete;	/* NULL: "off" */
	int		 maxlength;
	bool		 required;
	bool		 code;		/* large and spaced */
};

/* "value": as typed, NULL: empty.  "error": text, NULL: none. */
json_t	*web_page_field(struct web_exchange *x,
	    const struct web_page_field *field, const char *value,
	    const char *error);

/*
 * Leave the site after a POST: 200 with Refresh and a link that shows after
 * 4 s (docs/decisions/leaving.md).  "uri" is a registered redirect URI with
 * its parameters.
 */
struct web_next	web_page_leave(struct web_exchange *x, const char *uri);

/*
 * Answer an app by a form that submits itself (OAuth 2.0 Form Post Response
 * Mode).  "fields" is a list of {"name": text, "value": text}, consumed.
 */
struct web_next	web_page_form_post(struct web_exchange *x, const char *uri,
		    json_t *fields);

/* 429: too many attempts, and how long to wait. */
struct web_next	web_page_limited(struct web_exchange *x, int64_t seconds);

#endif /* !PERMISO_WEB_PAGE_H */
