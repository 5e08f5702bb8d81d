/*
 * Cookies, link codes, names of passkeys and devices.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "account/account_device.h"
#include "account/account_link.h"
#include "account/account_passkey.h"
#include "account/account_secret.h"
#include "account/account_session.h"

typedef bool digest_of(struct base_slice, uint8_t[BASE_SHA256_LEN]);

/* A value of ours has the digest that was made with it; no other text has. */
static void
check_secret(const char *made, size_t len, const uint8_t *want, digest_of *of)
{
	char	text[80];
	uint8_t	digest[BASE_SHA256_LEN];

	assert_int_equal(strlen(made), len);
	assert_true(of(base_bytes_slice(made), digest));
	assert_memory_equal(digest, want, sizeof(digest));

	(void)snprintf(text, sizeof(text), "%s", made);
	text[0] = text[0] == 'a' ? 'b' : 'a';
	assert_true(of(base_bytes_slice(text), digest));
	assert_memory_not_equal(digest, want, sizeof(digest));

	text[0] = '+';
	assert_false(of(base_bytes_slice(text), digest));
	(void)snprintf(text, sizeof(text), "%s", made);
	text[len - 1] = '\0';
	assert_false(of(base_bytes_slice(text), digest));
	(void)snprintf(text, sizeof(text), "%s", made);
	(void)snprintf(text + len, sizeof(text) - len, "A");
	assert_false(of(base_bytes_slice(text), digest));
	assert_false(of(base_bytes_slice(""), digest));
}

static void
test_account_secret(void **state)
{
	char	secret[ACCOUNT_SECRET_LEN + 1];
	uint8_t	digest[BASE_SHA256_LEN];

	(void)state;
	account_secret_new(secret, digest);
	check_secret(secret, ACCOUNT_SECRET_LEN, digest,
	    account_secret_digest);
}

static void
test_account_session_limited(void **state)
{
	struct account_session	session = { .passkey_id = { { 0 } } };

	(void)state;
	assert_true(account_session_limited(&session));
	session.passkey_id.bytes[15] = 1;
	assert_false(account_session_limited(&session));
}

static void
test_account_link_setup(void **state)
{
	char	setup[ACCOUNT_LINK_SETUP_LEN + 1];
	uint8_t	digest[BASE_SHA256_LEN];

	(void)state;
	account_link_setup_new(setup, digest);
	check_secret(setup, ACCOUNT_LINK_SETUP_LEN, digest,
	    account_link_setup_digest);
}

static void
test_account_passkey_name(void **state)
{
	struct base_uuid	aaguid = { { 0 } };
	const char		*text = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd";

	(void)state;
	assert_string_equal(account_passkey_name(&aaguid), "Passkey");
	assert_true(base_uuid_parse(text, strlen(text), &aaguid));
	assert_string_equal(account_passkey_name(&aaguid), "iCloud Keychain");
	aaguid.bytes[15] ^= 1;
	assert_string_equal(account_passkey_name(&aaguid), "Passkey");
}

static const struct {
	const char	*agent;
	const char	*want;
} agents[] = {
	{ "", "" },
	{ "<script>alert(1)</script>", "" },
	{ "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 "
	    "Firefox/128.0", "Firefox on Linux" },
	{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
	    "(KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 "
	    "Edg/130.0.0.0", "Edge on Windows" },
	{ "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
	    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
	    "Safari/605.1.15", "Safari on macOS" },
	{ "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) "
	    "AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 "
	    "Mobile/15E148 Safari/604.1", "Chrome on iPhone" },
	{ "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like "
	    "Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
	    "Chrome on Android" },
	{ "curl/7.88.1", "curl" },
};

static void
test_account_device_name(void **state)
{
	char	out[ACCOUNT_DEVICE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		account_device_name(base_bytes_slice(agents[i].agent), out);
		assert_string_equal(out, agents[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_account_secret),
		cmocka_unit_test(test_account_session_limited),
		cmocka_unit_test(test_account_link_setup),
		cmocka_unit_test(test_account_passkey_name),
		cmocka_unit_test(test_account_device_name),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
