#include "server/server_request.h"

#include <arpa/inet.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <kore.h>
#include <http.h>

#include "base/base_log.h"
#include "server/server_worker.h"
#include "web/web_exchange.h"

/* One request while it is answered. */
struct parked {
	struct http_request	*kore;
	struct web_request	 request;
	struct web_exchange	*exchange;
	const struct web_reply	*reply;		/* NULL: not yet */
};

static struct base_slice
slice(const char *text)
{
	return ((struct base_slice){ (const uint8_t *)text, strlen(text) });
}

enum web_method
server_request_method(const struct http_request *req)
{
	switch (req->method) {
	case HTTP_METHOD_GET:
		return (WEB_GET);
	case HTTP_METHOD_HEAD:
		return (WEB_HEAD);
	case HTTP_METHOD_POST:
		return (WEB_POST);
	case HTTP_METHOD_PUT:
		return (WEB_PUT);
	case HTTP_METHOD_PATCH:
		return (WEB_PATCH);
	case HTTP_METHOD_DELETE:
		return (WEB_DELETE);
	default:	/* the guard lets no other through */
		return (WEB_OPTIONS);
	}
}

struct base_slice
server_request_path(const struct http_request *req)
{
	const char	*path = req->path;

	if (*path != '/' && (path = strstr(path, "://")) != NULL)
		path = strchr(path + 3, '/');
	if (path == NULL)
		path = "/";
	else if (*req->path == '*')
		path = req->path;

	return (slice(path));
}

/* A value's own bytes: Kore has cut what is before it, not what is behind. */
static struct base_slice
trimmed(const char *value)
{
	struct base_slice	text = slice(value);

	while (text.len > 0 && (text.data[text.len - 1] == ' ' ||
	    text.data[text.len - 1] == '\t'))
		text.len--;

	return (text);
}

/* An IPv4 client of a socket that listens on both is an IPv4 client. */
static void
fill_peer(const struct connection *c, char peer[WEB_ADDRESS_LEN + 1])
{
	const struct in6_addr	*six = &c->addr.ipv6.sin6_addr;
	const void		*address = &c->addr.ipv4.sin_addr;
	int			 family = AF_INET;

	peer[0] = '\0';
	if (c->family != AF_INET && c->family != AF_INET6)
		return;

	if (c->family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(six)) {
		address = &six->s6_addr[12];
	} else if (c->family == AF_INET6) {
		family = AF_INET6;
		address = six;
	}
	(void)inet_ntop(family, address, peer, WEB_ADDRESS_LEN + 1);
}

static void
fill_header(struct web_request *request, const char *name, const char *value)
{
	struct web_header	*header;

	if (request->header_count == WEB_HEADERS_MAX)
		fatal("more headers than the guard lets through");

	header = &request->headers[request->header_count++];
	header->name = slice(name);
	header->value = trimmed(value);
}

static void
fill(struct web_request *request, const struct http_request *req)
{
	const struct http_header	*header;

	request->method = server_request_method(req);
	request->path = server_request_path(req);
	if (req->query_string != NULL)
		request->query = slice(req->query_string);
	if (req->http_body != NULL) {
		request->body.data = req->http_body->data;
		request->body.len = req->http_body_length;
	}

	fill_header(request, "host", req->host);
	TAILQ_FOREACH(header, &req->req_headers, list)
		fill_header(request, header->header, header->value);
	fill_peer(req->owner, request->peer);
}

/* Does the client want the connection to end (RFC 9112 section 9.6)? */
static bool
wants_close(const struct web_request *request)
{
	static const char	 word[] = "close";
	const char		*at, *end;

	for (size_t i = 0; i < request->header_count; i++) {
		if (request->headers[i].name.len != strlen("connection") ||
		    strncasecmp((const char *)request->headers[i].name.data,
		    "connection", strlen("connection")) != 0)
			continue;
		at = (const char *)request->headers[i].value.data;
		end = at + request->headers[i].value.len;
		while (at < end) {
			size_t	len = strcspn(at, ", \t");

			if (len == strlen(word) &&
			    strncasecmp(at, word, len) == 0)
				return (true);
			at += len + 1;
		}
	}

	return (false);
}

static void
replied(void *owner, const struct web_reply *reply)
{
	struct parked	*parked = owner;

	parked->reply = reply;
	http_request_wakeup(parked->kore);
}

/* Kore frees the request: it is answered, or its client has left. */
static void
forget(struct http_request *req)
{
	struct parked	**place = http_state_get(req);

	if (*place == NULL)
		return;

	if ((*place)->exchange != NULL)
		web_exchange_free((*place)->exchange);
	free(*place);
	*place = NULL;
}

static struct parked *
begin(struct http_request *req)
{
	struct parked	**place = http_state_create(req, sizeof(*place), forget);
	struct parked	 *parked;

	/* Kore's own clock stops here: what is waited for has deadlines. */
	req->owner->http_timeout = 0;

	if ((parked = calloc(1, sizeof(*parked))) == NULL)
		fatal("out of memory");
	*place = parked;
	parked->kore = req;
	fill(&parked->request, req);
	if (wants_close(&parked->request))
		req->flags |= HTTP_REQUEST_CLOSE;

	parked->exchange = web_exchange_start(server_worker_process(),
	    &parked->request, replied, parked);
	return (parked);
}

/* RFC 9110 section 6.6.1: an origin with a clock sends the time. */
static const char *
date(void)
{
	static const char	*const days[] = { "Sun", "Mon", "Tue", "Wed",
				    "Thu", "Fri", "Sat" };
	static const char	*const months[] = { "Jan", "Feb", "Mar", "Apr",
				    "May", "Jun", "Jul", "Aug", "Sep", "Oct",
				    "Nov", "Dec" };
	static char		 text[40];
	static time_t		 last;
	time_t			 now = time(NULL);
	struct tm		 tm;

	if (now == last || gmtime_r(&now, &tm) == NULL)
		return (text);

	last = now;
	(void)snprintf(text, sizeof(text),
	    "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday],
	    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	return (text);
}

static void
send_reply(struct http_request *req, const struct web_reply *reply)
{
	http_response_header(req, "date", date());
	for (size_t i = 0; i < reply->header_count; i++)
		http_response_header(req, reply->headers[i].name,
		    reply->headers[i].value);

	if (server_worker_draining())
		req->flags |= HTTP_REQUEST_CLOSE;
	if (reply->status == 304)
		req->flags |= HTTP_REQUEST_NO_CONTENT_LENGTH;
	http_response(req, reply->status,
	    reply->body_len > 0 ? reply->body : NULL, reply->body_len);
}

int
server_request_handle(struct http_request *req)
{
	struct parked	*parked;

	if (req->hdlr_extra == NULL)
		parked = begin(req);
	else
		parked = *(struct parked **)http_state_get(req);

	if (parked->reply == NULL) {
		http_request_sleep(req);
		return (KORE_RESULT_RETRY);
	}

	send_reply(req, parked->reply);
	return (KORE_RESULT_OK);
}
