/*
 * Registering a passkey (section 7.1).
 *
 *	json = webauthn_json_load(body)
 *	webauthn_register_parse(arena, json, &response)
 *	webauthn_register_check(&response, &expect, &credential)
 *
 * then one INSERT that takes the challenge's digest and the credential id,
 * both unique (R26).
 */
#ifndef PERMISO_WEBAUTHN_REGISTER_H
#define PERMISO_WEBAUTHN_REGISTER_H

#include <jansson.h>

#include "base/base_arena.h"
#include "webauthn/webauthn.h"
#include "webauthn/webauthn_verdict.h"

/* PublicKeyCredential.toJSON() of a creation; slices live in the arena. */
struct webauthn_register_response {
	struct base_slice	id;		/* rawId, decoded */
	struct base_slice	client_data;	/* as received: hashed so */
	struct base_slice	attestation;	/* attestationObject */
	struct webauthn_transports transports;
	enum webauthn_resident	resident;
	bool			cross_platform;
};

struct webauthn_register_expect {
	struct webauthn_expect	 common;
	const int32_t		*algs;		/* as offered */
	size_t			 alg_count;
};

/*
 * "json" is the credential object; nothing of it is kept.  Members we do not
 * use, and the convenience copies of the client (authenticatorData,
 * publicKey, publicKeyAlgorithm), are ignored; optional ones may be null.
 * *out is untouched unless WEBAUTHN_OK.
 */
enum webauthn_verdict	webauthn_register_parse(struct base_arena *arena,
			    const json_t *json,
			    struct webauthn_register_response *out);

/*
 * Steps R5-R25 and R28.  *out is untouched unless WEBAUTHN_OK.  Presence of
 * a person is always demanded: we make no conditional creations.
 */
enum webauthn_verdict	webauthn_register_check(
			    const struct webauthn_register_response *response,
			    const struct webauthn_register_expect *expect,
			    struct webauthn_credential *out);

#endif /* !PERMISO_WEBAUTHN_REGISTER_H */
