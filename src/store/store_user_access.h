/*
 * What an administrator does to somebody's ways in: login link, sessions,
 * passkeys.  Each is one statement that authenticates who acts
 * (store_actor.h), answered by store_actor_verdict(); a passkey used a moment
 * ago is asked for where the person is an administrator, the acting one
 * included.
 */
#ifndef PERMISO_STORE_USER_ACCESS_H
#define PERMISO_STORE_USER_ACCESS_H

#include "store/store_actor.h"

/*
 * A new login link; an older one of theirs is void.  "seconds" of life: the
 * caller sees to its bounds.  OK, MISSING, DISABLED, UNCONFIRMED.
 */
struct store_call	*store_user_access_link(struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct base_uuid *user_id,
			    const uint8_t digest[BASE_SHA256_LEN],
			    int64_t seconds);

/* The same, mailed to the address of their account.  Besides: UNMAILED. */
struct store_call	*store_user_access_mail(struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct base_uuid *user_id,
			    int64_t seconds);

/* This link, if it is still theirs, and every session that a link made.
 * OK, MISSING (no such person), UNCHANGED (nothing was left of it),
 * UNCONFIRMED. */
struct store_call	*store_user_access_link_end(struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct base_uuid *user_id,
			    const struct base_uuid *link_id);

/* One session, or (NULL) all of them.  OK, MISSING (no such person),
 * UNCHANGED (none was there), UNCONFIRMED. */
struct store_call	*store_user_access_session_end(
			    struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct base_uuid *user_id,
			    const struct base_uuid *session_id);

/* A passkey, and the sessions it made; always confirmed.  OK, MISSING (no
 * such person), UNCHANGED (no such passkey), UNCONFIRMED. */
struct store_call	*store_user_access_passkey_remove(
			    struct base_arena *arena,
			    const struct store_actor *actor,
			    const struct base_uuid *user_id,
			    const struct base_uuid *passkey_id);

extern const struct store_statement *const store_user_access_web[];

#endif /* !PERMISO_STORE_USER_ACCESS_H */
