/*
 * Signing keys: RFC examples, what a JWK may look like, keys in and out.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/base_base64url.h"
#include "base/base_hex.h"
#include "base/base_random.h"
#include "jose/jose_jwk_set.h"
#include "jose/jose_key.h"

/* RFC 7638 section 3.1. */
#define N7638	"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT" \
		"86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_" \
		"2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY" \
		"368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD0" \
		"8qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw" \
		"0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
#define X7515	"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define Y7515	"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define X8037	"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define RSA	"{'kty':'RSA','n':'" N7638 "','e':'AQAB'"
#define EC	"{'kty':'EC','crv':'P-256','x':'" X7515 "','y':'" Y7515 "'"
#define OKP	"{'kty':'OKP','crv':'Ed25519','x':'" X8037 "'"

/* JSON with ' for ". */
static json_t *
json_of(const char *text)
{
	char	*copy = strdup(text), *p;
	json_t	*json;

	assert_non_null(copy);
	for (p = copy; *p != '\0'; p++) {
		if (*p == '\'')
			*p = '"';
	}
	json = json_loads(copy, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
	    NULL);
	assert_non_null(json);
	free(copy);

	return (json);
}

static const struct {
	const char	*name;
	const char	*jwk;
	enum jose_alg	 alg;
	bool		 good;
} jwks[] = {
	{ "RSA",		RSA "}", JOSE_RS256, true },
	{ "RSA for PS256",	RSA "}", JOSE_PS256, true },
	{ "alg agrees",		RSA ",'alg':'RS256'}", JOSE_RS256, true },
	{ "use is sig",		EC ",'use':'sig'}", JOSE_ES256, true },
	{ "kid is not ours",	EC ",'kid':'whatever'}", JOSE_ES256, true },
	{ "EC",			EC "}", JOSE_ES256, true },
	{ "Ed25519",		OKP "}", JOSE_EDDSA, true },

	{ "no object",		"[]", JOSE_RS256, false },
	{ "empty",		"{}", JOSE_RS256, false },
	{ "alg differs",	RSA ",'alg':'PS256'}", JOSE_RS256, false },
	{ "alg is HS256",	RSA ",'alg':'HS256'}", JOSE_RS256, false },
	{ "alg is a number",	RSA ",'alg':1}", JOSE_RS256, false },
	{ "use is enc",		RSA ",'use':'enc'}", JOSE_RS256, false },
	{ "private member",	EC ",'d':'AQAB'}", JOSE_ES256, false },
	{ "symmetric member",	RSA ",'k':'AQAB'}", JOSE_RS256, false },
	{ "EC for RSA",		EC "}", JOSE_RS256, false },
	{ "RSA for EC",		RSA "}", JOSE_ES256, false },
	{ "Ed25519 for EC",	OKP "}", JOSE_ES256, false },
	{ "EC for Ed25519",	EC "}", JOSE_EDDSA, false },
	{ "oct",		"{'kty':'oct','k':'AAAA'}", JOSE_RS256, false },
	{ "oct as RSA",		"{'kty':'oct','n':'" N7638 "','e':'AQAB'}",
	    JOSE_RS256, false },
	{ "kty of other case",	"{'kty':'rsa','n':'" N7638 "','e':'AQAB'}",
	    JOSE_RS256, false },
	{ "exponent 1",		"{'kty':'RSA','n':'" N7638 "','e':'AQ'}",
	    JOSE_RS256, false },
	{ "exponent 3",		"{'kty':'RSA','n':'" N7638 "','e':'Aw'}",
	    JOSE_RS256, false },
	{ "exponent even",	"{'kty':'RSA','n':'" N7638 "','e':'AQAC'}",
	    JOSE_RS256, false },
	{ "exponent zero ahead", "{'kty':'RSA','n':'" N7638 "','e':'AAEAAQ'}",
	    JOSE_RS256, false },
	{ "exponent missing",	"{'kty':'RSA','n':'" N7638 "'}", JOSE_RS256,
	    false },
	{ "exponent a number",	"{'kty':'RSA','n':'" N7638 "','e':65537}",
	    JOSE_RS256, false },
	{ "modulus short",	"{'kty':'RSA','n':'0vx7agoebGcQSuuPiLJXZptN9nnd"
	    "rQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSow',"
	    "'e':'AQAB'}", JOSE_RS256, false },
	{ "modulus zero ahead",	"{'kty':'RSA','n':'AN" N7638 "','e':'AQAB'}",
	    JOSE_RS256, false },
	{ "modulus padded",	"{'kty':'RSA','n':'" N7638 "==','e':'AQAB'}",
	    JOSE_RS256, false },
	{ "P-384",		"{'kty':'EC','crv':'P-384','x':'" X7515
	    "','y':'" Y7515 "'}", JOSE_ES256, false },
	{ "no crv",		"{'kty':'EC','x':'" X7515 "','y':'" Y7515
	    "'}", JOSE_ES256, false },
	{ "off the curve",	"{'kty':'EC','crv':'P-256','x':'" Y7515
	    "','y':'" X7515 "'}", JOSE_ES256, false },
	{ "short coordinate",	"{'kty':'EC','crv':'P-256','x':'g83OJ3D2xF1Bg8"
	    "vub9tLe1gHMzV76e8Tus9uPHvRVA','y':'" Y7515 "'}", JOSE_ES256,
	    false },
	{ "long coordinate",	"{'kty':'EC','crv':'P-256','x':'AA" X7515
	    "','y':'" Y7515 "'}", JOSE_ES256, false },
	{ "no y",		"{'kty':'EC','crv':'P-256','x':'" X7515 "'}",
	    JOSE_ES256, false },
	{ "X25519",		"{'kty':'OKP','crv':'X25519','x':'" X8037 "'}",
	    JOSE_EDDSA, false },
	{ "short x",		"{'kty':'OKP','crv':'Ed25519','x':'11qYAQ'}",
	    JOSE_EDDSA, false },
};

static void
test_jose_key_public(void **state)
{
	struct jose_key	*key;
	json_t		*jwk;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(jwks) / sizeof(jwks[0]); i++) {
		jwk = json_of(jwks[i].jwk);
		key = jose_key_public(jwks[i].alg, jwk);
		if ((key != NULL) != jwks[i].good)
			fail_msg("case: %s", jwks[i].name);
		jose_key_free(key);
		json_decref(jwk);
	}
}

/* A modulus whose 2048th bit is clear is a smaller key in 256 bytes. */
static void
test_jose_key_modulus_bits(void **state)
{
	uint8_t	n[513];
	char	text[BASE_BASE64URL_LEN(513) + 1];
	size_t	i;
	static const struct {
		size_t	len;
		uint8_t	first;
		uint8_t	last;
	} bad[] = { { 256, 0x7f, 1 }, { 255, 0xff, 1 }, { 513, 0x01, 1 },
	    { 256, 0x80, 2 } };

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t	*jwk;

		base_random_bytes(n, sizeof(n));
		n[0] = bad[i].first;
		n[bad[i].len - 1] = bad[i].last;
		base_base64url_encode(n, bad[i].len, text);
		jwk = json_pack("{s:s, s:s, s:s}", "kty", "RSA", "n", text,
		    "e", "AQAB");
		assert_null(jose_key_public(JOSE_RS256, jwk));
		json_decref(jwk);
	}
}

static void
test_jose_key_thumbprint(void **state)
{
	static const struct {
		const char	*jwk;
		enum jose_alg	 alg;
		const char	*kid;
	} known[] = {
		{ RSA "}", JOSE_RS256,	/* RFC 7638 section 3.1 */
		    "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" },
		{ OKP "}", JOSE_EDDSA,	/* RFC 8037 A.3 */
		    "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" },
	};
	struct jose_key	*key;
	json_t		*jwk, *out;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		jwk = json_of(known[i].jwk);
		key = jose_key_public(known[i].alg, jwk);
		assert_non_null(key);
		assert_string_equal(jose_key_kid(key), known[i].kid);
		/* And it comes out as it went in, with kid, alg and use. */
		out = jose_key_jwk(key);
		assert_int_equal(json_object_update_missing(jwk, out), 0);
		assert_true(json_equal(jwk, out));
		assert_int_equal(json_object_size(out), 6);
		json_decref(out);
		json_decref(jwk);
		jose_key_free(key);
	}
}

/* RFC 8037 A.1 and A.4: Ed25519 signatures are always the same. */
static void
test_jose_key_rfc8037(void **state)
{
	static const char	text[] = "eyJhbGciOiJFZERTQSJ9."
			    "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
	uint8_t			der[48], out[JOSE_KEY_SIGNATURE_MAX];
	char			signature[BASE_BASE64URL_LEN(64) + 1];
	size_t			len;
	struct jose_key		*key;

	(void)state;
	assert_true(base_hex_decode("302e020100300506032b657004220420", 32,
	    der, 16, &len));
	assert_true(base_base64url_decode(
	    "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", 43, der + 16, 32,
	    &len));
	key = jose_key_private(JOSE_EDDSA, der, sizeof(der));
	assert_non_null(key);
	assert_int_equal(jose_key_sign(key, text, strlen(text), out), 64);
	base_base64url_encode(out, 64, signature);
	assert_string_equal(signature, "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3"
	    "AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
	assert_true(jose_key_verify(key, text, strlen(text), out, 64));
	jose_key_free(key);
}

static const struct {
	enum jose_alg	alg;
	unsigned int	bits;
	size_t		signature_len;
} kinds[] = {
	{ JOSE_RS256, 2048, 256 },
	{ JOSE_PS256, 3072, 384 },
	{ JOSE_ES256, 0, 64 },
	{ JOSE_EDDSA, 0, 64 },
};
#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static struct jose_key	*made[KINDS];

static int
make_keys(void **state)
{
	size_t	i;

	(void)state;
	for (i = 0; i < KINDS; i++) {
		made[i] = jose_key_generate(kinds[i].alg, kinds[i].bits);
		if (made[i] == NULL)
			return (-1);
	}

	return (0);
}

static int
free_keys(void **state)
{
	size_t	i;

	(void)state;
	for (i = 0; i < KINDS; i++)
		jose_key_free(made[i]);

	return (0);
}

/* Signed with the private key, checked with what the JWK says. */
static void
test_jose_key_sign(void **state)
{
	uint8_t	 signature[JOSE_KEY_SIGNATURE_MAX], data[JOSE_KEY_DER_MAX];
	size_t	 i, j, len;
	json_t	*jwk;

	(void)state;
	base_random_bytes(data, sizeof(data));
	for (i = 0; i < KINDS; i++) {
		struct jose_key	*public;

		jwk = jose_key_jwk(made[i]);
		public = jose_key_public(kinds[i].alg, jwk);
		json_decref(jwk);
		assert_non_null(public);
		assert_string_equal(jose_key_kid(public),
		    jose_key_kid(made[i]));
		assert_int_equal(strlen(jose_key_kid(public)),
		    JOSE_KEY_KID_LEN);
		/* Many with one key: a kept context does not wear out. */
		for (j = 0; j < 60; j++) {
			len = jose_key_sign(made[i], data, 16 * j, signature);
			assert_int_equal(len, kinds[i].signature_len);
			assert_true(jose_key_verify(public, data, 16 * j,
			    signature, len));
			assert_false(jose_key_verify(public, data, 16 * j + 1,
			    signature, len));
			assert_false(jose_key_verify(public, data, 16 * j,
			    signature, len - 1));
			assert_false(jose_key_verify(public, data, 16 * j,
			    signature, 0));
		}
		assert_int_equal(jose_key_sign(public, data, 1, signature), 0);
		assert_false(jose_key_private_der(public, data, &len));
		jose_key_free(public);
	}
}

/* RFC 7518 3.4: numbers out of range are refused, not reduced. */
static void
test_jose_key_es256_range(void **state)
{
	static const char	order[] = "ffffffff00000000ffffffffffffffff"
			    "bce6faada7179e84f3b9cac2fc632551";
	uint8_t			bad[4][64] = { { 0 } };
	size_t			i, len;

	(void)state;
	assert_true(base_hex_decode(order, 64, bad[1], 32, &len));
	memcpy(bad[1] + 32, bad[1], 32);
	memset(bad[2], 0xff, 64);
	bad[3][31] = 1;
	for (i = 0; i < 4; i++)
		assert_false(jose_key_verify(made[2], "x", 1, bad[i], 64));
}

/* PS256 takes a salt as long as the digest, RS256 no PSS at all. */
static void
test_jose_key_paddings_apart(void **state)
{
	uint8_t		 signature[JOSE_KEY_SIGNATURE_MAX], der[2048];
	size_t		 len, der_len;
	struct jose_key	*other;

	(void)state;
	assert_true(jose_key_private_der(made[0], der, &der_len));
	other = jose_key_private(JOSE_PS256, der, der_len);
	assert_non_null(other);
	len = jose_key_sign(made[0], "x", 1, signature);
	assert_false(jose_key_verify(other, "x", 1, signature, len));
	len = jose_key_sign(other, "x", 1, signature);
	assert_false(jose_key_verify(made[0], "x", 1, signature, len));
	jose_key_free(other);
}

static void
test_jose_key_der(void **state)
{
	uint8_t		 der[JOSE_KEY_DER_MAX + 1];
	size_t		 i, j, len;
	struct jose_key	*again;

	(void)state;
	for (i = 0; i < KINDS; i++) {
		assert_true(jose_key_private_der(made[i], der, &len));
		again = jose_key_private(kinds[i].alg, der, len);
		assert_non_null(again);
		assert_string_equal(jose_key_kid(again),
		    jose_key_kid(made[i]));
		jose_key_free(again);

		der[len] = 0;
		assert_null(jose_key_private(kinds[i].alg, der, len + 1));
		assert_null(jose_key_private(kinds[i].alg, der, len - 1));
		assert_null(jose_key_private(kinds[i].alg, der, 0));
		for (j = 0; j < KINDS; j++) {
			if ((kinds[i].bits != 0) != (kinds[j].bits != 0) ||
			    (kinds[i].bits == 0 && i != j))
				assert_null(jose_key_private(kinds[j].alg, der,
				    len));
		}
	}
	assert_null(jose_key_generate(JOSE_RS256, 1024));
	assert_null(jose_key_generate(JOSE_RS256, 0));
}

/* A sealed key opens only in its own place. */
static void
test_jose_key_seal(void **state)
{
	uint8_t		 wrapping[BASE_KEY_LEN] = { 7 };
	uint8_t		 sealed[JOSE_KEY_SEALED_MAX];
	size_t		 i, j, len;
	struct jose_key	*again;
	const char	*kid;

	(void)state;
	for (i = 0; i < KINDS; i++) {
		kid = jose_key_kid(made[i]);
		assert_true(jose_key_seal(made[i], wrapping, sealed, &len));
		again = jose_key_unseal(wrapping, kinds[i].alg, kid, sealed,
		    len);
		assert_non_null(again);
		jose_key_free(again);

		assert_null(jose_key_unseal(wrapping, kinds[(i + 1) % 4].alg,
		    kid, sealed, len));
		assert_null(jose_key_unseal(wrapping, kinds[i].alg,
		    jose_key_kid(made[(i + 1) % 4]), sealed, len));
		assert_null(jose_key_unseal(wrapping, kinds[i].alg, kid,
		    sealed, len - 1));
		assert_null(jose_key_unseal(wrapping, kinds[i].alg, kid,
		    sealed, 27));
		assert_null(jose_key_unseal(wrapping, kinds[i].alg, kid,
		    sealed, 0));
		for (j = 0; j < len; j += 5) {
			sealed[j] ^= 0x10;
			assert_null(jose_key_unseal(wrapping, kinds[i].alg,
			    kid, sealed, len));
			sealed[j] ^= 0x10;
		}
		wrapping[31] ^= 1;
		assert_null(jose_key_unseal(wrapping, kinds[i].alg, kid,
		    sealed, len));
		wrapping[31] ^= 1;
	}
}

static void
test_jose_jwk_set(void **state)
{
	struct jose_jwk_set	 set;
	const json_t		*list;
	json_t			*json;
	size_t			 i;

	(void)state;
	jose_jwk_set_init(&set);
	for (i = 0; i < KINDS; i++) {
		json = jose_key_jwk(made[i]);
		assert_true(jose_jwk_set_add(&set,
		    jose_key_public(kinds[i].alg, json)));
		assert_false(jose_jwk_set_add(&set,
		    jose_key_public(kinds[i].alg, json)));
		json_decref(json);
	}
	assert_int_equal(set.count, KINDS);
	assert_ptr_equal(jose_jwk_set_find(&set, jose_key_kid(made[2])),
	    set.keys[2]);
	assert_null(jose_jwk_set_find(&set, ""));
	assert_null(jose_jwk_set_find(&set, "unknown"));

	json = jose_jwk_set_json(&set);
	list = json_object_get(json, "keys");
	assert_int_equal(json_array_size(list), KINDS);
	for (i = 0; i < KINDS; i++) {
		const json_t	*jwk = json_array_get(list, i);

		assert_string_equal(json_string_value(json_object_get(jwk,
		    "kid")), jose_key_kid(made[i]));
		assert_string_equal(json_string_value(json_object_get(jwk,
		    "alg")), jose_key_alg_name(kinds[i].alg));
		assert_null(json_object_get(jwk, "d"));
	}
	json_decref(json);
	jose_jwk_set_clear(&set);
	assert_int_equal(set.count, 0);
}

static void
test_jose_key_alg(void **state)
{
	static const char *const	bad[] = { "", "none", "None", "HS256",
					    "rs256", "RS2567", "RS384",
					    "ES256K", "EDDSA", "Ed25519" };
	enum jose_alg			alg;
	size_t				i;

	(void)state;
	for (i = 0; i < JOSE_ALG_COUNT; i++) {
		assert_true(jose_key_alg_parse(jose_key_alg_name(
		    (enum jose_alg)i), &alg));
		assert_int_equal(alg, i);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(jose_key_alg_parse(bad[i], &alg));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jose_key_public),
		cmocka_unit_test(test_jose_key_modulus_bits),
		cmocka_unit_test(test_jose_key_thumbprint),
		cmocka_unit_test(test_jose_key_rfc8037),
		cmocka_unit_test(test_jose_key_sign),
		cmocka_unit_test(test_jose_key_es256_range),
		cmocka_unit_test(test_jose_key_paddings_apart),
		cmocka_unit_test(test_jose_key_der),
		cmocka_unit_test(test_jose_key_seal),
		cmocka_unit_test(test_jose_jwk_set),
		cmocka_unit_test(test_jose_key_alg),
	};

	return (cmocka_run_group_tests(tests, make_keys, free_keys));
}
