/*
 * Authenticator data (section 6.1): hash of the RP ID, flags, counter, then
 * the new credential and extension outputs where the flags say so, then
 * nothing.
 *
 * The reserved bits 1 and 5 are taken and ignored, in both ceremonies: BE and
 * BS were such bits once, and the signature covers them.
 */
#ifndef PERMISO_WEBAUTHN_AUTHDATA_H
#define PERMISO_WEBAUTHN_AUTHDATA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "base/base_uuid.h"
#include "webauthn/webauthn.h"
#include "webauthn/webauthn_verdict.h"

struct webauthn_authdata {
	uint8_t			rp_id_hash[BASE_SHA256_LEN];
	bool			user_present;
	bool			user_verified;
	bool			backup_eligible;
	bool			backup_state;
	bool			attested;	/* AT: what follows is there */
	uint32_t		sign_count;
	struct base_uuid	aaguid;
	struct base_slice	credential_id;
	struct base_slice	cose;
};

/*
 * WEBAUTHN_AUTH_DATA_MALFORMED, WEBAUTHN_CREDENTIAL_ID (its length, R25),
 * WEBAUTHN_KEY_MALFORMED (no CBOR map in its place), WEBAUTHN_EXTENSIONS (no
 * map of text keys, or one that we know has the wrong type).
 */
enum webauthn_verdict	webauthn_authdata_decode(struct base_slice bytes,
			    struct webauthn_authdata *out);

/* R14-R17; A15-A18. */
enum webauthn_verdict	webauthn_authdata_check(
			    const struct webauthn_authdata *data,
			    const struct webauthn_expect *expect);

#endif /* !PERMISO_WEBAUTHN_AUTHDATA_H */
