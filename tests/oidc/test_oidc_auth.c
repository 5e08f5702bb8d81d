/*
 * Client authentication: what is read from a request, what is refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "oidc/oidc_auth.h"

/* app:secret, and so on */
#define BASIC_APP	"Basic YXBwOnNlY3JldA=="

static const struct {
	const char	*name;
	const char	*header;
	const char	*id;		/* NULL: not sent */
	const char	*secret;
	const char	*assertion;
	enum oidc_error	 want;
	enum oidc_auth	 method;
	const char	*want_id;
	const char	*want_secret;
} cases[] = {
	{ "basic", BASIC_APP, NULL, NULL, NULL, OIDC_OK, OIDC_AUTH_BASIC,
	    "app", "secret" },
	{ "basic in small letters", "basic YXBwOnNlY3JldA==", NULL, NULL,
	    NULL, OIDC_OK, OIDC_AUTH_BASIC, "app", "secret" },
	{ "basic, same id in body", BASIC_APP, "app", NULL, NULL, OIDC_OK,
	    OIDC_AUTH_BASIC, "app", "secret" },
	{ "escaped once: a+b:c%3Ad%25", "Basic YStiOmMlM0FkJTI1", NULL, NULL,
	    NULL, OIDC_OK, OIDC_AUTH_BASIC, "a b", "c:d%" },
	{ "colon in secret: a:b:c", "Basic YTpiOmM=", NULL, NULL, NULL,
	    OIDC_OK, OIDC_AUTH_BASIC, "a", "b:c" },
	{ "post", "", "app", "secret", NULL, OIDC_OK, OIDC_AUTH_POST, "app",
	    "secret" },
	{ "none", "", "app", NULL, NULL, OIDC_OK, OIDC_AUTH_NONE, "app",
	    "" },

	{ "nothing at all", "", NULL, NULL, NULL, OIDC_INVALID_CLIENT, 0,
	    NULL, NULL },
	{ "empty id", "", "", NULL, NULL, OIDC_INVALID_CLIENT, 0, NULL,
	    NULL },
	{ "empty secret", "", "app", "", NULL, OIDC_INVALID_CLIENT, 0, NULL,
	    NULL },
	{ "secret alone", "", NULL, "secret", NULL, OIDC_INVALID_CLIENT, 0,
	    NULL, NULL },
	{ "two ways", BASIC_APP, "app", "secret", NULL, OIDC_TWO_METHODS, 0,
	    NULL, NULL },
	{ "basic and assertion", BASIC_APP, NULL, NULL, "e30",
	    OIDC_TWO_METHODS, 0, NULL, NULL },
	{ "post and assertion", "", "app", "secret", "e30",
	    OIDC_TWO_METHODS, 0, NULL, NULL },
	{ "assertion", "", "app", NULL, "e30", OIDC_INVALID_CLIENT, 0, NULL,
	    NULL },
	{ "other id in body", BASIC_APP, "apq", NULL, NULL,
	    OIDC_TWO_METHODS, 0, NULL, NULL },
	{ "bearer", "Bearer YXBwOnNlY3JldA==", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
	{ "no base64", "Basic app:secret", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
	{ "no padding", "Basic YXBwOnNlY3JldA", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
	{ "empty", "Basic ", NULL, NULL, NULL, OIDC_INVALID_CLIENT, 0, NULL,
	    NULL },
	{ "only padding", "Basic ====", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
	{ "base64url", "Basic YXBw_-8_OnM=", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
	{ "no colon: app", "Basic YXBw", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
	{ "empty secret: app:", "Basic YXBwOg==", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
	{ "empty id: :secret", "Basic OnNlY3JldA==", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
	{ "bad escape: a:%zz", "Basic YTolenp6", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
	{ "cut escape: a:%4", "Basic YTolNA==", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
	{ "NUL: a:%00", "Basic YTolMDA=", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
	{ "not UTF-8: a:%ff", "Basic YTolZmY=", NULL, NULL, NULL,
	    OIDC_INVALID_CLIENT, 0, NULL, NULL },
};

static enum oidc_error
run(size_t i, bool repeat_secret, struct oidc_auth_claim *claim)
{
	struct oidc_field	list[3];
	struct oidc_fields	fields = { list, 0 };

	if (cases[i].id != NULL)
		list[fields.count++] = (struct oidc_field){ "client_id",
		    cases[i].id, strlen(cases[i].id), false };
	if (cases[i].secret != NULL)
		list[fields.count++] = (struct oidc_field){ "client_secret",
		    cases[i].secret, strlen(cases[i].secret),
		    repeat_secret };
	if (cases[i].assertion != NULL)
		list[fields.count++] = (struct oidc_field){
		    "client_assertion", cases[i].assertion,
		    strlen(cases[i].assertion), false };

	return (oidc_auth_parse(base_bytes_slice(cases[i].header), &fields,
	    claim));
}

static void
test_oidc_auth_parse(void **state)
{
	struct oidc_auth_claim	claim;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (run(i, false, &claim) != cases[i].want)
			fail_msg("case: %s", cases[i].name);
		if (claim.basic != (cases[i].header[0] != '\0'))
			fail_msg("basic of case: %s", cases[i].name);
		if (cases[i].want != OIDC_OK)
			continue;
		if (claim.method != cases[i].method ||
		    strcmp(claim.client_id, cases[i].want_id) != 0 ||
		    strcmp(claim.secret, cases[i].want_secret) != 0)
			fail_msg("values of case: %s", cases[i].name);
	}

	assert_string_equal(cases[5].name, "post");
	assert_int_equal(run(5, true, &claim), OIDC_REPEATED_PARAMETER);
}

/* A secret is tried with every pepper there is, and only with those. */
static void
test_oidc_auth_candidates(void **state)
{
	struct base_key		 keys[] = {
		{ .id = 1, .purpose = BASE_PURPOSE_PEPPER, .bytes = { 1 } },
		{ .id = 2, .purpose = BASE_PURPOSE_MAC, .bytes = { 2 } },
		{ .id = 3, .purpose = BASE_PURPOSE_PEPPER, .bytes = { 3 } },
	};
	struct base_keyring	 ring = { .count = 0 };
	struct base_arena	 arena;
	const char *const	*list;
	char			 secret[OIDC_AUTH_SECRET_LEN + 1];
	char			 other[OIDC_AUTH_SECRET_LEN + 1];

	(void)state;
	base_arena_init(&arena);
	for (size_t i = 0; i < 3; i++)
		assert_true(base_keyring_add(&ring, &keys[i]));
	oidc_auth_secret_new(secret);
	oidc_auth_secret_new(other);
	assert_int_equal(strlen(secret), OIDC_AUTH_SECRET_LEN);
	assert_string_not_equal(secret, other);

	list = oidc_auth_candidates(&arena, &ring, secret);
	assert_memory_equal(list[0], "1:", 2);
	assert_memory_equal(list[1], "3:", 2);
	assert_null(list[2]);
	assert_int_equal(strlen(list[0]), 2 + 64);
	assert_string_not_equal(list[0] + 2, list[1] + 2);
	assert_null(oidc_auth_candidates(&arena, &ring, "")[0]);
	base_arena_clear(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oidc_auth_parse),
		cmocka_unit_test(test_oidc_auth_candidates),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
