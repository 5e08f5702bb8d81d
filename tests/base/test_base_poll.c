/*
 * The poll loop: callbacks may change everything they run from.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "base/base_clock.h"
#include "base/base_poll.h"

static struct base_poll	loop;
static int		calls;

struct peer {
	struct base_watch	 watch;
	struct peer		*victim;
	int			 far;
	int			 events;
};

static void
peer_ready(struct base_watch *watch, int events)
{
	struct peer	*peer = watch->owner;
	char		 byte;

	calls++;
	peer->events = events;
	if ((events & BASE_LOOP_READ) != 0)
		(void)!read(watch->fd, &byte, 1);
	if (peer->victim != NULL) {
		base_loop_unwatch(&loop.loop, &peer->victim->watch);
		(void)close(peer->victim->watch.fd);
		(void)close(peer->victim->far);
		free(peer->victim);
		peer->victim = NULL;
	}
}

static struct peer *
peer_new(void)
{
	struct peer	*peer = calloc(1, sizeof(*peer));
	int		 fds[2];

	assert_non_null(peer);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	peer->far = fds[1];
	peer->watch = (struct base_watch){ .fd = fds[0],
	    .events = BASE_LOOP_READ, .ready = peer_ready, .owner = peer };
	assert_true(base_loop_watch(&loop.loop, &peer->watch));

	return (peer);
}

static void
peer_free(struct peer *peer)
{
	base_loop_unwatch(&loop.loop, &peer->watch);
	(void)close(peer->watch.fd);
	if (peer->far != -1)
		(void)close(peer->far);
	free(peer);
}

static void
test_poll_ready(void **state)
{
	struct peer	*a, *b;

	(void)state;
	base_poll_init(&loop);
	calls = 0;
	a = peer_new();
	b = peer_new();
	assert_true(base_poll_run_once(&loop, 0));
	assert_int_equal(calls, 0);

	assert_int_equal(write(b->far, "x", 1), 1);
	assert_true(base_poll_run_once(&loop, 1000));
	assert_int_equal(calls, 1);
	assert_int_equal(b->events, BASE_LOOP_READ);

	/* What is asked for changes. */
	a->watch.events = BASE_LOOP_READ | BASE_LOOP_WRITE;
	assert_true(base_loop_watch(&loop.loop, &a->watch));
	assert_true(base_poll_run_once(&loop, 1000));
	assert_int_equal(a->events, BASE_LOOP_WRITE);
	a->watch.events = BASE_LOOP_READ;

	/* The other end goes: told once with READ, so that EOF is read. */
	assert_int_equal(close(b->far), 0);
	b->far = -1;
	assert_true(base_poll_run_once(&loop, 1000));
	assert_int_equal(b->events, BASE_LOOP_READ | BASE_LOOP_ERROR);

	peer_free(a);
	peer_free(b);
	base_poll_clear(&loop);
}

/* Each of two ready peers takes the other out: only one is called. */
static void
test_poll_unwatch_inside(void **state)
{
	struct peer	*a, *b;

	(void)state;
	base_poll_init(&loop);
	calls = 0;
	a = peer_new();
	b = peer_new();
	a->victim = b;
	assert_int_equal(write(a->far, "x", 1), 1);
	assert_int_equal(write(b->far, "x", 1), 1);
	assert_true(base_poll_run_once(&loop, 1000));
	assert_int_equal(calls, 1);
	peer_free(a);
	base_poll_clear(&loop);
}

struct tick {
	struct base_timer	 timer;
	struct tick		*victim;
	int			 again;
	int			 fired;
};

static void
tick_fire(struct base_timer *timer)
{
	struct tick	*tick = timer->owner;

	assert_false(timer->set);
	tick->fired++;
	if (tick->victim != NULL)
		base_loop_stop(&loop.loop, &tick->victim->timer);
	if (tick->again-- > 0) {
		timer->due = base_clock_monotonic();
		base_loop_start(&loop.loop, timer);
	} else {
		base_poll_stop(&loop);
	}
}

static void
tick_init(struct tick *tick, int64_t after)
{
	memset(tick, 0, sizeof(*tick));
	tick->timer.owner = tick;
	tick->timer.fire = tick_fire;
	tick->timer.due = base_clock_monotonic() + after;
	base_loop_start(&loop.loop, &tick->timer);
}

static void
test_poll_timers(void **state)
{
	struct tick	a, b, never;

	(void)state;
	base_poll_init(&loop);
	tick_init(&a, 0);
	tick_init(&never, 0);
	a.victim = &never;
	assert_true(base_poll_run_once(&loop, 1000));
	assert_int_equal(a.fired, 1);
	assert_int_equal(never.fired, 0);
	assert_false(never.timer.set);

	/* Set again inside its callback: once a pass, until it stops. */
	tick_init(&b, 0);
	b.again = 3;
	assert_true(base_poll_run_once(&loop, 1000));
	assert_int_equal(b.fired, 1);
	assert_true(base_poll_run(&loop));
	assert_int_equal(b.fired, 4);

	/* Nothing to wait for: run returns. */
	assert_true(base_poll_run(&loop));
	/* Moved: still one entry. */
	tick_init(&a, 100000);
	a.timer.due = base_clock_monotonic();
	base_loop_start(&loop.loop, &a.timer);
	assert_true(base_poll_run(&loop));
	assert_int_equal(a.fired, 1);
	base_poll_clear(&loop);
}

static void
test_poll_many(void **state)
{
	struct peer	*peers[100];
	size_t		 i;

	(void)state;
	base_poll_init(&loop);
	calls = 0;
	for (i = 0; i < 100; i++)
		peers[i] = peer_new();
	for (i = 0; i < 100; i += 3)
		assert_int_equal(write(peers[i]->far, "x", 1), 1);
	assert_true(base_poll_run_once(&loop, 1000));
	assert_int_equal(calls, 34);
	for (i = 0; i < 100; i += 2)
		peer_free(peers[i]);
	for (i = 1; i < 100; i += 2)
		assert_int_equal(write(peers[i]->far, "x", 1), 1);
	assert_true(base_poll_run_once(&loop, 1000));
	assert_int_equal(calls, 84);
	for (i = 1; i < 100; i += 2)
		peer_free(peers[i]);
	base_poll_clear(&loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_poll_ready),
		cmocka_unit_test(test_poll_unwatch_inside),
		cmocka_unit_test(test_poll_timers),
		cmocka_unit_test(test_poll_many),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
