#include "server/server_loop.h"

#include <sys/epoll.h>

#include <kore.h>

#include "base/base_clock.h"

/*
 * Kore hands a batch of events out one by one; one may still come for a
 * descriptor that an earlier one made us drop.  So wrappers live in a static
 * array, and a freed one is the last to be taken again.
 */
struct slot {
	struct kore_event	 event;		/* first: Kore knows only it */
	struct base_watch	*watch;		/* NULL: free */
	int			 fd;
};

static struct slot	slots[SERVER_LOOP_WATCHES];
static size_t		next_slot;

static void
slot_ready(void *arg, int error)
{
	struct slot	*slot = arg;
	int		 flags = slot->event.flags, events = 0;

	slot->event.flags = 0;
	if (slot->watch == NULL)
		return;

	if (flags & KORE_EVENT_READ)
		events |= BASE_LOOP_READ;
	if (flags & KORE_EVENT_WRITE)
		events |= BASE_LOOP_WRITE;
	events &= slot->watch->events;
	if (error)
		events |= BASE_LOOP_ERROR;

	if (events != 0)
		slot->watch->ready(slot->watch, events);
}

static struct slot *
slot_take(void)
{
	struct slot	*slot;

	for (size_t i = 0; i < SERVER_LOOP_WATCHES; i++) {
		slot = &slots[next_slot];
		next_slot = (next_slot + 1) % SERVER_LOOP_WATCHES;
		if (slot->watch == NULL)
			return (slot);
	}

	return (NULL);
}

static bool
loop_watch(struct base_loop *loop, struct base_watch *watch)
{
	struct slot	*slot = watch->slot;
	int		 mask = 0;

	(void)loop;

	if (slot == NULL) {
		if ((slot = slot_take()) == NULL)
			return (false);
		slot->event.type = KORE_TYPE_TASK;
		slot->event.flags = 0;
		slot->event.handle = slot_ready;
		slot->watch = watch;
		slot->fd = watch->fd;
		watch->slot = slot;
	} else if (slot->fd != watch->fd) {
		/* libpq has made itself another socket. */
		kore_platform_disable_read(slot->fd);
		slot->fd = watch->fd;
	}

	if (watch->events & BASE_LOOP_READ)
		mask |= EPOLLIN;
	if (watch->events & BASE_LOOP_WRITE)
		mask |= EPOLLOUT;
	kore_platform_event_schedule(watch->fd, mask, 0, slot);
	return (true);
}

static void
loop_unwatch(struct base_loop *loop, struct base_watch *watch)
{
	struct slot	*slot = watch->slot;

	(void)loop;

	if (slot == NULL)
		return;

	kore_platform_disable_read(slot->fd);
	slot->watch = NULL;
	slot->fd = -1;
	watch->slot = NULL;
}

static void
timer_fire(void *arg, uint64_t now)
{
	struct base_timer	*timer = arg;

	(void)now;

	/* Kore frees its own when this returns. */
	timer->slot = NULL;
	timer->set = false;
	timer->fire(timer);
}

static void
loop_stop(struct base_loop *loop, struct base_timer *timer)
{
	(void)loop;

	if (!timer->set)
		return;

	kore_timer_remove(timer->slot);
	timer->slot = NULL;
	timer->set = false;
}

static void
loop_start(struct base_loop *loop, struct base_timer *timer)
{
	int64_t	wait = timer->due - base_clock_monotonic();

	loop_stop(loop, timer);

	/* 0 would be due again in the turn that sets it. */
	if (wait < 1)
		wait = 1;
	timer->slot = kore_timer_add(timer_fire, (uint64_t)wait, timer,
	    KORE_TIMER_ONESHOT);
	timer->set = true;
}

struct base_loop *
server_loop_get(void)
{
	static const struct base_loop_calls	calls = {
		.watch = loop_watch,
		.unwatch = loop_unwatch,
		.start = loop_start,
		.stop = loop_stop,
	};
	static struct base_loop			loop = { &calls };

	return (&loop);
}
