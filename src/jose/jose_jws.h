/*
 * Signed tokens in compact form (RFC 7515 section 7.1), strictly: one token
 * has one text.
 *
 * Reading is two steps, so that the caller can find the key in between, and
 * the payload comes out of the second one only: nothing unverified is read.
 * Keys named inside a token (jwk, jku, x5u, x5c) are never looked at.
 */
#ifndef PERMISO_JOSE_JWS_H
#define PERMISO_JOSE_JWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "jose/jose_key.h"

#define JOSE_JWS_MAX		8192	/* bytes of a token we read */
#define JOSE_JWS_KID_MAX	128
#define JOSE_JWS_TYP_MAX	64

enum jose_jws_verdict {
	JOSE_JWS_OK = 0,
	JOSE_JWS_TOO_LONG,
	JOSE_JWS_MALFORMED,	/* dots, base64url, JSON, duplicate members */
	JOSE_JWS_ALG,		/* none, HS*, unknown, or not the key's */
	JOSE_JWS_HEADER,	/* crit, b64, or a member of the wrong type */
	JOSE_JWS_SIGNATURE
};

/* A token that was read and not believed.  Points into the caller's text. */
struct jose_jws {
	enum jose_alg	 alg;
	char		 kid[JOSE_JWS_KID_MAX + 1];	/* "": none */
	char		 typ[JOSE_JWS_TYP_MAX + 1];	/* "": none */
	const char	*token;
	size_t		 signed_len;	/* header, dot, payload */
	size_t		 payload_at;
	uint8_t		 signature[JOSE_KEY_SIGNATURE_MAX];
	size_t		 signature_len;
};

enum jose_jws_verdict	jose_jws_parse(const char *token, size_t len,
			    struct jose_jws *out);

/*
 * Check the signature with "key", then read the payload: *claims is a JSON
 * object with unique members, the caller's to json_decref().  What the claims
 * and "typ" say is the caller's to judge.
 */
enum jose_jws_verdict	jose_jws_verify(const struct jose_jws *jws,
			    const struct jose_key *key, json_t **claims);

/*
 * Sign "payload" into "out" of "size" bytes, NUL-terminated.  The header is
 * alg, kid and, unless NULL, typ (a word of ours: not escaped).
 * False when it does not fit or OpenSSL fails.
 */
bool			jose_jws_sign(const struct jose_key *key,
			    const char *typ, const char *payload,
			    size_t payload_len, char *out, size_t size,
			    size_t *out_len);

#endif /* !PERMISO_JOSE_JWS_H */
