/*
 * The library fails: webauthn_3_2, group 110.  The functions below take
 * the place of libcrypto's, which a program's own symbols may.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "support/forge_assert.h"

/* What is in the place of EVP_DigestVerify();. */
static int	verify_result = 1;
static int	init_result = 1;
static int	check_result = 1;

int
EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *sig, size_t sig_len,
    const unsigned char *data, size_t data_len)
{
	(void)ctx;
	(void)sig;
	(void)sig_len;
	(void)data;
	(void)data_len;
	return (verify_result);
}

int
EVP_DigestVerifyInit(EVP_MD_CTX *ctx, EVP_PKEY_CTX **key_ctx,
    const EVP_MD *digest, ENGINE *engine, EVP_PKEY *key)
{
	(void)ctx;
	(void)key_ctx;
	(void)digest;
	(void)engine;
	(void)key;
	return (init_result);
}

int
EVP_PKEY_public_check(EVP_PKEY_CTX *ctx)
{
	(void)ctx;
	return (check_result);
}

static void
expect_both(const char *name, bool good)
{
	struct forge	f;

	forge_assertion(&f, WEBAUTHN_ALG_ES256);
	forge_assert_authenticate(&f, name, good ? WEBAUTHN_OK :
	    WEBAUTHN_SIGNATURE_INVALID);
	forge_creation(&f, WEBAUTHN_ALG_ES256);
	f.self = true;
	f.statement = forge_hex(&f.arena, "a263616c672663736967" "4130");
	forge_assert_register(&f, name, good ? WEBAUTHN_OK :
	    WEBAUTHN_ATTESTATION_SIGNATURE);
}

static void
test_webauthn_3_2_110_only_one_is_good(void **state)
{
	static const int	results[] = { 0, -1, -2, 2, 100, -100 };

	(void)state;
	verify_result = 1;
	expect_both("1", true);
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		verify_result = results[i];
		expect_both("verify", false);
	}
	verify_result = 1;
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		init_result = results[i];
		expect_both("init", false);
	}
	init_result = 1;
}

static void
test_webauthn_3_2_110_key_check(void **state)
{
	static const int	results[] = { 0, -1, -2, 2 };
	struct forge		f;

	(void)state;
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		check_result = results[i];
		forge_creation(&f, WEBAUTHN_ALG_ES256);
		forge_assert_register(&f, "check", WEBAUTHN_KEY_WEAK);
	}
	check_result = 1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_3_2_110_only_one_is_good),
		cmocka_unit_test(test_webauthn_3_2_110_key_check),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
