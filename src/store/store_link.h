/*
 * One-time login links in the database.  One a person: a new one takes the
 * place of the old.
 */
#ifndef PERMISO_STORE_LINK_H
#define PERMISO_STORE_LINK_H

#include "account/account_user.h"
#include "base/base_hash.h"
#include "store/store.h"
#include "store/store_place.h"
#include "store/store_session.h"

/* From the command line.  STORE_OK; STORE_MISSING: no such person;
 * STORE_GONE: the account is turned off. */
struct store_call	*store_link_create(struct base_arena *arena,
			    const struct base_uuid *user_id,
			    const uint8_t digest[BASE_SHA256_LEN],
			    int64_t seconds);

/* The same, mailed to them.  Besides: STORE_REFUSED: they have no address, or
 * there is no mail server. */
struct store_call	*store_link_mail(struct base_arena *arena,
			    const struct base_uuid *user_id,
			    int64_t seconds);

/* Whose link it is; changes nothing.  STORE_OK, STORE_GONE (used, expired,
 * unknown, person disabled: all alike), STORE_FAILED. */
struct store_call	*store_link_find(struct base_arena *arena,
			    const uint8_t digest[BASE_SHA256_LEN]);
enum store_status	 store_link_found(const struct store_result *result,
			    struct account_user *user);

/*
 * Spend it: exactly one succeeds.  The browser's session, whoever's, ends and
 * a limited one takes its place.  STORE_OK; STORE_GONE; STORE_CONFLICT:
 * somebody signed in at the same moment in this browser, nothing was spent;
 * STORE_FAILED.
 */
struct store_call	*store_link_spend(struct base_arena *arena,
			    const uint8_t digest[BASE_SHA256_LEN],
			    const struct store_session_new *session,
			    const struct store_place *place);

extern const struct store_statement *const store_link_web[];
extern const struct store_statement *const store_link_owner[];

#endif /* !PERMISO_STORE_LINK_H */
