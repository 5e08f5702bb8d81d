/*
 * PKCE (RFC 7636): the example of its appendix B, and what is refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "oidc/oidc_pkce.h"

#define VERIFIER	"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE	"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

static void
test_oidc_pkce_match(void **state)
{
	uint8_t	challenge[BASE_SHA256_LEN];

	(void)state;
	assert_true(oidc_pkce_challenge_parse(CHALLENGE, challenge));
	assert_true(oidc_pkce_match(VERIFIER, challenge));
	assert_false(oidc_pkce_match(CHALLENGE, challenge));
	challenge[0] ^= 1;
	assert_false(oidc_pkce_match(VERIFIER, challenge));
}

static void
test_oidc_pkce_challenge_parse(void **state)
{
	static const char *const	refused[] = {
		"", "short", CHALLENGE "A", CHALLENGE "=",
		"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",
		"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
		"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",
	};
	uint8_t	challenge[BASE_SHA256_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (oidc_pkce_challenge_parse(refused[i], challenge))
			fail_msg("case: %s", refused[i]);
	}
}

static void
test_oidc_pkce_verifier_valid(void **state)
{
	char	text[130];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[129] = '\0';
	assert_false(oidc_pkce_verifier_valid(text));
	text[128] = '\0';
	assert_true(oidc_pkce_verifier_valid(text));
	text[43] = '\0';
	assert_true(oidc_pkce_verifier_valid(text));
	text[5] = '~';
	assert_true(oidc_pkce_verifier_valid(text));
	text[5] = '+';
	assert_false(oidc_pkce_verifier_valid(text));
	text[5] = 'a';
	text[42] = '\0';
	assert_false(oidc_pkce_verifier_valid(text));
	assert_false(oidc_pkce_verifier_valid(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oidc_pkce_match),
		cmocka_unit_test(test_oidc_pkce_challenge_parse),
		cmocka_unit_test(test_oidc_pkce_verifier_valid),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
