/*
 * `permiso serve`.
 */

#include "supervisor/supervisor.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base_bytes.h"
#include "base/base_clock.h"
#include "base/base_log.h"
#include "base/base_random.h"
#include "supervisor/supervisor_child.h"
#include "supervisor/supervisor_database.h"

/* Inside TimeoutStopSec of the unit, so that the order is ours. */
#define DRAIN_WEB	15000	/* ms: requests finish */
#define DRAIN_REST	3000	/* ms: signer and jobs have little to finish */

enum phase {
	PHASE_RUNNING,
	PHASE_WEB,		/* web has been asked to end */
	PHASE_REST,		/* web is gone, the others were asked */
	PHASE_DONE
};

struct supervisor {
	struct supervisor_child	children[SUPERVISOR_ROLE_COUNT];
	enum phase		phase;
	int64_t			deadline;	/* of the phase, when ending */
	int			code;		/* to end with */
	int			signals;	/* signalfd */
};

/* Nothing may read our memory, which holds every key for a moment. */
static bool
hide(void)
{
	const struct rlimit	no_core = { 0, 0 };

	return (prctl(PR_SET_DUMPABLE, 0) == 0 &&
	    setrlimit(RLIMIT_CORE, &no_core) == 0);
}

static int
signals_open(void)
{
	sigset_t	set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return (-1);

	return (signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

/*
 * The folder of the sockets: ours alone, or, when roles have users of their
 * own, one where each may make a socket that the others may use and none may
 * remove another's.
 */
static bool
run_dir_make(const struct base_config *config, gid_t sockets)
{
	mode_t		mode = config->separate_users ? 03770 : 0700;
	struct stat	st;

	if (mkdir(config->run_dir, 0700) != 0 && errno != EEXIST)
		return (false);
	if (lstat(config->run_dir, &st) != 0)
		return (false);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
		errno = S_ISDIR(st.st_mode) ? EPERM : ENOTDIR;
		return (false);
	}
	if (config->separate_users &&
	    chown(config->run_dir, 0, sockets) != 0)
		return (false);

	if (chmod(config->run_dir, mode) != 0 ||
	    lstat(config->run_dir, &st) != 0)
		return (false);
	/* Without CAP_FSETID the bit that hands on the group is not set, and
	 * nobody says so. */
	errno = EPERM;
	return ((st.st_mode & 07777) == mode);
}

/* Memory for the addresses of the database, filled for the first time. */
static bool
hosts_make(const struct base_config *config, struct supervisor *sv)
{
	struct store_hosts_ends	ends;

	if (!store_hosts_make(&ends) ||
	    !store_hosts_serve(ends.table_write, ends.wish_read))
		return (false);

	store_hosts_resolve(config->database);
	for (int i = 0; i < SUPERVISOR_ROLE_COUNT; i++)
		sv->children[i].hosts = ends;

	return (true);
}

/* Settings, users and the run folder; the root key is wiped at the end. */
static int
prepare(struct cli *cli, struct supervisor *sv)
{
	struct base_config	*config = &cli->config;
	struct supervisor_child	*child;
	char			 error[BASE_CONFIG_ERROR_MAX + 1];

	config->separate_users = geteuid() == 0;
	if (!hosts_make(config, sv))
		return (cli_fail(cli, EX_OSERR, "memory for addresses: %s",
		    strerror(errno)));
	base_random_bytes(config->signer_auth, sizeof(config->signer_auth));

	for (int i = 0; i < SUPERVISOR_ROLE_COUNT; i++) {
		child = &sv->children[i];
		child->role = (enum supervisor_role)i;
		if (!supervisor_role_config(config, child->role,
		    &child->config, error))
			return (cli_fail(cli, EX_CONFIG, "%s", error));
		if (config->separate_users && !supervisor_role_user(config,
		    child->role, &child->user, error))
			return (cli_fail(cli, EX_CONFIG, "%s", error));
	}
	base_bytes_wipe(config->root_key, sizeof(config->root_key));
	base_bytes_wipe(config->database, sizeof(config->database));
	base_bytes_wipe(config->signer_auth, sizeof(config->signer_auth));
	config->has_root_key = false;

	if (!run_dir_make(config, sv->children[0].user.sockets))
		return (cli_fail(cli, EX_CONFIG, "RUN_DIR %s: %s",
		    config->run_dir, strerror(errno)));

	return (EX_OK);
}

static bool
any_alive(const struct supervisor *sv)
{
	for (int i = 0; i < SUPERVISOR_ROLE_COUNT; i++) {
		if (sv->children[i].pid != 0)
			return (true);
	}

	return (false);
}

/* End in order: web first, for it still needs the others. */
static void
stop(struct supervisor *sv, int code)
{
	if (sv->phase != PHASE_RUNNING)
		return;
	sv->code = code;
	sv->phase = PHASE_WEB;
	sv->deadline = base_clock_monotonic() + DRAIN_WEB;
	supervisor_child_signal(&sv->children[SUPERVISOR_WEB], SIGTERM);
}

/* Go on to the next phase when the present one is over. */
static void
stop_step(struct supervisor *sv, int64_t now)
{
	if (sv->phase == PHASE_WEB) {
		if (now >= sv->deadline)
			supervisor_child_kill(&sv->children[SUPERVISOR_WEB]);
		if (sv->children[SUPERVISOR_WEB].pid != 0)
			return;
		sv->phase = PHASE_REST;
		sv->deadline = now + DRAIN_REST;
		supervisor_child_signal(&sv->children[SUPERVISOR_JOBS],
		    SIGTERM);
		supervisor_child_signal(&sv->children[SUPERVISOR_SIGNER],
		    SIGTERM);
	}
	if (sv->phase == PHASE_REST) {
		if (now >= sv->deadline) {
			for (int i = 0; i < SUPERVISOR_ROLE_COUNT; i++)
				supervisor_child_kill(&sv->children[i]);
		}
		if (!any_alive(sv))
			sv->phase = PHASE_DONE;
	}
}

static void
ended(struct supervisor *sv, struct supervisor_child *child, int status)
{
	const char	*name = supervisor_role_name(child->role);
	int64_t		 now = base_clock_monotonic(), delay = 0;
	bool		 again;
	int		 code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

	if (sv->phase != PHASE_RUNNING) {
		base_log(BASE_LOG_INFO, "supervisor", "ended",
		    base_log_text("role", name));
		return;
	}

	again = supervisor_backoff_again(&child->backoff,
	    now - child->started, status, &delay);
	base_log(BASE_LOG_ERROR, "supervisor", "died",
	    base_log_text("role", name),
	    base_log_number("exit", code),
	    base_log_number("signal",
	    WIFSIGNALED(status) ? WTERMSIG(status) : 0),
	    base_log_number("lived_ms", now - child->started),
	    base_log_number("again_in_ms", again ? delay : -1));
	child->due = now + delay;
	if (!again)
		stop(sv, code != 0 ? code : EX_SOFTWARE);
}

static void
reap(struct supervisor *sv)
{
	struct supervisor_child	*child;
	int			 status;

	while ((child = supervisor_child_reap(sv->children,
	    SUPERVISOR_ROLE_COUNT, &status)) != NULL)
		ended(sv, child, status);
}

static void
signalled(struct supervisor *sv, uint32_t number)
{
	if (number == SIGCHLD)
		return;		/* reap() looks after every wait */

	base_log(BASE_LOG_INFO, "supervisor", "signal",
	    base_log_text("name", sigabbrev_np((int)number)));
	if (number == SIGHUP) {
		for (int i = 0; i < SUPERVISOR_ROLE_COUNT; i++)
			supervisor_child_signal(&sv->children[i], SIGHUP);
		return;
	}
	if (sv->phase == PHASE_RUNNING)
		stop(sv, EX_OK);
	else
		sv->deadline = 0;	/* asked twice: no more waiting */
}

/* Start what is due; the milliseconds until something else is. */
static int
start_due(struct supervisor *sv, int64_t now)
{
	struct supervisor_child	*child;
	int64_t			 wait = 60000;

	for (int i = 0; i < SUPERVISOR_ROLE_COUNT; i++) {
		child = &sv->children[i];
		if (child->pid != 0 || sv->phase != PHASE_RUNNING)
			continue;
		if (child->due <= now && !supervisor_child_start(child, now))
			child->due = now + 1000;
		if (child->pid == 0 && child->due - now < wait)
			wait = child->due - now;
	}
	if (sv->phase != PHASE_RUNNING && sv->deadline > now &&
	    sv->deadline - now < wait)
		wait = sv->deadline - now;

	return ((int)wait);
}

static void
wait_signal(struct supervisor *sv, int milliseconds)
{
	struct pollfd		pfd = { .fd = sv->signals, .events = POLLIN };
	struct signalfd_siginfo	info;

	(void)poll(&pfd, 1, milliseconds);
	while (read(sv->signals, &info, sizeof(info)) == sizeof(info))
		signalled(sv, info.ssi_signo);
}

static int
supervise(struct supervisor *sv)
{
	while (sv->phase != PHASE_DONE) {
		wait_signal(sv, start_due(sv, base_clock_monotonic()));
		reap(sv);
		stop_step(sv, base_clock_monotonic());
	}
	base_log(BASE_LOG_INFO, "supervisor", "stopped",
	    base_log_number("exit", sv->code));

	return (sv->code);
}

static int
serve(struct cli *cli)
{
	static struct supervisor	sv;
	int				code;

	if (!hide())
		return (cli_fail(cli, EX_OSERR, "prctl: %s", strerror(errno)));
	if ((code = cli_settings(cli)) != EX_OK)
		return (code);
	base_log_open("supervisor", cli->config.log_level,
	    cli->config.log_json);
	if ((code = supervisor_database_check(cli)) != EX_OK)
		return (code);
	if ((code = prepare(cli, &sv)) != EX_OK)
		return (code);
	if ((sv.signals = signals_open()) == -1)
		return (cli_fail(cli, EX_OSERR, "signals: %s",
		    strerror(errno)));

	base_log(BASE_LOG_INFO, "supervisor", "serving",
	    base_log_text("issuer", cli->config.app_url),
	    base_log_text("version", CLI_VERSION),
	    base_log_number("pid", getpid()));
	code = supervise(&sv);
	for (int i = 0; i < SUPERVISOR_ROLE_COUNT; i++)
		base_config_clear(&sv.children[i].config);

	return (code);
}

int
supervisor_serve(struct cli *cli, int argc, char **argv)
{
	enum supervisor_role	 role;
	const char		*as = NULL;
	const struct cli_option	 options[] = {
		{ "--as", &as, NULL },
		{ NULL, NULL, NULL }
	};

	if (!cli_options(cli, &argc, argv, options, 0, 0))
		return (EX_USAGE);
	if (as == NULL)
		return (serve(cli));
	if (!supervisor_role_parse(as, &role))
		return (cli_fail(cli, EX_USAGE, "there is no role \"%s\"", as));

	return (supervisor_role_run(role));
}
