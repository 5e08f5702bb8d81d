#include "webauthn/webauthn_response.h"

#include <string.h>

#include "base/base_bytes.h"
#include "webauthn/webauthn_json.h"

/* An optional member: absent, null, or of the type that "valid" says. */
static bool
optional(const json_t *object, const char *name, json_type type,
    const json_t **out)
{
	const json_t	*json = json_object_get(object, name);

	if (json_is_null(json))
		json = NULL;
	*out = json;
	return (json == NULL || json_typeof(json) == type);
}

static bool
text_is(const json_t *json, const char *want)
{
	return (base_bytes_equal(json_string_value(json),
	    json_string_length(json), want, strlen(want)));
}

static enum webauthn_verdict
id_parse(struct base_arena *arena, const json_t *json, struct base_slice *out)
{
	const json_t		*id = json_object_get(json, "id");
	const json_t		*raw = json_object_get(json, "rawId");
	enum webauthn_verdict	 verdict;

	if (!json_is_string(id))
		return (WEBAUTHN_RESPONSE_MALFORMED);
	if ((verdict = webauthn_json_bytes(arena, json, "rawId",
	    WEBAUTHN_CREDENTIAL_ID_MAX, out)) != WEBAUTHN_OK)
		return (verdict);

	/* One text for one value: the decoder is strict. */
	if (!text_is(id, json_string_value(raw)) ||
	    out->len < WEBAUTHN_CREDENTIAL_ID_MIN)
		return (WEBAUTHN_CREDENTIAL_ID);
	return (WEBAUTHN_OK);
}

enum webauthn_verdict
webauthn_response_parse(struct base_arena *arena, const json_t *json,
    struct webauthn_response *out)
{
	struct webauthn_response	 head = { 0 };
	const json_t			*type = json_object_get(json, "type");
	const json_t			*attachment;
	enum webauthn_verdict		 verdict;

	head.response = json_object_get(json, "response");
	if (!json_is_string(type) || !json_is_object(head.response) ||
	    !optional(json, "authenticatorAttachment", JSON_STRING,
	    &attachment) ||
	    !optional(json, "clientExtensionResults", JSON_OBJECT,
	    &head.extensions))
		return (WEBAUTHN_RESPONSE_MALFORMED);

	if (!text_is(type, "public-key"))
		return (WEBAUTHN_CREDENTIAL_TYPE);
	head.cross_platform = attachment != NULL &&
	    text_is(attachment, "cross-platform");

	if ((verdict = id_parse(arena, json, &head.id)) != WEBAUTHN_OK ||
	    (verdict = webauthn_json_bytes(arena, head.response,
	    "clientDataJSON", WEBAUTHN_CLIENT_DATA_MAX,
	    &head.client_data)) != WEBAUTHN_OK)
		return (verdict);

	*out = head;
	return (WEBAUTHN_OK);
}
