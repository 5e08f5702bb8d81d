#include "base/base_hex.h"

#include <stdint.h>

/* 16 for a character that is not a lower-case digit. */
static unsigned int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return ((unsigned int)(c - '0'));
	if (c >= 'a' && c <= 'f')
		return ((unsigned int)(c - 'a') + 10);

	return (16);
}

void
base_hex_encode(const void *data, size_t len, char *out)
{
	static const char	 digits[16] = "0123456789abcdef";
	const uint8_t		*in = data;

	for (; len != 0; len--, in++) {
		*out++ = digits[*in >> 4];
		*out++ = digits[*in & 15];
	}
	*out = '\0';
}

bool
base_hex_decode(const char *text, size_t text_len, void *out, size_t size,
    size_t *out_len)
{
	uint8_t	*bytes = out;
	size_t	 i;

	if (text_len % 2 != 0 || text_len / 2 > size)
		return (false);
	for (i = 0; i < text_len; i++) {
		if (hex_value(text[i]) == 16)
			return (false);
	}

	for (i = 0; i < text_len / 2; i++) {
		bytes[i] = (uint8_t)(hex_value(text[2 * i]) << 4 |
		    hex_value(text[2 * i + 1]));
	}
	*out_len = text_len / 2;

	return (true);
}
