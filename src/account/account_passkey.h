/*
 * Passkeys as a person sees them: what they are called.
 */
#ifndef PERMISO_ACCOUNT_PASSKEY_H
#define PERMISO_ACCOUNT_PASSKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "account/account_text.h"
#include "base/base_uuid.h"

#define ACCOUNT_PASSKEY_NAME_MAX	256	/* bytes: 64 characters */

/* One line of a list of passkeys. */
struct account_passkey {
	struct base_uuid	id;
	char			name[ACCOUNT_PASSKEY_NAME_MAX + 1];
	bool			backup_eligible;	/* may be synced */
	bool			backup_state;		/* is synced */
	int64_t			created_at;	/* seconds since 1970 */
	int64_t			last_used_at;	/* 0: never */
};

/*
 * What keeps the passkey, by its AAGUID ("iCloud Keychain"); "Passkey" when
 * we do not know.  An AAGUID is a hint for a name and nothing else: without
 * attestation anybody may claim any.
 */
const char	*account_passkey_name(const struct base_uuid *aaguid);

#endif /* !PERMISO_ACCOUNT_PASSKEY_H */
