/*
 * The keys a worker knows: the keyring for sealed values and MACs, and the
 * public halves of the signing keys.  Read at start and every 30 s.
 */
#ifndef PERMISO_WEB_KEYS_H
#define PERMISO_WEB_KEYS_H

#include "web/web.h"

struct jose_key;

/* The public key with this kid; NULL when it is not (or no longer) ours. */
const struct jose_key	*web_keys_find(struct web_exchange *x,
			    const char *kid);

/* The JWK set as served, made once a change; ETag text with its quotes. */
struct base_slice	 web_keys_jwks(struct web_exchange *x,
			    const char **etag);

#endif /* !PERMISO_WEB_KEYS_H */
