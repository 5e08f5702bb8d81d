/*
 * How often something may happen: a token bucket for each key, in memory that
 * all workers of a node share.
 *
 * One bucket is one 64-bit word: a mark of its key and the moment at which it
 * will be full again (the generic cell rate algorithm), changed by compare
 * and exchange, so that no worker waits for another or leaves a lock behind.
 *
 * The table has a fixed size.  When a key finds its row full, it takes the
 * place of the bucket that is nearest to full, which is thereby forgotten:
 * whoever floods from very many addresses wins a few tries more, and nobody
 * is kept out because of others.  Keys are digests under a key of this table,
 * so that nobody can choose whose row they land in; that two of one row share
 * a mark has a chance of one in 2^25.
 */
#ifndef PERMISO_WEB_RATE_H
#define PERMISO_WEB_RATE_H

#include <stddef.h>
#include <stdint.h>

#define WEB_RATE_ROWS		4096
#define WEB_RATE_PLACES		8	/* of a row */

struct web_rate;

struct web_rate_rule {
	int64_t	every;		/* ms from one to the next */
	int64_t	burst;		/* so many at once; at least 1 */
};

/* For this process and those forked from it; NULL when out of memory. */
struct web_rate	*web_rate_open(void);
void		 web_rate_close(struct web_rate *rate);

/*
 * May it happen once more at "now" (monotonic, ms)?  0: yes, and it is
 * counted.  Else the ms until it may; nothing is counted.
 */
int64_t		 web_rate_take(struct web_rate *rate, const void *key,
		    size_t len, const struct web_rate_rule *rule,
		    int64_t now);

/* The same without counting it. */
int64_t		 web_rate_look(struct web_rate *rate, const void *key,
		    size_t len, const struct web_rate_rule *rule,
		    int64_t now);

#endif /* !PERMISO_WEB_RATE_H */
