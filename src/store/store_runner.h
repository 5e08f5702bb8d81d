/*
 * The pipelined runner: many calls under way on few connections, on the
 * process's event loop, never blocking.
 *
 * A lost connection fails or repeats its calls (statement.repeatable, once,
 * within the deadline) and is made again within a second.  Deadlines are kept
 * by the runner's own timer, so a hung database costs a caller its deadline
 * and never the worker.
 */
#ifndef PERMISO_STORE_RUNNER_H
#define PERMISO_STORE_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_loop.h"
#include "store/store.h"

struct store_runner;

/*
 * Called exactly once for each call that was submitted and not abandoned,
 * never before store_runner_submit() returned.  "result" is never NULL and
 * lives until the callback returns.
 */
typedef void store_done(void *owner, const struct store_result *result);

/* What the ticket of a call is for: abandoning it when its client left. */
struct store_ticket;

/*
 * "conninfo" is a libpq connection string.  Host names in it are looked up by
 * another process (store_hosts.h).  Connects in the background; returns NULL
 * only when out of memory or when the string cannot be parsed.
 */
struct store_runner	*store_runner_new(struct base_loop *loop,
			    const char *conninfo, enum store_role role);

/*
 * Never NULL: with no room or no database, the callback says so.  "call" stays
 * in place until the callback has come or the ticket is abandoned; after
 * either the ticket is gone.
 */
struct store_ticket	*store_runner_submit(struct store_runner *runner,
			    const struct store_call *call, store_done *done,
			    void *owner);

/* The callback will not come; the statement may still happen. */
void			 store_runner_abandon(struct store_ticket *ticket);

/* At least one connection of the fast lane is ready. */
bool			 store_runner_ready(const struct store_runner *runner);

/*
 * The database's clock: the node's plus the offset that is measured at each
 * connect and every 30 s.  Seconds since 1970.
 */
int64_t			 store_runner_now(const struct store_runner *runner);

/*
 * How far the node's clock is from the database's, either way, in
 * milliseconds; 0 before any connection.
 */
int64_t			 store_runner_skew(const struct store_runner *runner);

/* More than this is logged, and the node is not ready (web_exchange.h). */
#define STORE_RUNNER_SKEW_MAX	5000

/* The timeline this runner has seen last ("00000001"); "" before any. */
const char		*store_runner_timeline(const struct store_runner *);

/* Statements sent so far, for the statement budgets of the tests. */
uint64_t		 store_runner_sent(const struct store_runner *runner);

/* Not from inside a callback.  No callback comes after it. */
void			 store_runner_free(struct store_runner *runner);

#endif /* !PERMISO_STORE_RUNNER_H */
