/*
 * Pages and packed files as they leave: the real templates, messages and
 * assets, through the engine.  That this loads at all is the lint of every
 * template (web_template.h) and of every language.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "support/fake_keys.h"
#include "support/fake_runner.h"
#include "support/fake_signer.h"
#include "web/web_asset.h"
#include "web/web_asset_data.h"
#include "web/web_csrf.h"
#include "web/web_exchange.h"
#include "web/web_page.h"
#include "web/web_router.h"

static struct base_config	 config;
static struct web_process	*process;
static const char		*redirect_uri;

/* --------------------------------------------------------------- handlers */

static struct web_next
error_get(struct web_exchange *x)
{
	return (web_page_error(x, 410, "gone"));
}

static struct web_next
unknown_get(struct web_exchange *x)
{
	return (web_page_error(x, 400, "no_such_key"));
}

static struct web_next
broken_get(struct web_exchange *x)
{
	return (web_page(x, 200, WEB_CLASS_PAGE, "leaving",
	    json_pack("{s:s, s:s}", "title", "T", "lead", "L")));
}

static struct web_next
null_get(struct web_exchange *x)
{
	return (web_page(x, 200, WEB_CLASS_PAGE, "leaving", NULL));
}

static struct web_next
leave_get(struct web_exchange *x)
{
	return (web_page_leave(x, redirect_uri));
}

static struct web_next
post_get(struct web_exchange *x)
{
	return (web_page_form_post(x, redirect_uri, json_pack(
	    "[{s:s, s:s}, {s:s, s:s}]", "name", "code", "value", "a\"b",
	    "name", "submit", "value", "<c>")));
}

static struct web_next
locales_get(struct web_exchange *x)
{
	web_page_locales(x, "xx de");
	return (web_page_error(x, 404, "not_found"));
}

static struct web_next
token_get(struct web_exchange *x)
{
	return (web_json(x, 200, json_pack("{s:s}", "token",
	    web_csrf_token(x, "language"))));
}

static const struct web_route	routes[] = {
	{ WEB_GET, "/error", WEB_BODY_NONE, error_get },
	{ WEB_GET, "/unknown", WEB_BODY_NONE, unknown_get },
	{ WEB_GET, "/broken", WEB_BODY_NONE, broken_get },
	{ WEB_GET, "/null", WEB_BODY_NONE, null_get },
	{ WEB_GET, "/leave", WEB_BODY_NONE, leave_get },
	{ WEB_GET, "/post", WEB_BODY_NONE, post_get },
	{ WEB_GET, "/locales", WEB_BODY_NONE, locales_get },
	{ WEB_GET, "/token", WEB_BODY_NONE, token_get },
};

const struct web_routes	web_router_tables[] = {
	{ routes, sizeof(routes) / sizeof(routes[0]) },
	{ web_asset_routes, WEB_ASSET_ROUTES },
	{ NULL, 0 }
};

/* ----------------------------------------------------------------- visits */

struct visit {
	struct web_request	 request;
	struct web_exchange	*x;
	int			 status;
	char			 headers[4096];
	char			 body[16384];
	uint8_t			 raw[16384];
	char			 cookie[256];
	size_t			 len;
};

static void
visit_replied(void *owner, const struct web_reply *reply)
{
	struct visit	*v = owner;
	size_t		 used = 0;

	v->status = reply->status;
	v->len = reply->body_len;
	assert_true(v->len <= sizeof(v->raw));
	if (v->len > 0)
		memcpy(v->raw, reply->body, v->len);
	(void)snprintf(v->body, sizeof(v->body), "%.*s", (int)reply->body_len,
	    reply->body == NULL ? "" : (const char *)reply->body);
	for (size_t i = 0; i < reply->header_count; i++) {
		used += (size_t)snprintf(v->headers + used,
		    sizeof(v->headers) - used, "%s: %s\n",
		    reply->headers[i].name, reply->headers[i].value);
		if (strcmp(reply->headers[i].name, "set-cookie") == 0)
			(void)snprintf(v->cookie, sizeof(v->cookie), "%.*s",
			    (int)strcspn(reply->headers[i].value, ";"),
			    reply->headers[i].value);
	}
}

static void
visit_header(struct visit *v, const char *name, const char *value)
{
	struct web_header	*header;

	header = &v->request.headers[v->request.header_count++];
	header->name = base_bytes_slice(name);
	header->value = base_bytes_slice(value);
}

static void
visit_go(struct visit *v, enum web_method method, const char *path)
{
	v->request.method = method;
	v->request.path = base_bytes_slice(path);
	v->x = web_exchange_start(process, &v->request, visit_replied, v);
}

static void
visit_end(struct visit *v)
{
	web_exchange_free(v->x);
	memset(v, 0, sizeof(*v));
}

/* Fails, with all of it, when "text" is not in "whole". */
static void
expect(const char *whole, const char *text)
{
	if (strstr(whole, text) == NULL)
		fail_msg("\"%s\" is not in:\n%s", text, whole);
}

/* ------------------------------------------------------------------ pages */

static void
test_web_page_error(void **state)
{
	struct visit	v = { 0 };

	(void)state;
	visit_go(&v, WEB_GET, "/error");
	assert_int_equal(v.status, 410);
	expect(v.body, "<html lang=\"en\" dir=\"ltr\">");
	expect(v.body, "<title>This link no longer works \xe2\x80\x93 "
	    "R&amp;D</title>");
	expect(v.body, "<h1>This link no longer works</h1>");
	expect(v.body, "Error 410");
	expect(v.body, "<a href=\"https://help.example.org/?a&amp;b\">Help</a>");
	assert_null(strstr(v.body, ">Contact<"));
	expect(v.body, "href=\"/assets/app.");
	expect(v.headers, "content-type: text/html; charset=utf-8\n");
	expect(v.headers, "cache-control: no-store\n");
	expect(v.headers, "form-action 'self'");
	visit_end(&v);

	visit_go(&v, WEB_GET, "/unknown");
	assert_int_equal(v.status, 400);
	expect(v.body, "This request can't be used");
	visit_end(&v);
}

/* What a browser that takes gzip gets is the same page, shorter; the answer
 * to an app, which holds a code, is never compressed. */
static void
test_web_page_gzip(void **state)
{
	static const struct {
		const char	*path;
		const char	*accept;
		bool		 packed;
	} rows[] = {
		{ "/error", "gzip, deflate, br", true },
		{ "/error", "*", true },
		{ "/error", "br", false },
		{ "/error", "gzip;q=0", false },
		{ "/error", "gzip;q=x", false },
		{ "/error", "", false },
		{ "/token", "gzip", false },
		{ "/post", "gzip", false },
	};
	char		plain[16384];
	struct visit	v = { 0 };
	z_stream	z = { 0 };

	(void)state;
	redirect_uri = "https://app.example.org/cb";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		visit_header(&v, "accept-encoding", rows[i].accept);
		visit_go(&v, WEB_GET, rows[i].path);
		if ((strstr(v.headers, "content-encoding: gzip\n") != NULL) !=
		    rows[i].packed)
			fail_msg("%s %s", rows[i].path, rows[i].accept);
		visit_end(&v);
	}

	visit_header(&v, "accept-encoding", "gzip");
	visit_go(&v, WEB_GET, "/error");
	expect(v.headers, "vary: accept-encoding\n");
	assert_int_equal(inflateInit2(&z, 31), Z_OK);
	z.next_in = v.raw;
	z.avail_in = (uInt)v.len;
	z.next_out = (Bytef *)plain;
	z.avail_out = sizeof(plain) - 1;
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	plain[z.total_out] = '\0';
	assert_true(z.total_out > 1024 && z.total_out > v.len);
	expect(plain, "<h1>This link no longer works</h1>");
	(void)inflateEnd(&z);
	visit_end(&v);
}

/* A page that lacks a value is an error page, never half a page. */
static void
test_web_page_broken(void **state)
{
	struct visit	v = { 0 };

	(void)state;
	visit_go(&v, WEB_GET, "/broken");
	assert_int_equal(v.status, 500);
	expect(v.body, "Something went wrong on our side");
	visit_end(&v);

	visit_go(&v, WEB_GET, "/null");
	assert_int_equal(v.status, 500);
	visit_end(&v);
}

static void
test_web_page_language(void **state)
{
	struct visit	v = { 0 };

	(void)state;
	visit_header(&v, "accept-language", "de-AT, en;q=0.5");
	visit_go(&v, WEB_GET, "/error");
	expect(v.body, "<html lang=\"de\" dir=\"ltr\">");
	expect(v.body, "value=\"de\" lang=\"de\" aria-current=\"true\"");
	visit_end(&v);

	visit_header(&v, "accept-language", "de");
	visit_header(&v, "cookie", "__Host-language=en; __Host-theme=dark");
	visit_go(&v, WEB_GET, "/error");
	expect(v.body, "<html lang=\"en\" dir=\"ltr\" data-theme=\"dark\">");
	visit_end(&v);

	visit_header(&v, "cookie", "__Host-language=en; __Host-theme=\"><b>");
	visit_go(&v, WEB_GET, "/locales");
	expect(v.body, "<html lang=\"de\" dir=\"ltr\">");
	visit_end(&v);
}

static void
test_web_page_leaving(void **state)
{
	struct visit	v = { 0 };

	(void)state;
	redirect_uri = "https://app.example.org/cb?code=a&state=b";
	visit_go(&v, WEB_GET, "/leave");
	assert_int_equal(v.status, 200);
	expect(v.headers, "refresh: 0;url=https://app.example.org/cb?code=a"
	    "&state=b\n");
	expect(v.body, "href=\"https://app.example.org/cb?code=a&amp;state=b\"");
	visit_end(&v);

	visit_go(&v, WEB_GET, "/post");
	assert_int_equal(v.status, 200);
	expect(v.body, "action=\"https://app.example.org/cb?code=a&amp;");
	expect(v.body, "name=\"code\" value=\"a&quot;b\"");
	expect(v.body, "name=\"submit\" value=\"&lt;c&gt;\"");
	expect(v.body, "src=\"/assets/form_post.");
	if (strstr(v.headers, "form-action") != NULL)
		fail_msg("form-action would stop the app's redirect");
	expect(v.headers, "script-src 'self'");
	expect(v.headers, "referrer-policy: no-referrer");
	visit_end(&v);

	redirect_uri = "javascript:alert(1)";
	visit_go(&v, WEB_GET, "/leave");
	assert_int_equal(v.status, 500);
	visit_end(&v);
	visit_go(&v, WEB_GET, "/post");
	assert_int_equal(v.status, 500);
	visit_end(&v);
}

/* ------------------------------------------------- the choice of language */

static char	token[128], cookie[256];

static void
token_take(void)
{
	struct visit	v = { 0 };

	visit_go(&v, WEB_GET, "/token");
	assert_int_equal(sscanf(v.body, "{\"token\":\"%127[^\"]", token), 1);
	memcpy(cookie, v.cookie, sizeof(cookie));
	visit_end(&v);
}

static void
language_go(struct visit *v, const char *format, const char *referer)
{
	static char	body[512];

	(void)snprintf(body, sizeof(body), "csrf=%s%s", token, format);
	v->request.body = base_bytes_slice(body);
	visit_header(v, "content-type", "application/x-www-form-urlencoded");
	visit_header(v, "cookie", cookie);
	visit_header(v, "sec-fetch-site", "same-origin");
	if (referer != NULL)
		visit_header(v, "referer", referer);
	visit_go(v, WEB_POST, "/language");
}

static const struct {
	const char	*fields;
	const char	*referer;
	const char	*location;	/* NULL: 400 */
} ways[] = {
	{ "&language=de", "https://id.example.org/login?i=a", "/login?i=a" },
	{ "&language=de", NULL, "/" },
	{ "&language=de", "https://id.example.org.evil.example/x", "/" },
	{ "&language=de", "https://id.example.org//evil.example/x", "/" },
	{ "&language=de", "https://evil.example/x", "/" },
	{ "&language=de&return=%2Flc%2Fx", "https://evil.example/x",
	    "/lc/x" },
	{ "&language=de&return=https%3A%2F%2Fevil.example", NULL, "/" },
	{ "&language=de&return=%2F%2Fevil.example", NULL, "/" },
	{ "&language=de&return=%2F%5Cevil.example", NULL, "/" },
	{ "&language=de&return=%2Fa%22b", NULL, "/" },
	{ "&language=xx", NULL, NULL },
	{ "", NULL, NULL },
	{ "&language=de&language=en", NULL, NULL },
};

static void
test_web_page_language_choice(void **state)
{
	char		want[64];
	struct visit	v = { 0 };

	(void)state;
	token_take();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		language_go(&v, ways[i].fields, ways[i].referer);
		if (ways[i].location == NULL) {
			if (v.status != 400)
				fail_msg("case %zu: %d", i, v.status);
			visit_end(&v);
			continue;
		}
		(void)snprintf(want, sizeof(want), "location: %s\n",
		    ways[i].location);
		expect(v.headers, want);
		expect(v.headers, "__Host-language=de; Path=/;");
		assert_int_equal(v.status, 303);
		visit_end(&v);
	}

	token[3] ^= 1;
	language_go(&v, "&language=de", NULL);
	assert_int_equal(v.status, 403);
	visit_end(&v);
}

/* ----------------------------------------------------------------- assets */

static void
test_web_page_assets(void **state)
{
	char		 etag[64];
	const char	*path = web_asset_path("app.css", 7);
	struct visit	 v = { 0 };

	(void)state;
	assert_non_null(path);
	visit_go(&v, WEB_GET, path);
	assert_int_equal(v.status, 200);
	expect(v.headers, "content-type: text/css; charset=utf-8\n");
	expect(v.headers, "immutable");
	expect(v.headers, "vary: accept-encoding\n");
	assert_null(strstr(v.headers, "content-encoding"));
	visit_end(&v);

	visit_header(&v, "accept-encoding", "gzip, deflate, br");
	visit_go(&v, WEB_GET, path);
	expect(v.headers, "content-encoding: br\n");
	assert_true(v.len < 5 * 1024);
	visit_end(&v);

	visit_go(&v, WEB_GET, "/favicon.svg");
	assert_int_equal(v.status, 200);
	expect(v.headers, "max-age=86400");
	assert_int_equal(sscanf(strstr(v.headers, "etag: ") + 6, "%63[^\n]",
	    etag), 1);
	visit_end(&v);

	visit_header(&v, "if-none-match", etag);
	visit_go(&v, WEB_GET, "/favicon.svg");
	assert_int_equal(v.status, 304);
	assert_int_equal(v.len, 0);
	visit_end(&v);

	visit_go(&v, WEB_GET, "/assets/app.0000000000.css");
	assert_int_equal(v.status, 404);
	visit_end(&v);
	visit_go(&v, WEB_GET, "/manifest.webmanifest");
	assert_int_equal(v.status, 200);
	expect(v.body, "\"display\":\"minimal-ui\"");
	visit_end(&v);
}

/* What browsers ask for by a name of their own. */
static void
test_web_page_asset_fixed(void **state)
{
	static const struct {
		const char	*path;
		const char	*type;
	} wanted[] = {
		{ "/apple-touch-icon.png", "image/png" },
		{ "/favicon.ico", "image/x-icon" },
		{ "/favicon.svg", "image/svg+xml" },
		{ "/icon-192.png", "image/png" },
		{ "/icon-512.png", "image/png" },
		{ "/icon-maskable-512.png", "image/png" },
		{ "/robots.txt", "text/plain" },
	};
	struct visit	v = { 0 };
	char		type[64];

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		visit_go(&v, WEB_GET, wanted[i].path);
		(void)snprintf(type, sizeof(type), "content-type: %s",
		    wanted[i].type);
		if (v.status != 200 || strstr(v.headers, type) == NULL)
			fail_msg("%s: %d, %s", wanted[i].path, v.status,
			    v.headers);
		visit_end(&v);
	}
}

/* Every fixed address has its file, and every file that is not hashed an
 * address. */
static void
test_web_page_asset_routes(void **state)
{
	const struct web_asset	*asset;
	struct visit		 v = { 0 };

	(void)state;
	for (size_t i = 0; i < web_asset_data_file_count; i++) {
		asset = &web_asset_data_files[i];
		visit_go(&v, WEB_GET, asset->path);
		if (v.status != 200)
			fail_msg("%s: %d", asset->path, v.status);
		visit_end(&v);
	}
	for (size_t i = 0; i < WEB_ASSET_ROUTES; i++) {
		if (web_asset_routes[i].method != WEB_GET ||
		    strchr(web_asset_routes[i].path, '*') != NULL)
			continue;
		visit_go(&v, WEB_GET, web_asset_routes[i].path);
		if (v.status != 200)
			fail_msg("%s: %d", web_asset_routes[i].path,
			    v.status);
		visit_end(&v);
	}
}

static const struct {
	const char		*accept;
	enum web_asset_coding	 want;
} codings[] = {
	{ "", WEB_ASSET_PLAIN },
	{ "gzip", WEB_ASSET_GZIP },
	{ "br", WEB_ASSET_BROTLI },
	{ "gzip, br", WEB_ASSET_BROTLI },
	{ "gzip;q=1, br;q=0.5", WEB_ASSET_GZIP },
	{ "br;q=0, gzip;q=0.1", WEB_ASSET_GZIP },
	{ "*", WEB_ASSET_BROTLI },
	{ "*;q=0", WEB_ASSET_PLAIN },
	{ "br;q=0, *", WEB_ASSET_GZIP },
	{ "identity", WEB_ASSET_PLAIN },
	{ "brr, xgzip", WEB_ASSET_PLAIN },
};

static void
test_web_page_asset_codings(void **state)
{
	static const uint8_t		 byte[1];
	static const struct web_asset	 asset = { .body = { { byte, 1 },
	    { byte, 1 }, { byte, 1 } } };
	static const struct web_asset	 plain = { .body = { { byte, 1 } } };

	(void)state;
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
		if (web_asset_choose(&asset, base_bytes_slice(
		    codings[i].accept)) != codings[i].want)
			fail_msg("%s", codings[i].accept);
	}
	assert_int_equal(web_asset_choose(&plain, base_bytes_slice("br")),
	    WEB_ASSET_PLAIN);
}

static int
set_up(void **state)
{
	(void)state;
	(void)fake_keys_ring();		/* links the fake keys */
	fake_signer_away(false);	/* and the fake signer */
	fake_runner_reset();
	(void)snprintf(config.app_url, sizeof(config.app_url),
	    "https://id.example.org");
	(void)snprintf(config.app_name, sizeof(config.app_name), "R&D");
	(void)snprintf(config.help_url, sizeof(config.help_url),
	    "https://help.example.org/?a&b");
	config.https = true;
	process = web_process_new(NULL, &config);
	return (process == NULL || !web_page_load(&config) ? -1 : 0);
}

static int
tear_down(void **state)
{
	(void)state;
	web_page_unload();
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_page_error),
		cmocka_unit_test(test_web_page_gzip),
		cmocka_unit_test(test_web_page_broken),
		cmocka_unit_test(test_web_page_language),
		cmocka_unit_test(test_web_page_leaving),
		cmocka_unit_test(test_web_page_language_choice),
		cmocka_unit_test(test_web_page_assets),
		cmocka_unit_test(test_web_page_asset_fixed),
		cmocka_unit_test(test_web_page_asset_routes),
		cmocka_unit_test(test_web_page_asset_codings),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
