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
#include "oidc/oidc.h"
#include "store/store_session.h"
#include "web/web_engine.h"

#define DEVICE_MAX	64
#define KINDS_MAX	16	/* of one event in one write */

/* What is counted; each has places of its own, so that a flood of one does
 * not hide another. */
enum event {
	SIGN_IN,
	CLIENT_AUTHENTICATION,
	RATE_LIMIT,
	EVENT_COUNT
};

static const char *const	event_names[EVENT_COUNT] = {
	[SIGN_IN] = "sign_in",
	[CLIENT_AUTHENTICATION] = "client_authentication",
	[RATE_LIMIT] = "rate_limit",
};

struct failure {
	const char		*reason;
	struct base_uuid	 person;
	char			 client[OIDC_CLIENT_ID_MAX + 1];
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
	struct failure		 failures[EVENT_COUNT][KINDS_MAX];
	size_t			 failure_count[EVENT_COUNT];
};

_Static_assert(EVENT_COUNT * KINDS_MAX <= STORE_SESSION_FAILURES_MAX,
    "one statement takes all of them");

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
	size_t				 count = 0;

	for (size_t event = 0; event < EVENT_COUNT; event++) {
		for (size_t i = 0; i < batch->failure_count[event]; i++) {
			failure = &batch->failures[event][i];
			rows[count++] = (struct store_session_failure){
				.event = event_names[event],
				.reason = failure->reason,
				.user_id = failure->person,
				.client_id = failure->client,
				.address = failure->address,
				.device = failure->device,
				.count = failure->count,
			};
		}
		batch->failure_count[event] = 0;
	}
	if (count > 0)
		batch->failures_ticket = store_runner_submit(batch->runner,
		    store_session_failures(&batch->arena, rows, count),
		    failures_written, batch);
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
	    strcmp(a->client, b->client) == 0 &&
	    strcmp(a->address, b->address) == 0 &&
	    strcmp(a->device, b->device) == 0);
}

/* Count "failure"; without an address of its own it has the request's. */
static void
failure_count(struct web_exchange *x, enum event event,
    struct failure *failure)
{
	struct web_batch	*batch = x->process->batch;
	struct failure		*list = batch->failures[event];
	size_t			*count = &batch->failure_count[event];

	if (failure->address[0] == '\0')
		(void)snprintf(failure->address, sizeof(failure->address),
		    "%s", web_address(x));
	for (size_t i = 0; i < *count; i++) {
		if (failure_is(&list[i], failure)) {
			list[i].count++;
			return;
		}
	}

	/* The last place is for all that have none of their own. */
	if (*count == KINDS_MAX) {
		list[KINDS_MAX - 1].count++;
		return;
	}
	if (*count == KINDS_MAX - 1)
		*failure = (struct failure){ .reason = "several" };
	failure->count = 1;
	list[(*count)++] = *failure;
	batch_wait(batch);
}

void
web_batch_failure(struct web_exchange *x, const char *reason,
    const struct base_uuid *person, const char *device)
{
	struct failure	failure = { .reason = reason };

	if (person != NULL)
		failure.person = *person;
	(void)snprintf(failure.device, sizeof(failure.device), "%s", device);
	failure_count(x, SIGN_IN, &failure);
}

void
web_batch_client(struct web_exchange *x, const char *reason,
    const char *client_id, const char *device)
{
	struct failure	failure = { .reason = reason };

	(void)snprintf(failure.client, sizeof(failure.client), "%s",
	    client_id);
	(void)snprintf(failure.device, sizeof(failure.device), "%s", device);
	failure_count(x, CLIENT_AUTHENTICATION, &failure);
}

void
web_batch_limit(struct web_exchange *x, const char *limit)
{
	struct failure	failure = { .reason = limit };

	/* One /64 must not take all places. */
	web_address_group(web_address(x), failure.address,
	    sizeof(failure.address));
	failure_count(x, RATE_LIMIT, &failure);
}
