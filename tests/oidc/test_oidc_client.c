/*
 * Which URIs answer, and which may be registered (R2).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oidc/oidc_client.h"

static const char *const web_uris[] = {
	"https://rp.example/cb",
	"https://rp.example/cb?a=1",
	"http://127.0.0.1:8000/web",
	NULL
};
static const char *const native_uris[] = {
	"http://127.0.0.1:8000/cb",
	"http://[::1]/cb?x=y",
	"http://localhost:8000/cb",
	"com.example.app:/cb",
	NULL
};
static const char *const none[] = { NULL };

static const struct {
	const char	*name;
	bool		 native;
	const char	*uri;
	bool		 want;
} redirects[] = {
	{ "as registered", false, "https://rp.example/cb", true },
	{ "with its query", false, "https://rp.example/cb?a=1", true },
	{ "web: loopback as registered", false,
	    "http://127.0.0.1:8000/web", true },
	{ "web: other port", false, "http://127.0.0.1:8001/web", false },
	{ "empty", false, "", false },
	{ "longer path", false, "https://rp.example/cb/x", false },
	{ "shorter path", false, "https://rp.example/c", false },
	{ "added query", false, "https://rp.example/cb?b=2", false },
	{ "changed query", false, "https://rp.example/cb?a=2", false },
	{ "fragment", false, "https://rp.example/cb#", false },
	{ "case of host", false, "https://RP.example/cb", false },
	{ "case of path", false, "https://rp.example/CB", false },
	{ "user-info", false, "https://rp.example@evil/cb", false },
	{ "user-info before", false, "https://evil@rp.example/cb", false },
	{ "two at signs", false, "https://a@b@rp.example/cb", false },
	{ "escaped at sign", false, "https://rp.example%40evil/cb", false },
	{ "suffix host", false, "https://rp.example.evil/cb", false },
	{ "port and at sign", false, "https://rp.example:1@evil/cb", false },
	{ "dot segments", false, "https://rp.example/x/../cb", false },
	{ "escaped dots", false, "https://rp.example/%2e%2e/cb", false },
	{ "dots and semicolon", false, "https://rp.example/..;/cb", false },
	{ "double slash", false, "https://rp.example//cb", false },
	{ "backslash", false, "https://rp.example\\cb", false },
	{ "escaped letter", false, "https://rp.example/%63b", false },
	{ "dot is a dot", false, "https://rpxexample/cb", false },
	{ "http for https", false, "http://rp.example/cb", false },

	{ "native: as registered", true, "http://127.0.0.1:8000/cb", true },
	{ "native: other port", true, "http://127.0.0.1:51004/cb", true },
	{ "native: no port", true, "http://127.0.0.1/cb", true },
	{ "native: highest port", true, "http://127.0.0.1:65535/cb", true },
	{ "native: v6, port added", true, "http://[::1]:9/cb?x=y", true },
	{ "native: private scheme", true, "com.example.app:/cb", true },
	{ "native: other path", true, "http://127.0.0.1:8000/cb2", false },
	{ "native: query added", true, "http://127.0.0.1:8000/cb?x", false },
	{ "native: query dropped", true, "http://[::1]:9/cb", false },
	{ "native: other address", true, "http://127.0.0.2:8000/cb", false },
	{ "native: a name is no address", true,
	    "http://localhost:8001/cb", false },
	{ "native: v4 for v6", true, "http://127.0.0.1/cb?x=y", false },
	{ "native: suffix", true, "http://127.0.0.1.evil/cb", false },
	{ "native: user-info", true, "http://127.0.0.1:1@evil/cb", false },
	{ "native: port not a number", true,
	    "http://127.0.0.1:80a/cb", false },
	{ "native: empty port", true, "http://127.0.0.1:/cb", false },
	{ "native: port too high", true, "http://127.0.0.1:65536/cb", false },
	{ "native: port with zero", true, "http://127.0.0.1:080/cb", false },
	{ "native: port that wraps to 80", true,
	    "http://127.0.0.1:4294967376/cb", false },
	{ "native: long port", true, "http://127.0.0.1:655350/cb", false },
	{ "native: https", true, "https://127.0.0.1:8000/cb", false },
};

static void
test_oidc_client_redirect_valid(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(redirects) / sizeof(redirects[0]); i++) {
		struct oidc_client	client = {
			.native = redirects[i].native,
			.redirect_uris = redirects[i].native ? native_uris :
			    web_uris,
		};

		if (oidc_client_redirect_valid(&client, redirects[i].uri) !=
		    redirects[i].want)
			fail_msg("case: %s", redirects[i].name);
		client.redirect_uris = none;
		if (oidc_client_redirect_valid(&client, redirects[i].uri))
			fail_msg("no URI registered: %s", redirects[i].name);
	}
}

/* Sign-out has no exception for ports, not for native clients either. */
static void
test_oidc_client_logout_valid(void **state)
{
	const struct oidc_client	client = {
		.native = true, .logout_uris = native_uris
	};

	(void)state;
	assert_true(oidc_client_logout_valid(&client, native_uris[0]));
	assert_false(oidc_client_logout_valid(&client,
	    "http://127.0.0.1:8001/cb"));
	assert_false(oidc_client_logout_valid(&client,
	    "http://127.0.0.1:8000/cb?x"));
}

static const struct {
	const char	*uri;
	bool		 native;
	bool		 want;
} registrations[] = {
	{ "https://rp.example/cb", false, true },
	{ "https://rp.example:8443/cb?tenant=1", false, true },
	{ "https://rp.example", false, true },
	{ "https://[2001:db8::1]/cb", false, true },
	{ "http://127.0.0.1:8000/cb", false, true },
	{ "http://[::1]/cb", true, true },
	{ "http://localhost:8080/cb", false, true },
	{ "com.example.app:/cb", true, true },
	{ "com.example.app://cb", true, true },

	{ "", true, false },
	{ "https://", false, false },
	{ "https:///cb", false, false },
	{ "http://rp.example/cb", false, false },
	{ "http://localhost.evil/cb", false, false },
	{ "http://127.0.0.1.evil/cb", false, false },
	{ "https://user@rp.example/cb", false, false },
	{ "https://rp.example:x/cb", false, false },
	{ "https://rp.example:99999/cb", false, false },
	{ "https://rp.example/cb#f", false, false },
	{ "https://rp.example/*", false, false },
	{ "https://*.example/cb", false, false },
	{ "https://rp.example/a b", false, false },
	{ "https://rp.example\\@evil/", false, false },
	{ "https://r\xc3\xa9.example/", false, false },
	{ "https://rp.example/\x01", false, false },
	{ "https://.example/", false, false },
	{ "com.example.app:/cb", false, false },
	{ "javascript:alert(1)", true, false },
	{ "data:text/html,x", true, false },
	{ "myapp:/cb", true, false },
	{ "com.example.app:", true, false },
	{ "Com.example:/cb", true, false },
	{ "https://rp.example/cb?code=1", false, false },
	{ "https://rp.example/cb?x=1&state=2", false, false },
	{ "https://rp.example/cb?iss", false, false },
	{ "https://rp.example/cb?error=", false, false },
	{ "https://rp.example/cb?response=1", false, false },
	{ "https://rp.example/cb?id_token=1", false, false },
	{ "https://rp.example/cb?access_token=1", false, false },
	{ "https://rp.example/cb?c%6fde=1", false, false },
	{ "https://rp.example/cb?encode=1&mystate=2", false, true },
};

static void
test_oidc_client_uri_valid(void **state)
{
	char	longest[OIDC_URI_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(registrations) /
	    sizeof(registrations[0]); i++) {
		if (oidc_client_uri_valid(registrations[i].uri,
		    registrations[i].native) != registrations[i].want)
			fail_msg("case: %s", registrations[i].uri);
	}

	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = "https://rp.example/"[i < 19 ? i : 9];
	longest[OIDC_URI_MAX] = '\0';
	assert_true(oidc_client_uri_valid(longest, false));
	longest[OIDC_URI_MAX] = 'a';
	longest[OIDC_URI_MAX + 1] = '\0';
	assert_false(oidc_client_uri_valid(longest, false));
}

static void
test_oidc_client_unassured(void **state)
{
	struct oidc_client	client = { .auth = OIDC_AUTH_NONE };

	(void)state;
	assert_true(oidc_client_unassured(&client, "http://127.0.0.1/cb"));
	assert_true(oidc_client_unassured(&client, "com.example.app:/cb"));
	assert_false(oidc_client_unassured(&client, "https://rp.example/"));
	client.auth = OIDC_AUTH_BASIC;
	assert_false(oidc_client_unassured(&client, "http://127.0.0.1/cb"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oidc_client_redirect_valid),
		cmocka_unit_test(test_oidc_client_logout_valid),
		cmocka_unit_test(test_oidc_client_uri_valid),
		cmocka_unit_test(test_oidc_client_unassured),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
