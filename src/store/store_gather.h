/*
 * Several calls of one statement sent as one statement, so that they share its
 * start, its commit and the disk's answer: most of what a short statement
 * costs.  Calls of one turn of the loop go together, and those that arrive
 * while one is under way in the next; a lone one waits for nothing.
 *
 * A statement with "gather" is always sent so, one call too.  Its text reads
 * each parameter as an array with an element a call, $5[i], begins
 * FROM STORE_GATHER("$1"), to which everything else is LEFT JOINed by a key,
 * and gives a row a call whose last column, not counted in "columns", is i.
 */
#ifndef PERMISO_STORE_GATHER_H
#define PERMISO_STORE_GATHER_H

#include "base/base_buffer.h"
#include "store/store.h"

#define STORE_GATHER_MAX	32	/* calls in one statement */

/* The calls, i from 1 on; "param" is any of them.  The planner takes unnest()
 * for ten rows, and a plan for ten rows is the one that is wanted. */
#define STORE_GATHER(param)						\
	"(SELECT n::int AS i FROM unnest(" param ") "			\
	"WITH ORDINALITY AS each (one, n)) AS asked "

/* The type (oid) of parameter "at" as the statement is prepared. */
uint32_t	store_gather_type(const struct store_statement *statement,
		    size_t at);

/*
 * The order of two calls inside a statement, by the parameter that keeps them
 * apart: below, at or above 0; above when nothing has to.  Those that are
 * equal cannot go together, and with all in one order no two statements wait
 * for each other in a circle.
 */
int		store_gather_order(const struct store_call *a,
		    const struct store_call *b);

/*
 * The parameters of "count" (1 to STORE_GATHER_MAX) calls of one statement,
 * as arrays; they lie in "buffer", an empty one, which the caller clears.
 * False, values undefined, when out of memory.
 */
bool		store_gather_values(const struct store_call *const *calls,
		    size_t count, struct base_buffer *buffer,
		    struct store_value values[STORE_PARAMS_MAX]);

#endif /* !PERMISO_STORE_GATHER_H */
