/*
 * The jobs process: a table of tasks, each with its own pace.
 *
 * Everything it does is a single statement that may be cut off at any point
 * and done again, so SIGTERM simply ends it.  With several nodes one of them
 * leads; the others look every two seconds whether it still does.  Mail is
 * sent by a child of each node's (jobs_mail.h).
 */

#include "jobs/jobs.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/base_arena.h"
#include "base/base_clock.h"
#include "base/base_log.h"
#include "base/base_sandbox.h"
#include "jobs/jobs_mail.h"
#include "store/store_audit.h"
#include "store/store_cleanup.h"
#include "store/store_hosts.h"
#include "store/store_outbox.h"
#include "store/store_sync.h"

#define TURN_MS		2000
#define START_MS	250		/* the others first */
#define HOSTS_EVERY_MS	30000
#define HOSTS_AGAIN_MS	900		/* while others wish it */
#define RETRY_MS	60000		/* a task that failed */
#define MINUTE_MS	60000
#define HOUR_MS		(60 * MINUTE_MS)
#define TASK_COUNT	6
#define REMOVALS_MOST	64		/* of one round */
#define HEAD_TEXT	(2 * BASE_SHA256_LEN)

struct jobs {
	const struct base_config	*config;
	struct base_arena		 arena;		/* of one task */
	struct store_sync		*store;		/* NULL: away */
	struct store_sync		*retention;	/* NULL: not now */
	bool				 away;		/* and logged */
	int64_t				 due[TASK_COUNT];
	int64_t				 hosts_due;	/* look up names */
	int64_t				 hosts_soonest;
	char				 head[HEAD_TEXT + 1];
};

enum outcome {
	DONE,
	MORE,		/* at once again */
	FAILED
};

struct task {
	const char	*name;
	int64_t		 every;		/* ms */
	enum outcome	(*run)(struct jobs *);
};

static enum outcome	 audit_head(struct jobs *);
static enum outcome	 audit_prune(struct jobs *);
static enum outcome	 audit_seal(struct jobs *);
static enum outcome	 clean_up(struct jobs *);
static bool		 connect_both(struct jobs *);
static struct store_sync
			*connect_one(struct jobs *, const char *,
			    enum store_role);
static bool		 leads(struct jobs *);
static enum outcome	 mail_server(struct jobs *);
static enum outcome	 partitions(struct jobs *);
static enum outcome	 partitions_remove(struct jobs *);
static void		 rest(struct jobs *);
static void		 stop(int);
static void		 turn(struct jobs *);

static const struct task	tasks[TASK_COUNT] = {
	{ "audit seal",		TURN_MS,	audit_seal },
	{ "audit head",		HOUR_MS,	audit_head },
	{ "clean-up",		MINUTE_MS,	clean_up },
	{ "mail server",	MINUTE_MS,	mail_server },
	{ "audit retention",	HOUR_MS,	audit_prune },
	{ "partitions",		24 * HOUR_MS,	partitions },
};

int
jobs_serve(const struct base_config *config)
{
	struct jobs		jobs = { .config = config };
	struct sigaction	action = { .sa_handler = stop };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = SIG_IGN;	/* nothing here is read again */
	sigaction(SIGHUP, &action, NULL);
	if (!jobs_mail_start(config))
		return (EX_OSERR);
	if (!base_sandbox_enter(NULL)) {
		base_log(BASE_LOG_ERROR, "jobs", "no system call filter");
		return (EX_OSERR);
	}

	base_log(BASE_LOG_INFO, "jobs", "started");
	(void)store_hosts_wished(START_MS);
	for (;;) {
		turn(&jobs);
		rest(&jobs);
	}
}

/*
 * Until the next turn.  The names of the database's hosts are looked up now and
 * then, and when another process could not connect, but not in every blink of
 * an outage.
 */
static void
rest(struct jobs *jobs)
{
	bool		wished = store_hosts_wished(TURN_MS);
	int64_t		now = base_clock_monotonic();
	int64_t		early = jobs->hosts_soonest - now;
	struct timespec	pause = { .tv_nsec = early * 1000 * 1000 };

	if (!wished && now < jobs->hosts_due)
		return;
	if (early > 0)
		(void)nanosleep(&pause, NULL);

	store_hosts_resolve(jobs->config->role_database);
	now = base_clock_monotonic();
	jobs->hosts_soonest = now + HOSTS_AGAIN_MS;
	jobs->hosts_due = now + HOSTS_EVERY_MS;
}

/* One look at everything. */
static void
turn(struct jobs *jobs)
{
	int64_t	now = base_clock_monotonic();

	if (jobs->store == NULL && (jobs->store = connect_one(jobs,
	    jobs->config->role_database, STORE_ROLE_JOBS)) == NULL)
		return;
	if (!leads(jobs))
		return;

	for (size_t i = 0; i < TASK_COUNT; i++) {
		enum outcome	outcome = MORE;

		if (jobs->due[i] > now)
			continue;
		while (outcome == MORE) {
			base_arena_init(&jobs->arena);
			outcome = tasks[i].run(jobs);
			base_arena_clear(&jobs->arena);
		}
		jobs->due[i] = now + tasks[i].every;
		if (outcome == FAILED) {
			base_log(BASE_LOG_WARNING, "jobs", "task failed",
			    base_log_text("task", tasks[i].name));
			if (tasks[i].every > RETRY_MS)
				jobs->due[i] = now + RETRY_MS;
		}
	}

	/* Needed now and then only, and a backend is not free. */
	store_sync_close(jobs->retention);
	jobs->retention = NULL;
}

/* A line when it goes away and one when it is back, not one a turn. */
static struct store_sync *
connect_one(struct jobs *jobs, const char *conninfo, enum store_role role)
{
	struct store_sync	*sync;
	char			 error[STORE_SYNC_ERROR_MAX + 1];

	sync = store_sync_open(conninfo, role, error);
	if (sync == NULL && !jobs->away)
		base_log(BASE_LOG_WARNING, "jobs", "the database is away",
		    base_log_text("why", error));
	if (sync != NULL && jobs->away)
		base_log(BASE_LOG_INFO, "jobs", "the database is back");
	jobs->away = sync == NULL;

	return (sync);
}

static bool
connect_both(struct jobs *jobs)
{
	if (jobs->retention == NULL)
		jobs->retention = connect_one(jobs,
		    jobs->config->retention_database, STORE_ROLE_RETENTION);

	return (jobs->retention != NULL);
}

static bool
leads(struct jobs *jobs)
{
	const struct store_result	*result;
	bool				 leader = false;

	base_arena_init(&jobs->arena);
	result = store_sync_run(jobs->store,
	    store_cleanup_leader(&jobs->arena));
	if (store_result_status(result) != STORE_OK ||
	    !store_cell_bool(result, 0, 0, &leader)) {
		store_sync_close(jobs->store);
		jobs->store = NULL;
	}
	base_arena_clear(&jobs->arena);

	return (leader);
}

static enum outcome
audit_seal(struct jobs *jobs)
{
	const struct store_result	*result;
	int64_t				 count;

	result = store_sync_run(jobs->store, store_audit_seal(&jobs->arena));
	if (store_result_status(result) != STORE_OK)
		return (FAILED);
	if (store_result_rows(result) == 0)
		return (DONE);
	if (!store_cell_int(result, 0, 1, &count) ||
	    !store_cell_text(result, 0, 2, jobs->head, sizeof(jobs->head)))
		return (FAILED);

	return (count >= STORE_AUDIT_MOST ? MORE : DONE);
}

/* Outside the database, so that nobody can cut off the end of the chain
 * unseen who cannot change the log too. */
static enum outcome
audit_head(struct jobs *jobs)
{
	if (jobs->head[0] != '\0')
		base_log(BASE_LOG_INFO, "jobs", "audit sealed",
		    base_log_text("head", jobs->head));

	return (DONE);
}

static enum outcome
clean_up(struct jobs *jobs)
{
	const struct store_result	*result;
	int64_t				 most;

	result = store_sync_run(jobs->store, store_cleanup(&jobs->arena));
	if (store_verdict(result) != STORE_OK ||
	    !store_cell_int(result, 0, 1, &most))
		return (FAILED);

	return (most >= STORE_CLEANUP_BATCH ? MORE : DONE);
}

/* Statements queue mails only where somebody sends them. */
static enum outcome
mail_server(struct jobs *jobs)
{
	return (store_verdict(store_sync_run(jobs->store,
	    store_outbox_enable(&jobs->arena,
	    jobs->config->smtp_host[0] != '\0'))) == STORE_OK ? DONE :
	    FAILED);
}

static enum outcome
audit_prune(struct jobs *jobs)
{
	const struct store_result	*result;
	int64_t				 seals;

	if (!connect_both(jobs))
		return (FAILED);
	result = store_sync_run(jobs->retention,
	    store_audit_prune(&jobs->arena, jobs->config->audit_days));
	if (store_verdict(result) != STORE_OK ||
	    !store_cell_int(result, 0, 1, &seals))
		return (FAILED);

	return (seals > 0 ? MORE : DONE);
}

static enum outcome
partitions(struct jobs *jobs)
{
	const struct store_result	*result;
	int64_t				 made;

	if (!connect_both(jobs))
		return (FAILED);
	result = store_sync_run(jobs->retention,
	    store_cleanup_partitions(&jobs->arena));
	if (store_result_status(result) != STORE_OK ||
	    !store_cell_int(result, 0, 0, &made))
		return (FAILED);
	if (made > 0)
		base_log(BASE_LOG_INFO, "jobs", "partitions made",
		    base_log_number("count", made));

	return (partitions_remove(jobs));
}

/* Each removal takes up to three texts, which are asked for one by one. */
static enum outcome
partitions_remove(struct jobs *jobs)
{
	const struct store_result	*result;
	struct base_slice		 text;
	char				 error[STORE_SYNC_ERROR_MAX + 1];
	char				*sql;

	for (int i = 0; i < REMOVALS_MOST; i++) {
		result = store_sync_run(jobs->retention,
		    store_cleanup_removals(&jobs->arena));
		if (store_result_status(result) != STORE_OK)
			return (FAILED);
		if (store_result_rows(result) == 0)
			return (DONE);
		if (!store_cell_slice(result, 0, 0, &text))
			return (FAILED);
		sql = base_arena_text(&jobs->arena, text.data, text.len);
		base_log(BASE_LOG_INFO, "jobs", "partition",
		    base_log_text("sql", sql));
		if (store_sync_script(jobs->retention, sql, INT64_MAX,
		    error) != STORE_OK)
			return (FAILED);
	}

	return (DONE);
}

/* Nothing is half done: each step is one statement. */
static void
stop(int signal)
{
	(void)signal;
	_exit(EX_OK);
}
