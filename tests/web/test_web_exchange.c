/*
 * The engine: steps, waits, answers, and clients that leave.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/store.h"
#include "support/fake_keys.h"
#include "support/fake_runner.h"
#include "support/fake_signer.h"
#include "support/fake_store.h"
#include "web/web_csrf.h"
#include "web/web_exchange.h"
#include "web/web_input.h"
#include "web/web_page.h"
#include "web/web_router.h"

/* --- pages: not what is tested here -------------------------------------- */

bool
web_page_load(const struct base_config *config)
{
	(void)config;
	return (true);
}

struct web_next
web_page_error(struct web_exchange *x, int status, const char *key)
{
	web_reply_status(x, status, WEB_CLASS_PAGE);
	web_reply_body(x, "text/html", key, strlen(key));
	return (web_answered(x));
}

struct web_next
web_page_limited(struct web_exchange *x, int64_t seconds)
{
	(void)seconds;
	return (web_page_error(x, 429, "limited"));
}

/* --- handlers of this test ------------------------------------------------ */

static const struct store_statement	probe = {
	.name = "probe", .sql = "SELECT $1::int8", .types = "i", .columns = 1
};

struct chain {
	int64_t	seen;
};

static struct web_next
chain_signed(struct web_exchange *x)
{
	struct chain			*chain = web_state(x, sizeof(*chain));
	const struct signer_answer	*answer = web_signature(x);

	return (web_json(x, 200, json_pack("{s:I, s:b}", "seen",
	    (json_int_t)chain->seen, "signed", answer != NULL)));
}

static struct web_next
chain_asked(struct web_exchange *x)
{
	struct chain			*chain = web_state(x, sizeof(*chain));
	const struct signer_request	 request = {
		.kind = SIGNER_ID_TOKEN, .alg = SIGNER_ES256,
		.claims = "{}", .claims_len = 2
	};

	if (store_result_status(web_result(x)) != STORE_OK ||
	    !store_cell_int(web_result(x), 0, 0, &chain->seen))
		return (web_unavailable(x));

	return (web_sign(x, &request, chain_signed));
}

static struct web_next
chain_start(struct web_exchange *x)
{
	struct store_call	*call = store_call(web_arena(x), &probe);

	(void)web_state(x, sizeof(struct chain));
	store_int(call, 7);
	return (web_ask(x, call, chain_asked));
}

static struct web_next
echo_segment(struct web_exchange *x)
{
	struct base_slice	segment = web_router_segment(x);

	web_reply_status(x, 200, WEB_CLASS_PAGE);
	web_reply_body(x, "text/plain", segment.data, segment.len);
	return (web_answered(x));
}

static struct web_next
form_token(struct web_exchange *x)
{
	const char	*token = web_csrf_token(x, "test");

	web_reply_status(x, 200, WEB_CLASS_PAGE);
	web_reply_body(x, "text/plain", token, strlen(token));
	return (web_answered(x));
}

static struct web_next
form_post(struct web_exchange *x)
{
	struct web_form			 form;
	const struct web_form_field	*field;
	bool				 valid;

	if (web_input_form(x, &form) != WEB_FORM_OK)
		return (web_error(x, 400, "bad_request"));

	field = web_form_find(&form, WEB_CSRF_FIELD);
	valid = web_csrf_valid(x, "test", field == NULL ? NULL :
	    field->value);
	return (web_json(x, valid ? 200 : 403, json_object()));
}

static struct web_next
json_post(struct web_exchange *x)
{
	return (web_json(x, web_input_json(x) != NULL ? 200 : 400,
	    json_object()));
}

static const struct web_route	routes[] = {
	{ WEB_GET, "/chain", WEB_BODY_NONE, chain_start },
	{ WEB_GET, "/seg/*", WEB_BODY_NONE, echo_segment },
	{ WEB_GET, "/form", WEB_BODY_NONE, form_token },
	{ WEB_POST, "/form", WEB_BODY_FORM, form_post },
	{ WEB_POST, "/json", WEB_BODY_JSON, json_post },
};

const struct web_routes	web_router_tables[] = {
	{ routes, sizeof(routes) / sizeof(routes[0]) },
	{ NULL, 0 }
};

/* --- a browser ------------------------------------------------------------ */

struct visit {
	struct web_request	 request;
	struct web_exchange	*x;
	int			 answers;
	int			 status;
	char			 body[512];
	char			 cookie[256];
	char			 headers[4096];
};

static struct base_config	config;
static struct web_process	*process;

static void
visit_replied(void *owner, const struct web_reply *reply)
{
	struct visit	*v = owner;
	size_t		 used = 0;

	v->answers++;
	v->status = reply->status;
	(void)snprintf(v->body, sizeof(v->body), "%.*s", (int)reply->body_len,
	    reply->body == NULL ? "" : (const char *)reply->body);
	for (size_t i = 0; i < reply->header_count; i++) {
		used += (size_t)snprintf(v->headers + used,
		    sizeof(v->headers) - used, "%s: %s\n",
		    reply->headers[i].name, reply->headers[i].value);
		if (strcmp(reply->headers[i].name, "set-cookie") == 0)
			(void)snprintf(v->cookie, sizeof(v->cookie), "%.*s",
			    (int)strcspn(reply->headers[i].value, ";"),
			    reply->headers[i].value);
	}
}

static void
visit_header(struct visit *v, const char *name, const char *value)
{
	struct web_header	*header;

	header = &v->request.headers[v->request.header_count++];
	header->name = base_bytes_slice(name);
	header->value = base_bytes_slice(value);
}

static void
visit_start(struct visit *v, enum web_method method, const char *path)
{
	v->request.method = method;
	v->request.path = base_bytes_slice(path);
	v->x = web_exchange_start(process, &v->request, visit_replied, v);
}

static void
visit_end(struct visit *v)
{
	web_exchange_free(v->x);
	memset(v, 0, sizeof(*v));
}

/* --- tests ---------------------------------------------------------------- */

static void
answer_probe(enum store_status status)
{
	struct store_result	*result = fake_store_result(status);

	if (status == STORE_OK)
		fake_store_row(result, "i", (int64_t)42);
	fake_runner_answer("probe", result);
}

static void
test_web_exchange_chain(void **state)
{
	struct visit	v = { 0 };

	(void)state;
	answer_probe(STORE_OK);
	visit_start(&v, WEB_GET, "/chain");
	assert_int_equal(v.answers, 0);
	assert_int_equal(fake_runner_deliver(), 1);
	assert_int_equal(v.answers, 0);
	assert_int_equal(fake_signer_run(), 1);
	assert_int_equal(v.answers, 1);
	assert_int_equal(v.status, 200);
	assert_string_equal(v.body, "{\"seen\":42,\"signed\":true}");
	visit_end(&v);
}

static void
test_web_exchange_store_failed(void **state)
{
	struct visit	v = { 0 };

	(void)state;
	answer_probe(STORE_FAILED);
	visit_start(&v, WEB_GET, "/chain");
	(void)fake_runner_deliver();
	assert_int_equal(v.status, 503);
	assert_non_null(strstr(v.headers, "retry-after: 2\n"));
	visit_end(&v);
}

static void
test_web_exchange_client_leaves(void **state)
{
	struct visit	v = { 0 };

	(void)state;
	answer_probe(STORE_OK);
	visit_start(&v, WEB_GET, "/chain");
	visit_end(&v);
	assert_int_equal(fake_runner_deliver(), 0);
	assert_int_equal(v.answers, 0);

	answer_probe(STORE_OK);
	visit_start(&v, WEB_GET, "/chain");
	(void)fake_runner_deliver();
	visit_end(&v);
	assert_int_equal(fake_signer_run(), 0);
	assert_int_equal(v.answers, 0);
}

/* A loop that keeps the one timer it was given. */
static struct base_timer	*kept;

static void
loop_start(struct base_loop *loop, struct base_timer *timer)
{
	(void)loop;
	kept = timer;
	timer->set = true;
}

static void
loop_stop(struct base_loop *loop, struct base_timer *timer)
{
	(void)loop;
	if (kept == timer)
		kept = NULL;
	timer->set = false;
}

static void
loop_fire(void)
{
	struct base_timer	*timer = kept;

	kept = NULL;
	timer->set = false;
	timer->fire(timer);
}

/* Before a worker has keys, a request waits; it is not answered without. */
static void
test_web_exchange_waits_for_keys(void **state)
{
	static const struct base_loop_calls	calls = {
		.start = loop_start, .stop = loop_stop
	};
	struct base_loop			loop = { &calls };
	struct web_process			*usual = process;
	struct visit				v = { 0 };

	(void)state;
	process = web_process_new(&loop, &config);
	assert_non_null(process);
	fake_keys_read(false);
	visit_start(&v, WEB_GET, "/form");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(v.answers, 0);
		assert_non_null(kept);
		loop_fire();
	}
	fake_keys_read(true);
	assert_int_equal(v.answers, 0);
	loop_fire();
	assert_int_equal(v.answers, 1);
	assert_int_equal(v.status, 200);
	assert_true(v.body[0] != '\0');
	assert_null(kept);
	visit_end(&v);

	/* its client leaves meanwhile */
	fake_keys_read(false);
	visit_start(&v, WEB_GET, "/form");
	assert_non_null(kept);
	visit_end(&v);
	assert_null(kept);
	assert_int_equal(v.answers, 0);

	fake_keys_read(true);
	web_process_free(process);
	process = usual;
}

/* Every clause of "ready" alone. */
static void
test_web_exchange_ready(void **state)
{
	(void)state;
	assert_true(web_process_ready(process));

	fake_runner_skew(STORE_RUNNER_SKEW_MAX);
	assert_true(web_process_ready(process));
	fake_runner_skew(STORE_RUNNER_SKEW_MAX + 1);
	assert_false(web_process_ready(process));
	fake_runner_skew(0);

	fake_runner_ready(false);
	assert_false(web_process_ready(process));
	fake_runner_ready(true);

	fake_keys_read(false);
	assert_false(web_process_ready(process));
	fake_keys_read(true);
	assert_true(web_process_ready(process));
}

static void
test_web_exchange_routes(void **state)
{
	static const struct {
		enum web_method	 method;
		const char	*path;
		int		 status;
		const char	*body;
	} visits[] = {
		{ WEB_GET, "/seg/abc", 200, "abc" },
		{ WEB_HEAD, "/seg/abc", 200, "abc" },
		{ WEB_GET, "/seg/", 404, NULL },
		{ WEB_GET, "/seg/a/b", 404, NULL },
		{ WEB_GET, "/seg", 404, NULL },
		{ WEB_GET, "/Seg/abc", 404, NULL },
		{ WEB_GET, "/", 404, NULL },
		{ WEB_GET, "/chain/", 404, NULL },
		{ WEB_POST, "/seg/abc", 405, NULL },
		{ WEB_DELETE, "/form", 405, NULL },
		{ WEB_OPTIONS, "/form", 405, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(visits) / sizeof(visits[0]); i++) {
		struct visit	v = { 0 };

		visit_start(&v, visits[i].method, visits[i].path);
		if (v.status != visits[i].status || (visits[i].body != NULL &&
		    strcmp(v.body, visits[i].body) != 0))
			fail_msg("%s: %d", visits[i].path, v.status);
		if (v.status == 405 && strcmp(visits[i].path, "/form") == 0)
			assert_non_null(strstr(v.headers,
			    "allow: GET, HEAD, POST\n"));
		visit_end(&v);
	}
}

static void
test_web_exchange_body_limit(void **state)
{
	(void)state;
	assert_int_equal(web_router_body_limit(WEB_POST,
	    base_bytes_slice("/form")), WEB_FORM_BODY_MAX);
	assert_int_equal(web_router_body_limit(WEB_POST,
	    base_bytes_slice("/json")), WEB_JSON_BODY_MAX);
	assert_int_equal(web_router_body_limit(WEB_GET,
	    base_bytes_slice("/form")), 0);
	assert_int_equal(web_router_body_limit(WEB_POST,
	    base_bytes_slice("/nowhere")), 0);
}

/* The token of one form, browser and purpose; everything else is refused. */
static void
test_web_exchange_csrf(void **state)
{
	static const struct {
		const char	*name;
		const char	*site;		/* Sec-Fetch-Site; NULL: none */
		const char	*origin;
		bool		 cookie;
		int		 spoil;		/* character of the token */
		int		 status;
	} posts[] = {
		{ "as the page sends it", "same-origin", "null", true, -1, 200 },
		{ "old browser", NULL, "null", true, -1, 200 },
		{ "old browser, our origin", NULL, "https://id.example.org",
		    true, -1, 200 },
		{ "no headers", NULL, NULL, true, -1, 200 },
		{ "cross-site", "cross-site", "null", true, -1, 403 },
		{ "same-site", "same-site", NULL, true, -1, 403 },
		{ "typed", "none", NULL, true, -1, 403 },
		{ "foreign origin", NULL, "https://evil.example.org", true, -1,
		    403 },
		{ "longer origin", NULL, "https://id.example.org.evil.example",
		    true, -1, 403 },
		{ "other browser", "same-origin", NULL, false, -1, 403 },
		{ "key id changed", "same-origin", NULL, true, 0, 403 },
		{ "first of the mask", "same-origin", NULL, true, 2, 403 },
		{ "last of the mask", "same-origin", NULL, true, 22, 403 },
		{ "first of the MAC", "same-origin", NULL, true, 24, 403 },
		{ "last of the MAC", "same-origin", NULL, true, 43, 403 },
	};
	char		body[600], cookie[256];
	struct visit	v = { 0 };

	(void)state;
	visit_start(&v, WEB_GET, "/form");
	(void)snprintf(cookie, sizeof(cookie), "%s", v.cookie);
	assert_int_equal(strncmp(cookie, "__Host-browser=", 15), 0);

	for (size_t i = 0; i < sizeof(posts) / sizeof(posts[0]); i++) {
		struct visit	p = { 0 };

		(void)snprintf(body, sizeof(body), "csrf=%s", v.body);
		if (posts[i].spoil >= 0)
			body[5 + posts[i].spoil] ^= 0x01;
		visit_header(&p, "Content-Type",
		    "application/x-www-form-urlencoded");
		if (posts[i].cookie)
			visit_header(&p, "Cookie", cookie);
		if (posts[i].site != NULL)
			visit_header(&p, "Sec-Fetch-Site", posts[i].site);
		if (posts[i].origin != NULL)
			visit_header(&p, "Origin", posts[i].origin);
		p.request.body = base_bytes_slice(body);
		visit_start(&p, WEB_POST, "/form");
		if (p.status != posts[i].status)
			fail_msg("%s: %d", posts[i].name, p.status);
		visit_end(&p);
	}
	visit_end(&v);
}

/* Each answer shows another token, so that compressed pages tell nothing. */
static void
test_web_exchange_csrf_mask(void **state)
{
	char		first[600], cookie[256];
	struct visit	v = { 0 }, w = { 0 };

	(void)state;
	visit_start(&v, WEB_GET, "/form");
	(void)snprintf(first, sizeof(first), "%s", v.body);
	(void)snprintf(cookie, sizeof(cookie), "%s", v.cookie);
	visit_end(&v);

	visit_header(&w, "Cookie", cookie);
	visit_start(&w, WEB_GET, "/form");
	assert_int_equal(strlen(w.body), strlen(first));
	assert_int_not_equal(strncmp(w.body + 2, first + 2, 20), 0);
	assert_string_not_equal(w.body + 24, first + 24);
	visit_end(&w);
}

static void
test_web_exchange_json(void **state)
{
	static const struct {
		const char	*type;
		const char	*body;
		int		 status;
	} posts[] = {
		{ "application/json", "{\"a\":1}", 200 },
		{ "application/json; charset=utf-8", "{}", 200 },
		{ "text/plain", "{}", 400 },
		{ "application/jsonx", "{}", 400 },
		{ "application/json", "", 400 },
		{ "application/json", "[]", 400 },
		{ "application/json", "{\"a\":1,\"a\":2}", 400 },
		{ "application/json", "{} {}", 400 },
		{ "application/json", "{\"a\":\"\\u0000\"}", 400 },
		{ "application/json", "{\"a\":\"[[[[[[[[[[[[[[[[[[[[\"}", 200 },
		{ "application/json",
		    "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", 400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(posts) / sizeof(posts[0]); i++) {
		struct visit	v = { 0 };

		visit_header(&v, "content-type", posts[i].type);
		v.request.body = base_bytes_slice(posts[i].body);
		visit_start(&v, WEB_POST, "/json");
		if (v.status != posts[i].status)
			fail_msg("%s %s: %d", posts[i].type, posts[i].body,
			    v.status);
		visit_end(&v);
	}
}

/* A page: what protects it is there whatever the handler did. */
static void
test_web_exchange_page_headers(void **state)
{
	static const char *const	wanted[] = {
		"cache-control: no-store\n", "x-frame-options: DENY\n",
		"referrer-policy: same-origin\n",
		"x-content-type-options: nosniff\n",
		"strict-transport-security: max-age=31536000; "
		    "includeSubDomains\n",
		"form-action 'self'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
	};
	struct visit	v = { 0 };

	(void)state;
	visit_start(&v, WEB_GET, "/seg/abc");
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strstr(v.headers, wanted[i]) == NULL)
			fail_msg("missing: %s", wanted[i]);
	}
	visit_end(&v);
}

static int
set_up(void **state)
{
	(void)state;
	fake_runner_reset();
	(void)fake_keys_ring();	/* links the fake in web_keys.c's place */
	fake_runner_time(1700000000);
	(void)snprintf(config.app_url, sizeof(config.app_url),
	    "https://id.example.org");
	config.https = true;
	process = web_process_new(NULL, &config);
	return (process == NULL ? -1 : 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_exchange_chain),
		cmocka_unit_test(test_web_exchange_store_failed),
		cmocka_unit_test(test_web_exchange_client_leaves),
		cmocka_unit_test(test_web_exchange_waits_for_keys),
		cmocka_unit_test(test_web_exchange_ready),
		cmocka_unit_test(test_web_exchange_routes),
		cmocka_unit_test(test_web_exchange_body_limit),
		cmocka_unit_test(test_web_exchange_csrf),
		cmocka_unit_test(test_web_exchange_csrf_mask),
		cmocka_unit_test(test_web_exchange_json),
		cmocka_unit_test(test_web_exchange_page_headers),
	};

	return (cmocka_run_group_tests(tests, set_up, NULL));
}
