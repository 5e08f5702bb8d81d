#include "webauthn/webauthn_options.h"

#include "base/base_base64url.h"

/* Longest bytes we name: a credential id. */
#define TEXT_MAX	BASE_BASE64URL_LEN(WEBAUTHN_CREDENTIAL_ID_MAX)

static json_t *
bytes_json(struct base_slice bytes)
{
	char	text[TEXT_MAX + 1];

	if (bytes.len > WEBAUTHN_CREDENTIAL_ID_MAX)
		return (NULL);
	base_base64url_encode(bytes.data, bytes.len, text);
	return (json_string(text));
}

static json_t *
transports_json(const struct webauthn_transports *transports)
{
	json_t	*list = json_array();

	for (size_t i = 0; i < transports->count; i++) {
		if (json_array_append_new(list,
		    json_string(transports->names[i])) != 0) {
			json_decref(list);
			return (NULL);
		}
	}
	return (list);
}

static json_t *
descriptor_json(const struct webauthn_descriptor *descriptor)
{
	json_t	*json;

	json = json_pack("{s:s, s:o}", "type", "public-key",
	    "id", bytes_json(descriptor->id));
	if (json == NULL || descriptor->transports == NULL ||
	    descriptor->transports->count == 0)
		return (json);
	if (json_object_set_new(json, "transports",
	    transports_json(descriptor->transports)) != 0) {
		json_decref(json);
		return (NULL);
	}
	return (json);
}

static json_t *
descriptors_json(const struct webauthn_descriptor *descriptors, size_t count)
{
	json_t	*list = json_array();

	for (size_t i = 0; i < count; i++) {
		if (json_array_append_new(list,
		    descriptor_json(&descriptors[i])) != 0) {
			json_decref(list);
			return (NULL);
		}
	}
	return (list);
}

static json_t *
algs_json(void)
{
	json_t	*list = json_array();

	for (size_t i = 0; i < WEBAUTHN_ALGS_COUNT; i++) {
		if (json_array_append_new(list, json_pack("{s:s, s:i}",
		    "type", "public-key", "alg",
		    (int)webauthn_algs[i])) != 0) {
			json_decref(list);
			return (NULL);
		}
	}
	return (list);
}

/* requireResidentKey says the same to clients of Level 1. */
static json_t *
selection_json(void)
{
	return (json_pack("{s:s, s:b, s:s}",
	    "residentKey", "required",
	    "requireResidentKey", 1,
	    "userVerification", "required"));
}

json_t *
webauthn_options_create(const struct webauthn_options_site *site,
    const struct webauthn_options_user *user, struct base_slice challenge,
    const struct webauthn_descriptor *exclude, size_t exclude_count)
{
	return (json_pack(
	    "{s:{s:s, s:s}, s:{s:o, s:s, s:s}, s:o, s:o, s:i, s:o, s:o, s:s,"
	    " s:{s:b}}",
	    "rp", "id", site->rp_id, "name", site->name,
	    "user", "id", bytes_json(user->handle), "name", user->name,
	    "displayName", user->display_name,
	    "challenge", bytes_json(challenge),
	    "pubKeyCredParams", algs_json(),
	    "timeout", WEBAUTHN_TIMEOUT_MS,
	    "excludeCredentials", descriptors_json(exclude, exclude_count),
	    "authenticatorSelection", selection_json(),
	    "attestation", "none",
	    "extensions", "credProps", 1));
}

json_t *
webauthn_options_get(const char *rp_id, struct base_slice challenge,
    const struct webauthn_descriptor *allow, size_t allow_count)
{
	return (json_pack("{s:s, s:o, s:i, s:s, s:o}",
	    "rpId", rp_id,
	    "challenge", bytes_json(challenge),
	    "timeout", WEBAUTHN_TIMEOUT_MS,
	    "userVerification", "required",
	    "allowCredentials", descriptors_json(allow, allow_count)));
}
