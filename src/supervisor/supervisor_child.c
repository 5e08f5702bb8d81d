/*
 * One child process.
 */

#include "supervisor/supervisor_child.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/base_log.h"

#define CHILD_DESCRIPTORS	3	/* settings, table, wishes */

static void	child_exec(const struct supervisor_child *, int, pid_t)
		    __attribute__((noreturn));

/* In the child: say what failed and end; the log belongs to the parent. */
static void	child_die(const char *) __attribute__((noreturn));

static void
child_die(const char *what)
{
	dprintf(STDERR_FILENO, "permiso serve: %s: %s\n", what,
	    strerror(errno));
	_exit(EX_OSERR);
}

/*
 * As a program expects them; but a SIGHUP before the role has a handler is no
 * reason to die: what there is to read again has not been read yet.
 */
static void
child_signals(void)
{
	sigset_t	none;

	sigemptyset(&none);
	if (signal(SIGPIPE, SIG_DFL) == SIG_ERR ||
	    signal(SIGHUP, SIG_IGN) == SIG_ERR ||
	    sigprocmask(SIG_SETMASK, &none, NULL) != 0)
		child_die("signals");
}

/* "given" as descriptors 3, 4, ... and none behind them. */
static void
child_descriptors(const int *given, int count)
{
	int	null, high[CHILD_DESCRIPTORS];

	if ((null = open("/dev/null", O_RDWR)) == -1 ||
	    dup2(null, STDIN_FILENO) == -1)
		child_die("/dev/null");
	/* First out of each other's way. */
	for (int i = 0; i < count; i++) {
		high[i] = fcntl(given[i], F_DUPFD,
		    SUPERVISOR_CHILD_PIPE + CHILD_DESCRIPTORS);
		if (high[i] == -1)
			child_die("descriptors");
	}
	for (int i = 0; i < count; i++) {
		if (dup2(high[i], SUPERVISOR_CHILD_PIPE + i) == -1)
			child_die("descriptors");
	}
	if (close_range((unsigned)(SUPERVISOR_CHILD_PIPE + count), ~0U, 0) != 0)
		child_die("close_range");
}

static void
child_user(const struct supervisor_user *user)
{
	if (setgroups(1, &user->sockets) != 0 ||
	    setresgid(user->gid, user->gid, user->gid) != 0 ||
	    setresuid(user->uid, user->uid, user->uid) != 0)
		child_die("becoming the role's user");
	if (setuid(0) == 0) {
		errno = EPERM;
		child_die("staying the role's user");
	}
}

static void
child_exec(const struct supervisor_child *child, int pipe_read, pid_t parent)
{
	char	program[] = "permiso", serve[] = "serve", as[] = "--as";
	char	role[16];
	char	*argv[] = { program, serve, as, role, NULL };
	char	*environment[] = { NULL };
	bool	 jobs = child->role == SUPERVISOR_JOBS;
	int	 given[CHILD_DESCRIPTORS] = {
		pipe_read,
		jobs ? child->hosts.table_write : child->hosts.table_read,
		jobs ? child->hosts.wish_read : child->hosts.wish_write,
	};

	snprintf(role, sizeof(role), "%s", supervisor_role_name(child->role));
	if (setpgid(0, 0) != 0)
		child_die("setpgid");
	child_descriptors(given, CHILD_DESCRIPTORS);
	if (child->config.separate_users)
		child_user(&child->user);

	/* After the change of user, which would clear it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		child_die("PR_SET_PDEATHSIG");
	if (getppid() != parent)
		_exit(EX_TEMPFAIL);	/* it died before we asked */
	child_signals();

	execve("/proc/self/exe", argv, environment);
	child_die("/proc/self/exe");
}

bool
supervisor_child_start(struct supervisor_child *child, int64_t now)
{
	const char	*name = supervisor_role_name(child->role);
	pid_t		 parent = getpid(), pid;
	bool		 written;
	int		 ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0) {
		base_log(BASE_LOG_ERROR, "supervisor", "no pipe",
		    base_log_text("role", name),
		    base_log_text("error", strerror(errno)));
		return (false);
	}
	if ((pid = fork()) == 0)
		child_exec(child, ends[0], parent);
	close(ends[0]);
	if (pid == -1) {
		base_log(BASE_LOG_ERROR, "supervisor", "no fork",
		    base_log_text("role", name),
		    base_log_text("error", strerror(errno)));
		close(ends[1]);
		return (false);
	}

	/* Either side may come first; the loser's error does not matter. */
	(void)setpgid(pid, pid);
	written = base_config_write(&child->config, ends[1]);
	close(ends[1]);
	child->pid = pid;
	child->started = now;
	base_log(BASE_LOG_INFO, "supervisor", "started",
	    base_log_text("role", name), base_log_number("pid", pid),
	    base_log_text("settings", written ? "written" : "refused"));

	return (true);
}

void
supervisor_child_signal(const struct supervisor_child *child, int signal)
{
	if (child->pid > 0)
		(void)kill(child->pid, signal);
}

void
supervisor_child_kill(const struct supervisor_child *child)
{
	if (child->pid > 0)
		(void)kill(-child->pid, SIGKILL);
}

struct supervisor_child *
supervisor_child_reap(struct supervisor_child *children, size_t count,
    int *status)
{
	siginfo_t	info;

	for (;;) {
		/* Looked at first: its number is ours until it is reaped. */
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
		    info.si_pid == 0)
			return (NULL);
		for (size_t i = 0; i < count; i++) {
			if (children[i].pid != info.si_pid)
				continue;
			supervisor_child_kill(&children[i]);
			(void)waitpid(info.si_pid, status, 0);
			children[i].pid = 0;
			return (&children[i]);
		}
		(void)waitpid(info.si_pid, NULL, 0);	/* an orphan */
	}
}
