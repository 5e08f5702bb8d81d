/*
 * Query, form and JSON of a request.
 */

#include "web/web_input.h"

#include <string.h>
#include <strings.h>

#include "web/web_engine.h"
#include "web/web_json.h"

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

	if (!json_type_valid(web_header(x, "content-type", &repeated)) ||
	    repeated)
		return (NULL);

	json = web_json_parse(web_request(x)->body);
	return (json == NULL ? NULL : web_exchange_keep(x, json));
}
