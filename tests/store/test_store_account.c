/*
 * The statements of accounts, against a real database: what each verdict
 * means, and that the other rows are as they were.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_random.h"
#include "support/account_fixture.h"
#include "support/postgres.h"

static struct fixture		 f;
static struct fixture_person	 admin;
static struct fixture_browser	 home;

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

static void
sql(const char *text)
{
	(void)postgres_psql(&f.config, text);
}

/* --- set-up ---------------------------------------------------------------- */

static void
test_store_installation_set_up(void **state)
{
	uint8_t			code[BASE_SHA256_LEN] = { 7 };
	struct account_session	session;

	(void)state;
	assert_int_equal(fixture_live(&f, &home, &session), STORE_OK);
	assert_false(account_session_limited(&session));
	assert_int_equal(fixture_number(&f, "SELECT administrators "
	    "FROM installation WHERE set_up AND setup_digest IS NULL"), 1);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM audit WHERE "
	    "event IN ('account_created', 'passkey_added', 'sign_in') "
	    "AND host(address) = '192.0.2.7'"), 3);

	/* No code opens it again, even after a restart. */
	assert_int_equal(fixture_owner(&f, store_installation_code(&f.arena,
	    code)), STORE_SPENT);
	assert_int_equal(fixture_web(&f, store_installation_state(&f.arena,
	    code)), STORE_SPENT);
}

static enum store_status
set_up(struct fixture *g, uint8_t first_byte, const char *username)
{
	uint8_t				code[BASE_SHA256_LEN] = { first_byte };
	struct account_user		user;
	struct webauthn_credential	credential;
	struct store_passkey_new	passkey;
	struct store_session_challenge	challenge;
	struct store_session_new	session;
	const struct store_installation_first first = {
		&user, &challenge, &passkey, &session
	};

	account_user_init(&user);
	(void)snprintf(user.username, sizeof(user.username), "%s", username);
	account_user_display(&user);
	fixture_challenge(&challenge);
	fixture_passkey(&passkey, &credential);
	session.id = base_uuid_new();
	base_random_bytes(session.cookie_digest,
	    sizeof(session.cookie_digest));
	base_random_bytes(session.browser_digest,
	    sizeof(session.browser_digest));
	session.seconds = 60;
	return (fixture_web(g, store_installation_set_up(&g->arena, code,
	    &first, &fixture_place)));
}

static void
test_store_installation_before(void **state)
{
	uint8_t				right[BASE_SHA256_LEN] = { 9 };
	uint8_t				wrong[BASE_SHA256_LEN] = { 8 };
	struct fixture			g;

	(void)state;
	fixture_open(&g);
	/* No code was made yet, so none is right. */
	assert_int_equal(set_up(&g, 9, "eve"), STORE_SPENT);
	assert_int_equal(fixture_owner(&g, store_installation_code(&g.arena,
	    right)), STORE_OK);
	assert_int_equal(fixture_web(&g, store_installation_state(&g.arena,
	    wrong)), STORE_MISSING);
	assert_int_equal(fixture_web(&g, store_installation_state(&g.arena,
	    right)), STORE_OK);
	assert_int_equal(set_up(&g, 8, "eve"), STORE_SPENT);
	assert_int_equal(fixture_number(&g, "SELECT count(*) FROM users"), 0);

	/* A name that is taken spends nothing. */
	(void)postgres_psql(&g.config, "INSERT INTO users (id, sub, "
	    "user_handle, username, display_name) VALUES "
	    "(gen_random_uuid(), 's', sha256('h'), 'ada', 'Ada')");
	assert_int_equal(set_up(&g, 9, "ada"), STORE_CONFLICT);
	assert_int_equal(set_up(&g, 9, "grace"), STORE_OK);
	assert_int_equal(set_up(&g, 9, "eve"), STORE_SPENT);
	assert_int_equal(fixture_number(&g, "SELECT count(*) FROM users "
	    "WHERE administrator AND passkeys = 1"), 1);
	fixture_close(&g);
}

/* --- sign-in --------------------------------------------------------------- */

static void
test_store_session_sign_in_keeps_id(void **state)
{
	struct fixture_person	ada;
	struct fixture_browser	b, old;
	struct account_session	session;
	struct base_uuid	first, second;

	(void)state;
	fixture_person(&f, "keeper", true, &ada);
	fixture_browser(&b);
	assert_int_equal(fixture_sign_in(&f, &ada, &b, 6, &first), STORE_OK);
	old = b;
	assert_int_equal(fixture_sign_in(&f, &ada, &b, 7, &second), STORE_OK);
	assert_memory_equal(&first, &second, sizeof(first));

	/* The cookie is another one now (R10.2), and the old is nobody's. */
	assert_int_equal(fixture_live(&f, &old, &session), STORE_MISSING);
	assert_int_equal(fixture_live(&f, &b, &session), STORE_OK);
	assert_memory_equal(&session.id, &first, sizeof(first));
	assert_memory_equal(&session.passkey_id, &ada.passkey,
	    sizeof(ada.passkey));
}

static void
test_store_session_sign_in_other_person(void **state)
{
	struct fixture_person	ada, bob;
	struct fixture_browser	b, adas;
	struct account_session	session;
	struct base_uuid	first, second;

	(void)state;
	fixture_person(&f, "ada1", true, &ada);
	fixture_person(&f, "bob1", true, &bob);
	fixture_browser(&b);
	assert_int_equal(fixture_sign_in(&f, &ada, &b, 6, &first), STORE_OK);
	adas = b;
	assert_int_equal(fixture_sign_in(&f, &bob, &b, 6, &second), STORE_OK);
	assert_memory_not_equal(&first, &second, sizeof(first));
	assert_int_equal(fixture_live(&f, &adas, &session), STORE_MISSING);
	assert_int_equal(fixture_live(&f, &b, &session), STORE_OK);
	assert_memory_equal(&session.user_id, &bob.user.id,
	    sizeof(bob.user.id));
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM audit WHERE "
	    "event = 'sign_out' AND result = 'other_person'"), 1);
}

/* A counter that goes back: refused on a key that cannot be synced, taken
 * with a mark in the audit log on one that can; never lowered. */
static void
test_store_session_sign_in_counter(void **state)
{
	struct fixture_person	key, synced;
	struct fixture_browser	b;
	struct base_uuid	id;

	(void)state;
	fixture_person(&f, "key1", false, &key);
	fixture_person(&f, "synced1", true, &synced);
	fixture_browser(&b);
	assert_int_equal(fixture_sign_in(&f, &key, &b, 5, &id),
	    STORE_REFUSED);
	assert_int_equal(fixture_sign_in(&f, &key, &b, 0, &id),
	    STORE_REFUSED);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM audit WHERE "
	    "result = 'clone' AND session_id IS NULL"), 2);
	assert_int_equal(fixture_sign_in(&f, &key, &b, 6, &id), STORE_OK);

	assert_int_equal(fixture_sign_in(&f, &synced, &b, 4, &id), STORE_OK);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM audit WHERE "
	    "result = 'counter_back'"), 1);
	assert_int_equal(fixture_number(&f, "SELECT p.sign_count FROM "
	    "passkeys p JOIN users u ON u.id = p.user_id "
	    "WHERE u.username = 'synced1'"), 5);
}

static void
test_store_session_sign_in_replay(void **state)
{
	struct fixture_person		ada;
	struct fixture_browser		b;
	struct base_uuid		id, again;
	struct store_session_new	session = { .seconds = 60 };
	struct store_session_challenge	challenge;
	struct store_session_assertion	assertion = { .sign_count = 6 };
	struct store_call		*call;

	(void)state;
	fixture_person(&f, "replay", true, &ada);
	fixture_browser(&b);
	fixture_challenge(&challenge);
	assertion.user_id = ada.user.id;
	assertion.passkey_id = ada.passkey;
	session.id = base_uuid_new();
	memcpy(session.browser_digest, b.browser, sizeof(b.browser));
	memcpy(session.cookie_digest, b.cookie, sizeof(b.cookie));
	call = store_session_sign_in(&f.arena, &session, &challenge,
	    &assertion, &fixture_place);
	assert_int_equal(store_session_signed_in(store_sync_run(f.web, call),
	    &id), STORE_OK);

	/* Our own repetition after a lost answer is recognised. */
	assert_int_equal(store_session_signed_in(store_sync_run(f.web, call),
	    &again), STORE_OK);
	assert_memory_equal(&id, &again, sizeof(id));
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM audit a "
	    "JOIN users u ON u.id = a.user_id WHERE u.username = 'replay' "
	    "AND event = 'sign_in'"), 1);

	/* Somebody else's is not, whatever the browser. */
	fixture_browser(&b);
	memcpy(session.cookie_digest, b.cookie, sizeof(b.cookie));
	memcpy(session.browser_digest, b.browser, sizeof(b.browser));
	session.id = base_uuid_new();
	assertion.sign_count = 7;
	assert_int_equal(fixture_web(&f, store_session_sign_in(&f.arena,
	    &session, &challenge, &assertion, &fixture_place)), STORE_SPENT);
	assert_int_equal(fixture_number(&f, "SELECT p.sign_count FROM "
	    "passkeys p JOIN users u ON u.id = p.user_id "
	    "WHERE u.username = 'replay'"), 6);
}

static void
test_store_session_sign_in_gone(void **state)
{
	struct fixture_person	ada, bob, mixed;
	struct fixture_browser	b;
	struct base_uuid	id;

	(void)state;
	fixture_person(&f, "gone1", true, &ada);
	fixture_person(&f, "gone2", true, &bob);
	fixture_browser(&b);
	mixed = ada;
	mixed.passkey = bob.passkey;
	assert_int_equal(fixture_sign_in(&f, &mixed, &b, 6, &id), STORE_GONE);
	assert_int_equal(fixture_owner(&f, store_user_disable(&f.arena,
	    &ada.user.id)), STORE_OK);
	assert_int_equal(fixture_sign_in(&f, &ada, &b, 6, &id), STORE_GONE);
	assert_int_equal(fixture_owner(&f, store_passkey_remove(&f.arena,
	    &bob.user.id, &bob.passkey)), STORE_OK);
	assert_int_equal(fixture_sign_in(&f, &bob, &b, 6, &id), STORE_GONE);
}

/* Each way a session may stop counting, one at a time. */
static void
test_store_session_find(void **state)
{
	static const struct {
		const char	*name;
		const char	*spoil;
		const char	*mend;
	} ways[] = {
		{ "ended", "UPDATE sessions SET ended_at = now(), end_reason "
		    "= 'x'", "UPDATE sessions SET ended_at = NULL, "
		    "end_reason = NULL WHERE end_reason = 'x'" },
		{ "expired", "UPDATE sessions SET expires_at = now()",
		    "UPDATE sessions SET expires_at = now() + '1 h'" },
		{ "disabled", "UPDATE users SET disabled_at = now()",
		    "UPDATE users SET disabled_at = NULL" },
		{ "its passkey gone", "UPDATE sessions SET passkey_id = "
		    "gen_random_uuid() WHERE end_reason IS NULL",
		    "UPDATE sessions s SET passkey_id = (SELECT id FROM "
		    "passkeys p WHERE p.user_id = s.user_id LIMIT 1)" },
	};
	struct fixture		g;
	struct fixture_person	person;
	struct fixture_browser	b, other;
	struct account_session	session;

	(void)state;
	fixture_open(&g);
	fixture_set_up(&g, &person, &b);
	fixture_browser(&other);
	assert_int_equal(fixture_live(&g, &other, &session), STORE_MISSING);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_int_equal(fixture_live(&g, &b, &session), STORE_OK);
		(void)postgres_psql(&g.config, ways[i].spoil);
		if (fixture_live(&g, &b, &session) != STORE_MISSING)
			fail_msg("live though %s", ways[i].name);
		(void)postgres_psql(&g.config, ways[i].mend);
	}
	assert_int_equal(fixture_live(&g, &b, &session), STORE_OK);
	fixture_close(&g);
}

static void
test_store_session_end(void **state)
{
	struct fixture_person	ada;
	struct fixture_browser	b;
	struct account_session	session;
	struct base_uuid	id;

	(void)state;
	fixture_person(&f, "leaver", true, &ada);
	fixture_browser(&b);
	assert_int_equal(fixture_sign_in(&f, &ada, &b, 6, &id), STORE_OK);
	assert_int_equal(fixture_web(&f, store_session_end(&f.arena, b.cookie,
	    &fixture_place)), STORE_OK);
	assert_int_equal(fixture_live(&f, &b, &session), STORE_MISSING);
	assert_int_equal(fixture_web(&f, store_session_end(&f.arena, b.cookie,
	    &fixture_place)), STORE_MISSING);
	/* Signing in again in this browser makes another session (R6.7). */
	assert_int_equal(fixture_sign_in(&f, &ada, &b, 7, &session.id),
	    STORE_OK);
	assert_memory_not_equal(&session.id, &id, sizeof(id));
}

/* All of one's own, expired ones too, nobody else's; not by a login link's
 * session, and not twice. */
static void
test_store_session_end_all(void **state)
{
	struct fixture_person		ada, eve;
	struct fixture_browser		here, there, old, hers;
	struct account_session		session;
	struct base_uuid		id;
	struct store_session_apps	apps;

	(void)state;
	fixture_person(&f, "everywhere", true, &ada);
	fixture_person(&f, "elsewhere", true, &eve);
	fixture_browser(&here);
	fixture_browser(&there);
	fixture_browser(&old);
	fixture_browser(&hers);
	assert_int_equal(fixture_sign_in(&f, &ada, &here, 6, &id), STORE_OK);
	assert_int_equal(fixture_sign_in(&f, &ada, &there, 7, &id), STORE_OK);
	assert_int_equal(fixture_sign_in(&f, &ada, &old, 8, &id), STORE_OK);
	assert_int_equal(fixture_sign_in(&f, &eve, &hers, 6, &id), STORE_OK);
	(void)postgres_psql(&f.config, "UPDATE sessions SET expires_at = "
	    "now() - interval '1 hour' WHERE id = (SELECT s.id FROM sessions "
	    "s JOIN users u ON u.id = s.user_id WHERE username = 'everywhere' "
	    "ORDER BY s.id DESC LIMIT 1)");

	assert_int_equal(store_session_ended(store_sync_run(f.web,
	    store_session_end_all(&f.arena, here.cookie, &fixture_place)),
	    &apps), STORE_OK);
	assert_int_equal(apps.count, 0);
	assert_int_equal(fixture_live(&f, &here, &session), STORE_MISSING);
	assert_int_equal(fixture_live(&f, &there, &session), STORE_MISSING);
	assert_int_equal(fixture_live(&f, &hers, &session), STORE_OK);
	assert_string_equal(postgres_psql(&f.config, "SELECT count(*) FROM "
	    "sessions s JOIN users u ON u.id = s.user_id WHERE username = "
	    "'everywhere' AND ended_at IS NULL"), "0");
	assert_string_equal(postgres_psql(&f.config, "SELECT detail->>"
	    "'sessions' FROM audit WHERE result = 'everywhere'"), "3");
	assert_int_equal(fixture_web(&f, store_session_end_all(&f.arena,
	    here.cookie, &fixture_place)), STORE_MISSING);

	(void)postgres_psql(&f.config, "UPDATE sessions SET passkey_id = NULL "
	    "WHERE user_id = (SELECT id FROM users WHERE username = "
	    "'elsewhere')");
	assert_int_equal(fixture_web(&f, store_session_end_all(&f.arena,
	    hers.cookie, &fixture_place)), STORE_MISSING);
}

static void
test_store_session_batches(void **state)
{
	struct base_uuid			ids[2];
	struct account_session			session;
	const struct store_session_failure	failed[] = {
		{ "sign_in", "unknown_passkey", { { 0 } }, "", "192.0.2.9",
		    "", 12 },
		{ "sign_in", "signature_invalid", admin.user.id, "", "",
		    "curl", 1 },
		{ "client_authentication", "refused", { { 0 } }, "nobody's",
		    "192.0.2.9", "", 3 },
	};

	(void)state;
	sql("UPDATE sessions SET last_active_at = 'epoch'");
	assert_int_equal(fixture_live(&f, &home, &session), STORE_OK);
	ids[0] = session.id;
	ids[1] = base_uuid_new();
	assert_int_equal(fixture_web(&f, store_session_touch(&f.arena, ids,
	    2)), STORE_OK);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM sessions "
	    "WHERE last_active_at > now() - interval '1 min'"), 1);

	assert_int_equal(fixture_web(&f, store_session_failures(&f.arena,
	    failed, 3)), STORE_OK);
	assert_int_equal(fixture_number(&f, "SELECT (detail->>'count')::int "
	    "FROM audit WHERE result = 'unknown_passkey' "
	    "AND user_id IS NULL AND device IS NULL"), 12);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM audit "
	    "WHERE result = 'signature_invalid' AND user_id IS NOT NULL "
	    "AND address IS NULL"), 1);
	/* a client that does not exist leaves no name */
	assert_int_equal(fixture_number(&f, "SELECT (detail->>'count')::int "
	    "FROM audit WHERE event = 'client_authentication' "
	    "AND client_id IS NULL"), 3);
}

/* --- passkeys -------------------------------------------------------------- */

static enum store_status
add(const uint8_t cookie[BASE_SHA256_LEN], struct fixture_browser *b,
    struct store_session_challenge *challenge,
    struct store_passkey_new *passkey, bool *renewed)
{
	enum store_status		status;
	struct fixture_browser		fresh;
	struct store_session_new	session = { .seconds = 3600 };

	fixture_browser(&fresh);
	memcpy(session.cookie_digest, fresh.cookie, sizeof(fresh.cookie));
	status = store_passkey_added(store_sync_run(f.web, store_passkey_add(
	    &f.arena, cookie, &session, challenge, passkey, &fixture_place)),
	    renewed);
	if (status == STORE_OK && *renewed)
		memcpy(b->cookie, fresh.cookie, sizeof(b->cookie));

	return (status);
}

static void
test_store_passkey_add(void **state)
{
	bool				renewed = true;
	struct fixture_person		ada;
	struct fixture_browser		b;
	struct base_uuid		id;
	struct webauthn_credential	credential;
	struct store_passkey_new	passkey;
	struct store_session_challenge	challenge, other;

	(void)state;
	fixture_person(&f, "adder", true, &ada);
	fixture_browser(&b);
	assert_int_equal(fixture_sign_in(&f, &ada, &b, 6, &id), STORE_OK);
	fixture_challenge(&challenge);
	fixture_passkey(&passkey, &credential);
	assert_int_equal(add(b.cookie, &b, &challenge, &passkey, &renewed),
	    STORE_OK);
	assert_false(renewed);
	assert_int_equal(fixture_number(&f, "SELECT passkeys FROM users "
	    "WHERE username = 'adder'"), 2);

	/* The same challenge; the same credential; nobody's session. */
	passkey.id = base_uuid_new();
	credential.id[0] ^= 1;
	assert_int_equal(add(b.cookie, &b, &challenge, &passkey, &renewed),
	    STORE_SPENT);
	fixture_challenge(&other);
	credential.id[0] ^= 1;
	assert_int_equal(add(b.cookie, &b, &other, &passkey, &renewed),
	    STORE_CONFLICT);
	credential.id[0] ^= 1;
	assert_int_equal(add(b.browser, &b, &other, &passkey, &renewed),
	    STORE_GONE);
	/* None of them spent it. */
	assert_int_equal(add(b.cookie, &b, &other, &passkey, &renewed),
	    STORE_OK);

	sql("UPDATE users SET passkeys = 50 WHERE username = 'adder'");
	fixture_challenge(&other);
	fixture_passkey(&passkey, &credential);
	assert_int_equal(add(b.cookie, &b, &other, &passkey, &renewed),
	    STORE_REFUSED);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM passkeys p "
	    "JOIN users u ON u.id = p.user_id WHERE username = 'adder'"), 3);
}

static void
test_store_passkey_find(void **state)
{
	uint8_t				digest[BASE_SHA256_LEN];
	char				text[BASE_UUID_TEXT_LEN + 1];
	struct fixture_person		ada;
	struct store_passkey_known	known;
	struct base_slice		handle, id = { digest, sizeof(digest) };

	(void)state;
	fixture_person(&f, "finder", true, &ada);
	base_uuid_format(&ada.passkey, text);
	base_hash_sha256(text, strlen(text), digest);
	handle = (struct base_slice){ ada.user.user_handle,
	    sizeof(ada.user.user_handle) };
	assert_int_equal(store_passkey_found(store_sync_run(f.web,
	    store_passkey_find(&f.arena, handle, id)), &known), STORE_OK);
	assert_memory_equal(&known.id, &ada.passkey, sizeof(ada.passkey));
	assert_int_equal(known.alg, -7);
	assert_int_equal(known.sign_count, 5);
	assert_false(known.device);
	assert_string_equal(known.user.username, "finder");
	assert_int_equal(known.credential_count, 1);
	assert_int_equal(known.credentials[0].len, 43);

	(void)postgres_psql(&f.config, "UPDATE passkeys SET transports = "
	    "'{hybrid,usb}' WHERE user_id = (SELECT id FROM users WHERE "
	    "username = 'finder')");
	assert_int_equal(store_passkey_found(store_sync_run(f.web,
	    store_passkey_find(&f.arena, handle, id)), &known), STORE_OK);
	assert_true(known.device);

	/* Another person's handle with this id is no passkey at all (R9.2). */
	handle.data = admin.user.user_handle;
	assert_int_equal(store_passkey_found(store_sync_run(f.web,
	    store_passkey_find(&f.arena, handle, id)), &known),
	    STORE_MISSING);
}

static void
test_store_passkey_session(void **state)
{
	struct fixture_person		ada;
	struct fixture_browser		b;
	struct base_uuid		id;
	struct account_session		session;
	struct account_user		user;
	struct store_passkey_named	named[STORE_PASSKEY_LIST_MAX];
	size_t				count = 99;

	(void)state;
	fixture_person(&f, "lister", true, &ada);
	fixture_browser(&b);
	assert_int_equal(fixture_sign_in(&f, &ada, &b, 6, &id), STORE_OK);
	assert_int_equal(store_passkey_session_found(store_sync_run(f.web,
	    store_passkey_session(&f.arena, b.cookie)), &session, &user,
	    named, STORE_PASSKEY_LIST_MAX, &count), STORE_OK);
	assert_int_equal(count, 1);
	assert_int_equal(named[0].id.len, 32);
	assert_int_equal(named[0].transports.count, 2);
	assert_string_equal(named[0].transports.names[1], "odd");
}

/* Sessions die with the passkey that made them, others live on. */
static void
test_store_passkey_remove(void **state)
{
	struct fixture_person	ada, second;
	struct fixture_browser	with_first, with_second;
	struct account_session	session;
	struct base_uuid	id;

	(void)state;
	fixture_person(&f, "remover", true, &ada);
	fixture_person(&f, "remover2", true, &second);
	sql("UPDATE passkeys SET user_id = (SELECT id FROM users WHERE "
	    "username = 'remover') WHERE user_id = (SELECT id FROM users "
	    "WHERE username = 'remover2'); UPDATE users SET passkeys = 2 "
	    "WHERE username = 'remover'");
	second.user = ada.user;
	fixture_browser(&with_first);
	fixture_browser(&with_second);
	assert_int_equal(fixture_sign_in(&f, &ada, &with_first, 6, &id),
	    STORE_OK);
	assert_int_equal(fixture_sign_in(&f, &second, &with_second, 6, &id),
	    STORE_OK);
	assert_int_equal(fixture_owner(&f, store_passkey_remove(&f.arena,
	    &admin.user.id, &ada.passkey)), STORE_MISSING);
	assert_int_equal(fixture_owner(&f, store_passkey_remove(&f.arena,
	    &ada.user.id, &ada.passkey)), STORE_OK);
	assert_int_equal(fixture_owner(&f, store_passkey_remove(&f.arena,
	    &ada.user.id, &ada.passkey)), STORE_MISSING);
	assert_int_equal(fixture_live(&f, &with_first, &session),
	    STORE_MISSING);
	assert_int_equal(fixture_live(&f, &with_second, &session), STORE_OK);
	assert_int_equal(fixture_number(&f, "SELECT passkeys FROM users "
	    "WHERE username = 'remover'"), 1);
}

/* --- links ----------------------------------------------------------------- */

static void
link_new(const struct fixture_person *p, uint8_t digest[BASE_SHA256_LEN])
{
	struct fixture_browser	b;

	fixture_browser(&b);
	memcpy(digest, b.cookie, BASE_SHA256_LEN);
	assert_int_equal(fixture_owner(&f, store_link_create(&f.arena,
	    &p->user.id, digest, 3600)), STORE_OK);
}

static enum store_status
spend(const uint8_t digest[BASE_SHA256_LEN], struct fixture_browser *b)
{
	struct store_session_new	session = { .seconds = 3600 };
	struct fixture_browser		fresh;
	enum store_status		status;

	fixture_browser(&fresh);
	session.id = base_uuid_new();
	memcpy(session.cookie_digest, fresh.cookie, BASE_SHA256_LEN);
	memcpy(session.browser_digest, b->browser, BASE_SHA256_LEN);
	status = fixture_web(&f, store_link_spend(&f.arena, digest, &session,
	    &fixture_place));
	if (status == STORE_OK)
		memcpy(b->cookie, fresh.cookie, BASE_SHA256_LEN);

	return (status);
}

static enum store_status
look(const uint8_t digest[BASE_SHA256_LEN])
{
	struct account_user	user;

	return (store_link_found(store_sync_run(f.web,
	    store_link_find(&f.arena, digest)), &user));
}

static void
test_store_link_once(void **state)
{
	uint8_t			digest[BASE_SHA256_LEN], newer[BASE_SHA256_LEN];
	struct fixture_person	ada;
	struct fixture_browser	b, other;
	struct account_session	session;

	(void)state;
	fixture_person(&f, "linked", true, &ada);
	fixture_browser(&b);
	fixture_browser(&other);
	link_new(&ada, digest);
	link_new(&ada, newer);
	/* A new one voids the old (RC4). */
	assert_int_equal(look(digest), STORE_GONE);
	assert_int_equal(spend(digest, &b), STORE_GONE);

	for (int i = 0; i < 5; i++)
		assert_int_equal(look(newer), STORE_OK);
	assert_int_equal(spend(newer, &b), STORE_OK);
	assert_int_equal(spend(newer, &other), STORE_GONE);
	assert_int_equal(look(newer), STORE_GONE);
	assert_int_equal(fixture_live(&f, &b, &session), STORE_OK);
	assert_true(account_session_limited(&session));
	assert_int_equal(fixture_live(&f, &other, &session), STORE_MISSING);
}

static void
test_store_link_void(void **state)
{
	uint8_t			digest[BASE_SHA256_LEN];
	struct fixture_person	ada;
	struct fixture_browser	b;
	struct base_uuid	nobody = base_uuid_new();

	(void)state;
	fixture_person(&f, "voided", true, &ada);
	fixture_browser(&b);
	link_new(&ada, digest);
	sql("UPDATE login_links SET expires_at = now()");
	assert_int_equal(spend(digest, &b), STORE_GONE);
	link_new(&ada, digest);
	assert_int_equal(fixture_owner(&f, store_user_promote(&f.arena,
	    &ada.user.id)), STORE_OK);
	assert_int_equal(spend(digest, &b), STORE_GONE);
	link_new(&ada, digest);
	assert_int_equal(fixture_owner(&f, store_user_disable(&f.arena,
	    &ada.user.id)), STORE_OK);
	assert_int_equal(spend(digest, &b), STORE_GONE);
	assert_int_equal(fixture_owner(&f, store_link_create(&f.arena,
	    &ada.user.id, digest, 60)), STORE_GONE);
	assert_int_equal(fixture_owner(&f, store_user_enable(&f.arena,
	    &ada.user.id)), STORE_OK);
	assert_int_equal(spend(digest, &b), STORE_GONE);
	assert_int_equal(fixture_owner(&f, store_link_create(&f.arena,
	    &nobody, digest, 60)), STORE_MISSING);
}

/* A link lowers nobody's session: the old one ends, whoever's it is; adding
 * a passkey makes the new one full, under a new cookie. */
static void
test_store_link_to_passkey(void **state)
{
	bool				renewed = false;
	uint8_t				digest[BASE_SHA256_LEN];
	struct fixture_person		ada;
	struct fixture_browser		b, before;
	struct base_uuid		id;
	struct account_session		session, full;
	struct webauthn_credential	credential;
	struct store_passkey_new	passkey;
	struct store_session_challenge	challenge;

	(void)state;
	fixture_person(&f, "upgraded", true, &ada);
	fixture_browser(&b);
	assert_int_equal(fixture_sign_in(&f, &ada, &b, 6, &id), STORE_OK);
	before = b;
	link_new(&ada, digest);
	assert_int_equal(spend(digest, &b), STORE_OK);
	assert_int_equal(fixture_live(&f, &before, &session), STORE_MISSING);
	assert_int_equal(fixture_live(&f, &b, &session), STORE_OK);
	before = b;

	fixture_challenge(&challenge);
	fixture_passkey(&passkey, &credential);
	assert_int_equal(add(b.cookie, &b, &challenge, &passkey, &renewed),
	    STORE_OK);
	assert_true(renewed);
	assert_int_equal(fixture_live(&f, &before, &full), STORE_MISSING);
	assert_int_equal(fixture_live(&f, &b, &full), STORE_OK);
	assert_memory_equal(&full.passkey_id, &passkey.id,
	    sizeof(passkey.id));
	assert_memory_equal(&full.id, &session.id, sizeof(full.id));
}

/* --- people ---------------------------------------------------------------- */

static void
test_store_user_disable(void **state)
{
	struct fixture_person	ada;
	struct fixture_browser	b;
	struct account_session	session;
	struct base_uuid	id, nobody = base_uuid_new();

	(void)state;
	fixture_person(&f, "off", true, &ada);
	fixture_browser(&b);
	assert_int_equal(fixture_sign_in(&f, &ada, &b, 6, &id), STORE_OK);
	assert_int_equal(fixture_owner(&f, store_user_disable(&f.arena,
	    &ada.user.id)), STORE_OK);
	assert_int_equal(fixture_owner(&f, store_user_disable(&f.arena,
	    &ada.user.id)), STORE_CONFLICT);
	assert_int_equal(fixture_live(&f, &b, &session), STORE_MISSING);
	/* One that a sign-in made at that very moment. */
	sql("UPDATE sessions SET ended_at = NULL, end_reason = NULL "
	    "WHERE end_reason = 'disabled'");
	assert_int_equal(fixture_owner(&f, store_user_enable(&f.arena,
	    &ada.user.id)), STORE_OK);
	assert_int_equal(fixture_live(&f, &b, &session), STORE_MISSING);
	assert_int_equal(fixture_owner(&f, store_user_enable(&f.arena,
	    &ada.user.id)), STORE_CONFLICT);
	assert_int_equal(fixture_owner(&f, store_user_enable(&f.arena,
	    &nobody)), STORE_MISSING);
}

static void
test_store_user_last_administrator(void **state)
{
	struct fixture		g;
	struct fixture_person	first, second;
	struct fixture_browser	b;

	(void)state;
	fixture_open(&g);
	fixture_set_up(&g, &first, &b);
	fixture_person(&g, "second", true, &second);
	assert_int_equal(fixture_owner(&g, store_user_demote(&g.arena,
	    &first.user.id)), STORE_REFUSED);
	assert_int_equal(fixture_owner(&g, store_user_disable(&g.arena,
	    &first.user.id)), STORE_REFUSED);
	assert_int_equal(fixture_number(&g, "SELECT count(*) FROM users "
	    "WHERE administrator AND disabled_at IS NULL"), 1);

	/* Who is disabled does not count. */
	assert_int_equal(fixture_owner(&g, store_user_disable(&g.arena,
	    &second.user.id)), STORE_OK);
	assert_int_equal(fixture_owner(&g, store_user_promote(&g.arena,
	    &second.user.id)), STORE_OK);
	assert_int_equal(fixture_owner(&g, store_user_demote(&g.arena,
	    &first.user.id)), STORE_REFUSED);
	assert_int_equal(fixture_owner(&g, store_user_enable(&g.arena,
	    &second.user.id)), STORE_OK);
	assert_int_equal(fixture_owner(&g, store_user_demote(&g.arena,
	    &first.user.id)), STORE_OK);
	assert_int_equal(fixture_owner(&g, store_user_demote(&g.arena,
	    &first.user.id)), STORE_CONFLICT);
	assert_int_equal(fixture_number(&g, "SELECT administrators "
	    "FROM installation"), 1);
	fixture_close(&g);
}

static void
test_store_user_find(void **state)
{
	struct account_user		user;
	struct fixture_person		ada;
	const struct store_result	*result;

	(void)state;
	fixture_person(&f, "find.me", true, &ada);
	assert_int_equal(store_user_found(store_sync_run(f.owner,
	    store_user_find(&f.arena, "FIND.me")), &user), STORE_OK);
	assert_memory_equal(&user.id, &ada.user.id, sizeof(user.id));
	assert_int_equal(store_user_found(store_sync_run(f.owner,
	    store_user_find(&f.arena, "admin@EXAMPLE.com")), &user),
	    STORE_OK);
	assert_string_equal(user.username, "admin");
	assert_int_equal(store_user_found(store_sync_run(f.owner,
	    store_user_find(&f.arena, "find.m")), &user), STORE_MISSING);

	/* Taken, in whatever case. */
	account_user_init(&ada.user);
	(void)snprintf(ada.user.username, sizeof(ada.user.username),
	    "find.me");
	assert_int_equal(fixture_owner(&f, store_user_insert(&f.arena,
	    &ada.user)), STORE_CONFLICT);

	result = store_sync_run(f.owner, store_user_list(&f.arena, "find",
	    2));
	assert_int_equal(store_result_rows(result), 2);
	assert_true(store_user_decode(result, 0, 0, &user));
	assert_string_equal(user.username, "find.me");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_installation_set_up),
		cmocka_unit_test(test_store_installation_before),
		cmocka_unit_test(test_store_session_sign_in_keeps_id),
		cmocka_unit_test(test_store_session_sign_in_other_person),
		cmocka_unit_test(test_store_session_sign_in_counter),
		cmocka_unit_test(test_store_session_sign_in_replay),
		cmocka_unit_test(test_store_session_sign_in_gone),
		cmocka_unit_test(test_store_session_find),
		cmocka_unit_test(test_store_session_end),
		cmocka_unit_test(test_store_session_end_all),
		cmocka_unit_test(test_store_session_batches),
		cmocka_unit_test(test_store_passkey_add),
		cmocka_unit_test(test_store_passkey_find),
		cmocka_unit_test(test_store_passkey_session),
		cmocka_unit_test(test_store_passkey_remove),
		cmocka_unit_test(test_store_link_once),
		cmocka_unit_test(test_store_link_void),
		cmocka_unit_test(test_store_link_to_passkey),
		cmocka_unit_test(test_store_user_disable),
		cmocka_unit_test(test_store_user_last_administrator),
		cmocka_unit_test(test_store_user_find),
	};

	return (cmocka_run_group_tests(tests, open_database, close_database));
}
