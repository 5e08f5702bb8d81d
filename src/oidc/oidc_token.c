/*
 * Access and refresh tokens: see oidc_token.h.
 */

#include "oidc/oidc_token.h"

#include <string.h>

#include "base/base_base64url.h"
#include "base/base_seal.h"
#include "oidc/oidc_pack.h"

#define TOKEN_VERSION	1
#define TOKEN_BODY_LEN	(1 + 1 + 4 + BASE_UUID_LEN + 4 + 8 + 4)
#define TOKEN_LEN	(TOKEN_BODY_LEN + BASE_SHA256_LEN)
#define TOKEN_WHAT	"token"

#define SID_WHAT	"sid"
#define SID_MAC_LEN	16
#define SID_LEN		(4 + SID_MAC_LEN)

_Static_assert(OIDC_TOKEN_TEXT_LEN ==
    OIDC_TOKEN_PREFIX_LEN + BASE_BASE64URL_LEN(TOKEN_LEN), "token length");
_Static_assert(OIDC_SID_MAX >= BASE_BASE64URL_LEN(SID_LEN), "sid length");

static const char *
token_prefix(enum oidc_token_type type)
{
	return (type == OIDC_TOKEN_ACCESS ? "permiso_at_" : "permiso_rt_");
}

bool
oidc_token_format(const struct base_keyring *ring, int64_t now,
    const struct oidc_token *token, char out[OIDC_TOKEN_TEXT_LEN + 1])
{
	const struct base_key	*key;
	uint8_t			 bytes[TOKEN_LEN];
	struct oidc_pack	 p = oidc_pack_writer(bytes, TOKEN_BODY_LEN);

	key = base_keyring_active(ring, BASE_PURPOSE_MAC, now);
	if (key == NULL)
		return (false);
	oidc_pack_number(&p, TOKEN_VERSION, 1);
	oidc_pack_number(&p, token->type, 1);
	oidc_pack_number(&p, key->id, 4);
	oidc_pack_bytes(&p, token->grant.bytes, BASE_UUID_LEN);
	oidc_pack_number(&p, token->generation, 4);
	oidc_pack_number(&p, (uint64_t)token->expires_at, 8);
	oidc_pack_number(&p, token->scopes, 4);
	if (!oidc_pack_finish(&p) || !base_seal_mac(ring, BASE_PURPOSE_MAC,
	    key->id, TOKEN_WHAT, bytes, TOKEN_BODY_LEN,
	    bytes + TOKEN_BODY_LEN))
		return (false);

	memcpy(out, token_prefix(token->type), OIDC_TOKEN_PREFIX_LEN);
	base_base64url_encode(bytes, sizeof(bytes),
	    out + OIDC_TOKEN_PREFIX_LEN);
	base_bytes_wipe(bytes, sizeof(bytes));
	return (true);
}

/* The bytes of a token whose MAC is right. */
static bool
token_open(const struct base_keyring *ring, struct base_slice text,
    uint8_t bytes[TOKEN_LEN])
{
	struct oidc_pack	p;
	uint8_t			mac[BASE_SHA256_LEN];
	uint32_t		key_id;
	size_t			len;
	bool			genuine;

	if (!base_base64url_decode((const char *)text.data, text.len, bytes,
	    TOKEN_LEN, &len) || len != TOKEN_LEN)
		return (false);
	p = oidc_pack_reader(bytes + 2, 4);
	key_id = (uint32_t)oidc_pack_get_number(&p, 4);
	genuine = base_seal_mac(ring, BASE_PURPOSE_MAC, key_id, TOKEN_WHAT,
	    bytes, TOKEN_BODY_LEN, mac) && base_bytes_equal(mac, sizeof(mac),
	    bytes + TOKEN_BODY_LEN, BASE_SHA256_LEN);
	base_bytes_wipe(mac, sizeof(mac));

	return (genuine);
}

bool
oidc_token_parse(const struct base_keyring *ring, int64_t now,
    enum oidc_token_type type, struct base_slice text, struct oidc_token *out)
{
	struct oidc_token	token = { .type = type };
	struct oidc_pack	p;
	uint8_t			bytes[TOKEN_LEN];

	if (text.len != OIDC_TOKEN_TEXT_LEN || strncmp(
	    (const char *)text.data, token_prefix(type),
	    OIDC_TOKEN_PREFIX_LEN) != 0)
		return (false);
	text.data += OIDC_TOKEN_PREFIX_LEN;
	text.len -= OIDC_TOKEN_PREFIX_LEN;
	if (!token_open(ring, text, bytes))
		return (false);

	p = oidc_pack_reader(bytes, TOKEN_BODY_LEN);
	if (oidc_pack_get_number(&p, 1) != TOKEN_VERSION ||
	    oidc_pack_get_number(&p, 1) != (uint64_t)type)
		return (false);
	(void)oidc_pack_get_number(&p, 4);
	oidc_pack_get_bytes(&p, token.grant.bytes, BASE_UUID_LEN);
	token.generation = (uint32_t)oidc_pack_get_number(&p, 4);
	token.expires_at = (int64_t)oidc_pack_get_number(&p, 8);
	token.scopes = (unsigned)oidc_pack_get_number(&p, 4);
	if (!oidc_pack_finish(&p) || token.expires_at <= now)
		return (false);

	*out = token;
	return (true);
}

static bool
token_sid_with(const struct base_keyring *ring, uint32_t key_id,
    const struct base_uuid *session, const struct base_uuid *client,
    char out[OIDC_SID_MAX + 1])
{
	uint8_t			data[2 * BASE_UUID_LEN];
	uint8_t			mac[BASE_SHA256_LEN];
	uint8_t			bytes[SID_LEN];
	struct oidc_pack	p = oidc_pack_writer(bytes, sizeof(bytes));

	memcpy(data, session->bytes, BASE_UUID_LEN);
	memcpy(data + BASE_UUID_LEN, client->bytes, BASE_UUID_LEN);
	if (!base_seal_mac(ring, BASE_PURPOSE_MAC, key_id, SID_WHAT, data,
	    sizeof(data), mac))
		return (false);
	oidc_pack_number(&p, key_id, 4);
	oidc_pack_bytes(&p, mac, SID_MAC_LEN);
	base_base64url_encode(bytes, sizeof(bytes), out);

	return (oidc_pack_finish(&p));
}

bool
oidc_token_sid(const struct base_keyring *ring, int64_t now,
    const struct base_uuid *session, const struct base_uuid *client,
    char out[OIDC_SID_MAX + 1])
{
	const struct base_key	*key;

	key = base_keyring_active(ring, BASE_PURPOSE_MAC, now);

	return (key != NULL &&
	    token_sid_with(ring, key->id, session, client, out));
}

bool
oidc_token_sid_match(const struct base_keyring *ring, const char *sid,
    const struct base_uuid *session, const struct base_uuid *client)
{
	struct oidc_pack	p;
	uint8_t			bytes[SID_LEN];
	char			want[OIDC_SID_MAX + 1];
	size_t			len;

	if (!base_base64url_decode(sid, strlen(sid), bytes, sizeof(bytes),
	    &len) || len != sizeof(bytes))
		return (false);
	p = oidc_pack_reader(bytes, 4);

	return (token_sid_with(ring, (uint32_t)oidc_pack_get_number(&p, 4),
	    session, client, want) && base_bytes_text_equal(want, sid));
}
