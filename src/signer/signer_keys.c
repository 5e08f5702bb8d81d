/*
 * One call is under way at a time: read, then perhaps make one key and read
 * again, then sometimes prune, then wait.
 */

#include "signer/signer_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/base_arena.h"
#include "base/base_bytes.h"
#include "base/base_clock.h"
#include "base/base_log.h"
#include "store/store_signing_key.h"

#define READ_EVERY	10000	/* milliseconds */
#define READ_AGAIN	5000	/* after a failure, with keys */
#define READ_FIRST	250	/* ... without */
#define PRUNE_EVERY	60	/* readings: ten minutes */

struct entry {
	struct jose_key	*key;
	int64_t		 active_from;
};

struct signer_keys {
	struct base_loop		*loop;
	struct store_runner		*runner;
	const struct base_config	*config;
	struct base_timer		 timer;
	struct base_arena		 arena;
	struct store_ticket		*ticket;
	struct entry			 entries[STORE_SIGNING_KEY_MAX];
	size_t				 count;
	unsigned int			 readings;
	enum jose_alg			 making;
	enum jose_alg			 refused;	/* JOSE_ALG_COUNT: none */
};

static void	keys_read(struct signer_keys *);
static void	keys_made(void *, const struct store_result *);
static void	keys_listed(void *, const struct store_result *);
static void	keys_pruned(void *, const struct store_result *);

static void
keys_wait(struct signer_keys *keys, int64_t after)
{
	keys->timer.due = base_clock_monotonic() + after;
	base_loop_start(keys->loop, &keys->timer);
}

static void
keys_failed(struct signer_keys *keys, const char *what)
{
	base_log(keys->count == 0 ? BASE_LOG_DEBUG : BASE_LOG_WARNING,
	    "signer", "keys not read", base_log_text("what", what));
	keys_wait(keys, keys->count == 0 ? READ_FIRST : READ_AGAIN);
}

static struct jose_key *
keys_known(const struct signer_keys *keys, const char *kid)
{
	size_t	i;

	for (i = 0; i < keys->count; i++) {
		if (strcmp(jose_key_kid(keys->entries[i].key), kid) == 0)
			return (keys->entries[i].key);
	}

	return (NULL);
}

/*
 * One row, opened unless it is known.  A row that does not open is no reason
 * to go on without it: the root key is wrong, or somebody changed the table.
 */
static bool
entry_take(const struct signer_keys *keys, const struct store_result *result,
    int row, struct entry *out)
{
	struct store_signing_key_sealed	sealed;

	if (store_signing_key_sealed_row(result, row, &sealed) != STORE_OK)
		return (false);
	out->active_from = sealed.active_from;
	if ((out->key = keys_known(keys, sealed.kid)) != NULL)
		return (true);

	out->key = jose_key_unseal(
	    keys->config->wrapping[BASE_PURPOSE_SIGNING], sealed.alg,
	    sealed.kid, sealed.sealed, sealed.sealed_len);
	if (out->key == NULL) {
		base_log(BASE_LOG_ERROR, "signer", "key does not open",
		    base_log_text("kid", sealed.kid));
		return (false);
	}
	base_log(BASE_LOG_INFO, "signer", "key read",
	    base_log_text("alg", jose_key_alg_name(sealed.alg)),
	    base_log_text("kid", sealed.kid));

	return (true);
}

/* Free what is in "entries" and not in "other". */
static void
entries_free(const struct entry *entries, size_t count,
    const struct entry *other, size_t other_count)
{
	size_t	i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < other_count; j++) {
			if (other[j].key == entries[i].key)
				break;
		}
		if (j == other_count)
			jose_key_free(entries[i].key);
	}
}

static bool
keys_take(struct signer_keys *keys, const struct store_result *result)
{
	struct entry	entries[STORE_SIGNING_KEY_MAX];
	size_t		count = 0;
	int		row;

	if (store_result_status(result) != STORE_OK ||
	    store_result_rows(result) > STORE_SIGNING_KEY_MAX)
		return (false);

	for (row = 0; row < store_result_rows(result); row++) {
		if (!entry_take(keys, result, row, &entries[count])) {
			entries_free(entries, count, keys->entries,
			    keys->count);
			return (false);
		}
		count++;
	}

	entries_free(keys->entries, keys->count, entries, count);
	memcpy(keys->entries, entries, count * sizeof(entries[0]));
	keys->count = count;

	return (true);
}

/* Is there a reason to make a key of "alg"?  The statement judges again. */
static bool
keys_want(const struct signer_keys *keys, enum jose_alg alg,
    enum store_signing_key_reason *reason)
{
	int64_t	latest = INT64_MIN, age;
	size_t	i;

	for (i = 0; i < keys->count; i++) {
		if (jose_key_alg(keys->entries[i].key) == alg &&
		    keys->entries[i].active_from > latest)
			latest = keys->entries[i].active_from;
	}
	if (latest == INT64_MIN) {
		*reason = STORE_SIGNING_KEY_FIRST;
		return (true);
	}
	*reason = STORE_SIGNING_KEY_DUE;
	age = signer_keys_now(keys) - latest;

	return (age >= keys->config->key_rotation_days * 86400 -
	    STORE_SIGNING_KEY_AHEAD);
}

/* Makes a key, which may take a second, and writes it. */
static void
keys_make(struct signer_keys *keys, enum jose_alg alg,
    enum store_signing_key_reason reason)
{
	uint8_t		 sealed[JOSE_KEY_SEALED_MAX];
	size_t		 len;
	struct jose_key	*key;

	key = jose_key_generate(alg, keys->config->rsa_bits);
	if (key == NULL || !jose_key_seal(key,
	    keys->config->wrapping[BASE_PURPOSE_SIGNING], sealed, &len)) {
		jose_key_free(key);
		base_log(BASE_LOG_ERROR, "signer", "no key could be made",
		    base_log_text("alg", jose_key_alg_name(alg)));
		keys_wait(keys, READ_AGAIN);
		return;
	}
	base_log(BASE_LOG_INFO, "signer", "key made",
	    base_log_text("alg", jose_key_alg_name(alg)),
	    base_log_text("kid", jose_key_kid(key)),
	    base_log_text("reason", reason == STORE_SIGNING_KEY_FIRST ?
	    "first" : "due"));
	keys->making = alg;
	keys->ticket = store_runner_submit(keys->runner,
	    store_signing_key_insert(&keys->arena, key, sealed, len, reason,
	    keys->config->key_rotation_days), keys_made, keys);
	jose_key_free(key);
}

static void
keys_listed(void *owner, const struct store_result *result)
{
	struct signer_keys		*keys = owner;
	enum store_signing_key_reason	 reason;
	int				 alg;

	keys->ticket = NULL;
	if (!keys_take(keys, result)) {
		keys_failed(keys, "signing keys");
		return;
	}
	base_arena_clear(&keys->arena);

	for (alg = 0; alg < JOSE_ALG_COUNT; alg++) {
		if (keys_want(keys, (enum jose_alg)alg, &reason)) {
			keys_make(keys, (enum jose_alg)alg, reason);
			return;
		}
	}
	keys->refused = JOSE_ALG_COUNT;
	if (keys->readings++ % PRUNE_EVERY == 0) {
		keys->ticket = store_runner_submit(keys->runner,
		    store_signing_key_prune(&keys->arena), keys_pruned, keys);
		return;
	}
	keys_wait(keys, READ_EVERY);
}

/* Ours or another signer's: what counts is what the table says now. */
static void
keys_made(void *owner, const struct store_result *result)
{
	struct signer_keys	*keys = owner;
	enum store_status	 status = store_verdict(result);

	keys->ticket = NULL;
	if (status == STORE_OK || status == STORE_CONFLICT) {
		keys_read(keys);
		return;
	}
	/* Refused once: another signer has made it.  The same again: something
	 * is odd, and making keys is no work to repeat quickly. */
	keys_wait(keys, status == STORE_REFUSED &&
	    keys->refused != keys->making ? READ_FIRST : READ_AGAIN);
	keys->refused = status == STORE_REFUSED ? keys->making :
	    JOSE_ALG_COUNT;
}

static void
keys_pruned(void *owner, const struct store_result *result)
{
	struct signer_keys	*keys = owner;
	int64_t			 burned;

	keys->ticket = NULL;
	if (store_verdict(result) == STORE_OK &&
	    store_cell_int(result, 0, 1, &burned) && burned != 0)
		base_log(BASE_LOG_INFO, "signer", "old keys burned",
		    base_log_number("count", burned));
	keys_wait(keys, READ_EVERY);
}

static void
keys_read(struct signer_keys *keys)
{
	base_arena_clear(&keys->arena);
	keys->ticket = store_runner_submit(keys->runner,
	    store_signing_key_sealed(&keys->arena), keys_listed, keys);
}

static void
keys_due(struct base_timer *timer)
{
	keys_read(timer->owner);
}

struct signer_keys *
signer_keys_open(struct base_loop *loop, struct store_runner *runner,
    const struct base_config *config)
{
	struct signer_keys	*keys;

	if ((keys = calloc(1, sizeof(*keys))) == NULL)
		return (NULL);
	keys->loop = loop;
	keys->runner = runner;
	keys->config = config;
	keys->refused = JOSE_ALG_COUNT;
	keys->timer.owner = keys;
	keys->timer.fire = keys_due;
	base_arena_init(&keys->arena);
	keys_read(keys);

	return (keys);
}

void
signer_keys_reload(struct signer_keys *keys)
{
	if (keys->ticket != NULL)
		return;
	base_loop_stop(keys->loop, &keys->timer);
	keys_read(keys);
}

/*
 * The latest whose moment has come.  Our clock may be a blink behind the one
 * that made the first key active, so the earliest is better than none.
 */
const struct jose_key *
signer_keys_active(const struct signer_keys *keys, enum jose_alg alg)
{
	const struct entry	*best = NULL, *entry;
	int64_t			 now = signer_keys_now(keys);
	size_t			 i;

	for (i = 0; i < keys->count; i++) {
		entry = &keys->entries[i];
		if (jose_key_alg(entry->key) != alg)
			continue;
		if (best == NULL || (entry->active_from <= now ?
		    entry->active_from > best->active_from ||
		    best->active_from > now :
		    entry->active_from < best->active_from))
			best = entry;
	}

	return (best == NULL ? NULL : best->key);
}

int64_t
signer_keys_now(const struct signer_keys *keys)
{
	return (store_runner_now(keys->runner));
}

void
signer_keys_close(struct signer_keys *keys)
{
	if (keys == NULL)
		return;
	if (keys->ticket != NULL)
		store_runner_abandon(keys->ticket);
	base_loop_stop(keys->loop, &keys->timer);
	entries_free(keys->entries, keys->count, NULL, 0);
	base_arena_clear(&keys->arena);
	free(keys);
}
