#include "base/base_uuid.h"

#include <string.h>

#include "base/base_bytes.h"
#include "base/base_clock.h"
#include "base/base_hex.h"
#include "base/base_random.h"

/* Where the hyphens are, and how many hex digits stand between them. */
static const size_t	groups[] = { 8, 4, 4, 4, 12 };

struct base_uuid
base_uuid_new(void)
{
	struct base_uuid	uuid;
	uint64_t		ms = (uint64_t)base_clock_milliseconds();
	size_t			i;

	base_random_bytes(uuid.bytes + 6, BASE_UUID_LEN - 6);
	for (i = 0; i < 6; i++)
		uuid.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
	uuid.bytes[6] = (uuid.bytes[6] & 0x0f) | 0x70;
	uuid.bytes[8] = (uuid.bytes[8] & 0x3f) | 0x80;

	return (uuid);
}

bool
base_uuid_empty(const struct base_uuid *uuid)
{
	static const struct base_uuid	empty;

	return (base_uuid_equal(uuid, &empty));
}

bool
base_uuid_equal(const struct base_uuid *a, const struct base_uuid *b)
{
	return (base_bytes_equal(a->bytes, BASE_UUID_LEN, b->bytes,
	    BASE_UUID_LEN));
}

int64_t
base_uuid_time(const struct base_uuid *uuid)
{
	uint64_t	ms = 0;
	size_t		i;

	for (i = 0; i < 6; i++)
		ms = ms << 8 | uuid->bytes[i];

	return ((int64_t)ms);
}

bool
base_uuid_parse(const char *text, size_t len, struct base_uuid *out)
{
	struct base_uuid	uuid;
	char			digits[2 * BASE_UUID_LEN];
	size_t			i, from = 0, to = 0, taken;

	if (len != BASE_UUID_TEXT_LEN)
		return (false);

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (i != 0 && text[from++] != '-')
			return (false);
		memcpy(digits + to, text + from, groups[i]);
		from += groups[i];
		to += groups[i];
	}
	if (!base_hex_decode(digits, sizeof(digits), uuid.bytes,
	    sizeof(uuid.bytes), &taken))
		return (false);
	*out = uuid;

	return (true);
}

void
base_uuid_format(const struct base_uuid *uuid,
    char out[BASE_UUID_TEXT_LEN + 1])
{
	char	digits[2 * BASE_UUID_LEN + 1];
	size_t	i, from = 0;

	base_hex_encode(uuid->bytes, BASE_UUID_LEN, digits);
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (i != 0)
			*out++ = '-';
		memcpy(out, digits + from, groups[i]);
		out += groups[i];
		from += groups[i];
	}
	*out = '\0';
}
