/*
 * Entries are taken out by writing NULL and new ones are only appended, so
 * that a pass over the lists survives whatever its callbacks do; holes are
 * closed before the next pass.
 */

#include "base/base_poll.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_clock.h"
#include "base/base_log.h"

static bool
poll_watch(struct base_loop *loop, struct base_watch *watch)
{
	struct base_poll	 *poll = (struct base_poll *)loop;
	struct base_watch	**watches;
	size_t			  size;

	if (watch->slot != NULL)
		return (true);	/* its events are read at each pass */

	if (poll->watch_count == poll->watch_size) {
		size = poll->watch_size == 0 ? 16 : 2 * poll->watch_size;
		watches = reallocarray(poll->watches, size, sizeof(*watches));
		if (watches == NULL)
			return (false);
		poll->watches = watches;
		poll->watch_size = size;
	}
	poll->watches[poll->watch_count++] = watch;
	watch->slot = poll;

	return (true);
}

static void
poll_unwatch(struct base_loop *loop, struct base_watch *watch)
{
	struct base_poll	*poll = (struct base_poll *)loop;
	size_t			 i;

	if (watch->slot == NULL)
		return;
	for (i = 0; i < poll->watch_count; i++) {
		if (poll->watches[i] == watch)
			poll->watches[i] = NULL;
	}
	watch->slot = NULL;
}

static void
poll_start(struct base_loop *loop, struct base_timer *timer)
{
	struct base_poll	 *poll = (struct base_poll *)loop;
	struct base_timer	**timers;
	size_t			  size;

	if (timer->set)
		return;		/* due is read at each pass */

	if (poll->timer_count == poll->timer_size) {
		size = poll->timer_size == 0 ? 16 : 2 * poll->timer_size;
		timers = reallocarray(poll->timers, size, sizeof(*timers));
		if (timers == NULL) {
			base_log(BASE_LOG_ERROR, "poll", "out of memory");
			abort();
		}
		poll->timers = timers;
		poll->timer_size = size;
	}
	poll->timers[poll->timer_count++] = timer;
	timer->set = true;
}

static void
poll_stop(struct base_loop *loop, struct base_timer *timer)
{
	struct base_poll	*poll = (struct base_poll *)loop;
	size_t			 i;

	if (!timer->set)
		return;
	for (i = 0; i < poll->timer_count; i++) {
		if (poll->timers[i] == timer)
			poll->timers[i] = NULL;
	}
	timer->set = false;
}

static const struct base_loop_calls	calls = {
	.watch = poll_watch,
	.unwatch = poll_unwatch,
	.start = poll_start,
	.stop = poll_stop,
};

void
base_poll_init(struct base_poll *poll)
{
	memset(poll, 0, sizeof(*poll));
	poll->loop.calls = &calls;
}

static void
poll_close_holes(struct base_poll *poll)
{
	size_t	i, n;

	for (i = 0, n = 0; i < poll->watch_count; i++) {
		if (poll->watches[i] != NULL)
			poll->watches[n++] = poll->watches[i];
	}
	poll->watch_count = n;

	for (i = 0, n = 0; i < poll->timer_count; i++) {
		if (poll->timers[i] != NULL)
			poll->timers[n++] = poll->timers[i];
	}
	poll->timer_count = n;
}

static bool
poll_prepare(struct base_poll *poll)
{
	const struct base_watch	*watch;
	struct pollfd		*fds;
	size_t			 i;

	if (poll->fd_size < poll->watch_size) {
		fds = reallocarray(poll->fds, poll->watch_size, sizeof(*fds));
		if (fds == NULL)
			return (false);
		poll->fds = fds;
		poll->fd_size = poll->watch_size;
	}

	for (i = 0; i < poll->watch_count; i++) {
		watch = poll->watches[i];
		poll->fds[i].fd = watch->fd;
		poll->fds[i].revents = 0;
		poll->fds[i].events = (short)(
		    ((watch->events & BASE_LOOP_READ) != 0 ? POLLIN : 0) |
		    ((watch->events & BASE_LOOP_WRITE) != 0 ? POLLOUT : 0));
	}

	return (true);
}

/* The wait until the first timer is due, at most "timeout". */
static int
poll_timeout(const struct base_poll *poll, int timeout)
{
	int64_t	now = base_clock_monotonic(), left;
	size_t	i;

	for (i = 0; i < poll->timer_count; i++) {
		left = poll->timers[i]->due - now;
		if (left < 0)
			left = 0;
		if (timeout < 0 || left < timeout)
			timeout = left > 60000 ? 60000 : (int)left;
	}

	return (timeout);
}

static int
poll_events(short revents)
{
	int	events = 0;

	/* A hang-up is read as the end of what was sent. */
	if ((revents & (POLLIN | POLLHUP)) != 0)
		events |= BASE_LOOP_READ;
	if ((revents & POLLOUT) != 0)
		events |= BASE_LOOP_WRITE;
	if ((revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
		events |= BASE_LOOP_ERROR;

	return (events);
}

static void
poll_call_ready(struct base_poll *poll, size_t count)
{
	struct base_watch	*watch;
	size_t			 i;

	for (i = 0; i < count; i++) {
		watch = poll->watches[i];
		if (watch == NULL || poll->fds[i].revents == 0)
			continue;
		watch->ready(watch, poll_events(poll->fds[i].revents));
	}
}

static void
poll_call_due(struct base_poll *poll)
{
	struct base_timer	*timer;
	int64_t			 now = base_clock_monotonic();
	size_t			 i, count = poll->timer_count;

	for (i = 0; i < count; i++) {
		timer = poll->timers[i];
		if (timer == NULL || timer->due > now)
			continue;
		poll->timers[i] = NULL;
		timer->set = false;
		timer->fire(timer);
	}
}

bool
base_poll_run_once(struct base_poll *bp, int timeout)
{
	size_t	count;
	int	ready;

	poll_close_holes(bp);
	if (!poll_prepare(bp))
		return (false);

	count = bp->watch_count;
	ready = poll(bp->fds, (nfds_t)count, poll_timeout(bp, timeout));
	if (ready == -1 && errno != EINTR)
		return (false);
	if (ready > 0)
		poll_call_ready(bp, count);
	poll_call_due(bp);

	return (true);
}

bool
base_poll_run(struct base_poll *poll)
{
	poll->stopped = false;

	while (!poll->stopped) {
		poll_close_holes(poll);
		if (poll->watch_count == 0 && poll->timer_count == 0)
			return (true);
		if (!base_poll_run_once(poll, -1))
			return (false);
	}

	return (true);
}

void
base_poll_stop(struct base_poll *poll)
{
	poll->stopped = true;
}

void
base_poll_clear(struct base_poll *poll)
{
	size_t	i;

	for (i = 0; i < poll->watch_count; i++) {
		if (poll->watches[i] != NULL)
			poll->watches[i]->slot = NULL;
	}
	for (i = 0; i < poll->timer_count; i++) {
		if (poll->timers[i] != NULL)
			poll->timers[i]->set = false;
	}
	free(poll->watches);
	free(poll->timers);
	free(poll->fds);
	base_poll_init(poll);
}
