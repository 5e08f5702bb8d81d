/*
 * Texts that people choose.
 */

#include "account/account_text.h"

#include <stdint.h>
#include <string.h>

#include "base/base_bytes.h"
#include "base/base_utf8.h"

struct range {
	uint32_t	first;
	uint32_t	last;
};

/*
 * Never in a name: what has no picture, or turns the picture of others
 * around (Unicode Standard Annex #9, Technical Report #36 section 3.1).
 */
static const struct range refused[] = {
	{ 0x0000, 0x001f },	/* C0 */
	{ 0x007f, 0x009f },	/* DEL, C1 */
	{ 0x00ad, 0x00ad },	/* soft hyphen */
	{ 0x034f, 0x034f },	/* combining grapheme joiner */
	{ 0x061c, 0x061c },	/* Arabic letter mark */
	{ 0x115f, 0x1160 },	/* Hangul fillers */
	{ 0x17b4, 0x17b5 },	/* Khmer inherent vowels */
	{ 0x180b, 0x180f },	/* Mongolian selectors */
	{ 0x200b, 0x200b },	/* zero width space */
	{ 0x200e, 0x200f },	/* direction marks */
	{ 0x2028, 0x202e },	/* separators, embeddings, overrides */
	{ 0x2060, 0x206f },	/* word joiner, invisible signs, isolates */
	{ 0x2800, 0x2800 },	/* braille blank */
	{ 0x3164, 0x3164 },	/* Hangul filler */
	{ 0xe000, 0xf8ff },	/* private use */
	{ 0xfdd0, 0xfdef },	/* noncharacters */
	{ 0xfeff, 0xfeff },	/* byte order mark */
	{ 0xffa0, 0xffa0 },	/* half-width Hangul filler */
	{ 0xfff0, 0xfffd },	/* specials, replacement character */
	{ 0x1d173, 0x1d17a },	/* musical formatting */
	{ 0xe0000, 0x10ffff },	/* tags, selectors, private use */
};

/* Good inside a word, and nothing at its ends. */
static bool
joiner(uint32_t c)
{
	return (c == 0x200c || c == 0x200d);
}

static bool
space(uint32_t c)
{
	return (c == ' ' || c == 0xa0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
	    c == 0x3000);
}

/* The last two of each plane are noncharacters. */
static bool
allowed(uint32_t c)
{
	if ((c & 0xfffe) == 0xfffe)
		return (false);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (c >= refused[i].first && c <= refused[i].last)
			return (false);
	}

	return (true);
}

/* The character at "text", which is well-formed UTF-8, and its length. */
static uint32_t
decode(const uint8_t *text, size_t *len)
{
	if (text[0] < 0x80) {
		*len = 1;
		return (text[0]);
	}
	if (text[0] < 0xe0) {
		*len = 2;
		return ((text[0] & 0x1fU) << 6 | (text[1] & 0x3fU));
	}
	if (text[0] < 0xf0) {
		*len = 3;
		return ((text[0] & 0x0fU) << 12 | (text[1] & 0x3fU) << 6 |
		    (text[2] & 0x3fU));
	}

	*len = 4;
	return ((text[0] & 0x07U) << 18 | (text[1] & 0x3fU) << 12 |
	    (text[2] & 0x3fU) << 6 | (text[3] & 0x3fU));
}

/* Count the characters; false when one may not stand where it does. */
static bool
judge(const char *text, size_t len, size_t *count)
{
	uint32_t	c;
	size_t		n;

	*count = 0;
	for (size_t at = 0; at < len; at += n, (*count)++) {
		c = decode((const uint8_t *)text + at, &n);
		if (!allowed(c))
			return (false);
		if ((joiner(c) || space(c)) && (at == 0 || at + n == len))
			return (false);
	}

	return (true);
}

enum account_text_status
account_text_parse(const char *text, size_t len, size_t max, char *out,
    size_t size)
{
	size_t	count;

	while (len > 0 && text[0] == ' ') {
		text++;
		len--;
	}
	while (len > 0 && text[len - 1] == ' ')
		len--;

	if (len == 0)
		return (ACCOUNT_TEXT_EMPTY);
	if (!base_utf8_valid(text, len) || !judge(text, len, &count))
		return (ACCOUNT_TEXT_CHARACTER);
	if (count > max || !base_bytes_text_copy(out, size, text, len))
		return (ACCOUNT_TEXT_TOO_LONG);

	return (ACCOUNT_TEXT_OK);
}
