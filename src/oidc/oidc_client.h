/*
 * A client as it is registered, and the comparison of its URIs.
 *
 * URIs are compared byte for byte and never parsed to be compared (RFC 9700
 * section 4.1.3).  The one exception: for a native client whose registered URI
 * begins with http://127.0.0.1 or http://[::1], the port may differ (RFC 8252
 * section 7.3).
 */
#ifndef PERMISO_OIDC_CLIENT_H
#define PERMISO_OIDC_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_uuid.h"
#include "oidc/oidc.h"

#define OIDC_CLIENT_URIS_MAX	32

enum oidc_auth {
	OIDC_AUTH_NONE,		/* public: PKCE instead */
	OIDC_AUTH_BASIC,
	OIDC_AUTH_POST
};

/* "client_secret_basic" and so on. */
const char	*oidc_client_auth_name(enum oidc_auth auth);
bool		 oidc_client_auth_parse(const char *name, enum oidc_auth *out);

/* One registration.  The lists live in the arena it was decoded into. */
struct oidc_client {
	struct base_uuid	 id;
	char			 client_id[OIDC_CLIENT_ID_MAX + 1];
	char			 name[OIDC_CLIENT_NAME_MAX + 1];
	enum oidc_auth		 auth;
	bool			 native;
	bool			 require_pkce;
	bool			 refresh;	/* may have refresh tokens */
	bool			 skip_consent;
	unsigned		 scopes;	/* it may ask for */
	char			 id_token_alg[8];
	bool			 core_claims;	/* id_token_claims = core */
	int64_t			 token_seconds;
	const char *const	*redirect_uris;	/* NULL-terminated */
	const char *const	*logout_uris;	/* NULL-terminated */
	char			 client_uri[OIDC_URI_MAX + 1];	/* "": none */
	char			 policy_uri[OIDC_URI_MAX + 1];
	char			 tos_uri[OIDC_URI_MAX + 1];
};

/* May this client be answered at "uri"? */
bool	oidc_client_redirect_valid(const struct oidc_client *client,
	    const char *uri);
/* The same for post_logout_redirect_uri. */
bool	oidc_client_logout_valid(const struct oidc_client *client,
	    const char *uri);

/*
 * May "uri" be registered?  https with a host, http on a loopback address or
 * localhost (an app under development), or for native clients a private scheme
 * with a dot.  No fragment, user-info, wildcard, backslash, space, control
 * or non-ASCII byte, and no response parameter in its query (code, state,
 * iss, error, response, id_token, access_token).
 */
bool	oidc_client_uri_valid(const char *uri, bool native);

/*
 * An app whose identity nobody can assure (RFC 8252 section 8.6): public, and
 * answered at something else than https.  It never gets a silent approval.
 */
bool	oidc_client_unassured(const struct oidc_client *client,
	    const char *uri);

#endif /* !PERMISO_OIDC_CLIENT_H */
