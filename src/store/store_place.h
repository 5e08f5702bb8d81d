/*
 * Where a request came from, as sessions and audit rows keep it.
 */
#ifndef PERMISO_STORE_PLACE_H
#define PERMISO_STORE_PLACE_H

#include "store/store.h"

/* Texts are borrowed; "" becomes NULL. */
struct store_place {
	const char	*address;	/* of the person, textual; never a name */
	const char	*device;	/* "Firefox on Linux" */
	const char	*request_id;
};

/*
 * Bind the next three parameters, all of type t.  In the statement they are
 * STORE_PLACE_ADDRESS("$n"), nullif($n, '') and nullif($n, '').
 */
void	store_place(struct store_call *call, const struct store_place *place);

#define STORE_PLACE_ADDRESS(n)	"nullif(" n ", '')::inet"
#define STORE_PLACE_TEXT(n)	"nullif(" n ", '')"

#endif /* !PERMISO_STORE_PLACE_H */
