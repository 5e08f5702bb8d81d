/*
 * Set-up, login links, adding a passkey, signing out, the start page: each
 * handler step by step with a database that answers from a script.
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
#define LINK	"/lc/" SIGNIN_ROWS_COOKIE	/* codes have the same form */
#define CODE	"00112233445566778899aabbccddeeff"

const struct web_routes	web_router_tables[] = {
	{ signin_routes, SIGNIN_ROUTES },
	{ NULL, 0 }
};

static struct base_config	 config;
static struct visit		 v;
static char			 csrf[128], form[1024];

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

static const char *
with_csrf(const char *fields)
{
	(void)snprintf(form, sizeof(form), "csrf=%s%s", csrf, fields);
	return (form);
}

/* Keep the token of the page's form: the first that is not the frame's. */
static void
token_of_form(const char *action)
{
	char	want[160];
	char	*at, *value;

	(void)snprintf(want, sizeof(want), "action=\"%s\"", action);
	assert_non_null(at = strstr(v.body, want));
	assert_non_null(value = strstr(at, "value=\""));
	value += strlen("value=\"");
	(void)snprintf(csrf, sizeof(csrf), "%.*s", (int)strcspn(value, "\""),
	    value);
}

static void
sign_in_cookie(void)
{
	visit_set_cookie("session", SIGNIN_ROWS_COOKIE);
}

/* --- the start page -------------------------------------------------------- */

static void
test_signin_home(void **state)
{
	(void)state;
	visit_get(&v, "/");
	assert_string_equal(v.location, "/login");
	assert_int_equal(v.statements, 0);

	sign_in_cookie();
	signin_rows_session_full("session_find", NOW);
	visit_get(&v, "/");
	assert_int_equal(v.status, 200);
	assert_int_equal(v.statements, 1);
	assert_non_null(strstr(v.body, "Ada Lovelace"));
	assert_non_null(strstr(v.body, "1 passkey"));
	assert_non_null(strstr(v.body, "Add a second passkey"));

	signin_rows_session_limited("session_find");
	visit_get(&v, "/");
	assert_string_equal(v.location, "/passkey/add");

	signin_rows_none("session_find", STORE_FAILED);
	visit_get(&v, "/");
	assert_int_equal(v.status, 503);
	assert_non_null(visit_cookie("session"));

	signin_rows_none("session_find", STORE_OK);
	visit_get(&v, "/");
	assert_string_equal(v.location, "/login");
	assert_null(visit_cookie("session"));
}

/* --- signing out ----------------------------------------------------------- */

static void
test_signin_logout(void **state)
{
	char	apps[4200];

	(void)state;
	sign_in_cookie();
	signin_rows_session_full("session_find", NOW);
	visit_get(&v, "/logout");
	assert_int_equal(v.status, 200);
	assert_non_null(strstr(v.body, "Sign out of Acme?"));
	token_of_form("/logout");

	/* Nothing happens without the form's own token (R10.4). */
	visit_form(&v, "/logout", "");
	assert_int_equal(v.status, 403);
	visit_form(&v, "/logout", "csrf=2.AAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(v.status, 403);
	visit_form(&v, "/logout", "csrf=a&csrf=b");
	assert_int_equal(v.status, 400);
	assert_non_null(visit_cookie("session"));

	/* An error is never told as success (R6.13). */
	signin_rows_none("session_end", STORE_FAILED);
	visit_form(&v, "/logout", with_csrf(""));
	assert_int_equal(v.status, 503);
	assert_non_null(visit_cookie("session"));

	signin_rows_ended("session_end");
	visit_form(&v, "/logout", with_csrf(""));
	assert_int_equal(v.status, 303);
	assert_int_equal(strncmp(v.location, "/signed-out?apps=", 17), 0);
	(void)snprintf(apps, sizeof(apps), "%s", v.location);
	assert_non_null(strstr(v.headers, "clear-site-data: \"cache\", "
	    "\"storage\""));
	assert_null(visit_cookie("session"));

	visit_form(&v, "/logout", with_csrf(""));
	assert_string_equal(v.location, "/signed-out");
	assert_int_equal(v.statements, 0);
	visit_get(&v, "/logout");
	assert_string_equal(v.location, "/signed-out");
	visit_get(&v, "/signed-out");
	assert_int_equal(v.status, 200);
	assert_null(strstr(v.body, "Expenses"));

	/* The apps, for this browser and as they were sealed. */
	visit_get(&v, apps);
	assert_int_equal(v.status, 200);
	assert_non_null(strstr(v.body, "<a href=\"https://e.example/\"><bdi>"
	    "Expenses &amp; more</bdi></a>"));
	assert_non_null(strstr(v.body, "<span><bdi>Wiki</bdi></span>"));
	apps[strlen(apps) - 5] ^= 1;
	visit_get(&v, apps);
	assert_int_equal(v.status, 200);
	assert_null(strstr(v.body, "Expenses"));
}

static void
test_signin_logout_everywhere(void **state)
{
	(void)state;
	sign_in_cookie();
	signin_rows_session_full("session_find", NOW);
	visit_get(&v, "/logout?everywhere=1");
	assert_int_equal(v.status, 200);
	assert_non_null(strstr(v.body, "Sign out on all devices?"));
	token_of_form("/logout");
	visit_get(&v, "/logout?everywhere=1&everywhere=1");
	assert_int_equal(v.status, 400);

	signin_rows_session_limited("session_find");
	visit_get(&v, "/logout?everywhere=1");
	assert_null(strstr(v.body, "everywhere"));

	/* Nobody was signed in: not told as done. */
	signin_rows_verdict("session_end_all", "missing");
	visit_form(&v, "/logout", with_csrf("&everywhere=1"));
	assert_int_equal(v.status, 403);
	signin_rows_none("session_end_all", STORE_FAILED);
	visit_form(&v, "/logout", with_csrf("&everywhere=1"));
	assert_int_equal(v.status, 503);
	assert_non_null(visit_cookie("session"));

	signin_rows_ended("session_end_all");
	visit_form(&v, "/logout", with_csrf("&everywhere=1"));
	assert_int_equal(v.status, 303);
	assert_null(visit_cookie("session"));
	visit_form(&v, "/logout", with_csrf("&everywhere=1"));
	assert_int_equal(v.status, 403);
	assert_int_equal(v.statements, 0);
}

/* --- login links ----------------------------------------------------------- */

static void
test_signin_link(void **state)
{
	(void)state;
	signin_rows_person("link_find");
	visit_get(&v, LINK);
	assert_int_equal(v.status, 200);
	assert_non_null(strstr(v.headers, "no-referrer"));
	assert_non_null(strstr(v.body, "a\xe2\x80\xa2\xe2\x80\xa2"
	    "\xe2\x80\xa2@example.com"));
	assert_null(strstr(v.body, "ada@example.com"));
	assert_null(visit_cookie("session"));
	token_of_form(LINK);

	visit_form(&v, LINK, "csrf=");
	assert_int_equal(v.status, 403);
	assert_int_equal(v.statements, 0);

	signin_rows_verdict("link_spend", "ok");
	visit_form(&v, LINK, with_csrf(""));
	assert_int_equal(v.status, 303);
	assert_string_equal(v.location, "/passkey/add");
	assert_int_equal(strlen(visit_cookie("session")), 43);
}

/* The token of a page is bound to the browser: a mail scanner's is no use. */
static void
test_signin_link_other_browser(void **state)
{
	(void)state;
	signin_rows_person("link_find");
	visit_get(&v, LINK);
	token_of_form(LINK);
	visit_forget();
	visit_form(&v, LINK, with_csrf(""));
	assert_int_equal(v.status, 403);
	assert_int_equal(v.statements, 0);
}

/* Wrong, used, expired and unknown links: one answer (RC9). */
static void
test_signin_link_gone(void **state)
{
	static char	first[VISIT_BODY_MAX];
	static const char *const bad[] = {
		"/lc/x", LINK "A", "/lc/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAB",
	};
	char		*cut;

	(void)state;
	signin_rows_person("link_find");
	visit_get(&v, LINK);
	token_of_form(LINK);

	signin_rows_none("link_find", STORE_OK);
	visit_get(&v, LINK);
	assert_int_equal(v.status, 410);
	assert_non_null(cut = strstr(v.body, "<footer"));
	*cut = '\0';	/* the language form names the page it stands on */
	(void)snprintf(first, sizeof(first), "%s", v.body);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		visit_get(&v, bad[i]);
		assert_int_equal(v.status, 410);
		*strstr(v.body, "<footer") = '\0';
		assert_string_equal(v.body, first);
		visit_form(&v, bad[i], with_csrf(""));
		assert_int_equal(v.status, 410);
		*strstr(v.body, "<footer") = '\0';
		assert_string_equal(v.body, first);
	}

	signin_rows_verdict("link_spend", "gone");
	visit_form(&v, LINK, with_csrf(""));
	assert_int_equal(v.status, 410);
	*strstr(v.body, "<footer") = '\0';
	assert_string_equal(v.body, first);
	assert_null(visit_cookie("session"));

	signin_rows_none("link_spend", STORE_CONFLICT);
	visit_form(&v, LINK, with_csrf(""));
	assert_int_equal(v.status, 409);
	signin_rows_none("link_spend", STORE_FAILED);
	visit_form(&v, LINK, with_csrf(""));
	assert_int_equal(v.status, 503);
	signin_rows_none("link_find", STORE_FAILED);
	visit_get(&v, LINK);
	assert_int_equal(v.status, 503);
}

/* --- adding a passkey ------------------------------------------------------ */

static void
test_signin_passkey_page(void **state)
{
	(void)state;
	visit_get(&v, "/passkey/add");
	assert_string_equal(v.location, "/login");

	sign_in_cookie();
	signin_rows_session_limited("session_find");
	visit_get(&v, "/passkey/add");
	assert_int_equal(v.status, 200);
	assert_non_null(strstr(v.body, "will not work again"));
	assert_null(strstr(v.body, "Do this later"));

	/* Ten minutes after the last touch it takes another (LG9). */
	signin_rows_session_full("session_find", NOW - 600);
	visit_get(&v, "/passkey/add");
	assert_int_equal(v.status, 200);
	assert_non_null(strstr(v.body, "Do this later"));
	signin_rows_session_full("session_find", NOW - 601);
	visit_get(&v, "/passkey/add");
	assert_string_equal(v.location, "/login?to=passkey");
}

/* From the page to the options; the challenge of a forged creation. */
static void
add_begin(struct forge *forge, char *state, char *challenge, bool limited)
{
	json_t	*answer, *options;

	sign_in_cookie();
	if (limited)
		signin_rows_session_limited("session_find");
	else
		signin_rows_session_full("session_find", NOW);
	visit_get(&v, "/passkey/add");
	(void)snprintf(csrf, sizeof(csrf), "%s",
	    visit_attribute(&v, "data-csrf"));
	if (limited)
		signin_rows_session_limited("passkey_session");
	else
		signin_rows_session_full("passkey_session", NOW);
	visit_json(&v, "/passkey/add/options", csrf, "{}");
	assert_int_equal(v.status, 200);

	answer = visit_answer(&v);
	options = json_object_get(answer, "publicKey");
	assert_int_equal(json_array_size(json_object_get(options,
	    "excludeCredentials")), limited ? 0 : 1);
	(void)snprintf(state, 1024, "%s", visit_text(&v, "state"));
	(void)snprintf(challenge, 64, "%s", json_string_value(
	    json_object_get(options, "challenge")));
	json_decref(answer);
	forge_creation(forge, WEBAUTHN_ALG_ES256);
	forge->challenge = challenge;
}

static void
add_verify(struct forge *forge, const char *path, const char *state)
{
	visit_json(&v, path, csrf, base_arena_format(&forge->arena,
	    "{\"state\":\"%s\",\"credential\":%s}", state,
	    signin_rows_creation(forge)));
}

static void
test_signin_passkey_verify(void **state)
{
	char		sealed[1024], challenge[64];
	struct forge	forge;

	(void)state;
	add_begin(&forge, sealed, challenge, true);
	signin_rows_session_limited("session_find");
	signin_rows_verdict("passkey_add", "ok");
	add_verify(&forge, "/passkey/add/verify", sealed);
	assert_int_equal(v.status, 200);
	assert_int_equal(v.statements, 2);
	assert_string_equal(visit_text(&v, "location"), "/");
	/* The row says that the session is a full one now: a new cookie. */
	assert_string_not_equal(visit_cookie("session"), SIGNIN_ROWS_COOKIE);
	forge_clear(&forge);
}

static const struct {
	const char	*verdict;
	int		 status;
	const char	*code;
} added[] = {
	{ "spent", 409, "expired" }, { "gone", 403, "expired" },
	{ "conflict", 409, "already" }, { "refused", 409, "server" },
	{ "nonsense", 503, "server" },
};

static void
test_signin_passkey_refused(void **state)
{
	char		sealed[1024], challenge[64];
	struct forge	forge;

	(void)state;
	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
		add_begin(&forge, sealed, challenge, false);
		signin_rows_session_full("session_find", NOW);
		signin_rows_verdict("passkey_add", added[i].verdict);
		add_verify(&forge, "/passkey/add/verify", sealed);
		if (v.status != added[i].status ||
		    strcmp(visit_text(&v, "code"), added[i].code) != 0)
			fail_msg("%s: %s", added[i].verdict, v.body);
		forge_clear(&forge);
	}

	/* Without user verification; signed out; too long ago. */
	add_begin(&forge, sealed, challenge, false);
	forge.flags = FORGE_UP | FORGE_AT;
	signin_rows_session_full("session_find", NOW);
	add_verify(&forge, "/passkey/add/verify", sealed);
	assert_string_equal(visit_text(&v, "code"), "uv");
	signin_rows_none("session_find", STORE_OK);
	add_verify(&forge, "/passkey/add/verify", sealed);
	assert_string_equal(visit_text(&v, "location"), "/login");
	forge_clear(&forge);

	sign_in_cookie();
	signin_rows_session_full("passkey_session", NOW - 601);
	visit_json(&v, "/passkey/add/options", csrf, "{}");
	assert_string_equal(visit_text(&v, "location"), "/login?to=passkey");
}

/* A challenge for one session adds no passkey in another one. */
static void
test_signin_passkey_other_session(void **state)
{
	char		sealed[1024], challenge[64];
	struct forge	forge;

	(void)state;
	add_begin(&forge, sealed, challenge, false);
	signin_rows_session.bytes[15] ^= 1;
	signin_rows_session_full("session_find", NOW);
	signin_rows_session.bytes[15] ^= 1;
	add_verify(&forge, "/passkey/add/verify", sealed);
	assert_int_equal(v.status, 400);
	assert_string_equal(visit_text(&v, "code"), "expired");
	forge_clear(&forge);
}

/* --- set-up ---------------------------------------------------------------- */

#define DETAILS	"&code=" CODE "&first_name=Ada&last_name=Lovelace" \
		"&email=ada%40example.com&username=Ada"

static void
set_up_page(void)
{
	signin_rows_verdict("installation_state", "missing");
	visit_get(&v, "/setup?code=" CODE);
	assert_int_equal(v.status, 200);
	token_of_form("/setup");
}

static void
test_signin_setup_page(void **state)
{
	(void)state;
	set_up_page();
	assert_non_null(strstr(v.body, "value=\"" CODE "\""));
	assert_non_null(strstr(v.headers, "no-referrer"));

	signin_rows_verdict("installation_state", "spent");
	visit_get(&v, "/setup?code=" CODE);
	assert_int_equal(v.status, 403);
	assert_non_null(strstr(v.body, "Set-up is finished"));
	visit_get(&v, "/setup?code=a&code=b");
	assert_int_equal(v.status, 400);
}

static const struct {
	const char	*name;
	const char	*fields;
	const char	*verdict;
	int		 status;
	const char	*says;
} details[] = {
	{ "as it should be", DETAILS, "ok", 200, "Create your passkey" },
	{ "without last name", "&code=" CODE "&first_name=A&last_name="
	    "&email=a%40b.c&username=ada", "ok", 200, "Create your" },
	{ "another code", DETAILS, "missing", 422, "This code is not right" },
	{ "set up already", DETAILS, "spent", 403, "Set-up is finished" },
	{ "nothing", "", "missing", 422, "Fill this in" },
	{ "no first name", "&code=" CODE "&first_name=+&email=a%40b.c"
	    "&username=ada", "ok", 422, "Fill this in" },
	{ "two addresses", "&code=" CODE "&first_name=A&email=a%40b.c%2Cd%40"
	    "e.f&username=ada", "ok", 422, "like name@example.com" },
	{ "username", "&code=" CODE "&first_name=A&email=a%40b.c"
	    "&username=a+b", "ok", 422, "letters a" },
	{ "override in a name", "&code=" CODE "&first_name=A%E2%80%AEb"
	    "&email=a%40b.c&username=ada", "ok", 422, "invisible" },
};

static void
test_signin_setup_form(void **state)
{
	(void)state;
	set_up_page();
	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
		signin_rows_verdict("installation_state",
		    details[i].verdict);
		visit_form(&v, "/setup", with_csrf(details[i].fields));
		if (v.status != details[i].status ||
		    strstr(v.body, details[i].says) == NULL)
			fail_msg("%s: %d %s", details[i].name, v.status,
			    v.body);
	}

	/* What was typed is still there. */
	signin_rows_verdict("installation_state", "missing");
	visit_form(&v, "/setup", with_csrf("&first_name=%3CAda%3E&email=x"));
	assert_non_null(strstr(v.body, "value=\"&lt;Ada&gt;\""));

	visit_form(&v, "/setup", DETAILS);
	assert_int_equal(v.status, 403);
	visit_form(&v, "/setup", with_csrf("&email=a&email=b"));
	assert_int_equal(v.status, 400);
}

/* Through the form to the page with the sealed details, and its options. */
static void
finish_begin(struct forge *forge, char *body, size_t size)
{
	char		 sealed[4096];
	json_t		*answer;
	const char	*challenge;

	set_up_page();
	signin_rows_verdict("installation_state", "ok");
	visit_form(&v, "/setup", with_csrf(DETAILS));
	assert_int_equal(v.status, 200);
	(void)snprintf(csrf, sizeof(csrf), "%s",
	    visit_attribute(&v, "data-csrf"));
	(void)snprintf(sealed, sizeof(sealed), "%s",
	    visit_attribute(&v, "data-setup"));

	forge_creation(forge, WEBAUTHN_ALG_EDDSA);
	visit_json(&v, "/setup/options", csrf, base_arena_format(
	    &forge->arena, "{\"setup\":\"%s\"}", sealed));
	assert_int_equal(v.status, 200);
	assert_int_equal(v.statements, 0);
	answer = visit_answer(&v);
	challenge = json_string_value(json_object_get(json_object_get(answer,
	    "publicKey"), "challenge"));
	forge->challenge = base_arena_text(&forge->arena, challenge,
	    strlen(challenge));
	json_decref(answer);
	(void)snprintf(body, size, "{\"setup\":\"%s\",\"state\":\"%s\","
	    "\"credential\":%s}", sealed, visit_text(&v, "state"),
	    signin_rows_creation(forge));
}

static void
first_administrator(const struct store_call *call)
{
	if (strcmp(call->statement->name, "installation_set_up") != 0)
		return;

	assert_memory_equal(fake_store_value(call, 4).data, "ada", 3);
	assert_memory_equal(fake_store_value(call, 8).data, "Ada Lovelace",
	    12);
}

static void
test_signin_setup_verify(void **state)
{
	static char	body[16384];
	struct forge	forge;

	(void)state;
	fake_runner_watch(first_administrator);
	finish_begin(&forge, body, sizeof(body));
	signin_rows_verdict("installation_set_up", "ok");
	visit_json(&v, "/setup/verify", csrf, body);
	assert_int_equal(v.status, 200);
	assert_int_equal(v.statements, 1);
	assert_string_equal(visit_text(&v, "location"), "/");
	assert_int_equal(strlen(visit_cookie("session")), 43);
	forge_clear(&forge);
}

static void
test_signin_setup_refused(void **state)
{
	static char	body[16384], other[16384];
	char		*at;
	struct forge	forge, second;

	(void)state;
	finish_begin(&forge, body, sizeof(body));
	signin_rows_verdict("installation_set_up", "spent");
	visit_json(&v, "/setup/verify", csrf, body);
	assert_string_equal(visit_text(&v, "location"), "/setup");
	signin_rows_none("installation_set_up", STORE_CONFLICT);
	visit_json(&v, "/setup/verify", csrf, body);
	assert_string_equal(visit_text(&v, "code"), "already");
	signin_rows_none("installation_set_up", STORE_FAILED);
	visit_json(&v, "/setup/verify", csrf, body);
	assert_int_equal(v.status, 503);
	assert_null(visit_cookie("session"));

	/* The details of one with the passkey of another. */
	finish_begin(&second, other, sizeof(other));
	assert_non_null(at = strstr(other, "\"state\""));
	assert_non_null(strstr(body, "\"state\""));
	(void)snprintf(strstr(body, "\"state\""), 8192, "%s", at);
	visit_json(&v, "/setup/verify", csrf, body);
	assert_int_equal(v.status, 400);
	assert_string_equal(visit_text(&v, "code"), "expired");

	/* Half an hour later; another browser. */
	fake_runner_time(NOW + 1800);
	visit_json(&v, "/setup/options", csrf, other);
	assert_int_equal(v.status, 200);
	fake_runner_time(NOW + 1801);
	visit_json(&v, "/setup/options", csrf, other);
	assert_string_equal(visit_text(&v, "code"), "expired");
	visit_json(&v, "/setup/verify", csrf, other);
	assert_string_equal(visit_text(&v, "code"), "expired");
	fake_runner_time(NOW);
	visit_forget();
	set_up_page();
	visit_json(&v, "/setup/verify", csrf, other);
	assert_string_equal(visit_text(&v, "code"), "expired");
	forge_clear(&forge);
	forge_clear(&second);
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
		TEST(test_signin_home),
		TEST(test_signin_logout),
		TEST(test_signin_logout_everywhere),
		TEST(test_signin_link),
		TEST(test_signin_link_other_browser),
		TEST(test_signin_link_gone),
		TEST(test_signin_passkey_page),
		TEST(test_signin_passkey_verify),
		TEST(test_signin_passkey_refused),
		TEST(test_signin_passkey_other_session),
		TEST(test_signin_setup_page),
		TEST(test_signin_setup_form),
		TEST(test_signin_setup_verify),
		TEST(test_signin_setup_refused),
	};

	return (cmocka_run_group_tests(tests, open_process, close_process));
}
