/*
 * Query, form and JSON of a request.
 */

#include "web/web_input.h"

#include <string.h>
#include <strings.h>

#include "web/web_engine.h"

enum web_form_status
web_input_query(struct web_exchange *x, struct web_form *out)
{
	return (web_form_parse(web_arena(x), web_request(x)->query, out));
}

enum web_form_status
web_input_form(struct web_exchange *x, struct web_form *out)
{
	bool			repeated;
	struct base_slice	type;

	type = web_header(x, "content-type", &repeated);
	if (repeated || !web_form_type_valid(type)) {
		memset(out, 0, sizeof(*out));
		return (WEB_FORM_MALFORMED);
	}

	return (web_form_parse(web_arena(x), web_request(x)->body, out));
}

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
			if (!quoted && ++depth > WEB_INPUT_JSON_DEPTH)
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

static bool
json_type_valid(struct base_slice type)
{
	static const char	json[] = "application/json";
	size_t			len = sizeof(json) - 1;

	if (type.len < len ||
	    strncasecmp((const char *)type.data, json, len) != 0)
		return (false);

	return (type.len == len || type.data[len] == ';');
}

json_t *
web_input_json(struct web_exchange *x)
{
	bool			 repeated;
	json_t			*json;
	struct base_slice	 body = web_request(x)->body;

	if (!json_type_valid(web_header(x, "content-type", &repeated)) ||
	    repeated || !depth_valid(body))
		return (NULL);

	json = json_loadb((const char *)body.data, body.len,
	    JSON_REJECT_DUPLICATES, NULL);
	if (json == NULL)
		return (NULL);

	(void)web_engine_keep(x, json);
	return (json_is_object(json) ? json : NULL);
}
