/*
 * Cells of a result, out of PostgreSQL's binary form.
 *
 * The database is trusted, yet every length is checked: a statement that
 * changed its columns must fail here and not read past a value.
 */

#include <string.h>

#include "store/store_result.h"

#define OID_TEXT	25
#define ARRAY_HEADER	12	/* dimensions, flags, element type */
#define ARRAY_DIMENSION	8	/* count, lower bound */

static bool	cell(const struct store_result *, int, int,
		    struct store_value *);
static uint32_t	get32(const uint8_t *);

bool
store_cell_null(const struct store_result *result, int row, int column)
{
	struct store_value	value;

	return (!cell(result, row, column, &value));
}

bool
store_cell_uuid(const struct store_result *result, int row, int column,
    struct base_uuid *out)
{
	struct store_value	value;

	if (!cell(result, row, column, &value) || value.len != BASE_UUID_LEN)
		return (false);

	memcpy(out->bytes, value.data, BASE_UUID_LEN);
	return (true);
}

bool
store_cell_int(const struct store_result *result, int row, int column,
    int64_t *out)
{
	struct store_value	value;

	if (!cell(result, row, column, &value))
		return (false);

	if (value.len == 4) {
		*out = (int32_t)get32(value.data);
		return (true);
	}
	if (value.len == 8) {
		*out = (int64_t)((uint64_t)get32(value.data) << 32 |
		    get32(value.data + 4));
		return (true);
	}

	return (false);
}

bool
store_cell_bool(const struct store_result *result, int row, int column,
    bool *out)
{
	struct store_value	value;

	if (!cell(result, row, column, &value) || value.len != 1)
		return (false);

	*out = value.data[0] != 0;
	return (true);
}

bool
store_cell_text(const struct store_result *result, int row, int column,
    char *out, size_t size)
{
	struct store_value	value;

	if (!cell(result, row, column, &value))
		return (false);

	return (base_bytes_text_copy(out, size, value.data,
	    (size_t)value.len));
}

bool
store_cell_slice(const struct store_result *result, int row, int column,
    struct base_slice *out)
{
	struct store_value	value;

	if (!cell(result, row, column, &value))
		return (false);

	out->data = value.data;
	out->len = (size_t)value.len;
	return (true);
}

bool
store_cell_texts(const struct store_result *result, int row, int column,
    struct base_slice *out, size_t max, size_t *count)
{
	struct store_value	 value;
	const uint8_t		*at, *end;
	uint32_t		 dimensions, elements;

	if (!cell(result, row, column, &value) || value.len < ARRAY_HEADER)
		return (false);

	at = value.data;
	end = at + value.len;
	dimensions = get32(at);
	if (get32(at + 8) != OID_TEXT || dimensions > 1)
		return (false);
	at += ARRAY_HEADER;

	elements = 0;
	if (dimensions == 1) {
		if (end - at < ARRAY_DIMENSION)
			return (false);
		elements = get32(at);
		at += ARRAY_DIMENSION;
	}
	if (elements > max)
		return (false);

	for (uint32_t i = 0; i < elements; i++) {
		uint32_t	len;

		if (end - at < 4)
			return (false);
		/* A NULL element has length -1 and is refused here too. */
		len = get32(at);
		at += 4;
		if (len > (size_t)(end - at))
			return (false);
		out[i].data = at;
		out[i].len = len;
		at += len;
	}
	if (at != end)
		return (false);

	*count = elements;
	return (true);
}

/* False when there is no such cell, or NULL in it. */
static bool
cell(const struct store_result *result, int row, int column,
    struct store_value *out)
{
	if (row < 0 || row >= result->rows || column < 0 ||
	    column >= result->columns)
		return (false);

	result->cell(result, row, column, out);
	return (out->data != NULL);
}

static uint32_t
get32(const uint8_t *data)
{
	return ((uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 |
	    (uint32_t)data[2] << 8 | (uint32_t)data[3]);
}
