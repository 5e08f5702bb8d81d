/*
 * What became of a call.
 */

#include "store/store_result.h"

enum store_status
store_result_status(const struct store_result *result)
{
	return (result->status);
}

int
store_result_rows(const struct store_result *result)
{
	return (result->rows);
}
