#include "base/base_base64url.h"

#include <stdint.h>

static const char	alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789-_";

/* 64 for a character outside the alphabet. */
static uint32_t
base64url_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return ((uint32_t)(c - 'A'));
	if (c >= 'a' && c <= 'z')
		return ((uint32_t)(c - 'a') + 26);
	if (c >= '0' && c <= '9')
		return ((uint32_t)(c - '0') + 52);
	if (c == '-')
		return (62);
	if (c == '_')
		return (63);

	return (64);
}

void
base_base64url_encode(const void *data, size_t len, char *out)
{
	const uint8_t	*in = data;
	uint32_t	 bits;

	for (; len >= 3; len -= 3, in += 3) {
		bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
		*out++ = alphabet[bits >> 18];
		*out++ = alphabet[bits >> 12 & 63];
		*out++ = alphabet[bits >> 6 & 63];
		*out++ = alphabet[bits & 63];
	}

	if (len != 0) {
		bits = (uint32_t)in[0] << 16;
		if (len == 2)
			bits |= (uint32_t)in[1] << 8;
		*out++ = alphabet[bits >> 18];
		*out++ = alphabet[bits >> 12 & 63];
		if (len == 2)
			*out++ = alphabet[bits >> 6 & 63];
	}

	*out = '\0';
}

/* All characters are ours and the bits that stand for nothing are zero. */
static bool
base64url_canonical(const char *text, size_t len)
{
	size_t	i;

	if (len % 4 == 1)
		return (false);
	for (i = 0; i < len; i++) {
		if (base64url_value(text[i]) == 64)
			return (false);
	}
	if (len % 4 == 2 && (base64url_value(text[len - 1]) & 0x0f) != 0)
		return (false);
	if (len % 4 == 3 && (base64url_value(text[len - 1]) & 0x03) != 0)
		return (false);

	return (true);
}

bool
base_base64url_decode(const char *text, size_t text_len, void *out,
    size_t size, size_t *out_len)
{
	uint8_t		*p = out;
	uint32_t	 bits = 0;
	size_t		 i, len;

	/* Cannot overflow: a quarter is taken first. */
	len = text_len / 4 * 3 + (text_len % 4 == 0 ? 0 : text_len % 4 - 1);
	if (len > size || !base64url_canonical(text, text_len))
		return (false);

	for (i = 0; i < text_len; i++) {
		bits = bits << 6 | base64url_value(text[i]);
		if (i % 4 == 1)
			*p++ = (uint8_t)(bits >> 4);
		else if (i % 4 == 2)
			*p++ = (uint8_t)(bits >> 2);
		else if (i % 4 == 3)
			*p++ = (uint8_t)bits;
	}
	*out_len = len;

	return (true);
}
