/*
 * Passkeys in the database.
 */
#ifndef PERMISO_STORE_PASSKEY_H
#define PERMISO_STORE_PASSKEY_H

#include "account/account_passkey.h"
#include "account/account_session.h"
#include "account/account_user.h"
#include "store/store.h"
#include "store/store_place.h"
#include "store/store_session.h"
#include "webauthn/webauthn.h"

#define STORE_PASSKEY_LIST_MAX	64	/* of one person, that are handled */

/* A passkey that somebody presents, and whose it is.  Slices are borrowed
 * from the result. */
struct store_passkey_known {
	struct base_uuid	id;
	struct base_slice	spki;
	int32_t			alg;
	uint32_t		sign_count;
	bool			backup_eligible;
	bool			device;	/* of a phone or computer, no key */
	struct account_user	user;
	/* base64url ids of all passkeys of the person */
	struct base_slice	credentials[STORE_PASSKEY_LIST_MAX];
	size_t			credential_count;
};

/* By user handle and credential id together: one SELECT. */
struct store_call	*store_passkey_find(struct base_arena *arena,
			    struct base_slice user_handle,
			    struct base_slice credential_id);
/* STORE_OK (the person may be disabled), STORE_MISSING, STORE_FAILED */
enum store_status	 store_passkey_found(const struct store_result *result,
			    struct store_passkey_known *out);

/* A person's passkeys as creation options name them. */
struct store_passkey_named {
	struct base_slice		id;	/* borrowed from the result */
	struct webauthn_transports	transports;
};

/* The live session of a cookie with all passkeys of its person: one SELECT.
 * STORE_OK, STORE_MISSING (not signed in), STORE_FAILED */
struct store_call	*store_passkey_session(struct base_arena *arena,
			    const uint8_t cookie_digest[BASE_SHA256_LEN]);
enum store_status	 store_passkey_session_found(
			    const struct store_result *result,
			    struct account_session *session,
			    struct account_user *user,
			    struct store_passkey_named *named, size_t max,
			    size_t *count);

/* A new passkey as it is stored. */
struct store_passkey_new {
	struct base_uuid			 id;
	const struct webauthn_credential	*credential;
	struct base_slice			 attestation_object;
	struct base_slice			 client_data;
	const char				*name;
};
/* Bind the next 16 parameters, of STORE_PASSKEY_NEW_TYPES. */
#define STORE_PASSKEY_NEW_TYPES	"ubbbiioooTuttbbt"
void	store_passkey_bind(struct store_call *call,
	    const struct store_passkey_new *passkey);

/*
 * Add a passkey to the account of a live session: spends the challenge,
 * inserts, counts; a session of a login link becomes a full one under the new
 * cookie.  "session" names cookie and life for that case; the row keeps its
 * id.  "cookie_digest" is the present one.
 * STORE_OK; STORE_SPENT; STORE_GONE: not signed in any more;
 * STORE_CONFLICT: the credential id is registered; STORE_REFUSED: the person
 * has STORE_PASSKEY_LIST_MAX of them; STORE_FAILED.
 */
struct store_call	*store_passkey_add(struct base_arena *arena,
			    const uint8_t cookie_digest[BASE_SHA256_LEN],
			    const struct store_session_new *session,
			    const struct store_session_challenge *challenge,
			    const struct store_passkey_new *passkey,
			    const struct store_place *place);
/* *renewed: the session was a link's and has the new cookie now. */
enum store_status	 store_passkey_added(const struct store_result *result,
			    bool *renewed);

/* A person's passkeys, oldest first. */
struct store_call	*store_passkey_list(struct base_arena *arena,
			    const struct base_uuid *user_id);
bool			 store_passkey_decode(const struct store_result *result,
			    int row, struct account_passkey *out);

/*
 * Remove one.  Sessions it made end; those that are made at the same moment
 * are dead by the join.  STORE_OK; STORE_MISSING.
 */
struct store_call	*store_passkey_remove(struct base_arena *arena,
			    const struct base_uuid *user_id,
			    const struct base_uuid *passkey_id);

extern const struct store_statement *const store_passkey_web[];
extern const struct store_statement *const store_passkey_owner[];

#endif /* !PERMISO_STORE_PASSKEY_H */
