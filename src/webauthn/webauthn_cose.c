#include "webauthn/webauthn_cose.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "base/base_bytes.h"
#include "webauthn/webauthn_cbor.h"

/* Labels (RFC 9052 table 4, RFC 9053 tables 17 to 19, RFC 8230 table 4). */
#define LABEL_KTY	1
#define LABEL_ALG	3
#define LABEL_CRV	(-1)	/* of EC2 and OKP */
#define LABEL_N		(-1)	/* of RSA */
#define LABEL_X		(-2)
#define LABEL_E		(-2)
#define LABEL_Y		(-3)
#define LABEL_D		(-4)	/* private; of RSA -3 already is */

#define POINT_MAX	(1 + 2 * 48)	/* uncompressed P-384 */
#define ED25519_LEN	32

/* What an algorithm demands of its key. */
static const struct rule {
	int32_t			 alg;
	enum webauthn_cose_kty	 kty;
	int64_t			 crv;	/* RFC 9053 table 18 */
	size_t			 len;	/* of a coordinate */
	const char		*group;
} rules[] = {
	{ WEBAUTHN_ALG_ES256, WEBAUTHN_COSE_EC2, 1, 32, "P-256" },
	{ WEBAUTHN_ALG_EDDSA, WEBAUTHN_COSE_OKP, 6, ED25519_LEN, "ED25519" },
	{ WEBAUTHN_ALG_ES384, WEBAUTHN_COSE_EC2, 2, 48, "P-384" },
	{ WEBAUTHN_ALG_RS256, WEBAUTHN_COSE_RSA, 0, 0, "RSA" },
};

static const struct rule *
rule_of(int64_t alg)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].alg == alg)
			return (&rules[i]);
	}
	return (NULL);
}

/* ------------------------------------------------------------- the map */

/* The value of an integer label; NOTHING when it is not there. */
static struct webauthn_cbor_item
member(const struct webauthn_cbor_item *map, int64_t label)
{
	struct webauthn_cbor		inside = map->inside;
	struct webauthn_cbor_item	key, value;

	while (webauthn_cbor_take(&inside, &key) &&
	    webauthn_cbor_take(&inside, &value)) {
		if (key.type == WEBAUTHN_CBOR_INTEGER && key.integer == label)
			return (value);
	}
	return ((struct webauthn_cbor_item){ 0 });
}

static bool
integer_is(const struct webauthn_cbor_item *map, int64_t label, int64_t want)
{
	struct webauthn_cbor_item	item = member(map, label);

	return (item.type == WEBAUTHN_CBOR_INTEGER && item.integer == want);
}

/* A byte string; a boolean "y", the compressed form, is none. */
static bool
bytes_of(const struct webauthn_cbor_item *map, int64_t label,
    struct base_slice *out)
{
	struct webauthn_cbor_item	item = member(map, label);

	if (item.type != WEBAUTHN_CBOR_BYTES || item.string.len == 0)
		return (false);
	*out = item.string;
	return (true);
}

static bool
map_of(struct base_slice bytes, struct webauthn_cbor_item *map)
{
	struct webauthn_cbor	cursor = webauthn_cbor_over(bytes);

	return (webauthn_cbor_expect(&cursor, WEBAUTHN_CBOR_MAP, map) &&
	    webauthn_cbor_done(&cursor));
}

bool
webauthn_cose_alg(struct base_slice bytes, int64_t *alg)
{
	struct webauthn_cbor_item	map, item;

	if (!map_of(bytes, &map))
		return (false);
	item = member(&map, LABEL_ALG);
	if (item.type != WEBAUTHN_CBOR_INTEGER)
		return (false);
	*alg = item.integer;
	return (true);
}

static bool
curve_members(const struct webauthn_cbor_item *map, const struct rule *rule,
    struct webauthn_cose *key)
{
	if (!integer_is(map, LABEL_CRV, rule->crv) ||
	    !bytes_of(map, LABEL_X, &key->x) || key->x.len != rule->len)
		return (false);
	if (rule->kty == WEBAUTHN_COSE_OKP)
		return (true);
	return (bytes_of(map, LABEL_Y, &key->y) && key->y.len == rule->len);
}

/* No leading zeros (RFC 8230 section 4), exponent of at most 32 bits. */
static bool
rsa_members(const struct webauthn_cbor_item *map, struct webauthn_cose *key)
{
	return (bytes_of(map, LABEL_N, &key->n) && key->n.data[0] != 0 &&
	    key->n.len <= WEBAUTHN_COSE_RSA_BITS_MAX / 8 &&
	    bytes_of(map, LABEL_E, &key->e) && key->e.data[0] != 0 &&
	    key->e.len <= 4 &&
	    member(map, LABEL_Y).type == WEBAUTHN_CBOR_NOTHING);
}

enum webauthn_verdict
webauthn_cose_parse(struct base_slice bytes, struct webauthn_cose *out)
{
	struct webauthn_cbor_item	 map;
	struct webauthn_cose		 key = { 0 };
	const struct rule		*rule;
	int64_t				 alg;

	if (bytes.len > WEBAUTHN_COSE_MAX || !webauthn_cose_alg(bytes, &alg) ||
	    (rule = rule_of(alg)) == NULL || !map_of(bytes, &map) ||
	    !integer_is(&map, LABEL_KTY, (int64_t)rule->kty) ||
	    member(&map, LABEL_D).type != WEBAUTHN_CBOR_NOTHING)
		return (WEBAUTHN_KEY_MALFORMED);

	key.kty = rule->kty;
	key.alg = rule->alg;
	if (rule->kty == WEBAUTHN_COSE_RSA ? !rsa_members(&map, &key) :
	    !curve_members(&map, rule, &key))
		return (WEBAUTHN_KEY_MALFORMED);

	*out = key;
	return (WEBAUTHN_OK);
}

/* ------------------------------------------------------------- the key */

static EVP_PKEY *
from_params(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX	*ctx;
	EVP_PKEY	*key = NULL;

	if ((ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL)) == NULL)
		return (NULL);
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return (key);
}

/*
 * Always as 04 | x | y of checked lengths: the library would also take the
 * point at infinity and the compressed and hybrid forms.
 */
static EVP_PKEY *
ec_key(const struct webauthn_cose *cose, const char *group)
{
	uint8_t		point[POINT_MAX];
	char		name[8];
	OSSL_PARAM	params[3];
	size_t		len = cose->x.len;

	if (1 + 2 * len > sizeof(point) || cose->y.len != len ||
	    !base_bytes_text_copy(name, sizeof(name), group, strlen(group)))
		return (NULL);
	point[0] = 0x04;
	memcpy(point + 1, cose->x.data, len);
	memcpy(point + 1 + len, cose->y.data, len);

	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, name, 0);
	params[1] = OSSL_PARAM_construct_octet_string(
	    OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * len);
	params[2] = OSSL_PARAM_construct_end();
	return (from_params("EC", params));
}

/*
 * Is the encoded point (RFC 8032 section 5.1.3) canonical, on the curve, and
 * of an order that is not 1, 2, 4 or 8?  The library takes any 32 bytes, and
 * under a point of small order one signature fits every message.
 *
 * With u = y^2 - 1 and v = d y^2 + 1 there is an x exactly when u/v, and so
 * u v, is a square modulo p.
 */
static bool
ed25519_decodes(const BIGNUM *y, const BIGNUM *p, BN_CTX *ctx)
{
	BIGNUM	*d = BN_CTX_get(ctx), *u = BN_CTX_get(ctx);
	BIGNUM	*v = BN_CTX_get(ctx), *one = BN_CTX_get(ctx);

	/* d = -121665 / 121666 */
	if (one == NULL || BN_one(one) != 1 || BN_set_word(d, 121666) != 1 ||
	    BN_mod_inverse(d, d, p, ctx) == NULL ||
	    BN_mul_word(d, 121665) != 1 || BN_sub(d, p, d) != 1 ||
	    BN_nnmod(d, d, p, ctx) != 1)
		return (false);

	if (BN_mod_sqr(v, y, p, ctx) != 1 ||
	    BN_mod_sub(u, v, one, p, ctx) != 1 ||
	    BN_mod_mul(v, v, d, p, ctx) != 1 ||
	    BN_mod_add(v, v, one, p, ctx) != 1 ||
	    BN_mod_mul(u, u, v, p, ctx) != 1)
		return (false);
	return (BN_kronecker(u, p, ctx) == 1);
}

/* y of the points of order 8, little endian; the others have 0, 1 and -1. */
static const uint8_t	order8[2][ED25519_LEN] = {
	{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
	  0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
	  0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
	{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
	  0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
	  0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
};

static bool
ed25519_point_valid(const uint8_t x[ED25519_LEN])
{
	uint8_t	 y_bytes[ED25519_LEN];
	BN_CTX	*ctx;
	BIGNUM	*p, *y;
	bool	 valid;

	memcpy(y_bytes, x, ED25519_LEN);
	y_bytes[ED25519_LEN - 1] &= 0x7f;	/* the sign of x */
	if (base_bytes_equal(y_bytes, ED25519_LEN, order8[0], ED25519_LEN) ||
	    base_bytes_equal(y_bytes, ED25519_LEN, order8[1], ED25519_LEN))
		return (false);

	if ((ctx = BN_CTX_new()) == NULL)
		return (false);
	BN_CTX_start(ctx);
	p = BN_CTX_get(ctx);
	y = BN_CTX_get(ctx);

	/* p = 2^255 - 19; 1 < y < p - 1 leaves out 0, 1, -1 and y >= p */
	valid = y != NULL && BN_set_bit(p, 255) == 1 &&
	    BN_sub_word(p, 19 + 1) == 1 &&
	    BN_lebin2bn(y_bytes, ED25519_LEN, y) != NULL &&
	    !BN_is_zero(y) && !BN_is_one(y) && BN_cmp(y, p) < 0 &&
	    BN_add_word(p, 1) == 1 && ed25519_decodes(y, p, ctx);

	BN_CTX_end(ctx);
	BN_CTX_free(ctx);
	return (valid);
}

static EVP_PKEY *
okp_key(const struct webauthn_cose *cose)
{
	if (cose->x.len != ED25519_LEN || !ed25519_point_valid(cose->x.data))
		return (NULL);
	return (EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL,
	    cose->x.data, cose->x.len));
}

static EVP_PKEY *
rsa_from(const BIGNUM *n, const BIGNUM *e)
{
	OSSL_PARAM_BLD	*build;
	OSSL_PARAM	*params = NULL;
	EVP_PKEY	*key = NULL;

	if ((build = OSSL_PARAM_BLD_new()) == NULL)
		return (NULL);
	if (OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
	    (params = OSSL_PARAM_BLD_to_param(build)) != NULL)
		key = from_params("RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	return (key);
}

/* A modulus of 512 bits with e = 1 would load, and verify anything. */
static EVP_PKEY *
rsa_key(const struct webauthn_cose *cose)
{
	BIGNUM		*n, *e;
	EVP_PKEY	*key = NULL;

	n = BN_bin2bn(cose->n.data, (int)cose->n.len, NULL);
	e = BN_bin2bn(cose->e.data, (int)cose->e.len, NULL);
	if (n != NULL && e != NULL && BN_is_odd(n) && BN_is_odd(e) &&
	    BN_num_bits(n) >= WEBAUTHN_COSE_RSA_BITS_MIN &&
	    BN_num_bits(n) <= WEBAUTHN_COSE_RSA_BITS_MAX &&
	    BN_get_word(e) >= 65537)
		key = rsa_from(n, e);
	BN_free(n);
	BN_free(e);
	return (key);
}

/* On the curve and not infinity; a modulus that is no prime power. */
static bool
checks(EVP_PKEY *key)
{
	EVP_PKEY_CTX	*ctx;
	bool		 good;

	if ((ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL)) == NULL)
		return (false);
	good = EVP_PKEY_public_check(ctx) == 1;
	EVP_PKEY_CTX_free(ctx);
	return (good);
}

static EVP_PKEY *
key_of(const struct webauthn_cose *cose)
{
	const struct rule	*rule = rule_of(cose->alg);

	if (rule == NULL || rule->kty != cose->kty)
		return (NULL);
	switch (cose->kty) {
	case WEBAUTHN_COSE_EC2:
		return (ec_key(cose, rule->group));
	case WEBAUTHN_COSE_OKP:
		return (okp_key(cose));
	case WEBAUTHN_COSE_RSA:
		return (rsa_key(cose));
	}
	return (NULL);
}

enum webauthn_verdict
webauthn_cose_spki(const struct webauthn_cose *cose,
    uint8_t out[WEBAUTHN_SPKI_MAX], size_t *out_len)
{
	enum webauthn_verdict	 verdict = WEBAUTHN_KEY_WEAK;
	EVP_PKEY		*key;
	uint8_t			*der = NULL;
	int			 len;

	if ((key = key_of(cose)) == NULL)
		return (WEBAUTHN_KEY_WEAK);

	if (checks(key) && (len = i2d_PUBKEY(key, &der)) > 0 &&
	    len <= WEBAUTHN_SPKI_MAX) {
		memcpy(out, der, (size_t)len);
		*out_len = (size_t)len;
		verdict = WEBAUTHN_OK;
	}
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return (verdict);
}
