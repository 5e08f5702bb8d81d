/*
 * Statements, calls and results: what every store_*.c file is made of.
 *
 * A statement is a constant with a name and its text; a call binds values to
 * it; a result is rows of cells.  Who carries a call to PostgreSQL is another
 * matter: store_runner.h (pipelined, never blocks; web) or store_sync.h (one
 * at a time; signer, jobs, command line), or a test's fake.
 *
 * Rule 2 of the design: one step, one statement.  A statement that changes
 * something always returns one row whose first column is a verdict text.
 */
#ifndef PERMISO_STORE_H
#define PERMISO_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_arena.h"
#include "base/base_bytes.h"
#include "base/base_uuid.h"

#define STORE_PARAMS_MAX	40

/* Verdicts of statements and decoders.  OK is 0; compared by name. */
enum store_status {
	STORE_OK = 0,
	STORE_FAILED,		/* no database, deadline, decoding: logged */
	STORE_BAD_CLIENT,	/* client unknown, disabled, or not proven */
	STORE_SPENT,		/* a one-time thing was spent before */
	STORE_GONE,		/* user, session, consent, link or time ended */
	STORE_MISSING,		/* there is no such row */
	STORE_CONFLICT,		/* a unique value is taken */
	STORE_REFUSED,		/* a rule over several rows (SQLSTATE 23514) */
	STORE_STALE		/* a cached row has another version now */
};

enum store_lane {
	STORE_FAST,		/* sign-in and tokens: deadline 2 s */
	STORE_SLOW		/* lists, reports, start-up loads: 10 s */
};

/*
 * A statement.  "types" names the type of each parameter in order, one
 * letter: u uuid, b bytea, t text, i int8, o bool, T text[].
 * Times cross as int8 seconds since 1970: to_timestamp($n) on the way in,
 * extract(epoch from x)::int8 on the way out.
 */
struct store_statement {
	const char	*name;		/* as prepared; unique */
	const char	*sql;
	const char	*types;
	int		 columns;	/* checked against each result */
	enum store_lane	 lane;
	bool		 repeatable;	/* may run again after a lost answer */
	/*
	 * So many calls may go as one statement; 0: each goes alone.  "apart"
	 * counts, from 1, the parameter that no two of them may have in common
	 * because the statement writes by it; 0: none (store_gather.h).
	 */
	int		 gather;
	int		 apart;
};

/* One value of a call, in PostgreSQL's binary form. */
struct store_value {
	const uint8_t	*data;		/* NULL: SQL NULL */
	int		 len;
};

/* A call: statement and values.  Lives in the arena it was made in. */
struct store_call {
	const struct store_statement	*statement;
	struct base_arena		*arena;
	struct store_value		 values[STORE_PARAMS_MAX];
	int				 count;
};

/* The types (oids) of store_statement.types; 0 for an unknown letter. */
uint32_t		 store_type(char letter);
/* Of an array of them; 0 where there is none. */
uint32_t		 store_type_array(char letter);

struct store_call	*store_call(struct base_arena *arena,
			    const struct store_statement *statement);

/*
 * Bind the next parameter.  Its type must be the statement's letter at that
 * place: a mistake ends the process, because it is a bug in this program that
 * no input can reach.  Data is copied into the arena.
 */
void	store_uuid(struct store_call *call, const struct base_uuid *uuid);
void	store_bytes(struct store_call *call, const void *data, size_t len);
void	store_text(struct store_call *call, const char *text);	/* NULL: NULL */
void	store_int(struct store_call *call, int64_t value);
void	store_bool(struct store_call *call, bool value);
/* Texts of a NULL-terminated list as text[]. */
void	store_texts(struct store_call *call, const char *const *texts);
void	store_null(struct store_call *call);	/* of any type */

/* True when every parameter of the statement is bound. */
bool	store_complete(const struct store_call *call);

/*
 * A result.  Cells are in binary form.  Decoders copy out what they keep: a
 * result lives until the exchange's next step has returned.
 */
struct store_result;

/*
 * What became of the call: STORE_OK when rows (perhaps none) arrived,
 * STORE_REFUSED for SQLSTATE 23514, STORE_CONFLICT for 23505, else
 * STORE_FAILED.
 */
enum store_status	store_result_status(const struct store_result *result);
int			store_result_rows(const struct store_result *result);

/*
 * Cells.  Each returns false when there is no such cell, when it is NULL, has
 * another size than its type, or does not fit; "out" is untouched then.
 * store_cell_int() takes int4 and int8.
 */
bool	store_cell_null(const struct store_result *result, int row, int column);
bool	store_cell_uuid(const struct store_result *result, int row, int column,
	    struct base_uuid *out);
bool	store_cell_int(const struct store_result *result, int row, int column,
	    int64_t *out);
bool	store_cell_bool(const struct store_result *result, int row, int column,
	    bool *out);
/* Text into an array of "size", NUL-terminated. */
bool	store_cell_text(const struct store_result *result, int row, int column,
	    char *out, size_t size);
/* Borrowed bytes of any cell (bytea, text). */
bool	store_cell_slice(const struct store_result *result, int row,
	    int column, struct base_slice *out);
/* text[] as borrowed slices; *count is set to how many; false over "max". */
bool	store_cell_texts(const struct store_result *result, int row,
	    int column, struct base_slice *out, size_t max, size_t *count);

/*
 * The verdict word in column 0 of row 0 as a status: ok, bad_client, spent,
 * gone, missing, conflict, refused, stale; STORE_FAILED for any other.
 */
enum store_status	store_verdict(const struct store_result *result);

/*
 * Every statement that a role may run, NULL-terminated (store_statements.c):
 * what the PREPARE test walks and what a connection of a role prepares.
 */
enum store_role {
	STORE_ROLE_WEB,
	STORE_ROLE_SIGNER,
	STORE_ROLE_JOBS,
	STORE_ROLE_RETENTION,	/* jobs' second connection */
	STORE_ROLE_OWNER,	/* command line */
	STORE_ROLE_COUNT
};
const struct store_statement *const	*store_statements(enum store_role role);

#endif /* !PERMISO_STORE_H */
