#include "server/server_worker.h"

#include <sysexits.h>

#include <kore.h>
#include <http.h>

#include "base/base_log.h"
#include "server/server_config.h"
#include "server/server_linger.h"
#include "server/server_loop.h"
#include "web/web_exchange.h"

#define DRAIN_TICK_MS	10

static struct web_process	*process;
static bool			 draining;
static uint64_t			 drain_end;

static void
tick(void *arg, uint64_t now)
{
	/* Waking up is what it is for: Kore checks its time-outs then. */
	(void)arg;
	(void)now;
}

void
server_worker_start(void)
{
	process = web_process_new(server_loop_get(), server_config_used());
	if (process == NULL)
		fatal("the worker cannot start");

	(void)kore_timer_add(tick, SERVER_WORKER_TICK_MS, NULL, 0);
}

void
server_worker_stop(void)
{
	/* Exchanges that the drain gave up on still point into it. */
	if (http_request_count == 0)
		web_process_free(process);
	process = NULL;
}

/* Nothing of a request has come, nothing of an answer is left to go. */
static bool
idle(const struct connection *c)
{
	if (c->state != CONN_STATE_ESTABLISHED)
		return (true);

	return (TAILQ_EMPTY(&c->http_requests) && TAILQ_EMPTY(&c->send_queue) &&
	    c->rnb->s_off == 0);
}

/* Close what is idle; what has had its last answer does not count. */
static bool
drained(void)
{
	struct connection	*c, *next;
	bool			 empty = true;

	for (c = TAILQ_FIRST(&connections); c != NULL; c = next) {
		next = TAILQ_NEXT(c, list);
		if (c->proto == CONN_PROTO_MSG || server_linger_active(c))
			continue;
		if (idle(c))
			kore_connection_disconnect(c);
		else
			empty = false;
	}

	return (empty);
}

static void
drain_tick(void *arg, uint64_t now)
{
	(void)arg;

	if (drained() || now >= drain_end)
		sig_recv = SIGQUIT;
}

int
server_worker_quit(void)
{
	if (!draining) {
		draining = true;
		drain_end = kore_time_ms() + SERVER_WORKER_DRAIN_MS;
		worker_max_connections = 0;
		(void)kore_timer_add(drain_tick, DRAIN_TICK_MS, NULL, 0);
	}

	if (drained())
		return (1);
	if (kore_time_ms() < drain_end)
		return (0);

	base_log(BASE_LOG_WARNING, "server", "drain_gave_up",
	    base_log_number("requests", http_request_count));
	return (1);
}

bool
server_worker_draining(void)
{
	return (draining);
}

struct web_process *
server_worker_process(void)
{
	return (process);
}
