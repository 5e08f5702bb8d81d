/*
 * When a child that ended is started again.
 */

#include "supervisor/supervisor_backoff.h"

#include <sys/wait.h>

#include <sysexits.h>

bool
supervisor_backoff_again(struct supervisor_backoff *backoff, int64_t lived,
    int status, int64_t *delay)
{
	int64_t	wait = SUPERVISOR_BACKOFF_FIRST;

	if (lived >= SUPERVISOR_BACKOFF_STEADY) {
		backoff->steady = true;
		backoff->failures = 0;
	}
	backoff->failures++;

	if (!backoff->steady) {
		if (WIFEXITED(status) && (WEXITSTATUS(status) == EX_CONFIG ||
		    WEXITSTATUS(status) == EX_USAGE))
			return (false);
		if (backoff->failures >= SUPERVISOR_BACKOFF_TRIES)
			return (false);
	}

	for (unsigned i = 1; i < backoff->failures &&
	    wait < SUPERVISOR_BACKOFF_MOST; i++)
		wait *= 2;
	*delay = wait < SUPERVISOR_BACKOFF_MOST ? wait :
	    SUPERVISOR_BACKOFF_MOST;

	return (true);
}
