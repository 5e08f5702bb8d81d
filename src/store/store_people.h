/*
 * People as an administrator reads of them: the list, and all about one.
 *
 * No query's cost grows with the table: a page is read from an index, behind
 * the cursor, for each state and rank that is asked for.
 */
#ifndef PERMISO_STORE_PEOPLE_H
#define PERMISO_STORE_PEOPLE_H

#include "account/account_user.h"
#include "store/store_caller.h"

#define STORE_PEOPLE_KEY_MAX	256	/* bytes of what a row is sorted by */
#define STORE_PEOPLE_STATE_MAX	15

/* What people are sorted by; of a search: by what it found. */
enum store_people_sort {
	STORE_PEOPLE_USERNAME = 0,
	STORE_PEOPLE_USERNAME_DOWN,
	STORE_PEOPLE_CREATED,
	STORE_PEOPLE_CREATED_DOWN
};

struct store_people_query {
	/* The beginning of a username, an address, a display name or a family
	 * name, without case; "": everybody.  Who was found by one of these
	 * may come again, on a later page, by another. */
	const char		*search;
	enum store_people_sort	 sort;		/* of everybody */
	/* "active", "no_passkey", "disabled"; NULL: all of them */
	const char		*state;
	const char		*rank;		/* "user", "administrator"; NULL */
	/* Behind this row; NULL: from the first. */
	const char		*after_key;
	struct base_uuid	 after_id;
	int64_t			 limit;
};

struct store_people_row {
	char			key[STORE_PEOPLE_KEY_MAX + 1];	/* sorted by */
	struct account_user	user;
	char			state[STORE_PEOPLE_STATE_MAX + 1];
	int64_t			last_used_at;	/* of a passkey; 0: never */
};

/* Rows by store_caller_rows() (column 0) and store_people_decode(). */
struct store_call	*store_people_list(struct base_arena *arena,
			    const struct store_caller *caller,
			    const struct store_people_query *query);
bool			 store_people_decode(const struct store_result *result,
			    int row, struct store_people_row *out);

/*
 * All about one.  The lists are JSON texts, times in them RFC 3339, borrowed
 * from the result:
 *
 *	passkeys	id, name, kind, created_at, last_used_at
 *	sessions	id, passkey (its name; null: a login link), device,
 *			address, created_at, last_active_at, expires_at
 *	link		id, status (waiting, used, expired), created_by (user
 *			name; null: the command line), created_at,
 *			expires_at, used_at; or null
 *	apps		client_id, name, scopes, created_at: what they allowed
 *	activity	event, result, actor (user name or null), device,
 *			address, created_at; the latest 20
 */
struct store_people_profile {
	struct store_people_row	person;
	int64_t			version;	/* for a change of fields */
	bool			mail;		/* there is a mail server */
	struct base_slice	passkeys;
	struct base_slice	sessions;
	struct base_slice	link;
	struct base_slice	apps;
	struct base_slice	activity;
};
struct store_call	*store_people_find(struct base_arena *arena,
			    const struct store_caller *caller,
			    const struct base_uuid *id);
/* STORE_OK, STORE_GONE (no administrator), STORE_MISSING, STORE_FAILED */
enum store_status	 store_people_found(const struct store_result *result,
			    struct store_people_profile *out);

extern const struct store_statement *const store_people_web[];

#endif /* !PERMISO_STORE_PEOPLE_H */
