/*
 * What an administrator does to somebody's ways in.
 *
 * $1 to $5 are the actor's, $6 the id of the audit row, $7 the person, $8
 * what of theirs.
 */

#include "store/store_user_access.h"

#include "base/base_random.h"
#include "store/store_user_change.h"

/* Whom it is about, and whether it may be done. */
#define PERSON(unconfirmed)						\
	STORE_ACTOR("SELECT $7")					\
	STORE_ACTOR_WANTED("$7")					\
	STORE_ACTOR_TARGET(STORE_ACTOR_EVEN_OWN, unconfirmed)

/* A link of somebody who is disabled would come to life with them. */
#define LINK(refused, mailed, otherwise)				\
	STORE_ACTOR("SELECT $7")					\
	STORE_ACTOR_WANTED("$7")					\
	STORE_ACTOR_TARGET("w.disabled_at IS NOT NULL" refused,		\
	STORE_ACTOR_CONFIRMED_FOR_ADMIN)				\
	STORE_USER_CHANGE_LINK("$8", "$9", "$10",			\
	"(SELECT actor.id FROM actor)")					\
	"changed AS (SELECT user_id AS id, id AS link FROM made), "	\
	mailed								\
	STORE_ACTOR_AUDITED("login_link_created",			\
	"jsonb_build_object('link', changed.link, 'seconds', $10)")	\
	STORE_ACTOR_VERDICT(STORE_ACTOR_EVEN_OWN,			\
	STORE_ACTOR_CONFIRMED_FOR_ADMIN,				\
	"WHEN EXISTS (SELECT FROM wanted w "				\
	"WHERE w.disabled_at IS NOT NULL) THEN 'disabled' " otherwise)

static const struct store_statement link = {
	.name = "user_access_link",
	.sql = LINK("", "", ""),
	.types = STORE_ACTOR_TYPES "uuubi",
	.columns = 1,
	.lane = STORE_SLOW,
};

static const struct store_statement mail = {
	.name = "user_access_mail",
	.sql = LINK(" OR w.email IS NULL "
	    "OR NOT (SELECT i.mail FROM installation i)",
	    "mailed AS ("
	    STORE_OUTBOX_LINK("changed.id", "changed.link",
	    "jsonb_build_object('seconds', $10)", "changed")
	    "), ", "WHEN EXISTS (SELECT FROM wanted) THEN 'unmailed' "),
	.types = STORE_ACTOR_TYPES "uuubi",
	.columns = 1,
	.lane = STORE_SLOW,
};

/* What it has made must not be left when the link goes. */
static const struct store_statement link_end = {
	.name = "user_access_link_end",
	.sql =
	    PERSON(STORE_ACTOR_CONFIRMED_FOR_ADMIN)
	    "voided AS ("
	    "UPDATE login_links l SET ended_at = clock_timestamp() "
	    "FROM target WHERE l.user_id = target.id AND l.id = $8 "
	    "AND l.ended_at IS NULL RETURNING target.id"
	    "), ended AS ("
	    "UPDATE sessions s SET ended_at = now(), "
	    "end_reason = 'link_ended' FROM target "
	    "WHERE s.user_id = target.id AND s.passkey_id IS NULL "
	    "AND s.ended_at IS NULL RETURNING target.id"
	    "), changed AS ("
	    "SELECT id FROM voided UNION SELECT id FROM ended"
	    "), "
	    STORE_ACTOR_AUDITED("login_link_ended",
	    "jsonb_build_object('link', $8)")
	    STORE_ACTOR_VERDICT(STORE_ACTOR_EVEN_OWN,
	    STORE_ACTOR_CONFIRMED_FOR_ADMIN, ""),
	.types = STORE_ACTOR_TYPES "uuu",
	.columns = 1,
	.lane = STORE_SLOW,
};

static const struct store_statement session_end = {
	.name = "user_access_session_end",
	.sql =
	    PERSON(STORE_ACTOR_CONFIRMED_FOR_ADMIN)
	    "ended AS ("
	    "UPDATE sessions s SET ended_at = now(), "
	    "end_reason = 'administrator' FROM target "
	    "WHERE s.user_id = target.id AND s.ended_at IS NULL "
	    "AND s.expires_at > now() AND ($8::uuid IS NULL OR s.id = $8) "
	    "RETURNING s.user_id, s.id"
	    "), changed AS ("
	    "SELECT user_id AS id, jsonb_agg(ended.id) AS sessions "
	    "FROM ended GROUP BY user_id"
	    "), "
	    STORE_ACTOR_AUDITED("session_ended",
	    "jsonb_build_object('sessions', changed.sessions)")
	    STORE_ACTOR_VERDICT(STORE_ACTOR_EVEN_OWN,
	    STORE_ACTOR_CONFIRMED_FOR_ADMIN, ""),
	.types = STORE_ACTOR_TYPES "uuu",
	.columns = 1,
	.lane = STORE_SLOW,
};

static const struct store_statement passkey_remove = {
	.name = "user_access_passkey_remove",
	.sql =
	    PERSON(STORE_ACTOR_CONFIRMED)
	    STORE_USER_CHANGE_PASSKEY_REMOVED("$8")
	    STORE_ACTOR_AUDITED("passkey_removed",
	    "jsonb_build_object('passkey', changed.passkey, "
	    "'name', changed.name)")
	    STORE_ACTOR_VERDICT(STORE_ACTOR_EVEN_OWN, STORE_ACTOR_CONFIRMED,
	    ""),
	.types = STORE_ACTOR_TYPES "uuu",
	.columns = 1,
	.lane = STORE_SLOW,
};

const struct store_statement *const store_user_access_web[] = {
	&link,
	&link_end,
	&mail,
	&passkey_remove,
	&session_end,
	NULL
};

/* Who acts, the audit row, whom it is about. */
static struct store_call *
begin(struct base_arena *arena, const struct store_statement *statement,
    const struct store_actor *actor, const struct base_uuid *user_id)
{
	struct base_uuid	 audit = base_uuid_new();
	struct store_call	*call = store_call(arena, statement);

	store_actor(call, actor);
	store_uuid(call, &audit);
	store_uuid(call, user_id);
	return (call);
}

static struct store_call *
new_link(struct base_arena *arena, const struct store_statement *statement,
    const struct store_actor *actor, const struct base_uuid *user_id,
    const uint8_t digest[BASE_SHA256_LEN], int64_t seconds)
{
	struct base_uuid	 id = base_uuid_new();
	struct store_call	*call = begin(arena, statement, actor,
				    user_id);

	store_uuid(call, &id);
	store_bytes(call, digest, BASE_SHA256_LEN);
	store_int(call, seconds);
	return (call);
}

struct store_call *
store_user_access_link(struct base_arena *arena,
    const struct store_actor *actor, const struct base_uuid *user_id,
    const uint8_t digest[BASE_SHA256_LEN], int64_t seconds)
{
	return (new_link(arena, &link, actor, user_id, digest, seconds));
}

struct store_call *
store_user_access_mail(struct base_arena *arena,
    const struct store_actor *actor, const struct base_uuid *user_id,
    int64_t seconds)
{
	uint8_t	digest[BASE_SHA256_LEN];

	/* Nobody knows its code; that of the mail takes its place. */
	base_random_bytes(digest, sizeof(digest));
	return (new_link(arena, &mail, actor, user_id, digest, seconds));
}

struct store_call *
store_user_access_link_end(struct base_arena *arena,
    const struct store_actor *actor, const struct base_uuid *user_id,
    const struct base_uuid *link_id)
{
	struct store_call	*call = begin(arena, &link_end, actor,
				    user_id);

	store_uuid(call, link_id);
	return (call);
}

struct store_call *
store_user_access_session_end(struct base_arena *arena,
    const struct store_actor *actor, const struct base_uuid *user_id,
    const struct base_uuid *session_id)
{
	struct store_call	*call = begin(arena, &session_end, actor,
				    user_id);

	if (session_id == NULL)
		store_null(call);
	else
		store_uuid(call, session_id);
	return (call);
}

struct store_call *
store_user_access_passkey_remove(struct base_arena *arena,
    const struct store_actor *actor, const struct base_uuid *user_id,
    const struct base_uuid *passkey_id)
{
	struct store_call	*call = begin(arena, &passkey_remove, actor,
				    user_id);

	store_uuid(call, passkey_id);
	return (call);
}
