/*
 * Rows of the symmetric keys (base_keyring.h): wrapped, never clear.
 */
#ifndef PERMISO_STORE_KEYRING_H
#define PERMISO_STORE_KEYRING_H

#include <stdbool.h>

#include "base/base_config.h"
#include "base/base_keyring.h"
#include "store/store.h"
#include "store/store_sync.h"

/* Every key, wrapped, of all purposes. */
struct store_call	*store_keyring_list(struct base_arena *arena);

/*
 * The rows as a ring, opened with the wrapping keys that "config" holds; rows
 * of other purposes are left out.  STORE_FAILED, with *out untouched, when a
 * row does not open: the root key is another one.
 */
enum store_status	 store_keyring_read(const struct store_result *result,
			    const struct base_config *config,
			    struct base_keyring *out);

/* The same key under another root; STORE_MISSING when it changed meanwhile. */
struct store_call	*store_keyring_rewrap(struct base_arena *arena,
			    uint32_t id,
			    const uint8_t before[BASE_WRAPPED_LEN],
			    const uint8_t after[BASE_WRAPPED_LEN]);

/*
 * Make and write a key.  For the command line and `permiso migrate`, which
 * hold the root key.  The first of its purpose is active at once, any other
 * 60 s later, when every process has read it.  With "only_first",
 * STORE_CONFLICT when there is one already; also when two are written at once:
 * the other one counts.  STORE_REFUSED when the ring is full.
 */
enum store_status	 store_keyring_make(struct store_sync *sync,
			    const uint8_t root[BASE_KEY_LEN],
			    enum base_purpose purpose, bool only_first);

/* Remove the keys that nothing can carry any more; how many in *count. */
enum store_status	 store_keyring_prune(struct store_sync *sync,
			    int64_t *count);

/*
 * See that each purpose has a key and that all of them open; `permiso migrate`
 * ends with it.  STORE_REFUSED: they are wrapped under another root key.
 */
enum store_status	 store_keyring_prepare(struct store_sync *sync,
			    const uint8_t root[BASE_KEY_LEN]);

extern const struct store_statement *const store_keyring_statements_web[];
extern const struct store_statement *const store_keyring_statements_jobs[];
extern const struct store_statement *const store_keyring_statements_owner[];

#endif /* !PERMISO_STORE_KEYRING_H */
