/*
 * Attestation: webauthn_3_2, groups 127 to 135.  Only none and packed self
 * attestation are taken; all that asks for certificates is refused by name.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/forge_assert.h"
#include "webauthn/webauthn_attestation.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* A creation with this format and this statement, in hexadecimal. */
static void
with_statement(const char *format, const char *hex,
    enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_ES256);
	f.format = format;
	f.statement = forge_hex(&f.arena, hex);
	forge_assert_register(&f, hex, want);
}

static void
test_webauthn_3_2_127_none(void **state)
{
	const enum webauthn_verdict	want = WEBAUTHN_ATTESTATION_STATEMENT;

	(void)state;
	with_statement("none", "a0", WEBAUTHN_OK);
	with_statement("none", "a1616101", want);
	with_statement("none", "a163616c6726", want);
	with_statement("none", "80", want);
	with_statement("none", "40", want);
	with_statement("none", "60", want);
	with_statement("none", "00", want);
	with_statement("none", "f4", want);
}

#define ALG	"63616c67"
#define SIG	"63736967"
#define X5C	"63783563"

static void
test_webauthn_3_2_128_packed_shape(void **state)
{
	static const char *const	wrong[] = {
		"a0", "80", "01",
		"a1" SIG "4130", "a1" ALG "26",
		"a2" ALG "6545533235" "36" SIG "4130",
		"a2" ALG "4126" SIG "4130", "a2" ALG "f5" SIG "4130",
		"a2" ALG "26" SIG "6130", "a2" ALG "26" SIG "80",
		"a2" ALG "26" SIG "40", "a2" ALG "26" SIG "01",
		"a2" ALG "27" SIG "4130", "a2" ALG "390100" SIG "4130",
		"a2" ALG "3822" SIG "4130", "a2" ALG "07" SIG "4130",
		/* certificates that nobody asked for, of any shape */
		"a3" ALG "26" SIG "4130" X5C "80",
		"a3" ALG "26" SIG "4130" X5C "814130",
		"a3" ALG "26" SIG "4130" X5C "4130",
		"a3" ALG "26" SIG "4130" X5C "816130",
		"a3" ALG "26" SIG "4130" X5C "8140",
		"a2" ALG "26" X5C "814130", "a2" SIG "4130" X5C "814130",
		/* ECDAA, of earlier editions */
		"a3" ALG "26" SIG "4130" "6a65636461614b65794964" "4130",
		"a2" ALG "26" "6a65636461614b65794964" "4130",
		"a3" ALG "26" SIG "4130" "6178" "01",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		with_statement("packed", wrong[i],
		    WEBAUTHN_ATTESTATION_STATEMENT);
	with_statement("packed", "a2" ALG "26" SIG "4130",
	    WEBAUTHN_ATTESTATION_SIGNATURE);
}

static void
test_webauthn_3_2_128_packed_self(void **state)
{
	static const int32_t		algs[] = { -7, -8, -35, -257 };
	struct webauthn_credential	out;
	struct forge			f;

	(void)state;
	for (size_t i = 0; i < COUNT(algs); i++) {
		forge_creation(&f, algs[i]);
		f.self = true;
		assert_int_equal(forge_register(&f, &out), WEBAUTHN_OK);
		assert_int_equal(out.format, WEBAUTHN_FORMAT_PACKED);
		assert_int_equal(out.attestation, WEBAUTHN_ATTESTATION_SELF);
		forge_clear(&f);

		forge_creation(&f, algs[i]);
		f.self = true;
		f.signer = forge_key(algs[i], true);
		forge_assert_register(&f, "another key",
		    WEBAUTHN_ATTESTATION_SIGNATURE);
	}
	assert_string_equal(webauthn_format_name(WEBAUTHN_FORMAT_PACKED),
	    "packed");
	assert_string_equal(webauthn_format_name(WEBAUTHN_FORMAT_NONE),
	    "none");
	assert_string_equal(webauthn_attestation_name(
	    WEBAUTHN_ATTESTATION_SELF), "self");
	assert_string_equal(webauthn_attestation_name(
	    WEBAUTHN_ATTESTATION_NONE), "none");
}

/* Refused by its name, whatever is in it. */
static void
refused_by_name(const char *format)
{
	with_statement(format, "a0", WEBAUTHN_ATTESTATION_FORMAT);
	with_statement(format, "a3" ALG "26" SIG "4130" X5C "814130",
	    WEBAUTHN_ATTESTATION_FORMAT);
	with_statement(format, "80", WEBAUTHN_ATTESTATION_FORMAT);
}

static void
test_webauthn_3_2_129_fido_u2f(void **state)
{
	(void)state;
	refused_by_name("fido-u2f");
}

static void
test_webauthn_3_2_130_tpm(void **state)
{
	(void)state;
	refused_by_name("tpm");
}

static void
test_webauthn_3_2_131_android_key(void **state)
{
	(void)state;
	refused_by_name("android-key");
}

static void
test_webauthn_3_2_132_apple(void **state)
{
	(void)state;
	refused_by_name("apple");
}

static void
test_webauthn_3_2_133_unknown(void **state)
{
	(void)state;
	refused_by_name("android-safetynet");
	refused_by_name("foo");
	refused_by_name("packed2");
	refused_by_name("Packed");
	refused_by_name("packe");
	refused_by_name("");
}

static void
test_webauthn_3_2_134_compound(void **state)
{
	(void)state;
	refused_by_name("compound");
	with_statement("compound", "82" "a263666d74646e6f6e65" "67617474"
	    "53746d74a0" "a263666d74646e6f6e65" "6761747453746d74a0",
	    WEBAUTHN_ATTESTATION_FORMAT);
}

/* Decided: full packed under the wish "none" is refused, so it is never
 * stored as trusted; test_webauthn_vectors.c has a real one. */
static void
test_webauthn_3_2_135_not_asked_for(void **state)
{
	struct webauthn_attestation_object	object;
	struct webauthn_cbor_item		pairs;
	struct forge				f;

	(void)state;
	forge_creation(&f, WEBAUTHN_ALG_ES256);
	f.self = true;
	assert_int_equal(webauthn_attestation_decode(
	    forge_created(&f).attestation, &object), WEBAUTHN_OK);
	pairs = object.statement;

	/* a good self signature, with a certificate beside it */
	f.statement = forge_join(&f.arena, forge_hex(&f.arena, "a3" X5C
	    "814130"), pairs.inside.left);
	forge_assert_register(&f, "with a certificate",
	    WEBAUTHN_ATTESTATION_STATEMENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_3_2_127_none),
		cmocka_unit_test(test_webauthn_3_2_128_packed_shape),
		cmocka_unit_test(test_webauthn_3_2_128_packed_self),
		cmocka_unit_test(test_webauthn_3_2_129_fido_u2f),
		cmocka_unit_test(test_webauthn_3_2_130_tpm),
		cmocka_unit_test(test_webauthn_3_2_131_android_key),
		cmocka_unit_test(test_webauthn_3_2_132_apple),
		cmocka_unit_test(test_webauthn_3_2_133_unknown),
		cmocka_unit_test(test_webauthn_3_2_134_compound),
		cmocka_unit_test(test_webauthn_3_2_135_not_asked_for),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
