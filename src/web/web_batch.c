/*
 * Writing later, many at once.
 *
 * The timer runs only while there is something to write, so an idle worker
 * sleeps.  One write of a kind is under way at a time; what comes meanwhile
 * waits for the next.
 */

#include "web/web_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_clock.h"
#include "base/base_log.h"
#include "store/store_session.h"
#include "web/web_engine.h"

#define DEVICE_MAX	64

struct failure {
	const char		*reason;
	struct base_uuid	 person;
	char			 address[WEB_ADDRESS_LEN + 1];
	char			 device[DEVICE_MAX + 1];
	int64_t			 count;
};

struct web_batch {
	struct base_loop	*loop;
	struct store_runner	*runner;
	struct base_timer	 timer;
	struct base_arena	 arena;		/* of what is under way */
	struct store_ticket	*sessions_ticket;
	struct store_ticket	*failures_ticket;

	struct base_uuid	 sessions[WEB_BATCH_SESSIONS];
	size_t			 session_count;
	struct failure		 failures[STORE_SESSION_FAILURES_MAX];
	size_t			 failure_count;
};

static void
batch_wait(struct web_batch *batch)
{
	if (batch->timer.set)
		return;

	batch->timer.due = base_clock_monotonic() + WEB_BATCH_MS;
	base_loop_start(batch->loop, &batch->timer);
}

static void
sessions_written(void *owner, const struct store_result *result)
{
	struct web_batch	*batch = owner;

	batch->sessions_ticket = NULL;
	if (store_verdict(result) != STORE_OK)
		base_log(BASE_LOG_WARNING, "web", "sessions_not_touched");
}

static void
failures_written(void *owner, const struct store_result *result)
{
	struct web_batch	*batch = owner;

	batch->failures_ticket = NULL;
	if (store_verdict(result) != STORE_OK)
		base_log(BASE_LOG_ERROR, "web", "failures_not_audited");
}

static void
write_failures(struct web_batch *batch)
{
	const struct failure		*failure;
	struct store_session_failure	 rows[STORE_SESSION_FAILURES_MAX];

	for (size_t i = 0; i < batch->failure_count; i++) {
		failure = &batch->failures[i];
		rows[i].reason = failure->reason;
		rows[i].user_id = failure->person;
		rows[i].address = failure->address;
		rows[i].device = failure->device;
		rows[i].count = failure->count;
	}
	batch->failures_ticket = store_runner_submit(batch->runner,
	    store_session_failures(&batch->arena, rows, batch->failure_count),
	    failures_written, batch);
	batch->failure_count = 0;
}

static void
batch_write(struct base_timer *timer)
{
	struct web_batch	*batch = timer->owner;

	if (batch->sessions_ticket != NULL || batch->failures_ticket != NULL) {
		batch_wait(batch);
		return;
	}

	base_arena_clear(&batch->arena);
	if (batch->session_count > 0) {
		batch->sessions_ticket = store_runner_submit(batch->runner,
		    store_session_touch(&batch->arena, batch->sessions,
		    batch->session_count), sessions_written, batch);
		batch->session_count = 0;
	}
	if (batch->failure_count > 0)
		write_failures(batch);
}

struct web_batch *
web_batch_open(struct base_loop *loop, struct store_runner *runner)
{
	struct web_batch	*batch;

	if ((batch = calloc(1, sizeof(*batch))) == NULL)
		return (NULL);

	batch->loop = loop;
	batch->runner = runner;
	batch->timer.fire = batch_write;
	batch->timer.owner = batch;
	base_arena_init(&batch->arena);
	return (batch);
}

void
web_batch_close(struct web_batch *batch)
{
	if (batch == NULL)
		return;

	if (batch->sessions_ticket != NULL)
		store_runner_abandon(batch->sessions_ticket);
	if (batch->failures_ticket != NULL)
		store_runner_abandon(batch->failures_ticket);
	base_loop_stop(batch->loop, &batch->timer);
	base_arena_clear(&batch->arena);
	free(batch);
}

void
web_batch_session(struct web_exchange *x, const struct base_uuid *session_id)
{
	struct web_batch	*batch = x->process->batch;

	for (size_t i = 0; i < batch->session_count; i++) {
		if (base_uuid_equal(&batch->sessions[i], session_id))
			return;
	}
	if (batch->session_count == WEB_BATCH_SESSIONS)
		return;

	batch->sessions[batch->session_count++] = *session_id;
	batch_wait(batch);
}

static bool
failure_is(const struct failure *a, const struct failure *b)
{
	return (strcmp(a->reason, b->reason) == 0 &&
	    base_uuid_equal(&a->person, &b->person) &&
	    strcmp(a->address, b->address) == 0 &&
	    strcmp(a->device, b->device) == 0);
}

void
web_batch_failure(struct web_exchange *x, const char *reason,
    const struct base_uuid *person, const char *device)
{
	struct web_batch	*batch = x->process->batch;
	struct failure		 failure = { .reason = reason, .count = 1 };
	size_t			 last = STORE_SESSION_FAILURES_MAX - 1;

	if (person != NULL)
		failure.person = *person;
	(void)snprintf(failure.address, sizeof(failure.address), "%s",
	    web_address(x));
	(void)snprintf(failure.device, sizeof(failure.device), "%s", device);

	for (size_t i = 0; i < batch->failure_count; i++) {
		if (failure_is(&batch->failures[i], &failure)) {
			batch->failures[i].count++;
			return;
		}
	}

	/* The last place is for all that have none of their own. */
	if (batch->failure_count == last) {
		memset(&failure, 0, sizeof(failure));
		failure.reason = "several";
	} else if (batch->failure_count > last) {
		batch->failures[last].count++;
		return;
	}
	failure.count = 1;
	batch->failures[batch->failure_count++] = failure;
	batch_wait(batch);
}
