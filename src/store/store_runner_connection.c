/*
 * One pipelined connection.
 *
 * libpq's rules that this file lives by: its socket may change between two
 * connect polls; one readable event may hold no result, one, or many; a
 * result is final only when its sync has arrived, because the implicit
 * transaction commits there; a half-sent buffer needs a write watch.
 */

#include "store/store_runner_connection.h"

#include <stdlib.h>
#include <string.h>

#include "base/base_clock.h"
#include "base/base_log.h"
#include "store/store_hosts.h"
#include "store/store_gather.h"

#define CONNECT_MS	2500
#define LOG_EVERY	64	/* tries: about half a minute */
#define PROBE_COLUMNS	4

static void	 connect_poll(struct store_runner_connection *);
static bool	 flush(struct store_runner_connection *);
static void	 finish(struct store_runner_connection *,
		    struct store_ticket *);
static void	 judge_probe(struct store_runner_connection *,
		    struct store_ticket *);
static void	 queue(struct store_runner_connection *,
		    enum store_ticket_kind, const struct store_statement *);
static void	 part(struct store_ticket *, struct store_ticket_list *);
static void	 read_results(struct store_runner_connection *);
static void	 ready(struct base_watch *, int);
static void	 set_up(struct store_runner_connection *);
static void	 unwatch(struct store_runner_connection *);
static void	 watch(struct store_runner_connection *, int);

/* Fails on a standby, which has no current position: so it is refused. */
static const struct store_statement	probe = {
	.name = "runner_probe",
	.sql = "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),"
	    " (extract(epoch FROM clock_timestamp()) * 1000)::int8,"
	    " current_setting('synchronous_commit') <> 'off',"
	    " pg_is_in_recovery()",
	.types = "",
	.columns = PROBE_COLUMNS,
	.lane = STORE_FAST,
	.repeatable = true,
};

void
store_runner_connection_start(struct store_runner_connection *c)
{
	c->state = STORE_CONNECTION_CONNECTING;
	c->due = base_clock_monotonic() + CONNECT_MS;
	c->pg = store_postgres_start(c->conninfo, c->role, c->lane,
	    store_postgres_deadline(c->lane), c->failures);
	if (c->pg == NULL || PQstatus(c->pg) == CONNECTION_BAD) {
		store_runner_connection_drop(c, "cannot connect");
		return;
	}

	/* libpq: begin as if the last poll had said "writing". */
	watch(c, BASE_LOOP_WRITE);
}

bool
store_runner_connection_send(struct store_runner_connection *c,
    struct store_ticket *ticket)
{
	const struct store_call	*calls[STORE_GATHER_MAX];
	size_t			 count = 0;

	for (struct store_ticket *t = ticket; t != NULL; t = t->mate) {
		t->place = STORE_TICKET_SENT;
		t->connection = c;
		calls[count++] = t->call;
	}
	TAILQ_INSERT_TAIL(&c->sent, ticket, link);
	c->in_flight++;

	if (store_postgres_send(c->pg, calls, count) != 1 ||
	    PQpipelineSync(c->pg) != 1) {
		store_runner_connection_drop(c, "cannot send");
		return (false);
	}

	return (flush(c));
}

void
store_runner_connection_probe(struct store_runner_connection *c)
{
	c->probe_sent = base_clock_monotonic();
	c->probe_sent_wall = base_clock_milliseconds();
	queue(c, STORE_TICKET_PROBE, &probe);
	if (PQsendQueryParams(c->pg, probe.sql, 0, NULL, NULL, NULL, NULL,
	    1) != 1 || PQpipelineSync(c->pg) != 1) {
		store_runner_connection_drop(c, "cannot send");
		return;
	}

	flush(c);
}

void
store_runner_connection_drop(struct store_runner_connection *c,
    const char *why)
{
	struct store_ticket_list	 calls;
	struct store_ticket		*ticket;

	/* Once is enough, and then now and then while it lasts. */
	if (why != NULL && c->failures % LOG_EVERY < 2)
		base_log(BASE_LOG_WARNING, "store", "connection lost",
		    base_log_text("why", why),
		    base_log_text("libpq", store_postgres_error(c->pg)));

	if (c->state == STORE_CONNECTION_CONNECTING)
		store_hosts_wish();	/* it may have moved */
	unwatch(c);
	PQfinish(c->pg);
	c->pg = NULL;
	c->state = STORE_CONNECTION_DOWN;
	c->in_flight = 0;
	c->probe_sent = 0;

	TAILQ_INIT(&calls);
	while ((ticket = TAILQ_FIRST(&c->sent)) != NULL) {
		TAILQ_REMOVE(&c->sent, ticket, link);
		if (ticket->kind == STORE_TICKET_CALL)
			part(ticket, &calls);
		else
			store_runner_connection_forget(ticket);
	}
	c->lost(c, &calls);
}

/* From now on each of those that were sent together is by itself. */
static void
part(struct store_ticket *ticket, struct store_ticket_list *out)
{
	struct store_ticket	*next;

	for (; ticket != NULL; ticket = next) {
		next = ticket->mate;
		ticket->mate = NULL;
		ticket->connection = NULL;
		TAILQ_INSERT_TAIL(out, ticket, link);
	}
}

struct store_ticket *
store_runner_connection_ticket(enum store_ticket_kind kind)
{
	struct store_ticket	*ticket;

	if ((ticket = calloc(1, sizeof(*ticket))) == NULL)
		abort();
	ticket->kind = kind;

	return (ticket);
}

void
store_runner_connection_forget(struct store_ticket *ticket)
{
	PQclear(ticket->pg);
	free(ticket);
}

static void
ready(struct base_watch *from, int events)
{
	struct store_runner_connection	*c = from->owner;

	if (c->state == STORE_CONNECTION_CONNECTING) {
		connect_poll(c);
		return;
	}

	/* What arrived before an error is an answer all the same. */
	if ((events & (BASE_LOOP_READ | BASE_LOOP_ERROR)) != 0) {
		bool	alive = PQconsumeInput(c->pg) == 1;

		read_results(c);
		if (c->pg == NULL)
			return;
		if (!alive || PQstatus(c->pg) != CONNECTION_OK) {
			store_runner_connection_drop(c, "closed");
			return;
		}
	}

	flush(c);
}

/* The socket may be another one after each poll, with the same number even. */
static void
connect_poll(struct store_runner_connection *c)
{
	unwatch(c);
	switch (PQconnectPoll(c->pg)) {
	case PGRES_POLLING_READING:
		watch(c, BASE_LOOP_READ);
		break;
	case PGRES_POLLING_WRITING:
		watch(c, BASE_LOOP_WRITE);
		break;
	case PGRES_POLLING_OK:
		set_up(c);
		break;
	case PGRES_POLLING_FAILED:
	case PGRES_POLLING_ACTIVE:
		store_runner_connection_drop(c, "cannot connect");
		break;
	}
}

/*
 * Prepare what this lane of this role may ask, each under its own sync, so
 * that one statement that does not fit the schema fails alone.
 */
static void
set_up(struct store_runner_connection *c)
{
	c->state = STORE_CONNECTION_PREPARING;
	if (PQsetnonblocking(c->pg, 1) != 0 || PQenterPipelineMode(c->pg) != 1) {
		store_runner_connection_drop(c, "no pipeline");
		return;
	}

	for (const struct store_statement *const *one =
	    store_statements(c->role); *one != NULL; one++) {
		if ((*one)->lane != c->lane)
			continue;
		queue(c, STORE_TICKET_PREPARE, *one);
		if (store_postgres_send_prepare(c->pg, *one) != 1 ||
		    PQpipelineSync(c->pg) != 1) {
			store_runner_connection_drop(c, "cannot prepare");
			return;
		}
	}

	store_runner_connection_probe(c);
}

/* A ticket of the connection's own. */
static void
queue(struct store_runner_connection *c, enum store_ticket_kind kind,
    const struct store_statement *statement)
{
	struct store_ticket	*ticket;

	ticket = store_runner_connection_ticket(kind);
	ticket->statement = statement;
	ticket->place = STORE_TICKET_SENT;
	ticket->connection = c;
	TAILQ_INSERT_TAIL(&c->sent, ticket, link);
}

/*
 * Read what is complete.  Each ticket gives its results, a NULL, and a sync;
 * the last result counts, for an error at commit comes after the rows.
 */
static void
read_results(struct store_runner_connection *c)
{
	struct store_ticket	*ticket;
	PGresult		*result;
	unsigned		 nulls;

	nulls = 0;
	while (c->pg != NULL && (ticket = TAILQ_FIRST(&c->sent)) != NULL &&
	    !PQisBusy(c->pg)) {
		if ((result = PQgetResult(c->pg)) == NULL) {
			/* The end of one statement; two: nothing is there. */
			if (++nulls > 1)
				return;
			continue;
		}
		nulls = 0;
		if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
			PQclear(ticket->pg);
			ticket->pg = result;
			continue;
		}
		PQclear(result);
		TAILQ_REMOVE(&c->sent, ticket, link);
		finish(c, ticket);
	}
}

/* A ticket's sync has arrived. */
static void
finish(struct store_runner_connection *c, struct store_ticket *ticket)
{
	struct store_ticket_list	 calls;
	struct store_result		 result;
	PGresult			*pg;

	switch (ticket->kind) {
	case STORE_TICKET_CALL:
		c->in_flight--;
		if (c->state == STORE_CONNECTION_STUCK)
			c->state = STORE_CONNECTION_READY;
		pg = ticket->pg;
		ticket->pg = NULL;
		TAILQ_INIT(&calls);
		part(ticket, &calls);
		c->answered(c, &calls, pg);
		PQclear(pg);
		return;
	case STORE_TICKET_PREPARE:
		/* Logs the reason; its calls will fail, others work. */
		if (PQresultStatus(ticket->pg) != PGRES_COMMAND_OK)
			store_postgres_result(ticket->statement, ticket->pg,
			    0, &result);
		break;
	case STORE_TICKET_PROBE:
		judge_probe(c, ticket);
		break;
	}
	store_runner_connection_forget(ticket);
}

/* The clock is taken to be halfway between question and answer. */
static void
judge_probe(struct store_runner_connection *c, struct store_ticket *ticket)
{
	struct store_connection_probe	said = { 0 };
	struct store_result		result;
	int64_t				clock, half;
	bool				standby, durable;

	half = (base_clock_monotonic() - c->probe_sent) / 2;
	store_postgres_result(&probe, ticket->pg, 0, &result);
	if (result.status != STORE_OK ||
	    !store_cell_text(&result, 0, 0, said.timeline,
	    sizeof(said.timeline)) ||
	    !store_cell_int(&result, 0, 1, &clock) ||
	    !store_cell_bool(&result, 0, 2, &durable) ||
	    !store_cell_bool(&result, 0, 3, &standby)) {
		store_runner_connection_drop(c, "no primary");
		return;
	}
	if (standby || !durable) {
		store_runner_connection_drop(c, standby ? "a standby" :
		    "synchronous_commit is off");
		return;
	}

	said.ahead = clock - (c->probe_sent + half);
	said.skew = clock - (c->probe_sent_wall + half);
	c->probe = said;
	c->probe_sent = 0;
	if (!c->probed(c, &said)) {
		store_runner_connection_drop(c, "an older timeline");
		return;
	}
	if (c->state == STORE_CONNECTION_PREPARING) {
		c->state = STORE_CONNECTION_READY;
		base_log(BASE_LOG_INFO, "store", "connected",
		    base_log_text("lane",
		    c->lane == STORE_FAST ? "fast" : "slow"));
	}
	c->failures = 0;
}

/* False when the connection was lost. */
static bool
flush(struct store_runner_connection *c)
{
	switch (PQflush(c->pg)) {
	case 0:
		watch(c, BASE_LOOP_READ);
		return (true);
	case 1:
		watch(c, BASE_LOOP_READ | BASE_LOOP_WRITE);
		return (true);
	}

	store_runner_connection_drop(c, "cannot send");
	return (false);
}

static void
watch(struct store_runner_connection *c, int events)
{
	if (c->watching && c->watch.events == events)
		return;

	c->watch.fd = PQsocket(c->pg);
	c->watch.events = events;
	c->watch.ready = ready;
	c->watch.owner = c;
	if (!c->loop->calls->watch(c->loop, &c->watch))
		abort();
	c->watching = true;
}

static void
unwatch(struct store_runner_connection *c)
{
	if (c->watching)
		c->loop->calls->unwatch(c->loop, &c->watch);
	c->watching = false;
}
