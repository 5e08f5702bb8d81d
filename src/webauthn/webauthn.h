/*
 * WebAuthn ceremonies, the relying party's side (Web Authentication Level 3,
 * sections 7.1 and 7.2): bytes in, verdict out.
 *
 * Pure: no HTTP, no SQL, no clock.  What must be atomic (a challenge is used
 * once, a credential id is registered once, a counter goes up) is decided by
 * the statement that acts; everything else is decided here.
 *
 * This header holds what both ceremonies share.  Steps are named as in the
 * specification: R1-R29 of registering, A1-A25 of authenticating.
 */
#ifndef PERMISO_WEBAUTHN_H
#define PERMISO_WEBAUTHN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_bytes.h"
#include "base/base_uuid.h"

/* Largest inputs, all well above real traffic. */
#define WEBAUTHN_BODY_MAX		65536	/* JSON of one response */
#define WEBAUTHN_JSON_DEPTH_MAX		16
#define WEBAUTHN_CLIENT_DATA_MAX	4096
#define WEBAUTHN_ATTESTATION_MAX	32768	/* attestationObject */
#define WEBAUTHN_AUTH_DATA_MAX		8192
#define WEBAUTHN_SIGNATURE_MAX		8192
#define WEBAUTHN_USER_HANDLE_MAX	64
#define WEBAUTHN_CREDENTIAL_ID_MIN	16	/* R25; 100 bits of entropy */
#define WEBAUTHN_CREDENTIAL_ID_MAX	1023	/* R25 */
#define WEBAUTHN_TRANSPORTS_MAX		10
#define WEBAUTHN_TRANSPORT_MAX		32	/* characters */
#define WEBAUTHN_COSE_MAX		1024
#define WEBAUTHN_SPKI_MAX		640	/* RSA-4096 takes 550 */

/* COSE algorithms we can verify (RFC 9053, RFC 8812). */
#define WEBAUTHN_ALG_ES256		(-7)
#define WEBAUTHN_ALG_EDDSA		(-8)
#define WEBAUTHN_ALG_ES384		(-35)
#define WEBAUTHN_ALG_RS256		(-257)

/* Those we offer, in the order we prefer them: EdDSA, ES256, RS256. */
#define WEBAUTHN_ALGS_COUNT		3
extern const int32_t	webauthn_algs[WEBAUTHN_ALGS_COUNT];

enum webauthn_format {
	WEBAUTHN_FORMAT_NONE,
	WEBAUTHN_FORMAT_PACKED
};

/* What the attestation statement is worth. */
enum webauthn_attestation {
	WEBAUTHN_ATTESTATION_NONE,	/* nothing was said, or not believed */
	WEBAUTHN_ATTESTATION_SELF	/* signed with the credential's key */
};

/* Kept as they came, unknown words too; handed back in our options. */
struct webauthn_transports {
	char	names[WEBAUTHN_TRANSPORTS_MAX][WEBAUTHN_TRANSPORT_MAX + 1];
	size_t	count;
};

/* A client's word on residentKey (extension credProps), unsigned. */
enum webauthn_resident {
	WEBAUTHN_RESIDENT_UNKNOWN,
	WEBAUTHN_RESIDENT_YES
};

/* A new passkey: what a good registration leaves to store (R27). */
struct webauthn_credential {
	uint8_t			id[WEBAUTHN_CREDENTIAL_ID_MAX];
	size_t			id_len;
	uint8_t			cose[WEBAUTHN_COSE_MAX];	/* as sent */
	size_t			cose_len;
	uint8_t			spki[WEBAUTHN_SPKI_MAX];	/* DER */
	size_t			spki_len;
	int32_t			alg;
	uint32_t		sign_count;
	bool			user_verified;		/* uvInitialized */
	bool			backup_eligible;
	bool			backup_state;
	struct base_uuid	aaguid;
	struct webauthn_transports transports;
	enum webauthn_format	format;
	enum webauthn_attestation attestation;
	enum webauthn_resident	resident;
	bool			cross_platform;	/* authenticatorAttachment */
};

/* What both ceremonies are held against.  Borrowed for the call. */
struct webauthn_expect {
	struct base_slice	 challenge;	/* the bytes we sent */
	const char		*rp_id;
	/* The origins a page of ours may have, byte for byte. */
	const struct base_slice	*origins;
	size_t			 origin_count;
	bool			 user_verification;	/* demanded */
};

/* "none", "packed": as the passkeys table has them. */
const char	*webauthn_format_name(enum webauthn_format format);
/* "none", "self" */
const char	*webauthn_attestation_name(enum webauthn_attestation type);

#endif /* !PERMISO_WEBAUTHN_H */
