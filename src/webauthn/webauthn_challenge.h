/*
 * Challenges (section 13.4.3): what a ceremony was started for.
 *
 * Not stored: sealed under kind "challenge" with the browser's secret as
 * context, handed to the page, handed back with the response.  Used once:
 * success inserts webauthn_challenge_digest() under a unique key in the very
 * statement that makes the session or the passkey.
 */
#ifndef PERMISO_WEBAUTHN_CHALLENGE_H
#define PERMISO_WEBAUTHN_CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "base/base_keyring.h"
#include "base/base_seal.h"
#include "base/base_uuid.h"
#include "webauthn/webauthn_verdict.h"

#define WEBAUTHN_CHALLENGE_LEN		32
#define WEBAUTHN_CHALLENGE_SECONDS	300
#define WEBAUTHN_CHALLENGE_HANDLE_LEN	32	/* our user handles */
#define WEBAUTHN_CHALLENGE_TIMELINE_LEN	8	/* hex digits */

enum webauthn_purpose {
	WEBAUTHN_PURPOSE_LOGIN = 1,	/* get: the passkey says who */
	WEBAUTHN_PURPOSE_SETUP,		/* create: the first administrator */
	WEBAUTHN_PURPOSE_ADD,		/* create: for the session's person */
	WEBAUTHN_PURPOSE_STEP_UP	/* get: the session's person again */
};

enum webauthn_mediation {
	WEBAUTHN_MEDIATION_MODAL = 1,	/* a button was pressed */
	WEBAUTHN_MEDIATION_CONDITIONAL	/* autofill */
};

/* No pointers: copy it, never free it. */
struct webauthn_challenge {
	uint8_t			bytes[WEBAUTHN_CHALLENGE_LEN];
	enum webauthn_purpose	purpose;
	enum webauthn_mediation	mediation;
	/* Whose; empty for WEBAUTHN_PURPOSE_LOGIN.  At set-up: the key and the
	 * handle the new account will have. */
	struct base_uuid	user_id;
	uint8_t			user_handle[WEBAUTHN_CHALLENGE_HANDLE_LEN];
	struct base_uuid	session_id;	/* empty: none yet */
	int64_t			issued_at;	/* seconds since 1970 */
	int64_t			expires_at;
	/* of the database, "" before one was seen */
	char			timeline[WEBAUTHN_CHALLENGE_TIMELINE_LEN + 1];
};

/* Version, purpose, mediation, then the fields at fixed places. */
#define WEBAUTHN_CHALLENGE_ENCODED_LEN	(3 + 32 + 16 + 32 + 16 + 8 + 8 + 8)
#define WEBAUTHN_CHALLENGE_TEXT_LEN \
	    BASE_SEAL_TEXT_LEN(WEBAUTHN_CHALLENGE_ENCODED_LEN)

/*
 * A fresh one: random bytes, issued "now", WEBAUTHN_CHALLENGE_SECONDS of
 * life.  The caller adds person and session.
 */
void	webauthn_challenge_init(struct webauthn_challenge *challenge,
	    enum webauthn_purpose purpose, enum webauthn_mediation mediation,
	    int64_t now, const char *timeline);

void	webauthn_challenge_encode(const struct webauthn_challenge *challenge,
	    uint8_t out[WEBAUTHN_CHALLENGE_ENCODED_LEN]);
/* False, *out untouched, for what webauthn_challenge_encode() never makes. */
bool	webauthn_challenge_decode(const void *data, size_t len,
	    struct webauthn_challenge *out);

/* "browser" is the browser's secret.  False only without a sealing key. */
bool	webauthn_challenge_seal(const struct base_keyring *ring,
	    struct base_slice browser,
	    const struct webauthn_challenge *challenge,
	    char out[WEBAUTHN_CHALLENGE_TEXT_LEN + 1]);

/*
 * Open what a page sent back: WEBAUTHN_OK, WEBAUTHN_CHALLENGE_FOREIGN (junk,
 * another browser's); *out is untouched then.
 */
enum webauthn_verdict	webauthn_challenge_open(
			    const struct base_keyring *ring,
			    struct base_slice browser, struct base_slice text,
			    struct webauthn_challenge *out);

/* What it is presented for. */
struct webauthn_challenge_use {
	enum webauthn_purpose	 purpose;
	struct base_uuid	 user_id;	/* empty: not compared */
	struct base_uuid	 session_id;	/* compared when purpose is
						 * ADD or STEP_UP */
	int64_t			 now;
	const char		*timeline;
};

/*
 * May it be used so?  WEBAUTHN_CHALLENGE_PURPOSE (another purpose, person or
 * session), WEBAUTHN_CHALLENGE_EXPIRED (its time is over, or it was issued on
 * another timeline of the database), WEBAUTHN_OK.
 */
enum webauthn_verdict	webauthn_challenge_check(
			    const struct webauthn_challenge *challenge,
			    const struct webauthn_challenge_use *use);

/* For the table of spent ones: SHA-256 of the 32 bytes. */
void	webauthn_challenge_digest(const struct webauthn_challenge *challenge,
	    uint8_t out[BASE_SHA256_LEN]);

#endif /* !PERMISO_WEBAUTHN_CHALLENGE_H */
