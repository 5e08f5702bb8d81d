/*
 * First-run set-up: the row that says whether it is over.
 */
#ifndef PERMISO_STORE_INSTALLATION_H
#define PERMISO_STORE_INSTALLATION_H

#include "account/account_user.h"
#include "base/base_hash.h"
#include "store/store.h"
#include "store/store_passkey.h"
#include "store/store_place.h"
#include "store/store_session.h"

/*
 * At each start until set-up: the digest of a new set-up code
 * (account_link_setup_new()).  STORE_OK; STORE_SPENT: set up already, no code
 * is wanted; STORE_MISSING: not migrated.
 */
struct store_call	*store_installation_code(struct base_arena *arena,
			    const uint8_t digest[BASE_SHA256_LEN]);

/*
 * Whether it is set up, and whether "digest" is the code's.
 * STORE_OK: the code is right; STORE_SPENT: set up; STORE_MISSING: another
 * code; STORE_FAILED.
 */
struct store_call	*store_installation_state(struct base_arena *arena,
			    const uint8_t digest[BASE_SHA256_LEN]);

/* What the first administrator comes with; borrowed for the call. */
struct store_installation_first {
	const struct account_user		*user;
	const struct store_session_challenge	*challenge;
	const struct store_passkey_new		*passkey;
	const struct store_session_new		*session;
};

/*
 * First-run set-up: spends code and challenge, makes the first administrator,
 * the passkey and the session, all or nothing.
 * STORE_OK; STORE_SPENT: set up already, or another code; STORE_CONFLICT: the
 * username, the address or the passkey is taken, nothing was spent.
 */
struct store_call	*store_installation_set_up(struct base_arena *arena,
			    const uint8_t code_digest[BASE_SHA256_LEN],
			    const struct store_installation_first *first,
			    const struct store_place *place);

extern const struct store_statement *const store_installation_web[];
extern const struct store_statement *const store_installation_owner[];

#endif /* !PERMISO_STORE_INSTALLATION_H */
