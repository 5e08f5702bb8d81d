/*
 * Finding a route: exact paths, and paths whose end is free.
 * The tables are short; a linear walk over them costs less than the request's
 * first header.
 */

#include "web/web_router.h"

#include <stdio.h>
#include <string.h>

#include "base/base_bytes.h"
#include "web/web_engine.h"

static const char *const	method_names[] = {
	[WEB_GET] = "GET",
	[WEB_HEAD] = "HEAD",
	[WEB_POST] = "POST",
	[WEB_PUT] = "PUT",
	[WEB_PATCH] = "PATCH",
	[WEB_DELETE] = "DELETE",
	[WEB_OPTIONS] = "OPTIONS",
};

static bool
path_match(const char *pattern, struct base_slice path,
    struct base_slice *segment)
{
	bool	rest;
	size_t	len = strlen(pattern);

	if (len > 0 && pattern[len - 1] == '*') {
		rest = len > 1 && pattern[len - 2] == '*';
		len -= rest ? 2 : 1;
		if (path.len <= len ||
		    !base_bytes_equal(path.data, len, pattern, len) ||
		    (!rest && memchr(path.data + len, '/',
		    path.len - len) != NULL))
			return (false);
		segment->data = path.data + len;
		segment->len = path.len - len;
		return (true);
	}

	return (base_bytes_equal(path.data, path.len, pattern, len));
}

static void
allow_add(char allow[64], enum web_method method)
{
	size_t	used = strlen(allow);

	(void)snprintf(allow + used, 64 - used, "%s%s%s",
	    used > 0 ? ", " : "", method_names[method],
	    method == WEB_GET ? ", HEAD" : "");
}

enum web_router_status
web_router_find(enum web_method method, struct base_slice path,
    const struct web_route **route, struct base_slice *segment,
    char allow[64])
{
	const struct web_routes	*table;
	const struct web_route	*candidate;
	struct base_slice	 part = { NULL, 0 };
	bool			 known = false;

	if (method == WEB_HEAD)
		method = WEB_GET;

	allow[0] = '\0';
	for (table = web_router_tables; table->routes != NULL; table++) {
		for (size_t i = 0; i < table->count; i++) {
			candidate = &table->routes[i];
			if (!path_match(candidate->path, path, &part))
				continue;
			if (candidate->method == method) {
				*route = candidate;
				*segment = part;
				return (WEB_ROUTER_OK);
			}
			known = true;
			allow_add(allow, candidate->method);
		}
	}

	return (known ? WEB_ROUTER_NOT_ALLOWED : WEB_ROUTER_NOT_FOUND);
}

struct base_slice
web_router_segment(const struct web_exchange *x)
{
	return (x->segment);
}

size_t
web_router_body_limit(enum web_method method, struct base_slice path)
{
	char			 allow[64];
	const struct web_route	*route;
	struct base_slice	 segment;

	if (web_router_find(method, path, &route, &segment, allow) !=
	    WEB_ROUTER_OK)
		return (0);

	switch (route->body) {
	case WEB_BODY_FORM:
		return (WEB_FORM_BODY_MAX);
	case WEB_BODY_JSON:
		return (WEB_JSON_BODY_MAX);
	case WEB_BODY_NONE:
		break;
	}

	return (0);
}
