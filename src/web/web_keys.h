/*
 * The keys a worker knows: the keyring for sealed values and MACs, and the
 * public halves of the signing keys.  Read at start and every 10 s, so that a
 * new key, which is used 60 s after it was written, is known everywhere first.
 */
#ifndef PERMISO_WEB_KEYS_H
#define PERMISO_WEB_KEYS_H

#include "web/web.h"

struct base_loop;
struct jose_key;
struct store_runner;
struct web_keys;

/* --- for handlers -------------------------------------------------------- */

/* The public key with this kid; NULL when it is not (or no longer) ours. */
const struct jose_key	*web_keys_find(const struct web_exchange *x,
			    const char *kid);

/*
 * The JWK set as served, made once a change, and its ETag with quotes.
 * Empty before the first keys were read.  Served while the database is down.
 */
struct base_slice	 web_keys_jwks(const struct web_exchange *x,
			    const char **etag);

/* --- for the engine ------------------------------------------------------ */

/* NULL when out of memory.  Reads at once, then every 10 s. */
struct web_keys			*web_keys_open(struct base_loop *loop,
				    struct store_runner *runner,
				    const struct base_config *config);
const struct base_keyring	*web_keys_ring(const struct web_keys *keys);
/* Both kinds have been read once. */
bool				 web_keys_ready(const struct web_keys *keys);
void				 web_keys_close(struct web_keys *keys);

#endif /* !PERMISO_WEB_KEYS_H */
