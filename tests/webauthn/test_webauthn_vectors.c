/*
 * Ceremonies that Chromium's virtual authenticators made must pass, and no
 * single bit of what is signed may change.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/vector.h"
#include "webauthn/webauthn_attestation.h"
#include "webauthn/webauthn_cose.h"

static const struct {
	const char	*name;
	int32_t		 alg;
	bool		 backed_up;
	bool		 roaming;
} vectors[] = {
	{ "chromium_platform_es256",	-7,	false,	false },
	{ "chromium_platform_eddsa",	-8,	false,	false },
	{ "chromium_platform_rs256",	-257,	false,	false },
	{ "chromium_usb_es256",		-7,	false,	true },
	{ "chromium_usb_eddsa",		-8,	false,	true },
	{ "chromium_usb_rs256",		-257,	false,	true },
	{ "chromium_synced_es256",	-7,	true,	false },
	{ "chromium_hybrid_es256",	-7,	false,	true },
};
#define VECTORS	(sizeof(vectors) / sizeof(vectors[0]))

static const int32_t	all_algs[] = { -8, -7, -257 };

/* Parse and check the creation of a vector. */
static enum webauthn_verdict
registered(struct vector *v, struct webauthn_credential *out)
{
	struct webauthn_register_expect		expect = {
		vector_expect(v, -1), all_algs, 3
	};
	struct webauthn_register_response	response;
	enum webauthn_verdict			verdict;

	verdict = webauthn_register_parse(&v->arena, vector_created(v),
	    &response);
	return (verdict != WEBAUTHN_OK ? verdict :
	    webauthn_register_check(&response, &expect, out));
}

static void
stored_from(struct vector *v, const struct webauthn_credential *credential,
    struct webauthn_stored *out)
{
	out->id = (struct base_slice){ credential->id, credential->id_len };
	out->user_handle = v->user_handle;
	out->spki = (struct base_slice){ credential->spki,
	    credential->spki_len };
	out->alg = credential->alg;
	out->sign_count = credential->sign_count;
	out->backup_eligible = credential->backup_eligible;
}

static void
test_webauthn_vectors_good(void **state)
{
	(void)state;

	for (size_t i = 0; i < VECTORS; i++) {
		struct vector				v;
		struct webauthn_credential		credential;
		struct webauthn_stored			stored;
		struct webauthn_assertion		assertion;
		struct webauthn_authenticate_response	response;

		vector_open(&v, vectors[i].name);
		print_message("%s\n", vectors[i].name);
		assert_int_equal(registered(&v, &credential), WEBAUTHN_OK);
		assert_int_equal(credential.alg, vectors[i].alg);
		assert_int_equal(credential.backup_state,
		    vectors[i].backed_up);
		assert_int_equal(credential.backup_eligible,
		    vectors[i].backed_up);
		assert_int_equal(credential.cross_platform,
		    vectors[i].roaming);
		assert_true(credential.user_verified);
		assert_int_equal(credential.id_len, 32);
		assert_int_equal(credential.format, WEBAUTHN_FORMAT_NONE);
		assert_int_equal(credential.resident, WEBAUTHN_RESIDENT_YES);
		assert_true(credential.transports.count > 0);

		stored_from(&v, &credential, &stored);
		assert_int_equal(vector_count(&v), 2);
		for (int n = 0; n < 2; n++) {
			struct webauthn_authenticate_expect	expect = {
				.common = vector_expect(&v, n)
			};

			assert_int_equal(webauthn_authenticate_parse(&v.arena,
			    vector_asserted(&v, (size_t)n), &response),
			    WEBAUTHN_OK);
			assert_int_equal(webauthn_authenticate_check(&response,
			    &expect, &stored, &assertion), WEBAUTHN_OK);
			assert_int_equal(assertion.counter,
			    WEBAUTHN_COUNTER_UP);
			assert_true(assertion.sign_count > stored.sign_count);
			assert_true(assertion.user_verified);
			assert_int_equal(assertion.backup_state,
			    vectors[i].backed_up);
			stored.sign_count = assertion.sign_count;
		}
		vector_close(&v);
	}
}

/* Real ceremonies that must not pass here, for what they really are. */
static void
test_webauthn_vectors_refused(void **state)
{
	static const struct {
		const char		*name;
		enum webauthn_verdict	 want;
	} cases[] = {
		{ "chromium_usb_direct", WEBAUTHN_ATTESTATION_STATEMENT },
		{ "chromium_u2f_direct", WEBAUTHN_NOT_DISCOVERABLE },
		{ "chromium_usb_no_uv", WEBAUTHN_USER_VERIFICATION },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vector			v;
		struct webauthn_credential	credential;

		vector_open(&v, cases[i].name);
		assert_int_equal(registered(&v, &credential), cases[i].want);
		vector_close(&v);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_vectors_good),
		cmocka_unit_test(test_webauthn_vectors_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
