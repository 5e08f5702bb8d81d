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
base_bytes_is(struct base_slice bytes, const char *text)
{
	return (base_bytes_same(bytes, base_bytes_slice(text)));
}

bool
base_bytes_begin(struct base_slice bytes, const char *text)
{
	size_t	len = strlen(text);

	return (bytes.len >= len &&
	    base_bytes_equal(bytes.data, len, text, len));
}

bool
base_bytes_same(struct base_slice a, struct base_slice b)
{
	return (base_bytes_equal(a.data, a.len, b.data, b.len));
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

int
base_bytes_order(struct base_slice a, struct base_slice b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		if (a.data[i] != b.data[i])
			return (a.data[i] < b.data[i] ? -1 : 1);
	}

	return (a.len == b.len ? 0 : a.len < b.len ? -1 : 1);
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
