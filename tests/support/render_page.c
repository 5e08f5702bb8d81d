/*
 * render_page FOLDER PATH ACCEPT-LANGUAGE COOKIE ACCEPT-ENCODING
 *
 * One request through the real engine, templates and assets, without a
 * server: status, headers and body on standard output.  /page/NAME is the
 * fixture FOLDER/NAME.json: {"page": template, "status": 200, "model": {...}},
 * "form_post": true for that class of answers, where a text that begins with "url:" becomes an address of web_url.h.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_keys.h"
#include "support/fake_runner.h"
#include "support/fake_signer.h"
#include "web/web_asset.h"
#include "web/web_exchange.h"
#include "web/web_page.h"
#include "web/web_router.h"

#define URL_MARK	"url:"

static const char	*folder;

/* Texts that stand for addresses, everywhere in a model. */
static json_t *
marked(json_t *value)
{
	const char	*key, *text = json_string_value(value);
	json_t		*copy, *member;
	size_t		 i;

	if (text != NULL && strncmp(text, URL_MARK, strlen(URL_MARK)) == 0) {
		text += strlen(URL_MARK);
		return (text[0] == '/' ? web_url_path(text) :
		    web_url_redirect(text));
	}
	if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach(value, i, member)
			(void)json_array_append_new(copy, marked(member));
		return (copy);
	}
	if (json_is_object(value)) {
		copy = json_object();
		json_object_foreach(value, key, member)
			(void)json_object_set_new(copy, key, marked(member));
		return (copy);
	}

	return (json_incref(value));
}

static struct web_next
page_get(struct web_exchange *x)
{
	int			 status = 200;
	json_t			*fixture;
	json_error_t		 error;
	const char		*page;
	struct base_slice	 name = web_router_segment(x);
	struct web_next		 next;

	fixture = json_load_file(base_arena_format(web_arena(x),
	    "%s/%.*s.json", folder, (int)name.len, (const char *)name.data),
	    JSON_REJECT_DUPLICATES, &error);
	if (fixture == NULL)
		return (web_page_error(x, 404, "not_found"));

	page = json_string_value(json_object_get(fixture, "page"));
	if (json_object_get(fixture, "status") != NULL)
		status = (int)json_integer_value(json_object_get(fixture,
		    "status"));
	next = web_page(x, status,
	    json_is_true(json_object_get(fixture, "form_post")) ?
	    WEB_CLASS_FORM_POST : WEB_CLASS_PAGE,
	    page == NULL ? "" : page, marked(json_object_get(fixture,
	    "model")));
	json_decref(fixture);
	return (next);
}

static const struct web_route	routes[] = {
	{ WEB_GET, "/page/*", WEB_BODY_NONE, page_get },
};

const struct web_routes	web_router_tables[] = {
	{ routes, sizeof(routes) / sizeof(routes[0]) },
	{ web_asset_routes, WEB_ASSET_ROUTES },
	{ NULL, 0 }
};

static void
replied(void *owner, const struct web_reply *reply)
{
	(void)owner;
	printf("%d\n", reply->status);
	for (size_t i = 0; i < reply->header_count; i++)
		printf("%s: %s\n", reply->headers[i].name,
		    reply->headers[i].value);
	printf("\n");
	(void)fwrite(reply->body, 1, reply->body_len, stdout);
}

static void
header(struct web_request *request, const char *name, const char *value)
{
	request->headers[request->header_count].name = base_bytes_slice(name);
	request->headers[request->header_count++].value =
	    base_bytes_slice(value);
}

int
main(int argc, char **argv)
{
	static struct base_config	 config;
	static struct web_request	 request;
	struct web_exchange		*x;
	struct web_process		*process;

	if (argc != 6) {
		fprintf(stderr, "usage: render_page FOLDER PATH "
		    "ACCEPT-LANGUAGE COOKIE ACCEPT-ENCODING\n");
		return (2);
	}

	folder = argv[1];
	(void)fake_keys_ring();
	fake_runner_reset();
	fake_signer_away(false);	/* links the fake signer */
	(void)snprintf(config.app_url, sizeof(config.app_url),
	    "http://localhost:1812");
	(void)snprintf(config.app_name, sizeof(config.app_name), "Acme");
	process = web_process_new(NULL, &config);
	if (process == NULL || !web_process_load(&config))
		return (1);

	request.method = WEB_GET;
	request.path = base_bytes_slice(argv[2]);
	header(&request, "accept", "text/html");
	header(&request, "accept-language", argv[3]);
	header(&request, "cookie", argv[4]);
	header(&request, "accept-encoding", argv[5]);
	x = web_exchange_start(process, &request, replied, NULL);
	web_exchange_free(x);
	web_page_unload();
	return (0);
}
