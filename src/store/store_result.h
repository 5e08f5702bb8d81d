/*
 * Inside of a result: for those who make them (store_postgres.c, the runners,
 * the tests' fake), never for those who read them.
 */
#ifndef PERMISO_STORE_RESULT_H
#define PERMISO_STORE_RESULT_H

#include "store/store.h"

struct store_result {
	enum store_status	 status;
	int			 rows;
	int			 columns;
	int			 first;		/* the owner's row that is row 0 */
	/* The cell at a place that exists: *out with data NULL for NULL. */
	void			(*cell)(const struct store_result *result,
				    int row, int column,
				    struct store_value *out);
	const void		*owner;		/* of the cells */
};

/* No rows and STORE_FAILED: what every result starts as. */
#define STORE_RESULT_FAILED	((struct store_result){ \
				    .status = STORE_FAILED })

#endif /* !PERMISO_STORE_RESULT_H */
