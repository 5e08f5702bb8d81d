#include "jose/jose_key_jwk.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "base/base_base64url.h"

#define MODULUS_MIN	256	/* bytes of 2048 bits */
#define MODULUS_MAX	512
#define EXPONENT_MAX	8
#define COORDINATE_LEN	32	/* of P-256, and of an Ed25519 key */

/* A base64url member; its length, or 0 when it is none or does not fit. */
static size_t
jwk_bytes(const json_t *jwk, const char *name, uint8_t *out, size_t size)
{
	const json_t	*value = json_object_get(jwk, name);
	size_t		 len;

	if (!json_is_string(value) ||
	    !base_base64url_decode(json_string_value(value),
	    json_string_length(value), out, size, &len))
		return (0);

	return (len);
}

static bool
jwk_says(const json_t *jwk, const char *name, const char *want)
{
	const json_t	*value = json_object_get(jwk, name);

	return (json_is_string(value) &&
	    strcmp(json_string_value(value), want) == 0);
}

/* What stands beside the numbers: nothing private, nothing that disagrees. */
static bool
jwk_fits(enum jose_alg alg, const json_t *jwk)
{
	static const char *const	private[] = { "d", "p", "q", "dp",
					    "dq", "qi", "oth", "k" };
	size_t				i;

	if (!json_is_object(jwk))
		return (false);
	for (i = 0; i < sizeof(private) / sizeof(private[0]); i++) {
		if (json_object_get(jwk, private[i]) != NULL)
			return (false);
	}
	if (json_object_get(jwk, "alg") != NULL &&
	    !jwk_says(jwk, "alg", jose_key_alg_name(alg)))
		return (false);
	if (json_object_get(jwk, "use") != NULL &&
	    !jwk_says(jwk, "use", "sig"))
		return (false);

	return (true);
}

/* "params" is consumed. */
static EVP_PKEY *
pkey_from(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX	*ctx;
	EVP_PKEY	*pkey = NULL;

	ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	if (ctx == NULL || params == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
		ERR_clear_error();
	}
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);

	return (pkey);
}

/* The key, when it passes the library's own check. */
static EVP_PKEY *
pkey_checked(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX	*check = NULL;

	if (pkey == NULL ||
	    (check = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL)) == NULL ||
	    EVP_PKEY_public_check(check) != 1) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
		ERR_clear_error();
	}
	EVP_PKEY_CTX_free(check);

	return (pkey);
}

/*
 * RFC 7518 section 6.3.1: no zero bytes in front.  The library's check of an
 * RSA key would look for small factors and whether the modulus is a prime: 4
 * ms each, and it protects nobody but who made the key.
 */
static bool
rsa_numbers_valid(const uint8_t *n, size_t n_len, const uint8_t *e,
    size_t e_len)
{
	if (n_len < MODULUS_MIN || n[0] == 0 || (n[n_len - 1] & 1) == 0 ||
	    (n_len == MODULUS_MIN && (n[0] & 0x80) == 0))
		return (false);

	/* Odd, and at least 65537. */
	return (e_len >= 3 && e[0] != 0 && (e[e_len - 1] & 1) == 1);
}

static EVP_PKEY *
parse_rsa(const json_t *jwk)
{
	uint8_t		 n[MODULUS_MAX], e[EXPONENT_MAX];
	size_t		 n_len, e_len;
	OSSL_PARAM_BLD	*build;
	OSSL_PARAM	*params = NULL;
	BIGNUM		*bn, *be;

	n_len = jwk_bytes(jwk, "n", n, sizeof(n));
	e_len = jwk_bytes(jwk, "e", e, sizeof(e));
	if (!jwk_says(jwk, "kty", "RSA") ||
	    !rsa_numbers_valid(n, n_len, e, e_len))
		return (NULL);

	build = OSSL_PARAM_BLD_new();
	bn = BN_bin2bn(n, (int)n_len, NULL);
	be = BN_bin2bn(e, (int)e_len, NULL);
	if (build != NULL && bn != NULL && be != NULL &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, bn) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, be) == 1)
		params = OSSL_PARAM_BLD_to_param(build);
	OSSL_PARAM_BLD_free(build);
	BN_free(bn);
	BN_free(be);

	return (pkey_from("RSA", params));
}

static EVP_PKEY *
parse_ec(const json_t *jwk)
{
	uint8_t		 point[1 + 2 * COORDINATE_LEN];
	OSSL_PARAM_BLD	*build;
	OSSL_PARAM	*params = NULL;

	point[0] = POINT_CONVERSION_UNCOMPRESSED;
	if (!jwk_says(jwk, "kty", "EC") || !jwk_says(jwk, "crv", "P-256") ||
	    jwk_bytes(jwk, "x", point + 1, COORDINATE_LEN) !=
	    COORDINATE_LEN ||
	    jwk_bytes(jwk, "y", point + 1 + COORDINATE_LEN,
	    COORDINATE_LEN) != COORDINATE_LEN)
		return (NULL);

	build = OSSL_PARAM_BLD_new();
	if (build != NULL && OSSL_PARAM_BLD_push_utf8_string(build,
	    OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
	    point, sizeof(point)) == 1)
		params = OSSL_PARAM_BLD_to_param(build);
	OSSL_PARAM_BLD_free(build);

	return (pkey_checked(pkey_from("EC", params)));	/* on the curve */
}

static EVP_PKEY *
parse_okp(const json_t *jwk)
{
	uint8_t	x[COORDINATE_LEN];

	if (!jwk_says(jwk, "kty", "OKP") || !jwk_says(jwk, "crv", "Ed25519") ||
	    jwk_bytes(jwk, "x", x, sizeof(x)) != sizeof(x))
		return (NULL);

	return (EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, x,
	    sizeof(x)));
}

EVP_PKEY *
jose_key_jwk_parse(enum jose_alg alg, const json_t *jwk)
{
	if (!jwk_fits(alg, jwk))
		return (NULL);

	switch (alg) {
	case JOSE_RS256:
	case JOSE_PS256:
		return (parse_rsa(jwk));
	case JOSE_ES256:
		return (parse_ec(jwk));
	case JOSE_EDDSA:
		return (parse_okp(jwk));
	case JOSE_ALG_COUNT:
		break;
	}

	return (NULL);
}

static json_t *
text_of(const uint8_t *data, size_t len)
{
	char	text[BASE_BASE64URL_LEN(MODULUS_MAX) + 1];

	base_base64url_encode(data, len, text);

	return (json_string(text));
}

/* A number of the key, "len" bytes long, or as short as it is for 0. */
static json_t *
number_of(const EVP_PKEY *pkey, const char *name, int len)
{
	uint8_t	 data[MODULUS_MAX];
	BIGNUM	*bn = NULL;
	json_t	*json = NULL;

	if (EVP_PKEY_get_bn_param(pkey, name, &bn) == 1) {
		if (len == 0)
			len = BN_num_bytes(bn);
		if (len <= (int)sizeof(data) &&
		    BN_bn2binpad(bn, data, len) == len)
			json = text_of(data, (size_t)len);
	}
	BN_free(bn);

	return (json);
}

static json_t *
raw_of(const EVP_PKEY *pkey)
{
	uint8_t	x[COORDINATE_LEN];
	size_t	len = sizeof(x);

	if (EVP_PKEY_get_raw_public_key(pkey, x, &len) != 1)
		return (NULL);

	return (text_of(x, len));
}

json_t *
jose_key_jwk_format(enum jose_alg alg, const EVP_PKEY *pkey)
{
	switch (alg) {
	case JOSE_RS256:
	case JOSE_PS256:
		return (json_pack("{s:s, s:o, s:o}", "kty", "RSA",
		    "n", number_of(pkey, OSSL_PKEY_PARAM_RSA_N, 0),
		    "e", number_of(pkey, OSSL_PKEY_PARAM_RSA_E, 0)));
	case JOSE_ES256:
		return (json_pack("{s:s, s:s, s:o, s:o}", "kty", "EC",
		    "crv", "P-256",
		    "x", number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_X,
		    COORDINATE_LEN),
		    "y", number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_Y,
		    COORDINATE_LEN)));
	case JOSE_EDDSA:
		return (json_pack("{s:s, s:s, s:o}", "kty", "OKP",
		    "crv", "Ed25519", "x", raw_of(pkey)));
	case JOSE_ALG_COUNT:
		break;
	}

	return (NULL);
}
