/*
 * Authorization codes: what was granted, and who may redeem it
 * (RFC 6749 section 4.1.3, RFC 7636 section 4.6).
 *
 * A code is sealed, not stored (docs/decisions/codes.md): whoever may redeem
 * it is decided here without the database.  Single use is decided by the
 * INSERT in store_grant.c, the one place that can be atomic.
 */
#ifndef PERMISO_OIDC_CODE_H
#define PERMISO_OIDC_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "base/base_keyring.h"
#include "base/base_uuid.h"
#include "oidc/oidc.h"
#include "oidc/oidc_claims.h"
#include "oidc/oidc_error.h"

/* What one code says.  No pointers: copy it, wipe it, never free it. */
struct oidc_code {
	struct base_uuid	id;		/* becomes the grant's key */
	struct base_uuid	client;
	struct base_uuid	user;
	struct base_uuid	session;
	char			client_id[OIDC_CLIENT_ID_MAX + 1];
	uint8_t			redirect_digest[BASE_SHA256_LEN];
	bool			has_challenge;
	uint8_t			challenge[BASE_SHA256_LEN];	/* S256 */
	unsigned		scopes;
	uint32_t		id_token_claims;	/* asked for by name */
	uint32_t		userinfo_claims;
	char			nonce[OIDC_NONCE_MAX + 1];	/* "": none */
	int64_t			auth_time;	/* seconds since 1970 */
	int64_t			expires_at;	/* seconds since 1970 */
	char			timeline[OIDC_TIMELINE_LEN + 1];
	/* of the person's browser, for the audit log */
	char			address[OIDC_ADDRESS_MAX + 1];
	char			device[OIDC_DEVICE_MAX + 1];
};

/* What a token request says about a code. */
struct oidc_code_claim {
	const char	*client_id;
	const char	*redirect_uri;
	const char	*verifier;	/* NULL: none was sent */
};

/* False when it would pass OIDC_CODE_TEXT_MAX, or with no key. */
bool		oidc_code_seal(const struct base_keyring *ring, int64_t now,
		    const struct oidc_code *code,
		    char out[OIDC_CODE_TEXT_MAX + 1]);

/*
 * Open a code.  OIDC_INVALID_GRANT for anything that is not a code of ours,
 * is past its end, or was made on an older timeline of the database than
 * "timeline" (its single use cannot be promised any more).
 */
enum oidc_error	oidc_code_open(const struct base_keyring *ring, int64_t now,
		    const char *timeline, struct base_slice text,
		    struct oidc_code *out);

/*
 * May whoever sent "claim" have what "code" grants?  OIDC_OK or
 * OIDC_INVALID_GRANT.  Which field was wrong is never answered: whoever holds
 * a stolen code learns nothing by trying.
 */
enum oidc_error	oidc_code_check(const struct oidc_code *code,
		    const struct oidc_code_claim *claim);

#endif /* !PERMISO_OIDC_CODE_H */
