/*
 * Why a ceremony was refused: one value for each step, for the log, and what
 * the page may be told, which is much less (section 14.6.2).
 */
#ifndef PERMISO_WEBAUTHN_VERDICT_H
#define PERMISO_WEBAUTHN_VERDICT_H

enum webauthn_verdict {
	WEBAUTHN_OK = 0,

	/* The JSON of the response */
	WEBAUTHN_JSON_MALFORMED,	/* not JSON, repeated, deep, long */
	WEBAUTHN_RESPONSE_MALFORMED,	/* a member missing or of wrong type */
	WEBAUTHN_RESPONSE_KIND,		/* the other ceremony's response */
	WEBAUTHN_RESPONSE_TOO_LONG,	/* a member over its limit */
	WEBAUTHN_CREDENTIAL_TYPE,	/* not "public-key" */
	WEBAUTHN_CREDENTIAL_ID,		/* R25, or id, rawId, authData differ */
	WEBAUTHN_TRANSPORTS,

	/* The sealed challenge */
	WEBAUTHN_CHALLENGE_FOREIGN,	/* not sealed by us for this browser */
	WEBAUTHN_CHALLENGE_EXPIRED,	/* too old, or of before a fail-over */
	WEBAUTHN_CHALLENGE_PURPOSE,	/* ceremony, purpose, person, session */

	/* Client data */
	WEBAUTHN_CLIENT_DATA_MALFORMED,	/* R5, R6; A8, A9 */
	WEBAUTHN_CLIENT_DATA_TYPE,	/* R7; A10 */
	WEBAUTHN_CLIENT_DATA_CHALLENGE,	/* R8; A11 */
	WEBAUTHN_CLIENT_DATA_ORIGIN,	/* R9; A12 */
	WEBAUTHN_CLIENT_DATA_CROSS_ORIGIN,	/* R10; A13 */
	WEBAUTHN_CLIENT_DATA_TOP_ORIGIN,	/* R11; A14 */

	/* Authenticator data */
	WEBAUTHN_AUTH_DATA_MALFORMED,
	WEBAUTHN_AUTH_DATA_ATTESTED,	/* AT clear in R, set in A */
	WEBAUTHN_RP_ID_HASH,		/* R14; A15 */
	WEBAUTHN_USER_PRESENCE,		/* R15; A16 */
	WEBAUTHN_USER_VERIFICATION,	/* R16; A17 */
	WEBAUTHN_BACKUP_FLAGS,		/* R17; A18 */

	/* Registration */
	WEBAUTHN_ATTESTATION_MALFORMED,	/* R13 */
	WEBAUTHN_KEY_MALFORMED,
	WEBAUTHN_KEY_ALGORITHM,		/* R20: not offered */
	WEBAUTHN_KEY_WEAK,		/* small order, short modulus, ... */
	WEBAUTHN_ATTESTATION_FORMAT,	/* R21 */
	WEBAUTHN_ATTESTATION_STATEMENT,	/* R22: shape */
	WEBAUTHN_ATTESTATION_SIGNATURE,	/* R22 */
	WEBAUTHN_EXTENSIONS,		/* R28: a known one of wrong type */
	WEBAUTHN_NOT_DISCOVERABLE,	/* credProps.rk is false */

	/* Authentication */
	WEBAUTHN_CREDENTIAL_UNKNOWN,	/* for callers: no such passkey */
	WEBAUTHN_CREDENTIAL_NOT_ALLOWED,	/* A5 */
	WEBAUTHN_USER_HANDLE,		/* A6 */
	WEBAUTHN_BACKUP_CHANGED,	/* A19 */
	WEBAUTHN_SIGNATURE_INVALID,	/* A21 */
	WEBAUTHN_COUNTER_BACK,		/* A22, by policy of 1.6 */

	WEBAUTHN_KEY_BROKEN,		/* a stored key does not load */

	WEBAUTHN_VERDICT_COUNT
};

/* A word of ours for the log: "client_data_origin". */
const char	*webauthn_verdict_name(enum webauthn_verdict verdict);

/*
 * The key of the message a person sees: "unknown_passkey", "uv", "clone",
 * "expired", "key_old"; "server" for everything else, so that whoever tries
 * things learns nothing.  "" for WEBAUTHN_OK.
 *
 * An unknown credential, one of another user and one that comes without a user
 * answer alike.  Only "unknown_passkey" may lead to signalUnknownCredential.
 */
const char	*webauthn_verdict_code(enum webauthn_verdict verdict);

#endif /* !PERMISO_WEBAUTHN_VERDICT_H */
