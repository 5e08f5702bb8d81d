/*
 * Grants: what a redeemed code became.
 *
 * One row each, whose key is the code's id: that it can be inserted once is
 * what makes a code single use.  Everything a token check depends on (user,
 * client, session, passkey, consent) is joined when it is asked, never copied
 * into the row (docs/decisions/rules.md, 5).
 */
#ifndef PERMISO_STORE_GRANT_H
#define PERMISO_STORE_GRANT_H

#include "account/account_user.h"
#include "base/base_uuid.h"
#include "oidc/oidc_auth.h"
#include "oidc/oidc_claims.h"
#include "oidc/oidc_code.h"
#include "oidc/oidc_token.h"
#include "store/store.h"

/* A grant as its tokens need it. */
struct store_grant {
	struct base_uuid	id;
	struct base_uuid	client;
	struct base_uuid	session;
	char			client_id[OIDC_CLIENT_ID_MAX + 1];
	struct account_user	user;
	unsigned		scopes;
	struct oidc_claims_set	claims;
	char			nonce[OIDC_NONCE_MAX + 1];	/* "": none */
	int64_t			auth_time;	/* seconds since 1970 */
	int64_t			expires_at;	/* absolute end */
	uint32_t		generation;	/* of its refresh token */
	bool			refresh;	/* has refresh tokens */
	/* of the client */
	char			id_token_alg[8];
	bool			core_claims;
	int64_t			token_seconds;
};

/*
 * Redeem a code that oidc_code_check() let pass.  The client is authenticated
 * in the same statement: "candidates" are oidc_auth_candidates().
 *
 * STORE_OK; STORE_BAD_CLIENT: nothing was spent; STORE_SPENT: it was redeemed
 * before, and that grant is ended now; STORE_GONE: person, session, consent or
 * time ended, the code is spent; STORE_FAILED.
 */
struct store_call	*store_grant_redeem(struct base_arena *arena,
			    const struct oidc_code *code,
			    const struct oidc_auth_claim *client,
			    const char *const *candidates,
			    const char *request_id);

/*
 * Refresh.  A public client's generation is raised, and for
 * OIDC_RETRY_SECONDS the one before gets the same successor again; any other
 * old generation ends the grant.  A confidential client's refresh token stays
 * as it is.
 *
 * STORE_OK; STORE_BAD_CLIENT; STORE_MISSING: not this client's;
 * STORE_SPENT: an old generation, the grant is ended now; STORE_GONE;
 * STORE_FAILED.
 */
struct store_call	*store_grant_refresh(struct base_arena *arena,
			    const struct oidc_token *token,
			    const struct oidc_auth_claim *client,
			    const char *const *candidates,
			    const char *request_id);

/* What userinfo may say.  STORE_OK; STORE_GONE; STORE_FAILED. */
struct store_call	*store_grant_userinfo(struct base_arena *arena,
			    const struct base_uuid *grant);

/* The answer of any of the three; *out is set for STORE_OK alone. */
enum store_status	 store_grant_decode(const struct store_result *result,
			    struct store_grant *out);

extern const struct store_statement *const store_grant_web[];

#endif /* !PERMISO_STORE_GRANT_H */
