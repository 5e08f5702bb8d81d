/*
 * What an administrator does to people, against a real database: who may,
 * what each verdict means, and that nothing is done when it is not OK.
 *
 * The table has every operation; a test is about one way to be refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_random.h"
#include "store/store_user_access.h"
#include "store/store_user_admin.h"
#include "support/account_fixture.h"
#include "support/postgres.h"

#define FRESH	600
#define HOUR	3600

static struct fixture		 f;
static struct fixture_person	 admin;
static struct fixture_browser	 home;
static int			 people;	/* names are never used twice */

/* Somebody things are done to, with all that can be taken. */
struct victim {
	struct fixture_person	person;
	struct fixture_browser	browser;
	struct base_uuid	session;
	struct base_uuid	link;
	uint8_t			digest[BASE_SHA256_LEN];
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

static void
sql(const char *text)
{
	(void)postgres_psql(&f.config, text);
}

/* "text" with the person's id in the place of each "?". */
static const char *
with_id(const char *text, const struct base_uuid *id)
{
	static char	out[1024];
	char		uuid[BASE_UUID_TEXT_LEN + 1];
	size_t		len = 0;

	base_uuid_format(id, uuid);
	for (; *text != '\0' && len < sizeof(out) - 64; text++) {
		if (*text != '?')
			out[len++] = *text;
		else
			len += (size_t)snprintf(out + len, 64, "'%s'", uuid);
	}
	out[len] = '\0';
	return (out);
}

static void
sql_of(const char *text, const struct base_uuid *id)
{
	sql(with_id(text, id));
}

static long
number_of(const char *text, const struct base_uuid *id)
{
	return (fixture_number(&f, with_id(text, id)));
}

static struct store_actor
actor(const struct fixture_browser *b)
{
	struct store_actor	a = {
		.fresh_seconds = FRESH, .place = &fixture_place
	};

	memcpy(a.cookie_digest, b->cookie, sizeof(a.cookie_digest));
	return (a);
}

static enum store_actor_verdict
run(struct fixture *g, struct store_call *call)
{
	return (store_actor_verdict(store_sync_run(g->web, call)));
}

/* --- people ---------------------------------------------------------------- */

static void
person(struct fixture_person *out, struct fixture_browser *b)
{
	char			name[32];
	struct base_uuid	id;

	(void)snprintf(name, sizeof(name), "person%d", people++);
	fixture_person(&f, name, true, out);
	fixture_browser(b);
	assert_int_equal(fixture_sign_in(&f, out, b, 6, &id), STORE_OK);
}

static void
administrator(struct fixture_person *out, struct fixture_browser *b)
{
	person(out, b);
	assert_int_equal(fixture_owner(&f, store_user_promote(&f.arena,
	    &out->user.id)), STORE_OK);
}

static void
link_of(struct victim *v)
{
	char	text[BASE_UUID_TEXT_LEN + 1];

	assert_int_equal(fixture_owner(&f, store_link_create(&f.arena,
	    &v->person.user.id, v->digest, HOUR)), STORE_OK);
	base_uuid_format(&v->person.user.id, text);
	assert_true(base_uuid_parse(postgres_psql(&f.config,
	    base_arena_format(&f.arena, "SELECT id FROM login_links "
	    "WHERE user_id = '%s'", text)), BASE_UUID_TEXT_LEN, &v->link));
}

static void
victim(struct victim *v)
{
	person(&v->person, &v->browser);
	assert_int_equal(fixture_sign_in(&f, &v->person, &v->browser, 7,
	    &v->session), STORE_OK);
	base_random_bytes(v->digest, sizeof(v->digest));
	link_of(v);
}

/* --- operations ------------------------------------------------------------ */

typedef struct store_call *operation(const struct store_actor *a,
    const struct victim *v);

static struct account_user
renamed(const struct victim *v)
{
	struct account_user	user = v->person.user;

	(void)snprintf(user.family_name, sizeof(user.family_name),
	    "Family %d", people++);
	return (user);
}

static int64_t
version(const struct victim *v)
{
	return (number_of("SELECT (extract(epoch FROM updated_at) * 1000000)"
	    "::int8 FROM users WHERE id = ?", &v->person.user.id));
}

static struct store_call *
update(const struct store_actor *a, const struct victim *v)
{
	const struct account_user	user = renamed(v);

	return (store_user_admin_update(&f.arena, a, &user, version(v)));
}

static struct store_call *
update_email(const struct store_actor *a, const struct victim *v)
{
	struct account_user	user = renamed(v);

	(void)snprintf(user.email, sizeof(user.email), "p%d@example.com",
	    people++);
	return (store_user_admin_update(&f.arena, a, &user, version(v)));
}

static struct store_call *
disable(const struct store_actor *a, const struct victim *v)
{
	return (store_user_admin_disable(&f.arena, a, &v->person.user.id, 1));
}

static struct store_call *
enable(const struct store_actor *a, const struct victim *v)
{
	return (store_user_admin_enable(&f.arena, a, &v->person.user.id, 1));
}

static struct store_call *
promote(const struct store_actor *a, const struct victim *v)
{
	return (store_user_admin_promote(&f.arena, a, &v->person.user.id));
}

static struct store_call *
demote(const struct store_actor *a, const struct victim *v)
{
	return (store_user_admin_demote(&f.arena, a, &v->person.user.id));
}

static struct store_call *
delete_one(const struct store_actor *a, const struct victim *v)
{
	return (store_user_admin_delete(&f.arena, a, &v->person.user.id,
	    v->person.user.username));
}

static struct store_call *
link_create(const struct store_actor *a, const struct victim *v)
{
	uint8_t	digest[BASE_SHA256_LEN];

	base_random_bytes(digest, sizeof(digest));
	return (store_user_access_link(&f.arena, a, &v->person.user.id,
	    digest, HOUR));
}

/* A link that is mailed: with an address, and a mail server. */
static struct store_call *
link_mail(const struct store_actor *a, const struct victim *v)
{
	return (store_user_access_mail(&f.arena, a, &v->person.user.id,
	    HOUR));
}

static struct store_call *
link_end(const struct store_actor *a, const struct victim *v)
{
	return (store_user_access_link_end(&f.arena, a, &v->person.user.id,
	    &v->link));
}

static struct store_call *
session_end(const struct store_actor *a, const struct victim *v)
{
	return (store_user_access_session_end(&f.arena, a,
	    &v->person.user.id, &v->session));
}

static struct store_call *
sessions_end(const struct store_actor *a, const struct victim *v)
{
	return (store_user_access_session_end(&f.arena, a,
	    &v->person.user.id, NULL));
}

static struct store_call *
passkey_remove(const struct store_actor *a, const struct victim *v)
{
	return (store_user_access_passkey_remove(&f.arena, a,
	    &v->person.user.id, &v->person.passkey));
}

static struct store_call *
insert(const struct store_actor *a, const struct victim *v)
{
	struct account_user	user;

	(void)v;
	account_user_init(&user);
	(void)snprintf(user.username, sizeof(user.username), "new%d",
	    people++);
	account_user_display(&user);
	return (store_user_admin_insert(&f.arena, a, &user));
}

static struct store_call *
insert_admin(const struct store_actor *a, const struct victim *v)
{
	struct account_user	user;

	(void)v;
	account_user_init(&user);
	user.administrator = true;
	(void)snprintf(user.username, sizeof(user.username), "new%d",
	    people++);
	account_user_display(&user);
	return (store_user_admin_insert(&f.arena, a, &user));
}

/* Each succeeds on a person as victim() makes them, after "before". */
static const struct {
	const char			*name;
	operation			*call;
	const char			*before;	/* SQL on the person */
	const char			*event;		/* in the audit */
	/* by an administrator whose passkey was used long ago */
	enum store_actor_verdict	 unconfirmed;
	/* to one's own account, fresh */
	enum store_actor_verdict	 own;
	bool				 nobody_there;	/* needs no person */
} operations[] = {
	{ "insert", insert, NULL, "account_created",
	    STORE_ACTOR_OK, STORE_ACTOR_OK, true },
	{ "insert an administrator", insert_admin, NULL, "account_created",
	    STORE_ACTOR_UNCONFIRMED, STORE_ACTOR_OK, true },
	{ "update", update, NULL, "user_changed",
	    STORE_ACTOR_OK, STORE_ACTOR_OK, false },
	{ "update the address", update_email, NULL, "user_changed",
	    STORE_ACTOR_UNCONFIRMED, STORE_ACTOR_OK, false },
	{ "link", link_create, NULL, "login_link_created",
	    STORE_ACTOR_OK, STORE_ACTOR_OK, false },
	{ "mail a link", link_mail, "UPDATE users SET email = id || "
	    "'@example.com' WHERE id = ?; UPDATE installation SET mail = "
	    "true", "login_link_created",
	    STORE_ACTOR_OK, STORE_ACTOR_UNMAILED, false },
	{ "end the link", link_end, NULL, "login_link_ended",
	    STORE_ACTOR_OK, STORE_ACTOR_OK, false },
	{ "end the session", session_end, NULL, "session_ended",
	    STORE_ACTOR_OK, STORE_ACTOR_OK, false },
	{ "end all sessions", sessions_end, NULL, "session_ended",
	    STORE_ACTOR_OK, STORE_ACTOR_OK, false },
	{ "remove the passkey", passkey_remove, NULL, "passkey_removed",
	    STORE_ACTOR_UNCONFIRMED, STORE_ACTOR_OK, false },
	{ "disable", disable, NULL, "user_disabled",
	    STORE_ACTOR_OK, STORE_ACTOR_OWN, false },
	{ "enable", enable, "UPDATE users SET disabled_at = now() "
	    "WHERE id = ?", "user_enabled",
	    STORE_ACTOR_OK, STORE_ACTOR_UNCHANGED, false },
	{ "promote", promote, NULL, "user_promoted",
	    STORE_ACTOR_UNCONFIRMED, STORE_ACTOR_UNCHANGED, false },
	{ "demote", demote, "UPDATE users SET administrator = true "
	    "WHERE id = ?; UPDATE installation "
	    "SET administrators = administrators + 1", "user_demoted",
	    STORE_ACTOR_UNCONFIRMED, STORE_ACTOR_OWN, false },
	{ "delete", delete_one, NULL, "user_deleted",
	    STORE_ACTOR_UNCONFIRMED, STORE_ACTOR_OWN, false },
};
#define OPERATIONS	(sizeof(operations) / sizeof(operations[0]))

/* Everything these statements could have changed, as one number. */
static long
everything(void)
{
	return (fixture_number(&f, "SELECT hashtext(string_agg(t, '' "
	    "ORDER BY t)) FROM (SELECT u::text AS t FROM users u UNION ALL "
	    "SELECT p::text FROM passkeys p UNION ALL "
	    "SELECT s::text FROM sessions s UNION ALL "
	    "SELECT l::text FROM login_links l UNION ALL "
	    "SELECT i::text FROM installation i UNION ALL "
	    "SELECT a::text FROM audit a) all_of_it"));
}

static void
prepare(size_t i, struct victim *v)
{
	victim(v);
	if (operations[i].before != NULL)
		sql_of(operations[i].before, &v->person.user.id);
}

static void
expect(size_t i, const struct fixture_browser *b, const struct victim *v,
    enum store_actor_verdict want, const char *who)
{
	const struct store_actor	a = actor(b);
	struct store_call		*call = operations[i].call(&a, v);
	enum store_actor_verdict	 verdict;
	const long			 before = everything();

	verdict = run(&f, call);
	if (verdict != want)
		fail_msg("%s, by %s: verdict %d", operations[i].name, who,
		    verdict);
	if (want != STORE_ACTOR_OK && everything() != before)
		fail_msg("%s, by %s: something changed", operations[i].name,
		    who);
}

/* --- who may --------------------------------------------------------------- */

static void
test_store_user_admin_may(void **state)
{
	char			want[256];
	struct victim		v;

	(void)state;
	for (size_t i = 0; i < OPERATIONS; i++) {
		prepare(i, &v);
		expect(i, &home, &v, STORE_ACTOR_OK, "an administrator");
		(void)snprintf(want, sizeof(want), "SELECT count(*) FROM audit "
		    "WHERE event = '%s' AND actor_id = ? "
		    "AND host(address) = '192.0.2.7' AND at > now() - "
		    "interval '1 minute'", operations[i].event);
		if (number_of(want, &admin.user.id) < 1)
			fail_msg("%s: not in the audit", operations[i].name);
	}
}

static void
nobody(const struct fixture_browser *b, const char *who)
{
	struct victim	v;

	for (size_t i = 0; i < OPERATIONS; i++) {
		prepare(i, &v);
		expect(i, b, &v, STORE_ACTOR_NOBODY, who);
	}
}

/* AD1: every operation, by everybody who is not an administrator now. */
static void
test_store_user_admin_nobody(void **state)
{
	struct fixture_browser	b;
	struct fixture_person	p;

	(void)state;
	fixture_browser(&b);
	nobody(&b, "a stranger");
	person(&p, &b);
	nobody(&b, "a user");

	administrator(&p, &b);
	assert_int_equal(fixture_owner(&f, store_user_demote(&f.arena,
	    &p.user.id)), STORE_OK);
	nobody(&b, "one demoted a moment ago");

	administrator(&p, &b);
	assert_int_equal(fixture_owner(&f, store_user_disable(&f.arena,
	    &p.user.id)), STORE_OK);
	nobody(&b, "one disabled a moment ago");

	administrator(&p, &b);
	assert_int_equal(fixture_web(&f, store_session_end(&f.arena,
	    b.cookie, &fixture_place)), STORE_OK);
	nobody(&b, "one signed out");

	administrator(&p, &b);
	sql_of("UPDATE sessions SET expires_at = now() WHERE user_id = ?",
	    &p.user.id);
	nobody(&b, "an expired session");

	administrator(&p, &b);
	sql_of("DELETE FROM passkeys WHERE user_id = ?", &p.user.id);
	nobody(&b, "the session of a passkey that is gone");

	/* RC5: what a login link made is no administrator's. */
	administrator(&p, &b);
	sql_of("UPDATE sessions SET passkey_id = NULL WHERE user_id = ?",
	    &p.user.id);
	nobody(&b, "the session of a login link");
}

/* --- a passkey used long ago ----------------------------------------------- */

static void
test_store_user_admin_unconfirmed(void **state)
{
	struct fixture_browser	b;
	struct fixture_person	p;
	struct victim		v;

	(void)state;
	administrator(&p, &b);
	sql_of("UPDATE sessions SET auth_time = now() - interval '601 s' "
	    "WHERE user_id = ?", &p.user.id);
	for (size_t i = 0; i < OPERATIONS; i++) {
		prepare(i, &v);
		expect(i, &b, &v, operations[i].unconfirmed, "a stale one");
		if (operations[i].nobody_there)
			continue;

		/* R3.7: what is done to an administrator is confirmed. */
		prepare(i, &v);
		sql_of("WITH u AS (UPDATE users SET administrator = true "
		    "WHERE id = ? AND NOT administrator "
		    "RETURNING disabled_at) UPDATE installation i "
		    "SET administrators = administrators + 1 FROM u "
		    "WHERE u.disabled_at IS NULL", &v.person.user.id);
		expect(i, &b, &v, STORE_ACTOR_UNCONFIRMED,
		    "a stale one, to an administrator");
	}
}

static void
test_store_user_admin_own(void **state)
{
	struct victim	v;

	(void)state;
	for (size_t i = 0; i < OPERATIONS; i++) {
		administrator(&v.person, &v.browser);
		assert_int_equal(fixture_sign_in(&f, &v.person, &v.browser, 8,
		    &v.session), STORE_OK);
		base_random_bytes(v.digest, sizeof(v.digest));
		link_of(&v);
		expect(i, &v.browser, &v, operations[i].own, "oneself");
	}
}

static void
test_store_user_admin_missing(void **state)
{
	struct victim	v;

	(void)state;
	for (size_t i = 0; i < OPERATIONS; i++) {
		if (operations[i].nobody_there)
			continue;
		prepare(i, &v);
		v.person.user.id = base_uuid_new();
		expect(i, &home, &v, STORE_ACTOR_MISSING, "an administrator");
	}
}

/* --- fields ---------------------------------------------------------------- */

static void
test_store_user_admin_taken(void **state)
{
	const struct store_actor	a = actor(&home);
	struct account_user		user, other;
	struct victim			v, w;
	const long			before = everything();

	(void)state;
	account_user_init(&user);
	(void)snprintf(user.username, sizeof(user.username), "ADMIN");
	account_user_display(&user);
	assert_int_equal(run(&f, store_user_admin_insert(&f.arena, &a,
	    &user)), STORE_ACTOR_USERNAME);
	(void)snprintf(user.username, sizeof(user.username), "other");
	(void)snprintf(user.email, sizeof(user.email), "Admin@Example.com");
	assert_int_equal(run(&f, store_user_admin_insert(&f.arena, &a,
	    &user)), STORE_ACTOR_EMAIL);
	assert_int_equal(everything(), before);

	victim(&v);
	victim(&w);
	other = v.person.user;
	(void)snprintf(other.username, sizeof(other.username), "%s",
	    w.person.user.username);
	assert_int_equal(run(&f, store_user_admin_update(&f.arena, &a, &other,
	    version(&v))), STORE_ACTOR_USERNAME);
	other = v.person.user;
	(void)snprintf(other.email, sizeof(other.email), "admin@example.com");
	assert_int_equal(run(&f, store_user_admin_update(&f.arena, &a, &other,
	    version(&v))), STORE_ACTOR_EMAIL);
}

/* AD6: the second of two who saw the same fields is told so. */
static void
test_store_user_admin_update_stale(void **state)
{
	const struct store_actor	a = actor(&home);
	struct account_user		user;
	struct victim			v;
	int64_t				seen;

	(void)state;
	victim(&v);
	seen = version(&v);
	user = renamed(&v);
	assert_int_equal(run(&f, store_user_admin_update(&f.arena, &a, &user,
	    seen)), STORE_ACTOR_OK);
	user = renamed(&v);
	assert_int_equal(run(&f, store_user_admin_update(&f.arena, &a, &user,
	    seen)), STORE_ACTOR_STALE);
	assert_int_equal(run(&f, store_user_admin_update(&f.arena, &a, &user,
	    version(&v))), STORE_ACTOR_OK);
	assert_int_equal(run(&f, store_user_admin_update(&f.arena, &a, &user,
	    version(&v))), STORE_ACTOR_UNCHANGED);
}

/* AD11: what was, what is, and nothing that did not change. */
static void
test_store_user_admin_audit(void **state)
{
	const struct store_actor	a = actor(&home);
	struct account_user		user;
	struct victim			v;

	(void)state;
	victim(&v);
	user = v.person.user;
	(void)snprintf(user.email, sizeof(user.email), "audit@example.com");
	user.email_verified = true;
	assert_int_equal(run(&f, store_user_admin_update(&f.arena, &a, &user,
	    version(&v))), STORE_ACTOR_OK);
	assert_int_equal(number_of("SELECT count(*) FROM audit WHERE event = "
	    "'user_changed' AND user_id = ? AND detail = '{\"before\": "
	    "{\"email\": null, \"email_verified\": false}, \"after\": "
	    "{\"email\": \"audit@example.com\", \"email_verified\": true}}'",
	    &user.id), 1);

	assert_int_equal(run(&f, delete_one(&a, &v)), STORE_ACTOR_OK);
	assert_int_equal(number_of("SELECT count(*) FROM audit WHERE event = "
	    "'user_deleted' AND user_id = ? AND detail->'before'->>'email' "
	    "= 'audit@example.com'", &user.id), 1);
}

/* --- many ------------------------------------------------------------------ */

static void
test_store_user_admin_many(void **state)
{
	const struct store_actor	 a = actor(&home);
	const struct store_result	*result;
	struct base_uuid		 ids[4];
	struct victim			 v[3];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		victim(&v[i]);
		ids[i] = v[i].person.user.id;
	}
	assert_int_equal(run(&f, disable(&a, &v[2])), STORE_ACTOR_OK);
	ids[3] = base_uuid_new();

	/* One is disabled already, one is nobody. */
	result = store_sync_run(f.web, store_user_admin_disable(&f.arena, &a,
	    ids, 4));
	assert_int_equal(store_actor_verdict(result), STORE_ACTOR_OK);
	assert_int_equal(store_user_admin_changed(result), 2);
	assert_int_equal(number_of("SELECT count(*) FROM audit WHERE event = "
	    "'user_disabled' AND actor_id = ? AND user_id IS NOT NULL AND "
	    "at > now() - interval '1 minute'", &admin.user.id) >= 3, 1);

	/* Oneself among them: none of them. */
	result = store_sync_run(f.web, store_user_admin_enable(&f.arena, &a,
	    ids, 4));
	assert_int_equal(store_user_admin_changed(result), 3);
	ids[3] = admin.user.id;
	assert_int_equal(run(&f, store_user_admin_disable(&f.arena, &a, ids,
	    4)), STORE_ACTOR_OWN);
	assert_int_equal(number_of("SELECT count(*) FROM users WHERE "
	    "disabled_at IS NOT NULL AND id = ?", &ids[0]), 0);
}

/* --- links ----------------------------------------------------------------- */

static enum store_status
spend(struct fixture *g, const uint8_t digest[BASE_SHA256_LEN],
    struct fixture_browser *b)
{
	enum store_status		status;
	struct store_session_new	session = { .seconds = HOUR };

	session.id = base_uuid_new();
	base_random_bytes(session.cookie_digest,
	    sizeof(session.cookie_digest));
	memcpy(session.browser_digest, b->browser, BASE_SHA256_LEN);
	status = fixture_web(g, store_link_spend(&g->arena, digest, &session,
	    &fixture_place));
	if (status == STORE_OK)
		memcpy(b->cookie, session.cookie_digest, BASE_SHA256_LEN);
	return (status);
}

/* RC4, R7.16: a newer link, an end, "disable" and a change of rank void it,
 * and so is what it had already made. */
static void
test_store_user_access_link_void(void **state)
{
	static operation *const	ends[] = {
		link_create, link_end, disable, promote, demote
	};
	const struct store_actor	a = actor(&home);
	struct account_session		session;
	struct fixture_browser		b;
	struct victim			v;

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		for (int used = 0; used < 2; used++) {
			prepare(ends[i] == demote ? OPERATIONS - 2 : 0, &v);
			fixture_browser(&b);
			if (used)
				assert_int_equal(spend(&f, v.digest, &b),
				    STORE_OK);
			assert_int_equal(run(&f, ends[i](&a, &v)),
			    STORE_ACTOR_OK);
			assert_int_equal(spend(&f, v.digest, &b), STORE_GONE);
			assert_int_equal(fixture_live(&f, &b, &session),
			    STORE_MISSING);
		}
	}
}

/* Disabled people get no link, and one they had does not come back. */
static void
test_store_user_access_link_disabled(void **state)
{
	const struct store_actor	a = actor(&home);
	struct fixture_browser		b;
	struct victim			v;

	(void)state;
	victim(&v);
	fixture_browser(&b);
	assert_int_equal(run(&f, disable(&a, &v)), STORE_ACTOR_OK);
	assert_int_equal(run(&f, link_create(&a, &v)), STORE_ACTOR_DISABLED);
	assert_int_equal(run(&f, enable(&a, &v)), STORE_ACTOR_OK);
	assert_int_equal(spend(&f, v.digest, &b), STORE_GONE);
}

static void
test_store_user_access_mail(void **state)
{
	const struct store_actor	a = actor(&home);
	struct victim			v;

	(void)state;
	victim(&v);
	assert_int_equal(run(&f, link_mail(&a, &v)), STORE_ACTOR_UNMAILED);
	sql_of("UPDATE users SET email = 'mail@example.com' WHERE id = ?",
	    &v.person.user.id);
	sql("UPDATE installation SET mail = false");
	assert_int_equal(run(&f, link_mail(&a, &v)), STORE_ACTOR_UNMAILED);
	sql("UPDATE installation SET mail = true");
	assert_int_equal(run(&f, link_mail(&a, &v)), STORE_ACTOR_OK);
	assert_int_equal(number_of("SELECT count(*) FROM outbox o "
	    "JOIN login_links l ON l.id = o.link_id WHERE o.user_id = ? "
	    "AND l.created_by IS NOT NULL", &v.person.user.id), 1);
}

/* What is another person's is not found under this one's name (R3.11). */
static void
test_store_user_access_others(void **state)
{
	static operation *const	asked[] = {
		link_end, session_end, passkey_remove
	};
	const struct store_actor	a = actor(&home);
	struct victim			v, w;

	(void)state;
	victim(&v);
	victim(&w);
	v.link = w.link;
	v.session = w.session;
	v.person.passkey = w.person.passkey;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		assert_int_equal(run(&f, asked[i](&a, &v)),
		    STORE_ACTOR_UNCHANGED);
}

/* --- at the same moment ---------------------------------------------------- */

struct shared {
	struct victim	admins[2];
	struct victim	v;
	struct fixture_browser	browser;
};

static enum store_status
status(enum store_actor_verdict verdict)
{
	switch (verdict) {
	case STORE_ACTOR_OK:
		return (STORE_OK);
	case STORE_ACTOR_NOBODY:
	case STORE_ACTOR_UNCHANGED:
		return (STORE_GONE);
	case STORE_ACTOR_FAILED:
	case STORE_ACTOR_MISSING:
	case STORE_ACTOR_UNCONFIRMED:
	case STORE_ACTOR_OWN:
	case STORE_ACTOR_LAST:
	case STORE_ACTOR_USERNAME:
	case STORE_ACTOR_EMAIL:
	case STORE_ACTOR_TAKEN:
	case STORE_ACTOR_DISABLED:
	case STORE_ACTOR_UNMAILED:
	case STORE_ACTOR_STALE:
		break;
	}

	return (STORE_FAILED);
}

static enum store_status
demote_the_other(struct fixture *g, int who, int round, void *arg)
{
	const struct shared		*s = arg;
	const struct store_actor	 a = actor(&s->admins[who].browser);

	(void)round;
	return (status(run(g, store_user_admin_demote(&g->arena, &a,
	    &s->admins[1 - who].person.user.id))));
}

static void
two_administrators(struct fixture *g, int round, void *arg)
{
	struct shared	*s = arg;

	(void)g;
	(void)round;
	for (int i = 0; i < 2; i++)
		administrator(&s->admins[i].person, &s->admins[i].browser);
}

static void
one_was_first(struct fixture *g, int round, const int *counts, void *arg)
{
	(void)g;
	(void)arg;
	if (counts[STORE_OK] != 1 || counts[STORE_GONE] != 1)
		fail_msg("round %d: %d did it", round, counts[STORE_OK]);
}

/* AD7, R3.8: two who demote each other, with a third to hold the counter. */
static void
test_store_user_admin_race_demote(void **state)
{
	struct shared			*s = fixture_shared(sizeof(*s));
	const struct fixture_race	 race = {
		2, 30, demote_the_other, two_administrators, one_was_first, s
	};

	(void)state;
	fixture_race(&f, &race);
}

static enum store_status
use_or_end(struct fixture *g, int who, int round, void *arg)
{
	struct shared			*s = arg;
	const struct store_actor	 a = actor(&home);

	(void)round;
	if (who == 0)
		return (spend(g, s->v.digest, &s->browser));
	return (status(run(g, store_user_access_link_end(&g->arena, &a,
	    &s->v.person.user.id, &s->v.link))));
}

static void
new_link(struct fixture *g, int round, void *arg)
{
	struct shared	*s = arg;

	(void)g;
	(void)round;
	victim(&s->v);
	fixture_browser(&s->browser);
}

static void
nobody_is_in(struct fixture *g, int round, const int *counts, void *arg)
{
	struct shared		*s = arg;
	struct account_session	 session;

	if (counts[STORE_OK] < 1 ||
	    counts[STORE_OK] + counts[STORE_GONE] != 2)
		fail_msg("round %d: a statement failed", round);
	if (fixture_live(g, &s->browser, &session) != STORE_MISSING)
		fail_msg("round %d: a session outlived its link", round);
}

/* A link that is used while it is ended lets nobody in. */
static void
test_store_user_access_race_link(void **state)
{
	struct shared			*s = fixture_shared(sizeof(*s));
	const struct fixture_race	 race = {
		2, 60, use_or_end, new_link, nobody_is_in, s
	};

	(void)state;
	fixture_race(&f, &race);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_user_admin_may),
		cmocka_unit_test(test_store_user_admin_nobody),
		cmocka_unit_test(test_store_user_admin_unconfirmed),
		cmocka_unit_test(test_store_user_admin_own),
		cmocka_unit_test(test_store_user_admin_missing),
		cmocka_unit_test(test_store_user_admin_taken),
		cmocka_unit_test(test_store_user_admin_update_stale),
		cmocka_unit_test(test_store_user_admin_audit),
		cmocka_unit_test(test_store_user_admin_many),
		cmocka_unit_test(test_store_user_access_link_void),
		cmocka_unit_test(test_store_user_access_link_disabled),
		cmocka_unit_test(test_store_user_access_mail),
		cmocka_unit_test(test_store_user_access_others),
		cmocka_unit_test(test_store_user_admin_race_demote),
		cmocka_unit_test(test_store_user_access_race_link),
	};

	return (cmocka_run_group_tests(tests, open_database, close_database));
}
