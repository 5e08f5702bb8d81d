/*
 * How often one address may ask, by kind of request; docs/limits.md says how
 * much and why.  An IPv6 address counts as its /64.
 *
 * Most limits belong to a route (web_router.h): the engine counts every
 * request and answers 429 with Retry-After by itself.  The token endpoint
 * counts its failures only, so that no success is ever slowed down.
 *
 * Addresses that cannot be told apart are not limited: this machine's own, and
 * the unknown one of a unix socket whose proxy is not in TRUST_PROXY, which
 * would be everybody's.
 */
#ifndef PERMISO_WEB_LIMIT_H
#define PERMISO_WEB_LIMIT_H

#include <stdbool.h>

#include "web/web.h"

enum web_limit_kind {
	WEB_LIMIT_NONE = 0,
	WEB_LIMIT_AUTHORIZE,	/* authorization requests */
	WEB_LIMIT_OPTIONS,	/* challenges */
	WEB_LIMIT_VERIFY,	/* passkeys that were presented */
	WEB_LIMIT_LINK,		/* one-time links, shown and spent */
	WEB_LIMIT_SETUP,	/* tries of the set-up code */
	WEB_LIMIT_TOKEN,	/* refused token requests */
	WEB_LIMIT_CLIENT,	/* failed authentications of one client */
	WEB_LIMIT_COUNT
};

/* Memory for all workers; once, before they are forked.  False, logged. */
bool	web_limit_open(const struct base_config *config);

/* Count a request, or a failure, of "kind"; "what" tells apart what one
 * address does (a client_id), NULL: nothing.  False: that was too many. */
bool	web_limit_take(struct web_exchange *x, enum web_limit_kind kind,
	    const char *what);
/* The same without counting. */
bool	web_limit_look(struct web_exchange *x, enum web_limit_kind kind,
	    const char *what);

/*
 * After one of these said false: logged, counted for the audit log, and the
 * header Retry-After is set.  Returns the seconds it names.
 */
int64_t	web_limit_refused(struct web_exchange *x);
/* That, and the answer: 429 as page or JSON. */
struct web_next	web_limit_refuse(struct web_exchange *x);

#endif /* !PERMISO_WEB_LIMIT_H */
