/*
 * Rows whose time is over, deleted in small batches so that nobody waits.
 */
#ifndef PERMISO_STORE_CLEANUP_H
#define PERMISO_STORE_CLEANUP_H

#include "store/store.h"

#define STORE_CLEANUP_BATCH	100

/*
 * Up to STORE_CLEANUP_BATCH rows of each of challenges, sessions, links,
 * browsers and mails; the row says how many of one of them went at most.  As many as the batch:
 * there is more.
 */
struct store_call	*store_cleanup(struct base_arena *arena);

/*
 * True in the one process of all nodes that does what only one must do.  Holds
 * for this connection until it is closed.
 */
struct store_call	*store_cleanup_leader(struct base_arena *arena);

/* Partitions ahead of time; the row says how many were made.  Retention. */
struct store_call	*store_cleanup_partitions(struct base_arena *arena);

/* Texts to run, one by one and outside a transaction, until there are none.
 * Retention. */
struct store_call	*store_cleanup_removals(struct base_arena *arena);

extern const struct store_statement *const store_cleanup_statements_jobs[];
extern const struct store_statement
			*const store_cleanup_statements_retention[];

#endif /* !PERMISO_STORE_CLEANUP_H */
