/*
 * What a change of people is made of: pieces of SQL that the command line
 * (store_user.c) and the administration (store_user_admin.c) share, so that
 * to disable somebody means the same whoever does it.
 *
 * Each piece is a list of CTEs, ended by ", ", over a CTE "target" with the
 * column "id" that names whom; "changed" has those who were really changed.
 * The person first, then the counter of administrators by the number of rows
 * that really changed.
 */
#ifndef PERMISO_STORE_USER_CHANGE_H
#define PERMISO_STORE_USER_CHANGE_H

#include "store/store_outbox.h"

/* "which" of the rows that changed count as one administrator each. */
#define STORE_USER_CHANGE_COUNTED(sign, which)				\
	"counted AS ("							\
	"UPDATE installation SET administrators = administrators "	\
	sign " moved.n FROM (SELECT count(*)::int AS n FROM changed "	\
	"WHERE " which ") AS moved WHERE moved.n > 0 RETURNING one"	\
	"), "

#define STORE_USER_CHANGE_SESSIONS(reason, which)			\
	"ended AS ("							\
	"UPDATE sessions s SET ended_at = now(), "			\
	"end_reason = '" reason "' FROM changed "			\
	"WHERE s.user_id = changed.id AND s.ended_at IS NULL " which	\
	"RETURNING s.id"						\
	"), "

/* The clock, not the beginning of the statement: it may have waited for who
 * used the link a moment ago, and the session of that is then older. */
#define STORE_USER_CHANGE_LINKS						\
	"voided AS ("							\
	"UPDATE login_links l SET ended_at = clock_timestamp() "	\
	"FROM changed WHERE l.user_id = changed.id "			\
	"RETURNING l.id"						\
	"), "

/* Their links and sessions go too: a later "enable" revives neither. */
#define STORE_USER_CHANGE_DISABLE					\
	"changed AS ("							\
	"UPDATE users u SET disabled_at = now(), updated_at = now() "	\
	"FROM target WHERE u.id = target.id AND u.disabled_at IS NULL "	\
	"RETURNING u.id, u.administrator"				\
	"), "								\
	STORE_USER_CHANGE_COUNTED("-", "administrator")			\
	STORE_USER_CHANGE_SESSIONS("disabled", "")			\
	STORE_USER_CHANGE_LINKS

/* A sign-in may have made a session while "disable" was under way; it was
 * dead by the join, and must not come to life now.  Nor must grants, those of
 * offline_access too: they are joined, so a date is enough. */
#define STORE_USER_CHANGE_ENABLE					\
	"changed AS ("							\
	"UPDATE users u SET disabled_at = NULL, "			\
	"grants_from = clock_timestamp(), updated_at = now() "		\
	"FROM target WHERE u.id = target.id "				\
	"AND u.disabled_at IS NOT NULL "				\
	"RETURNING u.id, u.administrator"				\
	"), "								\
	STORE_USER_CHANGE_COUNTED("+", "administrator")			\
	STORE_USER_CHANGE_SESSIONS("disabled", "")

/* Who is disabled is not counted; "enable" counts them.  A link was made for
 * the rank of then: it goes, and the session that it made. */
#define STORE_USER_CHANGE_RANK(is, was, sign)				\
	"changed AS ("							\
	"UPDATE users u SET administrator = " is ", updated_at = now() " \
	"FROM target WHERE u.id = target.id "				\
	"AND u.administrator = " was " "				\
	"RETURNING u.id, u.disabled_at"					\
	"), "								\
	STORE_USER_CHANGE_COUNTED(sign, "disabled_at IS NULL")		\
	STORE_USER_CHANGE_LINKS						\
	STORE_USER_CHANGE_SESSIONS("rank_changed",			\
	"AND s.passkey_id IS NULL ")

#define STORE_USER_CHANGE_PROMOTE					\
	STORE_USER_CHANGE_RANK("true", "false", "+")
#define STORE_USER_CHANGE_DEMOTE					\
	STORE_USER_CHANGE_RANK("false", "true", "-")

/*
 * A new login link, in the place of an older one: "made" (user_id, id).
 * Parameters: its id, digest, seconds of life; "by": who made it.  The clock
 * again, for who has just used the older one.
 */
#define STORE_USER_CHANGE_LINK(id, digest, seconds, by)			\
	"made AS ("							\
	"INSERT INTO login_links (user_id, id, digest, created_by, "	\
	"expires_at) SELECT target.id, " id ", " digest ", " by ", "	\
	"now() + make_interval(secs => " seconds ") FROM target "	\
	"ON CONFLICT (user_id) DO UPDATE SET id = EXCLUDED.id, "	\
	"digest = EXCLUDED.digest, created_by = EXCLUDED.created_by, "	\
	"created_at = clock_timestamp(), "				\
	"expires_at = EXCLUDED.expires_at, used_at = NULL, "		\
	"ended_at = NULL RETURNING user_id, id"				\
	"), "

/* A passkey of theirs goes, and the sessions it made: "changed" (id: the
 * person, passkey, name).  A sign-in that holds the passkey's row goes first,
 * and its session is dead by the join whether or not the UPDATE sees it. */
#define STORE_USER_CHANGE_PASSKEY_REMOVED(passkey)			\
	"changed AS ("							\
	"DELETE FROM passkeys p USING target "				\
	"WHERE p.id = " passkey " AND p.user_id = target.id "		\
	"RETURNING p.user_id AS id, p.id AS passkey, p.name"		\
	"), removed AS ("						\
	"UPDATE users u SET passkeys = passkeys - 1, updated_at = now() " \
	"FROM changed WHERE u.id = changed.id RETURNING u.id"		\
	"), ended AS ("							\
	"UPDATE sessions s SET ended_at = now(), "			\
	"end_reason = 'passkey_removed' FROM changed "			\
	"WHERE s.passkey_id = changed.passkey AND s.ended_at IS NULL "	\
	"RETURNING s.id"						\
	"), mailed AS ("						\
	STORE_OUTBOX_MAIL("passkey_removed", "changed.id",		\
	"jsonb_build_object('name', changed.name)", "changed")		\
	"), "

#endif /* !PERMISO_STORE_USER_CHANGE_H */
