/*
 * Rows of keys in a real database: first ones, rotation, two writers at once,
 * emergencies, another root.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base_clock.h"
#include "store/store_keyring.h"
#include "store/store_signing_key.h"
#include "support/postgres.h"

static struct base_config	config;
static struct store_sync	*owner, *signer, *web;
static struct base_arena	 arena;

/* What the processes are handed. */
static void
wrapping_all(struct base_config *c)
{
	int	i;

	for (i = 0; i < BASE_PURPOSE_COUNT; i++) {
		base_keyring_derive(c->root_key, (enum base_purpose)i,
		    c->wrapping[i]);
		c->has_wrapping[i] = true;
	}
}

static struct base_keyring
ring_read(struct store_sync *sync, const struct base_config *c)
{
	struct base_keyring	ring;

	assert_int_equal(store_keyring_read(store_sync_run(sync,
	    store_keyring_list(&arena)), c, &ring), STORE_OK);

	return (ring);
}

static void
test_store_keyring_first(void **state)
{
	struct base_keyring	ring = ring_read(web, &config);
	int64_t			now = base_clock_seconds();

	(void)state;
	/* Migration made one of each, active at once. */
	assert_int_equal(ring.count, 3);
	assert_non_null(base_keyring_active(&ring, BASE_PURPOSE_SEAL, now + 1));
	assert_non_null(base_keyring_active(&ring, BASE_PURPOSE_MAC, now + 1));
	assert_non_null(base_keyring_active(&ring, BASE_PURPOSE_PEPPER,
	    now + 1));

	/* Preparing again changes nothing. */
	assert_int_equal(store_keyring_prepare(owner, config.root_key),
	    STORE_OK);
	assert_int_equal(ring_read(web, &config).count, 3);
}

static void
test_store_keyring_rotate(void **state)
{
	struct base_keyring	ring = ring_read(web, &config);
	int64_t			now = base_clock_seconds();
	uint32_t		before;

	(void)state;
	before = base_keyring_active(&ring, BASE_PURPOSE_SEAL, now + 1)->id;
	assert_int_equal(store_keyring_make(owner, config.root_key,
	    BASE_PURPOSE_SEAL, true), STORE_CONFLICT);
	assert_int_equal(store_keyring_make(owner, config.root_key,
	    BASE_PURPOSE_SEAL, false), STORE_OK);
	ring = ring_read(web, &config);
	assert_int_equal(ring.count, 4);
	/* Known for 60 s before it is used. */
	assert_int_equal(base_keyring_active(&ring, BASE_PURPOSE_SEAL,
	    now + 55)->id, before);
	assert_int_not_equal(base_keyring_active(&ring, BASE_PURPOSE_SEAL,
	    now + 65)->id, before);
}

/* A process reads only what it was handed the wrapping key of. */
static void
test_store_keyring_purposes(void **state)
{
	struct base_config	some = config;
	struct base_keyring	ring;
	size_t			i;

	(void)state;
	some.has_wrapping[BASE_PURPOSE_SEAL] = false;
	some.has_wrapping[BASE_PURPOSE_PEPPER] = false;
	ring = ring_read(web, &some);
	assert_true(ring.count > 0);
	for (i = 0; i < ring.count; i++)
		assert_int_equal(ring.keys[i].purpose, BASE_PURPOSE_MAC);

	/* And with a wrong one it reads nothing at all. */
	some.wrapping[BASE_PURPOSE_MAC][0] ^= 1;
	assert_int_equal(store_keyring_read(store_sync_run(web,
	    store_keyring_list(&arena)), &some, &ring), STORE_FAILED);
	some.root_key[0] ^= 1;
	assert_int_equal(store_keyring_prepare(owner, some.root_key),
	    STORE_REFUSED);
}

static void
test_store_keyring_full(void **state)
{
	struct base_config	fresh;
	struct store_sync	*sync;
	int			i;

	(void)state;
	postgres_migrated(&fresh);
	sync = postgres_open(&fresh, STORE_ROLE_OWNER);
	for (i = 3; i < BASE_KEYRING_MAX; i++)
		assert_int_equal(store_keyring_make(sync, fresh.root_key,
		    BASE_PURPOSE_MAC, false), STORE_OK);
	assert_int_equal(store_keyring_make(sync, fresh.root_key,
	    BASE_PURPOSE_MAC, false), STORE_REFUSED);
	wrapping_all(&fresh);
	assert_int_equal(ring_read(sync, &fresh).count, BASE_KEYRING_MAX);
	store_sync_close(sync);
}

/* Eight processes at once, each making the first key of an empty ring. */
static void
test_store_keyring_race(void **state)
{
	struct base_config	fresh;
	struct store_sync	*sync;
	int			i, round, status;

	(void)state;
	postgres_migrated(&fresh);
	for (round = 0; round < 10; round++) {
		(void)postgres_psql(&fresh, "DELETE FROM keyring");
		for (i = 0; i < 8; i++) {
			if (fork() != 0)
				continue;
			sync = postgres_open(&fresh, STORE_ROLE_OWNER);
			status = store_keyring_prepare(sync, fresh.root_key);
			store_sync_close(sync);
			_exit(status == STORE_OK ? 0 : 1);
		}
		for (i = 0; i < 8; i++) {
			assert_true(wait(&status) > 0);
			assert_int_equal(status, 0);
		}
		assert_string_equal(postgres_psql(&fresh, "SELECT purpose,"
		    " count(*) FROM keyring GROUP BY 1 ORDER BY 1"),
		    "mac|1\npepper|1\nseal|1");
	}
}

static void
test_store_keyring_rewrap(void **state)
{
	struct base_keyring	ring = ring_read(web, &config);
	struct base_key		key = ring.keys[0];
	uint8_t			other[BASE_KEY_LEN] = { 5 };
	uint8_t			before[BASE_WRAPPED_LEN];
	uint8_t			after[BASE_WRAPPED_LEN];
	struct base_slice	cell;

	(void)state;
	assert_true(store_cell_slice(store_sync_run(owner,
	    store_keyring_list(&arena)), 0, 2, &cell));
	memcpy(before, cell.data, sizeof(before));
	base_keyring_wrap(other, &key, after);
	assert_int_equal(store_verdict(store_sync_run(owner,
	    store_keyring_rewrap(&arena, key.id, before, after))), STORE_OK);
	/* The value it was is gone: a second one comes too late. */
	assert_int_equal(store_verdict(store_sync_run(owner,
	    store_keyring_rewrap(&arena, key.id, before, after))),
	    STORE_MISSING);
	assert_int_equal(store_verdict(store_sync_run(owner,
	    store_keyring_rewrap(&arena, key.id, after, before))), STORE_OK);
}

/* --- signing keys --------------------------------------------------------- */

#define DAYS	90

static enum store_status
insert(struct store_sync *sync, enum store_signing_key_reason reason,
    struct jose_key **made)
{
	struct jose_key		*key = jose_key_generate(JOSE_ES256, 0);
	uint8_t			 sealed[JOSE_KEY_SEALED_MAX];
	size_t			 len;
	enum store_status	 status;

	assert_non_null(key);
	assert_true(jose_key_seal(key, config.wrapping[BASE_PURPOSE_SIGNING],
	    sealed, &len));
	status = store_verdict(store_sync_run(sync, store_signing_key_insert(
	    &arena, key, sealed, len, reason, DAYS)));
	if (made != NULL)
		*made = key;
	else
		jose_key_free(key);

	return (status);
}

/* Every key, as "active, retired, gone" in hours from now, and its seal. */
static const char *
ages(void)
{
	return (postgres_psql(&config, "SELECT"
	    " round(extract(epoch FROM active_from - now()) / 3600),"
	    " round(extract(epoch FROM retired_at - now()) / 3600),"
	    " round(extract(epoch FROM gone_at - now()) / 3600),"
	    " length(sealed) > 0"
	    " FROM signing_keys ORDER BY generation"));
}

static void
older(const char *by)
{
	char	sql[256];

	(void)snprintf(sql, sizeof(sql), "UPDATE signing_keys SET"
	    " active_from = active_from - interval '%s',"
	    " retired_at = retired_at - interval '%s',"
	    " gone_at = gone_at - interval '%s'", by, by, by);
	(void)postgres_psql(&config, sql);
}

static void
empty(void)
{
	(void)postgres_psql(&config, "DELETE FROM signing_keys;"
	    " DELETE FROM audit");
}

static int
published(void)
{
	return (store_result_rows(store_sync_run(web,
	    store_signing_key_list(&arena))));
}

/* From the first key to the day it is gone. */
static void
test_store_signing_key_life(void **state)
{
	(void)state;
	empty();
	assert_int_equal(insert(signer, STORE_SIGNING_KEY_DUE, NULL),
	    STORE_REFUSED);
	assert_int_equal(insert(signer, STORE_SIGNING_KEY_FIRST, NULL),
	    STORE_OK);
	assert_int_equal(insert(signer, STORE_SIGNING_KEY_FIRST, NULL),
	    STORE_REFUSED);
	assert_string_equal(ages(), "0|||t");

	/* Young: 87 of its 90 days.  Due: 48 h before its end. */
	older("87 days");
	assert_int_equal(insert(signer, STORE_SIGNING_KEY_DUE, NULL),
	    STORE_REFUSED);
	older("1 day 1 hour");
	assert_int_equal(insert(signer, STORE_SIGNING_KEY_DUE, NULL),
	    STORE_OK);
	assert_string_equal(ages(), "-2113|48|96|t\n48|||t");
	assert_int_equal(published(), 2);
	/* The next one is there: no reason for another. */
	assert_int_equal(insert(signer, STORE_SIGNING_KEY_DUE, NULL),
	    STORE_REFUSED);
	assert_int_equal(insert(owner, STORE_SIGNING_KEY_ASKED, NULL),
	    STORE_REFUSED);

	/* Taken over: the old one is published, and burned after a while. */
	older("49 hours");
	assert_int_equal(published(), 2);
	assert_int_equal(store_verdict(store_sync_run(signer,
	    store_signing_key_prune(&arena))), STORE_OK);
	assert_string_equal(ages(), "-2162|-1|47|f\n-1|||t");
	older("48 hours");
	assert_int_equal(published(), 1);

	/* Forgotten a year later, never the youngest. */
	older("366 days");
	(void)store_sync_run(signer, store_signing_key_prune(&arena));
	assert_string_equal(postgres_psql(&config,
	    "SELECT count(*) FROM signing_keys"), "1");
	assert_string_equal(postgres_psql(&config, "SELECT detail->>'reason'"
	    " FROM audit WHERE event = 'signing_key_made' ORDER BY at"),
	    "first\ndue");
}

/* A signer that slept: the next key still gets its 48 h. */
static void
test_store_signing_key_late(void **state)
{
	(void)state;
	empty();
	assert_int_equal(insert(signer, STORE_SIGNING_KEY_FIRST, NULL),
	    STORE_OK);
	older("200 days");
	assert_int_equal(insert(signer, STORE_SIGNING_KEY_DUE, NULL),
	    STORE_OK);
	assert_string_equal(ages(), "-4800|48|96|t\n48|||t");
}

static void
test_store_signing_key_asked(void **state)
{
	(void)state;
	empty();
	assert_int_equal(insert(owner, STORE_SIGNING_KEY_ASKED, NULL),
	    STORE_OK);
	older("1 day");
	assert_int_equal(insert(owner, STORE_SIGNING_KEY_ASKED, NULL),
	    STORE_OK);
	assert_string_equal(ages(), "-24|48|96|t\n48|||t");
}

/* At once, the prepared next one included. */
static void
test_store_signing_key_emergency(void **state)
{
	(void)state;
	empty();
	assert_int_equal(insert(signer, STORE_SIGNING_KEY_FIRST, NULL),
	    STORE_OK);
	older("89 days");
	assert_int_equal(insert(signer, STORE_SIGNING_KEY_DUE, NULL),
	    STORE_OK);
	assert_int_equal(published(), 2);
	assert_int_equal(insert(owner, STORE_SIGNING_KEY_EMERGENCY, NULL),
	    STORE_OK);
	assert_string_equal(ages(), "-2136|0|0|f\n48|0|0|f\n0|||t");
	assert_int_equal(published(), 1);
	assert_int_equal(store_result_rows(store_sync_run(signer,
	    store_signing_key_sealed(&arena))), 1);
}

/* Eight signers find the key due at the same moment. */
static void
race(enum store_signing_key_reason reason, const char *count)
{
	struct store_sync	*sync;
	int			 i, status, made = 0;

	for (i = 0; i < 8; i++) {
		if (fork() != 0)
			continue;
		sync = postgres_open(&config, STORE_ROLE_SIGNER);
		status = insert(sync, reason, NULL);
		store_sync_close(sync);
		_exit(status == STORE_OK ? 0 : status == STORE_CONFLICT ||
		    status == STORE_REFUSED ? 1 : 2);
	}
	for (i = 0; i < 8; i++) {
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		made += WEXITSTATUS(status) == 0;
	}
	assert_int_equal(made, 1);
	assert_string_equal(postgres_psql(&config,
	    "SELECT count(*), count(retired_at) FROM signing_keys"), count);
}

static void
test_store_signing_key_race(void **state)
{
	int	round;

	(void)state;
	for (round = 0; round < 10; round++) {
		empty();
		race(STORE_SIGNING_KEY_FIRST, "1|0");
		older("89 days");
		race(STORE_SIGNING_KEY_DUE, "2|1");
	}
}

static void
test_store_signing_key_rows(void **state)
{
	struct store_signing_key_sealed	 sealed;
	struct store_signing_key	 row;
	const struct store_result	*result;
	struct jose_key			*key, *again;
	json_t				*jwk;

	(void)state;
	empty();
	assert_int_equal(insert(signer, STORE_SIGNING_KEY_FIRST, &key),
	    STORE_OK);
	result = store_sync_run(web, store_signing_key_list(&arena));
	assert_int_equal(store_result_rows(result), 1);
	assert_int_equal(store_signing_key_row(result, 0, &row), STORE_OK);
	assert_string_equal(row.kid, jose_key_kid(key));
	assert_int_equal(row.alg, JOSE_ES256);
	assert_int_equal(row.gone_at, 0);
	assert_in_range(row.active_from, base_clock_seconds() - 30,
	    base_clock_seconds() + 1);
	jwk = json_loads(row.jwk, JSON_REJECT_DUPLICATES, NULL);
	again = jose_key_public(JOSE_ES256, jwk);
	assert_non_null(again);
	assert_string_equal(jose_key_kid(again), row.kid);
	jose_key_free(again);
	json_decref(jwk);

	result = store_sync_run(signer, store_signing_key_sealed(&arena));
	assert_int_equal(store_signing_key_sealed_row(result, 0, &sealed),
	    STORE_OK);
	assert_in_range(sealed.now, base_clock_seconds() - 30,
	    base_clock_seconds() + 1);
	again = jose_key_unseal(config.wrapping[BASE_PURPOSE_SIGNING],
	    sealed.alg, sealed.kid, sealed.sealed, sealed.sealed_len);
	assert_non_null(again);
	jose_key_free(again);
	assert_int_equal(store_signing_key_row(result, 1, &row),
	    STORE_FAILED);
	jose_key_free(key);

	/* The largest JWK fits its field. */
	key = jose_key_generate(JOSE_RS256, 3072);
	jwk = jose_key_jwk(key);
	assert_true(json_dumpb(jwk, NULL, 0, JSON_ENSURE_ASCII) + 20 <
	    STORE_SIGNING_KEY_JWK_MAX);
	json_decref(jwk);
	jose_key_free(key);
}

/* Web can read what is public, and nothing that is sealed. */
static void
test_store_signing_key_rights(void **state)
{
	(void)state;
	assert_int_equal(store_result_status(store_sync_run(web,
	    store_signing_key_sealed(&arena))), STORE_FAILED);
	assert_int_equal(insert(web, STORE_SIGNING_KEY_EMERGENCY, NULL),
	    STORE_FAILED);
}

static int
set_up(void **state)
{
	(void)state;
	postgres_migrated(&config);
	wrapping_all(&config);
	base_arena_init(&arena);
	owner = postgres_open(&config, STORE_ROLE_OWNER);
	signer = postgres_open(&config, STORE_ROLE_SIGNER);
	web = postgres_open(&config, STORE_ROLE_WEB);

	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	store_sync_close(owner);
	store_sync_close(signer);
	store_sync_close(web);
	base_arena_clear(&arena);

	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_keyring_first),
		cmocka_unit_test(test_store_keyring_rotate),
		cmocka_unit_test(test_store_keyring_purposes),
		cmocka_unit_test(test_store_keyring_full),
		cmocka_unit_test(test_store_keyring_race),
		cmocka_unit_test(test_store_keyring_rewrap),
		cmocka_unit_test(test_store_signing_key_life),
		cmocka_unit_test(test_store_signing_key_late),
		cmocka_unit_test(test_store_signing_key_asked),
		cmocka_unit_test(test_store_signing_key_emergency),
		cmocka_unit_test(test_store_signing_key_race),
		cmocka_unit_test(test_store_signing_key_rows),
		cmocka_unit_test(test_store_signing_key_rights),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
