/*
 * JSON bodies.
 */

#include "web/web_json.h"

/* jansson's own limit is 2,048 levels; ours is what our inputs need. */
static bool
depth_valid(struct base_slice text)
{
	bool	quoted = false;
	int	depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		switch (text.data[i]) {
		case '"':
			quoted = !quoted;
			break;
		case '\\':
			i += quoted ? 1 : 0;
			break;
		case '{':
		case '[':
			if (!quoted && ++depth > WEB_JSON_DEPTH)
				return (false);
			break;
		case '}':
		case ']':
			if (!quoted)
				depth--;
			break;
		}
	}

	return (true);
}

json_t *
web_json_parse(struct base_slice text)
{
	json_t	*json;

	if (!depth_valid(text))
		return (NULL);

	json = json_loadb((const char *)text.data, text.len,
	    JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(json)) {
		json_decref(json);
		return (NULL);
	}

	return (json);
}
