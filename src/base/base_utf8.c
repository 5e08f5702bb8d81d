#include "base/base_utf8.h"

/* By the first byte: how many follow, and the least point of that length. */
static const struct {
	uint8_t		mask;
	uint8_t		lead;
	size_t		len;
	uint32_t	least;
} forms[] = {
	{ 0x80, 0x00, 1, 0 },
	{ 0xe0, 0xc0, 2, 0x80 },
	{ 0xf0, 0xe0, 3, 0x800 },
	{ 0xf8, 0xf0, 4, 0x10000 },
};

size_t
base_utf8_next(const void *text, size_t len, uint32_t *point)
{
	const uint8_t	*p = text;
	uint32_t	 value;
	size_t		 form, i;

	if (len == 0)
		return (0);
	for (form = 0; form < 4; form++) {
		if ((p[0] & forms[form].mask) == forms[form].lead)
			break;
	}
	if (form == 4 || forms[form].len > len)
		return (0);

	value = p[0] & (uint8_t)~forms[form].mask;
	for (i = 1; i < forms[form].len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return (0);
		value = value << 6 | (p[i] & 0x3f);
	}
	if (value < forms[form].least || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return (0);
	*point = value;

	return (forms[form].len);
}

bool
base_utf8_valid(const void *text, size_t len)
{
	const uint8_t	*p = text;
	uint32_t	 point;
	size_t		 taken;

	for (; len != 0; p += taken, len -= taken) {
		taken = base_utf8_next(p, len, &point);
		if (taken == 0 || point == 0)
			return (false);
	}

	return (true);
}
