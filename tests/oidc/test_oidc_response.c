/*
 * Answers at the redirect URI, the token request, and the tables behind them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "oidc/oidc_metadata.h"
#include "oidc/oidc_request.h"
#include "oidc/oidc_response.h"
#include "oidc/oidc_token_request.h"

#define ISSUER	"https://id.example"

static const struct {
	const char	*uri;
	const char	*state;		/* NULL: none */
	const char	*want;
} uris[] = {
	{ "https://rp/cb", "s", "https://rp/cb?code=C&state=s&iss=I" },
	{ "https://rp/cb", NULL, "https://rp/cb?code=C&iss=I" },
	{ "https://rp/cb?a=1", "s",
	    "https://rp/cb?a=1&code=C&state=s&iss=I" },
	{ "https://rp/cb?", "s", "https://rp/cb?code=C&state=s&iss=I" },
	{ "https://rp/cb?a=1&", "s",
	    "https://rp/cb?a=1&code=C&state=s&iss=I" },
	{ "https://rp/cb?a=?", "s",
	    "https://rp/cb?a=?&code=C&state=s&iss=I" },
	{ "com.example:/cb", "s", "com.example:/cb?code=C&state=s&iss=I" },
	{ "https://rp/cb", "-._~ %+&=#?/\"\xc3\xa9",
	    "https://rp/cb?code=C&state=-._~%20%25%2B%26%3D%23%3F%2F%22"
	    "%C3%A9&iss=I" },
};

static void
test_oidc_response_uri(void **state)
{
	struct base_arena	arena;

	(void)state;
	base_arena_init(&arena);
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct oidc_request	request = { .error = OIDC_OK };
		struct oidc_response	response;

		request.has_state = uris[i].state != NULL;
		if (uris[i].state != NULL)
			memcpy(request.state, uris[i].state,
			    strlen(uris[i].state) + 1);
		oidc_response_code(&request, "I", "C", &response);
		assert_string_equal(oidc_response_uri(&arena, uris[i].uri,
		    &response), uris[i].want);
	}
	base_arena_clear(&arena);
}

static void
test_oidc_response_error(void **state)
{
	struct oidc_request	request = { .has_state = true, .state = "x" };
	struct oidc_response	response;

	(void)state;
	oidc_response_error(&request, ISSUER, OIDC_ACCESS_DENIED, &response);
	assert_int_equal(response.count, 4);
	assert_string_equal(response.fields[0].name, "error");
	assert_string_equal(response.fields[0].value, "access_denied");
	assert_string_equal(response.fields[1].name, "error_description");
	assert_string_equal(response.fields[2].value, "x");
	assert_string_equal(response.fields[3].name, "iss");
	assert_string_equal(response.fields[3].value, ISSUER);
}

/* Every error has its row, in the characters of RFC 6749 sections 5.2. */
static void
test_oidc_error_table(void **state)
{
	(void)state;

	for (int e = 1; e < OIDC_ERROR_COUNT; e++) {
		const char	*text = oidc_error_text((enum oidc_error)e);
		const char	*code = oidc_error_code((enum oidc_error)e);
		int		 status = oidc_error_status(
				    (enum oidc_error)e);

		assert_non_null(text);
		assert_non_null(code);
		assert_true(status >= 400 && status <= 503);
		assert_true(oidc_error_page((enum oidc_error)e)[0] != '\0');
		assert_true(strspn(code, "abcdefghijklmnopqrstuvwxyz_") ==
		    strlen(code) && code[0] != '\0');
		for (const char *c = text; *c != '\0'; c++)
			assert_true(*c >= 0x20 && *c <= 0x7e && *c != '"' &&
			    *c != '\\');
		assert_true(strlen(text) > 10);
	}
}

static const struct {
	const char	*name;
	const char	*fields[8];	/* name, value, ... */
	bool		 repeated;	/* the last one */
	enum oidc_error	 want;
} tokens[] = {
	{ "code", { "grant_type", "authorization_code", "code", "c",
	    "redirect_uri", "r" }, false, OIDC_OK },
	{ "refresh", { "grant_type", "refresh_token", "refresh_token", "t" },
	    false, OIDC_OK },
	{ "refresh with scope", { "grant_type", "refresh_token",
	    "refresh_token", "t", "scope", "openid" }, false, OIDC_OK },
	{ "no grant type", { "code", "c" }, false, OIDC_INVALID_REQUEST },
	{ "empty grant type", { "grant_type", "" }, false,
	    OIDC_INVALID_REQUEST },
	{ "password", { "grant_type", "password" }, false,
	    OIDC_UNSUPPORTED_GRANT_TYPE },
	{ "implicit", { "grant_type", "implicit" }, false,
	    OIDC_UNSUPPORTED_GRANT_TYPE },
	{ "client credentials", { "grant_type", "client_credentials" },
	    false, OIDC_UNSUPPORTED_GRANT_TYPE },
	{ "no code", { "grant_type", "authorization_code", "redirect_uri",
	    "r" }, false, OIDC_INVALID_REQUEST },
	{ "no redirect URI", { "grant_type", "authorization_code", "code",
	    "c" }, false, OIDC_INVALID_REQUEST },
	{ "no refresh token", { "grant_type", "refresh_token" }, false,
	    OIDC_INVALID_REQUEST },
	{ "bad scope", { "grant_type", "refresh_token", "refresh_token", "t",
	    "scope", "\\" }, false, OIDC_INVALID_SCOPE },
	{ "repeated", { "grant_type", "refresh_token", "refresh_token", "t" },
	    true, OIDC_REPEATED_PARAMETER },
};

static void
test_oidc_token_request_parse(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		struct oidc_field		list[4];
		struct oidc_fields		fields = { list, 0 };
		struct oidc_token_request	request;

		for (size_t n = 0; n < 8 && tokens[i].fields[n] != NULL;
		    n += 2)
			list[fields.count++] = (struct oidc_field){
				tokens[i].fields[n], tokens[i].fields[n + 1],
				strlen(tokens[i].fields[n + 1]), false
			};
		list[fields.count - 1].repeated = tokens[i].repeated;
		if (oidc_token_request_parse(&fields, &request) !=
		    tokens[i].want)
			fail_msg("case: %s", tokens[i].name);
	}
}

static bool
lists(const json_t *object, const char *name, const char *value)
{
	const json_t	*list = json_object_get(object, name);

	for (size_t i = 0; i < json_array_size(list); i++) {
		if (strcmp(json_string_value(json_array_get(list, i)),
		    value) == 0)
			return (true);
	}

	return (false);
}

/* What is not there is not said. */
static void
test_oidc_metadata_build(void **state)
{
	static const char *const	absent[] = {
		"registration_endpoint", "device_authorization_endpoint",
		"pushed_authorization_request_endpoint",
		"introspection_endpoint", "revocation_endpoint",
		"backchannel_logout_supported", "check_session_iframe",
		"frontchannel_logout_supported",
		"request_object_signing_alg_values_supported"
	};
	json_t				*object = oidc_metadata_build(ISSUER);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(object,
	    "token_endpoint")), ISSUER "/oauth/token");
	assert_true(json_is_false(json_object_get(object,
	    "request_uri_parameter_supported")));
	assert_true(lists(object, "scopes_supported", "offline_access"));
	assert_true(lists(object, "claims_supported", "email_verified"));
	assert_false(lists(object, "scopes_supported", "address"));
	assert_false(lists(object, "scopes_supported", "phone"));
	assert_false(lists(object, "id_token_signing_alg_values_supported",
	    "none"));
	assert_false(lists(object, "token_endpoint_auth_methods_supported",
	    "private_key_jwt"));
	assert_false(lists(object, "code_challenge_methods_supported",
	    "plain"));
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		assert_null(json_object_get(object, absent[i]));
	json_decref(object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oidc_response_uri),
		cmocka_unit_test(test_oidc_response_error),
		cmocka_unit_test(test_oidc_error_table),
		cmocka_unit_test(test_oidc_token_request_parse),
		cmocka_unit_test(test_oidc_metadata_build),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
