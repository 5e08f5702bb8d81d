/*
 * A person's own passkeys: what the account pages list, rename and remove.
 */
#ifndef PERMISO_STORE_PASSKEY_OWN_H
#define PERMISO_STORE_PASSKEY_OWN_H

#include "account/account_device.h"
#include "account/account_passkey.h"
#include "base/base_base64url.h"
#include "store/store_caller.h"

#define STORE_PASSKEY_OWN_ADDRESS_MAX	45

struct store_passkey_own {
	struct account_passkey	passkey;
	struct base_slice	credential;	/* base64url; borrowed */
	bool			roaming;	/* usb or nfc: a security key */
	bool			current;	/* made the caller's session */
	char			created_device[ACCOUNT_DEVICE_MAX + 1];
	char			used_device[ACCOUNT_DEVICE_MAX + 1];
	char			used_address[STORE_PASSKEY_OWN_ADDRESS_MAX + 1];
};

/* All of the caller's, oldest first; store_caller_rows(result, 0, ...). */
struct store_call	*store_passkey_own_list(struct base_arena *arena,
			    const struct store_caller *caller);
bool			 store_passkey_own_decode(
			    const struct store_result *result, int row,
			    struct store_passkey_own *out);

/* STORE_OK; STORE_MISSING: no such passkey of theirs; STORE_GONE. */
struct store_call	*store_passkey_own_rename(struct base_arena *arena,
			    const struct store_caller *caller,
			    const struct base_uuid *passkey_id,
			    const char *name);

/*
 * Remove one; every session that it made ends, the caller's own perhaps.  The
 * last one goes only with its name in "confirm" (NULL: not given).
 * STORE_OK; STORE_MISSING; STORE_REFUSED: it is the last one, and not
 * confirmed; STORE_GONE.
 */
struct store_call	*store_passkey_own_remove(struct base_arena *arena,
			    const struct store_caller *caller,
			    const struct base_uuid *passkey_id,
			    const char *confirm);

extern const struct store_statement *const store_passkey_own_web[];

#endif /* !PERMISO_STORE_PASSKEY_OWN_H */
