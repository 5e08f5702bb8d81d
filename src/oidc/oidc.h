/*
 * OpenID Connect: the numbers and small sets everything else leans on
 * (OpenID Connect Core 1.0, RFC 6749).
 *
 * Pure rules: no HTTP, no SQL, no clock of its own.
 */
#ifndef PERMISO_OIDC_H
#define PERMISO_OIDC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits of texts, in bytes without the NUL. */
#define OIDC_CLIENT_ID_MAX	128
#define OIDC_CLIENT_NAME_MAX	128
#define OIDC_SECRET_MAX		512
#define OIDC_URI_MAX		2048
#define OIDC_SCOPE_MAX		1024
#define OIDC_STATE_MAX		1024
#define OIDC_NONCE_MAX		512
#define OIDC_CLAIMS_MAX		2048	/* the "claims" parameter */
#define OIDC_HINT_MAX		320	/* login_hint */
#define OIDC_ACR_VALUES_MAX	512
#define OIDC_LOCALES_MAX	256
#define OIDC_JWT_MAX		8192
#define OIDC_SUB_MAX		255
#define OIDC_SID_MAX		64
#define OIDC_VERIFIER_MIN	43	/* RFC 7636 section 4.1 */
#define OIDC_VERIFIER_MAX	128
#define OIDC_DEVICE_MAX		100
#define OIDC_ADDRESS_MAX	45
#define OIDC_TIMELINE_LEN	8

/* Limits of what we seal, in characters of the sealed text. */
#define OIDC_REQUEST_TEXT_MAX	4096	/* "i" */
#define OIDC_CODE_TEXT_MAX	2048

/* Lives, in seconds. */
#define OIDC_CODE_SECONDS	60
#define OIDC_REQUEST_SECONDS	1800	/* proofs of an "i" */
#define OIDC_RETRY_SECONDS	10	/* of a rotated refresh token */

/* The one class of sign-in there is: a passkey, user verified
 * (OpenID EAP ACR Values 1.0, "phishing-resistant"). */
#define OIDC_ACR		"phr"

/* The name of the authorization request's sealed form, as a parameter. */
#define OIDC_CONTINUE_PATH	"/oauth/authorize?i="

/* One field of a query or form; what web_form.h has, without web. */
struct oidc_field {
	const char	*name;
	const char	*value;		/* NUL-terminated */
	size_t		 len;
	bool		 repeated;
};

struct oidc_fields {
	const struct oidc_field	*fields;
	size_t			 count;
};

/* The field of that name; NULL when it was not sent. */
const struct oidc_field	*oidc_field_find(const struct oidc_fields *fields,
			    const char *name);

/* Scopes that exist.  A set of them is an unsigned of these bits. */
enum oidc_scope {
	OIDC_SCOPE_OPENID	= 1 << 0,
	OIDC_SCOPE_PROFILE	= 1 << 1,
	OIDC_SCOPE_EMAIL	= 1 << 2,
	OIDC_SCOPE_OFFLINE	= 1 << 3
};
#define OIDC_SCOPE_COUNT	4

/* "openid" for bit 0 and so on; NULL past the last. */
const char	*oidc_scope_name(size_t bit);
/*
 * The known scopes among space-separated words; unknown ones are ignored
 * (Core 3.1.2.1).  False when the text is malformed (RFC 6749 section 3.3).
 */
bool		 oidc_scope_parse(const char *text, size_t len, unsigned *out);
/* Words in a fixed order, separated by one space. */
void		 oidc_scope_format(unsigned scopes, char out[OIDC_SCOPE_MAX + 1]);

#endif /* !PERMISO_OIDC_H */
