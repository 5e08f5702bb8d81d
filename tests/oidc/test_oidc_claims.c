/*
 * Claims: what is asked for, what is given where, and what is left out.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "oidc/oidc_claims.h"

static const struct {
	const char	*text;
	enum oidc_error	 want;
	uint32_t	 id_token;
	uint32_t	 userinfo;
} parses[] = {
	{ "{}", OIDC_OK, 0, 0 },
	{ "{\"userinfo\":{\"name\":{\"essential\":true}}}", OIDC_OK, 0,
	    OIDC_CLAIM_NAME },
	{ "{\"id_token\":{\"email\":null,\"auth_time\":null}}", OIDC_OK,
	    OIDC_CLAIM_EMAIL, 0 },
	{ "{\"userinfo\":{\"admin\":null,\"xyz\":{\"value\":7}}}", OIDC_OK,
	    0, 0 },
	{ "{\"unknown\":3}", OIDC_OK, 0, 0 },
	{ "", OIDC_BAD_CLAIMS, 0, 0 },
	{ "[]", OIDC_BAD_CLAIMS, 0, 0 },
	{ "null", OIDC_BAD_CLAIMS, 0, 0 },
	{ "{} {}", OIDC_BAD_CLAIMS, 0, 0 },
	{ "{\"userinfo\":[]}", OIDC_BAD_CLAIMS, 0, 0 },
	{ "{\"userinfo\":{\"name\":true}}", OIDC_BAD_CLAIMS, 0, 0 },
	{ "{\"userinfo\":{\"name\":{\"essential\":1}}}", OIDC_BAD_CLAIMS, 0,
	    0 },
	{ "{\"userinfo\":{\"name\":{\"values\":1}}}", OIDC_BAD_CLAIMS, 0, 0 },
	{ "{\"userinfo\":{},\"userinfo\":{}}", OIDC_BAD_CLAIMS, 0, 0 },
	{ "{\"userinfo\":{\"x\":{\"v\":[[[[[[1]]]]]]}}}", OIDC_BAD_CLAIMS, 0,
	    0 },
	{ "{\"userinfo\":{\"x\":{\"value\":\"]]{{{{{{[[\"}}}", OIDC_OK, 0,
	    0 },
};

static void
test_oidc_claims_parse(void **state)
{
	static char		huge[OIDC_CLAIMS_MAX + 2];
	struct oidc_claims_set	set;

	(void)state;
	for (size_t i = 0; i < sizeof(parses) / sizeof(parses[0]); i++) {
		memset(&set, 0, sizeof(set));
		if (oidc_claims_parse(parses[i].text, strlen(parses[i].text),
		    &set) != parses[i].want ||
		    set.id_token != parses[i].id_token ||
		    set.userinfo != parses[i].userinfo)
			fail_msg("case: %s", parses[i].text);
	}

	memset(huge, ' ', sizeof(huge));
	huge[0] = '{';
	huge[OIDC_CLAIMS_MAX - 1] = '}';
	assert_int_equal(oidc_claims_parse(huge, OIDC_CLAIMS_MAX, &set),
	    OIDC_OK);
	assert_int_equal(oidc_claims_parse(huge, OIDC_CLAIMS_MAX + 1, &set),
	    OIDC_TOO_LONG);
}

static const struct {
	const char	*text;
	enum oidc_error	 want;
	const char	*sub;
	bool		 unmet;
} demands[] = {
	{ "{\"id_token\":{\"sub\":{\"value\":\"ada\"}}}", OIDC_OK, "ada",
	    false },
	{ "{\"id_token\":{\"sub\":{\"value\":\"ada\"}},"
	    "\"userinfo\":{\"sub\":{\"value\":\"bob\"}}}", OIDC_BAD_CLAIMS,
	    "", false },
	{ "{\"id_token\":{\"sub\":{\"value\":\"\"}}}", OIDC_BAD_CLAIMS, "",
	    false },
	{ "{\"id_token\":{\"acr\":{\"essential\":true,"
	    "\"values\":[\"1\",\"phr\"]}}}", OIDC_OK, "", false },
	{ "{\"id_token\":{\"acr\":{\"essential\":true}}}", OIDC_OK, "",
	    false },
	{ "{\"id_token\":{\"acr\":{\"essential\":true,"
	    "\"value\":\"phr\"}}}", OIDC_OK, "", false },
	{ "{\"id_token\":{\"acr\":{\"essential\":true,"
	    "\"values\":[\"1\"]}}}", OIDC_OK, "", true },
	{ "{\"id_token\":{\"acr\":{\"essential\":true,"
	    "\"values\":[]}}}", OIDC_OK, "", true },
	{ "{\"id_token\":{\"acr\":{\"values\":[\"1\"]}}}", OIDC_OK, "",
	    false },
};

static void
test_oidc_claims_demands(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(demands) / sizeof(demands[0]); i++) {
		struct oidc_claims_set	set = { 0 };

		if (oidc_claims_parse(demands[i].text,
		    strlen(demands[i].text), &set) != demands[i].want ||
		    strcmp(set.sub, demands[i].sub) != 0 ||
		    set.acr_unmet != demands[i].unmet)
			fail_msg("case: %s", demands[i].text);
	}
}

static void
test_oidc_claims_format(void **state)
{
	const struct oidc_claims_set	all = {
		.id_token = (1U << OIDC_CLAIM_COUNT) - 1,
		.userinfo = (1U << OIDC_CLAIM_COUNT) - 1,
	};
	struct oidc_claims_set		set = {
		.id_token = OIDC_CLAIM_NAME | OIDC_CLAIM_EMAIL,
		.userinfo = OIDC_CLAIM_LOCALE,
	}, back;
	char				text[OIDC_CLAIMS_WORDS_MAX + 1];

	(void)state;
	oidc_claims_format(&set, text);
	assert_string_equal(text, "i.name i.email u.locale");
	oidc_claims_words(text, &back);
	assert_int_equal(back.id_token, set.id_token);
	assert_int_equal(back.userinfo, set.userinfo);
	oidc_claims_words("", &back);
	assert_int_equal(back.id_token | back.userinfo, 0);
	oidc_claims_words("u x. i.nam u.email", &back);
	assert_int_equal(back.id_token, 0);
	assert_int_equal(back.userinfo, OIDC_CLAIM_EMAIL);
	oidc_claims_format(&all, text);
	assert_true(strlen(text) < OIDC_CLAIMS_WORDS_MAX);
}

static const struct account_user ada = {
	.sub = "sub-ada",
	.username = "ada",
	.display_name = "Ada Lovelace",
	.given_name = "Ada",
	.email = "ada@example.com",
	.email_verified = true,
	.updated_at = 1700000000,
};

#define PROFILE_NAMES	"\"name\":\"Ada Lovelace\",\"given_name\":\"Ada\"," \
	"\"preferred_username\":\"ada\",\"updated_at\":1700000000"
#define EMAIL_NAMES	"\"email\":\"ada@example.com\",\"email_verified\":true"
#define SUB		"{\"sub\":\"sub-ada\""

static const struct {
	const char		*name;
	enum oidc_destination	 to;
	unsigned		 scopes;
	uint32_t		 id_token;
	uint32_t		 userinfo;
	bool			 core;
	const char		*want;
} builds[] = {
	{ "openid alone", OIDC_TO_ID_TOKEN, OIDC_SCOPE_OPENID, 0, 0, false,
	    SUB "}" },
	{ "profile, all", OIDC_TO_ID_TOKEN, OIDC_SCOPE_PROFILE, 0, 0, false,
	    SUB "," PROFILE_NAMES "}" },
	{ "profile, core", OIDC_TO_ID_TOKEN, OIDC_SCOPE_PROFILE, 0, 0, true,
	    SUB "}" },
	{ "profile, userinfo", OIDC_TO_USERINFO, OIDC_SCOPE_PROFILE, 0, 0,
	    true, SUB "," PROFILE_NAMES "}" },
	{ "email", OIDC_TO_USERINFO, OIDC_SCOPE_EMAIL, 0, 0, false,
	    SUB "," EMAIL_NAMES "}" },
	{ "name for userinfo, in the ID token", OIDC_TO_ID_TOKEN, 0, 0,
	    OIDC_CLAIM_NAME, false, SUB "}" },
	{ "name for userinfo, there", OIDC_TO_USERINFO, 0, 0,
	    OIDC_CLAIM_NAME, false, SUB ",\"name\":\"Ada Lovelace\"}" },
	{ "name for the ID token, core", OIDC_TO_ID_TOKEN, 0,
	    OIDC_CLAIM_NAME, 0, true, SUB ",\"name\":\"Ada Lovelace\"}" },
	{ "name for the ID token, userinfo", OIDC_TO_USERINFO, 0,
	    OIDC_CLAIM_NAME, 0, true, SUB "}" },
	{ "no family name", OIDC_TO_USERINFO, 0, 0, OIDC_CLAIM_FAMILY_NAME,
	    false, SUB "}" },
	{ "shown for consent", OIDC_TO_CONSENT, OIDC_SCOPE_EMAIL,
	    OIDC_CLAIM_GIVEN_NAME, OIDC_CLAIM_PREFERRED_USERNAME, true,
	    SUB ",\"given_name\":\"Ada\",\"preferred_username\":\"ada\","
	    EMAIL_NAMES "}" },
};

static void
test_oidc_claims_build(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(builds) / sizeof(builds[0]); i++) {
		const struct oidc_claims_facts	facts = {
			.person = &ada,
			.scopes = builds[i].scopes,
			.asked = { .id_token = builds[i].id_token,
			    .userinfo = builds[i].userinfo },
			.core = builds[i].core,
		};
		json_t	*got = oidc_claims_build(builds[i].to, &facts);
		json_t	*want = json_loads(builds[i].want, 0, NULL);

		if (!json_equal(got, want))
			fail_msg("case: %s: %s", builds[i].name,
			    json_dumps(got, 0));
		json_decref(got);
		json_decref(want);
	}
}

/* Absent values are left out, never null, empty or blank. */
static void
test_oidc_claims_absent(void **state)
{
	const struct account_user	nobody = {
		.sub = "s", .display_name = "  ", .updated_at = 1
	};
	const struct oidc_claims_facts	facts = {
		.person = &nobody,
		.scopes = OIDC_SCOPE_PROFILE | OIDC_SCOPE_EMAIL,
	};
	json_t	*got = oidc_claims_build(OIDC_TO_USERINFO, &facts);
	char	*text = json_dumps(got, JSON_COMPACT | JSON_SORT_KEYS);

	(void)state;
	assert_string_equal(text, "{\"sub\":\"s\",\"updated_at\":1}");
	free(text);
	json_decref(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oidc_claims_parse),
		cmocka_unit_test(test_oidc_claims_demands),
		cmocka_unit_test(test_oidc_claims_format),
		cmocka_unit_test(test_oidc_claims_build),
		cmocka_unit_test(test_oidc_claims_absent),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
