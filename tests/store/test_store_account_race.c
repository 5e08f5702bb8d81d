/*
 * What arrives at the same moment: exactly one wins, and nothing outlives its
 * end (docs/decisions/rules.md, 2, 3 and 5).
 *
 * PERMISO_TEST_LONG runs every race as often as the requirement says.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/base_random.h"
#include "support/account_fixture.h"
#include "support/postgres.h"

#define RUNNERS		16	/* enough to queue behind one another */
#define SPREAD_NS	300000	/* between the two of a pair */

static struct fixture		 f;
static struct fixture_person	 admin;
static struct fixture_browser	 home;

/* What the processes of a race know of each other. */
struct shared {
	struct fixture_person		people[2];
	struct fixture_browser		browser;
	struct store_session_challenge	challenge;
	uint8_t				link[BASE_SHA256_LEN];
};

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

static int
rounds(int few, int many)
{
	return (getenv("PERMISO_TEST_LONG") != NULL ? many : few);
}

static void
random_sleep(void)
{
	uint32_t	r;
	struct timespec	t = { 0, 0 };

	base_random_bytes(&r, sizeof(r));
	t.tv_nsec = (long)(r % SPREAD_NS);
	(void)nanosleep(&t, NULL);
}

static struct store_session_new
session_new(const uint8_t browser[BASE_SHA256_LEN])
{
	struct store_session_new	session = { .seconds = 3600 };

	session.id = base_uuid_new();
	base_random_bytes(session.cookie_digest,
	    sizeof(session.cookie_digest));
	memcpy(session.browser_digest, browser, BASE_SHA256_LEN);
	return (session);
}

/* --- one challenge --------------------------------------------------------- */

static enum store_status
use_challenge(struct fixture *g, int who, int round, void *arg)
{
	struct shared			*s = arg;
	struct fixture_browser		 b;
	struct store_session_new	 session;
	const struct store_session_assertion assertion = {
		.user_id = s->people[0].user.id,
		.passkey_id = s->people[0].passkey, .sign_count = 6,
	};

	(void)who;
	(void)round;
	fixture_browser(&b);
	session = session_new(b.browser);
	return (fixture_web(g, store_session_sign_in(&g->arena, &session,
	    &s->challenge, &assertion, &fixture_place)));
}

static void
new_challenge(struct fixture *g, int round, void *arg)
{
	struct shared	*s = arg;

	(void)g;
	(void)round;
	fixture_challenge(&s->challenge);
}

static void
one_of_many(struct fixture *g, int round, const int *counts, void *arg)
{
	(void)g;
	(void)arg;
	if (counts[STORE_OK] != 1 ||
	    counts[STORE_SPENT] + counts[STORE_GONE] != RUNNERS - 1)
		fail_msg("round %d: %d succeeded", round, counts[STORE_OK]);
}

static void
test_store_race_challenge(void **state)
{
	struct shared			*s = fixture_shared(sizeof(*s));
	const struct fixture_race	 race = {
		RUNNERS, rounds(20, 200), use_challenge, new_challenge,
		one_of_many, s
	};

	(void)state;
	fixture_person(&f, "racer", true, &s->people[0]);
	fixture_race(&f, &race);
}

/* --- one login link -------------------------------------------------------- */

static enum store_status
use_link(struct fixture *g, int who, int round, void *arg)
{
	struct shared			*s = arg;
	struct fixture_browser		 b;
	struct store_session_new	 session;

	(void)who;
	(void)round;
	fixture_browser(&b);
	session = session_new(b.browser);
	return (fixture_web(g, store_link_spend(&g->arena, s->link, &session,
	    &fixture_place)));
}

static void
new_link(struct fixture *g, int round, void *arg)
{
	struct shared	*s = arg;

	(void)round;
	base_random_bytes(s->link, sizeof(s->link));
	assert_int_equal(fixture_owner(g, store_link_create(&g->arena,
	    &s->people[0].user.id, s->link, 3600)), STORE_OK);
}

static void
test_store_race_link(void **state)
{
	struct shared			*s = fixture_shared(sizeof(*s));
	const struct fixture_race	 race = {
		RUNNERS, rounds(20, 200), use_link, new_link, one_of_many, s
	};

	(void)state;
	fixture_person(&f, "linkracer", true, &s->people[0]);
	fixture_race(&f, &race);
}

/* --- set-up ---------------------------------------------------------------- */

static enum store_status
set_up(struct fixture *g, int who, int round, void *arg)
{
	uint8_t				code[BASE_SHA256_LEN] = { 5 };
	struct account_user		user;
	struct fixture_browser		b;
	struct webauthn_credential	credential;
	struct store_passkey_new	passkey;
	struct store_session_challenge	challenge;
	struct store_session_new	session;
	const struct store_installation_first first = {
		&user, &challenge, &passkey, &session
	};

	(void)arg;
	(void)round;
	account_user_init(&user);
	(void)snprintf(user.username, sizeof(user.username), "first%d", who);
	account_user_display(&user);
	fixture_browser(&b);
	fixture_challenge(&challenge);
	fixture_passkey(&passkey, &credential);
	session = session_new(b.browser);
	return (fixture_web(g, store_installation_set_up(&g->arena, code,
	    &first, &fixture_place)));
}

static void
test_store_race_set_up(void **state)
{
	uint8_t				code[BASE_SHA256_LEN] = { 5 };
	struct fixture			g;
	const struct fixture_race	race = {
		RUNNERS, 1, set_up, NULL, one_of_many, NULL
	};

	(void)state;
	fixture_open(&g);
	assert_int_equal(fixture_owner(&g, store_installation_code(&g.arena,
	    code)), STORE_OK);
	fixture_race(&g, &race);
	assert_int_equal(fixture_number(&g, "SELECT count(*) FROM users"), 1);
	assert_int_equal(fixture_number(&g, "SELECT administrators "
	    "FROM installation"), 1);
	fixture_close(&g);
}

/* --- demotion -------------------------------------------------------------- */

static enum store_status
demote(struct fixture *g, int who, int round, void *arg)
{
	struct shared	*s = arg;

	(void)round;
	return (fixture_owner(g, who % 4 < 2 ?
	    store_user_demote(&g->arena, &s->people[who % 2].user.id) :
	    store_user_disable(&g->arena, &s->people[who % 2].user.id)));
}

static void
promote(struct fixture *g, int round, void *arg)
{
	struct shared	*s = arg;

	(void)round;
	for (int i = 0; i < 2; i++) {
		(void)fixture_owner(g, store_user_enable(&g->arena,
		    &s->people[i].user.id));
		(void)fixture_owner(g, store_user_promote(&g->arena,
		    &s->people[i].user.id));
	}
}

static void
one_is_left(struct fixture *g, int round, const int *counts, void *arg)
{
	(void)counts;
	(void)arg;
	if (fixture_number(g, "SELECT count(*) FROM users "
	    "WHERE administrator AND disabled_at IS NULL") !=
	    fixture_number(g, "SELECT administrators FROM installation "
	    "WHERE administrators >= 1"))
		fail_msg("round %d: no administrator is left", round);
}

static void
test_store_race_demote(void **state)
{
	struct fixture			 g;
	struct shared			*s = fixture_shared(sizeof(*s));
	const struct fixture_race	 race = {
		4, rounds(20, 200), demote, promote, one_is_left, s
	};

	(void)state;
	fixture_open(&g);
	fixture_set_up(&g, &s->people[0], &home);
	fixture_person(&g, "other", true, &s->people[1]);
	fixture_race(&g, &race);
	fixture_close(&g);
}

/* --- sign-in against removal ----------------------------------------------- */

static enum store_status
sign_in_or_remove(struct fixture *g, int who, int round, void *arg)
{
	struct shared			*s = arg;
	struct store_session_new	 session;
	struct store_session_challenge	 challenge;
	const struct store_session_assertion assertion = {
		.user_id = s->people[0].user.id,
		.passkey_id = s->people[0].passkey, .sign_count = 6,
	};

	(void)round;
	if (who == 1) {
		random_sleep();
		return (fixture_owner(g, store_passkey_remove(&g->arena,
		    &s->people[0].user.id, &s->people[0].passkey)));
	}

	fixture_challenge(&challenge);
	session = session_new(s->browser.browser);
	memcpy(session.cookie_digest, s->browser.cookie, BASE_SHA256_LEN);
	random_sleep();
	return (fixture_web(g, store_session_sign_in(&g->arena, &session,
	    &challenge, &assertion, &fixture_place)));
}

/* Key of the person, and of the passkey, of a round. */
static struct base_uuid
round_key(int kind, int round)
{
	char			text[BASE_UUID_TEXT_LEN + 1];
	struct base_uuid	key = { { 0 } };

	(void)snprintf(text, sizeof(text),
	    "00000000-0000-7000-800%d-%012x", kind, (unsigned)round);
	(void)base_uuid_parse(text, strlen(text), &key);
	return (key);
}

/* A person with a passkey for every round, all in one go. */
static void
people(int count)
{
	char	sql[2048];

	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO users (id, sub, user_handle, username, "
	    "display_name, passkeys) SELECT ('00000000-0000-7000-8001-' || "
	    "lpad(to_hex(i), 12, '0'))::uuid, 'r' || i, "
	    "sha256(('h' || i)::bytea), 'round' || i, 'R', 1 "
	    "FROM generate_series(0, %d) i; "
	    "INSERT INTO passkeys (id, user_id, credential_id, spki, cose, "
	    "alg, sign_count, backup_eligible, backup_state, uv_initialized, "
	    "transports, aaguid, format, attestation, attestation_object, "
	    "client_data, name) SELECT ('00000000-0000-7000-8002-' || "
	    "lpad(to_hex(i), 12, '0'))::uuid, ('00000000-0000-7000-8001-' || "
	    "lpad(to_hex(i), 12, '0'))::uuid, sha256(('c' || i)::bytea), "
	    "'', '', -7, 5, true, false, true, '{}', gen_random_uuid(), "
	    "'none', 'none', '', '', 'Passkey' FROM generate_series(0, %d) i",
	    count, count);
	(void)postgres_psql(&f.config, sql);
}

static void
new_person(struct fixture *g, int round, void *arg)
{
	struct shared	*s = arg;

	(void)g;
	s->people[0].user.id = round_key(1, round);
	s->people[0].passkey = round_key(2, round);
	fixture_browser(&s->browser);
}

static int	signed_in_first;

static void
nobody_is_in(struct fixture *g, int round, const int *counts, void *arg)
{
	struct shared		*s = arg;
	struct account_session	 session;

	if (counts[STORE_OK] + counts[STORE_GONE] != 2)
		fail_msg("round %d: a statement failed", round);
	if (counts[STORE_OK] == 2)
		signed_in_first++;
	if (fixture_live(g, &s->browser, &session) != STORE_MISSING)
		fail_msg("round %d: a session outlived its passkey", round);
}

static void
test_store_race_removal(void **state)
{
	struct shared			*s = fixture_shared(sizeof(*s));
	const struct fixture_race	 race = {
		2, rounds(200, 3000), sign_in_or_remove, new_person,
		nobody_is_in, s
	};

	(void)state;
	people(race.rounds);
	fixture_race(&f, &race);
	print_message("sign-in first in %d of %d\n", signed_in_first,
	    race.rounds);
	/* Both orders happened, or the race raced nothing. */
	assert_in_range(signed_in_first, 1, race.rounds - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_race_challenge),
		cmocka_unit_test(test_store_race_link),
		cmocka_unit_test(test_store_race_set_up),
		cmocka_unit_test(test_store_race_demote),
		cmocka_unit_test(test_store_race_removal),
	};

	return (cmocka_run_group_tests(tests, open_database, close_database));
}
