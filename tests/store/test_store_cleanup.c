/*
 * What is deleted, what stays, which partitions go, and who leads.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "store/store_cleanup.h"
#include "support/postgres.h"

static struct base_config	 config;
static struct base_arena	 arena;

static int64_t
clean(struct store_sync *sync)
{
	const struct store_result	*result;
	int64_t				 most = -1;

	result = store_sync_run(sync, store_cleanup(&arena));
	assert_int_equal(store_verdict(result), STORE_OK);
	assert_true(store_cell_int(result, 0, 1, &most));

	return (most);
}

static void
test_store_cleanup_expired(void **state)
{
	struct store_sync	*sync;

	(void)state;
	postgres_psql(&config,
	    "INSERT INTO challenges SELECT sha256(i::text::bytea), now()"
	    " - interval '2 hours' FROM generate_series(1, 250) i;"
	    "INSERT INTO challenges VALUES ('fresh', now()),"
	    " ('just', now() - interval '50 minutes');"
	    "INSERT INTO users (id, sub, user_handle, username, display_name)"
	    " SELECT gen_random_uuid(), n, sha256(n::bytea), n, n FROM"
	    " unnest(ARRAY['a', 'b']) n;"
	    "INSERT INTO clients (id, client_id, name, application_type,"
	    " auth_method, grant_types, scopes, redirect_uris, refresh_days)"
	    " VALUES (gen_random_uuid(), 'c', 'c', 'web', 'none', '{}', '{}',"
	    " '{}', 30);"
	    "INSERT INTO sessions (id, user_id, cookie_digest, browser_digest,"
	    " auth_time, expires_at, ended_at, end_reason, device)"
	    " SELECT gen_random_uuid(), u.id, sha256(d::bytea),"
	    " sha256(d::bytea), now(), now() - make_interval(days => age),"
	    " CASE WHEN ended THEN now() END, CASE WHEN ended THEN 'x' END, d"
	    " FROM (SELECT id FROM users LIMIT 1) u, (VALUES"
	    " ('live', -1, false), ('ended live', -1, true),"
	    " ('ended old', 2, true), ('expired', 2, false),"
	    " ('expired long', 31, false), ('expired very long', 33, false))"
	    " v(d, age, ended);"
	    "INSERT INTO login_links (user_id, id, digest, expires_at)"
	    " SELECT id, gen_random_uuid(), sha256(sub::bytea), now() -"
	    " CASE sub WHEN 'a' THEN interval '2 days' ELSE '1 hour' END"
	    " FROM users;"
	    "INSERT INTO browsers SELECT id, sha256(sub::bytea), now() -"
	    " CASE sub WHEN 'a' THEN interval '431 days' ELSE '429 days' END"
	    " FROM users;"
	    "INSERT INTO outbox (kind, recipient, created_at, done_at,"
	    " outcome) SELECT 'test', r, now() - interval '99 days',"
	    " now() - d::interval, CASE WHEN d IS NOT NULL THEN o END FROM"
	    " (VALUES ('sent', '31 days', 'sent'),"
	    " ('failed', '31 days', 'failed'), ('late', '29 days', 'sent'),"
	    " ('waiting', NULL, NULL)) v(r, d, o)");

	sync = postgres_open(&config, STORE_ROLE_JOBS);
	assert_int_equal(clean(sync), 100);
	assert_int_equal(clean(sync), 100);
	assert_int_equal(clean(sync), 50);
	assert_int_equal(clean(sync), 0);
	store_sync_close(sync);

	assert_string_equal(postgres_psql(&config,
	    "SELECT count(*) FROM challenges"), "2");
	assert_string_equal(postgres_psql(&config,
	    "SELECT string_agg(device, ',' ORDER BY device) FROM sessions"),
	    "ended live,expired,expired long,live");
	assert_string_equal(postgres_psql(&config, "SELECT sub FROM users"
	    " JOIN login_links ON user_id = users.id"), "b");
	assert_string_equal(postgres_psql(&config, "SELECT sub FROM users"
	    " JOIN browsers ON user_id = users.id"), "b");
	assert_string_equal(postgres_psql(&config, "SELECT"
	    " string_agg(recipient, ',' ORDER BY recipient) FROM outbox"),
	    "late,waiting");
}

static bool
leads(struct store_sync *sync)
{
	bool	leader = false;

	assert_true(store_cell_bool(store_sync_run(sync,
	    store_cleanup_leader(&arena)), 0, 0, &leader));

	return (leader);
}

static void
test_store_cleanup_leader(void **state)
{
	struct store_sync	*one, *two;

	(void)state;
	one = postgres_open(&config, STORE_ROLE_JOBS);
	two = postgres_open(&config, STORE_ROLE_JOBS);
	assert_true(leads(one));
	assert_false(leads(two));
	assert_true(leads(one));
	store_sync_close(one);
	/* The server notices a moment later. */
	for (int i = 0; i < 1000 && !leads(two); i++)
		continue;
	assert_true(leads(two));
	store_sync_close(two);
}

static void
test_store_cleanup_partitions(void **state)
{
	const struct store_result	*result;
	struct store_sync		*sync;
	struct base_slice		 text;
	char				 error[STORE_SYNC_ERROR_MAX + 1];
	int64_t				 made;
	int				 steps = 0;

	(void)state;
	sync = postgres_open(&config, STORE_ROLE_RETENTION);
	postgres_psql(&config, "DO $$ DECLARE p text; m date; BEGIN"
	    " FOREACH p IN ARRAY ARRAY['grants', 'audit'] LOOP"
	    " FOREACH m IN ARRAY ARRAY['2020-01-01', '2020-02-01']::date[]"
	    " LOOP EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES"
	    " FROM (%L) TO (%L)', p || to_char(m, '_YYYY_MM'), p,"
	    " partition_bound(m), partition_bound(m + interval '1 month'));"
	    " EXECUTE format('ALTER TABLE %I OWNER TO permiso_retention',"
	    " p || to_char(m, '_YYYY_MM'));"
	    " END LOOP; END LOOP; END $$;"
	    "INSERT INTO grants (id, client_id, user_id, session_id, scope,"
	    " offline, auth_time, expires_at, statement_key) SELECT"
	    " partition_bound(m), u, u, u, '', true, now(), e, ''"
	    " FROM gen_random_uuid() u, (VALUES"
	    " ('2020-01-05'::timestamptz, now() - interval '2 days'),"
	    " ('2020-02-05', now() + interval '2 days')) v(m, e);"
	    "INSERT INTO audit (id, event) VALUES"
	    " (partition_bound('2020-02-05'), 'kept')");

	result = store_sync_run(sync, store_cleanup_partitions(&arena));
	assert_true(store_cell_int(result, 0, 0, &made));
	assert_int_equal(made, 0);
	for (;;) {
		result = store_sync_run(sync, store_cleanup_removals(&arena));
		assert_int_equal(store_result_status(result), STORE_OK);
		if (store_result_rows(result) == 0)
			break;
		assert_true(store_cell_slice(result, 0, 0, &text));
		if (store_sync_script(sync, base_arena_text(&arena, text.data,
		    text.len), INT64_MAX, error) != STORE_OK)
			fail_msg("%s", error);
		assert_true(++steps < 10);
	}
	/* Two of them, each detached and dropped. */
	assert_int_equal(steps, 4);
	assert_string_equal(postgres_psql(&config, "SELECT"
	    " string_agg(relname, ',' ORDER BY relname) FROM pg_class"
	    " WHERE relname ~ '_2020_..$' AND relkind = 'r'"),
	    "audit_2020_02,grants_2020_02");
	store_sync_close(sync);
}

/* Partitions are made ahead again when months have gone by. */
static void
test_store_cleanup_partitions_ahead(void **state)
{
	const struct store_result	*result;
	struct store_sync		*sync;
	int64_t				 made;

	(void)state;
	postgres_psql(&config, "DO $$ DECLARE t text; BEGIN FOR t IN SELECT"
	    " c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = inhrelid"
	    " WHERE inhparent = 'grants'::regclass ORDER BY 1 DESC LIMIT 2"
	    " LOOP EXECUTE 'DROP TABLE ' || t; END LOOP; END $$");
	sync = postgres_open(&config, STORE_ROLE_RETENTION);
	result = store_sync_run(sync, store_cleanup_partitions(&arena));
	assert_true(store_cell_int(result, 0, 0, &made));
	assert_int_equal(made, 2);
	/* A row of three months ahead finds its place. */
	postgres_psql(&config, "INSERT INTO grants (id, client_id, user_id,"
	    " session_id, scope, offline, auth_time, expires_at,"
	    " statement_key) SELECT partition_bound(date_trunc('month', now())"
	    " + interval '3 months 1 day'), u, u, u, '', true, now(), now(),"
	    " '' FROM gen_random_uuid() u");
	store_sync_close(sync);
}

static int
set_up(void **state)
{
	(void)state;
	base_arena_init(&arena);
	postgres_migrated(&config);

	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_cleanup_expired),
		cmocka_unit_test(test_store_cleanup_leader),
		cmocka_unit_test(test_store_cleanup_partitions),
		cmocka_unit_test(test_store_cleanup_partitions_ahead),
	};

	return (cmocka_run_group_tests(tests, set_up, NULL));
}
