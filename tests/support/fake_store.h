/*
 * Results of the store made from C values, for tests of decoders and of
 * handlers: no database, no libpq.
 *
 *	struct store_result *result = fake_store_result(STORE_OK);
 *
 *	fake_store_row(result, "tui", "ok", &user, (int64_t)3);
 *	...
 *	fake_store_free(result);
 */
#ifndef PERMISO_TESTS_FAKE_STORE_H
#define PERMISO_TESTS_FAKE_STORE_H

#include "store/store.h"

/* A result without rows. */
struct store_result	*fake_store_result(enum store_status status);

/*
 * Append a row: one letter of store_statement.types for each column, and its
 * value: u const struct base_uuid *, b const void * and size_t, t const char *
 * (NULL: NULL), i int64_t (cast it!), o bool, T const char *const *, and n for
 * NULL, which takes no value.
 */
void	fake_store_row(struct store_result *result, const char *letters, ...);

void	fake_store_free(struct store_result *result);

/*
 * What a call was bound with, to check what a handler asks: text or bytes of
 * a parameter (from 0), or its number.  A parameter that is NULL or missing
 * gives an empty slice, or 0.
 */
struct base_slice	fake_store_value(const struct store_call *call,
			    int parameter);
int64_t			fake_store_number(const struct store_call *call,
			    int parameter);

#endif /* !PERMISO_TESTS_FAKE_STORE_H */
