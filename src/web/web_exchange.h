/*
 * The engine: runs the steps of one request and waits for what they name.
 * Only src/server and tests include this; handlers see web.h.
 */
#ifndef PERMISO_WEB_EXCHANGE_H
#define PERMISO_WEB_EXCHANGE_H

#include "base/base_loop.h"
#include "web/web.h"

struct signer_client;
struct store_runner;

/* What a worker has: made once at its start, by web_process_new(). */
struct web_process;

/*
 * Loads what all workers share (templates, messages, assets): once, in the
 * process they are forked from.  False, logged, when one of ours is broken.
 */
bool			 web_process_load(const struct base_config *config);

/*
 * Starts the runner and the signer's client on "loop" and keeps
 * keyring and JWKS fresh (every 10 s).  NULL, logged, when a setting is wrong
 * or memory is out.
 */
struct web_process	*web_process_new(struct base_loop *loop,
			    const struct base_config *config);
/* Ready to answer: database seen, clocks at most 5 s apart, keys loaded. */
bool			 web_process_ready(const struct web_process *process);
void			 web_process_free(struct web_process *process);

#define WEB_REPLY_HEADERS_MAX	32

struct web_reply_header {
	const char	*name;
	const char	*value;
};

struct web_reply {
	int			 status;
	struct web_reply_header	 headers[WEB_REPLY_HEADERS_MAX];
	size_t			 header_count;
	const void		*body;
	size_t			 body_len;
};

/* The exchange is answered; the reply lives until web_exchange_free(). */
typedef void web_replied(void *owner, const struct web_reply *reply);

/*
 * Begin an exchange.  "request" must stay in place until it is freed.
 * The callback may come before this returns.
 */
struct web_exchange	*web_exchange_start(struct web_process *process,
			    const struct web_request *request,
			    web_replied *replied, void *owner);

/* At any time: a client that left abandons what is waited for.  Wipes. */
void			 web_exchange_free(struct web_exchange *x);

#endif /* !PERMISO_WEB_EXCHANGE_H */
