/*
 * What a worker collects in memory and writes later, many in one statement:
 * which sessions were used, which sign-ins and clients failed, and which limits
 * were reached.  So a stranger who fails a thousand times costs the database
 * one statement in ten seconds (docs/decisions/rules.md, 4), and a person who
 * is signed in costs it no write a page.
 *
 * Failures are counted by event, reason, person or client, address and device;
 * when there are more kinds of one event than fit, the rest are counted
 * together.
 */
#ifndef PERMISO_WEB_BATCH_H
#define PERMISO_WEB_BATCH_H

#include "base/base_loop.h"
#include "base/base_uuid.h"
#include "store/store_runner.h"
#include "web/web.h"

#define WEB_BATCH_MS		10000	/* from the first to the write */
#define WEB_BATCH_SESSIONS	256	/* of one write; more are left out */

struct web_batch;

/* Of a process; NULL when out of memory. */
struct web_batch	*web_batch_open(struct base_loop *loop,
			    struct store_runner *runner);
/* What is not written yet is lost. */
void			 web_batch_close(struct web_batch *batch);

/* This session was used now. */
void	web_batch_session(struct web_exchange *x,
	    const struct base_uuid *session_id);

/*
 * A sign-in failed.  "reason" is a word of ours that lives for ever, "person"
 * may be NULL, "device" is copied.
 */
void	web_batch_failure(struct web_exchange *x, const char *reason,
	    const struct base_uuid *person, const char *device);

/*
 * A client could not be authenticated.  "client_id" is what it claimed, "" for
 * nothing; only one that exists gets into the audit log.
 */
void	web_batch_client(struct web_exchange *x, const char *reason,
	    const char *client_id, const char *device);

/* An address asked too often; "limit" is a word of ours. */
void	web_batch_limit(struct web_exchange *x, const char *limit);

#endif /* !PERMISO_WEB_BATCH_H */
