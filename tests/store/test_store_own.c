/*
 * What people change about themselves, against a real database: the caller is
 * joined by the statement that acts, whatever a handler saw before; what each
 * verdict means; two changes at one moment.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/store_own.h"
#include "store/store_passkey_own.h"
#include "support/account_fixture.h"
#include "support/postgres.h"

#define ROUNDS	8

static struct fixture		 f;
static struct fixture_person	 admin, ada, eve;
static struct fixture_browser	 home, b, other;
static struct store_caller	 caller;
static struct base_uuid		 session_id, other_id, client_id;
static const struct store_own_profile details = {
	NULL, NULL, "Ada L.", NULL, "de"
};

__attribute__((format(printf, 1, 2)))
static void
sql(const char *format, ...)
{
	char	text[512];
	va_list	list;

	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	(void)postgres_psql(&f.config, text);
}

static void
caller_of(const struct fixture_browser *browser, struct store_caller *out)
{
	memcpy(out->digest, browser->cookie, sizeof(out->digest));
	out->place = fixture_place;
}

static int
open_database(void **state)
{
	(void)state;
	fixture_open(&f);
	fixture_set_up(&f, &admin, &home);
	return (0);
}

static int
close_database(void **state)
{
	(void)state;
	fixture_close(&f);
	return (0);
}

/* Ada with two passkeys, signed in in two browsers, and an app; Eve. */
static int
begin(void **state)
{
	char	id[BASE_UUID_TEXT_LEN + 1], user[BASE_UUID_TEXT_LEN + 1];

	(void)state;
	sql("DELETE FROM users WHERE username <> '%s'", admin.user.username);
	sql("DELETE FROM clients");
	fixture_person(&f, "ada", false, &ada);
	fixture_person(&f, "eve", false, &eve);
	sql("INSERT INTO passkeys SELECT gen_random_uuid(), user_id, "
	    "sha256('second'), spki, cose, alg, sign_count, backup_eligible, "
	    "backup_state, uv_initialized, transports, aaguid, format, "
	    "attestation, attestation_object, client_data, 'Second' "
	    "FROM passkeys p JOIN users u ON u.id = p.user_id "
	    "WHERE u.username = '%s'", "ada");
	sql("UPDATE users SET passkeys = 2 WHERE username = '%s'", "ada");
	fixture_browser(&b);
	fixture_browser(&other);
	assert_int_equal(fixture_sign_in(&f, &ada, &b, 100, &session_id),
	    STORE_OK);
	assert_int_equal(fixture_sign_in(&f, &ada, &other, 101, &other_id),
	    STORE_OK);
	caller_of(&b, &caller);

	client_id = base_uuid_new();
	base_uuid_format(&client_id, id);
	base_uuid_format(&ada.user.id, user);
	sql("INSERT INTO clients (id, client_id, name, application_type, auth_method, grant_types, "
	    "scopes, redirect_uris) VALUES ('%s', 'wiki', 'Wiki', 'web', "
	    "'none', '{authorization_code}', '{openid}', '{https://w/}'); "
	    "INSERT INTO consents (user_id, client_id, scopes) VALUES "
	    "('%s', '%s', '{openid}')", id, user, id);
	return (0);
}

/* --- every change, by number ------------------------------------------------ */

enum change {
	RENAME,
	REMOVE,
	END,
	END_OTHERS,
	APP,
	PROFILE,
	CHANGES
};

static struct store_call *
change_call(enum change change)
{
	struct base_arena	*arena = &f.arena;

	switch (change) {
	case RENAME:
		return (store_passkey_own_rename(arena, &caller,
		    &ada.passkey, "New"));
	case REMOVE:
		return (store_passkey_own_remove(arena, &caller,
		    &ada.passkey, NULL));
	case END:
		return (store_own_session_end(arena, &caller, &other_id));
	case END_OTHERS:
		return (store_own_sessions_end(arena, &caller));
	case APP:
		return (store_own_app_remove(arena, &caller, &client_id));
	case PROFILE:
		return (store_own_profile(arena, &caller, &details));
	case CHANGES:
		break;
	}

	fail();
	return (NULL);
}

static bool
change_fresh(enum change change)
{
	return (change == RENAME || change == REMOVE);
}

/* All that the changes could change. */
static long
state_of_all(void)
{
	return (fixture_number(&f, "SELECT ('x' || left(md5(string_agg(t, '' "
	    "ORDER BY t)), 15))::bit(60)::bigint FROM ("
	    "SELECT id::text || name AS t FROM passkeys UNION ALL "
	    "SELECT id::text || coalesce(end_reason, '') FROM sessions "
	    "UNION ALL SELECT client_id::text FROM consents UNION ALL "
	    "SELECT id::text || display_name || passkeys FROM users "
	    "UNION ALL SELECT id::text FROM audit) all_of_it"));
}

/* --- who is no caller ------------------------------------------------------- */

static const struct {
	const char	*name;
	const char	*session;	/* what its row is set to */
	const char	*user;
} strangers[] = {
	{ "signed out", "ended_at = now(), end_reason = 'x'", NULL },
	{ "expired", "expires_at = now()", NULL },
	{ "a login link's", "passkey_id = NULL", NULL },
	{ "its passkey is gone", "passkey_id = gen_random_uuid()", NULL },
	{ "disabled", NULL, "disabled_at = now()" },
};

static void
spoil(size_t which)
{
	char	id[BASE_UUID_TEXT_LEN + 1];

	base_uuid_format(&session_id, id);
	if (strangers[which].session != NULL)
		sql("UPDATE sessions SET %s WHERE id = '%s'",
		    strangers[which].session, id);
	if (strangers[which].user != NULL)
		sql("UPDATE users SET %s WHERE username = 'ada'",
		    strangers[which].user);
}

static void
test_store_own_callers(void **state)
{
	long	before;

	(void)state;
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]);
	    i++) {
		(void)begin(NULL);
		spoil(i);
		before = state_of_all();
		for (int change = 0; change < CHANGES; change++) {
			if (fixture_web(&f, change_call(change)) !=
			    STORE_GONE || state_of_all() != before)
				fail_msg("%s, change %d", strangers[i].name,
				    change);
		}
	}
}

/* Ten minutes, in the statement itself. */
static void
test_store_own_fresh(void **state)
{
	char			id[BASE_UUID_TEXT_LEN + 1];
	enum store_status	want;

	(void)state;
	for (int old = 0; old < 2; old++) {
		for (int change = 0; change < CHANGES; change++) {
			(void)begin(NULL);
			base_uuid_format(&session_id, id);
			sql("UPDATE sessions SET auth_time = now() - "
			    "interval '%s' WHERE id = '%s'", old ?
			    "601 seconds" : "5 minutes", id);
			want = old && change_fresh(change) ? STORE_GONE :
			    STORE_OK;
			if (fixture_web(&f, change_call(change)) != want)
				fail_msg("change %d, old %d", change, old);
		}
	}
}

/* Another person's things are not there. */
static void
test_store_own_others(void **state)
{
	struct fixture_browser	its;
	struct base_uuid	id;
	long			before;

	(void)state;
	(void)begin(NULL);
	fixture_browser(&its);
	assert_int_equal(fixture_sign_in(&f, &eve, &its, 100, &id), STORE_OK);
	caller_of(&its, &caller);
	before = state_of_all();
	for (int change = 0; change < END_OTHERS; change++)
		assert_int_equal(fixture_web(&f, change_call(change)),
		    STORE_MISSING);
	assert_int_equal(fixture_web(&f, change_call(APP)), STORE_MISSING);
	assert_true(state_of_all() == before);
}

/* --- the last one ----------------------------------------------------------- */

static void
test_store_own_last_passkey(void **state)
{
	(void)state;
	(void)begin(NULL);
	sql("DELETE FROM passkeys WHERE name = '%s'", "Second");
	sql("UPDATE users SET passkeys = 1 WHERE username = '%s'", "ada");
	assert_int_equal(fixture_web(&f, store_passkey_own_remove(&f.arena,
	    &caller, &ada.passkey, NULL)), STORE_REFUSED);
	assert_int_equal(fixture_web(&f, store_passkey_own_remove(&f.arena,
	    &caller, &ada.passkey, "")), STORE_REFUSED);
	assert_int_equal(fixture_web(&f, store_passkey_own_rename(&f.arena,
	    &caller, &ada.passkey, "Laptop")), STORE_OK);
	assert_int_equal(fixture_web(&f, store_passkey_own_remove(&f.arena,
	    &caller, &ada.passkey, "Laptop")), STORE_OK);
	assert_int_equal(fixture_number(&f, "SELECT passkeys FROM users "
	    "WHERE username = 'ada'"), 0);
	/* Both sessions were made with it. */
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM sessions s "
	    "JOIN users u ON u.id = s.user_id WHERE u.username = 'ada' "
	    "AND s.ended_at IS NULL"), 0);
	assert_int_equal(fixture_number(&f, "SELECT (detail->>'sessions')::int "
	    "FROM audit WHERE event = 'passkey_removed' "
	    "ORDER BY at DESC LIMIT 1"), 2);
}

/* --- at the same moment ----------------------------------------------------- */

struct shared {
	struct store_caller	caller;
	struct base_uuid	passkeys[2];
};

static void
race_before(struct fixture *g, int round, void *arg)
{
	struct shared	*shared = arg;

	(void)g;
	(void)round;
	(void)begin(NULL);
	shared->caller = caller;
	shared->caller.place = fixture_place;
	shared->passkeys[0] = ada.passkey;
}

static enum store_status
race_remove(struct fixture *g, int who, int round, void *arg)
{
	const struct shared	*shared = arg;
	struct store_caller	 mine = shared->caller;

	(void)round;
	mine.place = fixture_place;
	return (fixture_web(g, who == 0 ? store_passkey_own_remove(&g->arena,
	    &mine, &shared->passkeys[0], NULL) :
	    store_own_sessions_end(&g->arena, &mine)));
}

/* The count of passkeys is what there are, whatever came between. */
static void
race_after(struct fixture *g, int round, const int *counts, void *arg)
{
	(void)round;
	(void)arg;
	assert_int_equal(counts[STORE_FAILED], 0);
	assert_int_equal(fixture_number(g, "SELECT count(*) FROM users u "
	    "WHERE u.passkeys <> (SELECT count(*) FROM passkeys p "
	    "WHERE p.user_id = u.id)"), 0);
	assert_int_equal(fixture_number(g, "SELECT count(*) FROM sessions s "
	    "JOIN users u ON u.id = s.user_id WHERE u.username = 'ada' "
	    "AND s.ended_at IS NULL"), 0);
}

static void
test_store_own_race(void **state)
{
	const struct fixture_race	race = {
		.count = 2,
		.rounds = ROUNDS,
		.task = race_remove,
		.before = race_before,
		.after = race_after,
		.shared = fixture_shared(sizeof(struct shared)),
	};

	(void)state;
	fixture_race(&f, &race);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_own_callers),
		cmocka_unit_test(test_store_own_fresh),
		cmocka_unit_test(test_store_own_others),
		cmocka_unit_test(test_store_own_last_passkey),
		cmocka_unit_test(test_store_own_race),
	};

	return (cmocka_run_group_tests(tests, open_database,
	    close_database));
}
