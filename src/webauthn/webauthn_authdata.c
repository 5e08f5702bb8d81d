#include "webauthn/webauthn_authdata.h"

#include <string.h>

#include "webauthn/webauthn_cbor.h"

#define FIXED_LEN	(32 + 1 + 4)
#define ATTESTED_LEN	(16 + 2)	/* aaguid, length of the id */

#define FLAG_UP		0x01
#define FLAG_UV		0x04
#define FLAG_BE		0x08
#define FLAG_BS		0x10
#define FLAG_AT		0x40
#define FLAG_ED		0x80

/* Give out "len" bytes from the front of *left. */
static bool
cut(struct base_slice *left, size_t len, const uint8_t **out)
{
	if (left->len < len)
		return (false);
	*out = left->data;
	left->data += len;
	left->len -= len;
	return (true);
}

/* Where the key ends is where its CBOR ends, not where a copy of it would. */
static bool
cut_map(struct base_slice *left, struct webauthn_cbor_item *map)
{
	struct webauthn_cbor	cursor = webauthn_cbor_over(*left);

	if (!webauthn_cbor_expect(&cursor, WEBAUTHN_CBOR_MAP, map))
		return (false);
	*left = cursor.left;
	return (true);
}

static enum webauthn_verdict
attested_decode(struct base_slice *left, struct webauthn_authdata *data)
{
	struct webauthn_cbor_item	 key;
	const uint8_t			*p;
	size_t				 id_len;

	if (!cut(left, ATTESTED_LEN, &p))
		return (WEBAUTHN_AUTH_DATA_MALFORMED);
	memcpy(data->aaguid.bytes, p, BASE_UUID_LEN);
	id_len = (size_t)p[BASE_UUID_LEN] << 8 | p[BASE_UUID_LEN + 1];

	if (id_len < WEBAUTHN_CREDENTIAL_ID_MIN ||
	    id_len > WEBAUTHN_CREDENTIAL_ID_MAX)
		return (WEBAUTHN_CREDENTIAL_ID);
	if (!cut(left, id_len, &p))
		return (WEBAUTHN_AUTH_DATA_MALFORMED);
	data->credential_id = (struct base_slice){ p, id_len };

	if (!cut_map(left, &key))
		return (WEBAUTHN_KEY_MALFORMED);
	data->cose = key.whole;
	return (WEBAUTHN_OK);
}

/* Outputs we know have the types of CTAP 2.2 section 12; others may come. */
static bool
extension_valid(const struct webauthn_cbor_item *name,
    const struct webauthn_cbor_item *value)
{
	if (name->type != WEBAUTHN_CBOR_TEXT)
		return (false);
	if (webauthn_cbor_text(name, "credProtect"))
		return (value->type == WEBAUTHN_CBOR_INTEGER &&
		    value->integer >= 1 && value->integer <= 3);
	if (webauthn_cbor_text(name, "minPinLength"))
		return (value->type == WEBAUTHN_CBOR_INTEGER &&
		    value->integer >= 0);
	if (webauthn_cbor_text(name, "credBlob") ||
	    webauthn_cbor_text(name, "hmac-secret"))
		return (value->type == WEBAUTHN_CBOR_BOOLEAN ||
		    value->type == WEBAUTHN_CBOR_BYTES);
	return (true);
}

static enum webauthn_verdict
extensions_decode(struct base_slice *left)
{
	struct webauthn_cbor_item	map, name, value;

	if (!cut_map(left, &map))
		return (WEBAUTHN_EXTENSIONS);
	while (webauthn_cbor_take(&map.inside, &name) &&
	    webauthn_cbor_take(&map.inside, &value)) {
		if (!extension_valid(&name, &value))
			return (WEBAUTHN_EXTENSIONS);
	}
	return (WEBAUTHN_OK);
}

enum webauthn_verdict
webauthn_authdata_decode(struct base_slice bytes,
    struct webauthn_authdata *out)
{
	struct webauthn_authdata	 data = { 0 };
	enum webauthn_verdict		 verdict;
	const uint8_t			*p;
	uint8_t				 flags;

	if (bytes.len > WEBAUTHN_AUTH_DATA_MAX ||
	    !cut(&bytes, FIXED_LEN, &p))
		return (WEBAUTHN_AUTH_DATA_MALFORMED);

	memcpy(data.rp_id_hash, p, BASE_SHA256_LEN);
	flags = p[32];
	data.user_present = (flags & FLAG_UP) != 0;
	data.user_verified = (flags & FLAG_UV) != 0;
	data.backup_eligible = (flags & FLAG_BE) != 0;
	data.backup_state = (flags & FLAG_BS) != 0;
	data.attested = (flags & FLAG_AT) != 0;
	data.sign_count = (uint32_t)p[33] << 24 | (uint32_t)p[34] << 16 |
	    (uint32_t)p[35] << 8 | (uint32_t)p[36];

	if (data.attested &&
	    (verdict = attested_decode(&bytes, &data)) != WEBAUTHN_OK)
		return (verdict);
	if ((flags & FLAG_ED) != 0 &&
	    (verdict = extensions_decode(&bytes)) != WEBAUTHN_OK)
		return (verdict);
	if (bytes.len != 0)
		return (WEBAUTHN_AUTH_DATA_MALFORMED);

	*out = data;
	return (WEBAUTHN_OK);
}

enum webauthn_verdict
webauthn_authdata_check(const struct webauthn_authdata *data,
    const struct webauthn_expect *expect)
{
	uint8_t	hash[BASE_SHA256_LEN];

	base_hash_sha256(expect->rp_id, strlen(expect->rp_id), hash);
	if (!base_bytes_equal(hash, sizeof(hash), data->rp_id_hash,
	    sizeof(data->rp_id_hash)))
		return (WEBAUTHN_RP_ID_HASH);
	if (!data->user_present)
		return (WEBAUTHN_USER_PRESENCE);
	if (expect->user_verification && !data->user_verified)
		return (WEBAUTHN_USER_VERIFICATION);
	if (data->backup_state && !data->backup_eligible)
		return (WEBAUTHN_BACKUP_FLAGS);
	return (WEBAUTHN_OK);
}
