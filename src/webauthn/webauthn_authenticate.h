/*
 * Signing in with a passkey (section 7.2).
 *
 *	json = webauthn_json_load(body)
 *	webauthn_authenticate_parse(arena, json, &response)
 *	webauthn_authenticate_screen(&response, &expect)
 *	   ... SELECT the passkey by response.user_handle and response.id ...
 *	webauthn_authenticate_check(&response, &expect, &stored, &result)
 *
 * then one statement that takes the challenge's digest (unique) and moves the
 * counter, WHERE sign_count is still the one that was read.
 */
#ifndef PERMISO_WEBAUTHN_AUTHENTICATE_H
#define PERMISO_WEBAUTHN_AUTHENTICATE_H

#include <jansson.h>

#include "base/base_arena.h"
#include "webauthn/webauthn.h"
#include "webauthn/webauthn_counter.h"
#include "webauthn/webauthn_verdict.h"

/* PublicKeyCredential.toJSON() of an assertion; slices live in the arena. */
struct webauthn_authenticate_response {
	struct base_slice	id;		/* rawId, decoded */
	struct base_slice	user_handle;	/* empty: was not sent */
	struct base_slice	client_data;	/* as received: hashed so */
	struct base_slice	auth_data;
	struct base_slice	signature;
	bool			cross_platform;	/* offer one for this device */
};

struct webauthn_authenticate_expect {
	struct webauthn_expect	 common;
	/* Ids we named in allowCredentials; none: any passkey of ours. */
	const struct base_slice	*allowed;
	size_t			 allowed_count;
	/* Whose sign-in this is, when it was known before (step-up);
	 * empty: the passkey says who, and a userHandle is demanded (A6). */
	struct base_slice	 user_handle;
};

/* The passkey as the database has it.  Borrowed for the call. */
struct webauthn_stored {
	struct base_slice	id;
	struct base_slice	user_handle;	/* of its owner */
	struct base_slice	spki;
	int32_t			alg;
	uint32_t		sign_count;
	bool			backup_eligible;
};

/* What a good assertion leaves to store (A24). */
struct webauthn_assertion {
	uint32_t		sign_count;	/* never below the stored one */
	enum webauthn_counter	counter;	/* _WARNING: tell somebody */
	bool			user_verified;
	bool			backup_state;
};

/* As webauthn_register_parse(). */
enum webauthn_verdict	webauthn_authenticate_parse(struct base_arena *arena,
			    const json_t *json,
			    struct webauthn_authenticate_response *out);

/*
 * Everything that can be refused without the database: A5, A7-A18 and that a
 * userHandle is there.  Optional; webauthn_authenticate_check() does it again.
 */
enum webauthn_verdict	webauthn_authenticate_screen(
			    const struct webauthn_authenticate_response *r,
			    const struct webauthn_authenticate_expect *expect);

/*
 * All of A5-A22.  *out is untouched unless WEBAUTHN_OK.  Nothing of the
 * request chooses key, digest or padding: the stored algorithm does.
 */
enum webauthn_verdict	webauthn_authenticate_check(
			    const struct webauthn_authenticate_response *r,
			    const struct webauthn_authenticate_expect *expect,
			    const struct webauthn_stored *stored,
			    struct webauthn_assertion *out);

#endif /* !PERMISO_WEBAUTHN_AUTHENTICATE_H */
