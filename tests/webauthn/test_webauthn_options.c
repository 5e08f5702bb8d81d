/*
 * The options a page hands to the browser, and what verdicts are called.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_bytes.h"
#include "webauthn/webauthn_options.h"
#include "webauthn/webauthn_verdict.h"

static const struct webauthn_options_site	site = {
	"id.example.org", "Permiso"
};
static const struct webauthn_options_user	user = {
	{ (const uint8_t *)"\1\2\3", 3 }, "anna", ""
};
static const struct base_slice	challenge = { (const uint8_t *)"\xff\xfe", 2 };

static void
expect_json(json_t *got, const char *want_text)
{
	json_t	*want = json_loads(want_text, JSON_REJECT_DUPLICATES, NULL);
	char	*text;

	assert_non_null(want);
	assert_non_null(got);
	if (!json_equal(got, want)) {
		text = json_dumps(got, JSON_INDENT(1));
		fail_msg("%s", text);
	}
	json_decref(want);
	json_decref(got);
}

#define CREATE_START \
	"{\"rp\":{\"id\":\"id.example.org\",\"name\":\"Permiso\"}," \
	"\"user\":{\"id\":\"AQID\",\"name\":\"anna\",\"displayName\":\"\"}," \
	"\"challenge\":\"__4\",\"pubKeyCredParams\":[" \
	"{\"type\":\"public-key\",\"alg\":-8}," \
	"{\"type\":\"public-key\",\"alg\":-7}," \
	"{\"type\":\"public-key\",\"alg\":-257}]," \
	"\"timeout\":300000,\"excludeCredentials\":["
#define CREATE_END \
	"],\"authenticatorSelection\":{\"residentKey\":\"required\"," \
	"\"requireResidentKey\":true,\"userVerification\":\"required\"}," \
	"\"attestation\":\"none\",\"extensions\":{\"credProps\":true}}"

static void
test_webauthn_options_create(void **state)
{
	const struct webauthn_transports	transports = {
		{ "usb", "quantum" }, 2
	};
	const struct webauthn_transports	none = { .count = 0 };
	const struct webauthn_descriptor	exclude[] = {
		{ { (const uint8_t *)"\4", 1 }, &transports },
		{ { (const uint8_t *)"\5", 1 }, NULL },
		{ { (const uint8_t *)"\6", 1 }, &none },
	};

	(void)state;
	expect_json(webauthn_options_create(&site, &user, challenge, NULL, 0),
	    CREATE_START CREATE_END);
	expect_json(webauthn_options_create(&site, &user, challenge, exclude,
	    3), CREATE_START
	    "{\"type\":\"public-key\",\"id\":\"BA\","
	    "\"transports\":[\"usb\",\"quantum\"]},"
	    "{\"type\":\"public-key\",\"id\":\"BQ\"},"
	    "{\"type\":\"public-key\",\"id\":\"Bg\"}" CREATE_END);
}

static void
test_webauthn_options_get(void **state)
{
	const struct webauthn_descriptor	allow = {
		{ (const uint8_t *)"\4", 1 }, NULL
	};

	(void)state;
	expect_json(webauthn_options_get("id.example.org", challenge, NULL,
	    0), "{\"rpId\":\"id.example.org\",\"challenge\":\"__4\","
	    "\"timeout\":300000,\"userVerification\":\"required\","
	    "\"allowCredentials\":[]}");
	expect_json(webauthn_options_get("id.example.org", challenge, &allow,
	    1), "{\"rpId\":\"id.example.org\",\"challenge\":\"__4\","
	    "\"timeout\":300000,\"userVerification\":\"required\","
	    "\"allowCredentials\":[{\"type\":\"public-key\","
	    "\"id\":\"BA\"}]}");
}

/* Nothing half-made when a part cannot be made. */
static void
test_webauthn_options_refused(void **state)
{
	static const uint8_t			bytes[1024];
	const struct base_slice			huge = { bytes, 1024 };
	const struct webauthn_descriptor	bad = { huge, NULL };
	const struct webauthn_options_user	odd = {
		user.handle, "\xff", ""
	};

	(void)state;
	assert_null(webauthn_options_get("id.example.org", huge, NULL, 0));
	assert_null(webauthn_options_get("id.example.org", challenge, &bad,
	    1));
	assert_null(webauthn_options_create(&site, &user, challenge, &bad,
	    1));
	assert_null(webauthn_options_create(&site, &odd, challenge, NULL,
	    0));
}

static void
test_webauthn_verdict_names(void **state)
{
	(void)state;
	for (int i = 0; i < WEBAUTHN_VERDICT_COUNT; i++) {
		const char	*name;

		name = webauthn_verdict_name((enum webauthn_verdict)i);
		assert_non_null(name);
		assert_true(strlen(name) > 1);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name, webauthn_verdict_name(
			    (enum webauthn_verdict)j));
	}
	assert_string_equal(webauthn_verdict_name(WEBAUTHN_VERDICT_COUNT),
	    "no_verdict");
}

/* 3.2.141: who tries things learns nothing. */
static void
test_webauthn_3_2_141_codes(void **state)
{
	static const struct {
		enum webauthn_verdict	 verdict;
		const char		*code;
	} told[] = {
		{ WEBAUTHN_OK, "" },
		{ WEBAUTHN_CHALLENGE_FOREIGN, "expired" },
		{ WEBAUTHN_CHALLENGE_EXPIRED, "expired" },
		{ WEBAUTHN_CHALLENGE_PURPOSE, "expired" },
		{ WEBAUTHN_USER_VERIFICATION, "uv" },
		{ WEBAUTHN_NOT_DISCOVERABLE, "key_old" },
		{ WEBAUTHN_CREDENTIAL_UNKNOWN, "unknown_passkey" },
		{ WEBAUTHN_USER_HANDLE, "unknown_passkey" },
		{ WEBAUTHN_COUNTER_BACK, "clone" },
	};

	(void)state;
	for (int i = 0; i <= WEBAUTHN_VERDICT_COUNT; i++) {
		const char	*want = "server";

		for (size_t j = 0; j < sizeof(told) / sizeof(told[0]); j++) {
			if ((int)told[j].verdict == i)
				want = told[j].code;
		}
		assert_string_equal(webauthn_verdict_code(
		    (enum webauthn_verdict)i), want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_options_create),
		cmocka_unit_test(test_webauthn_options_get),
		cmocka_unit_test(test_webauthn_options_refused),
		cmocka_unit_test(test_webauthn_verdict_names),
		cmocka_unit_test(test_webauthn_3_2_141_codes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
