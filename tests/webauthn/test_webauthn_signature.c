/*
 * Signatures: webauthn_3_2, groups 101 to 109, and that no single bit of
 * what is signed may change.  Group 110 is test_webauthn_fault.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/base_hash.h"
#include "support/forge_assert.h"
#include "webauthn/webauthn_signature.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const int32_t	algs[] = { -7, -8, -35, -257 };

/* An assertion with this signature. */
static void
with_signature(int32_t alg, const char *name, struct base_slice signature,
    enum webauthn_verdict want)
{
	struct forge	f;

	forge_assertion(&f, alg);
	f.signature = signature;
	forge_assert_authenticate(&f, name, want);
}

static void
invalid(int32_t alg, const char *name, struct base_slice signature)
{
	with_signature(alg, name, signature, WEBAUTHN_SIGNATURE_INVALID);
}

/* What is signed: authenticator data, and the hash of the client data. */
static struct base_slice
hash_of(struct base_arena *arena, struct base_slice bytes)
{
	uint8_t	*out = base_arena_new(arena, BASE_SHA256_LEN);

	base_hash_sha256(bytes.data, bytes.len, out);
	return ((struct base_slice){ out, BASE_SHA256_LEN });
}

static struct base_slice
message(struct forge *f)
{
	struct webauthn_authenticate_response	r = forge_asserted(f);

	return (forge_join(&f->arena, r.auth_data, hash_of(&f->arena,
	    r.client_data)));
}

static void
test_webauthn_3_2_101_lengths(void **state)
{
	struct forge	f;

	(void)state;
	for (size_t i = 0; i < COUNT(algs); i++) {
		forge_assertion(&f, algs[i]);
		forge_assert_authenticate(&f, "good", WEBAUTHN_OK);
		forge_assertion(&f, algs[i]);
		invalid(algs[i], "empty", forge_repeat(&f.arena, 0, 0));
		invalid(algs[i], "one byte", forge_repeat(&f.arena, 0x30, 1));
		invalid(algs[i], "64 zeros", forge_repeat(&f.arena, 0, 64));
		invalid(algs[i], "256 zeros", forge_repeat(&f.arena, 0, 256));
		invalid(algs[i], "10 KB", forge_repeat(&f.arena, 0x30,
		    10240));
		forge_clear(&f);
	}
}

/* ----------------------------------------------------------------- ECDSA */

/* DER of two numbers, as the library writes it. */
static struct base_slice
der_of(struct base_arena *arena, const BIGNUM *r, const BIGNUM *s)
{
	ECDSA_SIG		*sig = ECDSA_SIG_new();
	uint8_t			*der = NULL;
	struct base_slice	 out;
	int			 len;

	ECDSA_SIG_set0(sig, BN_dup(r), BN_dup(s));
	len = i2d_ECDSA_SIG(sig, &der);
	out.data = base_arena_copy(arena, der, (size_t)len);
	out.len = (size_t)len;
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	return (out);
}

/* An INTEGER of -"n", which the library does not write: 2^264 - n. */
static struct base_slice
negative(struct base_arena *arena, const BIGNUM *n)
{
	uint8_t	*out = base_arena_new(arena, 35);
	BIGNUM	*t = BN_new();

	BN_set_bit(t, 264);
	BN_sub(t, t, n);
	out[0] = 0x02;
	out[1] = 33;
	assert_int_equal(BN_bn2binpad(t, out + 2, 33), 33);
	BN_free(t);
	return ((struct base_slice){ out, 35 });
}

static struct base_slice
positive(struct base_arena *arena, const BIGNUM *n)
{
	uint8_t	*out = base_arena_new(arena, 35);

	out[0] = 0x02;
	out[1] = (uint8_t)(BN_num_bits(n) / 8 + 1);
	assert_int_equal(BN_bn2binpad(n, out + 2, out[1]), out[1]);
	return ((struct base_slice){ out, (size_t)out[1] + 2 });
}

static struct base_slice
pair_of(struct base_arena *arena, struct base_slice a, struct base_slice b)
{
	struct base_slice	body = forge_join(arena, a, b);
	uint8_t			head[2] = { 0x30, (uint8_t)body.len };

	return (forge_join(arena, (struct base_slice){ head, 2 }, body));
}

/* A good signature in two numbers; the caller frees them. */
static void
numbers(struct base_slice signature, BIGNUM **r, BIGNUM **s)
{
	const uint8_t	*p = signature.data;
	ECDSA_SIG	*sig = d2i_ECDSA_SIG(NULL, &p, (long)signature.len);

	assert_non_null(sig);
	*r = BN_dup(ECDSA_SIG_get0_r(sig));
	*s = BN_dup(ECDSA_SIG_get0_s(sig));
	ECDSA_SIG_free(sig);
}

static BIGNUM *
order(void)
{
	BIGNUM	*n = NULL;

	BN_hex2bn(&n, "ffffffff00000000ffffffffffffffff"
	    "bce6faada7179e84f3b9cac2fc632551");
	return (n);
}

static void
test_webauthn_3_2_102_raw(void **state)
{
	struct forge	 f;
	BIGNUM		*r, *s;
	uint8_t		 raw[64];

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_ES256);
	numbers(forge_asserted(&f).signature, &r, &s);
	BN_bn2binpad(r, raw, 32);
	BN_bn2binpad(s, raw + 32, 32);
	BN_free(r);
	BN_free(s);
	/* of the very message that is sent: the ceremony is always the same */
	invalid(WEBAUTHN_ALG_ES256, "raw", (struct base_slice){ raw, 64 });
	forge_clear(&f);
}

static void
test_webauthn_3_2_103_numbers_out_of_range(void **state)
{
	struct forge	 f;
	BIGNUM		*r, *s, *n = order(), *zero = BN_new(), *t = BN_new();

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_ES256);
	numbers(forge_asserted(&f).signature, &r, &s);
	with_signature(-7, "good", der_of(&f.arena, r, s), WEBAUTHN_OK);
	invalid(-7, "0, 0", der_of(&f.arena, zero, zero));
	invalid(-7, "r = 0", der_of(&f.arena, zero, s));
	invalid(-7, "s = 0", der_of(&f.arena, r, zero));
	invalid(-7, "r = n", der_of(&f.arena, n, s));
	invalid(-7, "s = n", der_of(&f.arena, r, n));
	BN_add(t, r, n);
	invalid(-7, "r + n", der_of(&f.arena, t, s));
	BN_add(t, s, n);
	invalid(-7, "s + n", der_of(&f.arena, r, t));
	with_signature(-7, "by hand", pair_of(&f.arena,
	    positive(&f.arena, r), positive(&f.arena, s)), WEBAUTHN_OK);
	invalid(-7, "-r", pair_of(&f.arena, negative(&f.arena, r),
	    positive(&f.arena, s)));
	invalid(-7, "-s", pair_of(&f.arena, positive(&f.arena, r),
	    negative(&f.arena, s)));
	invalid(-7, "swapped", der_of(&f.arena, s, r));
	forge_clear(&f);
	BN_free(r);
	BN_free(s);
	BN_free(n);
	BN_free(zero);
	BN_free(t);
}

/* A SEQUENCE head of our choice around the two integers. */
static struct base_slice
sequence(struct base_arena *arena, const char *head, struct base_slice body,
    const char *tail)
{
	return (forge_join(arena, forge_join(arena, forge_hex(arena, head),
	    body), forge_hex(arena, tail)));
}

static void
test_webauthn_3_2_104_der(void **state)
{
	struct forge		 f;
	struct base_slice	 good, body, padded;
	char			 head[16];
	size_t			 r_len;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_ES256);
	good = forge_asserted(&f).signature;
	body = (struct base_slice){ good.data + 2, good.len - 2 };
	with_signature(-7, "good", good, WEBAUTHN_OK);
	invalid(-7, "behind it", sequence(&f.arena, "", good, "00"));
	invalid(-7, "cut", (struct base_slice){ good.data, good.len - 1 });

	snprintf(head, sizeof(head), "30%02zx", body.len + 1);
	invalid(-7, "inside it", sequence(&f.arena, head, body, "00"));
	snprintf(head, sizeof(head), "30%02zx", body.len + 3);
	invalid(-7, "a third number", sequence(&f.arena, head, body,
	    "020101"));
	snprintf(head, sizeof(head), "3081%02zx", body.len);
	invalid(-7, "long form", sequence(&f.arena, head, body, ""));
	snprintf(head, sizeof(head), "308200%02zx", body.len);
	invalid(-7, "longer form", sequence(&f.arena, head, body, ""));
	invalid(-7, "indefinite", sequence(&f.arena, "3080", body, "0000"));
	snprintf(head, sizeof(head), "31%02zx", body.len);
	invalid(-7, "a set", sequence(&f.arena, head, body, ""));

	/* one more zero in front of r */
	r_len = body.data[1];
	padded = (struct base_slice){ body.data + 2, body.len - 2 };
	snprintf(head, sizeof(head), "30%02zx02%02zx00", body.len + 1,
	    r_len + 1);
	invalid(-7, "r padded", sequence(&f.arena, head, padded, ""));
	forge_clear(&f);
}

/* It verifies, and its challenge is spent: a replay, not a second sign-in. */
static void
test_webauthn_3_2_105_high_s(void **state)
{
	struct forge	 f;
	BIGNUM		*r, *s, *n = order();

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_ES256);
	numbers(forge_asserted(&f).signature, &r, &s);
	BN_sub(s, n, s);
	with_signature(-7, "twin", der_of(&f.arena, r, s), WEBAUTHN_OK);
	forge_clear(&f);
	BN_free(r);
	BN_free(s);
	BN_free(n);
}

static void
test_webauthn_3_2_106_another_key(void **state)
{
	struct forge	f;

	(void)state;
	for (size_t i = 0; i < COUNT(algs); i++) {
		forge_assertion(&f, algs[i]);
		f.signer = forge_key(algs[i], true);
		forge_assert_authenticate(&f, "another's",
		    WEBAUTHN_SIGNATURE_INVALID);
	}
}

static void
test_webauthn_3_2_107_other_messages(void **state)
{
	struct forge				 f;
	struct webauthn_authenticate_response	 r;
	struct base_slice			 hash, m;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_ES256);
	r = forge_asserted(&f);
	hash = hash_of(&f.arena, r.client_data);
	m = message(&f);
#define SIGNED(digest, bytes)	forge_sign(&f.arena, f.key, digest, bytes)
	with_signature(-7, "right", SIGNED(EVP_sha256(), m), WEBAUTHN_OK);
	invalid(-7, "data only", SIGNED(EVP_sha256(), r.auth_data));
	invalid(-7, "hash only", SIGNED(EVP_sha256(), hash));
	invalid(-7, "not hashed", SIGNED(EVP_sha256(), forge_join(&f.arena,
	    r.auth_data, r.client_data)));
	invalid(-7, "reversed", SIGNED(EVP_sha256(), forge_join(&f.arena,
	    hash, r.auth_data)));
	invalid(-7, "SHA-1", SIGNED(EVP_sha1(), m));
	invalid(-7, "SHA-384", SIGNED(EVP_sha384(), m));
	invalid(-7, "SHA-512", SIGNED(EVP_sha512(), m));
	forge_clear(&f);

	forge_assertion(&f, WEBAUTHN_ALG_RS256);
	m = message(&f);
	with_signature(-257, "right", SIGNED(EVP_sha256(), m), WEBAUTHN_OK);
	invalid(-257, "SHA-1", SIGNED(EVP_sha1(), m));
	invalid(-257, "SHA-512", SIGNED(EVP_sha512(), m));
	forge_clear(&f);
#undef SIGNED
}

/* ------------------------------------------------------------------- RSA */

static struct base_slice
pss(struct forge *f, struct base_slice m)
{
	EVP_MD_CTX	*ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX	*key_ctx = NULL;
	size_t		 len = 256;
	uint8_t		*out = base_arena_new(&f->arena, len);

	assert_int_equal(EVP_DigestSignInit(ctx, &key_ctx, EVP_sha256(), NULL,
	    f->key), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(key_ctx,
	    RSA_PKCS1_PSS_PADDING), 1);
	assert_int_equal(EVP_DigestSign(ctx, out, &len, m.data, m.len), 1);
	EVP_MD_CTX_free(ctx);
	return ((struct base_slice){ out, len });
}

/* The largest number whose cube is not above "value". */
static BIGNUM *
cube_root(const BIGNUM *value)
{
	BIGNUM	*root = BN_new(), *cube = BN_new(), *square = BN_new();
	BN_CTX	*ctx = BN_CTX_new();

	BN_zero(root);
	for (int bit = 700; bit >= 0; bit--) {
		BN_set_bit(root, bit);
		BN_sqr(square, root, ctx);
		BN_mul(cube, square, root, ctx);
		if (BN_cmp(cube, value) > 0)
			BN_clear_bit(root, bit);
	}
	BN_free(cube);
	BN_free(square);
	BN_CTX_free(ctx);
	return (root);
}

/*
 * Bleichenbacher 2006: under e = 3, a number whose cube begins like a padded
 * hash, with the rest of the modulus behind it.
 */
static struct base_slice
forged_cube(struct forge *f, struct base_slice m)
{
	static const uint8_t	front[] = { 0x00, 0x01, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0x00, 0x30, 0x31, 0x30, 0x0d, 0x06,
		0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
		0x05, 0x00, 0x04, 0x20 };
	uint8_t			 block[256];
	uint8_t			*out = base_arena_new(&f->arena, 256);
	BIGNUM			*value, *root;

	memset(block, 0xff, sizeof(block));
	memcpy(block, front, sizeof(front));
	base_hash_sha256(m.data, m.len, block + sizeof(front));
	value = BN_bin2bn(block, sizeof(block), NULL);
	root = cube_root(value);
	BN_bn2binpad(root, out, 256);
	BN_free(value);
	BN_free(root);
	return ((struct base_slice){ out, 256 });
}

static EVP_PKEY *
rsa_e3(void)
{
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY	*key = NULL;
	BIGNUM		*e = BN_new();

	BN_set_word(e, 3);
	EVP_PKEY_keygen_init(ctx);
	EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048);
	EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e);
	assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	return (key);
}

static void
test_webauthn_3_2_108_rsa(void **state)
{
	struct forge		 f;
	struct base_slice	 good, m;
	EVP_PKEY		*e3;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_RS256);
	good = forge_asserted(&f).signature;
	m = message(&f);
	with_signature(-257, "good", good, WEBAUTHN_OK);
	invalid(-257, "PSS", pss(&f, m));
	invalid(-257, "257 bytes", forge_join(&f.arena, good,
	    forge_hex(&f.arena, "00")));
	invalid(-257, "zero in front", forge_join(&f.arena,
	    forge_hex(&f.arena, "00"), good));
	invalid(-257, "255 bytes", (struct base_slice){ good.data, 255 });
	invalid(-257, "without its first", (struct base_slice){
	    good.data + 1, 255 });
	forge_clear(&f);

	/* such a key is refused when it is registered; and were it there: */
	e3 = rsa_e3();
	forge_assertion(&f, WEBAUTHN_ALG_RS256);
	f.key = e3;
	f.stored.spki = forge_spki(&f.arena, e3);
	m = message(&f);
	f.signature = forged_cube(&f, m);
	forge_assert_authenticate(&f, "forged",
	    WEBAUTHN_SIGNATURE_INVALID);
	EVP_PKEY_free(e3);
}

/* --------------------------------------------------------------- Ed25519 */

/* s + L, where L is the order of the group: the same residue. */
static struct base_slice
s_plus_order(struct forge *f, struct base_slice good)
{
	uint8_t	*out = base_arena_copy(&f->arena, good.data, good.len);
	BIGNUM	*s = BN_lebin2bn(good.data + 32, 32, NULL), *l = NULL;

	BN_hex2bn(&l, "1000000000000000000000000000000014def9dea2f79cd6"
	    "5812631a5cf5d3ed");
	BN_add(s, s, l);
	assert_int_equal(BN_bn2lebinpad(s, out + 32, 32), 32);
	BN_free(s);
	BN_free(l);
	return ((struct base_slice){ out, 64 });
}

static void
test_webauthn_3_2_109_ed25519(void **state)
{
	struct forge		 f;
	struct base_slice	 good;
	uint8_t			 small[64] = { 1 };

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	good = forge_asserted(&f).signature;
	with_signature(-8, "good", good, WEBAUTHN_OK);
	invalid(-8, "S + L", s_plus_order(&f, good));
	invalid(-8, "R = identity, S = 0", (struct base_slice){ small, 64 });
	invalid(-8, "63 bytes", (struct base_slice){ good.data, 63 });
	invalid(-8, "65 bytes", forge_join(&f.arena, good,
	    forge_hex(&f.arena, "00")));
	memcpy(small, good.data, 32);
	memset(small + 32, 0, 32);
	invalid(-8, "S = 0", (struct base_slice){ small, 64 });
	memset(small + 32, 0xff, 32);
	invalid(-8, "S all ones", (struct base_slice){ small, 64 });
	forge_clear(&f);
}

/* ------------------------------------------------------------------ bits */

/* All bits where that is quick, every 13th where a check costs more. */
static size_t
step_of(int32_t alg)
{
	return (alg == WEBAUTHN_ALG_ES256 || alg == WEBAUTHN_ALG_EDDSA ? 1 :
	    13);
}

/* Check "r" with one bit of "part" turned over. */
static void
flipped(struct forge *f, struct webauthn_authenticate_response *r,
    struct base_slice *part)
{
	struct webauthn_authenticate_expect	expect = {
		.common = f->expect
	};
	struct base_slice			whole = *part;
	uint8_t					*copy;
	struct webauthn_assertion		out;

	expect.common.origins = f->origins;
	copy = base_arena_copy(&f->arena, whole.data, whole.len);
	part->data = copy;
	assert_int_equal(webauthn_authenticate_check(r, &expect, &f->stored,
	    &out), WEBAUTHN_OK);
	for (size_t bit = 0; bit < 8 * whole.len;
	    bit += step_of(f->alg)) {
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (webauthn_authenticate_check(r, &expect, &f->stored,
		    &out) == WEBAUTHN_OK)
			fail_msg("alg %d, bit %zu", f->alg, bit);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	*part = whole;
}

static void
test_webauthn_signature_assertion_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(algs); i++) {
		struct forge				f;
		struct webauthn_authenticate_response	r;

		forge_assertion(&f, algs[i]);
		r = forge_asserted(&f);
		flipped(&f, &r, &r.auth_data);
		flipped(&f, &r, &r.signature);
		flipped(&f, &r, &r.client_data);
		flipped(&f, &r, &r.id);
		flipped(&f, &r, &r.user_handle);
		forge_clear(&f);
	}
}

/* A self attestation covers all there is, but for its own encoding. */
static void
test_webauthn_signature_creation_bits(void **state)
{
	struct forge				f;
	struct webauthn_register_response	r;
	struct webauthn_register_expect		expect;
	struct webauthn_credential		out;
	uint8_t					*copy;

	(void)state;
	for (size_t i = 0; i < COUNT(algs); i++) {
		forge_creation(&f, algs[i]);
		f.self = true;
		r = forge_created(&f);
		expect = (struct webauthn_register_expect){ f.expect, f.algs,
		    f.alg_count };
		expect.common.origins = f.origins;
		assert_int_equal(webauthn_register_check(&r, &expect, &out),
		    WEBAUTHN_OK);
		copy = base_arena_copy(&f.arena, r.attestation.data,
		    r.attestation.len);
		r.attestation.data = copy;
		for (size_t bit = 0; bit < 8 * r.attestation.len;
		    bit += step_of(algs[i])) {
			copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (webauthn_register_check(&r, &expect,
			    &out) == WEBAUTHN_OK)
				fail_msg("alg %d, bit %zu", algs[i], bit);
			copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		forge_clear(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_3_2_101_lengths),
		cmocka_unit_test(test_webauthn_3_2_102_raw),
		cmocka_unit_test(test_webauthn_3_2_103_numbers_out_of_range),
		cmocka_unit_test(test_webauthn_3_2_104_der),
		cmocka_unit_test(test_webauthn_3_2_105_high_s),
		cmocka_unit_test(test_webauthn_3_2_106_another_key),
		cmocka_unit_test(test_webauthn_3_2_107_other_messages),
		cmocka_unit_test(test_webauthn_3_2_108_rsa),
		cmocka_unit_test(test_webauthn_3_2_109_ed25519),
		cmocka_unit_test(test_webauthn_signature_assertion_bits),
		cmocka_unit_test(test_webauthn_signature_creation_bits),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
