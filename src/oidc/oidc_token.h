/*
 * Access and refresh tokens (RFC 6749 section 1.4, 1.5; RFC 6750).
 *
 *	permiso_at_ / permiso_rt_  base64url( version 1 | type 1 | key id 4 |
 *	grant 16 | generation 4 | expiry 8 | scopes 4 | MAC 32 )
 *
 * A token names its grant and is proved by a MAC, so junk costs no database
 * and ending the grant ends its tokens.  The prefix is for people and for
 * programs that look for leaked secrets.
 */
#ifndef PERMISO_OIDC_TOKEN_H
#define PERMISO_OIDC_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_bytes.h"
#include "base/base_keyring.h"
#include "base/base_uuid.h"
#include "oidc/oidc.h"

#define OIDC_TOKEN_PREFIX_LEN	11
#define OIDC_TOKEN_TEXT_LEN	(OIDC_TOKEN_PREFIX_LEN + 94)

enum oidc_token_type {
	OIDC_TOKEN_ACCESS	= 1,
	OIDC_TOKEN_REFRESH	= 2
};

struct oidc_token {
	enum oidc_token_type	type;
	struct base_uuid	grant;
	/* Refresh: which of a row of successors.  Access: random, so that two
	 * made in one second differ; never compared. */
	uint32_t		generation;
	int64_t			expires_at;	/* seconds since 1970 */
	unsigned		scopes;		/* within the grant's */
};

/* False only when the ring has no active key. */
bool	oidc_token_format(const struct base_keyring *ring, int64_t now,
	    const struct oidc_token *token, char out[OIDC_TOKEN_TEXT_LEN + 1]);

/*
 * Read a token of "type".  False for anything that was not made here as that
 * type, or is past its end.
 */
bool	oidc_token_parse(const struct base_keyring *ring, int64_t now,
	    enum oidc_token_type type, struct base_slice text,
	    struct oidc_token *out);

/*
 * The session id that one client is told (sid): a MAC over session and
 * client, so that two clients cannot compare theirs.  The key is named in it.
 */
bool	oidc_token_sid(const struct base_keyring *ring, int64_t now,
	    const struct base_uuid *session, const struct base_uuid *client,
	    char out[OIDC_SID_MAX + 1]);
/* Was "sid" told to this client about this session? */
bool	oidc_token_sid_match(const struct base_keyring *ring, const char *sid,
	    const struct base_uuid *session, const struct base_uuid *client);

#endif /* !PERMISO_OIDC_TOKEN_H */
