/*
 * Signing keys: RSA, P-256 and Ed25519 on OpenSSL, each bound to the one
 * algorithm it may be used with (RFC 7517, RFC 7518 section 3, RFC 8037).
 *
 * What OpenSSL prepares (parsed key, digest, padding) is kept with the key:
 * making or checking a signature costs the arithmetic and little more.
 */
#ifndef PERMISO_JOSE_KEY_H
#define PERMISO_JOSE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/base_keyring.h"

#define JOSE_KEY_DER_MAX	2048	/* PKCS #8 of RSA-3072 takes 1,797 */
#define JOSE_KEY_SEALED_MAX	(JOSE_KEY_DER_MAX + 28)
#define JOSE_KEY_SIGNATURE_MAX	512	/* RSA-4096 of a foreign key */
#define JOSE_KEY_KID_LEN	43	/* SHA-256 in base64url */

enum jose_alg {
	JOSE_RS256,
	JOSE_PS256,
	JOSE_ES256,
	JOSE_EDDSA,
	JOSE_ALG_COUNT
};

struct jose_key;

/* The names of RFC 7518 section 3.1 and RFC 8037: exact, case counts. */
const char	*jose_key_alg_name(enum jose_alg alg);
bool		 jose_key_alg_parse(const char *name, enum jose_alg *out);

/*
 * A new private key.  "rsa_bits" (2048 or 3072) is for RS256 and PS256.
 * NULL when OpenSSL fails.  Takes up to a second for RSA.
 */
struct jose_key	*jose_key_generate(enum jose_alg alg, unsigned int rsa_bits);

/*
 * A private key out of PKCS #8 DER, and into it.  NULL or false for anything
 * that is not exactly one key of the kind and size "alg" takes.
 */
struct jose_key	*jose_key_private(enum jose_alg alg, const uint8_t *der,
		    size_t len);
bool		 jose_key_private_der(const struct jose_key *key,
		    uint8_t out[JOSE_KEY_DER_MAX], size_t *out_len);

/*
 * A private key as it lies in the database: AES-256-GCM under "wrapping",
 * bound to kid, alg and purpose, so that no row opens in another's place.
 */
bool		 jose_key_seal(const struct jose_key *key,
		    const uint8_t wrapping[BASE_KEY_LEN],
		    uint8_t out[JOSE_KEY_SEALED_MAX], size_t *out_len);
struct jose_key	*jose_key_unseal(const uint8_t wrapping[BASE_KEY_LEN],
		    enum jose_alg alg, const char *kid,
		    const uint8_t *sealed, size_t len);

/*
 * A public key out of a JWK, for use with "alg" and nothing else.  NULL when
 * it is of another kind, says another "alg" or a "use" other than "sig", holds
 * a private member, has numbers of the wrong length, an RSA modulus outside
 * 2048 to 4096 bits, an even or small exponent, or a point off the curve.
 */
struct jose_key	*jose_key_public(enum jose_alg alg, const json_t *jwk);

/* The public half as a JWK with kid, alg and use; NULL when out of memory. */
json_t		*jose_key_jwk(const struct jose_key *key);

/* RFC 7638 thumbprint in base64url, always JOSE_KEY_KID_LEN characters. */
const char	*jose_key_kid(const struct jose_key *key);
enum jose_alg	 jose_key_alg(const struct jose_key *key);

/* The length of a signature; 0 when it fails (or the key is public). */
size_t		 jose_key_sign(const struct jose_key *key, const void *data,
		    size_t len, uint8_t out[JOSE_KEY_SIGNATURE_MAX]);
bool		 jose_key_verify(const struct jose_key *key, const void *data,
		    size_t len, const uint8_t *signature,
		    size_t signature_len);

void		 jose_key_free(struct jose_key *key);	/* NULL is fine */

#endif /* !PERMISO_JOSE_KEY_H */
