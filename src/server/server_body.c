#include "server/server_body.h"

#include <kore.h>
#include <http.h>

#include "server/server_request.h"
#include "web/web_router.h"

enum server_body
server_body_check(const struct http_request *req)
{
	const struct web_route	*route;
	struct base_slice	 path = server_request_path(req), segment;
	enum web_method		 method = server_request_method(req);
	char			 allow[64];

	if (web_router_find(method, path, &route, &segment, allow) !=
	    WEB_ROUTER_OK)
		return (SERVER_BODY_UNROUTED);

	if (req->content_length > web_router_body_limit(method, path))
		return (SERVER_BODY_TOO_LARGE);

	return (SERVER_BODY_OK);
}
