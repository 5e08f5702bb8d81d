/*
 * Reading one cookie.
 */

#include "web/web_cookie.h"

#include <string.h>

#include "base/base_bytes.h"

static bool
starts(struct base_slice *pair, const char *word)
{
	if (!base_bytes_begin(*pair, word))
		return (false);

	pair->data += strlen(word);
	pair->len -= strlen(word);
	return (true);
}

struct base_slice
web_cookie_find(struct base_slice header, const char *prefix,
    const char *name)
{
	size_t			 used;
	const uint8_t		*semicolon;
	struct base_slice	 pair, found = { NULL, 0 };
	const struct base_slice	 none = { NULL, 0 };

	while (header.len > 0) {
		pair = header;
		semicolon = memchr(header.data, ';', header.len);
		if (semicolon != NULL)
			pair.len = (size_t)(semicolon - header.data);
		used = pair.len + (semicolon != NULL ? 1 : 0);

		while (starts(&pair, " "))
			continue;
		if (starts(&pair, prefix) && starts(&pair, name) &&
		    starts(&pair, "=")) {
			if (found.data != NULL)
				return (none);
			found = pair;
		}

		header.data += used;
		header.len -= used;
	}

	return (found);
}
