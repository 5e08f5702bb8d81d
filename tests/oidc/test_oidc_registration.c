/*
 * Registrations as they are written.
 * Every case starts from one that must pass and changes one member.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "oidc/oidc_registration.h"

static const char	good[] =
    "{\"client_id\":\"wiki\",\"client_name\":\"Wiki\","
    "\"redirect_uris\":[\"https://wiki.example/cb\"]}";

static const struct {
	const char	*change;	/* members that are put over it */
	const char	*want;		/* begins the error; NULL: passes */
} cases[] = {
	{ "{}", NULL },
	{ "{\"client_secret\":\"0123456789abcdef0123456789abcdef\"}", NULL },
	{ "{\"scope\":\"email openid\"}", NULL },
	{ "{\"application_type\":\"native\","
	    "\"redirect_uris\":[\"com.example:/cb\"]}", NULL },
	{ "{\"grant_types\":[\"authorization_code\",\"refresh_token\"],"
	    "\"scope\":\"openid offline_access\"}", NULL },
	{ "{\"tos_uri\":null}", NULL },

	{ "{\"redirect_url\":[]}", "redirect_url: there is no such member" },
	{ "{\"client_id\":\"\"}", "client_id:" },
	{ "{\"client_id\":7}", "client_id:" },
	{ "{\"client_id\":\"a b\"}", "client_id:" },
	{ "{\"client_id\":\"a/b\"}", "client_id:" },
	{ "{\"client_id\":null}", "client_id:" },
	{ "{\"client_name\":\"a\\nb\"}", "client_name:" },
	{ "{\"client_name\":\"a\\u0000b\"}", "client_name:" },
	{ "{\"application_type\":\"Web\"}",
	    "application_type: one of web, native" },
	{ "{\"token_endpoint_auth_method\":\"private_key_jwt\"}",
	    "token_endpoint_auth_method:" },
	{ "{\"client_secret\":\"too short\"}", "client_secret: a text of 32 to 512 bytes" },
	{ "{\"client_secret\":null}", "client_secret:" },
	{ "{\"redirect_uris\":[]}", "redirect_uris:" },
	{ "{\"redirect_uris\":\"https://wiki.example/cb\"}",
	    "redirect_uris:" },
	{ "{\"redirect_uris\":[\"http://wiki.example/cb\"]}",
	    "redirect_uris:" },
	{ "{\"redirect_uris\":[\"https://wiki.example/*\"]}",
	    "redirect_uris:" },
	{ "{\"redirect_uris\":[\"https://wiki.example/cb#f\"]}",
	    "redirect_uris:" },
	{ "{\"redirect_uris\":[\"https://a.example/\",\"https://a.example/\"]"
	    "}", "redirect_uris:" },
	{ "{\"redirect_uris\":[\"com.example:/cb\"]}", "redirect_uris:" },
	{ "{\"post_logout_redirect_uris\":[\"com.example:/cb\"]}",
	    "post_logout_redirect_uris:" },
	{ "{\"grant_types\":[]}", "grant_types:" },
	{ "{\"grant_types\":[\"password\"]}", "grant_types:" },
	{ "{\"grant_types\":[\"refresh_token\"]}", "grant_types:" },
	{ "{\"scope\":\"email\"}", "scope:" },
	{ "{\"scope\":\"openid groupz\"}", "scope:" },
	{ "{\"scope\":\"openid openid\"}", "scope:" },
	{ "{\"scope\":\"openid  email\"}", "scope:" },
	{ "{\"scope\":\"openid offline_access\"}", "scope:" },
	{ "{\"require_pkce\":1}", "require_pkce:" },
	{ "{\"id_token_signed_response_alg\":\"none\"}",
	    "id_token_signed_response_alg: one of RS256, PS256, ES256, "
	    "EdDSA" },
	{ "{\"id_token_claims\":\"some\"}", "id_token_claims:" },
	{ "{\"token_seconds\":59}",
	    "token_seconds: a whole number from 60 to 86400" },
	{ "{\"token_seconds\":86401}", "token_seconds:" },
	{ "{\"token_seconds\":60.5}", "token_seconds:" },
	{ "{\"refresh_days\":0}", "refresh_days:" },
	{ "{\"skip_consent\":\"yes\"}", "skip_consent:" },
	{ "{\"logo_uri\":\"javascript:alert(1)\"}", "logo_uri:" },
	{ "{\"token_endpoint_auth_method\":\"none\","
	    "\"client_secret\":\"0123456789abcdef0123456789abcdef\"}",
	    "client_secret: a public client has none" },
	{ "{\"token_endpoint_auth_method\":\"none\",\"require_pkce\":false}",
	    "require_pkce:" },
};

static void
test_oidc_registration_parse(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oidc_registration	 r;
		json_t	*object = json_loads(good, 0, NULL);
		json_t	*change = json_loads(cases[i].change,
			    JSON_ALLOW_NUL, NULL);
		char	 error[OIDC_REGISTRATION_ERROR_MAX + 1] = "";
		bool	 passes;

		assert_non_null(change);
		json_object_update(object, change);
		passes = oidc_registration_parse(object, &r, error);
		if (passes != (cases[i].want == NULL))
			fail_msg("case: %s: %s", cases[i].change, error);
		if (!passes && strncmp(error, cases[i].want,
		    strlen(cases[i].want)) != 0)
			fail_msg("case: %s: %s", cases[i].change, error);
		if (passes)
			oidc_registration_clear(&r);
		json_decref(object);
		json_decref(change);
	}
}

static void
test_oidc_registration_missing(void **state)
{
	static const char *const	names[] = {
		"client_id", "client_name", "redirect_uris"
	};
	char				error[OIDC_REGISTRATION_ERROR_MAX + 1];
	struct oidc_registration	r;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		json_t	*object = json_loads(good, 0, NULL);

		json_object_del(object, names[i]);
		assert_false(oidc_registration_parse(object, &r, error));
		assert_memory_equal(error, names[i], strlen(names[i]));
		json_decref(object);
	}
	assert_false(oidc_registration_parse(NULL, &r, error));
}

/* What is left out has its preset, under the column's name. */
static void
test_oidc_registration_columns(void **state)
{
	struct oidc_registration	 r;
	json_t				*object = json_loads(good, 0, NULL);
	json_t				*want;
	char				 error[OIDC_REGISTRATION_ERROR_MAX + 1];

	(void)state;
	want = json_loads("{\"client_id\":\"wiki\",\"name\":\"Wiki\","
	    "\"application_type\":\"web\","
	    "\"auth_method\":\"client_secret_basic\","
	    "\"redirect_uris\":[\"https://wiki.example/cb\"],"
	    "\"post_logout_redirect_uris\":[],"
	    "\"grant_types\":[\"authorization_code\"],"
	    "\"scopes\":[\"openid\",\"profile\",\"email\"],"
	    "\"require_pkce\":true,\"id_token_alg\":\"RS256\","
	    "\"id_token_claims\":\"all\",\"token_seconds\":3600,"
	    "\"refresh_idle_days\":30,\"refresh_days\":90,"
	    "\"skip_consent\":false,\"client_uri\":null,\"logo_uri\":null,"
	    "\"policy_uri\":null,\"tos_uri\":null}", 0, NULL);
	assert_true(oidc_registration_parse(object, &r, error));
	assert_true(json_equal(r.columns, want));
	assert_string_equal(r.client_id, "wiki");
	assert_string_equal(r.secret, "");
	assert_false(r.public_client);
	oidc_registration_clear(&r);
	json_decref(object);
	json_decref(want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oidc_registration_parse),
		cmocka_unit_test(test_oidc_registration_missing),
		cmocka_unit_test(test_oidc_registration_columns),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
