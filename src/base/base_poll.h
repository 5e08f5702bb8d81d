/*
 * A loop on poll(2): for the signer, jobs and tests.
 *
 * A callback may watch, unwatch, start and stop anything, itself included,
 * and free what it unwatched.
 */
#ifndef PERMISO_BASE_POLL_H
#define PERMISO_BASE_POLL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base_loop.h"

struct pollfd;

struct base_poll {
	struct base_loop	  loop;		/* first: what others are given */
	struct base_watch	**watches;	/* NULL where one was taken out */
	size_t			  watch_count;
	size_t			  watch_size;
	struct base_timer	**timers;
	size_t			  timer_count;
	size_t			  timer_size;
	struct pollfd		 *fds;
	size_t			  fd_size;
	bool			  stopped;
};

void	base_poll_init(struct base_poll *poll);

/*
 * Wait at most "timeout" milliseconds (-1: until something happens), then call
 * what is ready and due.  False when poll(2) fails, which only a bug does; a
 * signal is not a failure.
 */
bool	base_poll_run_once(struct base_poll *poll, int timeout);

/* Until base_poll_stop(), or nothing is left to wait for. */
bool	base_poll_run(struct base_poll *poll);
void	base_poll_stop(struct base_poll *poll);

/* Forgets everything; descriptors stay open, they are their owners'. */
void	base_poll_clear(struct base_poll *poll);

#endif /* !PERMISO_BASE_POLL_H */
