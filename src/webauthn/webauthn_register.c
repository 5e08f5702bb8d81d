#include "webauthn/webauthn_register.h"

#include <string.h>

#include "base/base_hash.h"
#include "webauthn/webauthn_attestation.h"
#include "webauthn/webauthn_authdata.h"
#include "webauthn/webauthn_client_data.h"
#include "webauthn/webauthn_cose.h"
#include "webauthn/webauthn_json.h"
#include "webauthn/webauthn_response.h"

/* ------------------------------------------------------------- the JSON */

/* Words of the registry are lower case with hyphens; unknown ones are kept. */
static bool
transport_valid(const char *name, size_t len)
{
	static const char	letters[] =
	    "abcdefghijklmnopqrstuvwxyz0123456789-_"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return (len > 0 && len <= WEBAUTHN_TRANSPORT_MAX &&
	    strspn(name, letters) == len);
}

static enum webauthn_verdict
transports_parse(const json_t *response, struct webauthn_transports *out)
{
	const json_t	*list = json_object_get(response, "transports");
	const json_t	*name;
	size_t		 i, count = json_array_size(list);

	if (list == NULL || json_is_null(list))
		return (WEBAUTHN_OK);
	if (!json_is_array(list) || count > WEBAUTHN_TRANSPORTS_MAX)
		return (WEBAUTHN_TRANSPORTS);

	for (i = 0; i < count; i++) {
		name = json_array_get(list, i);
		if (!json_is_string(name) ||
		    !transport_valid(json_string_value(name),
		    json_string_length(name)))
			return (WEBAUTHN_TRANSPORTS);
		memcpy(out->names[i], json_string_value(name),
		    json_string_length(name) + 1);
	}
	out->count = count;
	return (WEBAUTHN_OK);
}

/*
 * credProps (section 10.1.3): a client that says "not discoverable" has made
 * a key that could never sign in here; one that says nothing may have.
 */
static enum webauthn_verdict
resident_parse(const json_t *extensions, enum webauthn_resident *out)
{
	const json_t	*props = json_object_get(extensions, "credProps");
	const json_t	*rk = json_object_get(props, "rk");

	*out = WEBAUTHN_RESIDENT_UNKNOWN;
	if (props != NULL && !json_is_null(props) && !json_is_object(props))
		return (WEBAUTHN_EXTENSIONS);
	if (rk == NULL || json_is_null(rk))
		return (WEBAUTHN_OK);
	if (!json_is_boolean(rk))
		return (WEBAUTHN_EXTENSIONS);
	if (json_is_false(rk))
		return (WEBAUTHN_NOT_DISCOVERABLE);
	*out = WEBAUTHN_RESIDENT_YES;
	return (WEBAUTHN_OK);
}

enum webauthn_verdict
webauthn_register_parse(struct base_arena *arena, const json_t *json,
    struct webauthn_register_response *out)
{
	struct webauthn_register_response	response = { 0 };
	struct webauthn_response		head;
	enum webauthn_verdict			verdict;

	if ((verdict = webauthn_response_parse(arena, json,
	    &head)) != WEBAUTHN_OK)
		return (verdict);
	response.id = head.id;
	response.client_data = head.client_data;
	response.cross_platform = head.cross_platform;

	if (json_object_get(head.response, "attestationObject") == NULL &&
	    json_object_get(head.response, "signature") != NULL)
		return (WEBAUTHN_RESPONSE_KIND);
	if ((verdict = webauthn_json_bytes(arena, head.response,
	    "attestationObject", WEBAUTHN_ATTESTATION_MAX,
	    &response.attestation)) != WEBAUTHN_OK ||
	    (verdict = transports_parse(head.response,
	    &response.transports)) != WEBAUTHN_OK ||
	    (verdict = resident_parse(head.extensions,
	    &response.resident)) != WEBAUTHN_OK)
		return (verdict);

	*out = response;
	return (WEBAUTHN_OK);
}

/* ---------------------------------------------------------- the ceremony */

static bool
alg_offered(const struct webauthn_register_expect *expect, int64_t alg)
{
	for (size_t i = 0; i < expect->alg_count; i++) {
		if (expect->algs[i] == alg)
			return (true);
	}
	return (false);
}

/* R20, and that the key is one. */
static enum webauthn_verdict
key_check(const struct webauthn_authdata *data,
    const struct webauthn_register_expect *expect,
    struct webauthn_credential *credential)
{
	struct webauthn_cose	key;
	enum webauthn_verdict	verdict;
	int64_t			alg;

	if (!webauthn_cose_alg(data->cose, &alg) ||
	    data->cose.len > sizeof(credential->cose))
		return (WEBAUTHN_KEY_MALFORMED);
	if (!alg_offered(expect, alg))
		return (WEBAUTHN_KEY_ALGORITHM);
	if ((verdict = webauthn_cose_parse(data->cose,
	    &key)) != WEBAUTHN_OK)
		return (verdict);

	credential->alg = key.alg;
	memcpy(credential->cose, data->cose.data, data->cose.len);
	credential->cose_len = data->cose.len;
	return (webauthn_cose_spki(&key, credential->spki,
	    &credential->spki_len));
}

/* R13-R19, R25, and that the id is the one the client named. */
static enum webauthn_verdict
authdata_check(const struct webauthn_register_response *response,
    const struct webauthn_register_expect *expect, struct base_slice bytes,
    struct webauthn_authdata *data)
{
	enum webauthn_verdict	verdict;

	if ((verdict = webauthn_authdata_decode(bytes, data)) != WEBAUTHN_OK)
		return (verdict);
	if (!data->attested)
		return (WEBAUTHN_AUTH_DATA_ATTESTED);
	if ((verdict = webauthn_authdata_check(data,
	    &expect->common)) != WEBAUTHN_OK)
		return (verdict);
	if (!base_bytes_equal(data->credential_id.data,
	    data->credential_id.len, response->id.data, response->id.len))
		return (WEBAUTHN_CREDENTIAL_ID);
	return (WEBAUTHN_OK);
}

/* R21, R22. */
static enum webauthn_verdict
statement_check(const struct webauthn_attestation_object *object,
    const struct webauthn_register_response *response,
    struct webauthn_credential *credential)
{
	const struct webauthn_attestation_key	key = {
		credential->alg, { credential->spki, credential->spki_len }
	};
	struct webauthn_attestation_found	found;
	struct webauthn_signed			data;
	enum webauthn_verdict			verdict;

	data.auth_data = object->auth_data;
	base_hash_sha256(response->client_data.data,
	    response->client_data.len, data.client_data_hash);
	if ((verdict = webauthn_attestation_check(object, &key, &data,
	    &found)) != WEBAUTHN_OK)
		return (verdict);
	credential->format = found.format;
	credential->attestation = found.type;
	return (WEBAUTHN_OK);
}

/* R27, but for what key_check() and statement_check() have written. */
static void
record(const struct webauthn_register_response *response,
    const struct webauthn_authdata *data,
    struct webauthn_credential *credential)
{
	memcpy(credential->id, data->credential_id.data,
	    data->credential_id.len);
	credential->id_len = data->credential_id.len;
	credential->sign_count = data->sign_count;
	credential->user_verified = data->user_verified;
	credential->backup_eligible = data->backup_eligible;
	credential->backup_state = data->backup_state;
	credential->aaguid = data->aaguid;
	credential->transports = response->transports;
	credential->resident = response->resident;
	credential->cross_platform = response->cross_platform;
}

enum webauthn_verdict
webauthn_register_check(const struct webauthn_register_response *response,
    const struct webauthn_register_expect *expect,
    struct webauthn_credential *out)
{
	struct webauthn_credential		credential = { 0 };
	struct webauthn_attestation_object	object;
	struct webauthn_authdata		data;
	enum webauthn_verdict			verdict;

	if ((verdict = webauthn_client_data_check(response->client_data,
	    WEBAUTHN_CLIENT_DATA_CREATE, &expect->common)) != WEBAUTHN_OK ||
	    (verdict = webauthn_attestation_decode(response->attestation,
	    &object)) != WEBAUTHN_OK ||
	    (verdict = authdata_check(response, expect, object.auth_data,
	    &data)) != WEBAUTHN_OK ||
	    (verdict = key_check(&data, expect, &credential)) != WEBAUTHN_OK ||
	    (verdict = statement_check(&object, response,
	    &credential)) != WEBAUTHN_OK)
		return (verdict);

	record(response, &data, &credential);
	*out = credential;
	return (WEBAUTHN_OK);
}
