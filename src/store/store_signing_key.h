/*
 * Rows of the signing keys.  Their life is decided by time stamps in the
 * database, so that all nodes change over at the same moment:
 *
 *   next       active_from is to come; published 48 h before
 *   active     the latest of its algorithm whose active_from has come
 *   retiring   another one took over (retired_at); still published
 *   gone       gone_at has come: its last token has been dead for a day
 *
 * Two signers, or a signer and the command line, that make a key at once make
 * one: both write the same generation, which is unique, and one loses.
 */
#ifndef PERMISO_STORE_SIGNING_KEY_H
#define PERMISO_STORE_SIGNING_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jose/jose_key.h"
#include "store/store.h"

#define STORE_SIGNING_KEY_JWK_MAX	1023
#define STORE_SIGNING_KEY_AHEAD		(48 * 3600)	/* published before use */
#define STORE_SIGNING_KEY_KEPT		(48 * 3600)	/* longest token, and a day */
#define STORE_SIGNING_KEY_MAX		32	/* rows read; far above normal */

/* What everybody may see. */
struct store_signing_key {
	char		kid[JOSE_KEY_KID_LEN + 1];
	enum jose_alg	alg;
	char		jwk[STORE_SIGNING_KEY_JWK_MAX + 1];	/* JSON text */
	int64_t		active_from;	/* seconds since 1970 */
	int64_t		gone_at;	/* 0: no successor yet */
};

/* Keys that are next, active or retiring, by algorithm and age. */
struct store_call	*store_signing_key_list(struct base_arena *arena);
enum store_status	 store_signing_key_row(
			    const struct store_result *result, int row,
			    struct store_signing_key *out);

/* What only the signer and the command line may see: next and active keys. */
struct store_signing_key_sealed {
	char		kid[JOSE_KEY_KID_LEN + 1];
	enum jose_alg	alg;
	int64_t		active_from;
	int64_t		now;		/* the database's clock */
	uint8_t		sealed[JOSE_KEY_SEALED_MAX];
	size_t		sealed_len;
};

struct store_call	*store_signing_key_sealed(struct base_arena *arena);
enum store_status	 store_signing_key_sealed_row(
			    const struct store_result *result, int row,
			    struct store_signing_key_sealed *out);

/*
 * Why a key is written.  The statement judges again what its caller read, and
 * retires the key before it in the same step.
 */
enum store_signing_key_reason {
	STORE_SIGNING_KEY_FIRST,	/* its algorithm has none: active now */
	STORE_SIGNING_KEY_DUE,		/* the active one reaches its age */
	STORE_SIGNING_KEY_ASKED,	/* a person wants another: in 48 h */
	STORE_SIGNING_KEY_EMERGENCY	/* active now, all others gone now */
};

/*
 * STORE_OK; STORE_CONFLICT: another writer was first, read again;
 * STORE_REFUSED: there is no reason (any more): a next key is there, or the
 * active one is young.
 */
struct store_call	*store_signing_key_insert(struct base_arena *arena,
			    const struct jose_key *key,
			    const uint8_t *sealed, size_t sealed_len,
			    enum store_signing_key_reason reason,
			    int64_t rotation_days);

/* The same key under another root; STORE_MISSING when it changed meanwhile. */
struct store_call	*store_signing_key_rewrap(struct base_arena *arena,
			    const char *kid, const uint8_t *before,
			    size_t before_len, const uint8_t *after,
			    size_t after_len);

/*
 * Burn private halves that sign no more, and forget keys gone for a year.
 * The row says how many were burned.
 */
struct store_call	*store_signing_key_prune(struct base_arena *arena);

extern const struct store_statement *const store_signing_key_statements_web[];
extern const struct store_statement *const store_signing_key_statements_signer[];
extern const struct store_statement *const store_signing_key_statements_owner[];

#endif /* !PERMISO_STORE_SIGNING_KEY_H */
