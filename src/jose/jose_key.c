/*
 * RSA and ECDSA sign a digest that base_hash makes, through a context that is
 * prepared once and used again and again.  Ed25519 digests by itself and its
 * context serves once, so a prepared one is copied.
 */

#include "jose/jose_key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/base_aead.h"
#include "base/base_base64url.h"
#include "base/base_hash.h"
#include "jose/jose_key_jwk.h"

#define ES256_NUMBER_LEN	32
#define ES256_LEN		(2 * ES256_NUMBER_LEN)
#define ES256_DER_MAX		80
#define EDDSA_LEN		64

struct jose_key {
	enum jose_alg	 alg;
	EVP_PKEY	*pkey;
	EVP_PKEY_CTX	*sign;		/* RSA, ECDSA; NULL: public key */
	EVP_PKEY_CTX	*verify;
	EVP_MD_CTX	*eddsa_sign;	/* Ed25519; NULL: public key */
	EVP_MD_CTX	*eddsa_verify;
	EVP_MD_CTX	*work;		/* the copy that is used up */
	char		 kid[JOSE_KEY_KID_LEN + 1];
};

static const char *const	names[JOSE_ALG_COUNT] = {
	[JOSE_RS256]	= "RS256",
	[JOSE_PS256]	= "PS256",
	[JOSE_ES256]	= "ES256",
	[JOSE_EDDSA]	= "EdDSA",
};

const char *
jose_key_alg_name(enum jose_alg alg)
{
	return (names[alg]);
}

bool
jose_key_alg_parse(const char *name, enum jose_alg *out)
{
	int	i;

	for (i = 0; i < JOSE_ALG_COUNT; i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum jose_alg)i;
			return (true);
		}
	}

	return (false);
}

/* What the algorithm wants of the key's kind and size. */
static bool
pkey_fits(enum jose_alg alg, const EVP_PKEY *pkey)
{
	char	group[32];
	size_t	len;

	switch (alg) {
	case JOSE_RS256:
	case JOSE_PS256:
		return (EVP_PKEY_is_a(pkey, "RSA") == 1 &&
		    EVP_PKEY_get_bits(pkey) >= 2048 &&
		    EVP_PKEY_get_bits(pkey) <= 4096);
	case JOSE_ES256:
		return (EVP_PKEY_is_a(pkey, "EC") == 1 &&
		    EVP_PKEY_get_group_name(pkey, group, sizeof(group),
		    &len) == 1 && strcmp(group, "prime256v1") == 0);
	case JOSE_EDDSA:
		return (EVP_PKEY_is_a(pkey, "ED25519") == 1);
	case JOSE_ALG_COUNT:
		break;
	}

	return (false);
}

/* Digest and padding of RFC 7518 section 3.3 to 3.5. */
static bool
context_prepare(enum jose_alg alg, EVP_PKEY_CTX *ctx)
{
	static EVP_MD	*md;

	if (md == NULL && (md = EVP_MD_fetch(NULL, "SHA256", NULL)) == NULL)
		return (false);
	if (EVP_PKEY_CTX_set_signature_md(ctx, md) != 1)
		return (false);
	if (alg == JOSE_RS256)
		return (EVP_PKEY_CTX_set_rsa_padding(ctx,
		    RSA_PKCS1_PADDING) == 1);
	if (alg == JOSE_PS256)
		return (EVP_PKEY_CTX_set_rsa_padding(ctx,
		    RSA_PKCS1_PSS_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx,
		    BASE_SHA256_LEN) == 1);

	return (alg == JOSE_ES256);
}

static bool
key_prepare_eddsa(struct jose_key *key, bool private)
{
	if ((key->work = EVP_MD_CTX_new()) == NULL ||
	    (key->eddsa_verify = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestVerifyInit(key->eddsa_verify, NULL, NULL, NULL,
	    key->pkey) != 1)
		return (false);
	if (!private)
		return (true);

	return ((key->eddsa_sign = EVP_MD_CTX_new()) != NULL &&
	    EVP_DigestSignInit(key->eddsa_sign, NULL, NULL, NULL,
	    key->pkey) == 1);
}

static bool
key_prepare(struct jose_key *key, bool private)
{
	if (key->alg == JOSE_EDDSA)
		return (key_prepare_eddsa(key, private));

	key->verify = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	if (key->verify == NULL || EVP_PKEY_verify_init(key->verify) != 1 ||
	    !context_prepare(key->alg, key->verify))
		return (false);
	if (!private)
		return (true);

	key->sign = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);

	return (key->sign != NULL && EVP_PKEY_sign_init(key->sign) == 1 &&
	    context_prepare(key->alg, key->sign));
}

/* RFC 7638: the required members in order of their names, without blanks. */
static bool
key_name(struct jose_key *key)
{
	uint8_t	 digest[BASE_SHA256_LEN];
	json_t	*json;
	char	*text = NULL;

	if ((json = jose_key_jwk_format(key->alg, key->pkey)) != NULL)
		text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(json);
	if (text == NULL)
		return (false);

	base_hash_sha256(text, strlen(text), digest);
	base_base64url_encode(digest, sizeof(digest), key->kid);
	free(text);

	return (true);
}

/* Takes "pkey" over. */
static struct jose_key *
key_new(enum jose_alg alg, EVP_PKEY *pkey, bool private)
{
	struct jose_key	*key;

	if (pkey == NULL || (key = calloc(1, sizeof(*key))) == NULL) {
		EVP_PKEY_free(pkey);
		ERR_clear_error();
		return (NULL);
	}
	key->alg = alg;
	key->pkey = pkey;
	if (!pkey_fits(alg, pkey) || !key_prepare(key, private) ||
	    !key_name(key)) {
		jose_key_free(key);
		ERR_clear_error();
		return (NULL);
	}

	return (key);
}

struct jose_key *
jose_key_generate(enum jose_alg alg, unsigned int rsa_bits)
{
	EVP_PKEY	*pkey = NULL;

	switch (alg) {
	case JOSE_RS256:
	case JOSE_PS256:
		if (rsa_bits == 2048 || rsa_bits == 3072)
			pkey = EVP_RSA_gen(rsa_bits);
		break;
	case JOSE_ES256:
		pkey = EVP_EC_gen("P-256");
		break;
	case JOSE_EDDSA:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	case JOSE_ALG_COUNT:
		break;
	}

	return (key_new(alg, pkey, true));
}

struct jose_key *
jose_key_private(enum jose_alg alg, const uint8_t *der, size_t len)
{
	PKCS8_PRIV_KEY_INFO	*info;
	EVP_PKEY		*pkey = NULL;
	const uint8_t		*p = der;

	if (len > JOSE_KEY_DER_MAX)
		return (NULL);
	info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)len);
	if (info != NULL && p == der + len)
		pkey = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);

	return (key_new(alg, pkey, true));
}

bool
jose_key_private_der(const struct jose_key *key,
    uint8_t out[JOSE_KEY_DER_MAX], size_t *out_len)
{
	PKCS8_PRIV_KEY_INFO	*info = NULL;
	uint8_t			*p = out;
	int			 len = -1;

	if (key->sign != NULL || key->eddsa_sign != NULL)
		info = EVP_PKEY2PKCS8(key->pkey);
	if (info != NULL)
		len = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);
	if (len > 0 && len <= JOSE_KEY_DER_MAX)
		len = i2d_PKCS8_PRIV_KEY_INFO(info, &p);
	else
		len = -1;
	PKCS8_PRIV_KEY_INFO_free(info);
	ERR_clear_error();
	if (len <= 0)
		return (false);
	*out_len = (size_t)len;

	return (true);
}

static struct base_aead_extra
seal_extra(enum jose_alg alg, const char *kid)
{
	struct base_aead_extra	extra = { .count = 3 };

	extra.slices[0] = base_bytes_slice("signing key v1");
	extra.slices[1] = base_bytes_slice(names[alg]);
	extra.slices[2] = base_bytes_slice(kid);

	return (extra);
}

bool
jose_key_seal(const struct jose_key *key,
    const uint8_t wrapping[BASE_KEY_LEN], uint8_t out[JOSE_KEY_SEALED_MAX],
    size_t *out_len)
{
	struct base_aead_extra	extra = seal_extra(key->alg, key->kid);
	uint8_t			der[JOSE_KEY_DER_MAX];
	size_t			len;

	if (!jose_key_private_der(key, der, &len))
		return (false);
	base_aead_seal(wrapping, &extra, der, len, out);
	base_bytes_wipe(der, sizeof(der));
	*out_len = len + BASE_AEAD_OVERHEAD;

	return (true);
}

struct jose_key *
jose_key_unseal(const uint8_t wrapping[BASE_KEY_LEN], enum jose_alg alg,
    const char *kid, const uint8_t *sealed, size_t len)
{
	struct base_aead_extra	 extra = seal_extra(alg, kid);
	struct jose_key		*key = NULL;
	uint8_t			 der[JOSE_KEY_DER_MAX];

	if (len > JOSE_KEY_SEALED_MAX)
		return (NULL);
	if (base_aead_open(wrapping, &extra, sealed, len, der))
		key = jose_key_private(alg, der, len - BASE_AEAD_OVERHEAD);
	base_bytes_wipe(der, sizeof(der));
	if (key != NULL && strcmp(key->kid, kid) != 0) {
		jose_key_free(key);
		return (NULL);
	}

	return (key);
}

struct jose_key *
jose_key_public(enum jose_alg alg, const json_t *jwk)
{
	return (key_new(alg, jose_key_jwk_parse(alg, jwk), false));
}

json_t *
jose_key_jwk(const struct jose_key *key)
{
	json_t	*jwk;

	if ((jwk = jose_key_jwk_format(key->alg, key->pkey)) == NULL)
		return (NULL);
	if (json_object_set_new(jwk, "kid", json_string(key->kid)) != 0 ||
	    json_object_set_new(jwk, "alg",
	    json_string(names[key->alg])) != 0 ||
	    json_object_set_new(jwk, "use", json_string("sig")) != 0) {
		json_decref(jwk);
		return (NULL);
	}

	return (jwk);
}

const char *
jose_key_kid(const struct jose_key *key)
{
	return (key->kid);
}

enum jose_alg
jose_key_alg(const struct jose_key *key)
{
	return (key->alg);
}

/* r and s as 32 bytes each (RFC 7518 section 3.4). */
static size_t
es256_from_der(const uint8_t *der, size_t len, uint8_t *out)
{
	const uint8_t	*p = der;
	ECDSA_SIG	*sig;
	bool		 good;

	sig = d2i_ECDSA_SIG(NULL, &p, (long)len);
	good = sig != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, ES256_NUMBER_LEN) ==
	    ES256_NUMBER_LEN &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + ES256_NUMBER_LEN,
	    ES256_NUMBER_LEN) == ES256_NUMBER_LEN;
	ECDSA_SIG_free(sig);

	return (good ? ES256_LEN : 0);
}

static size_t
es256_to_der(const uint8_t *raw, uint8_t out[ES256_DER_MAX])
{
	ECDSA_SIG	*sig = ECDSA_SIG_new();
	BIGNUM		*r = BN_bin2bn(raw, ES256_NUMBER_LEN, NULL);
	BIGNUM		*s = BN_bin2bn(raw + ES256_NUMBER_LEN,
			    ES256_NUMBER_LEN, NULL);
	uint8_t		*p = out;
	int		 len = 0;

	if (sig == NULL || r == NULL || s == NULL ||
	    ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else {
		len = i2d_ECDSA_SIG(sig, &p);	/* at most 72 bytes */
	}
	ECDSA_SIG_free(sig);

	return (len < 0 ? 0 : (size_t)len);
}

static size_t
sign_eddsa(const struct jose_key *key, const void *data, size_t len,
    uint8_t *out)
{
	size_t	out_len = JOSE_KEY_SIGNATURE_MAX;

	if (key->eddsa_sign == NULL ||
	    EVP_MD_CTX_copy_ex(key->work, key->eddsa_sign) != 1 ||
	    EVP_DigestSign(key->work, out, &out_len, data, len) != 1)
		return (0);

	return (out_len);
}

static size_t
sign_digest(const struct jose_key *key, const void *data, size_t len,
    uint8_t *out)
{
	uint8_t	digest[BASE_SHA256_LEN], der[ES256_DER_MAX];
	size_t	out_len = JOSE_KEY_SIGNATURE_MAX, der_len = sizeof(der);

	if (key->sign == NULL)
		return (0);
	base_hash_sha256(data, len, digest);
	if (key->alg == JOSE_ES256) {
		if (EVP_PKEY_sign(key->sign, der, &der_len, digest,
		    sizeof(digest)) != 1)
			return (0);
		return (es256_from_der(der, der_len, out));
	}
	if (EVP_PKEY_sign(key->sign, out, &out_len, digest,
	    sizeof(digest)) != 1)
		return (0);

	return (out_len);
}

size_t
jose_key_sign(const struct jose_key *key, const void *data, size_t len,
    uint8_t out[JOSE_KEY_SIGNATURE_MAX])
{
	size_t	out_len;

	out_len = key->alg == JOSE_EDDSA ? sign_eddsa(key, data, len, out) :
	    sign_digest(key, data, len, out);
	if (out_len == 0)
		ERR_clear_error();

	return (out_len);
}

static bool
verify_eddsa(const struct jose_key *key, const void *data, size_t len,
    const uint8_t *signature, size_t signature_len)
{
	return (signature_len == EDDSA_LEN &&
	    EVP_MD_CTX_copy_ex(key->work, key->eddsa_verify) == 1 &&
	    EVP_DigestVerify(key->work, signature, signature_len, data,
	    len) == 1);
}

static bool
verify_digest(const struct jose_key *key, const void *data, size_t len,
    const uint8_t *signature, size_t signature_len)
{
	uint8_t	digest[BASE_SHA256_LEN], der[ES256_DER_MAX];

	if (key->alg == JOSE_ES256) {
		if (signature_len != ES256_LEN ||
		    (signature_len = es256_to_der(signature, der)) == 0)
			return (false);
		signature = der;
	}
	base_hash_sha256(data, len, digest);

	return (EVP_PKEY_verify(key->verify, signature, signature_len, digest,
	    sizeof(digest)) == 1);
}

bool
jose_key_verify(const struct jose_key *key, const void *data, size_t len,
    const uint8_t *signature, size_t signature_len)
{
	bool	good;

	good = key->alg == JOSE_EDDSA ?
	    verify_eddsa(key, data, len, signature, signature_len) :
	    verify_digest(key, data, len, signature, signature_len);
	if (!good)
		ERR_clear_error();

	return (good);
}

void
jose_key_free(struct jose_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_CTX_free(key->sign);
	EVP_PKEY_CTX_free(key->verify);
	EVP_MD_CTX_free(key->eddsa_sign);
	EVP_MD_CTX_free(key->eddsa_verify);
	EVP_MD_CTX_free(key->work);
	EVP_PKEY_free(key->pkey);
	free(key);
}
