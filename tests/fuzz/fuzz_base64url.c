/*
 * base64url, hex, UTF-8 and UUIDs: what is accepted is written again exactly
 * as it came, and what is refused leaves the outputs alone.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_base64url.h"
#include "base/base_hex.h"
#include "base/base_utf8.h"
#include "base/base_uuid.h"

#define MARK	((size_t)-7)

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int condition)
{
	if (!condition)
		abort();
}

static void
try_base64url(const char *text, size_t size)
{
	size_t	 room = size / 4 * 3 + 3, len = MARK, again;
	uint8_t	*bytes = malloc(room);
	char	*back = malloc(size + 5);

	must(bytes != NULL && back != NULL);
	if (!base_base64url_decode(text, size, bytes, room, &len)) {
		must(len == MARK);
	} else {
		must(BASE_BASE64URL_LEN(len) == size);
		base_base64url_encode(bytes, len, back);
		must(strlen(back) == size);
		must(size == 0 || memcmp(back, text, size) == 0);
		must(len == 0 || !base_base64url_decode(text, size, bytes,
		    len - 1, &again));
	}
	free(bytes);
	free(back);
}

static void
try_hex(const char *text, size_t size)
{
	size_t	 len = MARK;
	uint8_t	*bytes = malloc(size / 2 + 1);
	char	*back = malloc(size + 1);

	must(bytes != NULL && back != NULL);
	if (!base_hex_decode(text, size, bytes, size / 2, &len)) {
		must(len == MARK);
	} else {
		base_hex_encode(bytes, len, back);
		must(strlen(back) == size);
		must(size == 0 || memcmp(back, text, size) == 0);
	}
	free(bytes);
	free(back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char		*text = (const char *)data;
	struct base_uuid	 uuid;
	char			 back[BASE_UUID_TEXT_LEN + 1];

	try_base64url(text, size);
	try_hex(text, size);
	if (base_uuid_parse(text, size, &uuid)) {
		base_uuid_format(&uuid, back);
		must(size == BASE_UUID_TEXT_LEN &&
		    memcmp(back, text, size) == 0);
	}
	if (base_utf8_valid(data, size))
		must(size == 0 || memchr(data, '\0', size) == NULL);

	return (0);
}
