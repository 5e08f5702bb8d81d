/*
 * The protocol's addresses, step by step, with a database that answers from a
 * script: what each of its answers becomes, how many statements a request
 * costs, and that strangers cost none.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_clock.h"
#include "endpoints/endpoints.h"
#include "oidc/oidc_code.h"
#include "oidc/oidc_request.h"
#include "support/fake_keys.h"
#include "support/fake_signer.h"
#include "support/signin_rows.h"
#include "support/visit.h"
#include "web/web_page.h"

#define NOW		1750000000
#define VERIFIER	"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define REQUEST								\
	"/oauth/authorize?client_id=app&response_type=code&scope=openid"	\
	"&redirect_uri=https%3A%2F%2Frp.example%2Fcb&state=s&nonce=n"	\
	"&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"	\
	"&code_challenge_method=S256"

const struct web_routes	web_router_tables[] = {
	{ endpoints_routes, ENDPOINTS_ROUTES },
	{ NULL, 0 }
};

static struct base_config	 config;
static struct visit		 v;
static struct base_uuid		 client_uuid = { { 7 } };
static struct base_uuid		 grant_uuid = { { 8 } };

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

static int
begin(void **state)
{
	(void)state;
	fake_runner_reset();
	fake_runner_time(NOW);
	fake_signer_away(false);
	visit_forget();
	return (0);
}

static int
end(void **state)
{
	(void)state;
	return (fake_runner_left() == 0 ? 0 : -1);
}

/* --- what the database says ------------------------------------------------ */

#define USER_LETTERS	"utbttottttooiii"
#define USER								\
	&signin_rows_user, "sub", handle, sizeof(handle), "ada",	\
	"ada@example.com", true, "Ada", "Lovelace", "Ada Lovelace",	\
	(const char *)NULL, true, false, (int64_t)1,			\
	(int64_t)1700000000, (int64_t)1700000000
static const uint8_t	handle[32] = { 0xa7 };

/* client_scene: the client, and Ada when "signed_in". */
static void
scene(bool known, bool signed_in, bool consented, bool spent)
{
	static const char *const	 scopes[] = { "openid", "email", NULL };
	static const char *const	 uris[] = { "https://rp.example/cb",
					    NULL };
	static const char *const	 outs[] = { "https://rp.example/out",
					    NULL };
	static const char *const	 none[] = { NULL };
	struct store_result		*result = fake_store_result(STORE_OK);

	if (!known)
		fake_store_row(result, "to" "nnnnnnnnnnnnnnnnn" "nnnn"
		    "nnnnnnnnnnnnnnn", "bad_client", false);
	else if (!signed_in)
		fake_store_row(result, "to" "uttt" "oooo" "Tto" "iTT" "ttt"
		    "nnnn" "nnnnnnnnnnnnnnn", "ok", spent, &client_uuid,
		    "app", "Wiki", "client_secret_post", false, true, true,
		    false, scopes, "ES256", false, (int64_t)600, uris, outs,
		    "", "", "");
	else if (!consented)
		fake_store_row(result, "to" "uttt" "oooo" "Tto" "iTT" "ttt"
		    "uinn" USER_LETTERS, "ok", spent, &client_uuid, "app",
		    "Wiki", "client_secret_post", false, true, true, false,
		    scopes, "ES256", false, (int64_t)600, uris, outs, "", "",
		    "", &signin_rows_session, (int64_t)NOW * 1000000, USER);
	else
		fake_store_row(result, "to" "uttt" "oooo" "Tto" "iTT" "ttt"
		    "uiTT" USER_LETTERS, "ok", spent, &client_uuid, "app",
		    "Wiki", "client_secret_post", false, true, true, false,
		    scopes, "ES256", false, (int64_t)600, uris, outs, "", "",
		    "", &signin_rows_session, (int64_t)NOW * 1000000, scopes,
		    none, USER);
	fake_runner_answer("client_scene", result);
}

/* A grant, for any of the three statements. */
static void
grant(const char *statement, const char *verdict)
{
	struct store_result	*result = fake_store_result(STORE_OK);

	if (strcmp(verdict, "ok") == 0)
		fake_store_row(result, "tuutttiii" "uttoio" USER_LETTERS,
		    verdict, &grant_uuid, &signin_rows_session,
		    "openid email", "", "n", (int64_t)NOW,
		    (int64_t)NOW + 86400, (int64_t)3, &client_uuid, "app",
		    "ES256", false, (int64_t)600, true, USER);
	else
		fake_store_row(result, "tnnnnnnnn" "nnnnnn"
		    "nnnnnnnnnnnnnnn", verdict);
	fake_runner_answer(statement, result);
}

static void
failed(const char *statement)
{
	fake_runner_answer(statement, fake_store_result(STORE_FAILED));
}

/* --- what an app sends ----------------------------------------------------- */

static const char *
code_form(void)
{
	static char		form[4096];
	struct oidc_code	code = {
		.id = grant_uuid, .client = client_uuid,
		.user = { { 1 } }, .session = { { 2 } },
		.client_id = "app", .has_challenge = true,
		.scopes = OIDC_SCOPE_OPENID, .expires_at = NOW + 60,
		.timeline = "00000001",
	};
	char			text[OIDC_CODE_TEXT_MAX + 1];

	base_hash_sha256("https://rp.example/cb", 21, code.redirect_digest);
	base_hash_sha256(VERIFIER, strlen(VERIFIER), code.challenge);
	assert_true(oidc_code_seal(fake_keys_ring(), NOW, &code, text));
	(void)snprintf(form, sizeof(form), "grant_type=authorization_code"
	    "&code=%s&redirect_uri=https%%3A%%2F%%2Frp.example%%2Fcb"
	    "&code_verifier=" VERIFIER "&client_id=app&client_secret=secret",
	    text);
	return (form);
}

static const char *
token_form(const char *before, enum oidc_token_type type, unsigned scopes)
{
	static char		form[1024];
	const struct oidc_token	token = {
		.type = type, .grant = grant_uuid, .generation = 2,
		.expires_at = NOW + 60, .scopes = scopes
	};
	char			text[OIDC_TOKEN_TEXT_LEN + 1];

	assert_true(oidc_token_format(fake_keys_ring(), NOW, &token, text));
	(void)snprintf(form, sizeof(form), "%s%s", before, text);
	return (form);
}

#define REFRESH	"grant_type=refresh_token&client_id=app&"		\
	"client_secret=secret&refresh_token="

static bool
says(const char *text)
{
	return (strstr(v.body, text) != NULL);
}

/* --- authorize ------------------------------------------------------------- */

static void
test_endpoints_authorize(void **state)
{
	(void)state;
	visit_set_cookie("session", SIGNIN_ROWS_COOKIE);
	scene(true, true, true, false);
	visit_get(&v, REQUEST);
	assert_int_equal(v.status, 303);
	assert_int_equal(v.statements, 1);
	assert_memory_equal(v.location, "https://rp.example/cb?code=", 27);
	assert_non_null(strstr(v.location, "&state=s&iss=http%3A%2F%2F"
	    "localhost%3A1812"));

	scene(true, true, false, false);
	visit_get(&v, REQUEST);
	assert_memory_equal(v.location, "/interaction?i=", 15);
	scene(true, false, false, false);
	visit_get(&v, REQUEST);
	assert_memory_equal(v.location, "/login?i=", 9);
	assert_int_equal(v.statements, 1);

	scene(false, false, false, false);
	visit_get(&v, REQUEST);
	assert_int_equal(v.status, 400);
	assert_string_equal(v.location, "");
	failed("client_scene");
	visit_get(&v, REQUEST);
	assert_int_equal(v.status, 503);
	assert_string_equal(v.location, "");
}

/* A request whose code was redeemed has lost its proofs. */
static void
test_endpoints_authorize_spent(void **state)
{
	char	again[5000];

	(void)state;
	visit_set_cookie("session", SIGNIN_ROWS_COOKIE);
	scene(true, false, false, false);
	visit_get(&v, REQUEST "&prompt=login");
	assert_memory_equal(v.location, "/login?i=", 9);
	(void)snprintf(again, sizeof(again), "/oauth/authorize?i=%s",
	    v.location + 9);

	scene(true, true, true, false);		/* signed in meanwhile */
	visit_get(&v, again);
	assert_memory_equal(v.location, "https://rp.example/cb?code=", 27);
	scene(true, true, true, true);		/* and redeemed */
	visit_get(&v, again);
	assert_memory_equal(v.location, "/login?i=", 9);
}

/* What is wrong before client and address are known costs no statement. */
static void
test_endpoints_authorize_early(void **state)
{
	static const char *const	paths[] = {
		"/oauth/authorize",
		"/oauth/authorize?client_id=app",
		"/oauth/authorize?client_id=app&client_id=app"
		    "&redirect_uri=https%3A%2F%2Frp.example%2Fcb",
		"/oauth/authorize?i=junk",
		"/oauth/authorize?client_id=%zz",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		visit_get(&v, paths[i]);
		assert_int_equal(v.status, 400);
		assert_int_equal(v.statements, 0);
		assert_string_equal(v.location, "");
	}
}

/* --- token ----------------------------------------------------------------- */

static const struct {
	const char	*verdict;
	int		 status;
	const char	*error;
} verdicts[] = {
	{ "bad_client", 401, "\"invalid_client\"" },
	{ "spent", 400, "\"invalid_grant\"" },
	{ "gone", 400, "\"invalid_grant\"" },
	{ "missing", 400, "\"invalid_grant\"" },
	{ "nonsense", 503, "" },
};

static void
test_endpoints_token_code(void **state)
{
	(void)state;
	grant("grant_redeem", "ok");
	visit_form(&v, "/oauth/token", code_form());
	assert_int_equal(v.status, 200);
	assert_int_equal(v.statements, 1);
	assert_true(says("\"access_token\":\"permiso_at_"));
	assert_true(says("\"refresh_token\":\"permiso_rt_"));
	assert_true(says("\"scope\":\"openid email\""));
	assert_true(says("\"expires_in\":600"));
	assert_int_equal(fake_signer_last()->kind, SIGNER_ID_TOKEN);
	assert_int_equal(fake_signer_last()->alg, SIGNER_ES256);
	assert_non_null(strstr(fake_signer_last()->claims, "\"nonce\":\"n\""));
	assert_null(strstr(fake_signer_last()->claims, "\"iss\""));

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		/* no redemption says "missing" */
		if (strcmp(verdicts[i].verdict, "missing") == 0)
			continue;
		grant("grant_redeem", verdicts[i].verdict);
		visit_form(&v, "/oauth/token", code_form());
		assert_int_equal(v.status, verdicts[i].status);
		assert_true(says(verdicts[i].error));
		assert_false(says("token\":"));
	}
	failed("grant_redeem");
	visit_form(&v, "/oauth/token", code_form());
	assert_int_equal(v.status, 503);
}

/* Without a signature there is no answer, and never half a one. */
static void
test_endpoints_token_unsigned(void **state)
{
	(void)state;
	fake_signer_away(true);
	grant("grant_redeem", "ok");
	visit_form(&v, "/oauth/token", code_form());
	assert_int_equal(v.status, 503);
	assert_false(says("permiso_at_"));
}

static void
test_endpoints_token_refresh(void **state)
{
	(void)state;
	grant("grant_refresh", "ok");
	visit_form(&v, "/oauth/token", token_form(REFRESH,
	    OIDC_TOKEN_REFRESH, OIDC_SCOPE_OPENID | OIDC_SCOPE_EMAIL));
	assert_int_equal(v.status, 200);
	assert_int_equal(v.statements, 1);
	assert_null(strstr(fake_signer_last()->claims, "\"nonce\""));

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		grant("grant_refresh", verdicts[i].verdict);
		visit_form(&v, "/oauth/token", token_form(REFRESH,
		    OIDC_TOKEN_REFRESH, OIDC_SCOPE_OPENID));
		assert_int_equal(v.status, verdicts[i].status);
		assert_true(says(verdicts[i].error));
	}
	/* more than was granted: before the database, which would rotate */
	visit_form(&v, "/oauth/token", token_form("scope=openid+email&"
	    REFRESH, OIDC_TOKEN_REFRESH, OIDC_SCOPE_OPENID));
	assert_int_equal(v.status, 400);
	assert_true(says("invalid_scope"));
	assert_int_equal(v.statements, 0);
}

/* Junk costs no statement. */
static void
test_endpoints_token_early(void **state)
{
	static const char *const	forms[] = {
		"", "grant_type=authorization_code",
		"grant_type=authorization_code&code=junk&redirect_uri=r"
		    "&client_id=app",
		"grant_type=refresh_token&refresh_token=junk&client_id=app",
		"grant_type=refresh_token&refresh_token=junk",
		"grant_type=password&client_id=app",
		"grant_type=authorization_code&client_id=a&client_id=b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		visit_form(&v, "/oauth/token", forms[i]);
		assert_true(v.status == 400 || v.status == 401);
		assert_int_equal(v.statements, 0);
	}
	/* an access token is no refresh token */
	visit_form(&v, "/oauth/token", token_form(REFRESH,
	    OIDC_TOKEN_ACCESS, OIDC_SCOPE_OPENID));
	assert_int_equal(v.status, 400);
	assert_int_equal(v.statements, 0);
	visit_form(&v, "/oauth/token?client_id=app", code_form());
	assert_int_equal(v.status, 400);
	assert_int_equal(v.statements, 0);
}

/* --- userinfo -------------------------------------------------------------- */

static void
test_endpoints_userinfo(void **state)
{
	(void)state;
	grant("grant_userinfo", "ok");
	visit_form(&v, "/oauth/userinfo", token_form("access_token=",
	    OIDC_TOKEN_ACCESS, OIDC_SCOPE_OPENID | OIDC_SCOPE_EMAIL));
	assert_int_equal(v.status, 200);
	assert_int_equal(v.statements, 1);
	assert_true(says("\"sub\":\"sub\""));
	assert_true(says("ada@example.com"));

	/* the token's scopes, not the grant's */
	grant("grant_userinfo", "ok");
	visit_form(&v, "/oauth/userinfo", token_form("access_token=",
	    OIDC_TOKEN_ACCESS, OIDC_SCOPE_OPENID));
	assert_false(says("ada@example.com"));
	visit_form(&v, "/oauth/userinfo", token_form("access_token=",
	    OIDC_TOKEN_ACCESS, OIDC_SCOPE_EMAIL));
	assert_int_equal(v.status, 403);
	assert_true(says("insufficient_scope"));
	assert_int_equal(v.statements, 0);

	grant("grant_userinfo", "gone");
	visit_form(&v, "/oauth/userinfo", token_form("access_token=",
	    OIDC_TOKEN_ACCESS, OIDC_SCOPE_OPENID));
	assert_int_equal(v.status, 401);
	assert_non_null(strstr(v.headers, "error=\"invalid_token\""));
	fake_runner_answer("grant_userinfo", fake_store_result(STORE_OK));
	visit_form(&v, "/oauth/userinfo", token_form("access_token=",
	    OIDC_TOKEN_ACCESS, OIDC_SCOPE_OPENID));
	assert_int_equal(v.status, 401);
	failed("grant_userinfo");
	visit_form(&v, "/oauth/userinfo", token_form("access_token=",
	    OIDC_TOKEN_ACCESS, OIDC_SCOPE_OPENID));
	assert_int_equal(v.status, 503);

	visit_form(&v, "/oauth/userinfo", "access_token=junk");
	assert_int_equal(v.status, 401);
	assert_int_equal(v.statements, 0);
	visit_form(&v, "/oauth/userinfo", token_form("access_token=",
	    OIDC_TOKEN_REFRESH, OIDC_SCOPE_OPENID));
	assert_int_equal(v.status, 401);
	assert_int_equal(v.statements, 0);
}

/* --- sign-out -------------------------------------------------------------- */

static const char *
logout_form(void)
{
	static char	form[8000];
	char		csrf[64];
	const char	*at = strstr(v.body, "action=\"/oauth/logout\"");
	const char	*token, *sealed;

	assert_non_null(at);
	assert_non_null(token = strstr(at, "name=\"csrf\" value=\""));
	token += strlen("name=\"csrf\" value=\"");
	(void)snprintf(csrf, sizeof(csrf), "%.*s",
	    (int)strcspn(token, "\""), token);
	assert_non_null(sealed = strstr(at, "name=\"l\" value=\""));
	sealed += strlen("name=\"l\" value=\"");
	(void)snprintf(form, sizeof(form), "csrf=%s&l=%.*s", csrf,
	    (int)strcspn(sealed, "\""), sealed);
	return (form);
}

static void
test_endpoints_logout(void **state)
{
	static const char *const	ends[] = { "ok", "missing" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		visit_set_cookie("session", SIGNIN_ROWS_COOKIE);
		scene(true, true, true, false);
		visit_get(&v, "/oauth/logout?client_id=app");
		assert_int_equal(v.status, 200);
		assert_int_equal(v.statements, 1);
		assert_non_null(visit_cookie("session"));

		scene(true, true, true, false);
		signin_rows_verdict("session_end", ends[i]);
		visit_form(&v, "/oauth/logout", logout_form());
		assert_string_equal(v.location, "/signed-out");
		assert_null(visit_cookie("session"));
	}
}

/* A database that fails is never called a sign-out (R6.13). */
static void
test_endpoints_logout_failed(void **state)
{
	char	form[8000];

	(void)state;
	visit_set_cookie("session", SIGNIN_ROWS_COOKIE);
	scene(true, true, true, false);
	visit_get(&v, "/oauth/logout");
	(void)snprintf(form, sizeof(form), "%s", logout_form());
	scene(true, true, true, false);
	failed("session_end");
	visit_form(&v, "/oauth/logout", form);
	assert_int_equal(v.status, 503);
	assert_non_null(visit_cookie("session"));

	failed("client_scene");
	visit_form(&v, "/oauth/logout", form);
	assert_int_equal(v.status, 503);
	failed("client_scene");
	visit_get(&v, "/oauth/logout");
	assert_int_equal(v.status, 503);
	assert_non_null(visit_cookie("session"));
}

/* --- discovery ------------------------------------------------------------- */

static void
test_endpoints_discovery(void **state)
{
	static const char *const	paths[] = {
		"/.well-known/openid-configuration",
		"/.well-known/oauth-authorization-server",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		visit_get(&v, paths[i]);
		assert_int_equal(v.status, 200);
		assert_int_equal(v.statements, 0);
		assert_true(says("\"issuer\":\"http://localhost:1812\""));
		assert_non_null(strstr(v.headers,
		    "access-control-allow-origin: *"));
	}
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_endpoints_authorize),
		TEST(test_endpoints_authorize_spent),
		TEST(test_endpoints_authorize_early),
		TEST(test_endpoints_token_code),
		TEST(test_endpoints_token_unsigned),
		TEST(test_endpoints_token_refresh),
		TEST(test_endpoints_token_early),
		TEST(test_endpoints_userinfo),
		TEST(test_endpoints_logout),
		TEST(test_endpoints_logout_failed),
		TEST(test_endpoints_discovery),
	};

	return (cmocka_run_group_tests(tests, open_process, close_process));
}
