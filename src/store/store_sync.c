/*
 * One call at a time, waited for with poll(2) so that a database that hangs
 * costs the caller its deadline and no more.
 */

#include "store/store_sync.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_clock.h"
#include "base/base_log.h"
#include "store/store_postgres.h"

#define CONNECT_MS	5000	/* of a start */
#define CONNECT_TRY_MS	1500	/* of one try */
#define PREPARED_MAX	256

struct store_sync {
	char				*conninfo;
	enum store_role			 role;
	PGconn				*connection;	/* NULL: none */
	unsigned			 turn;		/* of several hosts */
	/* what is prepared on this connection */
	const struct store_statement	*prepared[PREPARED_MAX];
	size_t				 prepared_count;
	PGresult			*pg;		/* of the last call */
	struct store_result		 result;
};

enum outcome {
	ANSWERED,
	UNSENT,		/* the connection was lost before the call went out */
	LOST,		/* ... after: it may have happened */
	LATE
};

static int64_t		 connect_deadline(int64_t);
static bool		 connect_once(struct store_sync *, int64_t);
static bool		 connect_until(struct store_sync *, int64_t);
static void		 disconnect(struct store_sync *);
static enum outcome	 execute(struct store_sync *, const struct store_call *,
			    int64_t);
static void		 forget(struct store_sync *);
static int		 milliseconds(int64_t);
static enum outcome	 prepare(struct store_sync *,
			    const struct store_statement *, int64_t);
static enum outcome	 receive(struct store_sync *, int64_t);
static bool		 usable(struct store_sync *);
static bool		 wait_for(PGconn *, short, int64_t);

struct store_sync *
store_sync_open(const char *conninfo, enum store_role role,
    char error[STORE_SYNC_ERROR_MAX + 1])
{
	struct store_sync	*sync;

	if (!store_postgres_valid(conninfo)) {
		snprintf(error, STORE_SYNC_ERROR_MAX + 1,
		    "the database connection string cannot be parsed");
		return (NULL);
	}

	if ((sync = calloc(1, sizeof(*sync))) == NULL ||
	    (sync->conninfo = strdup(conninfo)) == NULL) {
		free(sync);
		snprintf(error, STORE_SYNC_ERROR_MAX + 1, "out of memory");
		return (NULL);
	}
	sync->role = role;

	if (!connect_until(sync, base_clock_monotonic() + CONNECT_MS)) {
		snprintf(error, STORE_SYNC_ERROR_MAX + 1, "%s",
		    store_postgres_error(sync->connection));
		store_sync_close(sync);
		return (NULL);
	}

	return (sync);
}

/*
 * A call whose answer was lost runs again once when its statement allows it,
 * with the same values: it recognises its own first success.
 */
const struct store_result *
store_sync_run(struct store_sync *sync, const struct store_call *call)
{
	const struct store_statement	*statement = call->statement;
	enum outcome			 outcome;
	int64_t				 deadline;
	unsigned			 lost, undone;

	forget(sync);
	if (!store_complete(call)) {
		base_log(BASE_LOG_ERROR, "store", "statement lacks a value",
		    base_log_text("statement", statement->name));
		abort();
	}

	deadline = sync->role == STORE_ROLE_RETENTION ?
	    STORE_POSTGRES_NO_LIMIT : base_clock_monotonic() +
	    store_postgres_deadline(statement->lane);
	outcome = UNSENT;
	lost = 0;
	undone = 0;
	while (lost < 2) {
		if (!usable(sync) &&
		    !connect_until(sync, connect_deadline(deadline))) {
			outcome = UNSENT;
			break;
		}
		outcome = execute(sync, call, deadline);
		if (outcome == ANSWERED && store_postgres_again(sync->pg) &&
		    undone++ < STORE_POSTGRES_AGAIN_MOST) {
			forget(sync);
			continue;
		}
		if (outcome == ANSWERED)
			break;
		lost++;
		base_log(BASE_LOG_WARNING, "store", "connection lost",
		    base_log_text("statement", statement->name),
		    base_log_text("why", outcome == LATE ? "deadline" :
		    store_postgres_error(sync->connection)));
		disconnect(sync);
		if (outcome == LATE ||
		    (outcome == LOST && !statement->repeatable))
			break;
	}

	if (outcome == ANSWERED)
		store_postgres_result(statement, sync->pg, 0, &sync->result);
	else
		base_log(BASE_LOG_ERROR, "store", "no answer",
		    base_log_text("statement", statement->name));

	return (&sync->result);
}

enum store_status
store_sync_script(struct store_sync *sync, const char *sql, int64_t limit_ms,
    char error[STORE_SYNC_ERROR_MAX + 1])
{
	struct store_statement	 none = { .name = "script", .types = "" };
	const char		*why;
	int64_t			 deadline;

	forget(sync);
	deadline = limit_ms == STORE_POSTGRES_NO_LIMIT ? limit_ms :
	    base_clock_monotonic() + limit_ms;
	if (!usable(sync) &&
	    !connect_until(sync, base_clock_monotonic() + CONNECT_MS)) {
		snprintf(error, STORE_SYNC_ERROR_MAX + 1, "%s",
		    store_postgres_error(sync->connection));
		return (STORE_FAILED);
	}

	if (PQsendQuery(sync->connection, sql) != 1 ||
	    receive(sync, deadline) != ANSWERED) {
		snprintf(error, STORE_SYNC_ERROR_MAX + 1, "%s",
		    store_postgres_error(sync->connection));
		disconnect(sync);
		return (STORE_FAILED);
	}

	if (PQresultStatus(sync->pg) == PGRES_TUPLES_OK ||
	    PQresultStatus(sync->pg) == PGRES_COMMAND_OK ||
	    PQresultStatus(sync->pg) == PGRES_EMPTY_QUERY)
		return (STORE_OK);

	why = PQresultErrorField(sync->pg, PG_DIAG_MESSAGE_PRIMARY);
	snprintf(error, STORE_SYNC_ERROR_MAX + 1, "%s",
	    why != NULL ? why : "no answer");
	none.columns = PQnfields(sync->pg);
	store_postgres_result(&none, sync->pg, 0, &sync->result);
	return (sync->result.status == STORE_CONFLICT ? STORE_CONFLICT :
	    STORE_FAILED);
}

int
store_sync_version(const struct store_sync *sync)
{
	return (sync->connection != NULL ?
	    PQserverVersion(sync->connection) : 0);
}

int
store_sync_backend(const struct store_sync *sync)
{
	return (sync->connection != NULL ?
	    PQbackendPID(sync->connection) : 0);
}

void
store_sync_close(struct store_sync *sync)
{
	if (sync == NULL)
		return;

	forget(sync);
	disconnect(sync);
	free(sync->conninfo);
	free(sync);
}

/* Connecting has an end even where the statement has none. */
static int64_t
connect_deadline(int64_t deadline)
{
	return (deadline != STORE_POSTGRES_NO_LIMIT ? deadline :
	    base_clock_monotonic() + CONNECT_MS);
}

/*
 * A host that accepts and never answers costs one try, and the next begins
 * with another.  Leaves a connection that failed in place, for its message.
 */
static bool
connect_until(struct store_sync *sync, int64_t deadline)
{
	int64_t	end, now;

	for (;;) {
		now = base_clock_monotonic();
		end = deadline - now > CONNECT_TRY_MS ?
		    now + CONNECT_TRY_MS : deadline;
		if (connect_once(sync, end))
			return (true);
		sync->turn++;
		now = base_clock_monotonic();
		if (now < end || now >= deadline)
			return (false);
	}
}

static bool
connect_once(struct store_sync *sync, int64_t deadline)
{
	PostgresPollingStatusType	state;

	disconnect(sync);
	sync->connection = store_postgres_start(sync->conninfo, sync->role,
	    STORE_SLOW,
	    sync->role == STORE_ROLE_RETENTION ||
	    sync->role == STORE_ROLE_OWNER ? STORE_POSTGRES_NO_LIMIT :
	    store_postgres_deadline(STORE_SLOW), sync->turn);
	if (sync->connection == NULL ||
	    PQstatus(sync->connection) == CONNECTION_BAD)
		return (false);

	state = PGRES_POLLING_WRITING;
	while (state != PGRES_POLLING_OK) {
		if (state == PGRES_POLLING_FAILED ||
		    !wait_for(sync->connection,
		    state == PGRES_POLLING_READING ? POLLIN : POLLOUT,
		    deadline))
			return (false);
		state = PQconnectPoll(sync->connection);
	}

	return (PQsetnonblocking(sync->connection, 1) == 0);
}

static void
disconnect(struct store_sync *sync)
{
	PQfinish(sync->connection);
	sync->connection = NULL;
	sync->prepared_count = 0;
}

/* Forget the last call's result. */
static void
forget(struct store_sync *sync)
{
	PQclear(sync->pg);
	sync->pg = NULL;
	sync->result = STORE_RESULT_FAILED;
}

/* A server that went away while we were idle is noticed before we send. */
static bool
usable(struct store_sync *sync)
{
	struct pollfd	poller;

	if (sync->connection == NULL ||
	    PQstatus(sync->connection) != CONNECTION_OK)
		return (false);

	poller.fd = PQsocket(sync->connection);
	poller.events = POLLRDHUP;
	if (poll(&poller, 1, 0) != 0)
		return (false);

	return (PQconsumeInput(sync->connection) == 1);
}

static enum outcome
execute(struct store_sync *sync, const struct store_call *call,
    int64_t deadline)
{
	enum outcome	outcome;

	outcome = prepare(sync, call->statement, deadline);
	if (outcome != ANSWERED)
		return (outcome);
	if (sync->pg != NULL)
		return (ANSWERED);	/* it could not be prepared */

	if (store_postgres_send(sync->connection, &call, 1) != 1)
		return (UNSENT);

	return (receive(sync, deadline));
}

/* Prepare once a connection.  A refusal stays in sync->pg as the answer. */
static enum outcome
prepare(struct store_sync *sync, const struct store_statement *statement,
    int64_t deadline)
{
	enum outcome	outcome;

	for (size_t i = 0; i < sync->prepared_count; i++) {
		if (sync->prepared[i] == statement)
			return (ANSWERED);
	}
	if (sync->prepared_count == PREPARED_MAX)
		abort();

	if (store_postgres_send_prepare(sync->connection, statement) != 1)
		return (UNSENT);
	outcome = receive(sync, deadline);
	if (outcome == LOST)
		return (UNSENT);
	if (outcome != ANSWERED ||
	    PQresultStatus(sync->pg) != PGRES_COMMAND_OK)
		return (outcome);

	PQclear(sync->pg);
	sync->pg = NULL;
	sync->prepared[sync->prepared_count++] = statement;
	return (ANSWERED);
}

/* Everything sent, every result read; the last one, or the error, is kept. */
static enum outcome
receive(struct store_sync *sync, int64_t deadline)
{
	PGresult	*next;
	int		 unsent;

	while ((unsent = PQflush(sync->connection)) == 1) {
		if (!wait_for(sync->connection, POLLIN | POLLOUT, deadline))
			return (LATE);
		if (PQconsumeInput(sync->connection) != 1)
			return (LOST);
	}
	if (unsent != 0)
		return (LOST);

	for (;;) {
		while (PQisBusy(sync->connection)) {
			if (!wait_for(sync->connection, POLLIN, deadline))
				return (LATE);
			if (PQconsumeInput(sync->connection) != 1)
				return (LOST);
		}
		if ((next = PQgetResult(sync->connection)) == NULL)
			break;
		PQclear(sync->pg);
		sync->pg = next;
	}

	/* A backend that is terminated says so, and then hangs up. */
	if (PQstatus(sync->connection) != CONNECTION_OK) {
		PQclear(sync->pg);
		sync->pg = NULL;
		return (LOST);
	}

	return (ANSWERED);
}

static bool
wait_for(PGconn *connection, short events, int64_t deadline)
{
	struct pollfd	poller;

	poller.fd = PQsocket(connection);
	poller.events = events;
	if (poller.fd < 0)
		return (false);

	for (;;) {
		int	ready = poll(&poller, 1, milliseconds(deadline));

		if (ready > 0)
			return (true);
		if (base_clock_monotonic() >= deadline)
			return (false);
	}
}

/* Until "deadline", as poll() takes it; signals only shorten it. */
static int
milliseconds(int64_t deadline)
{
	int64_t	left = deadline - base_clock_monotonic();

	if (deadline == STORE_POSTGRES_NO_LIMIT || left > 60000)
		return (60000);

	return (left > 0 ? (int)left : 0);
}
