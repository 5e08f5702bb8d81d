/*
 * What a person allowed a client to see.
 *
 * Removing a consent ends what was granted under it: grants are joined with a
 * consent that is older than they are, so a new one revives nothing.
 */
#ifndef PERMISO_STORE_CONSENT_H
#define PERMISO_STORE_CONSENT_H

#include "base/base_uuid.h"
#include "oidc/oidc_claims.h"
#include "store/store.h"
#include "store/store_place.h"

struct store_consent {
	struct base_uuid	user_id;
	struct base_uuid	client_id;
	struct base_uuid	session_id;
	unsigned		scopes;
	uint32_t		claims;		/* by name, both destinations */
};

/*
 * Add to what is allowed; the session must still be alive.
 * STORE_OK; STORE_GONE: it is not; STORE_FAILED.
 */
struct store_call	*store_consent_give(struct base_arena *arena,
			    const struct store_consent *consent,
			    const struct store_place *place);
/* Note that it was not allowed; changes nothing else. */
struct store_call	*store_consent_deny(struct base_arena *arena,
			    const struct store_consent *consent,
			    const struct store_place *place);

extern const struct store_statement *const store_consent_web[];

#endif /* !PERMISO_STORE_CONSENT_H */
