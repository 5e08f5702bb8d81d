/*
 * Client authentication: see oidc_auth.h.
 */

#include "oidc/oidc_auth.h"

#include <string.h>
#include <strings.h>

#include "base/base_base64url.h"
#include "base/base_hex.h"
#include "base/base_random.h"
#include "base/base_seal.h"
#include "base/base_utf8.h"

#define AUTH_WHAT	"client_secret"
/* Both parts, every byte escaped, in base64 */
#define AUTH_TEXT_MAX	((3 * (OIDC_CLIENT_ID_MAX + OIDC_SECRET_MAX) + 1) \
			    / 3 * 4 + 4)

/*
 * Base64 of RFC 4648 section 4 with its padding, strictly: turned into
 * base64url and handed to the one decoder there is.
 */
static bool
auth_base64_decode(const uint8_t *text, size_t len, char *out, size_t size,
    size_t *out_len)
{
	char	url[AUTH_TEXT_MAX + 1];
	bool	decoded;

	if (len == 0 || len > AUTH_TEXT_MAX || len % 4 != 0)
		return (false);
	if (text[len - 1] == '=')
		len -= text[len - 2] == '=' ? 2 : 1;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '-' || text[i] == '_')
			return (false);
		url[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' :
		    (char)text[i];
	}
	decoded = base_base64url_decode(url, len, out, size, out_len);
	base_bytes_wipe(url, sizeof(url));

	return (decoded);
}

/* application/x-www-form-urlencoded, once (RFC 6749 appendix B). */
static bool
auth_form_decode(const char *text, size_t len, char *out, size_t size)
{
	size_t	used = 0, hex;
	uint8_t	byte;

	for (size_t i = 0; i < len; i++) {
		byte = text[i] == '+' ? ' ' : (uint8_t)text[i];
		if (text[i] == '%') {
			char	pair[2];

			if (len - i < 3)
				return (false);
			/* our decoder takes lower case only */
			for (size_t n = 0; n < 2; n++) {
				pair[n] = text[i + 1 + n];
				if (pair[n] >= 'A' && pair[n] <= 'F')
					pair[n] = (char)(pair[n] + 32);
			}
			if (!base_hex_decode(pair, 2, &byte, 1, &hex))
				return (false);
			i += 2;
		}
		if (byte < 0x20 || byte == 0x7f || used + 1 >= size)
			return (false);
		out[used++] = (char)byte;
	}

	out[used] = '\0';
	return (base_utf8_valid(out, used));
}

/* "Basic " base64( id ":" secret ) */
static enum oidc_error
auth_parse_basic(struct base_slice authorization, struct oidc_auth_claim *out)
{
	char		 text[AUTH_TEXT_MAX];
	const char	*colon;
	size_t		 len;
	bool		 good;

	if (authorization.len < 6 ||
	    strncasecmp((const char *)authorization.data, "Basic ", 6) != 0)
		return (OIDC_INVALID_CLIENT);
	if (!auth_base64_decode(authorization.data + 6, authorization.len - 6,
	    text, sizeof(text), &len))
		return (OIDC_INVALID_CLIENT);

	colon = memchr(text, ':', len);
	good = colon != NULL &&
	    auth_form_decode(text, (size_t)(colon - text), out->client_id,
	    sizeof(out->client_id)) &&
	    auth_form_decode(colon + 1, len - (size_t)(colon - text) - 1,
	    out->secret, sizeof(out->secret)) &&
	    out->client_id[0] != '\0' && out->secret[0] != '\0';
	base_bytes_wipe(text, sizeof(text));
	out->method = OIDC_AUTH_BASIC;

	return (good ? OIDC_OK : OIDC_INVALID_CLIENT);
}

static bool
auth_repeated(const struct oidc_field *field)
{
	return (field != NULL && field->repeated);
}

/* client_secret_post, or none */
static enum oidc_error
auth_parse_body(const struct oidc_field *id, const struct oidc_field *secret,
    struct oidc_auth_claim *out)
{
	out->method = secret == NULL ? OIDC_AUTH_NONE : OIDC_AUTH_POST;
	if (id == NULL || id->len == 0 || !base_bytes_text_copy(
	    out->client_id, sizeof(out->client_id), id->value, id->len))
		return (OIDC_INVALID_CLIENT);
	if (secret == NULL)
		return (OIDC_OK);
	if (secret->len == 0 || !base_bytes_text_copy(out->secret,
	    sizeof(out->secret), secret->value, secret->len))
		return (OIDC_INVALID_CLIENT);

	return (OIDC_OK);
}

enum oidc_error
oidc_auth_parse(struct base_slice authorization,
    const struct oidc_fields *fields, struct oidc_auth_claim *out)
{
	const struct oidc_field	*id, *secret, *assertion;
	enum oidc_error		 error;

	*out = (struct oidc_auth_claim){ .basic = authorization.len > 0 };
	id = oidc_field_find(fields, "client_id");
	secret = oidc_field_find(fields, "client_secret");
	assertion = oidc_field_find(fields, "client_assertion");
	if (assertion == NULL)
		assertion = oidc_field_find(fields, "client_assertion_type");
	if (auth_repeated(id) || auth_repeated(secret))
		return (OIDC_REPEATED_PARAMETER);
	if ((authorization.len > 0) + (secret != NULL) +
	    (assertion != NULL) > 1)
		return (OIDC_TWO_METHODS);
	if (assertion != NULL)		/* private_key_jwt: not offered */
		return (OIDC_INVALID_CLIENT);
	if (authorization.len == 0)
		return (auth_parse_body(id, secret, out));

	error = auth_parse_basic(authorization, out);
	/* client_id may be said twice, but only the same */
	if (error == OIDC_OK && id != NULL &&
	    strcmp(id->value, out->client_id) != 0)
		return (OIDC_TWO_METHODS);
	return (error);
}

void
oidc_auth_clear(struct oidc_auth_claim *claim)
{
	base_bytes_wipe(claim->secret, sizeof(claim->secret));
}

void
oidc_auth_secret_new(char out[OIDC_AUTH_SECRET_LEN + 1])
{
	uint8_t	bytes[32];

	base_random_bytes(bytes, sizeof(bytes));
	memcpy(out, OIDC_AUTH_SECRET_PREFIX,
	    sizeof(OIDC_AUTH_SECRET_PREFIX) - 1);
	base_base64url_encode(bytes, sizeof(bytes),
	    out + sizeof(OIDC_AUTH_SECRET_PREFIX) - 1);
	base_bytes_wipe(bytes, sizeof(bytes));
}

bool
oidc_auth_secret_digest(const struct base_keyring *ring, uint32_t key_id,
    const char *secret, uint8_t out[BASE_SHA256_LEN])
{
	return (base_seal_mac(ring, BASE_PURPOSE_PEPPER, key_id, AUTH_WHAT,
	    secret, strlen(secret), out));
}

const char *const *
oidc_auth_candidates(struct base_arena *arena,
    const struct base_keyring *ring, const char *secret)
{
	const char	**list;
	uint8_t		  digest[BASE_SHA256_LEN];
	char		  hex[2 * BASE_SHA256_LEN + 1];
	size_t		  count = 0;

	list = base_arena_new(arena, (ring->count + 1) * sizeof(*list));
	for (size_t i = 0; i < ring->count && secret[0] != '\0'; i++) {
		if (!oidc_auth_secret_digest(ring, ring->keys[i].id, secret,
		    digest))
			continue;
		base_hex_encode(digest, sizeof(digest), hex);
		list[count++] = base_arena_format(arena, "%u:%s",
		    ring->keys[i].id, hex);
	}

	return (list);
}
