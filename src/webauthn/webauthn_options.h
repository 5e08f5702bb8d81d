/*
 * What the page hands to navigator.credentials, in the form that
 * PublicKeyCredential.parseCreationOptionsFromJSON() and
 * parseRequestOptionsFromJSON() read.
 *
 * Decided here once for all pages: a discoverable passkey and user
 * verification are required, attestation is not wanted, five minutes of time,
 * no hints, no attachment (so that security keys can be added).
 */
#ifndef PERMISO_WEBAUTHN_OPTIONS_H
#define PERMISO_WEBAUTHN_OPTIONS_H

#include <jansson.h>

#include "webauthn/webauthn.h"

#define WEBAUTHN_TIMEOUT_MS	300000

/* A passkey that is named to the browser. */
struct webauthn_descriptor {
	struct base_slice		 id;
	const struct webauthn_transports *transports;	/* NULL: not known */
};

struct webauthn_options_user {
	struct base_slice	 handle;	/* random; no personal data */
	const char		*name;
	const char		*display_name;	/* "" when there is none */
};

/* The site, as shown and as bound. */
struct webauthn_options_site {
	const char		*rp_id;
	const char		*name;
};

/*
 * PublicKeyCredentialCreationOptionsJSON; "exclude" lists every passkey of
 * the person.  The caller owns the result; NULL when out of memory, or when
 * a text is not UTF-8.
 */
json_t	*webauthn_options_create(const struct webauthn_options_site *site,
	    const struct webauthn_options_user *user,
	    struct base_slice challenge,
	    const struct webauthn_descriptor *exclude, size_t exclude_count);

/*
 * PublicKeyCredentialRequestOptionsJSON; without "allow" (count 0) any
 * discoverable passkey of the site answers.
 */
json_t	*webauthn_options_get(const char *rp_id, struct base_slice challenge,
	    const struct webauthn_descriptor *allow, size_t allow_count);

#endif /* !PERMISO_WEBAUTHN_OPTIONS_H */
