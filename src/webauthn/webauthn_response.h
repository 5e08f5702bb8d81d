/*
 * The members that both kinds of PublicKeyCredential.toJSON() share
 * (section 5.1, RegistrationResponseJSON and AuthenticationResponseJSON).
 */
#ifndef PERMISO_WEBAUTHN_RESPONSE_H
#define PERMISO_WEBAUTHN_RESPONSE_H

#include <stdbool.h>

#include <jansson.h>

#include "base/base_arena.h"
#include "webauthn/webauthn.h"
#include "webauthn/webauthn_verdict.h"

struct webauthn_response {
	struct base_slice	 id;		/* rawId, decoded */
	struct base_slice	 client_data;
	bool			 cross_platform;
	const json_t		*response;	/* borrowed from the input */
	const json_t		*extensions;	/* may be NULL */
};

/*
 * Checks "type", that "id" and "rawId" are one value of a length we take, the
 * shape of the rest, and decodes.  Optional members may be null.
 */
enum webauthn_verdict	webauthn_response_parse(struct base_arena *arena,
			    const json_t *json,
			    struct webauthn_response *out);

#endif /* !PERMISO_WEBAUTHN_RESPONSE_H */
