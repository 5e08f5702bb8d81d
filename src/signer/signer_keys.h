/*
 * The signer's private keys: read from the database at start and every 10 s,
 * made when an algorithm has none or its key comes of age.  What was read
 * stays while the database is away.
 */
#ifndef PERMISO_SIGNER_KEYS_H
#define PERMISO_SIGNER_KEYS_H

#include <stdint.h>

#include "base/base_config.h"
#include "base/base_loop.h"
#include "jose/jose_key.h"
#include "store/store_runner.h"

struct signer_keys;

/* Reads at once.  NULL when out of memory. */
struct signer_keys	*signer_keys_open(struct base_loop *loop,
			    struct store_runner *runner,
			    const struct base_config *config);

/* The key that signs now; NULL when there is none (yet). */
const struct jose_key	*signer_keys_active(const struct signer_keys *keys,
			    enum jose_alg alg);

/* Read now, not only when it is time; nothing when a call is under way. */
void			 signer_keys_reload(struct signer_keys *keys);

/* The database's clock. */
int64_t			 signer_keys_now(const struct signer_keys *keys);

void			 signer_keys_close(struct signer_keys *keys);

#endif /* !PERMISO_SIGNER_KEYS_H */
