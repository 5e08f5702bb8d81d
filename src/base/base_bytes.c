#include "base/base_bytes.h"

#include <string.h>

#include <openssl/crypto.h>

struct base_slice
base_bytes_slice(const char *text)
{
	struct base_slice	slice = { NULL, 0 };

	if (text != NULL) {
		slice.data = (const uint8_t *)text;
		slice.len = strlen(text);
	}

	return (slice);
}

bool
base_bytes_equal(const void *a, size_t a_len, const void *b, size_t b_len)
{
	if (a_len != b_len)
		return (false);

	return (a_len == 0 || CRYPTO_memcmp(a, b, a_len) == 0);
}

bool
base_bytes_text_equal(const char *a, const char *b)
{
	return (base_bytes_equal(a, strlen(a), b, strlen(b)));
}

void
base_bytes_wipe(void *data, size_t len)
{
	if (len != 0)
		OPENSSL_cleanse(data, len);
}

bool
base_bytes_text_copy(char *out, size_t size, const void *text, size_t len)
{
	if (len >= size || (len != 0 && memchr(text, '\0', len) != NULL))
		return (false);

	if (len != 0)
		memcpy(out, text, len);
	out[len] = '\0';

	return (true);
}
