/*
 * Signing in with a passkey: the page, and the ceremony step by step with a
 * database that answers from a script.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "signin/signin.h"
#include "support/signin_rows.h"
#include "support/visit.h"

#define NOW	1750000000	/* of the fake runner */

const struct web_routes	web_router_tables[] = {
	{ signin_routes, SIGNIN_ROUTES },
	{ NULL, 0 }
};

static struct base_config	 config;
static struct visit		 v;
static char			 csrf[128];

static int
begin(void **state)
{
	(void)state;
	fake_runner_reset();
	visit_forget();
	return (0);
}

static int
end(void **state)
{
	(void)state;
	return (fake_runner_left() == 0 ? 0 : -1);
}

/* The page as a stranger sees it; its token is kept. */
static void
page(void)
{
	visit_set_cookie("session", NULL);
	visit_get(&v, "/login");
	assert_int_equal(v.status, 200);
	(void)snprintf(csrf, sizeof(csrf), "%s",
	    visit_attribute(&v, "data-csrf"));
}

/* --- the page -------------------------------------------------------------- */

/* First, before the worker has learnt that it is set up. */
static void
test_signin_login_before_set_up(void **state)
{
	(void)state;
	signin_rows_verdict("installation_state", "missing");
	visit_get(&v, "/login");
	assert_int_equal(v.status, 303);
	assert_string_equal(v.location, "/setup");

	signin_rows_none("installation_state", STORE_FAILED);
	visit_get(&v, "/login");
	assert_int_equal(v.status, 503);

	/* Once known it is not asked again: a page costs no statement. */
	signin_rows_verdict("installation_state", "spent");
	visit_get(&v, "/login");
	assert_int_equal(v.status, 200);
	visit_get(&v, "/login");
	assert_int_equal(v.status, 200);
	assert_int_equal(v.statements, 0);
}

static void
test_signin_login_page(void **state)
{
	(void)state;
	page();
	assert_non_null(strstr(v.body, "Sign in to Acme"));
	assert_non_null(strstr(v.body, "autocomplete=\"username webauthn\""));
	assert_non_null(strstr(v.headers, "no-store"));
	assert_non_null(visit_cookie("browser"));
	assert_non_null(strstr(visit_attribute(&v, "data-conditional"),
	    "\"challenge\""));
}

static void
test_signin_login_bad_query(void **state)
{
	static const char *const paths[] = {
		"/login?i=junk", "/login?i=", "/login?i=a&i=b",
		"/login?to=passkey&to=passkey", "/login?i=%zz",
		"/login/other?i=junk",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		visit_get(&v, paths[i]);
		if (v.status != 400)
			fail_msg("%s: %d", paths[i], v.status);
	}
}

/* Who is signed in may go on, unless a passkey is to be used now. */
static void
test_signin_login_signed_in(void **state)
{
	(void)state;
	visit_set_cookie("session", SIGNIN_ROWS_COOKIE);
	signin_rows_session_full("session_find", NOW);
	visit_get(&v, "/login");
	assert_int_equal(v.statements, 1);
	assert_non_null(strstr(v.body, "Continue as Ada Lovelace "
	    "(ada@example.com)"));

	signin_rows_session_full("session_find", NOW);
	visit_get(&v, "/login?other=1");
	assert_null(strstr(v.body, "Continue as"));

	signin_rows_session_full("session_find", NOW);
	visit_get(&v, "/login?to=passkey");
	assert_null(strstr(v.body, "Continue as"));
	assert_non_null(strstr(v.body, "Confirm it"));
	assert_string_equal(visit_attribute(&v, "data-to"), "passkey");

	signin_rows_session_limited("session_find");
	visit_get(&v, "/login");
	assert_string_equal(v.location, "/passkey/add");

	signin_rows_none("session_find", STORE_FAILED);
	visit_get(&v, "/login");
	assert_int_equal(v.status, 503);
	assert_non_null(visit_cookie("session"));
}

/* A cookie that is nobody's is taken back (R10.9); broken ones too (R10.10). */
static void
test_signin_login_dead_cookie(void **state)
{
	static const char *const broken[] = {
		"A", SIGNIN_ROWS_COOKIE "A", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAA+", "\"" SIGNIN_ROWS_COOKIE "\"",
	};

	(void)state;
	visit_set_cookie("session", SIGNIN_ROWS_COOKIE);
	signin_rows_none("session_find", STORE_OK);
	visit_get(&v, "/login");
	assert_int_equal(v.status, 200);
	assert_null(visit_cookie("session"));

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		visit_set_cookie("session", broken[i]);
		visit_get(&v, "/login");
		assert_int_equal(v.status, 200);
		assert_int_equal(v.statements, 0);
	}
}

/* --- the ceremony ---------------------------------------------------------- */

/* One attempt to sign in; each case spoils one thing of it. */
struct attempt {
	struct forge	 forge;
	char		 state[1024];
	char		 challenge[64];
	const char	*found;		/* NULL: the passkey; "none", "failed" */
	bool		 disabled;
	const char	*verdict;	/* of the write; NULL: "ok" */
	const char	*csrf;		/* NULL: the right one */
	bool		 other_browser;
	int64_t		 later;		/* seconds */
	const char	*timeline;
	const char	*i;
	int		 statements;	/* that are asked */
};

static void
attempt_begin(struct attempt *a)
{
	json_t	*answer;

	memset(a, 0, sizeof(*a));
	a->statements = 2;
	page();
	visit_json(&v, "/login/options", csrf, "{}");
	assert_int_equal(v.status, 200);
	assert_int_equal(v.statements, 0);
	(void)snprintf(a->state, sizeof(a->state), "%s",
	    visit_text(&v, "state"));
	answer = visit_answer(&v);
	(void)snprintf(a->challenge, sizeof(a->challenge), "%s",
	    json_string_value(json_object_get(json_object_get(answer,
	    "publicKey"), "challenge")));
	json_decref(answer);
	forge_assertion(&a->forge, WEBAUTHN_ALG_ES256);
	a->forge.challenge = a->challenge;
}

static void
attempt_end(struct attempt *a)
{
	char	*body;

	if (a->found == NULL && a->statements > 0)
		signin_rows_passkey_found(&a->forge, a->disabled);
	else if (a->statements > 0)
		signin_rows_none("passkey_find", strcmp(a->found, "none") ==
		    0 ? STORE_OK : STORE_FAILED);
	if (a->statements > 1 && a->verdict != NULL &&
	    strcmp(a->verdict, "failed") == 0)
		signin_rows_none("session_sign_in", STORE_FAILED);
	else if (a->statements > 1)
		signin_rows_verdict("session_sign_in",
		    a->verdict == NULL ? "ok" : a->verdict);

	if (a->other_browser) {
		visit_forget();
		page();
	}
	fake_runner_time(NOW + a->later);
	if (a->timeline != NULL)
		fake_runner_timeline(a->timeline);
	body = base_arena_format(&a->forge.arena,
	    "{\"state\":\"%s\",\"i\":\"%s\",\"to\":\"\",\"credential\":%s}",
	    a->state, a->i == NULL ? "" : a->i,
	    signin_rows_assertion(&a->forge));
	visit_json(&v, "/login/verify", a->csrf != NULL ? a->csrf : csrf,
	    body);
	assert_int_equal(v.statements, a->statements);
	forge_clear(&a->forge);
}

/* Sign-in costs one SELECT and one write after the touch. */
static void
test_signin_login_verify(void **state)
{
	struct attempt	a;
	json_t		*answer, *signal;

	(void)state;
	attempt_begin(&a);
	attempt_end(&a);
	assert_int_equal(v.status, 200);
	assert_int_equal(v.statements, 2);
	assert_string_equal(visit_text(&v, "location"), "/");
	assert_int_equal(strlen(visit_cookie("session")), 43);
	assert_non_null(strstr(v.headers, "HttpOnly"));

	answer = visit_answer(&v);
	signal = json_object_get(answer, "signal");
	assert_string_equal(json_string_value(json_object_get(signal,
	    "rpId")), "localhost");
	assert_int_equal(json_array_size(json_object_get(signal,
	    "allAcceptedCredentialIds")), 2);
	json_decref(answer);
}

/* What the write is given: a new cookie, the browser, the challenge. */
static void
seen(const struct store_call *call)
{
	static uint8_t		cookie[BASE_SHA256_LEN];
	struct base_slice	digest;

	if (strcmp(call->statement->name, "session_sign_in") != 0)
		return;

	digest = fake_store_value(call, 7);
	assert_int_equal(digest.len, BASE_SHA256_LEN);
	assert_memory_not_equal(digest.data, cookie, sizeof(cookie));
	memcpy(cookie, digest.data, sizeof(cookie));
	assert_int_equal(fake_store_value(call, 4).len, BASE_SHA256_LEN);
	assert_int_equal(fake_store_value(call, 8).len, BASE_SHA256_LEN);
	assert_int_equal(fake_store_number(call, 9), 43200);
	assert_memory_equal(fake_store_value(call, 11).data,
	    "Firefox on Linux", 16);
}

static void
test_signin_login_write(void **state)
{
	struct attempt	a;

	(void)state;
	fake_runner_watch(seen);
	for (int i = 0; i < 2; i++) {
		attempt_begin(&a);
		attempt_end(&a);
		assert_int_equal(v.status, 200);
	}
}

static void nothing(struct attempt *a)	{ (void)a; }
static void no_csrf(struct attempt *a)	{ a->csrf = ""; a->statements = 0; }
static void far_csrf(struct attempt *a)
{
	a->csrf = "2.AAAAAAAAAAAAAAAAAAAAAA";
	a->statements = 0;
}
static void browser(struct attempt *a)
{
	a->other_browser = true;
	a->statements = 0;
}
static void late(struct attempt *a)	{ a->later = 301; a->statements = 0; }
static void old_line(struct attempt *a)
{
	a->timeline = "00000002";
	a->statements = 0;
}
static void bad_state(struct attempt *a)
{
	a->state[20] = a->state[20] == 'A' ? 'B' : 'A';
	a->statements = 0;
}
static void bad_i(struct attempt *a)	{ a->i = "junk"; a->statements = 0; }
static void challenge(struct attempt *a)
{
	a->challenge[5] = a->challenge[5] == 'A' ? 'B' : 'A';
	a->statements = 0;
}
static void origin(struct attempt *a)
{
	a->forge.origin = "https://evil.example";
	a->statements = 0;
}
static void no_uv(struct attempt *a)
{
	a->forge.flags = FORGE_UP;
	a->statements = 0;
}
static void no_handle(struct attempt *a)
{
	a->forge.no_user_handle = true;
	a->statements = 0;
}
static void unknown(struct attempt *a)
{
	a->found = "none";
	a->statements = 1;
}
static void no_database(struct attempt *a)
{
	a->found = "failed";
	a->statements = 1;
}
static void signer(struct attempt *a)
{
	a->forge.signer = forge_key(WEBAUTHN_ALG_ES256, true);
	a->statements = 1;
}
static void counter(struct attempt *a)
{
	a->forge.stored.sign_count = 5;
	a->statements = 1;
}
static void disabled(struct attempt *a)
{
	a->disabled = true;
	a->statements = 1;
}
static void spent(struct attempt *a)	{ a->verdict = "spent"; }
static void gone(struct attempt *a)	{ a->verdict = "gone"; }
static void refused(struct attempt *a)	{ a->verdict = "refused"; }
static void conflict(struct attempt *a)	{ a->verdict = "conflict"; }
static void failed(struct attempt *a)	{ a->verdict = "failed"; }
static void nonsense(struct attempt *a)	{ a->verdict = "hello"; }

static const struct {
	const char	*name;
	void		(*spoil)(struct attempt *);
	int		 status;
	const char	*code;
} cases[] = {
	{ "as it should be",		nothing,	200, "" },
	{ "no token",			no_csrf,	403, "expired" },
	{ "another token",		far_csrf,	403, "expired" },
	{ "another browser (AZ15)",	browser,	400, "expired" },
	{ "five minutes later",		late,		400, "expired" },
	{ "after a fail-over",		old_line,	400, "expired" },
	{ "changed seal",		bad_state,	400, "expired" },
	{ "junk request",		bad_i,		400, "expired" },
	{ "another challenge (R9.11)",	challenge,	400, "server" },
	{ "another origin",		origin,		400, "server" },
	{ "no verification",		no_uv,		400, "uv" },
	{ "no user handle",		no_handle,	400,
	    "unknown_passkey" },
	{ "unknown passkey",		unknown,	400,
	    "unknown_passkey" },
	{ "no database",		no_database,	503, "server" },
	{ "another key",		signer,		400, "server" },
	{ "counter went back",		counter,	400, "clone" },
	{ "disabled",			disabled,	403, "disabled" },
	{ "replayed",			spent,		400, "expired" },
	{ "removed meanwhile",		gone,		409, "expired" },
	{ "counter, at the same time",	refused,	400, "clone" },
	{ "another person meanwhile",	conflict,	409, "expired" },
	{ "no answer to the write",	failed,		503, "server" },
	{ "a verdict that is none",	nonsense,	503, "server" },
};

static void
test_signin_login_refused(void **state)
{
	struct attempt	a;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_runner_reset();
		visit_forget();
		attempt_begin(&a);
		cases[i].spoil(&a);
		attempt_end(&a);
		if (v.status != cases[i].status ||
		    strcmp(visit_text(&v, "code"), cases[i].code) != 0)
			fail_msg("%s: %d %s", cases[i].name, v.status,
			    v.body);
		if ((visit_cookie("session") != NULL) !=
		    (cases[i].status == 200))
			fail_msg("%s: session", cases[i].name);
	}
}

/* Bodies that are no ceremony at all: refused before any statement. */
static void
test_signin_login_malformed(void **state)
{
	static const struct {
		const char	*body;
		int		 status;
	} bodies[] = {
		{ "", 400 }, { "[]", 400 }, { "{", 400 }, { "{}", 400 },
		{ "{\"state\":1}", 400 }, { "{\"state\":\"\"}", 400 },
		{ "{\"state\":\"a\",\"state\":\"b\"}", 400 },
		{ "{\"i\":[\"a\"],\"state\":\"x\"}", 400 },
	};

	(void)state;
	page();
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		visit_json(&v, "/login/verify", csrf, bodies[i].body);
		if (v.status != bodies[i].status)
			fail_msg("%s: %d", bodies[i].body, v.status);
	}
	visit_json(&v, "/login/options", "", "{}");
	assert_int_equal(v.status, 403);
	/* Another page's token is not this page's. */
	visit_json(&v, "/setup/options", csrf, "{}");
	assert_int_equal(v.status, 403);
}

/* A thousand failures of a stranger: one statement, ten seconds later. */
static void
test_signin_login_failures_batched(void **state)
{
	(void)state;
	page();
	/* What the tests before have left. */
	signin_rows_verdict("session_touch", "ok");
	signin_rows_verdict("session_failures", "ok");
	assert_int_equal(visit_tick(), 1);
	assert_int_equal(fake_runner_deliver(), 2);

	for (int i = 0; i < 1000; i++) {
		visit_json(&v, "/login/verify", csrf, "{\"state\":\"x\"}");
		assert_int_equal(v.statements, 0);
	}
	signin_rows_verdict("session_failures", "ok");
	assert_int_equal(visit_tick(), 1);
	assert_int_equal(fake_runner_deliver(), 1);
	assert_int_equal(visit_tick(), 0);
}

static int
open_process(void **state)
{
	(void)state;
	visit_open(&config);
	return (0);
}

static int
close_process(void **state)
{
	(void)state;
	visit_close();
	return (0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_signin_login_before_set_up),
		TEST(test_signin_login_page),
		TEST(test_signin_login_bad_query),
		TEST(test_signin_login_signed_in),
		TEST(test_signin_login_dead_cookie),
		TEST(test_signin_login_verify),
		TEST(test_signin_login_write),
		TEST(test_signin_login_refused),
		TEST(test_signin_login_malformed),
		TEST(test_signin_login_failures_batched),
	};

	return (cmocka_run_group_tests(tests, open_process, close_process));
}
