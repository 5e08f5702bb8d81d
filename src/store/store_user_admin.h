/*
 * What an administrator does to people: each is one statement that
 * authenticates who acts (store_actor.h), answered by store_actor_verdict().
 *
 * A passkey used a moment ago is asked for (STORE_ACTOR_UNCONFIRMED) where
 * the person is an administrator, the acting one included, and always for
 * what gives rights or cannot be taken back.  What would lock oneself out is
 * not done to one's own account (STORE_ACTOR_OWN).
 */
#ifndef PERMISO_STORE_USER_ADMIN_H
#define PERMISO_STORE_USER_ADMIN_H

#include "account/account_user.h"
#include "store/store_actor.h"

#define STORE_USER_ADMIN_MANY	100	/* people of one statement */

/* A new person.  OK, USERNAME, EMAIL, TAKEN; UNCONFIRMED: the new one is to
 * be an administrator. */
struct store_call	*store_user_admin_insert(struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct account_user *user);

/*
 * Username, address (verified or not), names of the person user->id.
 * "version" is that of store_user_version() when the fields were read.
 * OK, MISSING, STALE, USERNAME, EMAIL, TAKEN, UNCHANGED; UNCONFIRMED also
 * when the address changes.
 */
struct store_call	*store_user_admin_update(struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct account_user *user, int64_t version);

/*
 * Turn accounts off: sessions and link end at once, tokens die by the join.
 * Or on again.  All of them or, unless OK, none; those that are so already
 * are passed over.  "ids" are different from each other.
 * OK; MISSING and UNCHANGED: not one of them; OWN, LAST, UNCONFIRMED.
 */
struct store_call	*store_user_admin_disable(struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct base_uuid *ids, size_t count);
struct store_call	*store_user_admin_enable(struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct base_uuid *ids, size_t count);
/* How many were turned on or off. */
int64_t			 store_user_admin_changed(
			    const struct store_result *result);

/* Make an administrator, or an ordinary person; always confirmed.
 * OK, MISSING, UNCHANGED, OWN and LAST (demote), UNCONFIRMED. */
struct store_call	*store_user_admin_promote(struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct base_uuid *id);
struct store_call	*store_user_admin_demote(struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct base_uuid *id);

/* With everything that is theirs but the audit; always confirmed.  "username"
 * is what was typed.  OK, MISSING, OWN, LAST, UNCONFIRMED; UNCHANGED: that is
 * not their name. */
struct store_call	*store_user_admin_delete(struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct base_uuid *id, const char *username);

extern const struct store_statement *const store_user_admin_web[];

#endif /* !PERMISO_STORE_USER_ADMIN_H */
