#include "webauthn/webauthn_client_data.h"

#include <string.h>

#include <jansson.h>

#include "base/base_base64url.h"
#include "base/base_bytes.h"
#include "webauthn/webauthn_json.h"

/* Longest challenge that fits into client data at all. */
#define CHALLENGE_MAX	(WEBAUTHN_CLIENT_DATA_MAX * 3 / 4)

static struct base_slice
without_bom(struct base_slice bytes)
{
	static const char	bom[] = "\xef\xbb\xbf";

	if (base_bytes_begin(bytes, bom)) {
		bytes.data += strlen(bom);
		bytes.len -= strlen(bom);
	}
	return (bytes);
}

/* Bytes against bytes; a text is never decoded to be compared (rule 8). */
static bool
text_is(const json_t *json, const void *data, size_t len)
{
	return (base_bytes_equal(json_string_value(json),
	    json_string_length(json), data, len));
}

static bool
challenge_is(const json_t *json, struct base_slice want)
{
	uint8_t	got[CHALLENGE_MAX];
	size_t	len;

	return (want.len > 0 && base_base64url_decode(json_string_value(json),
	    json_string_length(json), got, sizeof(got), &len) &&
	    base_bytes_equal(got, len, want.data, want.len));
}

static bool
origin_is_ours(const json_t *json, const struct webauthn_expect *expect)
{
	for (size_t i = 0; i < expect->origin_count; i++) {
		if (expect->origins[i].len > 0 && text_is(json,
		    expect->origins[i].data, expect->origins[i].len))
			return (true);
	}
	return (false);
}

static enum webauthn_verdict
object_check(const json_t *object, const char *type,
    const struct webauthn_expect *expect)
{
	const json_t	*kind = json_object_get(object, "type");
	const json_t	*challenge = json_object_get(object, "challenge");
	const json_t	*origin = json_object_get(object, "origin");
	const json_t	*cross = json_object_get(object, "crossOrigin");

	if (!json_is_string(kind) || !json_is_string(challenge) ||
	    !json_is_string(origin) ||
	    (cross != NULL && !json_is_boolean(cross)))
		return (WEBAUTHN_CLIENT_DATA_MALFORMED);

	if (!text_is(kind, type, strlen(type)))
		return (WEBAUTHN_CLIENT_DATA_TYPE);
	if (!challenge_is(challenge, expect->challenge))
		return (WEBAUTHN_CLIENT_DATA_CHALLENGE);
	if (!origin_is_ours(origin, expect))
		return (WEBAUTHN_CLIENT_DATA_ORIGIN);
	if (json_is_true(cross))
		return (WEBAUTHN_CLIENT_DATA_CROSS_ORIGIN);
	if (json_object_get(object, "topOrigin") != NULL)
		return (WEBAUTHN_CLIENT_DATA_TOP_ORIGIN);
	return (WEBAUTHN_OK);
}

enum webauthn_verdict
webauthn_client_data_check(struct base_slice bytes, const char *type,
    const struct webauthn_expect *expect)
{
	enum webauthn_verdict	 verdict;
	json_t			*object;

	if (bytes.len > WEBAUTHN_CLIENT_DATA_MAX ||
	    (object = webauthn_json_load(without_bom(bytes))) == NULL)
		return (WEBAUTHN_CLIENT_DATA_MALFORMED);
	verdict = object_check(object, type, expect);
	json_decref(object);
	return (verdict);
}
