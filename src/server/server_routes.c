/*
 * The index of the product: every folder's table of routes.
 */

#include <string.h>

#include "endpoints/endpoints.h"
#include "settings/settings.h"
#include "signin/signin.h"
#include "web/web_asset.h"
#include "web/web_exchange.h"
#include "web/web_router.h"

/* For load balancers: does this node answer requests now? */
static struct web_next
healthz(struct web_exchange *x)
{
	bool		 ready = web_process_ready(web_process(x));
	const char	*text = ready ? "ok\n" : "not ready\n";

	web_reply_status(x, ready ? 200 : 503, WEB_CLASS_JSON);
	web_reply_body(x, "text/plain; charset=utf-8", text, strlen(text));
	return (web_answered(x));
}

static const struct web_route	own_routes[] = {
	{ WEB_GET, "/healthz", WEB_BODY_NONE, healthz },
};

const struct web_routes		web_router_tables[] = {
	{ own_routes, sizeof(own_routes) / sizeof(own_routes[0]) },
	{ endpoints_routes, ENDPOINTS_ROUTES },
	{ settings_routes, SETTINGS_ROUTES },
	{ signin_routes, SIGNIN_ROUTES },
	{ web_asset_routes, WEB_ASSET_ROUTES },
	{ NULL, 0 }
};
