#include "webauthn/webauthn_cbor.h"

#include <cbor.h>

#include "base/base_bytes.h"
#include "base/base_utf8.h"

static bool	take(struct webauthn_cbor *, struct webauthn_cbor_item *,
		    unsigned int);

/* ------------------------------------------------- what libcbor calls */

static void
set_unsigned(struct webauthn_cbor_item *item, uint64_t value)
{
	if (value > INT64_MAX)
		return;
	item->type = WEBAUTHN_CBOR_INTEGER;
	item->integer = (int64_t)value;
}

/* "value" is -1 - the number that is meant. */
static void
set_negative(struct webauthn_cbor_item *item, uint64_t value)
{
	if (value > INT64_MAX)
		return;
	item->type = WEBAUTHN_CBOR_INTEGER;
	item->integer = -1 - (int64_t)value;
}

static void on_uint8(void *item, uint8_t n)	{ set_unsigned(item, n); }
static void on_uint16(void *item, uint16_t n)	{ set_unsigned(item, n); }
static void on_uint32(void *item, uint32_t n)	{ set_unsigned(item, n); }
static void on_uint64(void *item, uint64_t n)	{ set_unsigned(item, n); }
static void on_negint8(void *item, uint8_t n)	{ set_negative(item, n); }
static void on_negint16(void *item, uint16_t n)	{ set_negative(item, n); }
static void on_negint32(void *item, uint32_t n)	{ set_negative(item, n); }
static void on_negint64(void *item, uint64_t n)	{ set_negative(item, n); }

static void
on_bytes(void *context, cbor_data data, size_t len)
{
	struct webauthn_cbor_item	*item = context;

	item->type = WEBAUTHN_CBOR_BYTES;
	item->string = (struct base_slice){ data, len };
}

static void
on_text(void *context, cbor_data data, size_t len)
{
	struct webauthn_cbor_item	*item = context;

	item->type = WEBAUTHN_CBOR_TEXT;
	item->string = (struct base_slice){ data, len };
}

static void
on_array(void *context, size_t count)
{
	struct webauthn_cbor_item	*item = context;

	item->type = WEBAUTHN_CBOR_ARRAY;
	item->count = count;
}

static void
on_map(void *context, size_t count)
{
	struct webauthn_cbor_item	*item = context;

	item->type = WEBAUTHN_CBOR_MAP;
	item->count = count;
}

static void
on_boolean(void *context, bool value)
{
	struct webauthn_cbor_item	*item = context;

	item->type = WEBAUTHN_CBOR_BOOLEAN;
	item->boolean = value;
}

/* All others leave WEBAUTHN_CBOR_NOTHING, which is refused. */
static void on_other(void *item)		{ (void)item; }
static void on_tag(void *item, uint64_t n)	{ (void)item; (void)n; }
static void on_float(void *item, float n)	{ (void)item; (void)n; }
static void on_double(void *item, double n)	{ (void)item; (void)n; }

static const struct cbor_callbacks	callbacks = {
	.uint8 = on_uint8,
	.uint16 = on_uint16,
	.uint32 = on_uint32,
	.uint64 = on_uint64,
	.negint8 = on_negint8,
	.negint16 = on_negint16,
	.negint32 = on_negint32,
	.negint64 = on_negint64,
	.byte_string = on_bytes,
	.byte_string_start = on_other,
	.string = on_text,
	.string_start = on_other,
	.array_start = on_array,
	.indef_array_start = on_other,
	.map_start = on_map,
	.indef_map_start = on_other,
	.tag = on_tag,
	.float2 = on_float,
	.float4 = on_float,
	.float8 = on_double,
	.undefined = on_other,
	.null = on_other,
	.boolean = on_boolean,
	.indef_break = on_other,
};

/* ------------------------------------------------------------ our rules */

/* The shortest head that can hold "n" (RFC 8949 section 4.2.1). */
static size_t
head_len(uint64_t n)
{
	if (n < 24)
		return (1);
	if (n <= UINT8_MAX)
		return (2);
	if (n <= UINT16_MAX)
		return (3);
	return (n <= UINT32_MAX ? 5 : 9);
}

/* How many bytes the token in "item" takes in its shortest form. */
static size_t
token_len(const struct webauthn_cbor_item *item)
{
	switch (item->type) {
	case WEBAUTHN_CBOR_INTEGER:
		return (head_len((uint64_t)(item->integer < 0 ?
		    -1 - item->integer : item->integer)));
	case WEBAUTHN_CBOR_BYTES:
	case WEBAUTHN_CBOR_TEXT:
		return (head_len(item->string.len) + item->string.len);
	case WEBAUTHN_CBOR_ARRAY:
	case WEBAUTHN_CBOR_MAP:
		return (head_len(item->count));
	case WEBAUTHN_CBOR_BOOLEAN:
		return (1);
	case WEBAUTHN_CBOR_NOTHING:
		break;
	}
	return (0);
}

static struct base_slice
after(struct base_slice bytes, size_t n)
{
	return ((struct base_slice){ bytes.data + n, bytes.len - n });
}

/* One token: an integer, a string, a boolean, or the head of a container. */
static bool
token(struct base_slice bytes, struct webauthn_cbor_item *item, size_t *used)
{
	struct cbor_decoder_result	result;

	if (bytes.len == 0)
		return (false);

	result = cbor_stream_decode(bytes.data, bytes.len, &callbacks, item);
	if (result.status != CBOR_DECODER_FINISHED ||
	    item->type == WEBAUTHN_CBOR_NOTHING ||
	    result.read != token_len(item))
		return (false);
	if (item->type == WEBAUTHN_CBOR_TEXT && item->string.len > 0 &&
	    !base_utf8_valid(item->string.data, item->string.len))
		return (false);

	*used = result.read;
	return (true);
}

/* Shortest heads make equal keys equal bytes. */
static bool
key_seen(const struct base_slice *keys, size_t count, struct base_slice key)
{
	for (size_t i = 0; i < count; i++) {
		if (base_bytes_same(keys[i], key))
			return (true);
	}
	return (false);
}

static bool
take_key(struct webauthn_cbor *cursor, struct base_slice *keys, size_t count)
{
	struct webauthn_cbor_item	key;

	if (!take(cursor, &key, 0) || (key.type != WEBAUTHN_CBOR_INTEGER &&
	    key.type != WEBAUTHN_CBOR_TEXT) || key_seen(keys, count, key.whole))
		return (false);
	keys[count] = key.whole;
	return (true);
}

static bool
take_pairs(struct webauthn_cbor *cursor, size_t count, unsigned int depth)
{
	struct base_slice		keys[WEBAUTHN_CBOR_PAIRS_MAX];
	struct webauthn_cbor_item	value;

	if (count > WEBAUTHN_CBOR_PAIRS_MAX)
		return (false);
	for (size_t i = 0; i < count; i++) {
		if (!take_key(cursor, keys, i) || !take(cursor, &value, depth))
			return (false);
	}
	return (true);
}

static bool
take_elements(struct webauthn_cbor *cursor, size_t count, unsigned int depth)
{
	struct webauthn_cbor_item	element;

	for (size_t i = 0; i < count; i++) {
		if (!take(cursor, &element, depth))
			return (false);
	}
	return (true);
}

/* "depth": how many containers may still be entered. */
static bool
take(struct webauthn_cbor *cursor, struct webauthn_cbor_item *out,
    unsigned int depth)
{
	struct webauthn_cbor_item	item = { 0 };
	struct webauthn_cbor		rest;
	size_t				used;

	if (!token(cursor->left, &item, &used))
		return (false);
	rest.left = after(cursor->left, used);

	if (item.type == WEBAUTHN_CBOR_ARRAY ||
	    item.type == WEBAUTHN_CBOR_MAP) {
		item.inside = rest;
		if (depth == 0)
			return (false);
		if (item.type == WEBAUTHN_CBOR_ARRAY &&
		    !take_elements(&rest, item.count, depth - 1))
			return (false);
		if (item.type == WEBAUTHN_CBOR_MAP &&
		    !take_pairs(&rest, item.count, depth - 1))
			return (false);
		item.inside.left.len -= rest.left.len;
	}

	item.whole.data = cursor->left.data;
	item.whole.len = cursor->left.len - rest.left.len;
	*cursor = rest;
	*out = item;
	return (true);
}

struct webauthn_cbor
webauthn_cbor_over(struct base_slice bytes)
{
	return ((struct webauthn_cbor){ .left = bytes });
}

bool
webauthn_cbor_take(struct webauthn_cbor *cursor,
    struct webauthn_cbor_item *item)
{
	return (take(cursor, item, WEBAUTHN_CBOR_DEPTH_MAX));
}

bool
webauthn_cbor_expect(struct webauthn_cbor *cursor,
    enum webauthn_cbor_type type, struct webauthn_cbor_item *item)
{
	struct webauthn_cbor		rest = *cursor;
	struct webauthn_cbor_item	got;

	if (!webauthn_cbor_take(&rest, &got) || got.type != type)
		return (false);
	*cursor = rest;
	*item = got;
	return (true);
}

bool
webauthn_cbor_done(const struct webauthn_cbor *cursor)
{
	return (cursor->left.len == 0);
}

bool
webauthn_cbor_text(const struct webauthn_cbor_item *item, const char *text)
{
	return (item->type == WEBAUTHN_CBOR_TEXT &&
	    base_bytes_is(item->string, text));
}
