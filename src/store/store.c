/*
 * Calls: a statement and its values in PostgreSQL's binary form.
 */

#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_log.h"

/* Object ids of types, fixed by PostgreSQL (pg_type.dat). */
#define OID_BOOL	16
#define OID_BYTEA	17
#define OID_INT8	20
#define OID_TEXT	25
#define OID_BOOLS	1000
#define OID_BYTEAS	1001
#define OID_TEXTS	1009
#define OID_INT8S	1016
#define OID_UUID	2950
#define OID_UUIDS	2951

static void	 add(struct store_call *, char, const void *, size_t);
static char	 next_letter(const struct store_call *);
static void	 put32(uint8_t *, uint32_t);
static void	 wrong(const struct store_call *, const char *)
		    __attribute__((noreturn));

static const struct {
	const char		*word;
	enum store_status	 status;
} verdicts[] = {
	{ "ok",		STORE_OK },
	{ "bad_client",	STORE_BAD_CLIENT },
	{ "spent",	STORE_SPENT },
	{ "gone",	STORE_GONE },
	{ "missing",	STORE_MISSING },
	{ "conflict",	STORE_CONFLICT },
	{ "refused",	STORE_REFUSED },
	{ "stale",	STORE_STALE },
};

uint32_t
store_type(char letter)
{
	switch (letter) {
	case 'u':
		return (OID_UUID);
	case 'b':
		return (OID_BYTEA);
	case 't':
		return (OID_TEXT);
	case 'i':
		return (OID_INT8);
	case 'o':
		return (OID_BOOL);
	case 'T':
		return (OID_TEXTS);
	}

	return (0);
}

uint32_t
store_type_array(char letter)
{
	switch (letter) {
	case 'u':
		return (OID_UUIDS);
	case 'b':
		return (OID_BYTEAS);
	case 't':
		return (OID_TEXTS);
	case 'i':
		return (OID_INT8S);
	case 'o':
		return (OID_BOOLS);
	}

	return (0);
}

struct store_call *
store_call(struct base_arena *arena, const struct store_statement *statement)
{
	struct store_call	*call;

	call = base_arena_new(arena, sizeof(*call));
	call->arena = arena;
	call->statement = statement;
	if (strlen(statement->types) > STORE_PARAMS_MAX)
		wrong(call, "too many parameters");

	return (call);
}

void
store_uuid(struct store_call *call, const struct base_uuid *uuid)
{
	add(call, 'u', uuid->bytes, sizeof(uuid->bytes));
}

void
store_bytes(struct store_call *call, const void *data, size_t len)
{
	add(call, 'b', data, len);
}

void
store_text(struct store_call *call, const char *text)
{
	if (text == NULL && next_letter(call) == 't')
		store_null(call);
	else if (text == NULL)
		wrong(call, "no text parameter here");
	else
		add(call, 't', text, strlen(text));
}

void
store_int(struct store_call *call, int64_t value)
{
	uint64_t	bits = (uint64_t)value;
	uint8_t		data[8];

	put32(data, (uint32_t)(bits >> 32));
	put32(data + 4, (uint32_t)bits);
	add(call, 'i', data, sizeof(data));
}

void
store_bool(struct store_call *call, bool value)
{
	uint8_t	data = value ? 1 : 0;

	add(call, 'o', &data, sizeof(data));
}

/* Dimensions, flags, element type, count, lower bound; then the elements. */
void
store_texts(struct store_call *call, const char *const *texts)
{
	uint8_t		*data, *at;
	size_t		 count, len;

	len = 20;
	for (count = 0; texts[count] != NULL; count++)
		len += 4 + strlen(texts[count]);

	data = base_arena_new(call->arena, len);
	put32(data, count > 0 ? 1 : 0);
	put32(data + 4, 0);
	put32(data + 8, OID_TEXT);
	put32(data + 12, (uint32_t)count);
	put32(data + 16, 1);

	at = data + 20;
	for (size_t i = 0; i < count; i++) {
		size_t	n = strlen(texts[i]);

		put32(at, (uint32_t)n);
		memcpy(at + 4, texts[i], n);
		at += 4 + n;
	}

	/* An empty array has no dimension, so no count and bound either. */
	add(call, 'T', data, count > 0 ? len : 12);
}

void
store_null(struct store_call *call)
{
	if (next_letter(call) == '\0')
		wrong(call, "more values than parameters");
	call->values[call->count].data = NULL;
	call->values[call->count++].len = 0;
}

bool
store_complete(const struct store_call *call)
{
	return (next_letter(call) == '\0');
}

enum store_status
store_verdict(const struct store_result *result)
{
	char	word[16];

	if (store_result_status(result) != STORE_OK)
		return (store_result_status(result));
	if (store_result_rows(result) < 1 ||
	    !store_cell_text(result, 0, 0, word, sizeof(word)))
		return (STORE_FAILED);

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (strcmp(word, verdicts[i].word) == 0)
			return (verdicts[i].status);
	}

	return (STORE_FAILED);
}

/* Data is never NULL in a bound value: NULL means SQL NULL. */
static void
add(struct store_call *call, char letter, const void *data, size_t len)
{
	struct store_value	*value;

	if (next_letter(call) != letter)
		wrong(call, "a value of another type than its parameter");
	if (len > BASE_ARENA_MAX)
		wrong(call, "a value that is too large");

	value = &call->values[call->count++];
	value->data = len > 0 ? base_arena_copy(call->arena, data, len) :
	    base_arena_new(call->arena, 1);
	value->len = (int)len;
}

/* The type of the parameter that is to be bound next; NUL: none is left. */
static char
next_letter(const struct store_call *call)
{
	return (call->statement->types[call->count]);
}

static void
put32(uint8_t *out, uint32_t value)
{
	out[0] = (uint8_t)(value >> 24);
	out[1] = (uint8_t)(value >> 16);
	out[2] = (uint8_t)(value >> 8);
	out[3] = (uint8_t)value;
}

static void
wrong(const struct store_call *call, const char *what)
{
	base_log(BASE_LOG_ERROR, "store", "statement bound wrongly",
	    base_log_text("statement", call->statement->name),
	    base_log_text("why", what),
	    base_log_number("parameter", call->count + 1));
	abort();
}
