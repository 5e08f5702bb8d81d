/*
 * The one row that says what this installation is.
 */
#ifndef PERMISO_STORE_INSTALLATION_H
#define PERMISO_STORE_INSTALLATION_H

#include "account/account_user.h"
#include "base/base_hash.h"
#include "store/store.h"
#include "store/store_passkey.h"
#include "store/store_place.h"
#include "store/store_session.h"

#define STORE_INSTALLATION_URL_MAX	1023

/* What the row says. */
struct store_installation {
	char	issuer[STORE_INSTALLATION_URL_MAX + 1];
	char	rp_id[STORE_INSTALLATION_URL_MAX + 1];
	bool	set_up;
};

/*
 * At each start: record issuer and RP ID, or see that they are the recorded
 * ones.  The RP ID may change until set-up.
 * STORE_OK; STORE_REFUSED: the row, in *out, says otherwise; STORE_FAILED.
 */
struct store_call	*store_installation_claim(struct base_arena *arena,
			    const char *issuer, const char *rp_id);
enum store_status	 store_installation_claimed(
			    const struct store_result *result,
			    struct store_installation *out);

/*
 * At each start until set-up: the digest of a new set-up code
 * (account_link_setup_new()).  STORE_OK; STORE_SPENT: set up already, no code
 * is wanted; STORE_MISSING: never claimed.
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

/*
 * First-run set-up: spends code and challenge, makes the first administrator,
 * the passkey and the session, all or nothing.
 * STORE_OK; STORE_SPENT: set up already, or another code; STORE_CONFLICT: the
 * username, the address or the passkey is taken, nothing was spent.
 */
struct store_call	*store_installation_set_up(struct base_arena *arena,
			    const uint8_t code_digest[BASE_SHA256_LEN],
			    const struct account_user *user,
			    const struct store_session_challenge *challenge,
			    const struct store_passkey_new *passkey,
			    const struct store_session_new *session,
			    const struct store_place *place);

extern const struct store_statement *const store_installation_web[];
extern const struct store_statement *const store_installation_owner[];

#endif /* !PERMISO_STORE_INSTALLATION_H */
