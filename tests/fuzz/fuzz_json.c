/*
 * JSON bodies.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "web/web_json.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t			*json;
	const struct base_slice	 text = { data, size };

	if ((json = web_json_parse(text)) != NULL && !json_is_object(json))
		abort();

	json_decref(json);
	return (0);
}
