/*
 * Routes: one table per folder, here put together.  The tables are the index
 * of the product.
 */
#ifndef PERMISO_WEB_ROUTER_H
#define PERMISO_WEB_ROUTER_H

#include "web/web.h"
#include "web/web_limit.h"

enum web_body {
	WEB_BODY_NONE,
	WEB_BODY_FORM,		/* WEB_FORM_BODY_MAX */
	WEB_BODY_JSON		/* WEB_JSON_BODY_MAX */
};

struct web_route {
	enum web_method	 method;	/* HEAD follows GET by itself */
	/* Exact path, or a prefix ending in one "*" which takes one
	 * non-empty segment ("/lc/" "*"), or in "**" which takes the rest:
	 * for a folder that has a router of its own (src/settings) */
	const char	*path;
	enum web_body	 body;
	web_step	*handler;
	/* how often one address may ask (docs/limits.md); left out: always */
	enum web_limit_kind	 limit;
};

struct web_routes {
	const struct web_route	*routes;
	size_t			 count;
};

/* Defined by the program (src/server/server_routes.c; tests have their own):
 * the tables of endpoints, signin and settings, ended by { NULL, 0 }. */
extern const struct web_routes	web_router_tables[];

enum web_router_status {
	WEB_ROUTER_OK = 0,
	WEB_ROUTER_NOT_FOUND,		/* 404 */
	WEB_ROUTER_NOT_ALLOWED		/* 405; "allow" lists the methods */
};

enum web_router_status	web_router_find(enum web_method method,
			    struct base_slice path,
			    const struct web_route **route,
			    struct base_slice *segment,
			    char allow[64]);

/* The largest body that the route of this method and path takes, in bytes;
 * 0 when it takes none, or when there is no such route. */
size_t			web_router_body_limit(enum web_method method,
			    struct base_slice path);

/* The segment (or rest) that the route's "*" took; inside handlers. */
struct base_slice	web_router_segment(const struct web_exchange *x);

#endif /* !PERMISO_WEB_ROUTER_H */
