/*
 * What handlers know of an exchange, and what they return.
 */

#include "web/web.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "web/web_cookie.h"
#include "web/web_engine.h"
#include "web/web_keys.h"
#include "web/web_reply.h"

#define JSON_GUESS	2048	/* bytes: most answers fit at the first try */

const struct web_request *
web_request(const struct web_exchange *x)
{
	return (x->request);
}

struct base_arena *
web_arena(struct web_exchange *x)
{
	return (&x->arena);
}

void *
web_state(struct web_exchange *x, size_t size)
{
	if (x->state == NULL) {
		x->state = base_arena_new(&x->arena, size);
		x->state_size = size;
	}

	/* One handler, one state struct: another size is a mistake of ours. */
	if (x->state_size != size)
		abort();

	return (x->state);
}

const struct base_config *
web_config(const struct web_exchange *x)
{
	return (x->process->config);
}

const struct base_keyring *
web_keyring(const struct web_exchange *x)
{
	return (web_keys_ring(x->process->keys));
}

struct web_process *
web_process(const struct web_exchange *x)
{
	return (x->process);
}

json_t *
web_keep(struct web_exchange *x, json_t *json)
{
	return (web_exchange_keep(x, json));
}

int64_t
web_now(const struct web_exchange *x)
{
	return (store_runner_now(x->process->runner));
}

const char *
web_timeline(const struct web_exchange *x)
{
	return (store_runner_timeline(x->process->runner));
}

const char *
web_request_id(const struct web_exchange *x)
{
	return (x->id);
}

const char *
web_address(const struct web_exchange *x)
{
	return (x->address);
}

struct base_slice
web_header(const struct web_exchange *x, const char *name, bool *repeated)
{
	size_t				 len = strlen(name);
	const struct web_header		*header;
	struct base_slice		 value = { NULL, 0 };

	*repeated = false;
	for (size_t i = 0; i < x->request->header_count; i++) {
		header = &x->request->headers[i];
		if (header->name.len != len || strncasecmp(
		    (const char *)header->name.data, name, len) != 0)
			continue;
		if (value.data != NULL)
			*repeated = true;
		else
			value = header->value;
	}

	return (value);
}

struct base_slice
web_cookie(const struct web_exchange *x, const char *name)
{
	bool			repeated;
	struct base_slice	header, none = { NULL, 0 };

	header = web_header(x, "cookie", &repeated);
	if (repeated)
		return (none);

	return (web_cookie_find(header, web_reply_cookie_prefix(x), name));
}

struct web_next
web_ask(struct web_exchange *x, struct store_call *call, web_step *next)
{
	x->call = call;
	return ((struct web_next){ WEB_STATEMENT, next });
}

const struct store_result *
web_result(const struct web_exchange *x)
{
	return (x->result);
}

struct web_next
web_sign(struct web_exchange *x, const struct signer_request *request,
    web_step *next)
{
	x->to_sign = *request;
	return ((struct web_next){ WEB_SIGNATURE, next });
}

const struct signer_answer *
web_signature(const struct web_exchange *x)
{
	return (x->signature);
}

struct web_next
web_answered(struct web_exchange *x)
{
	(void)x;
	return ((struct web_next){ WEB_ANSWERED, NULL });
}

struct web_next
web_json(struct web_exchange *x, int status, json_t *json)
{
	char	*text;
	size_t	 len;

	(void)web_exchange_keep(x, json);
	text = base_arena_new(&x->arena, JSON_GUESS);
	if ((len = json_dumpb(json, text, JSON_GUESS, JSON_COMPACT)) == 0)
		abort();
	if (len > JSON_GUESS) {
		text = base_arena_new(&x->arena, len);
		(void)json_dumpb(json, text, len, JSON_COMPACT);
	}

	web_reply_status(x, status, WEB_CLASS_JSON);
	web_reply_body(x, "application/json", text, len);
	return (web_answered(x));
}

struct web_next
web_redirect(struct web_exchange *x, const char *location)
{
	web_reply_status(x, 303, WEB_CLASS_REDIRECT);
	web_reply_header(x, "location", location);
	return (web_answered(x));
}

/* A browser that navigates says so; a program that calls does not. */
bool
web_takes_html(const struct web_exchange *x)
{
	bool			repeated;
	struct base_slice	accept = web_header(x, "accept", &repeated);

	return (accept.len > 0 && memmem(accept.data, accept.len, "text/html",
	    strlen("text/html")) != NULL);
}

struct web_next
web_error(struct web_exchange *x, int status, const char *key)
{
	if (web_takes_html(x))
		return (web_page_error(x, status, key));

	return (web_json(x, status, json_pack("{s:s, s:s}", "error", key,
	    "reference", base_arena_text(&x->arena, x->id, 8))));
}

struct web_next
web_unavailable(struct web_exchange *x)
{
	web_reply_header(x, "retry-after", "2");
	return (web_error(x, 503, "unavailable"));
}
