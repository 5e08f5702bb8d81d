/*
 * AES-256-GCM (NIST SP 800-38D), the one cipher of this program.
 *
 * A key takes random 96-bit nonces for at most 2^32 values; rotation of the
 * keyring keeps far below that.  A failure of the library ends the process.
 */
#ifndef PERMISO_BASE_AEAD_H
#define PERMISO_BASE_AEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_bytes.h"

#define BASE_AEAD_KEY_LEN	32
#define BASE_AEAD_NONCE_LEN	12
#define BASE_AEAD_TAG_LEN	16
#define BASE_AEAD_OVERHEAD	(BASE_AEAD_NONCE_LEN + BASE_AEAD_TAG_LEN)

/* What is authenticated beside the data: slices, one after the other. */
struct base_aead_extra {
	struct base_slice	slices[4];
	size_t			count;
};

/* "out" gets a new nonce, the ciphertext and the tag: len + OVERHEAD bytes. */
void	base_aead_seal(const uint8_t key[BASE_AEAD_KEY_LEN],
	    const struct base_aead_extra *extra, const void *data, size_t len,
	    uint8_t *out);

/*
 * "sealed" is nonce, ciphertext, tag.  "out" gets len - OVERHEAD bytes; when
 * the answer is false it is all zero.
 */
bool	base_aead_open(const uint8_t key[BASE_AEAD_KEY_LEN],
	    const struct base_aead_extra *extra, const uint8_t *sealed,
	    size_t len, uint8_t *out);

#endif /* !PERMISO_BASE_AEAD_H */
