/*
 * The web role without its engine: Kore, our side of it, and an echo.
 *
 *	framing_server PORT [WORKERS [CERT KEY]]
 *	framing_server ipv6:PORT ...		::1, or with both: all of them
 *	framing_server unix:PATH [WORKERS]
 *
 * For tests/http/framing.test.mjs and its neighbours, which ask what becomes
 * of bytes on a connection, whatever the answer says.
 *
 *	/echo		method, path, query, headers and body, as JSON
 *	/form, /json	the same, POST, with the body limit of their kind
 *	/length		how much arrived, and nothing of it
 *	/slow/MS	answers after MS milliseconds
 *	/held		answers when somebody has asked for /release
 *	/holding	1 when a request is held, else 0
 *	/big/BYTES	answers with so many bytes
 *	/reopen		watches a socket that changes under its watch, as libpq's do
 *	/tell		sends a message to all workers
 *	/told		how many messages this worker got
 *	/babble		sends its parent what only a hijacked worker would
 *	/crash		kills the worker
 *	/forbidden	tries what the sandbox must refuse
 *
 * FRAMING_DIE	its workers die in their start
 * FRAMING_SLOW	it rests after listen(2), and a child after fork(2), so that a
 *		signal comes before they are ready for any
 */

#include <sys/socket.h>
#include <sys/syscall.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <kore.h>

#include "base/base_clock.h"
#include "base/base_config.h"
#include "server/server.h"
#include "web/web_exchange.h"
#include "web/web_router.h"

#define BIG_MAX	(64UL * 1024 * 1024)

struct web_process {
	struct base_loop	*loop;
	pid_t			 parent;
};

struct web_exchange {
	const struct web_request	*request;
	web_replied			*replied;
	void				*owner;
	struct web_process		*process;
	struct base_timer		 timer;
	struct base_watch		 watch;
	struct web_reply		 reply;
	char				*body;
};

static const struct web_route	table[] = {
	{ WEB_GET, "/echo", WEB_BODY_NONE, NULL },
	{ WEB_POST, "/echo", WEB_BODY_FORM, NULL },
	{ WEB_DELETE, "/echo", WEB_BODY_NONE, NULL },
	{ WEB_OPTIONS, "/echo", WEB_BODY_NONE, NULL },
	{ WEB_PUT, "/echo", WEB_BODY_JSON, NULL },
	{ WEB_PATCH, "/echo", WEB_BODY_JSON, NULL },
	{ WEB_POST, "/form", WEB_BODY_FORM, NULL },
	{ WEB_POST, "/length", WEB_BODY_FORM, NULL },
	{ WEB_GET, "/tell", WEB_BODY_NONE, NULL },
	{ WEB_GET, "/told", WEB_BODY_NONE, NULL },
	{ WEB_GET, "/babble", WEB_BODY_NONE, NULL },
	{ WEB_POST, "/json", WEB_BODY_JSON, NULL },
	{ WEB_POST, "/none", WEB_BODY_NONE, NULL },
	{ WEB_GET, "/slow/*", WEB_BODY_NONE, NULL },
	{ WEB_POST, "/slow/*", WEB_BODY_FORM, NULL },
	{ WEB_GET, "/held", WEB_BODY_NONE, NULL },
	{ WEB_GET, "/holding", WEB_BODY_NONE, NULL },
	{ WEB_POST, "/release", WEB_BODY_FORM, NULL },
	{ WEB_GET, "/big/*", WEB_BODY_NONE, NULL },
	{ WEB_GET, "/reopen", WEB_BODY_NONE, NULL },
	{ WEB_GET, "/crash", WEB_BODY_NONE, NULL },
	{ WEB_GET, "/forbidden", WEB_BODY_NONE, NULL },
};

const struct web_routes	web_router_tables[] = {
	{ table, sizeof(table) / sizeof(table[0]) },
	{ NULL, 0 }
};

bool
web_process_load(const struct base_config *config)
{
	(void)config;
	return (true);
}

static void
rest(void)
{
	const struct timespec	nap = { 0, 300 * 1000 * 1000 };

	(void)nanosleep(&nap, NULL);
}

/* In the place of the library's: from here on a test can connect. */
int
listen(int fd, int backlog)
{
	int	status = (int)syscall(SYS_listen, fd, backlog);

	if (getenv("FRAMING_SLOW") != NULL)
		rest();
	return (status);
}

static unsigned			 told;
static struct web_exchange	*held;

static void
hear(struct kore_msg *msg, const void *data)
{
	(void)msg;
	(void)data;
	told++;
}

struct web_process *
web_process_new(struct base_loop *loop, const struct base_config *config)
{
	struct web_process	*process = calloc(1, sizeof(*process));

	(void)config;

	/* A worker that dies in its start, again and again. */
	if (getenv("FRAMING_DIE") != NULL)
		abort();
	if (process != NULL) {
		process->loop = loop;
		process->parent = getppid();
	}
	(void)kore_msg_register(KORE_MSG_APP_BASE + 1, hear);
	return (process);
}

bool
web_process_ready(const struct web_process *process)
{
	(void)process;
	return (true);
}

void
web_process_free(struct web_process *process)
{
	free(process);
}

static void
answer(struct web_exchange *x, int status, char *body, size_t len)
{
	static const struct web_reply_header	type = {
		.name = "content-type", .value = "application/json"
	};

	x->body = body;
	x->reply.status = status;
	x->reply.headers[x->reply.header_count++] = type;
	x->reply.body = body;
	x->reply.body_len = len;
	x->replied(x->owner, &x->reply);
}

static char *
text(struct base_slice slice)
{
	return (strndup((const char *)slice.data, slice.len));
}

/* Everything that arrived, so that a test sees what another parser made. */
static void
echo(struct web_exchange *x)
{
	const struct web_request	*r = x->request;
	json_t				*json = json_object(), *all;
	char				*out;

	(void)json_object_set_new(json, "method", json_integer(r->method));
	(void)json_object_set_new(json, "path", json_stringn(
	    (const char *)r->path.data, r->path.len));
	(void)json_object_set_new(json, "query", json_stringn(
	    (const char *)r->query.data, r->query.len));
	(void)json_object_set_new(json, "body_length",
	    json_integer((json_int_t)r->body.len));
	(void)json_object_set_new(json, "body", json_stringn(
	    (const char *)r->body.data, r->body.len < 100 ? r->body.len : 100));
	(void)json_object_set_new(json, "peer", json_string(r->peer));
	(void)json_object_set_new(json, "pid", json_integer(getpid()));

	all = json_array();
	for (size_t i = 0; i < r->header_count; i++) {
		char	*name = text(r->headers[i].name);
		char	*value = text(r->headers[i].value);
		json_t	*pair = json_pack("[ss]", name, value);

		if (pair == NULL)	/* bytes that are no UTF-8 */
			pair = json_pack("[s{si}]", name, "bytes",
			    (int)r->headers[i].value.len);
		(void)json_array_append_new(all, pair);
		free(name);
		free(value);
	}
	(void)json_object_set_new(json, "headers", all);

	out = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	answer(x, 200, out, strlen(out));
}

static void
late(struct base_timer *timer)
{
	echo(timer->owner);
}

static void
reopened(struct base_watch *watch, int events)
{
	struct web_exchange	*x = watch->owner;

	if (events & BASE_LOOP_READ) {
		/* Closed before it is unwatched, which is forgiven. */
		(void)close(watch->fd);
		x->process->loop->calls->unwatch(x->process->loop, watch);
		echo(x);
	}
}

/* A socket that reads what it writes, made as the sandbox lets us. */
static int
self(void)
{
	struct sockaddr_in	address = { .sin_family = AF_INET };
	socklen_t		len = sizeof(address);
	int			fd = socket(AF_INET, SOCK_DGRAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(9);
	if (connect(fd, (struct sockaddr *)&address, len) == -1 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) == -1 ||
	    connect(fd, (struct sockaddr *)&address, len) == -1)
		abort();
	return (fd);
}

/* Watch one socket, lose it, watch another with the same watch. */
static void
reopen(struct web_exchange *x)
{
	const struct base_loop_calls	*calls = x->process->loop->calls;
	int				 first = self(), second = self();

	x->watch.ready = reopened;
	x->watch.owner = x;
	x->watch.fd = first;
	x->watch.events = BASE_LOOP_READ;
	(void)calls->watch(x->process->loop, &x->watch);
	(void)close(first);

	x->watch.fd = second;
	(void)calls->watch(x->process->loop, &x->watch);
	if (send(second, "x", 1, 0) != 1)
		abort();
}

/* A number of this worker. */
static void
number(struct web_exchange *x, size_t value)
{
	char	*out = NULL;
	int	 len = asprintf(&out, "{\"pid\":%d,\"number\":%zu}", getpid(),
		    value);

	answer(x, 200, out, len > 0 ? (size_t)len : 0);
}

/* A message that says it is larger than all memory. */
static void
babble(struct web_exchange *x)
{
	const struct kore_msg	huge = { .id = 250, .src = worker->id,
	    .dst = KORE_MSG_PARENT, .length = SIZE_MAX / 2 };

	number(x, (size_t)write(worker->pipe[1], &huge, sizeof(huge)));
}

/* Each line: what was tried, and the error it met. */
static void
forbidden(struct web_exchange *x)
{
	char	*out = calloc(1, 512);

	errno = 0;
	(void)kill(x->process->parent, 0);
	(void)snprintf(out, 512, "{\"kill\":\"%s\",", strerror(errno));
	errno = 0;
	(void)unlink("/tmp/framing-no-such-file");
	(void)snprintf(out + strlen(out), 512 - strlen(out),
	    "\"unlink\":\"%s\",", strerror(errno));
	errno = 0;
	(void)open("/tmp/framing-new-file", O_WRONLY | O_CREAT, 0600);
	(void)snprintf(out + strlen(out), 512 - strlen(out),
	    "\"create\":\"%s\"}", strerror(errno));
	answer(x, 200, out, strlen(out));
}

struct web_exchange *
web_exchange_start(struct web_process *process,
    const struct web_request *request, web_replied *replied, void *owner)
{
	struct web_exchange	*x = calloc(1, sizeof(*x));
	const struct web_route	*route;
	struct base_slice	 segment;
	char			 allow[64];
	enum web_router_status	 status;
	unsigned long		 wanted;

	x->request = request;
	x->replied = replied;
	x->owner = owner;
	x->process = process;

	status = web_router_find(request->method, request->path, &route,
	    &segment, allow);
	if (status != WEB_ROUTER_OK) {
		answer(x, status == WEB_ROUTER_NOT_FOUND ? 404 : 405, NULL, 0);
		return (x);
	}

	wanted = segment.len == 0 ? 0 :
	    strtoul((const char *)segment.data, NULL, 10) % BIG_MAX;
	if (strcmp(route->path, "/slow/*") == 0) {
		x->timer.owner = x;
		x->timer.fire = late;
		x->timer.due = base_clock_monotonic() + (int64_t)wanted;
		process->loop->calls->start(process->loop, &x->timer);
	} else if (strcmp(route->path, "/held") == 0) {
		held = x;
	} else if (strcmp(route->path, "/holding") == 0) {
		number(x, held != NULL);
	} else if (strcmp(route->path, "/release") == 0) {
		if (held != NULL)
			echo(held);
		echo(x);
	} else if (strcmp(route->path, "/big/*") == 0) {
		char	*out = malloc(wanted + 1);

		memset(out, 'x', wanted);
		answer(x, 200, out, wanted);
	} else if (strcmp(route->path, "/length") == 0) {
		number(x, request->body.len);
	} else if (strcmp(route->path, "/tell") == 0) {
		kore_msg_send(KORE_MSG_WORKER_ALL, KORE_MSG_APP_BASE + 1,
		    "x", 1);
		number(x, 0);
	} else if (strcmp(route->path, "/told") == 0) {
		number(x, told);
	} else if (strcmp(route->path, "/babble") == 0) {
		babble(x);
	} else if (strcmp(route->path, "/reopen") == 0) {
		reopen(x);
	} else if (strcmp(route->path, "/crash") == 0) {
		(void)signal(SIGSEGV, SIG_DFL);
		(void)raise(SIGSEGV);
	} else if (strcmp(route->path, "/forbidden") == 0) {
		forbidden(x);
	} else {
		echo(x);
	}
	return (x);
}

void
web_exchange_free(struct web_exchange *x)
{
	if (held == x)
		held = NULL;
	if (x->timer.set)
		x->process->loop->calls->stop(x->process->loop, &x->timer);
	free(x->body);
	free(x);
}

int
main(int argc, char **argv)
{
	static struct base_config	config;

	if (argc < 2)
		return (2);

	base_log_open("web", BASE_LOG_INFO, false);
	if (getenv("FRAMING_SLOW") != NULL)
		(void)pthread_atfork(NULL, NULL, rest);
	(void)snprintf(config.host, sizeof(config.host), "127.0.0.1");
	if (strncmp(argv[1], "unix:", 5) == 0)
		(void)snprintf(config.unix_socket, sizeof(config.unix_socket),
		    "%s", argv[1] + 5);
	else if (strncmp(argv[1], "ipv6:", 5) == 0) {
		(void)snprintf(config.host, sizeof(config.host), "::1");
		config.port = (uint16_t)strtoul(argv[1] + 5, NULL, 10);
	} else if (strncmp(argv[1], "both:", 5) == 0) {
		(void)snprintf(config.host, sizeof(config.host), "::");
		config.port = (uint16_t)strtoul(argv[1] + 5, NULL, 10);
	} else
		config.port = (uint16_t)strtoul(argv[1], NULL, 10);
	config.workers = (uint16_t)(argc > 2 ? strtoul(argv[2], NULL, 10) : 1);
	if (argc > 4) {
		(void)snprintf(config.tls_cert, sizeof(config.tls_cert), "%s",
		    argv[3]);
		(void)snprintf(config.tls_key, sizeof(config.tls_key), "%s",
		    argv[4]);
	}

	return (server_main(&config));
}
