/*
 * Tokens and public keys from strangers.
 *
 * An input is three things in turn: a whole token, which nobody signed and
 * which must not verify; header and payload with a newline between them, which
 * are signed here, so that what stands behind the signature is reached; and a
 * JWK, which comes out as it went in or not at all.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/base_base64url.h"
#include "jose/jose_jws.h"

#define TOKEN_MAX	(2 * JOSE_JWS_MAX)

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct jose_key	*keys[JOSE_ALG_COUNT];

static void
must(int condition)
{
	if (!condition)
		abort();
}

static void
try_foreign(const char *text, size_t size)
{
	struct jose_jws	jws;
	json_t		*claims;

	if (jose_jws_parse(text, size, &jws) != JOSE_JWS_OK)
		return;
	must(size <= JOSE_JWS_MAX && jws.token == text);
	must(jws.signed_len < size && jws.payload_at < jws.signed_len);
	must(text[jws.signed_len] == '.' && text[jws.payload_at - 1] == '.');
	must(strlen(jws.kid) <= JOSE_JWS_KID_MAX);
	must(jose_jws_verify(&jws, keys[jws.alg], &claims) ==
	    JOSE_JWS_SIGNATURE);
}

/* "alg" of the header is whatever the input says; the key is Ed25519. */
static void
try_signed(const char *header, size_t header_len, const char *payload,
    size_t payload_len)
{
	static char	token[TOKEN_MAX];
	uint8_t		signature[JOSE_KEY_SIGNATURE_MAX];
	struct jose_jws	jws;
	json_t		*claims = NULL;
	size_t		len;

	if (header_len + payload_len > JOSE_JWS_MAX)
		return;
	base_base64url_encode(header, header_len, token);
	len = BASE_BASE64URL_LEN(header_len);
	token[len++] = '.';
	base_base64url_encode(payload, payload_len, token + len);
	len += BASE_BASE64URL_LEN(payload_len);
	must(jose_key_sign(keys[JOSE_EDDSA], token, len, signature) == 64);
	token[len] = '.';
	base_base64url_encode(signature, 64, token + len + 1);
	len += 1 + BASE_BASE64URL_LEN(64);

	if (jose_jws_parse(token, len, &jws) != JOSE_JWS_OK)
		return;
	if (jose_jws_verify(&jws, keys[JOSE_EDDSA], &claims) == JOSE_JWS_OK) {
		must(jws.alg == JOSE_EDDSA && json_is_object(claims));
		json_decref(claims);
	} else {
		must(claims == NULL);
	}
}

static void
try_jwk(const char *text, size_t size)
{
	json_t	*jwk = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	int	 alg;

	for (alg = 0; jwk != NULL && alg < JOSE_ALG_COUNT; alg++) {
		struct jose_key	*key, *again;
		json_t		*out;

		key = jose_key_public((enum jose_alg)alg, jwk);
		if (key == NULL)
			continue;
		must((out = jose_key_jwk(key)) != NULL);
		again = jose_key_public((enum jose_alg)alg, out);
		/* OpenSSL judges a modulus that is no product of two primes
		 * by random witnesses, so it may change its mind. */
		must(again != NULL || alg == JOSE_RS256 || alg == JOSE_PS256);
		must(again == NULL || strcmp(jose_key_kid(key),
		    jose_key_kid(again)) == 0);
		json_decref(out);
		jose_key_free(again);
		jose_key_free(key);
	}
	json_decref(jwk);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char	*text = (const char *)data;
	const char	*newline;
	int		 alg;

	for (alg = 0; keys[0] == NULL && alg < JOSE_ALG_COUNT; alg++)
		must((keys[JOSE_ALG_COUNT - 1 - alg] = jose_key_generate(
		    (enum jose_alg)(JOSE_ALG_COUNT - 1 - alg), 2048)) !=
		    NULL);

	try_foreign(text, size);
	newline = size == 0 ? NULL : memchr(text, '\n', size);
	if (newline != NULL)
		try_signed(text, (size_t)(newline - text), newline + 1,
		    size - (size_t)(newline - text) - 1);
	try_jwk(text, size);

	return (0);
}
