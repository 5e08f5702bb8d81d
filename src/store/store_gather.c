/*
 * Calls of one statement as arrays.
 */

#include "store/store_gather.h"

#include <stdlib.h>

#include "base/base_log.h"

#define VALUES_MAX	(1 << 24)

static void	put32(struct base_buffer *, uint32_t);

uint32_t
store_gather_type(const struct store_statement *statement, size_t at)
{
	char	letter = statement->types[at];

	if (statement->gather == 0)
		return (store_type(letter));
	if (store_type_array(letter) == 0) {
		base_log(BASE_LOG_ERROR, "store", "no array of this type",
		    base_log_text("statement", statement->name));
		abort();
	}

	return (store_type_array(letter));
}

int
store_gather_order(const struct store_call *a, const struct store_call *b)
{
	const struct store_value	*x, *y;

	if (a->statement->apart == 0)
		return (1);
	x = &a->values[a->statement->apart - 1];
	y = &b->values[b->statement->apart - 1];

	return (base_bytes_order(
	    (struct base_slice){ x->data, (size_t)x->len },
	    (struct base_slice){ y->data, (size_t)y->len }));
}

/* Dimensions, whether one is NULL, element type, count, lower bound. */
bool
store_gather_values(const struct store_call *const *calls, size_t count,
    struct base_buffer *buffer, struct store_value values[STORE_PARAMS_MAX])
{
	const struct store_statement	*statement = calls[0]->statement;
	size_t				 begin[STORE_PARAMS_MAX + 1];
	int				 params = calls[0]->count;

	base_buffer_init(buffer, VALUES_MAX);
	for (int at = 0; at < params; at++) {
		begin[at] = buffer->len;
		put32(buffer, 1);
		put32(buffer, 1);
		put32(buffer, store_type(statement->types[at]));
		put32(buffer, (uint32_t)count);
		put32(buffer, 1);
		for (size_t i = 0; i < count; i++) {
			const struct store_value	*v;

			v = &calls[i]->values[at];
			put32(buffer, v->data == NULL ? UINT32_MAX :
			    (uint32_t)v->len);
			base_buffer_append(buffer, v->data, (size_t)v->len);
		}
	}
	begin[params] = buffer->len;
	if (base_buffer_finish(buffer) == NULL)
		return (false);

	for (int at = 0; at < params; at++) {
		values[at].data = buffer->data + begin[at];
		values[at].len = (int)(begin[at + 1] - begin[at]);
	}

	return (true);
}

static void
put32(struct base_buffer *out, uint32_t value)
{
	const uint8_t	data[] = { (uint8_t)(value >> 24),
			    (uint8_t)(value >> 16), (uint8_t)(value >> 8),
			    (uint8_t)value };

	base_buffer_append(out, data, sizeof(data));
}
