/*
 * Digests and keyed digests: SHA-256, HMAC-SHA-256, HKDF-SHA-256 (RFC 5869),
 * scrypt (RFC 7914).  Algorithms are fetched once.  A failure of the library
 * ends the process: there is no honest answer without a digest.
 */
#ifndef PERMISO_BASE_HASH_H
#define PERMISO_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define BASE_SHA256_LEN		32

void	base_hash_sha256(const void *data, size_t len,
	    uint8_t out[BASE_SHA256_LEN]);
void	base_hash_hmac(const void *key, size_t key_len, const void *data,
	    size_t len, uint8_t out[BASE_SHA256_LEN]);
void	base_hash_hkdf(const void *key, size_t key_len, const char *info,
	    void *out, size_t out_len);
/* N = 2^17, r = 8, p = 1; about half a second: only at start. */
void	base_hash_scrypt(const void *secret, size_t len, const char *salt,
	    uint8_t out[BASE_SHA256_LEN]);

#endif /* !PERMISO_BASE_HASH_H */
