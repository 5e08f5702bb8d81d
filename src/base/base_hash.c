/*
 * Fetching an algorithm by name costs more than using it, so each is fetched
 * once and its context kept.  Every process of ours has one thread.
 */

#include "base/base_hash.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/base_log.h"

#define SCRYPT_N	131072U
#define SCRYPT_MEMORY	(192U * 1024U * 1024U)

static _Noreturn void
hash_failed(const char *what)
{
	base_log(BASE_LOG_ERROR, "hash", "OpenSSL failed",
	    base_log_text("what", what));
	abort();
}

void
base_hash_sha256(const void *data, size_t len, uint8_t out[BASE_SHA256_LEN])
{
	static EVP_MD		*md;
	static EVP_MD_CTX	*ctx;

	if (ctx == NULL) {
		md = EVP_MD_fetch(NULL, "SHA256", NULL);
		ctx = EVP_MD_CTX_new();
		if (md == NULL || ctx == NULL)
			hash_failed("sha256");
	}

	if (EVP_DigestInit_ex2(ctx, md, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, data, len) != 1 ||
	    EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		hash_failed("sha256");
}

static EVP_MAC_CTX *
hash_hmac_context(void)
{
	EVP_MAC_CTX	*ctx;
	EVP_MAC		*mac;
	char		 digest[] = "SHA256";
	OSSL_PARAM	 params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
		    digest, 0),
		OSSL_PARAM_construct_end()
	};

	if ((mac = EVP_MAC_fetch(NULL, "HMAC", NULL)) == NULL ||
	    (ctx = EVP_MAC_CTX_new(mac)) == NULL ||
	    EVP_MAC_CTX_set_params(ctx, params) != 1)
		hash_failed("hmac");
	EVP_MAC_free(mac);	/* the context holds it */

	return (ctx);
}

void
base_hash_hmac(const void *key, size_t key_len, const void *data, size_t len,
    uint8_t out[BASE_SHA256_LEN])
{
	static EVP_MAC_CTX	*ctx;
	size_t			 out_len;

	if (ctx == NULL)
		ctx = hash_hmac_context();

	if (key == NULL || EVP_MAC_init(ctx, key, key_len, NULL) != 1 ||
	    EVP_MAC_update(ctx, data, len) != 1 ||
	    EVP_MAC_final(ctx, out, &out_len, BASE_SHA256_LEN) != 1)
		hash_failed("hmac");
}

void
base_hash_hkdf(const void *key, size_t key_len, const char *info, void *out,
    size_t out_len)
{
	EVP_KDF_CTX	*ctx;
	EVP_KDF		*kdf;
	char		 digest[] = "SHA256";
	/* The library's interface is not const; it does not write. */
	OSSL_PARAM	 params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
		    digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
		    (void *)(uintptr_t)key, key_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
		    (void *)(uintptr_t)info, strlen(info)),
		OSSL_PARAM_construct_end()
	};

	if ((kdf = EVP_KDF_fetch(NULL, "HKDF", NULL)) == NULL ||
	    (ctx = EVP_KDF_CTX_new(kdf)) == NULL ||
	    EVP_KDF_derive(ctx, out, out_len, params) != 1)
		hash_failed("hkdf");

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

void
base_hash_scrypt(const void *secret, size_t len, const char *salt,
    uint8_t out[BASE_SHA256_LEN])
{
	if (EVP_PBE_scrypt(secret, len, (const unsigned char *)salt,
	    strlen(salt), SCRYPT_N, 8, 1, SCRYPT_MEMORY, out,
	    BASE_SHA256_LEN) != 1)
		hash_failed("scrypt");
}
