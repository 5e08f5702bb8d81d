/*
 * Sealed values: what must survive between two requests of a stranger
 * (docs/decisions/rules.md, 4), and MACs with a key id.
 *
 * Form: base64url( version 1 | key id 4 | nonce 12 | AES-256-GCM ciphertext |
 * tag 16 ).  The context, which must be repeated to open it, is authenticated
 * with the purpose text: a code is not a challenge, and one browser's
 * challenge is not another's.  Expiry is a field of the plaintext and is the
 * caller's to judge: it is told by the type that was sealed.
 */
#ifndef PERMISO_BASE_SEAL_H
#define PERMISO_BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "base/base_keyring.h"

#define BASE_SEAL_MAX		8192	/* bytes that can be sealed or MACed */
#define BASE_SEAL_OVERHEAD	(1 + 4 + 12 + 16)
/* Text length of a sealed value of "n" bytes. */
#define BASE_SEAL_TEXT_LEN(n)	((((n) + BASE_SEAL_OVERHEAD) * 4 + 2) / 3)

/*
 * "what" names the kind ("code", "challenge", ...), "context" what it is bound
 * to (may be empty).  "out" has BASE_SEAL_TEXT_LEN(len) + 1 bytes.
 * False only when the ring has no active sealing key, or over BASE_SEAL_MAX.
 */
bool	base_seal(const struct base_keyring *ring, int64_t now,
	    const char *what, struct base_slice context, const void *data,
	    size_t len, char *out);

/*
 * Open a sealed text into "out" of "size" bytes.  False for anything that was
 * not sealed here for this "what" and "context"; "out" is then untouched.
 */
bool	base_seal_open(const struct base_keyring *ring, const char *what,
	    struct base_slice context, const char *text, size_t text_len,
	    void *out, size_t size, size_t *out_len);

/*
 * HMAC-SHA-256 over what | 0 | data with the key of "purpose" and id "id".
 * False for an unknown key, or when what and data pass BASE_SEAL_MAX.
 */
bool	base_seal_mac(const struct base_keyring *ring, enum base_purpose purpose,
	    uint32_t id, const char *what, const void *data, size_t len,
	    uint8_t out[BASE_SHA256_LEN]);

#endif /* !PERMISO_BASE_SEAL_H */
