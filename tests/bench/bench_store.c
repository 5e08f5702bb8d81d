/*
 * What the runner costs above libpq: processor time of this process for each
 * statement, beside a bare pipelined loop over the same statements, in the
 * same run against the same private cluster.
 */

#include <sys/resource.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include <libpq-fe.h>

#include "base/base_clock.h"
#include "base/base_poll.h"
#include "store/store_roles.h"
#include "store/store_runner.h"
#include "support/postgres.h"

#define CALLS		40000
#define AT_ONCE		16	/* one connection's depth */

static const struct store_statement	read_one = {
	.name = "read_one", .sql = "SELECT value FROM bench WHERE key = $1",
	.types = "i", .columns = 1, .lane = STORE_FAST, .repeatable = true
};

static const struct store_statement	write_one = {
	.name = "write_one", .sql = "INSERT INTO bench_log (key) VALUES ($1)"
	    " RETURNING 'ok'",
	.types = "i", .columns = 1, .lane = STORE_FAST, .repeatable = true
};

/* Takes the place of store_statements.c. */
const struct store_statement *const *
store_statements(enum store_role role)
{
	static const struct store_statement *const	list[] = {
		&read_one, &write_one, NULL
	};

	(void)role;

	return (list);
}

static struct base_config		 config;
static struct base_poll			 loop;
static struct store_runner		*runner;
static const struct store_statement	*statement;
static int				 left, answered;
static struct base_arena		 arenas[4 * AT_ONCE];

/* User and system time of this process so far, in microseconds. */
static double
used(void)
{
	struct rusage	usage;

	getrusage(RUSAGE_SELF, &usage);

	return (1e6 * (double)(usage.ru_utime.tv_sec +
	    usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec +
	    usage.ru_stime.tv_usec));
}

static void
must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_store: %s\n", what);
	exit(1);
}

static void
report(const char *name, double cpu, int64_t wall)
{
	printf("%-34s %6.2f us cpu/statement, %7.0f statements/s\n", name,
	    cpu / CALLS, 1000.0 * CALLS / (double)(wall > 0 ? wall : 1));
}

/* --- bare libpq, one connection, pipelined ------------------------------- */

static void
bare_send(PGconn *c, int key)
{
	uint8_t		 value[8] = { 0, 0, 0, 0, (uint8_t)(key >> 24),
			    (uint8_t)(key >> 16), (uint8_t)(key >> 8),
			    (uint8_t)key };
	const char	*values[] = { (const char *)value };
	const int	 lengths[] = { 8 }, formats[] = { 1 };

	must(PQsendQueryPrepared(c, statement->name, 1, values, lengths,
	    formats, 1) == 1 && PQpipelineSync(c) == 1, PQerrorMessage(c));
}

/* Wait for something and count the syncs that came. */
static int
bare_read(PGconn *c, int in_flight)
{
	struct pollfd	 poller = { .fd = PQsocket(c), .events = POLLIN };
	PGresult	*result;
	int		 syncs = 0, nulls = 0;

	poll(&poller, 1, -1);
	must(PQconsumeInput(c) == 1, PQerrorMessage(c));
	while (syncs < in_flight && nulls < 2 && !PQisBusy(c)) {
		if ((result = PQgetResult(c)) == NULL) {
			nulls++;
			continue;
		}
		nulls = 0;
		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
			syncs++;
		else
			must(PQresultStatus(result) == PGRES_TUPLES_OK,
			    PQerrorMessage(c));
		PQclear(result);
	}

	return (syncs);
}

static void
bare(const char *name)
{
	PGconn		*c = PQconnectdb(config.database);
	const Oid	 types[] = { 20 };
	double		 cpu;
	int64_t		 wall;
	int		 sent, done;

	must(PQstatus(c) == CONNECTION_OK, PQerrorMessage(c));
	PQclear(PQprepare(c, statement->name, statement->sql, 1, types));
	must(PQsetnonblocking(c, 1) == 0 && PQenterPipelineMode(c) == 1,
	    "pipeline");

	cpu = used();
	wall = base_clock_monotonic();
	for (sent = 0, done = 0; done < CALLS; ) {
		while (sent < CALLS && sent - done < AT_ONCE)
			bare_send(c, sent++ % 1000);
		done += bare_read(c, sent - done);
	}
	report(name, used() - cpu, base_clock_monotonic() - wall);
	PQfinish(c);
}

/* --- the runner ----------------------------------------------------------- */

static void	submit(struct base_arena *);

static void
done_one(void *owner, const struct store_result *result)
{
	struct base_arena	*arena = owner;

	must(store_result_status(result) == STORE_OK, "a call failed");
	answered++;
	base_arena_clear(arena);
	base_arena_init(arena);
	if (left > 0)
		submit(arena);
}

static void
submit(struct base_arena *arena)
{
	struct store_call	*call = store_call(arena, statement);

	left--;
	store_int(call, left % 1000);
	store_runner_submit(runner, call, done_one, arena);
}

static void
measured(const char *name, size_t at_once)
{
	double	cpu;
	int64_t	wall;

	left = CALLS;
	answered = 0;
	cpu = used();
	wall = base_clock_monotonic();
	for (size_t i = 0; i < at_once; i++)
		submit(&arenas[i]);
	while (answered < CALLS)
		must(base_poll_run_once(&loop, 1000), "poll");
	report(name, used() - cpu, base_clock_monotonic() - wall);
}

static void
both(const char *what)
{
	char	name[64];

	snprintf(name, sizeof(name), "%s, bare libpq, 16 at once", what);
	bare(name);
	snprintf(name, sizeof(name), "%s, runner, 16 at once", what);
	measured(name, AT_ONCE);
	snprintf(name, sizeof(name), "%s, runner, 64 at once", what);
	measured(name, (size_t)4 * AT_ONCE);
}

int
main(void)
{
	postgres_config(&config);
	postgres_psql(&config, "CREATE TABLE bench AS SELECT key::int8, 'v'"
	    " AS value FROM generate_series(0, 999) key;"
	    "CREATE UNIQUE INDEX ON bench (key); ANALYZE bench;"
	    "CREATE TABLE bench_log (key int8);"
	    "ALTER TABLE bench OWNER TO permiso;"
	    "ALTER TABLE bench_log OWNER TO permiso");
	base_poll_init(&loop);
	for (size_t i = 0; i < sizeof(arenas) / sizeof(arenas[0]); i++)
		base_arena_init(&arenas[i]);
	runner = store_runner_new(&loop.loop, config.database,
	    STORE_ROLE_OWNER);
	while (!store_runner_ready(runner))
		must(base_poll_run_once(&loop, 1000), "poll");

	statement = &read_one;
	measured("(warming up)", (size_t)4 * AT_ONCE);
	both("read");
	statement = &write_one;
	both("write");
	store_runner_free(runner);

	return (0);
}
