/*
 * The keys of a worker.
 *
 * Two statements, one behind the other: the keyring, then the public signing
 * keys.  What was read stays in force until something newer was read whole:
 * with the database away, JWKS is served and sealed values open as before.
 */

#include "web/web_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/base_arena.h"
#include "base/base_clock.h"
#include "base/base_hash.h"
#include "base/base_hex.h"
#include "base/base_loop.h"
#include "jose/jose_jwk_set.h"
#include "store/store_keyring.h"
#include "store/store_runner.h"
#include "store/store_signing_key.h"
#include "web/web_engine.h"

#define ETAG_BYTES	8		/* of the digest, in the ETag */
#define READ_EVERY	(10 * 1000)	/* ms: two cheap statements */
#define READ_AGAIN	(1 * 1000)	/* ms, after a failure */
#define READ_FIRST	50		/* ms, until the first success */
#define READ_MORE	250		/* ms, until each algorithm has a key */

struct web_keys {
	struct base_loop		*loop;
	struct store_runner		*runner;
	const struct base_config	*config;
	struct base_timer		 timer;
	struct store_ticket		*ticket;
	struct base_arena		 arena;		/* of the call under way */
	struct base_keyring		 ring;
	struct jose_jwk_set		 set;
	bool				 has_ring;
	char				*jwks;
	size_t				 jwks_len;
	char				 etag[2 * ETAG_BYTES + 3];	/* with quotes */
};

static void	keys_read(struct web_keys *keys);

static void
keys_fire(struct base_timer *timer)
{
	keys_read(timer->owner);
}

static void
keys_wait(struct web_keys *keys, int64_t milliseconds)
{
	keys->timer.due = base_clock_monotonic() + milliseconds;
	keys->timer.fire = keys_fire;
	keys->timer.owner = keys;
	keys->loop->calls->start(keys->loop, &keys->timer);
}

static void
keys_failed(struct web_keys *keys, const char *what)
{
	bool	ready = web_keys_ready(keys);

	/* Before the first success the database may just be starting. */
	base_log(ready ? BASE_LOG_WARNING : BASE_LOG_DEBUG, "web",
	    "keys_not_read", base_log_text("what", what));
	keys_wait(keys, ready ? READ_AGAIN : READ_FIRST);
}

/* The rows as a set; false when a row is broken, or there is none. */
static bool
public_take(const struct store_result *result, struct jose_jwk_set *set)
{
	bool				 good;
	json_t				*jwk;
	struct jose_key			*key;
	struct store_signing_key	 row;

	if (store_result_status(result) != STORE_OK)
		return (false);

	for (int i = 0; i < store_result_rows(result); i++) {
		if (store_signing_key_row(result, i, &row) != STORE_OK)
			return (false);
		jwk = json_loadb(row.jwk, strlen(row.jwk),
		    JSON_REJECT_DUPLICATES, NULL);
		key = jose_key_public(row.alg, jwk);
		json_decref(jwk);
		good = key != NULL && strcmp(jose_key_kid(key), row.kid) == 0;
		if (!good) {
			jose_key_free(key);
			return (false);
		}
		if (!jose_jwk_set_add(set, key))
			return (false);
	}

	return (set->count > 0);
}

/*
 * Does every algorithm have a key?  At the very first start the signer is
 * still making them, and uses each at once: until all are here, what it signs
 * could not be verified with what we publish.
 */
static bool
public_complete(const struct jose_jwk_set *set)
{
	unsigned	algs = 0;

	for (size_t i = 0; i < set->count; i++)
		algs |= 1U << jose_key_alg(set->keys[i]);

	return (algs == (1U << JOSE_ALG_COUNT) - 1);
}

/* The body of /.well-known/jwks.json and its ETag. */
static bool
jwks_make(struct web_keys *keys)
{
	uint8_t	 digest[BASE_SHA256_LEN];
	json_t	*set;
	char	*text;

	set = jose_jwk_set_json(&keys->set);
	text = json_dumps(set, JSON_COMPACT);
	json_decref(set);
	if (text == NULL)
		return (false);

	free(keys->jwks);
	keys->jwks = text;
	keys->jwks_len = strlen(text);
	base_hash_sha256(text, keys->jwks_len, digest);
	(void)base_hex_encode(digest, ETAG_BYTES, keys->etag + 1);
	keys->etag[0] = '"';
	keys->etag[2 * ETAG_BYTES + 1] = '"';
	keys->etag[2 * ETAG_BYTES + 2] = '\0';
	return (true);
}

static void
public_read(void *owner, const struct store_result *result)
{
	struct web_keys		*keys = owner;
	struct jose_jwk_set	 fresh;

	keys->ticket = NULL;
	base_arena_clear(&keys->arena);
	jose_jwk_set_init(&fresh);
	if (!public_take(result, &fresh)) {
		jose_jwk_set_clear(&fresh);
		keys_failed(keys, "signing keys");
		return;
	}

	jose_jwk_set_clear(&keys->set);
	keys->set = fresh;
	if (jwks_make(keys))
		keys_wait(keys, public_complete(&keys->set) ? READ_EVERY :
		    READ_MORE);
	else
		keys_failed(keys, "memory");
}

static void
ring_read(void *owner, const struct store_result *result)
{
	struct web_keys	*keys = owner;

	keys->ticket = NULL;
	if (store_keyring_read(result, keys->config, &keys->ring) !=
	    STORE_OK) {
		keys_failed(keys, "keyring");
		return;
	}

	keys->has_ring = keys->ring.count > 0;
	keys->ticket = store_runner_submit(keys->runner,
	    store_signing_key_list(&keys->arena), public_read, keys);
}

static void
keys_read(struct web_keys *keys)
{
	base_arena_clear(&keys->arena);
	keys->ticket = store_runner_submit(keys->runner,
	    store_keyring_list(&keys->arena), ring_read, keys);
}

struct web_keys *
web_keys_open(struct base_loop *loop, struct store_runner *runner,
    const struct base_config *config)
{
	struct web_keys	*keys;

	if ((keys = calloc(1, sizeof(*keys))) == NULL)
		return (NULL);

	keys->loop = loop;
	keys->runner = runner;
	keys->config = config;
	base_arena_init(&keys->arena);
	jose_jwk_set_init(&keys->set);
	keys_read(keys);
	return (keys);
}

const struct base_keyring *
web_keys_ring(const struct web_keys *keys)
{
	return (&keys->ring);
}

bool
web_keys_ready(const struct web_keys *keys)
{
	return (keys->has_ring && keys->jwks != NULL);
}

void
web_keys_close(struct web_keys *keys)
{
	if (keys == NULL)
		return;

	if (keys->ticket != NULL)
		store_runner_abandon(keys->ticket);
	keys->loop->calls->stop(keys->loop, &keys->timer);
	base_arena_clear(&keys->arena);
	jose_jwk_set_clear(&keys->set);
	base_keyring_clear(&keys->ring);
	free(keys->jwks);
	free(keys);
}

const struct jose_key *
web_keys_find(const struct web_exchange *x, const char *kid)
{
	return (jose_jwk_set_find(&x->process->keys->set, kid));
}

struct base_slice
web_keys_jwks(const struct web_exchange *x, const char **etag)
{
	const struct web_keys	*keys = x->process->keys;

	*etag = keys->etag;
	return ((struct base_slice){ (const uint8_t *)keys->jwks,
	    keys->jwks_len });
}
