#include "base/base_aead.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/base_log.h"
#include "base/base_random.h"

static _Noreturn void
aead_failed(void)
{
	base_log(BASE_LOG_ERROR, "aead", "OpenSSL failed");
	abort();
}

/* A context that knows its cipher: setting key and nonce is all that's left. */
static EVP_CIPHER_CTX *
aead_context(bool encrypt)
{
	EVP_CIPHER_CTX	*ctx;
	EVP_CIPHER	*cipher;

	if ((cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL)) == NULL ||
	    (ctx = EVP_CIPHER_CTX_new()) == NULL ||
	    EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, encrypt ? 1 : 0,
	    NULL) != 1)
		aead_failed();
	EVP_CIPHER_free(cipher);	/* the context holds it */

	return (ctx);
}

static bool
aead_extra(EVP_CIPHER_CTX *ctx, const struct base_aead_extra *extra)
{
	const struct base_slice	*slice;
	size_t			 i;
	int			 n;

	for (i = 0; i < extra->count; i++) {
		slice = &extra->slices[i];
		if (slice->len == 0)
			continue;
		if (slice->len > INT_MAX || EVP_CipherUpdate(ctx, NULL, &n,
		    slice->data, (int)slice->len) != 1)
			return (false);
	}

	return (true);
}

void
base_aead_seal(const uint8_t key[BASE_AEAD_KEY_LEN],
    const struct base_aead_extra *extra, const void *data, size_t len,
    uint8_t *out)
{
	static EVP_CIPHER_CTX	*ctx;
	uint8_t			*body = out + BASE_AEAD_NONCE_LEN;
	int			 n = 0;

	if (ctx == NULL)
		ctx = aead_context(true);
	base_random_bytes(out, BASE_AEAD_NONCE_LEN);

	if (len > INT_MAX - BASE_AEAD_OVERHEAD ||
	    EVP_CipherInit_ex2(ctx, NULL, key, out, 1, NULL) != 1 ||
	    !aead_extra(ctx, extra) ||
	    (len != 0 &&
	    EVP_CipherUpdate(ctx, body, &n, data, (int)len) != 1) ||
	    EVP_CipherFinal_ex(ctx, body + len, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, BASE_AEAD_TAG_LEN,
	    body + len) != 1)
		aead_failed();
}

static bool
aead_decrypt(EVP_CIPHER_CTX *ctx, const uint8_t *body, size_t len,
    uint8_t *out)
{
	uint8_t	tag[BASE_AEAD_TAG_LEN];
	size_t	i;
	int	n = 0;

	for (i = 0; i < sizeof(tag); i++)
		tag[i] = body[len + i];

	return ((len == 0 ||
	    EVP_CipherUpdate(ctx, out, &n, body, (int)len) == 1) &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag),
	    tag) == 1 &&
	    EVP_CipherFinal_ex(ctx, out + len, &n) == 1);
}

bool
base_aead_open(const uint8_t key[BASE_AEAD_KEY_LEN],
    const struct base_aead_extra *extra, const uint8_t *sealed, size_t len,
    uint8_t *out)
{
	static EVP_CIPHER_CTX	*ctx;

	if (len < BASE_AEAD_OVERHEAD || len > INT_MAX)
		return (false);
	len -= BASE_AEAD_OVERHEAD;

	if (ctx == NULL)
		ctx = aead_context(false);
	if (EVP_CipherInit_ex2(ctx, NULL, key, sealed, 0, NULL) != 1 ||
	    !aead_extra(ctx, extra))
		aead_failed();

	if (!aead_decrypt(ctx, sealed + BASE_AEAD_NONCE_LEN, len, out)) {
		base_bytes_wipe(out, len);
		ERR_clear_error();
		return (false);
	}

	return (true);
}
