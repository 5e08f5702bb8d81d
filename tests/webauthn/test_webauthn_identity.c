/*
 * Whose passkey, which passkey, counters and the record: webauthn_3_2, groups
 * 111 to 117 as far as they need no database.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/forge_assert.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Every way not to be the person answers "unknown_passkey". */
static void
expect_alike(struct forge *f, const char *name, enum webauthn_verdict want)
{
	assert_string_equal(webauthn_verdict_code(want), "unknown_passkey");
	forge_assert_authenticate(f, name, want);
}

static void
test_webauthn_3_2_111_whose(void **state)
{
	struct forge	f;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.stored.id = forge_repeat(&f.arena, 0xc9, 32);
	expect_alike(&f, "another id", WEBAUTHN_CREDENTIAL_UNKNOWN);

	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.user_handle = forge_repeat(&f.arena, 0xb8, 32);
	expect_alike(&f, "another's handle", WEBAUTHN_USER_HANDLE);

	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.user_handle.len = 31;
	expect_alike(&f, "part of the handle", WEBAUTHN_USER_HANDLE);

	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.no_user_handle = true;
	expect_alike(&f, "no handle", WEBAUTHN_USER_HANDLE);

	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.user_handle.len = 0;
	expect_alike(&f, "empty handle", WEBAUTHN_USER_HANDLE);

	/* a record without an owner is nobody's */
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.no_user_handle = true;
	f.known_handle = f.user_handle;
	f.stored.user_handle.len = 0;
	expect_alike(&f, "no owner", WEBAUTHN_USER_HANDLE);
}

/* A person who is known before (step-up) need not be named, but not by
 * another name. */
static void
test_webauthn_3_2_111_known_person(void **state)
{
	struct forge	f;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.known_handle = f.user_handle;
	forge_assert_authenticate(&f, "named", WEBAUTHN_OK);

	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.known_handle = f.user_handle;
	f.no_user_handle = true;
	forge_assert_authenticate(&f, "not named", WEBAUTHN_OK);

	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.known_handle = forge_repeat(&f.arena, 0xb8, 32);
	expect_alike(&f, "another person", WEBAUTHN_USER_HANDLE);

	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.known_handle = forge_repeat(&f.arena, 0xb8, 32);
	f.no_user_handle = true;
	expect_alike(&f, "another's passkey", WEBAUTHN_USER_HANDLE);

	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.known_handle = f.user_handle;
	f.stored.user_handle = forge_repeat(&f.arena, 0xb8, 32);
	expect_alike(&f, "stored for another", WEBAUTHN_USER_HANDLE);
}

static void
test_webauthn_3_2_113_allowed_list(void **state)
{
	struct forge		f;
	struct base_slice	list[2];

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	list[0] = forge_repeat(&f.arena, 0xc9, 32);
	list[1] = f.id;
	f.allowed = list;
	f.allowed_count = 2;
	forge_assert_authenticate(&f, "second", WEBAUTHN_OK);

	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	list[0] = forge_repeat(&f.arena, 0xc9, 32);
	list[1] = forge_repeat(&f.arena, 0xc1, 31);
	f.allowed = list;
	f.allowed_count = 2;
	forge_assert_authenticate(&f, "neither",
	    WEBAUTHN_CREDENTIAL_NOT_ALLOWED);
}

static const struct {
	uint32_t		 stored, sent;
	bool			 eligible;
	enum webauthn_counter	 want;
	uint32_t		 next;
} counts[] = {
	{ 0, 0, false,		WEBAUTHN_COUNTER_UNUSED, 0 },
	{ 0, 0, true,		WEBAUTHN_COUNTER_UNUSED, 0 },
	{ 0, 1, false,		WEBAUTHN_COUNTER_UP, 1 },
	{ 4, 5, false,		WEBAUTHN_COUNTER_UP, 5 },
	{ 4, 5, true,		WEBAUTHN_COUNTER_UP, 5 },
	{ 5, 5, false,		WEBAUTHN_COUNTER_REFUSED, 5 },
	{ 5, 5, true,		WEBAUTHN_COUNTER_WARNING, 5 },
	{ 5, 4, false,		WEBAUTHN_COUNTER_REFUSED, 5 },
	{ 5, 4, true,		WEBAUTHN_COUNTER_WARNING, 5 },
	{ 5, 0, false,		WEBAUTHN_COUNTER_REFUSED, 5 },
	{ 5, 0, true,		WEBAUTHN_COUNTER_WARNING, 5 },
	{ 1, UINT32_C(0x80000001), false, WEBAUTHN_COUNTER_UP,
	    UINT32_C(0x80000001) },
	{ UINT32_MAX - 1, UINT32_MAX, false, WEBAUTHN_COUNTER_UP,
	    UINT32_MAX },
	{ UINT32_MAX, 0, false, WEBAUTHN_COUNTER_REFUSED, UINT32_MAX },
	{ UINT32_MAX, UINT32_MAX, false, WEBAUTHN_COUNTER_REFUSED,
	    UINT32_MAX },
};

static void
test_webauthn_3_2_114_counter(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct forge			f;
		struct webauthn_assertion	out;
		enum webauthn_verdict		verdict;
		bool				refused;

		refused = counts[i].want == WEBAUTHN_COUNTER_REFUSED;
		assert_int_equal(webauthn_counter_check(counts[i].stored,
		    counts[i].sent, counts[i].eligible), counts[i].want);
		assert_int_equal(webauthn_counter_next(counts[i].stored,
		    counts[i].sent), counts[i].next);

		forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
		f.stored.sign_count = counts[i].stored;
		f.stored.backup_eligible = counts[i].eligible;
		f.count = counts[i].sent;
		f.flags |= counts[i].eligible ? FORGE_BE : 0;
		verdict = forge_authenticate(&f, &out);
		forge_clear(&f);
		if (verdict != (refused ? WEBAUTHN_COUNTER_BACK :
		    WEBAUTHN_OK))
			fail_msg("row %zu: %s", i,
			    webauthn_verdict_name(verdict));
		if (refused)
			continue;
		assert_int_equal(out.counter, counts[i].want);
		assert_int_equal(out.sign_count, counts[i].next);
	}
}

static void
test_webauthn_3_2_115_backup_flags(void **state)
{
	struct forge			f;
	struct webauthn_assertion	out;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.flags |= FORGE_BE;
	forge_assert_authenticate(&f, "0 to 1", WEBAUTHN_BACKUP_CHANGED);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.stored.backup_eligible = true;
	forge_assert_authenticate(&f, "1 to 0", WEBAUTHN_BACKUP_CHANGED);

	for (int state_bit = 0; state_bit < 2; state_bit++) {
		forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
		f.stored.backup_eligible = true;
		f.flags |= FORGE_BE | (state_bit ? FORGE_BS : 0);
		assert_int_equal(forge_authenticate(&f, &out), WEBAUTHN_OK);
		assert_int_equal(out.backup_state, state_bit);
		forge_clear(&f);
	}
}

/* forge_assert_authenticate() looks at the output after every refusal; here
 * the refusal that comes last, after all that would be written is known. */
static void
test_webauthn_3_2_116_refusal_writes_nothing(void **state)
{
	struct forge	f;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.signer = forge_key(WEBAUTHN_ALG_EDDSA, true);
	f.count = 1000;
	forge_assert_authenticate(&f, "signature",
	    WEBAUTHN_SIGNATURE_INVALID);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.count = 3;
	forge_assert_authenticate(&f, "counter", WEBAUTHN_COUNTER_BACK);

	/* a count that nobody signed is not even looked at */
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.signer = forge_key(WEBAUTHN_ALG_EDDSA, true);
	f.count = 3;
	forge_assert_authenticate(&f, "both", WEBAUTHN_SIGNATURE_INVALID);
}

static void
test_webauthn_3_2_117_what_to_store(void **state)
{
	struct forge			f;
	struct webauthn_credential	made;
	struct webauthn_assertion	out;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.count = 77;
	assert_int_equal(forge_authenticate(&f, &out), WEBAUTHN_OK);
	assert_int_equal(out.sign_count, 77);
	assert_int_equal(out.counter, WEBAUTHN_COUNTER_UP);
	assert_true(out.user_verified);
	assert_false(out.backup_state);
	forge_clear(&f);

	forge_creation(&f, WEBAUTHN_ALG_ES256);
	f.count = 9;
	f.flags |= FORGE_BE | FORGE_BS;
	f.aaguid[15] = 0x0f;
	assert_int_equal(forge_register(&f, &made), WEBAUTHN_OK);
	assert_int_equal(made.sign_count, 9);
	assert_int_equal(made.alg, WEBAUTHN_ALG_ES256);
	assert_int_equal(made.id_len, f.id.len);
	assert_memory_equal(made.id, f.id.data, f.id.len);
	assert_true(made.user_verified);
	assert_true(made.backup_eligible);
	assert_true(made.backup_state);
	assert_int_equal(made.aaguid.bytes[15], 0x0f);
	assert_int_equal(made.spki_len, 91);
	assert_int_equal(made.cose_len, 77);
	assert_int_equal(made.format, WEBAUTHN_FORMAT_NONE);
	assert_int_equal(made.attestation, WEBAUTHN_ATTESTATION_NONE);
	forge_clear(&f);
}

/* What can be refused without the database is refused by the screen alone. */
static void
test_webauthn_authenticate_screen(void **state)
{
	struct forge				f;
	struct webauthn_authenticate_response	r;
	struct webauthn_authenticate_expect	expect;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.signer = forge_key(WEBAUTHN_ALG_EDDSA, true);
	r = forge_asserted(&f);
	expect = (struct webauthn_authenticate_expect){ .common = f.expect };
	expect.common.origins = f.origins;
	assert_int_equal(webauthn_authenticate_screen(&r, &expect),
	    WEBAUTHN_OK);
	expect.common.rp_id = "example.org";
	assert_int_equal(webauthn_authenticate_screen(&r, &expect),
	    WEBAUTHN_RP_ID_HASH);
	r.user_handle.len = 0;
	assert_int_equal(webauthn_authenticate_screen(&r, &expect),
	    WEBAUTHN_USER_HANDLE);
	forge_clear(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_3_2_111_whose),
		cmocka_unit_test(test_webauthn_3_2_111_known_person),
		cmocka_unit_test(test_webauthn_3_2_113_allowed_list),
		cmocka_unit_test(test_webauthn_3_2_114_counter),
		cmocka_unit_test(test_webauthn_3_2_115_backup_flags),
		cmocka_unit_test(test_webauthn_3_2_116_refusal_writes_nothing),
		cmocka_unit_test(test_webauthn_3_2_117_what_to_store),
		cmocka_unit_test(test_webauthn_authenticate_screen),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
