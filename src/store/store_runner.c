/*
 * The runner: calls wait in the queue of their lane, go out on the least busy
 * connection of it, and are answered, repeated, or given up at their deadline.
 *
 * A lane's deadlines are all equally long, so its calls in order of arrival
 * are in order of deadline.  One timer serves everything.
 */

#include "store/store_runner.h"

#include <stdlib.h>
#include <string.h>

#include "base/base_clock.h"
#include "base/base_log.h"
#include "base/base_random.h"
#include "store/store_gather.h"
#include "store/store_runner_connection.h"

#define LANES		2
#define FAST_MOST	4	/* connections */
#define FAST_DEPTH	16	/* calls on one connection */
#define FAST_GROW	4	/* so busy is the idlest: one more */
#define SLOW_MOST	2
#define SLOW_DEPTH	2
#define SLOW_GROW	1
#define WAITING_MAX	1000	/* calls in one lane's queue */
#define RETRY_FIRST_MS	25
#define RETRY_MOST_MS	400
#define STUCK_MS	2000	/* from a passed deadline to giving up */
#define PROBE_EVERY_MS	30000
#define PROBE_MS	2000
#define QUIET_MS	1000	/* between two lines about failed calls */

struct lane {
	enum store_lane			 name;
	struct store_runner_connection	 connections[FAST_MOST];
	size_t				 most;
	unsigned			 depth;
	unsigned			 grow;
	struct store_ticket_list	 waiting;
	size_t				 waiting_count;
	struct store_ticket_list	 live;	/* undelivered, by deadline */
};

struct store_runner {
	struct base_loop		*loop;
	char				*conninfo;
	struct lane			 lanes[LANES];
	struct store_ticket_list	 failed;
	struct base_timer		 timer;
	struct store_connection_probe	 probe;
	bool				 seen;		/* a database, ever */
	bool				 kicked;	/* look at the queues */
	uint64_t			 sent;
	unsigned			 unlogged;	/* failures */
	int64_t				 logged_at;
};

static bool	 at_work(const struct store_runner_connection *);
static void	 answered(struct store_runner_connection *,
		    struct store_ticket_list *, const PGresult *);
static void	 deliver(struct store_ticket *, const struct store_result *);
static void	 dispatch(struct store_runner *, struct lane *, bool);
static int64_t	 due_of(const struct store_runner_connection *);
static void	 expire(struct store_runner *, struct lane *, int64_t);
static void	 fail(struct store_ticket *);
static struct store_ticket
		*gather(struct lane *, struct store_ticket *);
static bool	 gathers(const struct store_ticket *);
static void	 grow(struct lane *);
static struct store_runner_connection
		*idlest(struct lane *);
static bool	 join(struct lane *, struct store_ticket **,
		    struct store_ticket *);
static void	 judge(struct store_ticket *, const PGresult *, size_t);
static void	 lane_init(struct store_runner *, enum store_lane,
		    enum store_role);
static void	 log_failure(struct store_runner *,
		    const struct store_statement *, const char *);
static void	 lost(struct store_runner_connection *,
		    struct store_ticket_list *);
static struct store_ticket
		*next(const struct lane *);
static bool	 probed(struct store_runner_connection *,
		    const struct store_connection_probe *);
static void	 probe_all(struct store_runner *);
static void	 schedule(struct store_runner *);
static void	 tick(struct base_timer *);
static bool	 under_way(const struct lane *,
		    const struct store_statement *);
static void	 upkeep(struct store_runner_connection *, int64_t);
static void	 wait_again(struct store_ticket *);

struct store_runner *
store_runner_new(struct base_loop *loop, const char *conninfo,
    enum store_role role)
{
	struct store_runner	*runner;

	if (!store_postgres_valid(conninfo) ||
	    (runner = calloc(1, sizeof(*runner))) == NULL)
		return (NULL);
	if ((runner->conninfo = strdup(conninfo)) == NULL) {
		free(runner);
		return (NULL);
	}

	runner->loop = loop;
	runner->timer.fire = tick;
	runner->timer.owner = runner;
	TAILQ_INIT(&runner->failed);
	lane_init(runner, STORE_FAST, role);
	lane_init(runner, STORE_SLOW, role);
	runner->lanes[STORE_FAST].connections[0].wanted = true;
	schedule(runner);

	return (runner);
}

struct store_ticket *
store_runner_submit(struct store_runner *runner,
    const struct store_call *call, store_done *done, void *owner)
{
	struct lane		*lane = &runner->lanes[call->statement->lane];
	struct store_ticket	*ticket;

	if (!store_complete(call)) {
		base_log(BASE_LOG_ERROR, "store", "statement lacks a value",
		    base_log_text("statement", call->statement->name));
		abort();
	}

	ticket = store_runner_connection_ticket(STORE_TICKET_CALL);
	ticket->runner = runner;
	ticket->statement = call->statement;
	ticket->call = call;
	ticket->done = done;
	ticket->owner = owner;
	ticket->deadline = base_clock_monotonic() +
	    store_postgres_deadline(lane->name);
	TAILQ_INSERT_TAIL(&lane->live, ticket, live);

	if (lane->waiting_count == WAITING_MAX) {
		log_failure(runner, ticket->statement, "too many wait");
		ticket->place = STORE_TICKET_FAILED;
		TAILQ_INSERT_TAIL(&runner->failed, ticket, link);
	} else {
		ticket->place = STORE_TICKET_WAITING;
		TAILQ_INSERT_TAIL(&lane->waiting, ticket, link);
		lane->waiting_count++;
		dispatch(runner, lane, false);
	}
	schedule(runner);

	return (ticket);
}

/* On the wire it stays in its place, for its result is still to come. */
void
store_runner_abandon(struct store_ticket *ticket)
{
	struct store_runner	*runner = ticket->runner;
	struct lane		*lane =
	    &runner->lanes[ticket->statement->lane];

	TAILQ_REMOVE(&lane->live, ticket, live);
	ticket->done = NULL;
	ticket->call = NULL;
	switch (ticket->place) {
	case STORE_TICKET_SENT:
		return;
	case STORE_TICKET_WAITING:
		TAILQ_REMOVE(&lane->waiting, ticket, link);
		lane->waiting_count--;
		break;
	case STORE_TICKET_FAILED:
		TAILQ_REMOVE(&runner->failed, ticket, link);
		break;
	}
	store_runner_connection_forget(ticket);
}

bool
store_runner_ready(const struct store_runner *runner)
{
	const struct lane	*lane = &runner->lanes[STORE_FAST];

	for (size_t i = 0; i < lane->most; i++) {
		if (lane->connections[i].state == STORE_CONNECTION_READY)
			return (true);
	}

	return (false);
}

int64_t
store_runner_now(const struct store_runner *runner)
{
	if (!runner->seen)
		return (base_clock_seconds());

	return ((base_clock_monotonic() + runner->probe.ahead) / 1000);
}

int64_t
store_runner_skew(const struct store_runner *runner)
{
	return (runner->probe.skew < 0 ? -runner->probe.skew :
	    runner->probe.skew);
}

const char *
store_runner_timeline(const struct store_runner *runner)
{
	return (runner->probe.timeline);
}

uint64_t
store_runner_sent(const struct store_runner *runner)
{
	return (runner->sent);
}

void
store_runner_free(struct store_runner *runner)
{
	struct store_ticket	*ticket;

	if (runner == NULL)
		return;

	runner->loop->calls->stop(runner->loop, &runner->timer);
	for (size_t l = 0; l < LANES; l++) {
		struct lane	*lane = &runner->lanes[l];

		/* Nobody is called: dropping frees what has no caller. */
		while ((ticket = TAILQ_FIRST(&lane->live)) != NULL)
			store_runner_abandon(ticket);
		for (size_t i = 0; i < lane->most; i++) {
			if (lane->connections[i].pg != NULL)
				store_runner_connection_drop(
				    &lane->connections[i], NULL);
		}
	}
	/* The last drop may have set it again. */
	runner->loop->calls->stop(runner->loop, &runner->timer);
	free(runner->conninfo);
	free(runner);
}

static void
lane_init(struct store_runner *runner, enum store_lane name,
    enum store_role role)
{
	struct lane	*lane = &runner->lanes[name];

	lane->name = name;
	lane->most = name == STORE_FAST ? FAST_MOST : SLOW_MOST;
	lane->depth = name == STORE_FAST ? FAST_DEPTH : SLOW_DEPTH;
	lane->grow = name == STORE_FAST ? FAST_GROW : SLOW_GROW;
	TAILQ_INIT(&lane->waiting);
	TAILQ_INIT(&lane->live);

	for (size_t i = 0; i < lane->most; i++) {
		struct store_runner_connection	*c = &lane->connections[i];

		c->runner = runner;
		c->loop = runner->loop;
		c->conninfo = runner->conninfo;
		c->role = role;
		c->lane = name;
		c->probed = probed;
		c->answered = answered;
		c->lost = lost;
		TAILQ_INIT(&c->sent);
	}
}

/*
 * Send what waits, as far as there is room on connections that are up.  What
 * can go together goes from the timer, when this turn of the loop has brought
 * all the calls that it brings.
 */
static void
dispatch(struct store_runner *runner, struct lane *lane, bool together)
{
	struct store_runner_connection	*c;
	struct store_ticket		*ticket;

	while ((ticket = next(lane)) != NULL) {
		if (!together && gathers(ticket)) {
			runner->kicked = true;
			return;
		}
		c = idlest(lane);
		if (c == NULL || c->in_flight >= lane->grow)
			grow(lane);
		if (c == NULL || c->in_flight >= lane->depth)
			return;

		runner->sent++;
		store_runner_connection_send(c, gather(lane, ticket));
	}
}

static bool
gathers(const struct store_ticket *ticket)
{
	return (ticket->statement->gather > 0 && !ticket->alone);
}

/*
 * The first call that may go.  Calls that can go together wait while some of
 * their statement are under way: the next statement takes them all.
 */
static struct store_ticket *
next(const struct lane *lane)
{
	const struct store_statement	*busy = NULL;
	struct store_ticket		*ticket;

	TAILQ_FOREACH(ticket, &lane->waiting, link) {
		if (!gathers(ticket))
			return (ticket);
		if (ticket->statement == busy)
			continue;
		if (!under_way(lane, ticket->statement))
			return (ticket);
		busy = ticket->statement;
	}

	return (NULL);
}

/* On a connection that answers: nobody is held up by one that does not. */
static bool
under_way(const struct lane *lane, const struct store_statement *statement)
{
	const struct store_ticket	*ticket;

	for (size_t i = 0; i < lane->most; i++) {
		const struct store_runner_connection	*c;

		c = &lane->connections[i];
		if (c->state != STORE_CONNECTION_READY)
			continue;
		TAILQ_FOREACH(ticket, &c->sent, link) {
			if (ticket->statement == statement && !ticket->alone)
				return (true);
		}
	}

	return (false);
}

/* Take a call out of the queue, and those that may go with it. */
static struct store_ticket *
gather(struct lane *lane, struct store_ticket *first)
{
	struct store_ticket	*chain = NULL, *ticket, *after;
	int			 room = first->statement->gather;

	join(lane, &chain, first);
	if (first->alone)
		return (chain);

	for (ticket = TAILQ_FIRST(&lane->waiting);
	    ticket != NULL && room > 1; ticket = after) {
		after = TAILQ_NEXT(ticket, link);
		if (ticket->statement == first->statement && !ticket->alone &&
		    join(lane, &chain, ticket))
			room--;
	}

	return (chain);
}

/* From the queue into its place in the chain; false for one like it there. */
static bool
join(struct lane *lane, struct store_ticket **chain,
    struct store_ticket *ticket)
{
	int	order;

	for (; *chain != NULL; chain = &(*chain)->mate) {
		order = store_gather_order(ticket->call, (*chain)->call);
		if (order == 0)
			return (false);
		if (order < 0)
			break;
	}

	TAILQ_REMOVE(&lane->waiting, ticket, link);
	lane->waiting_count--;
	ticket->mate = *chain;
	*chain = ticket;

	return (true);
}

static struct store_runner_connection *
idlest(struct lane *lane)
{
	struct store_runner_connection	*best = NULL;

	for (size_t i = 0; i < lane->most; i++) {
		struct store_runner_connection	*c = &lane->connections[i];

		if (c->state == STORE_CONNECTION_READY &&
		    (best == NULL || c->in_flight < best->in_flight))
			best = c;
	}

	return (best);
}

/* One more connection, unless one is on its way; the timer starts it. */
static void
grow(struct lane *lane)
{
	struct store_runner_connection	*free_one = NULL;

	for (size_t i = 0; i < lane->most; i++) {
		struct store_runner_connection	*c = &lane->connections[i];

		if (c->state == STORE_CONNECTION_CONNECTING ||
		    c->state == STORE_CONNECTION_PREPARING ||
		    (c->state == STORE_CONNECTION_DOWN && c->wanted))
			return;
		if (c->state == STORE_CONNECTION_DOWN && free_one == NULL)
			free_one = c;
	}
	if (free_one == NULL)
		return;

	free_one->wanted = true;
	free_one->due = 0;
}

/*
 * A statement of several calls that failed did nothing, and one of them may be
 * the cause: each is asked again, alone.
 */
static void
answered(struct store_runner_connection *c, struct store_ticket_list *calls,
    const PGresult *pg)
{
	struct store_runner	*runner = c->runner;
	struct store_ticket	*ticket;
	bool			 again = pg != NULL && store_postgres_again(pg);
	bool			 apart = !store_postgres_fine(pg) &&
				    TAILQ_NEXT(TAILQ_FIRST(calls), link) != NULL;
	size_t			 number;

	for (number = 0; (ticket = TAILQ_FIRST(calls)) != NULL; number++) {
		TAILQ_REMOVE(calls, ticket, link);
		if (ticket->done == NULL) {
			store_runner_connection_forget(ticket);
		} else if (apart) {
			ticket->alone = true;
			wait_again(ticket);
		} else if (again &&
		    ticket->undone < STORE_POSTGRES_AGAIN_MOST) {
			ticket->undone++;
			wait_again(ticket);
		} else {
			judge(ticket, pg, number);
		}
	}
	dispatch(runner, &runner->lanes[c->lane], false);
	schedule(runner);
}

static void
judge(struct store_ticket *ticket, const PGresult *pg, size_t number)
{
	struct store_result	result = STORE_RESULT_FAILED;

	if (pg != NULL)
		store_postgres_result(ticket->statement, pg, number, &result);
	deliver(ticket, &result);
}

/* Behind the others: a row that everybody wants holds up nobody else. */
static void
wait_again(struct store_ticket *ticket)
{
	struct lane	*lane =
	    &ticket->runner->lanes[ticket->statement->lane];

	ticket->place = STORE_TICKET_WAITING;
	TAILQ_INSERT_TAIL(&lane->waiting, ticket, link);
	lane->waiting_count++;
}

/* The callback, once; the ticket is gone after it. */
static void
deliver(struct store_ticket *ticket, const struct store_result *result)
{
	TAILQ_REMOVE(&ticket->runner->lanes[ticket->statement->lane].live,
	    ticket, live);
	ticket->done(ticket->owner, result);
	store_runner_connection_forget(ticket);
}

/* Its callback comes from the timer, never from where we are. */
static void
fail(struct store_ticket *ticket)
{
	ticket->place = STORE_TICKET_FAILED;
	TAILQ_INSERT_TAIL(&ticket->runner->failed, ticket, link);
}

/*
 * What was under way may have happened or not.  A repeatable statement goes to
 * the head of the queue again, once, in the old order; for the rest nobody
 * can say, which is a failure.
 */
static void
lost(struct store_runner_connection *c, struct store_ticket_list *sent)
{
	struct store_runner	*runner = c->runner;
	struct lane		*lane = &runner->lanes[c->lane];
	struct store_ticket	*ticket;
	int64_t			 wait;
	uint8_t			 jitter;

	while ((ticket = TAILQ_LAST(sent, store_ticket_list)) != NULL) {
		TAILQ_REMOVE(sent, ticket, link);
		PQclear(ticket->pg);
		ticket->pg = NULL;
		if (ticket->done == NULL) {
			store_runner_connection_forget(ticket);
		} else if (ticket->statement->repeatable &&
		    !ticket->repeated) {
			ticket->repeated = true;
			ticket->place = STORE_TICKET_WAITING;
			TAILQ_INSERT_HEAD(&lane->waiting, ticket, link);
			lane->waiting_count++;
			runner->kicked = true;
		} else {
			log_failure(runner, ticket->statement, "answer lost");
			fail(ticket);
		}
	}

	/* The first of the fast lane always comes back, others when needed. */
	c->wanted = c == &runner->lanes[STORE_FAST].connections[0] ||
	    (c == &lane->connections[0] && lane->waiting_count > 0);
	wait = (int64_t)RETRY_FIRST_MS << (c->failures < 5 ? c->failures : 5);
	if (wait > RETRY_MOST_MS)
		wait = RETRY_MOST_MS;
	base_random_bytes(&jitter, sizeof(jitter));
	c->due = base_clock_monotonic() +
	    (c->failures == 0 ? 0 : wait + jitter % 32);
	c->failures++;
	schedule(runner);
}

/*
 * Timelines only count up: a server on an older one than we have seen is a
 * primary that was replaced and does not know it.
 */
static bool
probed(struct store_runner_connection *c,
    const struct store_connection_probe *probe)
{
	struct store_runner	*runner = c->runner;
	bool			 far;
	int			 order;

	order = strcmp(probe->timeline, runner->probe.timeline);
	if (runner->seen && order < 0)
		return (false);
	if (runner->seen && order > 0) {
		base_log(BASE_LOG_WARNING, "store", "new timeline",
		    base_log_text("timeline", probe->timeline));
		probe_all(runner);
	}
	far = store_runner_skew(runner) > STORE_RUNNER_SKEW_MAX;
	runner->probe = *probe;
	runner->seen = true;
	if (!far && store_runner_skew(runner) > STORE_RUNNER_SKEW_MAX)
		base_log(BASE_LOG_ERROR, "store",
		    "this node's clock is wrong, or the database's",
		    base_log_number("apart_ms", store_runner_skew(runner)));
	c->probe_due = base_clock_monotonic() + PROBE_EVERY_MS;
	runner->kicked = true;	/* it may be a new one */
	schedule(runner);
	return (true);
}

/* Connections to the server that was replaced give themselves away. */
static void
probe_all(struct store_runner *runner)
{
	for (size_t l = 0; l < LANES; l++) {
		struct lane	*lane = &runner->lanes[l];

		for (size_t i = 0; i < lane->most; i++)
			lane->connections[i].probe_due = 0;
	}
}

/* The timer: what failed, what is late, what is to be done. */
static void
tick(struct base_timer *timer)
{
	static const struct store_result	 failure = STORE_RESULT_FAILED;
	struct store_runner			*runner = timer->owner;
	struct store_ticket			*ticket;
	int64_t					 now;

	while ((ticket = TAILQ_FIRST(&runner->failed)) != NULL) {
		TAILQ_REMOVE(&runner->failed, ticket, link);
		deliver(ticket, &failure);
	}

	runner->kicked = false;
	now = base_clock_monotonic();
	for (size_t l = 0; l < LANES; l++) {
		struct lane	*lane = &runner->lanes[l];

		expire(runner, lane, now);
		for (size_t i = 0; i < lane->most; i++)
			upkeep(&lane->connections[i], now);
		dispatch(runner, lane, true);
	}
	schedule(runner);
}

/* Give up what is late; the connection it is on gets no more calls. */
static void
expire(struct store_runner *runner, struct lane *lane, int64_t now)
{
	static const struct store_result	 failure = STORE_RESULT_FAILED;
	struct store_ticket			*ticket;
	store_done				*done;
	void					*owner;

	while ((ticket = TAILQ_FIRST(&lane->live)) != NULL &&
	    ticket->deadline <= now) {
		log_failure(runner, ticket->statement, "deadline");
		done = ticket->done;
		owner = ticket->owner;
		if (ticket->place == STORE_TICKET_SENT &&
		    ticket->connection->state == STORE_CONNECTION_READY) {
			ticket->connection->state = STORE_CONNECTION_STUCK;
			ticket->connection->due = now + STUCK_MS;
		}
		store_runner_abandon(ticket);
		done(owner, &failure);
	}
}

/* What a connection itself is due to do. */
static void
upkeep(struct store_runner_connection *c, int64_t now)
{
	if (due_of(c) > now)
		return;

	switch (c->state) {
	case STORE_CONNECTION_DOWN:
		store_runner_connection_start(c);
		break;
	case STORE_CONNECTION_CONNECTING:
	case STORE_CONNECTION_PREPARING:
		store_runner_connection_drop(c, "took too long to connect");
		break;
	case STORE_CONNECTION_READY:
		if (c->probe_sent != 0)
			store_runner_connection_drop(c, "does not answer");
		else
			store_runner_connection_probe(c);
		break;
	case STORE_CONNECTION_STUCK:
		store_runner_connection_drop(c, "does not answer");
		break;
	}
}

/* When; never is INT64_MAX. */
static int64_t
due_of(const struct store_runner_connection *c)
{
	switch (c->state) {
	case STORE_CONNECTION_DOWN:
		return (c->wanted ? c->due : INT64_MAX);
	case STORE_CONNECTION_CONNECTING:
	case STORE_CONNECTION_PREPARING:
		return (c->due);
	case STORE_CONNECTION_READY:
		return (c->probe_sent != 0 ? c->probe_sent + PROBE_MS :
		    c->probe_due);
	case STORE_CONNECTION_STUCK:
		/* Nobody waits for it any more: it goes at once. */
		return (at_work(c) ? c->due : 0);
	}

	return (INT64_MAX);
}

/* Somebody still waits for what is on it. */
static bool
at_work(const struct store_runner_connection *c)
{
	const struct store_ticket	*ticket;

	TAILQ_FOREACH(ticket, &c->sent, link) {
		const struct store_ticket	*mate = ticket;

		while (mate != NULL && mate->done == NULL)
			mate = mate->mate;
		if (mate != NULL)
			return (true);
	}

	return (false);
}

/* Set the timer to whatever comes first. */
static void
schedule(struct store_runner *runner)
{
	const struct store_ticket	*ticket;
	int64_t				 due;

	due = TAILQ_EMPTY(&runner->failed) && !runner->kicked ? INT64_MAX : 0;
	for (size_t l = 0; l < LANES; l++) {
		const struct lane	*lane = &runner->lanes[l];

		ticket = TAILQ_FIRST(&lane->live);
		if (ticket != NULL && ticket->deadline < due)
			due = ticket->deadline;
		for (size_t i = 0; i < lane->most; i++) {
			int64_t	own = due_of(&lane->connections[i]);

			if (own < due)
				due = own;
		}
	}

	/* One that fires early costs a look; moving it costs as much. */
	if (runner->timer.set && runner->timer.due <= due)
		return;
	runner->loop->calls->stop(runner->loop, &runner->timer);
	if (due == INT64_MAX)
		return;
	runner->timer.due = due;
	runner->loop->calls->start(runner->loop, &runner->timer);
}

/* A line a second at most: in an outage every call fails. */
static void
log_failure(struct store_runner *runner,
    const struct store_statement *statement, const char *why)
{
	int64_t	now = base_clock_monotonic();

	runner->unlogged++;
	if (runner->logged_at != 0 && now - runner->logged_at < QUIET_MS)
		return;

	base_log(BASE_LOG_ERROR, "store", "no answer",
	    base_log_text("statement", statement->name),
	    base_log_text("why", why),
	    base_log_number("calls", runner->unlogged));
	runner->unlogged = 0;
	runner->logged_at = now;
}
