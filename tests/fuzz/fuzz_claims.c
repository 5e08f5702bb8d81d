/*
 * The "claims" parameter and registrations: JSON of strangers.  What passes
 * keeps within its limits.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oidc/oidc_claims.h"
#include "oidc/oidc_registration.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
claims(const uint8_t *data, size_t size)
{
	struct oidc_claims_set	set = { .id_token = 0 }, back;
	char			text[OIDC_CLAIMS_WORDS_MAX + 1];

	if (oidc_claims_parse((const char *)data, size, &set) != OIDC_OK)
		return;
	if (size > OIDC_CLAIMS_MAX || strlen(set.sub) > OIDC_SUB_MAX ||
	    (set.id_token | set.userinfo) >> OIDC_CLAIM_COUNT != 0)
		abort();
	oidc_claims_format(&set, text);
	oidc_claims_words(text, &back);
	if (back.id_token != set.id_token || back.userinfo != set.userinfo)
		abort();
	oidc_claims_narrow(&set, OIDC_SCOPE_OPENID);
	if ((set.id_token | set.userinfo) != 0)
		abort();
}

static void
registration(const uint8_t *data, size_t size)
{
	struct oidc_registration	 r;
	char				 error[OIDC_REGISTRATION_ERROR_MAX + 1];
	json_t				*json;

	json = json_loadb((const char *)data, size,
	    JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, NULL);
	if (json != NULL && oidc_registration_parse(json, &r, error)) {
		if (r.client_id[0] == '\0' ||
		    (r.public_client && r.secret[0] != '\0'))
			abort();
		oidc_registration_clear(&r);
	}
	json_decref(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	claims(data, size);
	if (size <= 8192)
		registration(data, size);
	return (0);
}
