/*
 * The Cookie header and X-Forwarded-For.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "web/web_address.h"
#include "web/web_cookie.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char				address[46];
	struct base_slice		found;
	struct web_address_rules	rules;
	const struct base_slice		header = { data, size };

	found = web_cookie_find(header, "__Host-", "session");
	if (found.len > 0 && (found.data < data ||
	    found.data + found.len > data + size ||
	    memchr(found.data, ';', found.len) != NULL))
		abort();

	if (!web_address_parse("127.0.0.1, 10.0.0.0/8, ::1", &rules))
		abort();
	web_address_find(&rules, "127.0.0.1", header, address,
	    sizeof(address));
	if (*address == '\0')
		abort();

	return (0);
}
