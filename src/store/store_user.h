/*
 * People in the database.
 *
 * Whoever joins the users row "u" reads it with STORE_USER_COLUMNS and
 * store_user_decode(), so that there is one list of its columns.
 */
#ifndef PERMISO_STORE_USER_H
#define PERMISO_STORE_USER_H

#include "account/account_user.h"
#include "store/store.h"

#define STORE_USER_COLUMN_COUNT	15
#define STORE_USER_COLUMNS						\
	"u.id, u.sub, u.user_handle, u.username, u.email, "		\
	"u.email_verified, u.given_name, u.family_name, "		\
	"u.display_name, u.locale, u.administrator, "			\
	"u.disabled_at IS NOT NULL, u.passkeys::int8, "			\
	"extract(epoch FROM u.created_at)::int8, "			\
	"extract(epoch FROM u.updated_at)::int8"

/* The columns from "column" on; false, *out undefined, when they are not. */
bool	store_user_decode(const struct store_result *result, int row,
	    int column, struct account_user *out);

/* By username or by email address, without case; rows of the columns. */
struct store_call	*store_user_find(struct base_arena *arena,
			    const char *name);
/* STORE_OK, STORE_MISSING, STORE_FAILED */
enum store_status	 store_user_found(const struct store_result *result,
			    struct account_user *out);

/* All of them by username, "limit" at most, those behind "after" ("": from
 * the first); decode each row with store_user_decode(). */
struct store_call	*store_user_list(struct base_arena *arena,
			    const char *after, int64_t limit);

/* The calls below answer a verdict, read with store_verdict(). */

/* STORE_OK; STORE_CONFLICT: username or address is taken. */
struct store_call	*store_user_insert(struct base_arena *arena,
			    const struct account_user *user);

/*
 * Turn an account off: its sessions end, its login link is void.  On: every
 * session that is left from before is ended first.
 * STORE_OK; STORE_MISSING; STORE_CONFLICT: it is so already; STORE_REFUSED:
 * it is the last administrator.
 */
struct store_call	*store_user_disable(struct base_arena *arena,
			    const struct base_uuid *user_id);
struct store_call	*store_user_enable(struct base_arena *arena,
			    const struct base_uuid *user_id);

/* Make an administrator, or an ordinary person; its login link is void. */
struct store_call	*store_user_promote(struct base_arena *arena,
			    const struct base_uuid *user_id);
struct store_call	*store_user_demote(struct base_arena *arena,
			    const struct base_uuid *user_id);

extern const struct store_statement *const store_user_owner[];

#endif /* !PERMISO_STORE_USER_H */
