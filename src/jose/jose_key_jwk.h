/*
 * Public keys between OpenSSL and JWK (RFC 7518 section 6, RFC 8037).
 * For jose_key.c only.
 */
#ifndef PERMISO_JOSE_KEY_JWK_H
#define PERMISO_JOSE_KEY_JWK_H

#include <openssl/evp.h>

#include "jose/jose_key.h"

/* The public key, checked as jose_key_public() says; NULL: refused. */
EVP_PKEY	*jose_key_jwk_parse(enum jose_alg alg, const json_t *jwk);

/* The members that RFC 7638 digests, and no other; NULL: failed. */
json_t		*jose_key_jwk_format(enum jose_alg alg, const EVP_PKEY *pkey);

#endif /* !PERMISO_JOSE_KEY_JWK_H */
