/*
 * Public keys as authenticators send them (COSE_Key, RFC 9052 section 7, RFC
 * 9053, RFC 8230), judged once, when a passkey is registered, and turned into
 * SubjectPublicKeyInfo, which is all that is used after that.
 */
#ifndef PERMISO_WEBAUTHN_COSE_H
#define PERMISO_WEBAUTHN_COSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_bytes.h"
#include "webauthn/webauthn.h"
#include "webauthn/webauthn_verdict.h"

#define WEBAUTHN_COSE_RSA_BITS_MIN	2048
#define WEBAUTHN_COSE_RSA_BITS_MAX	4096

enum webauthn_cose_kty {
	WEBAUTHN_COSE_OKP = 1,
	WEBAUTHN_COSE_EC2 = 2,
	WEBAUTHN_COSE_RSA = 3
};

/* A key's members, of the right types and lengths; slices into the CBOR. */
struct webauthn_cose {
	enum webauthn_cose_kty	kty;
	int32_t			alg;
	struct base_slice	x;	/* EC2 and OKP */
	struct base_slice	y;	/* EC2 */
	struct base_slice	n;	/* RSA */
	struct base_slice	e;	/* RSA */
};

/*
 * One CBOR map and nothing behind it.  WEBAUTHN_KEY_MALFORMED when a member
 * is missing, of the wrong type, or does not fit the algorithm, when a
 * private part is there, or for an algorithm we cannot verify.
 */
enum webauthn_verdict	webauthn_cose_parse(struct base_slice bytes,
			    struct webauthn_cose *out);

/*
 * Only the algorithm, so that one that was not offered is refused by that
 * name.  False when there is none.
 */
bool			webauthn_cose_alg(struct base_slice bytes,
			    int64_t *alg);

/*
 * Check that the key is one (on its curve, not of small order, RSA of 2048 to
 * 4096 bits with an odd exponent of 65537 or more) and write it as DER.
 * WEBAUTHN_KEY_WEAK when it is not.
 */
enum webauthn_verdict	webauthn_cose_spki(const struct webauthn_cose *key,
			    uint8_t out[WEBAUTHN_SPKI_MAX], size_t *out_len);

#endif /* !PERMISO_WEBAUTHN_COSE_H */
