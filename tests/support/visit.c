/*
 * Visits to the real handlers and pages.
 */

#include "support/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "support/fake_keys.h"
#include "support/fake_runner.h"
#include "support/fake_signer.h"
#include "web/web_page.h"

#define COOKIES_MAX	4

static struct {
	char	name[32];
	char	value[128];
} cookies[COOKIES_MAX];

static struct web_process	*process;
static struct base_timer	*timers[4];

/* A loop whose time stands still until a test moves it. */
static bool
loop_watch(struct base_loop *loop, struct base_watch *watch)
{
	(void)loop;
	(void)watch;
	return (true);
}

static void
loop_unwatch(struct base_loop *loop, struct base_watch *watch)
{
	(void)loop;
	(void)watch;
}

static void
loop_start(struct base_loop *loop, struct base_timer *timer)
{
	(void)loop;
	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		if (timers[i] != NULL && timers[i] != timer)
			continue;
		timers[i] = timer;
		timer->set = true;
		return;
	}
	abort();
}

static void
loop_stop(struct base_loop *loop, struct base_timer *timer)
{
	(void)loop;
	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		if (timers[i] == timer)
			timers[i] = NULL;
	}
	timer->set = false;
}

static const struct base_loop_calls	loop_calls = {
	loop_watch, loop_unwatch, loop_start, loop_stop
};
static struct base_loop			loop = { &loop_calls };

static void
die(const char *what)
{
	fprintf(stderr, "visit: %s\n", what);
	abort();
}

void
visit_open(struct base_config *config)
{
	memset(config, 0, sizeof(*config));
	snprintf(config->app_url, sizeof(config->app_url),
	    "http://localhost:1812");
	snprintf(config->rp_id, sizeof(config->rp_id), "localhost");
	snprintf(config->app_name, sizeof(config->app_name), "Acme");
	config->development = true;
	config->session_seconds = 43200;
	/* Named, so that the linker takes the fakes and not the real ones. */
	fake_runner_reset();
	fake_signer_away(false);
	fake_keys_public(NULL, NULL);
	if (!web_page_load(config) ||
	    (process = web_process_new(&loop, config)) == NULL)
		die("no process");
}

void
visit_close(void)
{
	web_process_free(process);
	web_page_unload();
}

int
visit_tick(void)
{
	struct base_timer	*timer;
	int			 fired = 0;

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		if ((timer = timers[i]) == NULL)
			continue;
		loop_stop(&loop, timer);
		timer->fire(timer);
		fired++;
	}

	return (fired);
}

void
visit_forget(void)
{
	memset(cookies, 0, sizeof(cookies));
}

const char *
visit_cookie(const char *name)
{
	for (size_t i = 0; i < COOKIES_MAX; i++) {
		if (strcmp(cookies[i].name, name) == 0)
			return (cookies[i].value);
	}

	return (NULL);
}

void
visit_set_cookie(const char *name, const char *value)
{
	for (size_t i = 0; i < COOKIES_MAX; i++) {
		if (cookies[i].name[0] != '\0' &&
		    strcmp(cookies[i].name, name) != 0)
			continue;
		snprintf(cookies[i].name, sizeof(cookies[i].name), "%s",
		    value == NULL ? "" : name);
		snprintf(cookies[i].value, sizeof(cookies[i].value), "%s",
		    value == NULL ? "" : value);
		return;
	}

	die("too many cookies");
}

/* "name=value; Path=/; ..." as a browser keeps it. */
static void
cookie_keep(const char *header)
{
	char	name[32], value[128];
	int	used = 0;

	if (sscanf(header, "%31[^=]=%n", name, &used) != 1 || used == 0)
		die("a cookie without a name");
	snprintf(value, sizeof(value), "%.*s",
	    (int)strcspn(header + used, ";"), header + used);
	visit_set_cookie(name, strstr(header, "Max-Age=0") != NULL ? NULL :
	    value);
}

static void
replied(void *owner, const struct web_reply *reply)
{
	struct visit	*visit = owner;
	const char	*name, *value;
	size_t		 used = 0;

	visit->status = reply->status;
	if (reply->body_len >= sizeof(visit->body))
		die("a large body");
	if (reply->body_len > 0)
		memcpy(visit->body, reply->body, reply->body_len);
	for (size_t i = 0; i < reply->header_count; i++) {
		name = reply->headers[i].name;
		value = reply->headers[i].value;
		used += (size_t)snprintf(visit->headers + used,
		    sizeof(visit->headers) - used, "%s: %s\n", name, value);
		if (strcasecmp(name, "set-cookie") == 0)
			cookie_keep(value);
		if (strcasecmp(name, "location") == 0)
			snprintf(visit->location, sizeof(visit->location),
			    "%s", value);
	}
}

static void
header_add(struct web_request *request, const char *name, const char *value)
{
	struct web_header	*header;

	header = &request->headers[request->header_count++];
	header->name = base_bytes_slice(name);
	header->value = base_bytes_slice(value);
}

static void
run(struct visit *visit, struct web_request *request, const char *path)
{
	char			 jar[512] = "", *cut, *text;
	size_t			 delivered, used = 0;
	struct web_exchange	*x;

	memset(visit, 0, sizeof(*visit));
	for (size_t i = 0; i < COOKIES_MAX; i++) {
		if (cookies[i].name[0] != '\0')
			used += (size_t)snprintf(jar + used,
			    sizeof(jar) - used, "%s%s=%s",
			    used > 0 ? "; " : "", cookies[i].name,
			    cookies[i].value);
	}
	if (used > 0)
		header_add(request, "cookie", jar);
	header_add(request, "user-agent", "Mozilla/5.0 (X11; Linux x86_64; "
	    "rv:128.0) Gecko/20100101 Firefox/128.0");
	header_add(request, "accept", "text/html,*/*");

	text = strdup(path);
	if ((cut = strchr(text, '?')) != NULL) {
		*cut = '\0';
		request->query = base_bytes_slice(cut + 1);
	}
	request->path = base_bytes_slice(text);
	x = web_exchange_start(process, request, replied, visit);
	while (visit->status == 0 && ((delivered = fake_runner_deliver()) > 0 ||
	    fake_signer_run() > 0))
		visit->statements += (int)delivered;
	if (visit->status == 0)
		die("never answered");
	web_exchange_free(x);
	free(text);
}

void
visit_get(struct visit *visit, const char *path)
{
	struct web_request	request = { .method = WEB_GET };

	run(visit, &request, path);
}

void
visit_form(struct visit *visit, const char *path, const char *body)
{
	struct web_request	request = { .method = WEB_POST };

	request.body = base_bytes_slice(body);
	header_add(&request, "content-type",
	    "application/x-www-form-urlencoded");
	header_add(&request, "origin", "http://localhost:1812");
	run(visit, &request, path);
}

void
visit_json(struct visit *visit, const char *path, const char *csrf,
    const char *body)
{
	struct web_request	request = { .method = WEB_POST };

	request.body = base_bytes_slice(body);
	header_add(&request, "content-type", "application/json");
	header_add(&request, "sec-fetch-site", "same-origin");
	if (csrf != NULL)
		header_add(&request, "x-csrf", csrf);
	run(visit, &request, path);
}

json_t *
visit_answer(const struct visit *visit)
{
	json_t	*json = json_loads(visit->body, JSON_REJECT_DUPLICATES, NULL);

	if (json == NULL)
		die("no JSON");

	return (json);
}

const char *
visit_text(const struct visit *visit, const char *name)
{
	static char	 text[8192];
	json_t		*json = visit_answer(visit);
	const char	*value = json_string_value(json_object_get(json,
			    name));

	snprintf(text, sizeof(text), "%s", value == NULL ? "" : value);
	json_decref(json);
	return (text);
}

static void
unescape(char *text)
{
	static const struct {
		const char	*from;
		char		 to;
	} entities[] = {
		{ "&quot;", '"' }, { "&amp;", '&' }, { "&lt;", '<' },
		{ "&gt;", '>' }, { "&#39;", '\'' },
	};
	char	*out = text;
	size_t	 i, len;

	while (*text != '\0') {
		for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
			len = strlen(entities[i].from);
			if (strncmp(text, entities[i].from, len) == 0)
				break;
		}
		if (i < sizeof(entities) / sizeof(entities[0])) {
			*out++ = entities[i].to;
			text += len;
		} else
			*out++ = *text++;
	}
	*out = '\0';
}

const char *
visit_attribute(const struct visit *visit, const char *name)
{
	static char	 text[8192];
	char		 want[64];
	const char	*at;

	snprintf(want, sizeof(want), "%s=\"", name);
	if ((at = strstr(visit->body, want)) == NULL)
		return (NULL);

	at += strlen(want);
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(at, "\""), at);
	unescape(text);
	return (text);
}
