/*
 * One child process: started, signalled, reaped.
 */
#ifndef PERMISO_SUPERVISOR_CHILD_H
#define PERMISO_SUPERVISOR_CHILD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "store/store_hosts.h"
#include "supervisor/supervisor_backoff.h"
#include "supervisor/supervisor_role.h"

#define SUPERVISOR_CHILD_PIPE	3	/* where its settings arrive */
#define SUPERVISOR_CHILD_TABLE	4	/* addresses (store_hosts.h) */
#define SUPERVISOR_CHILD_WISH	5

struct supervisor_child {
	enum supervisor_role		 role;
	struct base_config		 config;
	struct supervisor_user		 user;
	struct store_hosts_ends		 hosts;
	struct supervisor_backoff	 backoff;
	pid_t				 pid;		/* 0: not running */
	int64_t				 started;	/* monotonic, ms */
	int64_t				 due;		/* when to start it */
};

/*
 * Fork, drop to the role's user when "config" says so, execute this program
 * as `serve --as ROLE` in a process group of its own with an empty
 * environment, and hand it its settings.  False, logged, when the system
 * refused; what fails in the child is its exit code.
 */
bool	supervisor_child_start(struct supervisor_child *child, int64_t now);

/* Send "signal" to the child itself, or to its whole process group. */
void	supervisor_child_signal(const struct supervisor_child *child,
	    int signal);
void	supervisor_child_kill(const struct supervisor_child *child);

/*
 * The next child of "children" that has ended, with its wait(2) status; what
 * was left of its process group is killed first.  NULL: none has.
 */
struct supervisor_child	*supervisor_child_reap(
			    struct supervisor_child *children, size_t count,
			    int *status);

#endif /* !PERMISO_SUPERVISOR_CHILD_H */
