/*
 * What else is a person's own: sessions, apps with access, details, activity.
 */
#ifndef PERMISO_STORE_OWN_H
#define PERMISO_STORE_OWN_H

#include "account/account_device.h"
#include "account/account_passkey.h"
#include "oidc/oidc_client.h"
#include "store/store_caller.h"

#define STORE_OWN_ADDRESS_MAX	45
#define STORE_OWN_EVENT_MAX	64
#define STORE_OWN_NAME_MAX	400	/* of an app, bytes */

/* Lists have at most this many rows, but the activity, which has pages. */
#define STORE_OWN_LIST_MAX	200

/* --- sessions --- */

struct store_own_session {
	struct base_uuid	id;
	bool			current;
	char			passkey[ACCOUNT_PASSKEY_NAME_MAX + 1];	/* "": a link */
	char			address[STORE_OWN_ADDRESS_MAX + 1];
	char			device[ACCOUNT_DEVICE_MAX + 1];
	int64_t			created_at;	/* seconds since 1970 */
	int64_t			last_active_at;
	int64_t			expires_at;
};

/* The live ones, the caller's first; store_caller_rows(result, 0, ...). */
struct store_call	*store_own_sessions(struct base_arena *arena,
			    const struct store_caller *caller);
bool			 store_own_session_decode(
			    const struct store_result *result, int row,
			    struct store_own_session *out);
/* STORE_OK; STORE_MISSING: no such session of theirs; STORE_GONE. */
struct store_call	*store_own_session_end(struct base_arena *arena,
			    const struct store_caller *caller,
			    const struct base_uuid *session_id);
/* All but the caller's.  STORE_OK, also when there was none; STORE_GONE. */
struct store_call	*store_own_sessions_end(struct base_arena *arena,
			    const struct store_caller *caller);

/* --- apps --- */

struct store_own_app {
	struct base_uuid	id;		/* of the client */
	char			name[STORE_OWN_NAME_MAX + 1];
	struct base_slice	scopes[OIDC_SCOPE_COUNT];	/* borrowed */
	size_t			scope_count;
	int64_t			created_at;	/* first allowed */
	int64_t			updated_at;
};

struct store_call	*store_own_apps(struct base_arena *arena,
			    const struct store_caller *caller);
bool			 store_own_app_decode(
			    const struct store_result *result, int row,
			    struct store_own_app *out);
/* The consent ends, and with it all that was granted under it.
 * STORE_OK; STORE_MISSING; STORE_GONE. */
struct store_call	*store_own_app_remove(struct base_arena *arena,
			    const struct store_caller *caller,
			    const struct base_uuid *client_id);

/* --- details --- */

/* Texts are parsed; NULL is none. */
struct store_own_profile {
	const char	*given_name;
	const char	*family_name;
	const char	*display_name;
	const char	*email;
	const char	*locale;
};

/*
 * Another address is not a verified one, and takes a passkey used lately.
 * STORE_OK; STORE_CONFLICT: the address is another person's; STORE_REFUSED:
 * no passkey was used lately; STORE_GONE.
 */
struct store_call	*store_own_profile(struct base_arena *arena,
			    const struct store_caller *caller,
			    const struct store_own_profile *profile);

/* --- activity --- */

struct store_own_event {
	struct base_uuid	id;
	int64_t			at;		/* seconds since 1970 */
	char			event[STORE_OWN_EVENT_MAX + 1];
	char			result[STORE_OWN_EVENT_MAX + 1];
	char			app[STORE_OWN_NAME_MAX + 1];
	char			address[STORE_OWN_ADDRESS_MAX + 1];
	char			device[ACCOUNT_DEVICE_MAX + 1];
};

/* The latest first; those before "before" (NULL: all), of "event" (NULL: any),
 * at most "limit". */
struct store_call	*store_own_events(struct base_arena *arena,
			    const struct store_caller *caller,
			    const struct base_uuid *before, const char *event,
			    int64_t limit);
bool			 store_own_event_decode(
			    const struct store_result *result, int row,
			    struct store_own_event *out);

extern const struct store_statement *const store_own_web[];

#endif /* !PERMISO_STORE_OWN_H */
