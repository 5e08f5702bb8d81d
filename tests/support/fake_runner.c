/*
 * The scripted runner: answers wait in a row until they are delivered.
 */

#include "support/fake_runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_store.h"

#define SCRIPT_MAX	64

struct store_runner {
	uint64_t	 sent;
};

struct store_ticket {
	const char		*name;
	struct store_result	*result;
	store_done		*done;		/* NULL: not asked, or abandoned */
	void			*owner;
	bool			 delivered;
};

static struct store_runner	 runner;
static struct store_ticket	 script[SCRIPT_MAX];
static size_t			 scripted, asked;
static void			(*watcher)(const struct store_call *);
static int64_t			 now = 1750000000;
static int64_t			 skew;
static char			 timeline[16] = "00000001";
static bool			 ready = true;

void
fake_runner_reset(void)
{
	for (size_t i = 0; i < scripted; i++)
		fake_store_free(script[i].result);
	memset(script, 0, sizeof(script));
	scripted = 0;
	asked = 0;
	runner.sent = 0;
	watcher = NULL;
	now = 1750000000;
	skew = 0;
	fake_runner_timeline("00000001");
	ready = true;
}

void
fake_runner_answer(const char *name, struct store_result *result)
{
	if (scripted == SCRIPT_MAX) {
		fprintf(stderr, "fake_runner: the script is full\n");
		abort();
	}
	script[scripted].name = name;
	script[scripted++].result = result;
}

void
fake_runner_watch(void (*seen)(const struct store_call *))
{
	watcher = seen;
}

size_t
fake_runner_deliver(void)
{
	size_t	ran;

	ran = 0;
	for (size_t i = 0; i < asked; i++) {
		struct store_ticket	*ticket = &script[i];

		if (ticket->delivered || ticket->done == NULL)
			continue;
		ticket->delivered = true;
		ticket->done(ticket->owner, ticket->result);
		ran++;
	}

	return (ran);
}

size_t
fake_runner_left(void)
{
	return (scripted - asked);
}

void
fake_runner_time(int64_t time)
{
	now = time;
}

void
fake_runner_skew(int64_t milliseconds)
{
	skew = milliseconds;
}

void
fake_runner_timeline(const char *text)
{
	snprintf(timeline, sizeof(timeline), "%s", text);
}

void
fake_runner_ready(bool is)
{
	ready = is;
}

struct store_runner *
store_runner_new(struct base_loop *loop, const char *conninfo,
    enum store_role role)
{
	(void)loop;
	(void)conninfo;
	(void)role;

	return (&runner);
}

struct store_ticket *
store_runner_submit(struct store_runner *of, const struct store_call *call,
    store_done *done, void *owner)
{
	struct store_ticket	*ticket;

	if (asked == scripted ||
	    strcmp(script[asked].name, call->statement->name) != 0) {
		fprintf(stderr, "fake_runner: asked for \"%s\", scripted %s\n",
		    call->statement->name,
		    asked == scripted ? "nothing more" : script[asked].name);
		abort();
	}
	if (!store_complete(call)) {
		fprintf(stderr, "fake_runner: \"%s\" lacks a value\n",
		    call->statement->name);
		abort();
	}

	if (watcher != NULL)
		watcher(call);
	ticket = &script[asked++];
	ticket->done = done;
	ticket->owner = owner;
	of->sent++;

	return (ticket);
}

void
store_runner_abandon(struct store_ticket *ticket)
{
	ticket->done = NULL;
}

bool
store_runner_ready(const struct store_runner *of)
{
	(void)of;

	return (ready);
}

int64_t
store_runner_now(const struct store_runner *of)
{
	(void)of;

	return (now);
}

int64_t
store_runner_skew(const struct store_runner *of)
{
	(void)of;

	return (skew);
}

const char *
store_runner_timeline(const struct store_runner *of)
{
	(void)of;

	return (timeline);
}

uint64_t
store_runner_sent(const struct store_runner *of)
{
	return (of->sent);
}

void
store_runner_free(struct store_runner *of)
{
	(void)of;
}
