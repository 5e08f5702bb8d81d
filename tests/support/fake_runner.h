/*
 * A store_runner whose calls are answered from a script: the real one's place
 * is taken in every test that names a function of this file.
 *
 *	fake_runner_answer("grant_spend", result);	// one call, in order
 *	...submit...
 *	fake_runner_deliver();				// callbacks run here
 *
 * Callbacks never run inside store_runner_submit().
 */
#ifndef PERMISO_TESTS_FAKE_RUNNER_H
#define PERMISO_TESTS_FAKE_RUNNER_H

#include <stddef.h>

#include "store/store_runner.h"

/* Forget the script, what was submitted, time and timeline. */
void	fake_runner_reset(void);

/*
 * The next call must be of the statement "name" and gets "result", which the
 * fake frees.  A call of another name, or one more than was scripted, ends the
 * test with abort() and a message.
 */
void	fake_runner_answer(const char *name, struct store_result *result);

/* Looks at a call as it is submitted (its arena still lives); NULL: nobody. */
void	fake_runner_watch(void (*seen)(const struct store_call *call));

/* Deliver every answer that is due; how many callbacks ran. */
size_t	fake_runner_deliver(void);

/* Scripted answers that no call has asked for. */
size_t	fake_runner_left(void);

/* What store_runner_now(), _skew(), _timeline() and _ready() say. */
void	fake_runner_time(int64_t now);
void	fake_runner_skew(int64_t milliseconds);
void	fake_runner_timeline(const char *timeline);
void	fake_runner_ready(bool ready);

#endif /* !PERMISO_TESTS_FAKE_RUNNER_H */
