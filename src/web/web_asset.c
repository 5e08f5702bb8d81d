/*
 * Serving what is packed into the program, and the few small addresses that
 * belong to pages: the manifest and the choice of a language.
 */

#include "web/web_asset.h"

#include <string.h>

#include "base/base_bytes.h"
#include "web/web_accept.h"
#include "web/web_asset_data.h"
#include "web/web_csrf.h"
#include "web/web_input.h"
#include "web/web_page.h"

#define FIXED_CACHE	"public, max-age=86400"
#define LANGUAGE_SECONDS (400LL * 24 * 60 * 60)

static const char *const	codings[] = { "identity", "gzip", "br" };

/* ------------------------------------------------------------- the table */

static const struct web_asset *
asset_find(struct base_slice path)
{
	for (size_t i = 0; i < web_asset_data_file_count; i++) {
		if (base_bytes_is(path, web_asset_data_files[i].path))
			return (&web_asset_data_files[i]);
	}

	return (NULL);
}

const char *
web_asset_path(const char *name, size_t len)
{
	const struct base_slice	slice = { (const uint8_t *)name, len };

	for (size_t i = 0; i < web_asset_data_file_count; i++) {
		if (base_bytes_is(slice, web_asset_data_files[i].name))
			return (web_asset_data_files[i].path);
	}

	return (NULL);
}

enum web_asset_coding
web_asset_choose(const struct web_asset *asset,
    struct base_slice accept_encoding)
{
	unsigned int		weight, best_weight = 0;
	enum web_asset_coding	best = WEB_ASSET_PLAIN;

	for (int i = WEB_ASSET_BROTLI; i > WEB_ASSET_PLAIN; i--) {
		if (asset->body[i].len == 0)
			continue;
		weight = web_accept_weight(accept_encoding, codings[i]);
		if (weight > best_weight) {
			best = (enum web_asset_coding)i;
			best_weight = weight;
		}
	}

	return (best);
}

/* -------------------------------------------------------------- handlers */

static struct web_next
asset_get(struct web_exchange *x)
{
	bool			 repeated;
	const struct web_asset	*asset;
	enum web_asset_coding	 coding;

	if ((asset = asset_find(web_request(x)->path)) == NULL)
		return (web_error(x, 404, "not_found"));

	web_reply_status(x, 200, WEB_CLASS_ASSET);
	web_reply_header(x, "vary", "accept-encoding");
	if (!asset->hashed) {
		web_reply_header(x, "etag", asset->etag);
		web_reply_header(x, "cache-control", FIXED_CACHE);
	}
	if (base_bytes_is(web_header(x, "if-none-match", &repeated), asset->etag)) {
		web_reply_status(x, 304, WEB_CLASS_ASSET);
		return (web_answered(x));
	}

	coding = web_asset_choose(asset, web_header(x, "accept-encoding",
	    &repeated));
	if (coding != WEB_ASSET_PLAIN)
		web_reply_header(x, "content-encoding", codings[coding]);
	web_reply_body(x, asset->type, asset->body[coding].data,
	    asset->body[coding].len);
	return (web_answered(x));
}

static json_t *
manifest_icon(const char *name, const char *sizes, const char *purpose)
{
	return (json_pack("{s:s, s:s, s:s, s:s}", "src", name, "sizes", sizes,
	    "type", "image/png", "purpose", purpose));
}

/* What a browser needs to keep the site on a home screen.  The address bar
 * stays: it is where people learn whose page this is. */
static struct web_next
manifest_get(struct web_exchange *x)
{
	const char			*name = web_config(x)->app_name;
	const struct web_language	*language = web_page_language(x);
	struct web_next			 next;

	next = web_json(x, 200, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, "
	    "s:s, s:s, s:[o, o, o]}", "name", name, "short_name", name,
	    "start_url", "/", "display", "minimal-ui", "lang", language->tag,
	    "dir", language->rtl ? "rtl" : "ltr", "theme_color", "#f6f7f9",
	    "background_color", "#f6f7f9", "icons",
	    manifest_icon("/icon-192.png", "192x192", "any"),
	    manifest_icon("/icon-512.png", "512x512", "any"),
	    manifest_icon("/icon-maskable-512.png", "512x512", "maskable")));
	web_reply_status(x, 200, WEB_CLASS_ASSET);
	web_reply_header(x, "cache-control", "private, max-age=3600");
	return (next);
}

/* Where a person was: the form's field, else the Referer; always ours. */
static const char *
way_back(struct web_exchange *x, const struct web_form *form)
{
	bool				 repeated;
	const char			*back = "/", *origin;
	json_t				*checked;
	struct base_slice		 referer;
	const struct web_form_field	*field;

	origin = web_config(x)->app_url;
	referer = web_header(x, "referer", &repeated);
	if ((field = web_form_find(form, "return")) != NULL)
		back = field->value;
	else if (!repeated && referer.len > strlen(origin) &&
	    base_bytes_begin(referer, origin))
		back = base_arena_text(web_arena(x), referer.data +
		    strlen(origin), referer.len - strlen(origin));

	if ((checked = web_url_path(back)) == NULL)
		return ("/");

	json_decref(checked);
	return (back);
}

/* POST /language: remember a choice of the foot of each page. */
static struct web_next
language_post(struct web_exchange *x)
{
	size_t				 count;
	struct web_form			 form;
	const struct web_form_field	*csrf, *wish;
	const struct web_language	*languages;

	if (web_input_form(x, &form) != WEB_FORM_OK)
		return (web_error(x, 400, "bad_request"));

	csrf = web_form_find(&form, WEB_CSRF_FIELD);
	if (!web_csrf_valid(x, "language", csrf == NULL ? NULL : csrf->value))
		return (web_error(x, 403, "bad_form"));

	wish = web_form_find(&form, "language");
	languages = web_message_languages(&count);
	for (size_t i = 0; wish != NULL && !wish->repeated && i < count;
	    i++) {
		if (strcmp(languages[i].tag, wish->value) != 0)
			continue;
		web_reply_cookie(x, WEB_PAGE_LANGUAGE_COOKIE, languages[i].tag,
		    LANGUAGE_SECONDS);
		return (web_redirect(x, way_back(x, &form)));
	}

	return (web_error(x, 400, "bad_request"));
}

/* ----------------------------------------------------------------- routes */

const struct web_route	web_asset_routes[WEB_ASSET_ROUTES] = {
	{ WEB_GET, "/assets/*", WEB_BODY_NONE, asset_get },
	{ WEB_GET, "/apple-touch-icon.png", WEB_BODY_NONE, asset_get },
	{ WEB_GET, "/favicon.ico", WEB_BODY_NONE, asset_get },
	{ WEB_GET, "/favicon.svg", WEB_BODY_NONE, asset_get },
	{ WEB_GET, "/icon-192.png", WEB_BODY_NONE, asset_get },
	{ WEB_GET, "/icon-512.png", WEB_BODY_NONE, asset_get },
	{ WEB_GET, "/icon-maskable-512.png", WEB_BODY_NONE, asset_get },
	{ WEB_GET, "/robots.txt", WEB_BODY_NONE, asset_get },
	{ WEB_GET, "/manifest.webmanifest", WEB_BODY_NONE, manifest_get },
	{ WEB_POST, "/language", WEB_BODY_FORM, language_post },
};
