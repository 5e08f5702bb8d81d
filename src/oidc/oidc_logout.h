/*
 * Sign-out that an app asks for (RP-Initiated Logout 1.0), and its sealed
 * form, with which it survives a question to the person and the way from a
 * POST of another site to a GET of ours.
 */
#ifndef PERMISO_OIDC_LOGOUT_H
#define PERMISO_OIDC_LOGOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_bytes.h"
#include "base/base_keyring.h"
#include "oidc/oidc.h"
#include "oidc/oidc_error.h"
#include "oidc/oidc_hint.h"

#define OIDC_LOGOUT_SECONDS	600
#define OIDC_LOGOUT_TEXT_MAX	6000

struct oidc_logout {
	char			client_id[OIDC_CLIENT_ID_MAX + 1]; /* "": none */
	char			redirect_uri[OIDC_URI_MAX + 1];	/* "": none */
	char			state[OIDC_STATE_MAX + 1];
	bool			has_state;
	char			ui_locales[OIDC_LOCALES_MAX + 1];
	bool			hinted;		/* by a genuine ID token */
	struct oidc_hint	hint;		/* when hinted */
};

/*
 * Read a request; *hint is the text of id_token_hint, not judged here.
 * OIDC_REPEATED_PARAMETER, OIDC_TOO_LONG.
 */
enum oidc_error	oidc_logout_parse(const struct oidc_fields *fields,
		    struct oidc_logout *out, struct base_slice *hint);

/*
 * Take a hint over: client_id, when sent, must be its audience (RP-Initiated
 * Logout 1.0 section 2), and is that from now on.  OIDC_BAD_LOGOUT_HINT.
 */
enum oidc_error	oidc_logout_hint(struct oidc_logout *logout,
		    const struct oidc_hint *hint);

/* False when it would pass OIDC_LOGOUT_TEXT_MAX, or with no key. */
bool		oidc_logout_seal(const struct base_keyring *ring, int64_t now,
		    const struct oidc_logout *logout,
		    char out[OIDC_LOGOUT_TEXT_MAX + 1]);
/* False for anything that was not sealed here, or is past its time. */
bool		oidc_logout_open(const struct base_keyring *ring, int64_t now,
		    struct base_slice text, struct oidc_logout *out);

#endif /* !PERMISO_OIDC_LOGOUT_H */
