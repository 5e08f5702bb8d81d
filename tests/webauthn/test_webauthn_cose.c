/*
 * Public keys: webauthn_3_2, groups 87 to 100.
 * Every case starts from a good key and spoils one thing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "support/forge_assert.h"
#include "webauthn/webauthn_cose.h"
#include "webauthn/webauthn_signature.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static struct base_arena	arena;

static int
open_arena(void **state)
{
	(void)state;
	base_arena_init(&arena);
	return (0);
}

static int
close_arena(void **state)
{
	(void)state;
	base_arena_clear(&arena);
	return (0);
}

/* From the CBOR to DER, as a registration does it. */
static enum webauthn_verdict
judge(struct base_slice bytes)
{
	struct webauthn_cose	key;
	enum webauthn_verdict	verdict;
	uint8_t			spki[WEBAUTHN_SPKI_MAX];
	size_t			len;

	if ((verdict = webauthn_cose_parse(bytes, &key)) != WEBAUTHN_OK)
		return (verdict);
	return (webauthn_cose_spki(&key, spki, &len));
}

static void
expect_key(const char *name, struct base_slice bytes,
    enum webauthn_verdict want)
{
	enum webauthn_verdict	got = judge(bytes);

	if (got != want)
		fail_msg("%s: %s, not %s", name, webauthn_verdict_name(got),
		    webauthn_verdict_name(want));
}

/* A good key with the bytes from "at" on put in place of those there. */
static struct base_slice
patched(int32_t alg, size_t at, const char *hex)
{
	struct base_slice	 good, patch = forge_hex(&arena, hex);
	uint8_t			*copy;

	good = forge_cose(&arena, forge_key(alg, false), alg);
	copy = base_arena_copy(&arena, good.data, good.len);
	assert_true(at + patch.len <= good.len);
	memcpy(copy + at, patch.data, patch.len);
	return ((struct base_slice){ copy, good.len });
}

/* The parts of a key of each kind, each a label and its value. */
static struct base_slice
map_of(size_t count, const char *const *pairs)
{
	struct base_slice	out = forge_head(&arena, 5, count);

	for (size_t i = 0; i < count; i++)
		out = forge_join(&arena, out, forge_hex(&arena, pairs[i]));
	return (out);
}

#define X32	"5820" \
	"7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978"
#define Y32	"5820" \
	"07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1"
#define ED32	"5820" \
	"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

/* Twice the base point of P-256; the first key of RFC 8032 section 7.1. */
static const char *const	ec2[] = {
	"0102", "0326", "2001", "21" X32, "22" Y32
};
static const char *const	okp[] = { "0101", "0327", "2006", "21" ED32 };

/* The map without the pair "skip". */
static struct base_slice
without(size_t count, const char *const *pairs, size_t skip)
{
	const char	*left[8];
	size_t		 n = 0;

	for (size_t i = 0; i < count; i++) {
		if (i != skip)
			left[n++] = pairs[i];
	}
	return (map_of(n, left));
}

/* The map with the pair "which" replaced, or added when it is past the end. */
static struct base_slice
with(size_t count, const char *const *pairs, size_t which, const char *pair)
{
	const char	*changed[8];

	memcpy(changed, pairs, count * sizeof(*pairs));
	changed[which] = pair;
	return (map_of(which < count ? count : count + 1, changed));
}

/* An RSA key of these numbers; NULL leaves one out. */
static struct base_slice
rsa_of(const char *alg, const BIGNUM *n, const BIGNUM *e)
{
	struct base_slice	out;
	const BIGNUM		*numbers[2] = { n, e };
	size_t			 count = 2u + (n != NULL) + (e != NULL);

	out = forge_join(&arena, forge_head(&arena, 5, count),
	    forge_hex(&arena, "0103"));
	out = forge_join(&arena, out, forge_hex(&arena, alg));
	for (size_t i = 0; i < 2; i++) {
		uint8_t	*bytes;
		size_t	 len;

		if (numbers[i] == NULL)
			continue;
		len = (size_t)BN_num_bytes(numbers[i]);
		bytes = base_arena_new(&arena, len + 1);
		BN_bn2bin(numbers[i], bytes);
		out = forge_join(&arena, out, forge_head(&arena, 1, i));
		out = forge_join(&arena, out, forge_string(&arena,
		    (struct base_slice){ bytes, len }));
	}
	return (out);
}

#define RS256	"03390100"

static void
rsa_numbers(BIGNUM **n, BIGNUM **e)
{
	EVP_PKEY	*key = forge_key(WEBAUTHN_ALG_RS256, false);

	*n = *e = NULL;
	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N,
	    n), 1);
	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E,
	    e), 1);
}

static void
test_webauthn_cose_good(void **state)
{
	static const int32_t	algs[] = { -7, -8, -35, -257 };

	(void)state;
	for (size_t i = 0; i < COUNT(algs); i++) {
		EVP_PKEY		*key = forge_key(algs[i], false);
		struct base_slice	 want = forge_spki(&arena, key);
		struct webauthn_cose	 cose;
		uint8_t			 spki[WEBAUTHN_SPKI_MAX];
		size_t			 len;

		assert_int_equal(webauthn_cose_parse(forge_cose(&arena, key,
		    algs[i]), &cose), WEBAUTHN_OK);
		assert_int_equal(cose.alg, algs[i]);
		assert_int_equal(webauthn_cose_spki(&cose, spki, &len),
		    WEBAUTHN_OK);
		assert_int_equal(len, want.len);
		assert_memory_equal(spki, want.data, len);
	}
	expect_key("ec2", map_of(5, ec2), WEBAUTHN_OK);
	expect_key("okp", map_of(4, okp), WEBAUTHN_OK);
}

static void
test_webauthn_3_2_087_missing(void **state)
{
	BIGNUM	*n, *e;

	(void)state;
	for (size_t i = 0; i < COUNT(ec2); i++)
		expect_key(ec2[i], without(COUNT(ec2), ec2, i),
		    WEBAUTHN_KEY_MALFORMED);
	for (size_t i = 0; i < COUNT(okp); i++)
		expect_key(okp[i], without(COUNT(okp), okp, i),
		    WEBAUTHN_KEY_MALFORMED);
	rsa_numbers(&n, &e);
	expect_key("rsa", rsa_of(RS256, n, e), WEBAUTHN_OK);
	expect_key("no e", rsa_of(RS256, n, NULL), WEBAUTHN_KEY_MALFORMED);
	expect_key("no n", rsa_of(RS256, NULL, e), WEBAUTHN_KEY_MALFORMED);
	BN_free(n);
	BN_free(e);
	expect_key("empty", forge_hex(&arena, "a0"), WEBAUTHN_KEY_MALFORMED);
}

static void
test_webauthn_3_2_088_repeated(void **state)
{
	struct forge	f;

	(void)state;
	expect_key("alg twice", with(5, ec2, 5, "03390100"),
	    WEBAUTHN_KEY_MALFORMED);
	expect_key("alg twice, alike", with(5, ec2, 5, "0326"),
	    WEBAUTHN_KEY_MALFORMED);
	forge_creation(&f, WEBAUTHN_ALG_ES256);
	f.cose = with(5, ec2, 5, "03390100");
	forge_assert_register(&f, "whole", WEBAUTHN_KEY_MALFORMED);
}

static void
test_webauthn_3_2_089_alg_types(void **state)
{
	static const char *const	algs[] = {
		"03654553323536", "031b8000000000000000",
		"033bffffffffffffffff", "0341f9", "03f5", "038126",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(algs); i++)
		expect_key(algs[i], with(5, ec2, 1, algs[i]),
		    WEBAUTHN_KEY_MALFORMED);
}

static void
test_webauthn_3_2_090_kty_and_alg(void **state)
{
	BIGNUM	*n, *e;

	(void)state;
	rsa_numbers(&n, &e);
	expect_key("RSA, -7", rsa_of("0326", n, e), WEBAUTHN_KEY_MALFORMED);
	BN_free(n);
	BN_free(e);
	expect_key("EC2, -8", with(5, ec2, 1, "0327"),
	    WEBAUTHN_KEY_MALFORMED);
	expect_key("EC2, -257", with(5, ec2, 1, "03390100"),
	    WEBAUTHN_KEY_MALFORMED);
	expect_key("OKP, -257", with(4, okp, 1, "03390100"),
	    WEBAUTHN_KEY_MALFORMED);
	expect_key("OKP, -7", with(4, okp, 1, "0326"),
	    WEBAUTHN_KEY_MALFORMED);
	expect_key("kty 1 in EC2", with(5, ec2, 0, "0101"),
	    WEBAUTHN_KEY_MALFORMED);
	expect_key("kty 4", with(5, ec2, 0, "0104"), WEBAUTHN_KEY_MALFORMED);
	expect_key("kty text", with(5, ec2, 0, "0163454332"),
	    WEBAUTHN_KEY_MALFORMED);
}

static void
test_webauthn_3_2_091_curve(void **state)
{
	static const char *const	curves[] = {
		"2002", "2003", "2008", "2004", "2006", "2000", "204101",
		"2065502d323536",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(curves); i++)
		expect_key(curves[i], with(5, ec2, 2, curves[i]),
		    WEBAUTHN_KEY_MALFORMED);
	expect_key("X25519", with(4, okp, 2, "2004"),
	    WEBAUTHN_KEY_MALFORMED);
	expect_key("Ed448", with(4, okp, 2, "2007"), WEBAUTHN_KEY_MALFORMED);
	expect_key("P-256 as ES384", with(5, ec2, 1, "033822"),
	    WEBAUTHN_KEY_MALFORMED);
}

/* { kty, alg, crv, x of "x_len", y of "y_len" } */
static struct base_slice
point_of(size_t x_len, size_t y_len)
{
	struct base_slice	out;

	out = forge_join(&arena, forge_hex(&arena, "a5010203262001" "21"),
	    forge_string(&arena, forge_repeat(&arena, 0x11, x_len)));
	out = forge_join(&arena, out, forge_hex(&arena, "22"));
	return (forge_join(&arena, out, forge_string(&arena,
	    forge_repeat(&arena, 0x12, y_len))));
}

static void
test_webauthn_3_2_092_coordinate_lengths(void **state)
{
	static const size_t	lens[] = { 0, 31, 33, 64, 256, 257, 65535 };

	(void)state;
	for (size_t i = 0; i < COUNT(lens); i++) {
		expect_key("x", point_of(lens[i], 32),
		    WEBAUTHN_KEY_MALFORMED);
		expect_key("y", point_of(32, lens[i]),
		    WEBAUTHN_KEY_MALFORMED);
	}
	/* right lengths, and then no point of the curve */
	expect_key("both 32", point_of(32, 32), WEBAUTHN_KEY_WEAK);
}

static void
test_webauthn_3_2_093_compressed(void **state)
{
	(void)state;
	expect_key("y true", with(5, ec2, 4, "22f5"),
	    WEBAUTHN_KEY_MALFORMED);
	expect_key("y false", with(5, ec2, 4, "22f4"),
	    WEBAUTHN_KEY_MALFORMED);
}

#define ZERO32	"5820" \
	"0000000000000000000000000000000000000000000000000000000000000000"
/* p of P-256, and x + p for an x that is small */
#define P256	"5820" \
	"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
#define ONES32	"5820" \
	"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static void
test_webauthn_3_2_094_off_curve(void **state)
{
	(void)state;
	expect_key("last byte of x", with(5, ec2, 3, "215820"
	    "7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669979"
	    ), WEBAUTHN_KEY_WEAK);
	expect_key("x = p", with(5, ec2, 3, "21" P256), WEBAUTHN_KEY_WEAK);
	expect_key("y = p", with(5, ec2, 4, "22" P256), WEBAUTHN_KEY_WEAK);
	expect_key("x > p", with(5, ec2, 3, "21" ONES32), WEBAUTHN_KEY_WEAK);
	expect_key("y = 0", with(5, ec2, 4, "22" ZERO32), WEBAUTHN_KEY_WEAK);
	expect_key("(0, 0)", map_of(5, (const char *const[]){ "0102", "0326",
	    "2001", "21" ZERO32, "22" ZERO32 }), WEBAUTHN_KEY_WEAK);
	expect_key("swapped", map_of(5, (const char *const[]){ "0102",
	    "0326", "2001", "21" Y32, "22" X32 }), WEBAUTHN_KEY_WEAK);
	expect_key("infinity", with(5, ec2, 3, "214100"),
	    WEBAUTHN_KEY_MALFORMED);
	/* x = 1 is the x of no point of the curve, so of one of its twist */
	expect_key("twist", with(5, ec2, 3, "215820"
	    "00000000000000000000000000000000000000000000000000000000000000"
	    "01"), WEBAUTHN_KEY_WEAK);
}

/* y coordinates, little endian, of all points of order 1, 2, 4 and 8, and
 * the second ways to write them; each with either sign. */
static const char *const	small[] = {
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"0000000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static struct base_slice
ed25519_of(const uint8_t bytes[32])
{
	return (forge_join(&arena, forge_hex(&arena, "a4010103272006" "21"),
	    forge_string(&arena, (struct base_slice){ bytes, 32 })));
}

static void
test_webauthn_3_2_095_ed25519_points(void **state)
{
	uint8_t	point[32];

	(void)state;
	for (size_t i = 0; i < COUNT(small); i++) {
		memcpy(point, forge_hex(&arena, small[i]).data, 32);
		expect_key(small[i], ed25519_of(point), WEBAUTHN_KEY_WEAK);
		point[31] |= 0x80;
		expect_key(small[i], ed25519_of(point), WEBAUTHN_KEY_WEAK);
	}
	/* y from p + 2 to 2^255 - 1: not the one way to write y */
	memset(point, 0xff, 32);
	point[31] = 0x7f;
	for (int low = 0xef; low <= 0xff; low++) {
		point[0] = (uint8_t)low;
		expect_key("y >= p", ed25519_of(point), WEBAUTHN_KEY_WEAK);
	}
	/* y = 2: there is no x */
	memset(point, 0, 32);
	point[0] = 2;
	expect_key("no point", ed25519_of(point), WEBAUTHN_KEY_WEAK);
	/* lengths */
	expect_key("31", with(4, okp, 3, "21581f"
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751"),
	    WEBAUTHN_KEY_MALFORMED);
	expect_key("33", with(4, okp, 3, "215821"
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751"
	    "1a00"), WEBAUTHN_KEY_MALFORMED);
}

/* About half of all y have an x: our test must say so as the library does. */
static void
test_webauthn_cose_ed25519_random_points(void **state)
{
	unsigned int	good = 0;

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		EVP_PKEY	*key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		uint8_t		 point[32];
		size_t		 len = 32;

		EVP_PKEY_get_raw_public_key(key, point, &len);
		EVP_PKEY_free(key);
		expect_key("made", ed25519_of(point), WEBAUTHN_OK);
		point[7] ^= (uint8_t)(1 + i % 255);
		good += judge(ed25519_of(point)) == WEBAUTHN_OK;
	}
	assert_in_range(good, 50, 150);
}

static void
expect_rsa(const char *name, const char *n_hex, const char *e_hex,
    enum webauthn_verdict want)
{
	BIGNUM	*n, *e, *good_e;

	rsa_numbers(&n, &good_e);
	e = NULL;
	if (n_hex != NULL)
		BN_hex2bn(&n, n_hex);
	if (e_hex != NULL)
		BN_hex2bn(&e, e_hex);
	expect_key(name, rsa_of(RS256, n, e != NULL ? e : good_e), want);
	BN_free(n);
	BN_free(e);
	BN_free(good_e);
}

/* A modulus of "bits" ones. */
static void
expect_bits(int bits, enum webauthn_verdict want)
{
	BIGNUM	*n = BN_new(), *e = BN_new();

	BN_set_word(e, 65537);
	BN_set_bit(n, bits);
	BN_sub_word(n, 1);
	expect_key("bits", rsa_of(RS256, n, e), want);
	BN_free(n);
	BN_free(e);
}

static void
expect_generated(unsigned int bits, enum webauthn_verdict want)
{
	EVP_PKEY	*key = EVP_RSA_gen(bits);

	expect_key("generated", forge_cose(&arena, key, -257), want);
	EVP_PKEY_free(key);
}

static void
test_webauthn_3_2_096_rsa(void **state)
{
	BIGNUM	*n, *e;

	(void)state;
	expect_generated(512, WEBAUTHN_KEY_WEAK);
	expect_generated(1024, WEBAUTHN_KEY_WEAK);
	expect_generated(2047, WEBAUTHN_KEY_WEAK);
	expect_generated(3072, WEBAUTHN_OK);
	expect_bits(4097, WEBAUTHN_KEY_MALFORMED);
	expect_bits(8000, WEBAUTHN_KEY_MALFORMED);
	expect_bits(16384, WEBAUTHN_KEY_MALFORMED);
	expect_rsa("e = 0", NULL, "0", WEBAUTHN_KEY_MALFORMED);
	expect_rsa("e = 1", NULL, "1", WEBAUTHN_KEY_WEAK);
	expect_rsa("e = 2", NULL, "2", WEBAUTHN_KEY_WEAK);
	expect_rsa("e = 3", NULL, "3", WEBAUTHN_KEY_WEAK);
	expect_rsa("e even", NULL, "10002", WEBAUTHN_KEY_WEAK);
	expect_rsa("e of 33 bits", NULL, "100000001", WEBAUTHN_KEY_MALFORMED);
	expect_rsa("n = 0", "0", NULL, WEBAUTHN_KEY_MALFORMED);
	expect_rsa("n = 3", "3", NULL, WEBAUTHN_KEY_WEAK);

	rsa_numbers(&n, &e);
	BN_add_word(n, 1);
	expect_key("n even", rsa_of(RS256, n, e), WEBAUTHN_KEY_WEAK);
	BN_free(n);
	BN_free(e);

	/* numbers with zeros in front of them */
	expect_key("e with zeros", patched(WEBAUTHN_ALG_RS256,
	    8 + 3 + 256 + 1, "43000001"), WEBAUTHN_KEY_MALFORMED);
	expect_key("n with zeros", patched(WEBAUTHN_ALG_RS256, 8 + 3,
	    "00"), WEBAUTHN_KEY_MALFORMED);
}

static void
test_webauthn_3_2_097_not_offered(void **state)
{
	static const int32_t	only[] = { WEBAUTHN_ALG_ES256 };
	static const char *const	others[] = {
		"033822", "0339fffe", "033824", "0300", "0307", "0328",
		"033831", "03390101"
	};
	struct forge		f;

	(void)state;
	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.algs = only;
	f.alg_count = 1;
	forge_assert_register(&f, "EdDSA", WEBAUTHN_KEY_ALGORITHM);
	forge_creation(&f, WEBAUTHN_ALG_ES256);
	f.algs = only;
	f.alg_count = 1;
	forge_assert_register(&f, "ES256", WEBAUTHN_OK);
	forge_creation(&f, WEBAUTHN_ALG_ES256);
	f.alg_count = 0;
	forge_assert_register(&f, "nothing offered", WEBAUTHN_KEY_ALGORITHM);

	for (size_t i = 0; i < COUNT(others); i++) {
		forge_creation(&f, WEBAUTHN_ALG_ES256);
		f.cose = with(5, ec2, 1, others[i]);
		f.algs = only;
		f.alg_count = 1;
		forge_assert_register(&f, others[i], WEBAUTHN_KEY_ALGORITHM);
	}
	/* offered by mistake, but none that we can verify */
	forge_creation(&f, WEBAUTHN_ALG_ES256);
	f.cose = with(5, ec2, 1, "0339fffe");
	f.algs = (const int32_t[]){ -65535 };
	f.alg_count = 1;
	forge_assert_register(&f, "RS1", WEBAUTHN_KEY_MALFORMED);
}

/* What follows the head of a good RSA key's map. */
static struct base_slice
rsa_pairs(void)
{
	struct base_slice	key = forge_cose(&arena, forge_key(-257,
				    false), -257);

	return ((struct base_slice){ key.data + 1, key.len - 1 });
}

static void
test_webauthn_3_2_098_private_part(void **state)
{
	(void)state;
	expect_key("EC2", with(5, ec2, 5, "23" X32), WEBAUTHN_KEY_MALFORMED);
	expect_key("OKP", with(4, okp, 4, "23" ED32),
	    WEBAUTHN_KEY_MALFORMED);
	/* of RSA, -3 is d already (RFC 8230 table 4) */
	expect_key("RSA", forge_join(&arena, forge_hex(&arena, "a5"),
	    forge_join(&arena, rsa_pairs(), forge_hex(&arena, "224101"))),
	    WEBAUTHN_KEY_MALFORMED);
	/* other labels may come */
	expect_key("unknown label", with(5, ec2, 5, "1864" "01"),
	    WEBAUTHN_OK);
	expect_key("kid", with(5, ec2, 5, "02" "4101"), WEBAUTHN_OK);
}

/* Nothing a request says changes which algorithm verifies. */
static void
test_webauthn_3_2_099_stored_alg_decides(void **state)
{
	static const int32_t	algs[] = { -7, -8, -35, -257, -65535, 0 };
	struct forge		f;

	(void)state;
	for (size_t i = 0; i < COUNT(algs); i++) {
		forge_assertion(&f, WEBAUTHN_ALG_ES256);
		f.stored.alg = algs[i];
		forge_assert_authenticate(&f, "stored alg", algs[i] == -7 ?
		    WEBAUTHN_OK : WEBAUTHN_KEY_BROKEN);
	}
	forge_assertion(&f, WEBAUTHN_ALG_ES256);
	f.stored.spki.len--;
	forge_assert_authenticate(&f, "cut key", WEBAUTHN_KEY_BROKEN);
	forge_assertion(&f, WEBAUTHN_ALG_RS256);
	f.stored.spki.len--;
	forge_assert_authenticate(&f, "cut RSA key", WEBAUTHN_KEY_BROKEN);
	forge_assertion(&f, WEBAUTHN_ALG_RS256);
	f.stored.spki = forge_join(&f.arena, f.stored.spki,
	    forge_hex(&f.arena, "00"));
	forge_assert_authenticate(&f, "longer RSA key", WEBAUTHN_KEY_BROKEN);
	forge_assertion(&f, WEBAUTHN_ALG_RS256);
	f.stored.spki = forge_spki(&f.arena, forge_key(-7, false));
	forge_assert_authenticate(&f, "EC as RSA", WEBAUTHN_KEY_BROKEN);
	forge_assertion(&f, WEBAUTHN_ALG_RS256);
	f.stored.spki.len = 0;
	forge_assert_authenticate(&f, "no key", WEBAUTHN_KEY_BROKEN);
}

/* The key in the data is not the one that made the self attestation. */
static void
test_webauthn_3_2_100_replaced_key(void **state)
{
	static const int32_t	algs[] = { -7, -8, -257 };
	struct forge		f;

	(void)state;
	for (size_t i = 0; i < COUNT(algs); i++) {
		forge_creation(&f, algs[i]);
		f.self = true;
		forge_assert_register(&f, "own", WEBAUTHN_OK);
		forge_creation(&f, algs[i]);
		f.self = true;
		f.cose = forge_cose(&f.arena, forge_key(algs[i], true),
		    algs[i]);
		forge_assert_register(&f, "replaced",
		    WEBAUTHN_ATTESTATION_SIGNATURE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_cose_good),
		cmocka_unit_test(test_webauthn_3_2_087_missing),
		cmocka_unit_test(test_webauthn_3_2_088_repeated),
		cmocka_unit_test(test_webauthn_3_2_089_alg_types),
		cmocka_unit_test(test_webauthn_3_2_090_kty_and_alg),
		cmocka_unit_test(test_webauthn_3_2_091_curve),
		cmocka_unit_test(test_webauthn_3_2_092_coordinate_lengths),
		cmocka_unit_test(test_webauthn_3_2_093_compressed),
		cmocka_unit_test(test_webauthn_3_2_094_off_curve),
		cmocka_unit_test(test_webauthn_3_2_095_ed25519_points),
		cmocka_unit_test(test_webauthn_cose_ed25519_random_points),
		cmocka_unit_test(test_webauthn_3_2_096_rsa),
		cmocka_unit_test(test_webauthn_3_2_097_not_offered),
		cmocka_unit_test(test_webauthn_3_2_098_private_part),
		cmocka_unit_test(test_webauthn_3_2_099_stored_alg_decides),
		cmocka_unit_test(test_webauthn_3_2_100_replaced_key),
	};

	return (cmocka_run_group_tests(tests, open_arena, close_arena));
}
