#include "jose/jose_jws.h"

#include <stdio.h>
#include <string.h>

#include "base/base_base64url.h"
#include "base/base_bytes.h"

/* Three quarters of a token's text are more than any part of it decodes to. */
#define PART_MAX	(JOSE_JWS_MAX / 4 * 3)
#define DEPTH_MAX	16
#define HEADER_MAX	256	/* of the tokens we make */

/*
 * How deep arrays and objects nest, judged before the parser recurses.
 * Brackets inside strings do not count.
 */
static bool
depth_valid(const uint8_t *text, size_t len)
{
	size_t	i, depth = 0;
	bool	quoted = false;

	for (i = 0; i < len; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!quoted && (text[i] == '}' || text[i] == ']') &&
		    depth != 0)
			depth--;
		if (depth > DEPTH_MAX)
			return (false);
	}

	return (true);
}

/* A part of the token as a JSON object with unique members; NULL: refused. */
static json_t *
part_object(const char *text, size_t len)
{
	uint8_t	 part[PART_MAX];
	json_t	*json = NULL;
	size_t	 part_len;

	if (base_base64url_decode(text, len, part, sizeof(part), &part_len)) {
		if (depth_valid(part, part_len))
			json = json_loadb((const char *)part, part_len,
			    JSON_REJECT_DUPLICATES, NULL);
		base_bytes_wipe(part, part_len);
	}
	if (json != NULL && !json_is_object(json)) {
		json_decref(json);
		json = NULL;
	}

	return (json);
}

/* An optional text member; absent is "". */
static bool
header_text(const json_t *header, const char *name, char *out, size_t size)
{
	const json_t	*value = json_object_get(header, name);

	out[0] = '\0';
	if (value == NULL)
		return (true);

	return (json_is_string(value) && base_bytes_text_copy(out, size,
	    json_string_value(value), json_string_length(value)));
}

static enum jose_jws_verdict
header_read(const json_t *header, struct jose_jws *out)
{
	const json_t	*alg = json_object_get(header, "alg");

	if (!json_is_string(alg) ||
	    !jose_key_alg_parse(json_string_value(alg), &out->alg))
		return (JOSE_JWS_ALG);
	/* Extensions that must be understood, and we understand none. */
	if (json_object_get(header, "crit") != NULL ||
	    json_object_get(header, "b64") != NULL)
		return (JOSE_JWS_HEADER);
	if (!header_text(header, "kid", out->kid, sizeof(out->kid)) ||
	    !header_text(header, "typ", out->typ, sizeof(out->typ)))
		return (JOSE_JWS_HEADER);

	return (JOSE_JWS_OK);
}

/* Three parts, none of them empty, and nothing else. */
static bool
find_parts(const char *token, size_t len, const char **payload,
    const char **signature)
{
	const char	*dot;

	if ((dot = memchr(token, '.', len)) == NULL || dot == token)
		return (false);
	*payload = dot + 1;
	dot = memchr(*payload, '.', len - (size_t)(*payload - token));
	if (dot == NULL || dot == *payload)
		return (false);
	*signature = dot + 1;

	return (*signature != token + len && memchr(*signature, '.',
	    len - (size_t)(*signature - token)) == NULL);
}

enum jose_jws_verdict
jose_jws_parse(const char *token, size_t len, struct jose_jws *out)
{
	struct jose_jws		 jws = { .token = token };
	const char		*payload, *signature;
	json_t			*header;
	enum jose_jws_verdict	 verdict;

	if (len > JOSE_JWS_MAX)
		return (JOSE_JWS_TOO_LONG);
	if (!find_parts(token, len, &payload, &signature))
		return (JOSE_JWS_MALFORMED);
	jws.payload_at = (size_t)(payload - token);
	jws.signed_len = (size_t)(signature - token) - 1;
	if (!base_base64url_decode(signature,
	    len - (size_t)(signature - token), jws.signature,
	    sizeof(jws.signature), &jws.signature_len))
		return (JOSE_JWS_MALFORMED);

	if ((header = part_object(token, jws.payload_at - 1)) == NULL)
		return (JOSE_JWS_MALFORMED);
	verdict = header_read(header, &jws);
	json_decref(header);
	if (verdict == JOSE_JWS_OK)
		*out = jws;

	return (verdict);
}

enum jose_jws_verdict
jose_jws_verify(const struct jose_jws *jws, const struct jose_key *key,
    json_t **claims)
{
	json_t	*payload;

	if (jws->alg != jose_key_alg(key))
		return (JOSE_JWS_ALG);
	if (!jose_key_verify(key, jws->token, jws->signed_len, jws->signature,
	    jws->signature_len))
		return (JOSE_JWS_SIGNATURE);

	payload = part_object(jws->token + jws->payload_at,
	    jws->signed_len - jws->payload_at);
	if (payload == NULL)
		return (JOSE_JWS_MALFORMED);
	*claims = payload;

	return (JOSE_JWS_OK);
}

static size_t
header_format(const struct jose_key *key, const char *typ,
    char out[HEADER_MAX])
{
	int	len;

	len = snprintf(out, HEADER_MAX,
	    "{\"alg\":\"%s\",\"kid\":\"%s\"%s%s%s}",
	    jose_key_alg_name(jose_key_alg(key)), jose_key_kid(key),
	    typ == NULL ? "" : ",\"typ\":\"", typ == NULL ? "" : typ,
	    typ == NULL ? "" : "\"");

	return (len < 0 || len >= HEADER_MAX ? 0 : (size_t)len);
}

bool
jose_jws_sign(const struct jose_key *key, const char *typ,
    const char *payload, size_t payload_len, char *out, size_t size,
    size_t *out_len)
{
	char	header[HEADER_MAX];
	uint8_t	signature[JOSE_KEY_SIGNATURE_MAX];
	size_t	header_len, at, len;

	if ((header_len = header_format(key, typ, header)) == 0 ||
	    payload_len > size)
		return (false);
	/* Signature and NUL at their longest must fit behind the rest. */
	at = BASE_BASE64URL_LEN(header_len) + 1;
	if (at + BASE_BASE64URL_LEN(payload_len) + 1 +
	    BASE_BASE64URL_LEN(sizeof(signature)) + 1 > size)
		return (false);

	base_base64url_encode(header, header_len, out);
	out[at - 1] = '.';
	base_base64url_encode(payload, payload_len, out + at);
	at += BASE_BASE64URL_LEN(payload_len);
	if ((len = jose_key_sign(key, out, at, signature)) == 0)
		return (false);
	out[at++] = '.';
	base_base64url_encode(signature, len, out + at);
	*out_len = at + BASE_BASE64URL_LEN(len);

	return (true);
}
