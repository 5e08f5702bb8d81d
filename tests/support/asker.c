/*
 * One loop, one runner, and calls that remember their answer.
 */

#include "support/asker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/base_clock.h"
#include "store/store_gather.h"
#include "store/store_roles.h"
#include "support/postgres.h"

#define PATIENCE	90000	/* ms until a test gives up */

#define STATEMENT(n, text, t, c, l, again) \
	const struct store_statement asker_ ## n = { .name = #n, \
	    .sql = (text), .types = (t), .columns = (c), .lane = (l), \
	    .repeatable = (again) }

STATEMENT(echo, "SELECT $1", "i", 1, STORE_FAST, true);
STATEMENT(echo_once, "SELECT $1", "i", 1, STORE_FAST, false);
STATEMENT(echo_slow, "SELECT $1", "i", 1, STORE_SLOW, true);
STATEMENT(nap, "SELECT pg_sleep($1 / 1000.0)::text", "i", 1, STORE_FAST,
    false);
STATEMENT(nap_again, "SELECT pg_sleep($1 / 1000.0)::text", "i", 1, STORE_FAST,
    true);
STATEMENT(add, "INSERT INTO runner_test (key) VALUES ($1) RETURNING 'ok'", "i",
    1, STORE_FAST, false);
STATEMENT(add_late, "INSERT INTO runner_late (key) VALUES ($1) RETURNING 'ok'",
    "i", 1, STORE_FAST, false);
STATEMENT(raise, "UPDATE runner_test SET times = times + 1 WHERE key = $1"
    " RETURNING times", "i", 1, STORE_FAST, false);
STATEMENT(broken, "SELECT nothing FROM nowhere", "", 1, STORE_FAST, true);
STATEMENT(backend, "SELECT pg_backend_pid()::int8", "", 1, STORE_FAST, true);
STATEMENT(large, "SELECT repeat('x', 1000000) WHERE $1 > 0", "i", 1,
    STORE_FAST, true);

/* Each call's answer is its own: 1000 through its number, 0 fails. */
#define SHARED(n, wait, a) \
	const struct store_statement asker_ ## n = { .name = #n, \
	    .sql = "SELECT 1000 / $1[i], i FROM " STORE_GATHER("$1") \
	    ", (SELECT pg_sleep(" wait ") OFFSET 0) AS nap", \
	    .types = "i", .columns = 1, .lane = STORE_FAST, \
	    .repeatable = true, .gather = 8, .apart = (a) }

SHARED(share, "0", 1);
SHARED(share_slowly, "0.5", 0);

const struct store_statement *const *
asker_statements(void)
{
	static const struct store_statement *const	list[] = {
		&asker_echo, &asker_echo_once, &asker_echo_slow, &asker_nap,
		&asker_nap_again, &asker_add, &asker_add_late, &asker_raise,
		&asker_broken, &asker_backend, &asker_large, &asker_share,
		&asker_share_slowly, NULL
	};

	return (list);
}

struct base_config		 asker_config;
static struct base_arena	 arena;
struct base_poll		 asker_loop;
struct store_runner		*asker_runner;
static size_t			 arrived;
int64_t				 asker_gap;

static void
done(void *owner, const struct store_result *result)
{
	struct asked	*asked = owner;

	asked->calls++;
	asked->status = store_result_status(result);
	asked->answered_at = base_clock_monotonic();
	asked->order = ++arrived;
	asked->value = -1;
	if (asked->status == STORE_OK)
		store_cell_int(result, 0, 0, &asked->value);
}

struct store_call *
asker_call(const struct store_statement *statement, int64_t value)
{
	struct store_call	*call = store_call(&arena, statement);

	if (statement->types[0] != '\0')
		store_int(call, value);

	return (call);
}

void
asker_ask(struct asked *asked, const struct store_statement *statement,
    int64_t value)
{
	memset(asked, 0, sizeof(*asked));
	asked->ticket = store_runner_submit(asker_runner,
	    asker_call(statement, value), done, asked);
	assert_non_null(asked->ticket);
	assert_int_equal(asked->calls, 0);
}

void
asker_turn(void)
{
	int64_t	before = base_clock_monotonic(), gap;

	assert_true(base_poll_run_once(&asker_loop, 10));
	gap = base_clock_monotonic() - before;
	if (gap > asker_gap)
		asker_gap = gap;
}

void
asker_turn_for(int64_t milliseconds)
{
	int64_t	until = base_clock_monotonic() + milliseconds;

	while (base_clock_monotonic() < until)
		asker_turn();
}

void
asker_wait(const struct asked *asked)
{
	int64_t	until = base_clock_monotonic() + PATIENCE;

	while (asked->calls == 0) {
		if (base_clock_monotonic() > until)
			fail_msg("no answer at all");
		asker_turn();
	}
	assert_int_equal(asked->calls, 1);
}

void
asker_wait_ready(void)
{
	int64_t	until = base_clock_monotonic() + PATIENCE;

	while (!store_runner_ready(asker_runner)) {
		if (base_clock_monotonic() > until)
			fail_msg("never ready");
		asker_turn();
	}
}

/* Asks until the database answers again; when that was. */
int64_t
asker_recover(void)
{
	struct asked	asked;
	int64_t		until = base_clock_monotonic() + PATIENCE;

	do {
		if (base_clock_monotonic() > until)
			fail_msg("never came back");
		asker_ask(&asked, &asker_echo, 1);
		asker_wait(&asked);
	} while (asked.status != STORE_OK);

	return (asked.answered_at);
}

int
asker_begin(void **state)
{
	char	conninfo[BASE_CONFIG_TEXT_MAX + 1];
	char	error[BASE_CONFIG_ERROR_MAX + 1];

	(void)state;
	base_arena_init(&arena);
	base_poll_init(&asker_loop);
	arrived = 0;
	asker_gap = 0;
	if (!store_roles_conninfo(&asker_config, STORE_ROLE_OWNER, conninfo, error))
		return (-1);
	asker_runner = store_runner_new(&asker_loop.loop, conninfo, STORE_ROLE_WEB);

	return (asker_runner == NULL ? -1 : 0);
}

int
asker_end(void **state)
{
	(void)state;
	store_runner_free(asker_runner);
	base_poll_clear(&asker_loop);
	base_arena_clear(&arena);

	return (0);
}

int
asker_set_up(void **state)
{
	(void)state;
	postgres_config(&asker_config);
	postgres_psql(&asker_config, "CREATE TABLE runner_test (key int8 PRIMARY KEY"
	    " CHECK (key > 0), times int8 NOT NULL DEFAULT 0);"
	    " CREATE TABLE runner_late (key int8 REFERENCES"
	    " runner_test DEFERRABLE INITIALLY DEFERRED);"
	    "ALTER TABLE runner_test OWNER TO permiso;"
	    "ALTER TABLE runner_late OWNER TO permiso");

	return (0);
}

