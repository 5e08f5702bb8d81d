/*
 * Where a request came from.
 */

#include "store/store_place.h"

void
store_place(struct store_call *call, const struct store_place *place)
{
	store_text(call, place->address);
	store_text(call, place->device);
	store_text(call, place->request_id);
}
