#include "webauthn/webauthn_verdict.h"

#include <stddef.h>

/* The message of everything that a person cannot do anything about. */
#define GENERIC	"server"

static const struct {
	const char	*name;
	const char	*code;
} verdicts[WEBAUTHN_VERDICT_COUNT] = {
	[WEBAUTHN_OK] = { "ok", "" },
	[WEBAUTHN_JSON_MALFORMED] = { "json_malformed", GENERIC },
	[WEBAUTHN_RESPONSE_MALFORMED] = { "response_malformed", GENERIC },
	[WEBAUTHN_RESPONSE_KIND] = { "response_kind", GENERIC },
	[WEBAUTHN_RESPONSE_TOO_LONG] = { "response_too_long", GENERIC },
	[WEBAUTHN_CREDENTIAL_TYPE] = { "credential_type", GENERIC },
	[WEBAUTHN_CREDENTIAL_ID] = { "credential_id", GENERIC },
	[WEBAUTHN_TRANSPORTS] = { "transports", GENERIC },
	[WEBAUTHN_CHALLENGE_FOREIGN] = { "challenge_foreign", "expired" },
	[WEBAUTHN_CHALLENGE_EXPIRED] = { "challenge_expired", "expired" },
	[WEBAUTHN_CHALLENGE_PURPOSE] = { "challenge_purpose", "expired" },
	[WEBAUTHN_CLIENT_DATA_MALFORMED] = { "client_data_malformed",
	    GENERIC },
	[WEBAUTHN_CLIENT_DATA_TYPE] = { "client_data_type", GENERIC },
	[WEBAUTHN_CLIENT_DATA_CHALLENGE] = { "client_data_challenge",
	    GENERIC },
	[WEBAUTHN_CLIENT_DATA_ORIGIN] = { "client_data_origin", GENERIC },
	[WEBAUTHN_CLIENT_DATA_CROSS_ORIGIN] = { "client_data_cross_origin",
	    GENERIC },
	[WEBAUTHN_CLIENT_DATA_TOP_ORIGIN] = { "client_data_top_origin",
	    GENERIC },
	[WEBAUTHN_AUTH_DATA_MALFORMED] = { "auth_data_malformed", GENERIC },
	[WEBAUTHN_AUTH_DATA_ATTESTED] = { "auth_data_attested", GENERIC },
	[WEBAUTHN_RP_ID_HASH] = { "rp_id_hash", GENERIC },
	[WEBAUTHN_USER_PRESENCE] = { "user_presence", GENERIC },
	[WEBAUTHN_USER_VERIFICATION] = { "user_verification", "uv" },
	[WEBAUTHN_BACKUP_FLAGS] = { "backup_flags", GENERIC },
	[WEBAUTHN_ATTESTATION_MALFORMED] = { "attestation_malformed",
	    GENERIC },
	[WEBAUTHN_KEY_MALFORMED] = { "key_malformed", GENERIC },
	[WEBAUTHN_KEY_ALGORITHM] = { "key_algorithm", GENERIC },
	[WEBAUTHN_KEY_WEAK] = { "key_weak", GENERIC },
	[WEBAUTHN_ATTESTATION_FORMAT] = { "attestation_format", GENERIC },
	[WEBAUTHN_ATTESTATION_STATEMENT] = { "attestation_statement",
	    GENERIC },
	[WEBAUTHN_ATTESTATION_SIGNATURE] = { "attestation_signature",
	    GENERIC },
	[WEBAUTHN_EXTENSIONS] = { "extensions", GENERIC },
	[WEBAUTHN_NOT_DISCOVERABLE] = { "not_discoverable", "key_old" },
	[WEBAUTHN_CREDENTIAL_UNKNOWN] = { "credential_unknown",
	    "unknown_passkey" },
	[WEBAUTHN_CREDENTIAL_NOT_ALLOWED] = { "credential_not_allowed",
	    GENERIC },
	[WEBAUTHN_USER_HANDLE] = { "user_handle", "unknown_passkey" },
	[WEBAUTHN_BACKUP_CHANGED] = { "backup_changed", GENERIC },
	[WEBAUTHN_SIGNATURE_INVALID] = { "signature_invalid", GENERIC },
	[WEBAUTHN_COUNTER_BACK] = { "counter_back", "clone" },
	[WEBAUTHN_KEY_BROKEN] = { "key_broken", GENERIC },
};

const char *
webauthn_verdict_name(enum webauthn_verdict verdict)
{
	if ((size_t)verdict >= WEBAUTHN_VERDICT_COUNT)
		return ("no_verdict");
	return (verdicts[verdict].name);
}

const char *
webauthn_verdict_code(enum webauthn_verdict verdict)
{
	if ((size_t)verdict >= WEBAUTHN_VERDICT_COUNT)
		return (GENERIC);
	return (verdicts[verdict].code);
}
