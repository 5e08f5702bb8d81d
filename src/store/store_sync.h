/*
 * The synchronous runner: one call at a time on one connection, for processes
 * that may wait (signer, jobs, command line).  Reconnects by itself.
 */
#ifndef PERMISO_STORE_SYNC_H
#define PERMISO_STORE_SYNC_H

#include <stdint.h>

#include "store/store.h"

#define STORE_SYNC_ERROR_MAX	511

struct store_sync;

/* NULL, with a sentence in "error", when there is no connection to be had. */
struct store_sync	*store_sync_open(const char *conninfo,
			    enum store_role role,
			    char error[STORE_SYNC_ERROR_MAX + 1]);

/*
 * Run one call and wait for it, at most the deadline of its lane (retention:
 * as long as it takes).  Never NULL;
 * the result lives until the next call on "sync" or its close.
 */
const struct store_result *store_sync_run(struct store_sync *sync,
			    const struct store_call *call);

/*
 * Run text that no prepared statement can hold (migrations, roles, partitions)
 * in one implicit transaction, without a deadline unless "limit_ms" is set.
 * Never made of foreign input.  STORE_OK, STORE_CONFLICT (23505) or
 * STORE_FAILED with the server's sentence in "error".
 */
enum store_status	 store_sync_script(struct store_sync *sync,
			    const char *sql, int64_t limit_ms,
			    char error[STORE_SYNC_ERROR_MAX + 1]);

/* 150013 for 15.13; 0 without a connection. */
int			 store_sync_version(const struct store_sync *sync);

/* Process id of our backend as the server told it when we connected. */
int			 store_sync_backend(const struct store_sync *sync);

void			 store_sync_close(struct store_sync *sync);

#endif /* !PERMISO_STORE_SYNC_H */
