#include "webauthn/webauthn_json.h"

#include "base/base_base64url.h"
#include "webauthn/webauthn.h"

/* Deepest nesting of brackets outside strings. */
static unsigned int
depth_of(struct base_slice text)
{
	unsigned int	depth = 0, deepest = 0;
	bool		quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t	c = text.data[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '[' || c == '{') &&
		    ++depth > deepest)
			deepest = depth;
		else if (!quoted && (c == ']' || c == '}') && depth > 0)
			depth--;
	}
	return (deepest);
}

json_t *
webauthn_json_load(struct base_slice text)
{
	json_t	*json;

	if (text.len == 0 || text.len > WEBAUTHN_BODY_MAX ||
	    depth_of(text) > WEBAUTHN_JSON_DEPTH_MAX)
		return (NULL);
	json = json_loadb((const char *)text.data, text.len,
	    JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(json)) {
		json_decref(json);
		return (NULL);
	}
	return (json);
}

enum webauthn_verdict
webauthn_json_bytes(struct base_arena *arena, const json_t *object,
    const char *name, size_t max, struct base_slice *out)
{
	const json_t	*json = json_object_get(object, name);
	size_t		 len, text_len = json_string_length(json);
	uint8_t		*bytes;

	if (!json_is_string(json))
		return (WEBAUTHN_RESPONSE_MALFORMED);
	if (text_len > BASE_BASE64URL_LEN(max))
		return (WEBAUTHN_RESPONSE_TOO_LONG);

	bytes = base_arena_new(arena, text_len + 1);
	if (!base_base64url_decode(json_string_value(json), text_len, bytes,
	    text_len + 1, &len))
		return (WEBAUTHN_RESPONSE_MALFORMED);
	*out = (struct base_slice){ bytes, len };
	return (WEBAUTHN_OK);
}
