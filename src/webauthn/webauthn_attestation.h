/*
 * Attestation (sections 6.5 and 8).
 *
 * We ask for none.  A client must then replace every statement by "none",
 * except packed self attestation (section 5.1.3), so these two are what may
 * come and what is verified.  All other formats are refused by name, and so
 * is packed with certificates: it was not asked for, no trust anchor could
 * judge it, and a statement that is not judged is not stored as one that is.
 */
#ifndef PERMISO_WEBAUTHN_ATTESTATION_H
#define PERMISO_WEBAUTHN_ATTESTATION_H

#include "base/base_bytes.h"
#include "webauthn/webauthn.h"
#include "webauthn/webauthn_cbor.h"
#include "webauthn/webauthn_signature.h"
#include "webauthn/webauthn_verdict.h"

/* attestationObject, taken apart; slices into it. */
struct webauthn_attestation_object {
	struct base_slice		format;
	struct webauthn_cbor_item	statement;	/* of any type */
	struct base_slice		auth_data;
};

/*
 * R13: a map of exactly "fmt", "attStmt" and "authData", in any order, and
 * nothing behind it; else WEBAUTHN_ATTESTATION_MALFORMED.
 */
enum webauthn_verdict	webauthn_attestation_decode(struct base_slice bytes,
			    struct webauthn_attestation_object *out);

/* The credential's own key, which a self attestation is signed with. */
struct webauthn_attestation_key {
	int32_t			alg;
	struct base_slice	spki;
};

/* What a good statement was. */
struct webauthn_attestation_found {
	enum webauthn_format		format;
	enum webauthn_attestation	type;
};

/*
 * R21, R22: WEBAUTHN_ATTESTATION_FORMAT, _STATEMENT (its shape) or
 * _SIGNATURE; *out is untouched unless WEBAUTHN_OK.
 */
enum webauthn_verdict	webauthn_attestation_check(
			    const struct webauthn_attestation_object *object,
			    const struct webauthn_attestation_key *key,
			    const struct webauthn_signed *data,
			    struct webauthn_attestation_found *out);

#endif /* !PERMISO_WEBAUTHN_ATTESTATION_H */
