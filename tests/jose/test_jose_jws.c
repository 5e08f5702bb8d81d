/*
 * Signed tokens: RFC examples, every way a token can be wrong, and what an
 * independent reader (libjwt) makes of ours.
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
#include <jwt.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/base_base64url.h"
#include "jose/jose_jws.h"

#define CLAIMS	"{\"iss\":\"https://id.example.com\",\"sub\":\"a\",\"n\":1}"

static struct jose_key	*keys[JOSE_ALG_COUNT];

/* Any header over any payload, with a good signature of the ES256 key. */
static void
forge_parts(const struct jose_key *key, const char *header,
    const char *payload, char *out)
{
	uint8_t	signature[JOSE_KEY_SIGNATURE_MAX];
	size_t	len;

	base_base64url_encode(header, strlen(header), out);
	len = strlen(out);
	out[len++] = '.';
	base_base64url_encode(payload, strlen(payload), out + len);
	len = strlen(out);
	out[len] = '.';
	base_base64url_encode(signature, jose_key_sign(key, out, len,
	    signature), out + len + 1);
}

static enum jose_jws_verdict
verdict_of(const char *token, size_t len, const struct jose_key *key)
{
	struct jose_jws		 jws;
	enum jose_jws_verdict	 verdict;
	json_t			*claims = NULL;

	if ((verdict = jose_jws_parse(token, len, &jws)) != JOSE_JWS_OK)
		return (verdict);
	verdict = jose_jws_verify(&jws, key, &claims);
	assert_true((verdict == JOSE_JWS_OK) == (claims != NULL));
	json_decref(claims);

	return (verdict);
}

/* RFC 7515 A.2 and A.3. */
static const struct {
	enum jose_alg	 alg;
	const char	*jwk;
	const char	*token;
} rfc[] = {
	{ JOSE_RS256,
	    "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\""
	    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp"
	    "-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOW"
	    "vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs"
	    "LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k"
	    "G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
	    "PAcDTW9gb54h4FRWyuXpoQ\"}",
	    "eyJhbGciOiJSUzI1NiJ9"
	    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGF"
	    "tcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh"
	    "7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX"
	    "4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7"
	    "K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPq"
	    "vhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVr"
	    "Bp0igcN_IoypGlUPQGe77Rw" },
	{ JOSE_ES256,
	    "{\"kty\":\"EC\",\"crv\":\"P-256\","
	    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
	    "eyJhbGciOiJFUzI1NiJ9"
	    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGF"
	    "tcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlS"
	    "ApmWQxfKTUJqPP3-Kg6NU1Q" },
};

static void
test_jose_jws_rfc7515(void **state)
{
	struct jose_jws	 jws;
	struct jose_key	*key;
	json_t		*jwk, *claims;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(rfc) / sizeof(rfc[0]); i++) {
		jwk = json_loads(rfc[i].jwk, JSON_REJECT_DUPLICATES, NULL);
		key = jose_key_public(rfc[i].alg, jwk);
		assert_non_null(key);
		assert_int_equal(jose_jws_parse(rfc[i].token,
		    strlen(rfc[i].token), &jws), JOSE_JWS_OK);
		assert_int_equal(jws.alg, rfc[i].alg);
		assert_string_equal(jws.kid, "");
		assert_string_equal(jws.typ, "");
		assert_int_equal(jose_jws_verify(&jws, key, &claims),
		    JOSE_JWS_OK);
		assert_string_equal(json_string_value(json_object_get(claims,
		    "iss")), "joe");
		assert_int_equal(json_integer_value(json_object_get(claims,
		    "exp")), 1300819380);
		json_decref(claims);
		json_decref(jwk);
		jose_key_free(key);
	}
}

/* No bit of header, payload or signature can change. */
static void
test_jose_jws_every_bit(void **state)
{
	char	token[2048];
	size_t	i, bit, len;

	(void)state;
	for (i = 0; i < JOSE_ALG_COUNT; i++) {
		assert_true(jose_jws_sign(keys[i], "at+jwt", CLAIMS,
		    strlen(CLAIMS), token, sizeof(token), &len));
		assert_int_equal(strlen(token), len);
		assert_int_equal(verdict_of(token, len, keys[i]),
		    JOSE_JWS_OK);
		for (bit = 0; bit < len * 8; bit++) {
			token[bit / 8] = (char)(token[bit / 8] ^
			    1 << bit % 8);
			if (verdict_of(token, len, keys[i]) == JOSE_JWS_OK)
				fail_msg("alg %zu, bit %zu", i, bit);
			token[bit / 8] = (char)(token[bit / 8] ^
			    1 << bit % 8);
		}
		for (bit = 0; bit < len; bit++)
			assert_int_not_equal(verdict_of(token, bit, keys[i]),
			    JOSE_JWS_OK);
		token[len] = 'A';
		assert_int_not_equal(verdict_of(token, len + 1, keys[i]),
		    JOSE_JWS_OK);
	}
}

/* A good signature over a bad header (R4.1, R4.4 to R4.7). */
static const struct {
	const char		*name;
	const char		*header;
	enum jose_jws_verdict	 want;
} headers[] = {
	{ "as it must be", "{\"alg\":\"ES256\"}", JOSE_JWS_OK },
	{ "kid and typ", "{\"alg\":\"ES256\",\"kid\":\"k\",\"typ\":\"JWT\"}",
	    JOSE_JWS_OK },
	{ "jwk is not looked at", "{\"alg\":\"ES256\",\"jwk\":{\"kty\":\"oct\""
	    "}}", JOSE_JWS_OK },
	{ "jku is not looked at", "{\"alg\":\"ES256\",\"jku\":\"x\"}",
	    JOSE_JWS_OK },
	{ "none", "{\"alg\":\"none\"}", JOSE_JWS_ALG },
	{ "None", "{\"alg\":\"None\"}", JOSE_JWS_ALG },
	{ "NONE", "{\"alg\":\"NONE\"}", JOSE_JWS_ALG },
	{ "no alg", "{}", JOSE_JWS_ALG },
	{ "alg null", "{\"alg\":null}", JOSE_JWS_ALG },
	{ "alg a list", "{\"alg\":[\"ES256\"]}", JOSE_JWS_ALG },
	{ "HS256", "{\"alg\":\"HS256\"}", JOSE_JWS_ALG },
	{ "HS384", "{\"alg\":\"HS384\"}", JOSE_JWS_ALG },
	{ "HS512", "{\"alg\":\"HS512\"}", JOSE_JWS_ALG },
	{ "ES384", "{\"alg\":\"ES384\"}", JOSE_JWS_ALG },
	{ "es256", "{\"alg\":\"es256\"}", JOSE_JWS_ALG },
	{ "another of ours", "{\"alg\":\"RS256\"}", JOSE_JWS_ALG },
	{ "alg twice", "{\"alg\":\"ES256\",\"alg\":\"ES256\"}",
	    JOSE_JWS_MALFORMED },
	{ "kid twice", "{\"alg\":\"ES256\",\"kid\":\"a\",\"kid\":\"b\"}",
	    JOSE_JWS_MALFORMED },
	{ "twice inside", "{\"alg\":\"ES256\",\"x\":{\"a\":1,\"a\":2}}",
	    JOSE_JWS_MALFORMED },
	{ "crit", "{\"alg\":\"ES256\",\"crit\":[\"exp\"],\"exp\":1}",
	    JOSE_JWS_HEADER },
	{ "crit empty", "{\"alg\":\"ES256\",\"crit\":[]}", JOSE_JWS_HEADER },
	{ "b64 false", "{\"alg\":\"ES256\",\"b64\":false}", JOSE_JWS_HEADER },
	{ "b64 true", "{\"alg\":\"ES256\",\"b64\":true}", JOSE_JWS_HEADER },
	{ "kid a number", "{\"alg\":\"ES256\",\"kid\":1}", JOSE_JWS_HEADER },
	{ "typ null", "{\"alg\":\"ES256\",\"typ\":null}", JOSE_JWS_HEADER },
	{ "typ too long", "{\"alg\":\"ES256\",\"typ\":\"0123456789012345678901"
	    "234567890123456789012345678901234567890123456789\"}",
	    JOSE_JWS_HEADER },
	{ "no object", "[\"ES256\"]", JOSE_JWS_MALFORMED },
	{ "a text", "\"ES256\"", JOSE_JWS_MALFORMED },
	{ "something behind", "{\"alg\":\"ES256\"}x", JOSE_JWS_MALFORMED },
	{ "not JSON", "{alg:ES256}", JOSE_JWS_MALFORMED },
	{ "NUL escaped", "{\"alg\":\"ES256\",\"kid\":\"a\\u0000b\"}",
	    JOSE_JWS_MALFORMED },
	{ "invalid UTF-8", "{\"alg\":\"ES256\",\"kid\":\"\xff\"}",
	    JOSE_JWS_MALFORMED },
	{ "deep", "{\"alg\":\"ES256\",\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}",
	    JOSE_JWS_MALFORMED },
	{ "brackets in a text", "{\"alg\":\"ES256\",\"x\":\"\\\"[[[[[[[[[[[[[["
	    "[[[[[[[[[[\"}", JOSE_JWS_OK },
};

static void
test_jose_jws_headers(void **state)
{
	char	token[2048];
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		forge_parts(keys[JOSE_ES256], headers[i].header, CLAIMS,
		    token);
		if (verdict_of(token, strlen(token), keys[JOSE_ES256]) !=
		    headers[i].want)
			fail_msg("case: %s", headers[i].name);
	}
}

/* A good signature over a bad payload. */
static void
test_jose_jws_payloads(void **state)
{
	static const char *const	bad[] = { "[]", "\"x\"", "1", "null",
	    "{\"a\":1,\"a\":2}", "{\"a\":1}}", "{\"a\":1} x", "{", "{\"a\":01}",
	    "{\"a\":\"\\u0000\"}", "{\"a\":1e999}",
	    "{\"a\":99999999999999999999}", "{\"a\":\"\xc3\"}",
	    "{\"a\":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}" };
	char				token[2048];
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		forge_parts(keys[JOSE_ES256], "{\"alg\":\"ES256\"}", bad[i],
		    token);
		if (verdict_of(token, strlen(token), keys[JOSE_ES256]) !=
		    JOSE_JWS_MALFORMED)
			fail_msg("payload: %s", bad[i]);
	}
}

/* The compact form itself (R4.7, R4.12, R4.17). */
static void
test_jose_jws_form(void **state)
{
	static char	 token[JOSE_JWS_MAX + 4];
	char		 good[2048], five[4096], *dot, *last;
	size_t		 len;

	(void)state;
	forge_parts(keys[JOSE_ES256], "{\"alg\":\"ES256\"}", CLAIMS, good);
	len = strlen(good);
	dot = strchr(good, '.');
	last = strrchr(good, '.');

#define REFUSED(...)	do {						\
	(void)snprintf(five, sizeof(five), __VA_ARGS__);		\
	if (verdict_of(five, strlen(five), keys[JOSE_ES256]) !=		\
	    JOSE_JWS_MALFORMED)						\
		fail_msg("token: %s", five);				\
} while (0)
	REFUSED("%s", "");
	REFUSED("%s", ".");
	REFUSED("%s", "..");
	REFUSED("%s", "a.b");
	REFUSED("%s", "a.b.c.d.e");
	REFUSED("%s.", good);
	REFUSED("%s.x", good);
	REFUSED("%s.x.y", good);
	REFUSED(".%s", good);
	REFUSED("%s=", good);
	REFUSED("%s\n", good);
	REFUSED(" %s", good);
	REFUSED("%.*s", (int)(last - good), good);
	REFUSED("%.*s.", (int)(last - good), good);
	REFUSED("%.*s..%s", (int)(dot - good), good, last + 1);
	REFUSED("%s", dot);
#undef REFUSED

	memset(token, '.', JOSE_JWS_MAX);
	assert_int_equal(verdict_of(token, JOSE_JWS_MAX, keys[0]),
	    JOSE_JWS_MALFORMED);
	memset(token, 'A', JOSE_JWS_MAX + 1);
	assert_int_equal(verdict_of(token, JOSE_JWS_MAX, keys[0]),
	    JOSE_JWS_MALFORMED);
	assert_int_equal(verdict_of(token, JOSE_JWS_MAX + 1, keys[0]),
	    JOSE_JWS_TOO_LONG);
	/* A NUL does not end it. */
	good[len] = '\0';
	assert_int_equal(verdict_of(good, len + 1, keys[JOSE_ES256]),
	    JOSE_JWS_MALFORMED);
}

/* The largest token we read, to the byte. */
static void
test_jose_jws_largest(void **state)
{
	static char	payload[JOSE_JWS_MAX], token[2 * JOSE_JWS_MAX];
	size_t		n, len = 0;

	(void)state;
	for (n = 5900; n < JOSE_JWS_MAX; n++) {
		memset(payload, ' ', n);
		memcpy(payload, "{\"a\":\"", 6);
		memcpy(payload + n - 2, "\"}", 2);
		assert_true(jose_jws_sign(keys[JOSE_EDDSA], NULL, payload, n,
		    token, sizeof(token), &len));
		if (len > JOSE_JWS_MAX)
			break;
		assert_int_equal(verdict_of(token, len, keys[JOSE_EDDSA]),
		    JOSE_JWS_OK);
	}
	assert_int_equal(verdict_of(token, len, keys[JOSE_EDDSA]),
	    JOSE_JWS_TOO_LONG);
}

static void
test_jose_jws_sign(void **state)
{
	struct jose_jws	 jws;
	char		 token[2048];
	size_t		 len, size;
	json_t		*claims;

	(void)state;
	assert_true(jose_jws_sign(keys[JOSE_ES256], "logout+jwt", CLAIMS,
	    strlen(CLAIMS), token, sizeof(token), &len));
	assert_int_equal(jose_jws_parse(token, len, &jws), JOSE_JWS_OK);
	assert_string_equal(jws.typ, "logout+jwt");
	assert_string_equal(jws.kid, jose_key_kid(keys[JOSE_ES256]));
	assert_int_equal(jose_jws_verify(&jws, keys[JOSE_ES256], &claims),
	    JOSE_JWS_OK);
	assert_int_equal(json_object_size(claims), 3);
	json_decref(claims);
	/* Another key of the same algorithm. */
	assert_int_equal(jose_jws_verify(&jws, keys[JOSE_RS256], &claims),
	    JOSE_JWS_ALG);

	/* Never past "size". */
	for (size = 0; size < len; size++) {
		memset(token, '#', sizeof(token));
		if (jose_jws_sign(keys[JOSE_ES256], NULL, CLAIMS,
		    strlen(CLAIMS), token, size, &len))
			fail_msg("size %zu", size);
		assert_int_equal(token[size], '#');
	}
}

/* The public half as PEM, for libjwt. */
static char *
pem_of(const struct jose_key *key, int *pem_len)
{
	uint8_t			 der[JOSE_KEY_DER_MAX];
	const uint8_t		*p = der;
	size_t			 len;
	PKCS8_PRIV_KEY_INFO	*info;
	EVP_PKEY		*pkey;
	BIO			*bio = BIO_new(BIO_s_mem());
	char			*data, *pem;

	assert_true(jose_key_private_der(key, der, &len));
	info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)len);
	pkey = EVP_PKCS82PKEY(info);
	assert_non_null(pkey);
	assert_int_equal(PEM_write_bio_PUBKEY(bio, pkey), 1);
	*pem_len = (int)BIO_get_mem_data(bio, &data);
	pem = strndup(data, (size_t)*pem_len);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	PKCS8_PRIV_KEY_INFO_free(info);

	return (pem);
}

/* libjwt knows two of our four algorithms, and no typ but JWT. */
static void
test_jose_jws_libjwt(void **state)
{
	static const enum jose_alg	algs[] = { JOSE_RS256, JOSE_ES256 };
	static const jwt_alg_t		theirs[] = { JWT_ALG_RS256,
					    JWT_ALG_ES256 };
	char				token[2048], *pem;
	size_t				i, len;
	int				pem_len;
	jwt_t				*jwt;

	(void)state;
	for (i = 0; i < 2; i++) {
		pem = pem_of(keys[algs[i]], &pem_len);
		assert_true(jose_jws_sign(keys[algs[i]], NULL, CLAIMS,
		    strlen(CLAIMS), token, sizeof(token), &len));
		assert_int_equal(jwt_decode(&jwt, token,
		    (const unsigned char *)pem, pem_len), 0);
		assert_int_equal(jwt_get_alg(jwt), theirs[i]);
		assert_string_equal(jwt_get_grant(jwt, "iss"),
		    "https://id.example.com");
		assert_string_equal(jwt_get_header(jwt, "kid"),
		    jose_key_kid(keys[algs[i]]));
		jwt_free(jwt);

		/* And it is awake: a changed payload is refused. */
		strchr(token, '.')[5] ^= 1;
		assert_int_not_equal(jwt_decode(&jwt, token,
		    (const unsigned char *)pem, pem_len), 0);
		free(pem);
	}
}

/* R4.1: our public key as an HMAC secret, as libjwt would make it. */
static void
test_jose_jws_confusion(void **state)
{
	static const jwt_alg_t	theirs[] = { JWT_ALG_HS256, JWT_ALG_HS384,
				    JWT_ALG_HS512, JWT_ALG_NONE };
	char			*pem, *token;
	int			 pem_len;
	jwt_t			*jwt;
	size_t			 i;

	(void)state;
	pem = pem_of(keys[JOSE_RS256], &pem_len);
	for (i = 0; i < 4; i++) {
		assert_int_equal(jwt_new(&jwt), 0);
		assert_int_equal(jwt_add_grant(jwt, "iss", "x"), 0);
		assert_int_equal(jwt_set_alg(jwt, theirs[i], i == 3 ? NULL :
		    (const unsigned char *)pem, i == 3 ? 0 : pem_len), 0);
		token = jwt_encode_str(jwt);
		assert_non_null(token);
		assert_int_equal(verdict_of(token, strlen(token),
		    keys[JOSE_RS256]), i == 3 ? JOSE_JWS_MALFORMED :
		    JOSE_JWS_ALG);
		free(token);
		jwt_free(jwt);
	}
	free(pem);
}

static int
make_keys(void **state)
{
	int	i;

	(void)state;
	for (i = 0; i < JOSE_ALG_COUNT; i++) {
		keys[i] = jose_key_generate((enum jose_alg)i, 2048);
		if (keys[i] == NULL)
			return (-1);
	}

	return (0);
}

static int
free_keys(void **state)
{
	int	i;

	(void)state;
	for (i = 0; i < JOSE_ALG_COUNT; i++)
		jose_key_free(keys[i]);

	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jose_jws_rfc7515),
		cmocka_unit_test(test_jose_jws_every_bit),
		cmocka_unit_test(test_jose_jws_headers),
		cmocka_unit_test(test_jose_jws_payloads),
		cmocka_unit_test(test_jose_jws_form),
		cmocka_unit_test(test_jose_jws_largest),
		cmocka_unit_test(test_jose_jws_sign),
		cmocka_unit_test(test_jose_jws_libjwt),
		cmocka_unit_test(test_jose_jws_confusion),
	};

	return (cmocka_run_group_tests(tests, make_keys, free_keys));
}
