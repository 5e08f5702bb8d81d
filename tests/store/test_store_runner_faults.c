/*
 * The pipelined runner while its database restarts, dies, hangs and comes
 * back, and the loop must go on turning.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/base_clock.h"
#include "store/store_sync.h"
#include "support/asker.h"
#include "support/postgres.h"

#define DEADLINE	2000	/* ms: of a statement in the fast lane */

/* Until the database has begun a statement that sleeps. */
static void
wait_asleep(PGconn *watcher)
{
	PGresult	*result;
	bool		 asleep = false;

	while (!asleep) {
		asker_turn();
		result = PQexec(watcher, "SELECT FROM pg_stat_activity WHERE"
		    " wait_event = 'PgSleep'");
		assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
		asleep = PQntuples(result) > 0;
		PQclear(result);
	}
}

/*
 * Fast restart: what repeats is not lost, unless the database was away for
 * longer than a statement may take, and we come back by ourselves (how soon is
 * printed, not asserted).
 */
static void
test_store_runner_restart(void **state)
{
	struct asked	asked[200];
	size_t		count = 0;
	int		child, status;
	int64_t		began, up = 0, back;
	bool		quick;

	(void)state;
	asker_wait_ready();
	began = base_clock_monotonic();
	child = postgres_begin("restart");
	while (up == 0) {
		if (count < 200)
			asker_ask(&asked[count++], &asker_echo, 3);
		asker_turn();
		if (waitpid(child, &status, WNOHANG) == child)
			up = base_clock_monotonic();
	}
	assert_int_equal(status, 0);
	back = asker_recover();
	print_message("back %lld ms after the server was up\n",
	    (long long)(back - up));
	quick = back - began < DEADLINE - 200;
	for (size_t i = 0; i < count; i++) {
		asker_wait(&asked[i]);
		if (quick)
			assert_int_equal(asked[i].status, STORE_OK);
	}
}

/*
 * Backends that are terminated with calls under way: the one that repeats
 * answers, the other fails; neither hangs, neither is called twice.
 */
static void
test_store_runner_terminated(void **state)
{
	struct asked	 asked[4];
	PGconn		*killer = PQconnectdb(asker_config.database);

	(void)state;
	asker_wait_ready();
	asker_ask(&asked[0], &asker_nap_again, 900);
	asker_ask(&asked[1], &asker_echo_once, 1);
	asker_ask(&asked[2], &asker_echo, 2);
	wait_asleep(killer);
	PQclear(PQexec(killer, "SELECT pg_terminate_backend(pid) FROM"
	    " pg_stat_activity WHERE usename = 'permiso' AND"
	    " pid <> pg_backend_pid()"));
	PQfinish(killer);
	asker_ask(&asked[3], &asker_echo, 3);
	for (size_t i = 0; i < 4; i++)
		asker_wait(&asked[i]);
	assert_int_equal(asked[0].status, STORE_OK);
	assert_int_equal(asked[1].status, STORE_FAILED);
	assert_int_equal(asked[2].value, 2);
	assert_int_equal(asked[3].value, 3);
}

/* Killed, away for longer than a deadline, started again. */
static void
test_store_runner_killed(void **state)
{
	struct asked	asked;
	int		child, status;
	int64_t		up, back;

	(void)state;
	asker_wait_ready();
	postgres_signal(SIGKILL, true);
	asker_ask(&asked, &asker_echo, 1);
	asker_wait(&asked);
	assert_int_equal(asked.status, STORE_FAILED);

	child = postgres_begin("start fast");
	while (waitpid(child, &status, WNOHANG) != child)
		asker_turn();
	assert_int_equal(status, 0);
	up = base_clock_monotonic();
	back = asker_recover();
	print_message("back %lld ms after the server was up\n",
	    (long long)(back - up));
}

/*
 * Postmaster and all backends stopped, idle and in mid-statement, and a new
 * asker_runner that connects into the silence: every callback comes before the
 * server goes on, and the loop keeps turning.
 */
static void
test_store_runner_frozen(void **state)
{
	struct store_runner	*other;
	struct asked		 idle[3], middle, early[2];
	PGconn			*watcher;

	(void)state;
	for (int round = 0; round < 2; round++) {
		asker_wait_ready();
		asker_recover();
		if (round == 1) {
			watcher = PQconnectdb(asker_config.database);
			asker_ask(&middle, &asker_nap_again, 60000);
			asker_ask(&early[0], &asker_echo_once, 1);
			asker_ask(&early[1], &asker_echo, 1);
			wait_asleep(watcher);
			PQfinish(watcher);
		}
		asker_gap = 0;
		postgres_signal(SIGSTOP, true);
		for (int i = 0; i < 3; i++)
			asker_ask(&idle[i], i == 2 ? &asker_echo_slow : &asker_echo, i);
		other = store_runner_new(&asker_loop.loop, asker_config.database,
		    STORE_ROLE_WEB);
		asker_wait(&idle[0]);
		assert_int_equal(idle[0].status, STORE_FAILED);
		asker_wait(&idle[1]);
		if (round == 1) {
			asker_wait(&middle);
			assert_int_equal(middle.status, STORE_FAILED);
			asker_wait(&early[0]);
			asker_wait(&early[1]);
		}
		asker_turn_for(2000);	/* as it tries to connect again */
		print_message("longest turn %lld ms\n",
		    (long long)asker_gap);
		/* Who waits for what is stopped waits for ever. */
		assert_true(asker_gap < 15000);
		postgres_signal(SIGCONT, true);
		asker_recover();
		asker_wait(&idle[2]);	/* the slow lane has 10 s */
		store_runner_free(other);
	}
}

static void
test_store_runner_unreachable(void **state)
{
	struct asked	asked;

	(void)state;
	postgres_do("stop immediate");
	asker_ask(&asked, &asker_echo, 1);
	asker_wait(&asked);
	assert_int_equal(asked.status, STORE_FAILED);
	assert_false(store_runner_ready(asker_runner));
	assert_string_equal(store_runner_timeline(asker_runner), "");
	postgres_do("start fast");
	asker_recover();
	assert_null(store_runner_new(&asker_loop.loop, "host='", STORE_ROLE_WEB));
}

/*
 * Two hosts, the first of which accepts and never answers: a moment later the
 * second one serves, for both runners.
 */
static void
test_store_runner_hosts(void **state)
{
	struct sockaddr_un	 name = { .sun_family = AF_UNIX };
	struct store_sync	*sync;
	struct asked		 asked;
	char			 conninfo[8192];
	char			 error[STORE_SYNC_ERROR_MAX + 1];
	int			 mute;

	(void)state;
	snprintf(name.sun_path, sizeof(name.sun_path),
	    "%s/.s.PGSQL.5432", postgres_folder());
	mute = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(mute, (struct sockaddr *)&name, sizeof(name)),
	    0);
	assert_int_equal(listen(mute, 64), 0);

	assert_int_equal(strncmp(asker_config.database, "host=", 5), 0);
	snprintf(conninfo, sizeof(conninfo), "host=%s,%s", postgres_folder(),
	    asker_config.database + 5);
	store_runner_free(asker_runner);
	asker_runner = store_runner_new(&asker_loop.loop, conninfo,
	    STORE_ROLE_WEB);
	asker_wait_ready();
	asker_ask(&asked, &asker_echo, 4);
	asker_wait(&asked);
	assert_int_equal(asked.value, 4);

	sync = store_sync_open(conninfo, STORE_ROLE_OWNER, error);
	if (sync == NULL)
		fail_msg("%s", error);
	store_sync_close(sync);
	close(mute);
	unlink(name.sun_path);
}

/*
 * A fail-over, and then the old primary is all that answers: it does not know
 * that it was replaced, and what it says is not believed.
 */
static void
test_store_runner_timeline(void **state)
{
	struct asked	 asked;
	char		 conninfo[8192];
	const char	*copy = postgres_promoted();

	(void)state;
	snprintf(conninfo, sizeof(conninfo), "host=%s/pg,%s", copy,
	    asker_config.database + 5);
	store_runner_free(asker_runner);
	asker_runner = store_runner_new(&asker_loop.loop, conninfo,
	    STORE_ROLE_WEB);
	asker_recover();
	assert_string_equal(store_runner_timeline(asker_runner), "00000002");

	postgres_promoted_do("stop immediate");
	asker_ask(&asked, &asker_echo, 1);
	asker_wait(&asked);
	assert_int_equal(asked.status, STORE_FAILED);
	assert_false(store_runner_ready(asker_runner));

	postgres_promoted_do("start fast");
	asker_recover();
	assert_string_equal(store_runner_timeline(asker_runner), "00000002");
	/* ... while somebody who knows no better is served by the old one. */
	store_runner_free(asker_runner);
	asker_runner = store_runner_new(&asker_loop.loop,
	    asker_config.database, STORE_ROLE_WEB);
	asker_recover();
	assert_string_equal(store_runner_timeline(asker_runner), "00000001");
}

/* Takes the place of store_statements.c. */
const struct store_statement *const *
store_statements(enum store_role role)
{
	(void)role;

	return (asker_statements());
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, asker_begin, \
			    asker_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_store_runner_restart),
		TEST(test_store_runner_terminated),
		TEST(test_store_runner_killed),
		TEST(test_store_runner_frozen),
		TEST(test_store_runner_unreachable),
		TEST(test_store_runner_hosts),
		TEST(test_store_runner_timeline),
	};

	return (cmocka_run_group_tests(tests, asker_set_up, NULL));
}
