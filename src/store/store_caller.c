/*
 * Who asks: the first parameters of the settings' statements.
 */

#include "store/store_caller.h"

struct store_call *
store_caller_read(struct base_arena *arena,
    const struct store_statement *statement,
    const struct store_caller *caller)
{
	struct store_call	*call = store_call(arena, statement);

	store_bytes(call, caller->digest, sizeof(caller->digest));
	return (call);
}

struct store_call *
store_caller_write(struct base_arena *arena,
    const struct store_statement *statement,
    const struct store_caller *caller)
{
	const struct base_uuid	 audit = base_uuid_new();
	struct store_call	*call;

	call = store_caller_read(arena, statement, caller);
	store_place(call, &caller->place);
	store_uuid(call, &audit);
	return (call);
}

enum store_status
store_caller_rows(const struct store_result *result, int column, int *rows)
{
	int	count;

	if (store_result_status(result) != STORE_OK)
		return (STORE_FAILED);
	if ((count = store_result_rows(result)) == 0)
		return (STORE_GONE);

	*rows = store_cell_null(result, 0, column) ? 0 : count;
	return (STORE_OK);
}
