/*
 * The protocol's addresses: one file each.  The table in endpoints.c is their
 * index.
 */
#ifndef PERMISO_ENDPOINTS_H
#define PERMISO_ENDPOINTS_H

#include "oidc/oidc.h"
#include "oidc/oidc_auth.h"
#include "oidc/oidc_error.h"
#include "oidc/oidc_hint.h"
#include "oidc/oidc_token_request.h"
#include "store/store_client.h"
#include "store/store_grant.h"
#include "web/web.h"
#include "web/web_form.h"
#include "web/web_router.h"

#define ENDPOINTS_ROUTES	13
extern const struct web_route	endpoints_routes[ENDPOINTS_ROUTES];

/* /.well-known/openid-configuration, /.well-known/oauth-authorization-server */
struct web_next	endpoints_discovery(struct web_exchange *x);
/* /.well-known/jwks.json */
struct web_next	endpoints_jwks(struct web_exchange *x);
/* OPTIONS of those two: any site may read them */
struct web_next	endpoints_public_options(struct web_exchange *x);

/* /oauth/authorize */
struct web_next	endpoints_authorize(struct web_exchange *x);
struct web_next	endpoints_authorize_post(struct web_exchange *x);

/* /oauth/token, and its two grants once client and request were read */
struct web_next	endpoints_token(struct web_exchange *x);

/* What a token request is while it is answered. */
struct endpoints_token_state {
	struct oidc_auth_claim		 client;
	bool				 claimed;	/* "client" was read */
	struct oidc_token_request	 request;
	struct store_grant		 grant;
	unsigned			 scopes;	/* of the access token */
	bool				 with_nonce;
};
struct web_next	endpoints_token_code(struct web_exchange *x,
		    struct endpoints_token_state *state);
struct web_next	endpoints_token_refresh(struct web_exchange *x,
		    struct endpoints_token_state *state);
/*
 * invalid_client, naming Basic when that was tried, or another error.  The
 * address has failed once more; so has the client, for the audit log too.
 */
struct web_next	endpoints_token_refuse(struct web_exchange *x,
		    const struct endpoints_token_state *state,
		    enum oidc_error error);
/* Sign the ID token of state->grant and answer with all tokens. */
struct web_next	endpoints_token_answer(struct web_exchange *x);

/* /oauth/userinfo */
struct web_next	endpoints_userinfo(struct web_exchange *x);

/* /oauth/logout */
struct web_next	endpoints_logout(struct web_exchange *x);
struct web_next	endpoints_logout_post(struct web_exchange *x);

/* --- what several of them need ------------------------------------------- */

/* The fields of a form as the protocol's rules read them. */
struct oidc_fields	endpoints_fields(struct web_exchange *x,
			    const struct web_form *form);

/* {"error", "error_description"} with its status (RFC 6749 section 5.2). */
struct web_next	endpoints_error(struct web_exchange *x,
		    enum oidc_error error);

/* The page for a request that has nowhere to be answered; "name" is the
 * client's, NULL when it is not known. */
struct web_next	endpoints_broken(struct web_exchange *x,
		    enum oidc_error error, const char *name);

/* A URI that an app sent, and the list it is not in. */
struct endpoints_mismatch {
	const char		*sent;
	const char *const	*registered;	/* NULL-terminated */
};
/* The same page; a signed-in administrator also sees the difference, nobody
 * else learns what is registered. */
struct web_next	endpoints_broken_uri(struct web_exchange *x,
		    enum oidc_error error,
		    const struct store_client_scene *scene,
		    const struct endpoints_mismatch *mismatch);


/* Judge an id_token_hint with the keys this worker knows. */
enum oidc_hint_status	endpoints_hint(struct web_exchange *x,
			    struct base_slice text, struct oidc_hint *out);

/* Browser and system in words of ours, for the audit log; "" when unknown. */
const char	*endpoints_device(struct web_exchange *x);

/* The digest of the session cookie; NULL when there is no proper one. */
const uint8_t	*endpoints_session(struct web_exchange *x);

#endif /* !PERMISO_ENDPOINTS_H */
