#include "webauthn/webauthn_attestation.h"

#include "base/base_bytes.h"

enum webauthn_verdict
webauthn_attestation_decode(struct base_slice bytes,
    struct webauthn_attestation_object *out)
{
	struct webauthn_attestation_object	object = { 0 };
	struct webauthn_cbor			cursor;
	struct webauthn_cbor_item		map, key, value;

	cursor = webauthn_cbor_over(bytes);
	if (bytes.len > WEBAUTHN_ATTESTATION_MAX ||
	    !webauthn_cbor_expect(&cursor, WEBAUTHN_CBOR_MAP, &map) ||
	    !webauthn_cbor_done(&cursor) || map.count != 3)
		return (WEBAUTHN_ATTESTATION_MALFORMED);

	/* Three keys, no two alike: each of the three names is there. */
	while (webauthn_cbor_take(&map.inside, &key) &&
	    webauthn_cbor_take(&map.inside, &value)) {
		if (webauthn_cbor_text(&key, "fmt") &&
		    value.type == WEBAUTHN_CBOR_TEXT)
			object.format = value.string;
		else if (webauthn_cbor_text(&key, "attStmt"))
			object.statement = value;
		else if (webauthn_cbor_text(&key, "authData") &&
		    value.type == WEBAUTHN_CBOR_BYTES)
			object.auth_data = value.string;
		else
			return (WEBAUTHN_ATTESTATION_MALFORMED);
	}

	*out = object;
	return (WEBAUTHN_OK);
}

/* Section 8.7: an empty map. */
static enum webauthn_verdict
none_check(const struct webauthn_cbor_item *statement)
{
	if (statement->type != WEBAUTHN_CBOR_MAP || statement->count != 0)
		return (WEBAUTHN_ATTESTATION_STATEMENT);
	return (WEBAUTHN_OK);
}

/*
 * Section 8.2, self attestation: { alg, sig } and nothing else, so that x5c
 * and the ecdaaKeyId of earlier editions end here.
 */
static enum webauthn_verdict
packed_check(const struct webauthn_cbor_item *statement,
    const struct webauthn_attestation_key *key,
    const struct webauthn_signed *data)
{
	struct webauthn_cbor		inside = statement->inside;
	struct webauthn_cbor_item	name, value;
	struct base_slice		signature = { 0 };
	bool				alg_fits = false;

	if (statement->type != WEBAUTHN_CBOR_MAP || statement->count != 2)
		return (WEBAUTHN_ATTESTATION_STATEMENT);

	while (webauthn_cbor_take(&inside, &name) &&
	    webauthn_cbor_take(&inside, &value)) {
		if (webauthn_cbor_text(&name, "alg"))
			alg_fits = value.type == WEBAUTHN_CBOR_INTEGER &&
			    value.integer == key->alg;
		else if (webauthn_cbor_text(&name, "sig") &&
		    value.type == WEBAUTHN_CBOR_BYTES)
			signature = value.string;
		else
			return (WEBAUTHN_ATTESTATION_STATEMENT);
	}
	if (!alg_fits || signature.len == 0)
		return (WEBAUTHN_ATTESTATION_STATEMENT);

	if (webauthn_signature_check(key->alg, key->spki, data,
	    signature) != WEBAUTHN_OK)
		return (WEBAUTHN_ATTESTATION_SIGNATURE);
	return (WEBAUTHN_OK);
}

enum webauthn_verdict
webauthn_attestation_check(const struct webauthn_attestation_object *object,
    const struct webauthn_attestation_key *key,
    const struct webauthn_signed *data,
    struct webauthn_attestation_found *out)
{
	struct webauthn_attestation_found	found;
	enum webauthn_verdict			verdict;

	if (base_bytes_is(object->format, "none")) {
		found.format = WEBAUTHN_FORMAT_NONE;
		found.type = WEBAUTHN_ATTESTATION_NONE;
		verdict = none_check(&object->statement);
	} else if (base_bytes_is(object->format, "packed")) {
		found.format = WEBAUTHN_FORMAT_PACKED;
		found.type = WEBAUTHN_ATTESTATION_SELF;
		verdict = packed_check(&object->statement, key, data);
	} else
		return (WEBAUTHN_ATTESTATION_FORMAT);

	if (verdict == WEBAUTHN_OK)
		*out = found;
	return (verdict);
}
