/*
 * Seals over the audit, and what is pruned of it.
 *
 * Audit rows are inserted by the statements that act; this file never makes
 * one.  A seal covers the rows of one series whose transaction id lies in
 * [from_xid, to_xid); its hash covers their digests and the hash of the seal
 * before it, so that a row or a seal that is changed, added or taken away
 * later shows.  What a seal cannot show is that the end of the chain was cut
 * off: for that, somebody keeps a head elsewhere (the log has one each hour).
 */
#ifndef PERMISO_STORE_AUDIT_H
#define PERMISO_STORE_AUDIT_H

#include "base/base_hash.h"
#include "store/store.h"

#define STORE_AUDIT_BATCH	200	/* seals of one look */
#define STORE_AUDIT_MOST	20000	/* rows in one seal, about */

struct store_audit_seal {
	int64_t	series;
	int64_t	from_xid;
	int64_t	to_xid;		/* not itself */
	int64_t	count;
	int64_t	sealed_at;	/* seconds since 1970 */
	bool	pruned;		/* its rows are gone, by retention */
	uint8_t	hash[BASE_SHA256_LEN];
	uint8_t	previous[BASE_SHA256_LEN];
	/* what the rows that are there now give */
	int64_t	found;
	uint8_t	found_hash[BASE_SHA256_LEN];
};

/*
 * Seal what no transaction can add to any more.  The row says how many rows
 * were sealed and the new head; no row: nothing to do, or another node was
 * faster.
 */
struct store_call	*store_audit_seal(struct base_arena *arena);

/*
 * The database was restored into another cluster, whose transaction ids are
 * lower: seal what is left of the series before "series".  For migrate.
 */
struct store_call	*store_audit_close(struct base_arena *arena);

/* Up to STORE_AUDIT_BATCH seals behind (series, from), in order. */
struct store_call	*store_audit_list(struct base_arena *arena,
			    int64_t series, int64_t from_xid);
bool			 store_audit_row(const struct store_result *result,
			    int row, struct store_audit_seal *out);

/* Rows that no seal covers: how many, and the age of the oldest in seconds
 * (NULL: there is none). */
struct store_call	*store_audit_unsealed(struct base_arena *arena);

/* Delete the rows of up to 20 seals older than "days", oldest first; the row
 * says how many seals.  On a retention connection. */
struct store_call	*store_audit_prune(struct base_arena *arena,
			    int64_t days);

/* How a chain was broken; OK is 0. */
enum store_audit_verdict {
	STORE_AUDIT_OK = 0,
	STORE_AUDIT_GAP,	/* a seal does not begin where the last ended */
	STORE_AUDIT_CHAIN,	/* "previous" is not the hash before it */
	STORE_AUDIT_MISSING,	/* rows were taken away */
	STORE_AUDIT_ADDED,	/* rows were put in */
	STORE_AUDIT_CHANGED,	/* rows or the seal itself were changed */
	STORE_AUDIT_PRUNED	/* pruned ahead of one that is not */
};

/* Judge "seal" by the one before it (NULL: it is the first). */
enum store_audit_verdict	store_audit_check(
				    const struct store_audit_seal *seal,
				    const struct store_audit_seal *before);
const char			*store_audit_verdict_text(
				    enum store_audit_verdict verdict);

extern const struct store_statement *const store_audit_statements_jobs[];
extern const struct store_statement *const store_audit_statements_retention[];
extern const struct store_statement *const store_audit_statements_owner[];

#endif /* !PERMISO_STORE_AUDIT_H */
