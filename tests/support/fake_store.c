/*
 * Results made from C values: each row is a call, whose values are the cells.
 */

#include "support/fake_store.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_arena.h"
#include "store/store_result.h"

struct fake {
	struct store_result	  result;	/* first: freed by its address */
	struct base_arena	  arena;
	struct store_call	**rows;
};

static void	fake_cell(const struct store_result *, int, int,
		    struct store_value *);

struct store_result *
fake_store_result(enum store_status status)
{
	struct fake	*fake;

	if ((fake = calloc(1, sizeof(*fake))) == NULL)
		abort();
	base_arena_init(&fake->arena);
	fake->result.status = status;
	fake->result.cell = fake_cell;
	fake->result.owner = fake;

	return (&fake->result);
}

void
fake_store_row(struct store_result *result, const char *letters, ...)
{
	struct fake		*fake = (struct fake *)result;
	struct store_statement	*statement;
	struct store_call	*row;
	char			*types;
	const void		*data;
	va_list			 args;

	types = base_arena_text(&fake->arena, letters, strlen(letters));
	statement = base_arena_new(&fake->arena, sizeof(*statement));
	statement->name = "fake";
	statement->types = types;
	row = store_call(&fake->arena, statement);

	va_start(args, letters);
	for (const char *letter = letters; *letter != '\0'; letter++) {
		switch (*letter) {
		case 'u':
			store_uuid(row, va_arg(args, const struct base_uuid *));
			break;
		case 'b':
			data = va_arg(args, const void *);
			store_bytes(row, data, va_arg(args, size_t));
			break;
		case 't':
			store_text(row, va_arg(args, const char *));
			break;
		case 'i':
			store_int(row, va_arg(args, int64_t));
			break;
		case 'o':
			store_bool(row, va_arg(args, int));
			break;
		case 'T':
			store_texts(row, va_arg(args, const char *const *));
			break;
		case 'n':
			store_null(row);
			break;
		default:
			abort();
		}
	}
	va_end(args);

	fake->rows = realloc(fake->rows,
	    (size_t)(result->rows + 1) * sizeof(*fake->rows));
	if (fake->rows == NULL)
		abort();
	fake->rows[result->rows++] = row;
	if (result->columns < row->count)
		result->columns = row->count;
}

void
fake_store_free(struct store_result *result)
{
	struct fake	*fake = (struct fake *)result;

	if (fake == NULL)
		return;

	base_arena_clear(&fake->arena);
	free(fake->rows);
	free(fake);
}

struct base_slice
fake_store_value(const struct store_call *call, int parameter)
{
	struct base_slice	slice = { NULL, 0 };

	if (parameter < call->count && call->values[parameter].data != NULL) {
		slice.data = call->values[parameter].data;
		slice.len = (size_t)call->values[parameter].len;
	}

	return (slice);
}

int64_t
fake_store_number(const struct store_call *call, int parameter)
{
	struct base_slice	slice = fake_store_value(call, parameter);
	uint64_t		number;

	number = 0;
	for (size_t i = 0; i < slice.len && i < 8; i++)
		number = number << 8 | slice.data[i];

	return ((int64_t)number);
}

static void
fake_cell(const struct store_result *result, int row, int column,
    struct store_value *out)
{
	const struct fake	*fake = result->owner;

	*out = (struct store_value){ NULL, 0 };
	if (column < fake->rows[row]->count)
		*out = fake->rows[row]->values[column];
}
