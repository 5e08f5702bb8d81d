/*
 * Signatures of authenticators over authenticator data and the hash of the
 * client data (A20-A21; section 8.2 for packed attestation).
 */
#ifndef PERMISO_WEBAUTHN_SIGNATURE_H
#define PERMISO_WEBAUTHN_SIGNATURE_H

#include <stdint.h>

#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "webauthn/webauthn_verdict.h"

/* What is signed. */
struct webauthn_signed {
	struct base_slice	auth_data;
	uint8_t			client_data_hash[BASE_SHA256_LEN];
};

/*
 * "alg" alone chooses digest and padding, and "spki" must be a key of it, as
 * webauthn_cose_spki() wrote it: WEBAUTHN_KEY_BROKEN when it is not.
 * WEBAUTHN_SIGNATURE_INVALID for every signature that is not DER of two
 * integers (ECDSA), 64 bytes (EdDSA), as long as the modulus (RSA), or good.
 */
enum webauthn_verdict	webauthn_signature_check(int32_t alg,
			    struct base_slice spki,
			    const struct webauthn_signed *data,
			    struct base_slice signature);

#endif /* !PERMISO_WEBAUTHN_SIGNATURE_H */
