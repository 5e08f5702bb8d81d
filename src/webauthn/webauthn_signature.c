#include "webauthn/webauthn_signature.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/base_bytes.h"
#include "webauthn/webauthn.h"

#define MESSAGE_MAX	(WEBAUTHN_AUTH_DATA_MAX + BASE_SHA256_LEN)
#define ED25519_LEN	32

/*
 * SubjectPublicKeyInfo of the curves has a constant front (RFC 5480, RFC
 * 8410), so the key behind it is loaded directly: the library's own DER
 * decoder costs more than the verification itself (121 against 65 us).
 */
static const uint8_t	p256_front[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
	0x07, 0x03, 0x42, 0x00
};
static const uint8_t	p384_front[] = {
	0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62,
	0x00
};
static const uint8_t	ed25519_front[] = {
	0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21,
	0x00
};

/* The key's bytes behind "front", exactly "len" of them. */
static bool
behind(struct base_slice spki, const uint8_t *front, size_t front_len,
    size_t len, const uint8_t **out)
{
	if (spki.len != front_len + len ||
	    !base_bytes_equal(spki.data, front_len, front, front_len))
		return (false);
	*out = spki.data + front_len;
	return (true);
}

/* ------------------------------------------------------------- loading */

/* Parameters of a curve without a key: copied and completed for each one. */
static EVP_PKEY *
curve_new(const char *name)
{
	char		 group[8] = "";
	EVP_PKEY_CTX	*ctx;
	EVP_PKEY	*key = NULL;
	OSSL_PARAM	 params[2];

	if (!base_bytes_text_copy(group, sizeof(group), name, strlen(name)) ||
	    (ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL)) == NULL)
		return (NULL);
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (EVP_PKEY_paramgen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_params(ctx, params) != 1 ||
	    EVP_PKEY_paramgen(ctx, &key) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return (key);
}

static EVP_PKEY *
ec_load(EVP_PKEY **curve, const char *name, const uint8_t *point, size_t len)
{
	EVP_PKEY	*key;

	if (*curve == NULL && (*curve = curve_new(name)) == NULL)
		return (NULL);
	if (point[0] != 0x04 || (key = EVP_PKEY_dup(*curve)) == NULL)
		return (NULL);
	if (EVP_PKEY_set1_encoded_public_key(key, point, len) != 1) {
		EVP_PKEY_free(key);
		return (NULL);
	}
	return (key);
}

static EVP_PKEY *
rsa_load(struct base_slice spki)
{
	const uint8_t	*p = spki.data;
	EVP_PKEY	*key;

	if (spki.len == 0 || spki.len > WEBAUTHN_SPKI_MAX ||
	    (key = d2i_PUBKEY(NULL, &p, (long)spki.len)) == NULL)
		return (NULL);
	if (p != spki.data + spki.len || EVP_PKEY_is_a(key, "RSA") != 1) {
		EVP_PKEY_free(key);
		return (NULL);
	}
	return (key);
}

static EVP_PKEY *
load(int32_t alg, struct base_slice spki)
{
	static EVP_PKEY	*p256, *p384;
	const uint8_t	*key;

	switch (alg) {
	case WEBAUTHN_ALG_ES256:
		if (!behind(spki, p256_front, sizeof(p256_front), 65, &key))
			return (NULL);
		return (ec_load(&p256, "P-256", key, 65));
	case WEBAUTHN_ALG_ES384:
		if (!behind(spki, p384_front, sizeof(p384_front), 97, &key))
			return (NULL);
		return (ec_load(&p384, "P-384", key, 97));
	case WEBAUTHN_ALG_EDDSA:
		if (!behind(spki, ed25519_front, sizeof(ed25519_front),
		    ED25519_LEN, &key))
			return (NULL);
		return (EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL,
		    key, ED25519_LEN));
	case WEBAUTHN_ALG_RS256:
		return (rsa_load(spki));
	default:
		return (NULL);
	}
}

/* ----------------------------------------------------------- verifying */

/* Fetched once; NULL for EdDSA, which hashes by itself. */
static const EVP_MD *
digest(int32_t alg)
{
	static EVP_MD	*sha256, *sha384;

	if (alg == WEBAUTHN_ALG_EDDSA)
		return (NULL);
	if (alg == WEBAUTHN_ALG_ES384) {
		if (sha384 == NULL)
			sha384 = EVP_MD_fetch(NULL, "SHA384", NULL);
		return (sha384);
	}
	if (sha256 == NULL)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	return (sha256);
}

/* Only 1 is a good signature: 0 is a bad one, less than 0 another trouble. */
static bool
verifies(EVP_PKEY *key, int32_t alg, struct base_slice message,
    struct base_slice signature)
{
	EVP_MD_CTX	*ctx;
	EVP_PKEY_CTX	*key_ctx = NULL;
	bool		 good;

	if ((ctx = EVP_MD_CTX_new()) == NULL)
		return (false);
	good = EVP_DigestVerifyInit(ctx, &key_ctx, digest(alg), NULL,
	    key) == 1 && (alg != WEBAUTHN_ALG_RS256 ||
	    EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PADDING) == 1) &&
	    EVP_DigestVerify(ctx, signature.data, signature.len,
	    message.data, message.len) == 1;
	EVP_MD_CTX_free(ctx);
	if (!good)
		ERR_clear_error();
	return (good);
}

/* The lengths that can be known; DER strictness is the library's. */
static bool
length_valid(EVP_PKEY *key, int32_t alg, size_t len)
{
	if (len == 0 || len > WEBAUTHN_SIGNATURE_MAX)
		return (false);
	if (alg == WEBAUTHN_ALG_EDDSA)
		return (len == 2 * ED25519_LEN);
	if (alg == WEBAUTHN_ALG_RS256)
		return (len == (size_t)EVP_PKEY_get_size(key));
	return (true);
}

enum webauthn_verdict
webauthn_signature_check(int32_t alg, struct base_slice spki,
    const struct webauthn_signed *data, struct base_slice signature)
{
	uint8_t		 message[MESSAGE_MAX];
	size_t		 len = data->auth_data.len;
	EVP_PKEY	*key;
	bool		 good;

	if (len > WEBAUTHN_AUTH_DATA_MAX)
		return (WEBAUTHN_AUTH_DATA_MALFORMED);
	if ((key = load(alg, spki)) == NULL) {
		ERR_clear_error();
		return (WEBAUTHN_KEY_BROKEN);
	}

	memcpy(message, data->auth_data.data, len);
	memcpy(message + len, data->client_data_hash, BASE_SHA256_LEN);
	good = length_valid(key, alg, signature.len) &&
	    verifies(key, alg, (struct base_slice){ message,
	    len + BASE_SHA256_LEN }, signature);
	EVP_PKEY_free(key);
	return (good ? WEBAUTHN_OK : WEBAUTHN_SIGNATURE_INVALID);
}
