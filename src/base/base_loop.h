/*
 * What a process waits with: descriptors and one-shot timers.
 *
 * Code that waits (the statement runner, the signer's client) is written
 * against this, so that it runs on Kore's event loop in a worker
 * (server_loop.c), and on poll(2) in the signer, in jobs and in tests
 * (base_poll.c).
 */
#ifndef PERMISO_BASE_LOOP_H
#define PERMISO_BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#define BASE_LOOP_READ		0x01
#define BASE_LOOP_WRITE		0x02
#define BASE_LOOP_ERROR		0x04	/* reported, never asked for */

struct base_loop;

/*
 * One watched descriptor.  Owned by the caller, who keeps it in place until
 * base_loop_unwatch() returned; level-triggered.
 */
struct base_watch {
	int	 fd;
	int	 events;		/* what is asked for */
	void	(*ready)(struct base_watch *watch, int events);
	void	*owner;			/* of the callback */
	void	*slot;			/* the loop's own */
};

/* One timer.  Fires once; may be set again inside its callback. */
struct base_timer {
	int64_t	 due;			/* base_clock_monotonic(), ms */
	void	(*fire)(struct base_timer *timer);
	void	*owner;
	void	*slot;
	bool	 set;
};

struct base_loop_calls {
	bool	(*watch)(struct base_loop *, struct base_watch *);
	/* Called again with other "events" changes what is asked for. */
	void	(*unwatch)(struct base_loop *, struct base_watch *);
	void	(*start)(struct base_loop *, struct base_timer *);
	void	(*stop)(struct base_loop *, struct base_timer *);
};

struct base_loop {
	const struct base_loop_calls	*calls;
};

/* False only when out of memory. */
static inline bool
base_loop_watch(struct base_loop *loop, struct base_watch *watch)
{
	return (loop->calls->watch(loop, watch));
}

static inline void
base_loop_unwatch(struct base_loop *loop, struct base_watch *watch)
{
	loop->calls->unwatch(loop, watch);
}

/* At "timer->due"; again with another "due" moves it. */
static inline void
base_loop_start(struct base_loop *loop, struct base_timer *timer)
{
	loop->calls->start(loop, timer);
}

static inline void
base_loop_stop(struct base_loop *loop, struct base_timer *timer)
{
	loop->calls->stop(loop, timer);
}

#endif /* !PERMISO_BASE_LOOP_H */
