/*
 * The engine: one exchange, step by step.
 *
 * A step that waits is left at once; the callback of what it waits for runs
 * the step that follows.  Nothing of an exchange is touched after its reply
 * was handed over, because the receiver may free it there and then.
 */

#include "web/web_exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/base_clock.h"
#include "base/base_hex.h"
#include "base/base_random.h"
#include "web/web_engine.h"
#include "web/web_keys.h"
#include "web/web_reply.h"

#define KEYS_WAIT	1000	/* ms */
#define KEYS_LOOK	5	/* ms from look to look */

static void	exchange_run(struct web_exchange *x, web_step *step);
static void	exchange_begin(struct web_exchange *x);

json_t *
web_exchange_keep(struct web_exchange *x, json_t *json)
{
	if (json == NULL || x->json_count == WEB_ENGINE_JSON_MAX)
		abort();

	x->json[x->json_count++] = json;
	return (json);
}

static void
statement_done(void *owner, const struct store_result *result)
{
	struct web_exchange	*x = owner;

	x->statement = NULL;
	x->result = result;
	exchange_run(x, x->next);
}

static void
signature_done(void *owner, const struct signer_answer *answer)
{
	struct web_exchange	*x = owner;

	x->signing = NULL;
	x->signature = answer;
	if (answer == NULL) {
		base_log_request(x->id);
		base_log(BASE_LOG_WARNING, "web", "no_signature",
		    base_log_text("alg", signer_client_alg_name(
		    x->to_sign.alg)));
	}
	exchange_run(x, x->next);
}

static void
exchange_reply(struct web_exchange *x)
{
	web_reply_finish(x);
	base_log_request(NULL);
	x->replied(x->owner, &x->reply);
}

static void
exchange_run(struct web_exchange *x, web_step *step)
{
	struct web_next	next;

	base_log_request(x->id);
	next = step(x);
	x->result = NULL;
	x->signature = NULL;
	x->next = next.step;

	switch (next.wait) {
	case WEB_ANSWERED:
		exchange_reply(x);
		return;
	case WEB_STATEMENT:
		x->statement = store_runner_submit(x->process->runner, x->call,
		    statement_done, x);
		break;
	case WEB_SIGNATURE:
		x->signing = signer_client_submit(x->process->signer,
		    &x->to_sign, signature_done, x);
		break;
	}

	base_log_request(NULL);
}

static struct web_next
not_found(struct web_exchange *x)
{
	return (web_error(x, 404, "not_found"));
}

static struct web_next
not_allowed(struct web_exchange *x)
{
	return (web_error(x, 405, "not_allowed"));
}

/* The person's address and a name for the log. */
static void
exchange_identify(struct web_exchange *x)
{
	bool			repeated;
	uint8_t			random[BASE_LOG_REQUEST_ID_LEN / 2];
	struct base_slice	forwarded;

	base_random_bytes(random, sizeof(random));
	base_hex_encode(random, sizeof(random), x->id);

	/* Two such headers: somebody between us and the proxy lies. */
	forwarded = web_header(x, "x-forwarded-for", &repeated);
	if (repeated)
		forwarded.len = 0;
	web_address_find(&x->process->trusted, x->request->peer, forwarded,
	    x->address, sizeof(x->address));
}

static web_step *
exchange_route(struct web_exchange *x)
{
	char			 allow[64];
	const struct web_route	*route;

	switch (web_router_find(x->request->method, x->request->path, &route,
	    &x->segment, allow)) {
	case WEB_ROUTER_OK:
		return (web_limit_take(x, route->limit, NULL) ?
		    route->handler : web_limit_refuse);
	case WEB_ROUTER_NOT_ALLOWED:
		web_reply_header(x, "allow", base_arena_text(&x->arena, allow,
		    strlen(allow)));
		return (not_allowed);
	case WEB_ROUTER_NOT_FOUND:
		break;
	}

	return (not_found);
}

static void
keys_look(struct base_timer *timer)
{
	exchange_begin(timer->owner);
}

/*
 * A worker that has just started has read no keys: nothing it seals or marks
 * now could come back.  So the first requests wait for them; without a
 * database they go on after a while, and fail as they must.
 */
static void
exchange_begin(struct web_exchange *x)
{
	int64_t	now = base_clock_monotonic();

	if (web_keys_ready(x->process->keys) || now >= x->keys_until) {
		exchange_run(x, exchange_route(x));
		return;
	}

	x->keys_timer.due = now + KEYS_LOOK;
	x->keys_timer.fire = keys_look;
	x->keys_timer.owner = x;
	base_loop_start(x->process->loop, &x->keys_timer);
}

struct web_exchange *
web_exchange_start(struct web_process *process,
    const struct web_request *request, web_replied *replied, void *owner)
{
	struct web_exchange	*x;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		abort();

	base_arena_init(&x->arena);
	x->process = process;
	x->request = request;
	x->replied = replied;
	x->owner = owner;
	exchange_identify(x);
	x->keys_until = base_clock_monotonic() + KEYS_WAIT;
	exchange_begin(x);
	return (x);
}

void
web_exchange_free(struct web_exchange *x)
{
	if (x == NULL)
		return;

	if (x->keys_timer.set)
		base_loop_stop(x->process->loop, &x->keys_timer);
	if (x->statement != NULL)
		store_runner_abandon(x->statement);
	if (x->signing != NULL)
		signer_client_abandon(x->signing);
	for (size_t i = 0; i < x->json_count; i++)
		json_decref(x->json[i]);

	base_arena_clear(&x->arena);
	base_bytes_wipe(x, sizeof(*x));
	free(x);
}
