/*
 * What both runners share of libpq: how a session is set up, how a call is
 * sent and a result read.  Included inside src/store only.
 */
#ifndef PERMISO_STORE_POSTGRES_H
#define PERMISO_STORE_POSTGRES_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "store/store_hosts.h"
#include "store/store_result.h"

#define STORE_POSTGRES_NO_LIMIT	INT64_MAX

/* Deadline of a lane in milliseconds. */
int64_t		 store_postgres_deadline(enum store_lane lane);

/*
 * Begin to connect: the caller polls.  "lane" is that of the statements that
 * will come: those of the fast one all go by a key.  "limit" is
 * statement_timeout in milliseconds, or STORE_POSTGRES_NO_LIMIT.  "turn" says which of several
 * hosts is the first to be tried: it counts up with each attempt, so that one
 * that accepts and never answers keeps nobody from the others.  NULL when out
 * of memory; a string that cannot be parsed gives a connection whose status
 * is bad.
 */
PGconn		*store_postgres_start(const char *conninfo,
		    enum store_role role, enum store_lane lane, int64_t limit,
		    unsigned turn);

/* False when libpq cannot parse it (which names no host and no password). */
bool		 store_postgres_valid(const char *conninfo);

/*
 * "conninfo" with another user and password.  False when it cannot be parsed
 * or does not fit.
 */
bool		 store_postgres_as(const char *conninfo, const char *user,
		    const char *password, char *out, size_t size);

/*
 * Send PREPARE or the execution of what is prepared, for 1 to
 * STORE_GATHER_MAX calls of one statement; libpq's 1 or 0.
 */
int		 store_postgres_send_prepare(PGconn *connection,
		    const struct store_statement *statement);
int		 store_postgres_send(PGconn *connection,
		    const struct store_call *const *calls, size_t count);

/*
 * Describe "pg", or what it has for call "number" (from 0) of those that were
 * sent together, as a result that lives as long as "pg" does.  A failure that
 * is no verdict is logged here, once, without values.
 */
void		 store_postgres_result(const struct store_statement *statement,
		    const PGresult *pg, size_t number,
		    struct store_result *out);

/* Rows arrived, perhaps none: it was no error. */
bool		 store_postgres_fine(const PGresult *pg);

/*
 * The statement was undone because of others (a lock that was not free in
 * 250 ms, a deadlock, a serialization failure): nothing happened, and it may
 * run again, so many times at most.
 */
#define STORE_POSTGRES_AGAIN_MOST	3
bool		 store_postgres_again(const PGresult *pg);

/* libpq's last message on one line, without its end; in a static buffer. */
const char	*store_postgres_error(const PGconn *connection);

/* The value of a keyword of the string; "" when it has none, or too long. */
void		 store_postgres_option(const char *conninfo, const char *word,
		    char out[STORE_HOSTS_TEXT]);

#endif /* !PERMISO_STORE_POSTGRES_H */
