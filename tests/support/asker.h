/*
 * Asking a runner and looking at what comes: one loop, one runner, calls that
 * remember their answer.
 */
#ifndef PERMISO_TESTS_ASKER_H
#define PERMISO_TESTS_ASKER_H

#include <stddef.h>
#include <stdint.h>

#include "base/base_config.h"
#include "base/base_poll.h"
#include "store/store_runner.h"

/* One call and what became of it. */
struct asked {
	struct store_ticket	*ticket;
	int64_t			 value;		/* sent, then received */
	int64_t			 answered_at;	/* monotonic, ms */
	enum store_status	 status;
	size_t			 order;		/* of arrival, from 1 */
	unsigned		 calls;		/* of the callback */
};

/* Each takes one number, but "broken" and "backend", which take none. */
extern const struct store_statement	asker_echo;	/* repeatable */
extern const struct store_statement	asker_echo_once;
extern const struct store_statement	asker_echo_slow;	/* slow lane */
extern const struct store_statement	asker_nap;	/* milliseconds */
extern const struct store_statement	asker_nap_again;	/* repeatable */
extern const struct store_statement	asker_add;	/* unique, above 0 */
extern const struct store_statement	asker_add_late;	/* fails at commit */
extern const struct store_statement	asker_raise;	/* of asker_add's row */
extern const struct store_statement	asker_broken;
extern const struct store_statement	asker_backend;
extern const struct store_statement	asker_large;	/* a megabyte */
/* 1000 through the number, so 0 fails; up to 8 calls in one statement. */
extern const struct store_statement	asker_share;	/* of unequal ones */
extern const struct store_statement	asker_share_slowly;	/* in 500 ms */

/* All of them: what the test's own store_statements() returns. */
const struct store_statement *const	*asker_statements(void);

extern struct base_config	 asker_config;
extern struct base_poll		 asker_loop;
extern struct store_runner	*asker_runner;
extern int64_t			 asker_gap;	/* longest turn, ms */

/* For cmocka: a database for all tests, a runner for each. */
int	asker_set_up(void **state);
int	asker_begin(void **state);
int	asker_end(void **state);

/* A call in the test's arena. */
struct store_call	*asker_call(const struct store_statement *statement,
			    int64_t value);
void	asker_ask(struct asked *asked,
	    const struct store_statement *statement, int64_t value);
void	asker_turn(void);
void	asker_turn_for(int64_t milliseconds);
/* Until it is answered; ends the test when it never is, or was twice. */
void	asker_wait(const struct asked *asked);
void	asker_wait_ready(void);
/* Ask until the database answers again; when that was. */
int64_t	asker_recover(void);

#endif /* !PERMISO_TESTS_ASKER_H */
