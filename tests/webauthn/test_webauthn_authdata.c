/*
 * RP ID and authenticator data: webauthn_3_2, groups 56 to 73.
 * Every case starts from a good ceremony and spoils one thing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_hash.h"
#include "support/forge_assert.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Both ceremonies with the hash of this in place of the RP ID's. */
static void
with_rp(const char *name, struct base_slice hash, enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.rp_id_hash = hash;
	forge_assert_register(&f, name, want);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.rp_id_hash = hash;
	forge_assert_authenticate(&f, name, want);
}

static void
test_webauthn_3_2_056_rp_id_hash(void **state)
{
	static const char *const	names[] = {
		"id.example.org", "a.localhost", "localhost.", "LOCALHOST",
		FORGE_ORIGIN, "",
	};
	uint8_t				hash[BASE_SHA256_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		base_hash_sha256(names[i], strlen(names[i]), hash);
		with_rp(names[i], (struct base_slice){ hash, 32 },
		    WEBAUTHN_RP_ID_HASH);
	}
	memset(hash, 0, sizeof(hash));
	with_rp("zeros", (struct base_slice){ hash, 32 },
	    WEBAUTHN_RP_ID_HASH);
	base_hash_sha256("localhost", 9, hash);
	with_rp("right", (struct base_slice){ hash, 32 }, WEBAUTHN_OK);
	hash[31] ^= 1;
	with_rp("last bit", (struct base_slice){ hash, 32 },
	    WEBAUTHN_RP_ID_HASH);
}

/* The right hash, under a signature made over another site's data. */
static void
test_webauthn_3_2_057_of_another_rp(void **state)
{
	struct forge	f;
	uint8_t		hash[BASE_SHA256_LEN];

	(void)state;
	base_hash_sha256("evil.example", 12, hash);
	forge_assertion(&f, WEBAUTHN_ALG_ES256);
	f.rp_id_hash = (struct base_slice){ hash, 32 };
	f.signature = forge_asserted(&f).signature;
	f.rp_id_hash = (struct base_slice){ NULL, 0 };
	forge_assert_authenticate(&f, "moved", WEBAUTHN_SIGNATURE_INVALID);
}

static void
test_webauthn_3_2_058_short(void **state)
{
	struct forge	f;

	(void)state;
	for (size_t len = 0; len <= 36; len++) {
		forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
		f.auth_data = (struct base_slice){
		    forge_asserted(&f).auth_data.data, len };
		forge_assert_authenticate(&f, "assertion",
		    WEBAUTHN_AUTH_DATA_MALFORMED);
		forge_creation(&f, WEBAUTHN_ALG_EDDSA);
		f.auth_data = forge_repeat(&f.arena, 0, len);
		forge_assert_register(&f, "creation",
		    WEBAUTHN_AUTH_DATA_MALFORMED);
	}
}

/* A creation whose data ends after the fixed part and "len" bytes more. */
static void
cut_at(const char *name, size_t len, enum webauthn_verdict want)
{
	struct forge		f, whole;
	struct base_slice	data;

	forge_creation(&whole, WEBAUTHN_ALG_EDDSA);
	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	/* a none attestation: ..., 68 "authData" 58 len, then the data */
	data = forge_created(&whole).attestation;
	f.auth_data = (struct base_slice){ data.data + 30, 37 + len };
	assert_true(30 + 37 + len <= data.len);
	forge_assert_register(&f, name, want);
	forge_clear(&whole);
}

static void
test_webauthn_3_2_059_attested_without_data(void **state)
{
	struct forge	f;

	(void)state;
	cut_at("nothing", 0, WEBAUTHN_AUTH_DATA_MALFORMED);
	cut_at("aaguid", 16, WEBAUTHN_AUTH_DATA_MALFORMED);
	cut_at("length", 17, WEBAUTHN_AUTH_DATA_MALFORMED);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.flags |= FORGE_AT;
	forge_assert_authenticate(&f, "assertion",
	    WEBAUTHN_AUTH_DATA_MALFORMED);
}

static void
claimed(long len, enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.id_len = len;
	forge_assert_register(&f, "claimed", want);
}

static void
test_webauthn_3_2_060_id_past_the_end(void **state)
{
	(void)state;
	claimed(32, WEBAUTHN_OK);
	claimed(400, WEBAUTHN_AUTH_DATA_MALFORMED);
	claimed(1023, WEBAUTHN_AUTH_DATA_MALFORMED);
	claimed(65535, WEBAUTHN_CREDENTIAL_ID);
	/* inside the data, but then there is no key behind it */
	claimed(33, WEBAUTHN_KEY_MALFORMED);
	claimed(31, WEBAUTHN_KEY_MALFORMED);
	cut_at("id", 18 + 31, WEBAUTHN_AUTH_DATA_MALFORMED);
	cut_at("no key", 18 + 32, WEBAUTHN_KEY_MALFORMED);
}

/* An id of "len" bytes, in the data and in the client's word. */
static void
with_id(size_t len, enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.id = forge_repeat(&f.arena, 0xc2, len);
	forge_assert_register(&f, "id", want);
}

static void
test_webauthn_3_2_061_id_empty(void **state)
{
	(void)state;
	with_id(0, WEBAUTHN_CREDENTIAL_ID);
}

static void
test_webauthn_3_2_062_id_short(void **state)
{
	(void)state;
	with_id(1, WEBAUTHN_CREDENTIAL_ID);
	with_id(15, WEBAUTHN_CREDENTIAL_ID);
	with_id(16, WEBAUTHN_OK);
}

static void
test_webauthn_3_2_063_id_long(void **state)
{
	(void)state;
	with_id(1023, WEBAUTHN_OK);
	with_id(1024, WEBAUTHN_CREDENTIAL_ID);
	with_id(4000, WEBAUTHN_CREDENTIAL_ID);
}

static void
test_webauthn_3_2_064_not_attested(void **state)
{
	struct forge	f;

	(void)state;
	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.flags &= (uint8_t)~FORGE_AT;
	forge_assert_register(&f, "AT clear", WEBAUTHN_AUTH_DATA_ATTESTED);
}

static void
test_webauthn_3_2_065_attested_assertion(void **state)
{
	struct forge	f;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.flags |= FORGE_AT;
	f.tail = forge_join(&f.arena, forge_repeat(&f.arena, 0, 16),
	    forge_hex(&f.arena, "0010"));
	f.tail = forge_join(&f.arena, f.tail,
	    forge_repeat(&f.arena, 0xc1, 16));
	f.tail = forge_join(&f.arena, f.tail, forge_cose(&f.arena, f.key,
	    f.alg));
	forge_assert_authenticate(&f, "with data",
	    WEBAUTHN_AUTH_DATA_ATTESTED);
}

/* Extension bytes in both ceremonies. */
static void
with_extensions(const char *hex, enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.flags |= FORGE_ED;
	f.extensions = forge_hex(&f.arena, hex);
	forge_assert_register(&f, hex, want);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.flags |= FORGE_ED;
	f.extensions = forge_hex(&f.arena, hex);
	forge_assert_authenticate(&f, hex, want);
}

static void
test_webauthn_3_2_066_extension_flag(void **state)
{
	struct forge	f;

	(void)state;
	with_extensions("", WEBAUTHN_EXTENSIONS);
	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.extensions = forge_hex(&f.arena, "a0");
	forge_assert_register(&f, "ED clear", WEBAUTHN_AUTH_DATA_MALFORMED);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.extensions = forge_hex(&f.arena, "a0");
	forge_assert_authenticate(&f, "ED clear",
	    WEBAUTHN_AUTH_DATA_MALFORMED);
}

#define CRED_PROTECT	"6b6372656450726f74656374"

static void
test_webauthn_3_2_067_extensions(void **state)
{
	char	nested[6 + 2 * 100 + 2 + 1];

	(void)state;
	with_extensions("a0", WEBAUTHN_OK);
	with_extensions("80", WEBAUTHN_EXTENSIONS);
	with_extensions("01", WEBAUTHN_EXTENSIONS);
	with_extensions("bf6161" "01ff", WEBAUTHN_EXTENSIONS);
	with_extensions("a000", WEBAUTHN_AUTH_DATA_MALFORMED);
	with_extensions("a2616101616102", WEBAUTHN_EXTENSIONS);
	with_extensions("a10102", WEBAUTHN_EXTENSIONS);
	with_extensions("a16161", WEBAUTHN_EXTENSIONS);
	/* unknown ones, whatever they say */
	with_extensions("a16161a1616281f5", WEBAUTHN_OK);
	with_extensions("a1" CRED_PROTECT "02", WEBAUTHN_OK);
	with_extensions("a1" CRED_PROTECT "00", WEBAUTHN_EXTENSIONS);
	with_extensions("a1" CRED_PROTECT "04", WEBAUTHN_EXTENSIONS);
	with_extensions("a1" CRED_PROTECT "f5", WEBAUTHN_EXTENSIONS);
	with_extensions("a1" CRED_PROTECT "6132", WEBAUTHN_EXTENSIONS);
	/* credBlob: a boolean or bytes; hmac-secret the same */
	with_extensions("a1" "6863726564426c6f62" "f5", WEBAUTHN_OK);
	with_extensions("a1" "6863726564426c6f62" "4101", WEBAUTHN_OK);
	with_extensions("a1" "6863726564426c6f62" "01", WEBAUTHN_EXTENSIONS);
	with_extensions("a1" "6b686d61632d736563726574" "f5", WEBAUTHN_OK);
	with_extensions("a1" "6b686d61632d736563726574" "80",
	    WEBAUTHN_EXTENSIONS);
	/* minPinLength */
	with_extensions("a1" "6c6d696e50696e4c656e677468" "06", WEBAUTHN_OK);
	with_extensions("a1" "6c6d696e50696e4c656e677468" "26",
	    WEBAUTHN_EXTENSIONS);

	/* { "a": [[[... 0 ...]]] } */
	memcpy(nested, "a16161", 6);
	for (size_t i = 0; i < 100; i++)
		memcpy(nested + 6 + 2 * i, "81", 2);
	memcpy(nested + 6 + 200, "00", 3);
	with_extensions(nested, WEBAUTHN_EXTENSIONS);
}

static void
test_webauthn_3_2_068_trailing(void **state)
{
	struct forge	f;

	(void)state;
	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.tail = forge_hex(&f.arena, "00");
	forge_assert_register(&f, "behind the key",
	    WEBAUTHN_AUTH_DATA_MALFORMED);
	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.flags |= FORGE_ED;
	f.extensions = forge_hex(&f.arena, "a0");
	f.tail = forge_hex(&f.arena, "a0");
	forge_assert_register(&f, "behind the extensions",
	    WEBAUTHN_AUTH_DATA_MALFORMED);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.tail = forge_hex(&f.arena, "00");
	forge_assert_authenticate(&f, "behind the counter",
	    WEBAUTHN_AUTH_DATA_MALFORMED);
}

/* Extensions { "a": "len" bytes } in a creation. */
static void
with_blob(size_t len, enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.flags |= FORGE_ED;
	f.extensions = forge_join(&f.arena, forge_hex(&f.arena, "a16161"),
	    forge_string(&f.arena, forge_repeat(&f.arena, 0, len)));
	forge_assert_register(&f, "blob", want);
}

static void
test_webauthn_authdata_length(void **state)
{
	(void)state;
	with_blob(8000, WEBAUTHN_OK);
	with_blob(8192, WEBAUTHN_AUTH_DATA_MALFORMED);
}

/* Both ceremonies with these bits beside AT. */
static void
with_flags(const char *name, uint8_t flags, enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.flags = FORGE_AT | flags;
	forge_assert_register(&f, name, want);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.flags = flags;
	f.stored.backup_eligible = (flags & FORGE_BE) != 0;
	forge_assert_authenticate(&f, name, want);
}

static void
test_webauthn_3_2_069_user_presence(void **state)
{
	(void)state;
	with_flags("UP, UV", FORGE_UP | FORGE_UV, WEBAUTHN_OK);
	with_flags("nothing", 0, WEBAUTHN_USER_PRESENCE);
}

static void
test_webauthn_3_2_070_user_verification(void **state)
{
	struct forge			f;
	struct webauthn_assertion	out;

	(void)state;
	with_flags("UP only", FORGE_UP, WEBAUTHN_USER_VERIFICATION);
	with_flags("UV only", FORGE_UV, WEBAUTHN_USER_PRESENCE);

	/* where it is not demanded it is reported as it is */
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.flags = FORGE_UP;
	f.expect.user_verification = false;
	assert_int_equal(forge_authenticate(&f, &out), WEBAUTHN_OK);
	assert_false(out.user_verified);
	forge_clear(&f);
}

static void
test_webauthn_3_2_071_not_eligible(void **state)
{
	const uint8_t	base = FORGE_UP | FORGE_UV;

	(void)state;
	with_flags("BS", base | FORGE_BS, WEBAUTHN_BACKUP_FLAGS);
	with_flags("BE", base | FORGE_BE, WEBAUTHN_OK);
	with_flags("BE, BS", base | FORGE_BE | FORGE_BS, WEBAUTHN_OK);
}

/* Decided: taken and ignored, in both ceremonies. */
static void
test_webauthn_3_2_072_reserved_bits(void **state)
{
	(void)state;
	with_flags("bit 1", FORGE_UP | FORGE_UV | 0x02, WEBAUTHN_OK);
	with_flags("bit 5", FORGE_UP | FORGE_UV | 0x20, WEBAUTHN_OK);
}

static void
test_webauthn_3_2_073_aaguid(void **state)
{
	struct forge			f;
	struct webauthn_credential	out;

	(void)state;
	for (int byte = 0; byte <= 0xff; byte += 0xff) {
		forge_creation(&f, WEBAUTHN_ALG_EDDSA);
		memset(f.aaguid, byte, sizeof(f.aaguid));
		assert_int_equal(forge_register(&f, &out), WEBAUTHN_OK);
		assert_memory_equal(out.aaguid.bytes, f.aaguid, 16);
		forge_clear(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_3_2_056_rp_id_hash),
		cmocka_unit_test(test_webauthn_3_2_057_of_another_rp),
		cmocka_unit_test(test_webauthn_3_2_058_short),
		cmocka_unit_test(test_webauthn_3_2_059_attested_without_data),
		cmocka_unit_test(test_webauthn_3_2_060_id_past_the_end),
		cmocka_unit_test(test_webauthn_3_2_061_id_empty),
		cmocka_unit_test(test_webauthn_3_2_062_id_short),
		cmocka_unit_test(test_webauthn_3_2_063_id_long),
		cmocka_unit_test(test_webauthn_3_2_064_not_attested),
		cmocka_unit_test(test_webauthn_3_2_065_attested_assertion),
		cmocka_unit_test(test_webauthn_3_2_066_extension_flag),
		cmocka_unit_test(test_webauthn_3_2_067_extensions),
		cmocka_unit_test(test_webauthn_3_2_068_trailing),
		cmocka_unit_test(test_webauthn_authdata_length),
		cmocka_unit_test(test_webauthn_3_2_069_user_presence),
		cmocka_unit_test(test_webauthn_3_2_070_user_verification),
		cmocka_unit_test(test_webauthn_3_2_071_not_eligible),
		cmocka_unit_test(test_webauthn_3_2_072_reserved_bits),
		cmocka_unit_test(test_webauthn_3_2_073_aaguid),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
