/*
 * The jobs process itself, behind its filter: it works, it waits for a
 * database that is away, it ends when told.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "jobs/jobs.h"
#include "store/store_roles.h"
#include "support/postgres.h"

#define PATIENCE	900	/* tenths of a second */

#define INSERT	"INSERT INTO audit (id, event) SELECT " \
		"partition_bound(now()), 'x'"

static struct base_config	config;

static pid_t
start(void)
{
	pid_t	child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(jobs_serve(&config));

	return (child);
}

static void
wait_for(const char *sql, const char *want)
{
	for (int i = 0; i < PATIENCE; i++) {
		if (strcmp(postgres_psql(&config, sql), want) == 0)
			return;
		usleep(100000);
	}
	fail_msg("%s: %s", sql, postgres_psql(&config, sql));
}

static void
stop(pid_t child)
{
	int	status;

	assert_int_equal(waitpid(child, &status, WNOHANG), 0);
	assert_int_equal(kill(child, SIGTERM), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_jobs_serve(void **state)
{
	pid_t	child;

	(void)state;
	postgres_psql(&config, INSERT);
	postgres_psql(&config, "INSERT INTO challenges SELECT"
	    " sha256(i::text::bytea), now() - interval '1 day'"
	    " FROM generate_series(1, 350) i");
	postgres_psql(&config, "CREATE TABLE grants_2020_01 PARTITION OF"
	    " grants FOR VALUES FROM (partition_bound('2020-01-01')) TO"
	    " (partition_bound('2020-02-01'));"
	    "ALTER TABLE grants_2020_01 OWNER TO permiso_retention");
	child = start();
	wait_for("SELECT coalesce(sum(count), 0) FROM audit_seal", "1");
	wait_for("SELECT count(*) FROM challenges", "0");
	wait_for("SELECT to_regclass('grants_2020_01') IS NULL", "t");
	stop(child);
}

/* Away at the start, and again later. */
static void
test_jobs_serve_away(void **state)
{
	pid_t	child;

	(void)state;
	postgres_psql(&config, "TRUNCATE audit, audit_seal; " INSERT);
	postgres_do("stop immediate");
	child = start();
	usleep(500000);
	postgres_do("start fast");
	wait_for("SELECT coalesce(sum(count), 0) FROM audit_seal", "1");
	postgres_do("restart");
	postgres_psql(&config, "TRUNCATE audit, audit_seal; " INSERT);
	wait_for("SELECT coalesce(sum(count), 0) FROM audit_seal", "1");
	stop(child);
}

/* Two nodes: one works, and when it goes the other does. */
static void
test_jobs_serve_two(void **state)
{
	pid_t	one, two;

	(void)state;
	one = start();
	two = start();
	wait_for("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
	    "1");
	kill(one, SIGKILL);
	waitpid(one, NULL, 0);
	postgres_psql(&config, "TRUNCATE audit, audit_seal; " INSERT);
	wait_for("SELECT coalesce(sum(count), 0) FROM audit_seal", "1");
	stop(two);
}

static int
set_up(void **state)
{
	char	error[BASE_CONFIG_ERROR_MAX + 1];

	(void)state;
	postgres_migrated(&config);

	return (store_roles_conninfo(&config, STORE_ROLE_JOBS,
	    config.role_database, error) && store_roles_conninfo(&config,
	    STORE_ROLE_RETENTION, config.retention_database, error) ? 0 : -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs_serve),
		cmocka_unit_test(test_jobs_serve_away),
		cmocka_unit_test(test_jobs_serve_two),
	};

	return (cmocka_run_group_tests(tests, set_up, NULL));
}
