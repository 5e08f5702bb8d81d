/*
 * What an administrator does to people.
 *
 * $1 to $5 are the actor's, $6 the id of the audit row, $7 the person; both
 * are lists where it is done to many.
 */

#include "store/store_user_admin.h"

#include "store/store_user_change.h"

/* Many of them, each with an audit row. */
#define WANTED_MANY							\
	"wanted AS ("							\
	"SELECT l.*, l.id = actor.id AS own, t.audit FROM actor, "	\
	"unnest($7::uuid[], $6::uuid[]) AS t (id, audit) "		\
	"JOIN locked l ON l.id = t.id"					\
	"), "

#define BEFORE_AFTER(before, after)					\
	"'{\"before\": {" before "}, \"after\": {" after "}}'::jsonb"

/* What of a person an administrator may write, for the audit. */
#define PROFILE(row)							\
	"jsonb_build_object('username', " row ".username, "		\
	"'email', " row ".email, 'email_verified', " row		\
	".email_verified, 'given_name', " row ".given_name, "		\
	"'family_name', " row ".family_name, 'display_name', " row	\
	".display_name, 'administrator', " row ".administrator)"

/* The unique indexes decide; this says in words which one would. */
#define TAKEN(username, email, but)					\
	"WHEN EXISTS (SELECT FROM users o WHERE lower(o.username) = "	\
	"lower(" username ") AND o.id <> " but ") THEN 'username' "	\
	"WHEN EXISTS (SELECT FROM users o WHERE lower(o.email) = "	\
	"lower(nullif(" email ", '')) AND o.id <> " but ") THEN 'email' "

static const struct store_statement insert = {
	.name = "user_admin_insert",
	.sql =
	    STORE_ACTOR("SELECT $7")
	    "judged AS ("
	    "SELECT CASE WHEN NOT actor.fresh AND $15 THEN 'unconfirmed' "
	    TAKEN("$10", "$11", "$7") "ELSE 'ok' END AS verdict FROM actor"
	    "), changed AS ("
	    "INSERT INTO users (id, sub, user_handle, username, email, "
	    "given_name, family_name, display_name, administrator) "
	    "SELECT $7, $8, $9, $10, nullif($11, ''), nullif($12, ''), "
	    "nullif($13, ''), $14, $15 FROM judged WHERE verdict = 'ok' "
	    "RETURNING *"
	    "), "
	    STORE_USER_CHANGE_COUNTED("+", "administrator")
	    "audited AS ("
	    "INSERT INTO audit " STORE_ACTOR_AUDIT_COLUMNS
	    "SELECT " STORE_ACTOR_AUDIT("$6", "account_created")
	    "changed.id, jsonb_build_object('after', " PROFILE("changed")
	    ") FROM actor, changed"
	    ") SELECT coalesce((SELECT verdict FROM judged), 'nobody')",
	.types = STORE_ACTOR_TYPES "uutbttttto",
	.columns = 1,
	.lane = STORE_SLOW,
};

#define UPDATE_UNCONFIRMED						\
	"(NOT actor.fresh AND (w.administrator "			\
	"OR lower(w.email) IS DISTINCT FROM lower(nullif($10, ''))))"
#define UPDATE_STALE							\
	"(extract(epoch FROM w.updated_at) * 1000000)::int8 <> $8"

static const struct store_statement update = {
	.name = "user_admin_update",
	.sql =
	    STORE_ACTOR("SELECT $7")
	    STORE_ACTOR_WANTED("$7")
	    "judged AS ("
	    "SELECT CASE WHEN " UPDATE_STALE " THEN 'stale' "
	    "WHEN " UPDATE_UNCONFIRMED " THEN 'unconfirmed' "
	    TAKEN("$9", "$10", "$7") "ELSE 'ok' END AS verdict "
	    "FROM wanted w, actor"
	    "), changed AS ("
	    "UPDATE users u SET username = $9, email = nullif($10, ''), "
	    "email_verified = $11, given_name = nullif($12, ''), "
	    "family_name = nullif($13, ''), display_name = $14, "
	    "updated_at = now() FROM wanted w, judged "
	    "WHERE u.id = w.id AND judged.verdict = 'ok' AND ("
	    "u.username, coalesce(u.email, ''), u.email_verified, "
	    "coalesce(u.given_name, ''), coalesce(u.family_name, ''), "
	    "u.display_name) IS DISTINCT FROM ($9, $10, $11, $12, $13, $14) "
	    "RETURNING u.id, " PROFILE("w") " AS before, "
	    PROFILE("u") " AS after"
	    "), audited AS ("
	    "INSERT INTO audit " STORE_ACTOR_AUDIT_COLUMNS
	    "SELECT " STORE_ACTOR_AUDIT("$6", "user_changed")
	    "changed.id, (SELECT jsonb_build_object("
	    "'before', jsonb_object_agg(b.key, b.value), "
	    "'after', jsonb_object_agg(b.key, a.value)) "
	    "FROM jsonb_each(changed.before) b "
	    "JOIN jsonb_each(changed.after) a ON a.key = b.key "
	    "WHERE a.value <> b.value) FROM actor, changed"
	    ") SELECT CASE WHEN NOT EXISTS (SELECT FROM actor) THEN 'nobody' "
	    "WHEN NOT EXISTS (SELECT FROM wanted) THEN 'missing' "
	    "WHEN EXISTS (SELECT FROM changed) THEN 'ok' "
	    "ELSE (SELECT CASE verdict WHEN 'ok' THEN 'unchanged' "
	    "ELSE verdict END FROM judged) END",
	.types = STORE_ACTOR_TYPES "uuittottt",
	.columns = 1,
	.lane = STORE_SLOW,
};

#define MANY(own, piece, event, before, after)				\
	STORE_ACTOR("SELECT unnest($7::uuid[])")			\
	WANTED_MANY							\
	STORE_ACTOR_TARGET(own, STORE_ACTOR_CONFIRMED_FOR_ADMIN)				\
	piece								\
	STORE_ACTOR_AUDITED(event, BEFORE_AFTER(before, after))			\
	STORE_ACTOR_VERDICT(own, STORE_ACTOR_CONFIRMED_FOR_ADMIN, "")				\
	", (SELECT count(*) FROM changed)"

static const struct store_statement disable = {
	.name = "user_admin_disable",
	.sql = MANY(STORE_ACTOR_NOT_OWN, STORE_USER_CHANGE_DISABLE, "user_disabled",
	    "\"disabled\": false", "\"disabled\": true"),
	.types = STORE_ACTOR_TYPES "TT",
	.columns = 2,
	.lane = STORE_SLOW,
};

static const struct store_statement enable = {
	.name = "user_admin_enable",
	.sql = MANY(STORE_ACTOR_EVEN_OWN, STORE_USER_CHANGE_ENABLE, "user_enabled",
	    "\"disabled\": true", "\"disabled\": false"),
	.types = STORE_ACTOR_TYPES "TT",
	.columns = 2,
	.lane = STORE_SLOW,
};

#define RANK(own, piece, event, before, after)				\
	STORE_ACTOR("SELECT $7")					\
	STORE_ACTOR_WANTED("$7")								\
	STORE_ACTOR_TARGET(own, STORE_ACTOR_CONFIRMED)						\
	piece								\
	STORE_ACTOR_AUDITED(event, BEFORE_AFTER(before, after))			\
	STORE_ACTOR_VERDICT(own, STORE_ACTOR_CONFIRMED, "")

static const struct store_statement promote = {
	.name = "user_admin_promote",
	.sql = RANK(STORE_ACTOR_EVEN_OWN, STORE_USER_CHANGE_PROMOTE, "user_promoted",
	    "\"administrator\": false", "\"administrator\": true"),
	.types = STORE_ACTOR_TYPES "uu",
	.columns = 1,
	.lane = STORE_SLOW,
};

static const struct store_statement demote = {
	.name = "user_admin_demote",
	.sql = RANK(STORE_ACTOR_NOT_OWN, STORE_USER_CHANGE_DEMOTE, "user_demoted",
	    "\"administrator\": true", "\"administrator\": false"),
	.types = STORE_ACTOR_TYPES "uu",
	.columns = 1,
	.lane = STORE_SLOW,
};

static const struct store_statement delete_one = {
	.name = "user_admin_delete",
	.sql =
	    STORE_ACTOR("SELECT $7")
	    STORE_ACTOR_WANTED("$7")
	    STORE_ACTOR_TARGET(STORE_ACTOR_NOT_OWN, STORE_ACTOR_CONFIRMED)
	    "changed AS ("
	    "DELETE FROM users u USING target WHERE u.id = target.id "
	    "AND u.username = $8 "
	    "RETURNING u.*"
	    "), "
	    STORE_USER_CHANGE_COUNTED("-",
	    "administrator AND disabled_at IS NULL")
	    STORE_ACTOR_AUDITED("user_deleted",
	    "jsonb_build_object('before', " PROFILE("changed") ")")
	    STORE_ACTOR_VERDICT(STORE_ACTOR_NOT_OWN, STORE_ACTOR_CONFIRMED, ""),
	.types = STORE_ACTOR_TYPES "uut",
	.columns = 1,
	.lane = STORE_SLOW,
};

const struct store_statement *const store_user_admin_web[] = {
	&delete_one,
	&demote,
	&disable,
	&enable,
	&insert,
	&promote,
	&update,
	NULL
};

/* A call with who acts and the audit row's id bound. */
static struct store_call *
begin(struct base_arena *arena, const struct store_statement *statement,
    const struct store_actor *actor)
{
	struct base_uuid	 audit = base_uuid_new();
	struct store_call	*call = store_call(arena, statement);

	store_actor(call, actor);
	store_uuid(call, &audit);
	return (call);
}

struct store_call *
store_user_admin_insert(struct base_arena *arena,
    const struct store_actor *actor, const struct account_user *user)
{
	struct store_call	*call = begin(arena, &insert, actor);

	store_uuid(call, &user->id);
	store_text(call, user->sub);
	store_bytes(call, user->user_handle, sizeof(user->user_handle));
	store_text(call, user->username);
	store_text(call, user->email);
	store_text(call, user->given_name);
	store_text(call, user->family_name);
	store_text(call, user->display_name);
	store_bool(call, user->administrator);
	return (call);
}

struct store_call *
store_user_admin_update(struct base_arena *arena,
    const struct store_actor *actor, const struct account_user *user,
    int64_t version)
{
	struct store_call	*call = begin(arena, &update, actor);

	store_uuid(call, &user->id);
	store_int(call, version);
	store_text(call, user->username);
	store_text(call, user->email);
	store_bool(call, user->email_verified);
	store_text(call, user->given_name);
	store_text(call, user->family_name);
	store_text(call, user->display_name);
	return (call);
}

static const char *
id_text(struct base_arena *arena, const struct base_uuid *id)
{
	char	text[BASE_UUID_TEXT_LEN + 1];

	base_uuid_format(id, text);
	return (base_arena_text(arena, text, BASE_UUID_TEXT_LEN));
}

static struct store_call *
many(struct base_arena *arena, const struct store_statement *statement,
    const struct store_actor *actor, const struct base_uuid *ids,
    size_t count)
{
	const char		*audits[STORE_USER_ADMIN_MANY + 1];
	const char		*people[STORE_USER_ADMIN_MANY + 1];
	struct base_uuid	 audit;
	struct store_call	*call = store_call(arena, statement);

	if (count > STORE_USER_ADMIN_MANY)
		count = STORE_USER_ADMIN_MANY;

	for (size_t i = 0; i < count; i++) {
		audit = base_uuid_new();
		audits[i] = id_text(arena, &audit);
		people[i] = id_text(arena, &ids[i]);
	}
	audits[count] = people[count] = NULL;

	store_actor(call, actor);
	store_texts(call, audits);
	store_texts(call, people);
	return (call);
}

struct store_call *
store_user_admin_disable(struct base_arena *arena,
    const struct store_actor *actor, const struct base_uuid *ids,
    size_t count)
{
	return (many(arena, &disable, actor, ids, count));
}

struct store_call *
store_user_admin_enable(struct base_arena *arena,
    const struct store_actor *actor, const struct base_uuid *ids,
    size_t count)
{
	return (many(arena, &enable, actor, ids, count));
}

int64_t
store_user_admin_changed(const struct store_result *result)
{
	int64_t	count;

	return (store_cell_int(result, 0, 1, &count) ? count : 0);
}

static struct store_call *
one(struct base_arena *arena, const struct store_statement *statement,
    const struct store_actor *actor, const struct base_uuid *id)
{
	struct store_call	*call = begin(arena, statement, actor);

	store_uuid(call, id);
	return (call);
}

struct store_call *
store_user_admin_promote(struct base_arena *arena,
    const struct store_actor *actor, const struct base_uuid *id)
{
	return (one(arena, &promote, actor, id));
}

struct store_call *
store_user_admin_demote(struct base_arena *arena,
    const struct store_actor *actor, const struct base_uuid *id)
{
	return (one(arena, &demote, actor, id));
}

struct store_call *
store_user_admin_delete(struct base_arena *arena,
    const struct store_actor *actor, const struct base_uuid *id,
    const char *username)
{
	struct store_call	*call = one(arena, &delete_one, actor, id);

	store_text(call, username);
	return (call);
}
