/*
 * Grants against a real database: what each verdict means, what ends a grant,
 * and who wins when two arrive together (docs/decisions/rules.md).
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

#include "base/base_clock.h"
#include "base/base_hex.h"
#include "base/base_random.h"
#include "store/store_client.h"
#include "store/store_consent.h"
#include "store/store_grant.h"
#include "support/account_fixture.h"
#include "support/postgres.h"

#define RUNNERS		16
#define SPREAD_NS	300000
#define SECRET		"a secret of thirty-two characters"
#define ALL_SCOPES	(OIDC_SCOPE_OPENID | OIDC_SCOPE_EMAIL)

static struct fixture		 f;
static struct fixture_person	 admin;
static struct fixture_browser	 home;
static struct base_keyring	 ring;

/* A person, their session, and two clients that they allowed. */
struct scene {
	struct fixture_person	person;
	struct fixture_browser	browser;
	struct base_uuid	session;
};

static const char *
sqlf(const char *format, ...) __attribute__((format(printf, 1, 2)));

static const char *
sqlf(const char *format, ...)
{
	static char	text[4096];
	va_list		args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return (postgres_psql(&f.config, text));
}

static const char *
hex(const struct base_uuid *id)
{
	static char	text[4][BASE_UUID_TEXT_LEN + 1];
	static int	n;

	n = (n + 1) % 4;
	base_uuid_format(id, text[n]);
	return (text[n]);
}

static void
register_clients(void)
{
	const struct base_uuid	 audit = base_uuid_new();
	const char *const	*candidates;
	char			 json[4096];

	candidates = oidc_auth_candidates(&f.arena, &ring, SECRET);
	(void)snprintf(json, sizeof(json),
	    "[{\"id\":\"%s\",\"audit_id\":\"%s\",\"client_id\":\"conf\","
	    "\"name\":\"C\",\"application_type\":\"web\","
	    "\"auth_method\":\"client_secret_basic\",\"require_pkce\":true,"
	    "\"grant_types\":[\"authorization_code\",\"refresh_token\"],"
	    "\"scopes\":[\"openid\",\"email\",\"offline_access\"],"
	    "\"redirect_uris\":[\"https://rp/cb\"],"
	    "\"post_logout_redirect_uris\":[],\"id_token_alg\":\"ES256\","
	    "\"id_token_claims\":\"all\",\"token_seconds\":600,"
	    "\"refresh_idle_days\":30,\"refresh_days\":90,"
	    "\"skip_consent\":false,"
	    "\"secret\":{\"id\":\"%s\",\"key_id\":3,\"digest\":\"%s\"}}]",
	    hex(&(struct base_uuid){ { 0xc1 } }),
	    hex(&audit),
	    hex(&(struct base_uuid){ { 0xc2 } }), candidates[0] + 2);
	assert_int_equal(fixture_owner(&f, store_client_apply(&f.arena,
	    json)), STORE_OK);
	sqlf("INSERT INTO clients SELECT (x).* FROM (SELECT "
	    "json_populate_record(c, '{\"id\":\"%s\",\"client_id\":\"pub\","
	    "\"auth_method\":\"none\"}') AS x FROM clients c "
	    "WHERE client_id = 'conf') AS y",
	    hex(&(struct base_uuid){ { 0xd1 } }));
}

static int
open_database(void **state)
{
	const struct base_key	key = {
		.id = 3, .purpose = BASE_PURPOSE_PEPPER, .bytes = { 9 }
	};

	(void)state;
	fixture_open(&f);
	fixture_set_up(&f, &admin, &home);
	assert_true(base_keyring_add(&ring, &key));
	register_clients();
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
scene_make(struct scene *s)
{
	static int	n;
	char		name[32];

	(void)snprintf(name, sizeof(name), "user%d", n++);
	fixture_person(&f, name, true, &s->person);
	fixture_browser(&s->browser);
	assert_int_equal(fixture_sign_in(&f, &s->person, &s->browser, 1,
	    &s->session), STORE_OK);
	sqlf("INSERT INTO consents (user_id, client_id, scopes) "
	    "SELECT '%s', id, '{openid,email,offline_access}' FROM clients",
	    hex(&s->person.user.id));
}

static const struct base_uuid	conf = { { 0xc1 } };
static const struct base_uuid	pub = { { 0xd1 } };

static struct oidc_code
code_new(const struct scene *s, const char *client_id)
{
	struct oidc_code	code = {
		.id = base_uuid_new(),
		.client = client_id[0] == 'c' ? conf : pub,
		.user = s->person.user.id,
		.session = s->session,
		.scopes = ALL_SCOPES,
		.userinfo_claims = OIDC_CLAIM_NAME,
		.nonce = "n",
		.auth_time = 1700000000,
		.expires_at = base_clock_seconds() + 60,
		.address = "192.0.2.9",
		.device = "Firefox on Linux",
	};

	memcpy(code.client_id, client_id, strlen(client_id) + 1);
	return (code);
}

static struct oidc_auth_claim
claim_new(const char *client_id)
{
	struct oidc_auth_claim	claim = {
		.method = client_id[0] == 'c' ? OIDC_AUTH_BASIC :
		    OIDC_AUTH_NONE
	};

	memcpy(claim.client_id, client_id, strlen(client_id) + 1);
	return (claim);
}

static struct store_call *
redeem_call(struct fixture *on, const struct oidc_code *code,
    const struct oidc_auth_claim *claim, const char *secret)
{
	return (store_grant_redeem(&on->arena, code, claim,
	    oidc_auth_candidates(&on->arena, &ring, secret), "r"));
}

static enum store_status
redeem(const struct oidc_code *code, struct store_grant *grant)
{
	const struct oidc_auth_claim	claim = claim_new(code->client_id);

	return (store_grant_decode(store_sync_run(f.web, redeem_call(&f,
	    code, &claim, code->client_id[0] == 'c' ? SECRET : "")),
	    grant));
}

static enum store_status
refresh_on(struct fixture *on, const struct base_uuid *id,
    uint32_t generation, const char *client_id, struct store_grant *grant)
{
	const struct oidc_auth_claim	claim = claim_new(client_id);
	const struct oidc_token		token = {
		.type = OIDC_TOKEN_REFRESH, .grant = *id,
		.generation = generation
	};

	return (store_grant_decode(store_sync_run(on->web,
	    store_grant_refresh(&on->arena, &token, &claim,
	    oidc_auth_candidates(&on->arena, &ring,
	    client_id[0] == 'c' ? SECRET : ""), "r")), grant));
}

static enum store_status
refresh(const struct base_uuid *id, uint32_t generation,
    const char *client_id, struct store_grant *grant)
{
	return (refresh_on(&f, id, generation, client_id, grant));
}

static enum store_status
userinfo(const struct base_uuid *id)
{
	struct store_grant	grant;

	return (store_grant_decode(store_sync_run(f.web,
	    store_grant_userinfo(&f.arena, id)), &grant));
}

static const char *
reason_of(const struct base_uuid *id)
{
	return (sqlf("SELECT coalesce(end_reason, '-') FROM grants "
	    "WHERE id = '%s'", hex(id)));
}

/* --- redemption ----------------------------------------------------------- */

static void
test_store_grant_redeem(void **state)
{
	struct scene		s;
	struct oidc_code	code;
	struct store_grant	g;

	(void)state;
	scene_make(&s);
	code = code_new(&s, "conf");
	assert_int_equal(redeem(&code, &g), STORE_OK);
	assert_true(base_uuid_equal(&g.id, &code.id));
	assert_true(base_uuid_equal(&g.session, &s.session));
	assert_true(base_uuid_equal(&g.client, &conf));
	assert_string_equal(g.client_id, "conf");
	assert_string_equal(g.user.username, s.person.user.username);
	assert_int_equal(g.scopes, ALL_SCOPES);
	assert_int_equal(g.claims.userinfo, OIDC_CLAIM_NAME);
	assert_string_equal(g.nonce, "n");
	assert_int_equal(g.auth_time, 1700000000);
	assert_int_equal(g.generation, 0);
	assert_true(g.refresh);
	assert_string_equal(g.id_token_alg, "ES256");
	assert_int_equal(g.token_seconds, 600);
	assert_int_equal(userinfo(&code.id), STORE_OK);
	assert_string_equal(sqlf("SELECT event || host(address) || device "
	    "FROM audit WHERE session_id = '%s' AND event LIKE 'client%%'",
	    hex(&s.session)),
	    "client_authorization192.0.2.9Firefox on Linux");

	/* again: what came of it ends (R5.17) */
	assert_int_equal(redeem(&code, &g), STORE_SPENT);
	assert_string_equal(reason_of(&code.id), "replay");
	assert_int_equal(userinfo(&code.id), STORE_GONE);
	assert_int_equal(refresh(&code.id, 0, "conf", &g), STORE_GONE);
	assert_string_equal(sqlf("SELECT count(*) FROM audit WHERE "
	    "session_id = '%s' AND event = 'code_replay'", hex(&s.session)),
	    "1");
}

/* An answer that was lost: the same call again is our own success. */
static void
test_store_grant_repeat(void **state)
{
	const struct oidc_auth_claim	claim = claim_new("conf");
	struct store_call		*call;
	struct scene			s;
	struct oidc_code		code;
	struct store_grant		g;

	(void)state;
	scene_make(&s);
	code = code_new(&s, "conf");
	call = redeem_call(&f, &code, &claim, SECRET);
	for (int i = 0; i < 3; i++)
		assert_int_equal(store_grant_decode(store_sync_run(f.web,
		    call), &g), STORE_OK);
	assert_string_equal(reason_of(&code.id), "-");
	assert_string_equal(sqlf("SELECT count(*) FROM audit WHERE "
	    "session_id = '%s' AND client_id IS NOT NULL",
	    hex(&s.session)), "1");
}

static const struct {
	const char	*name;
	const char	*client_id;
	enum oidc_auth	 method;
	const char	*secret;
	const char	*before;	/* SQL, and how to take it back */
	const char	*after;
} strangers[] = {
	{ "wrong secret", "conf", OIDC_AUTH_BASIC, SECRET "x", NULL, NULL },
	{ "empty secret", "conf", OIDC_AUTH_BASIC, "", NULL, NULL },
	{ "other method", "conf", OIDC_AUTH_POST, SECRET, NULL, NULL },
	{ "no method", "conf", OIDC_AUTH_NONE, "", NULL, NULL },
	{ "unknown client", "cxnf", OIDC_AUTH_BASIC, SECRET, NULL, NULL },
	{ "another client", "pub", OIDC_AUTH_NONE, "", NULL, NULL },
	{ "disabled", "conf", OIDC_AUTH_BASIC, SECRET,
	    "UPDATE clients SET disabled_at = now()",
	    "UPDATE clients SET disabled_at = NULL" },
	{ "secret has ended", "conf", OIDC_AUTH_BASIC, SECRET,
	    "UPDATE client_secrets SET expires_at = now()",
	    "UPDATE client_secrets SET expires_at = NULL" },
	{ "other pepper", "conf", OIDC_AUTH_BASIC, SECRET,
	    "UPDATE client_secrets SET key_id = 4",
	    "UPDATE client_secrets SET key_id = 3" },
	{ "grant type not allowed", "conf", OIDC_AUTH_BASIC, SECRET,
	    "UPDATE clients SET grant_types = '{refresh_token}'",
	    "UPDATE clients SET grant_types = "
	    "'{authorization_code,refresh_token}'" },
};

/* Nothing is spent by whoever is not the client. */
static void
test_store_grant_stranger(void **state)
{
	struct scene		s;
	struct oidc_code	code;
	struct store_grant	g;

	(void)state;
	scene_make(&s);
	code = code_new(&s, "conf");
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]);
	    i++) {
		struct oidc_auth_claim	claim = claim_new("conf");

		memcpy(claim.client_id, strangers[i].client_id,
		    strlen(strangers[i].client_id) + 1);
		claim.method = strangers[i].method;
		if (strangers[i].before != NULL)
			sqlf("%s", strangers[i].before);
		if (store_grant_decode(store_sync_run(f.web, redeem_call(&f,
		    &code, &claim, strangers[i].secret)), &g) !=
		    STORE_BAD_CLIENT)
			fail_msg("case: %s", strangers[i].name);
		if (strangers[i].after != NULL)
			sqlf("%s", strangers[i].after);
	}
	assert_string_equal(sqlf("SELECT count(*) FROM grants WHERE "
	    "id = '%s'", hex(&code.id)), "0");
	assert_int_equal(redeem(&code, &g), STORE_OK);
}

/* What ends a grant: %s is the session, the person by it. */
#define OF_USER	"(SELECT user_id FROM sessions WHERE id = '%s')"
static const struct {
	const char	*name;
	const char	*sql;
	const char	*reason;	/* of a redemption; NULL: is made */
	bool		 online;	/* ends a grant without offline_access */
	bool		 offline;	/* ends one with it */
} ends[] = {
	{ "nothing", "SELECT '%s'", NULL, false, false },
	{ "sign-out", "UPDATE sessions SET ended_at = now(), "
	    "end_reason = 'x' WHERE id = '%s'", "session", true, false },
	{ "session expired", "UPDATE sessions SET expires_at = now() "
	    "WHERE id = '%s'", "session", false, false },
	{ "passkey removed", "DELETE FROM passkeys WHERE user_id = " OF_USER,
	    "session", true, false },
	{ "person disabled", "UPDATE users SET disabled_at = now() "
	    "WHERE id = " OF_USER, "user", true, true },
	{ "person deleted", "DELETE FROM users WHERE id = " OF_USER, "user",
	    true, true },
	{ "consent withdrawn", "DELETE FROM consents WHERE user_id = "
	    OF_USER, "consent", true, true },
	{ "consent narrowed", "UPDATE consents SET scopes = '{openid}' "
	    "WHERE user_id = " OF_USER, "consent", true, true },
	{ "consent given anew", "UPDATE consents SET "
	    "created_at = now() + interval '1 second' WHERE user_id = "
	    OF_USER, NULL, true, true },
	{ "grant's own end", "UPDATE grants SET expires_at = now() "
	    "WHERE session_id = '%s'", NULL, true, true },
};

static void
end_run(const char *sql, const struct base_uuid *session)
{
	const char	*at = strstr(sql, "%s");

	sqlf("%.*s%s%s", (int)(at - sql), sql, hex(session), at + 2);
}

static void
test_store_grant_gone(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct scene		s;
		struct oidc_code	code;
		struct store_grant	g;
		char			want[32];

		scene_make(&s);
		code = code_new(&s, "conf");
		end_run(ends[i].sql, &s.session);
		if (redeem(&code, &g) != (ends[i].reason == NULL ?
		    STORE_OK : STORE_GONE))
			fail_msg("case: %s", ends[i].name);
		(void)snprintf(want, sizeof(want), "%s",
		    ends[i].reason == NULL ? "-" : ends[i].reason);
		assert_string_equal(reason_of(&code.id), want);
		/* spent all the same */
		assert_int_equal(redeem(&code, &g), STORE_SPENT);
	}
}

/* The database judges time again, whatever the worker's clock said. */
static void
test_store_grant_expired(void **state)
{
	struct scene		s;
	struct oidc_code	code;
	struct store_grant	g;

	(void)state;
	scene_make(&s);
	code = code_new(&s, "conf");
	code.expires_at = base_clock_seconds() - 1;
	assert_int_equal(redeem(&code, &g), STORE_GONE);
	assert_string_equal(reason_of(&code.id), "expired");
}

/* --- what ends tokens ----------------------------------------------------- */

static void
live_case(size_t i, bool offline)
{
	const char		*clients[] = { "conf", "pub" };
	bool			 over = offline ? ends[i].offline :
				    ends[i].online;
	struct scene		 s;
	struct oidc_code	 code;
	struct store_grant	 g;

	for (size_t n = 0; n < 2; n++) {
		scene_make(&s);
		code = code_new(&s, clients[n]);
		if (offline)
			code.scopes |= OIDC_SCOPE_OFFLINE;
		assert_int_equal(redeem(&code, &g), STORE_OK);
		end_run(ends[i].sql, &s.session);
		if (userinfo(&code.id) != (over ? STORE_GONE : STORE_OK))
			fail_msg("userinfo, %s, %s: %s", clients[n],
			    offline ? "offline" : "online", ends[i].name);
		if (refresh(&code.id, 0, clients[n], &g) !=
		    (over ? STORE_GONE : STORE_OK))
			fail_msg("refresh, %s, %s: %s", clients[n],
			    offline ? "offline" : "online", ends[i].name);
		/* a refusal is no rotation */
		if (over)
			assert_string_equal(sqlf("SELECT generation FROM "
			    "grants WHERE id = '%s'", hex(&code.id)), "0");
	}
}

static void
test_store_grant_live(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		live_case(i, false);
		live_case(i, true);
	}
}

static void
test_store_grant_client(void **state)
{
	struct scene		s;
	struct oidc_code	code;
	struct store_grant	g;

	(void)state;
	scene_make(&s);
	code = code_new(&s, "conf");
	assert_int_equal(redeem(&code, &g), STORE_OK);

	/* another client, however well it authenticates (R8.2) */
	assert_int_equal(refresh(&code.id, 0, "pub", &g), STORE_MISSING);
	assert_int_equal(refresh(&s.session, 0, "conf", &g), STORE_MISSING);
	sqlf("UPDATE clients SET disabled_at = now() "
	    "WHERE client_id = 'conf'");
	assert_int_equal(refresh(&code.id, 0, "conf", &g), STORE_BAD_CLIENT);
	assert_int_equal(userinfo(&code.id), STORE_GONE);
	sqlf("UPDATE clients SET disabled_at = NULL");
	assert_int_equal(refresh(&code.id, 0, "conf", &g), STORE_OK);
	assert_int_equal(userinfo(&s.session), STORE_GONE);

	sqlf("UPDATE grants SET idle_until = current_date - 1 "
	    "WHERE id = '%s'", hex(&code.id));
	assert_int_equal(refresh(&code.id, 0, "conf", &g), STORE_GONE);
}

/* --- refresh -------------------------------------------------------------- */

static void
test_store_grant_rotate(void **state)
{
	struct scene		s;
	struct oidc_code	code;
	struct store_grant	g;

	(void)state;
	scene_make(&s);
	code = code_new(&s, "pub");
	assert_int_equal(redeem(&code, &g), STORE_OK);
	assert_int_equal(refresh(&code.id, 0, "pub", &g), STORE_OK);
	assert_int_equal(g.generation, 1);
	/* the answer was lost: the same successor again, as often as asked */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(refresh(&code.id, 0, "pub", &g), STORE_OK);
		assert_int_equal(g.generation, 1);
	}
	assert_int_equal(refresh(&code.id, 1, "pub", &g), STORE_OK);
	assert_int_equal(g.generation, 2);
	/* within one second: a counter tells, not a clock (R5.2) */
	assert_int_equal(refresh(&code.id, 0, "pub", &g), STORE_SPENT);
	assert_string_equal(reason_of(&code.id), "refresh_reuse");
	assert_int_equal(userinfo(&code.id), STORE_GONE);
	assert_int_equal(refresh(&code.id, 2, "pub", &g), STORE_GONE);
	assert_string_equal(sqlf("SELECT count(*) FROM audit WHERE "
	    "session_id = '%s' AND event = 'refresh_reuse'",
	    hex(&s.session)), "1");
}

static void
test_store_grant_window(void **state)
{
	struct scene		s;
	struct oidc_code	code;
	struct store_grant	g;

	(void)state;
	scene_make(&s);
	code = code_new(&s, "pub");
	assert_int_equal(redeem(&code, &g), STORE_OK);
	assert_int_equal(refresh(&code.id, 0, "pub", &g), STORE_OK);
	sqlf("UPDATE grants SET rotated_at = rotated_at - "
	    "interval '9 seconds' WHERE id = '%s'", hex(&code.id));
	assert_int_equal(refresh(&code.id, 0, "pub", &g), STORE_OK);
	sqlf("UPDATE grants SET rotated_at = rotated_at - "
	    "interval '2 seconds' WHERE id = '%s'", hex(&code.id));
	assert_int_equal(refresh(&code.id, 0, "pub", &g), STORE_SPENT);
	assert_int_equal(refresh(&code.id, 1, "pub", &g), STORE_GONE);
}

/* A commit that a fail-over lost: the row follows the token. */
static void
test_store_grant_ahead(void **state)
{
	struct scene		s;
	struct oidc_code	code;
	struct store_grant	g;

	(void)state;
	scene_make(&s);
	code = code_new(&s, "pub");
	assert_int_equal(redeem(&code, &g), STORE_OK);
	assert_int_equal(refresh(&code.id, 5, "pub", &g), STORE_OK);
	assert_int_equal(g.generation, 6);
	assert_int_equal(refresh(&code.id, 4, "pub", &g), STORE_SPENT);
}

/* A confidential client's token stays; its row is written once a day. */
static void
test_store_grant_keep(void **state)
{
	struct scene		s;
	struct oidc_code	code;
	struct store_grant	g;
	char			before[64];

	(void)state;
	scene_make(&s);
	code = code_new(&s, "conf");
	assert_int_equal(redeem(&code, &g), STORE_OK);
	(void)snprintf(before, sizeof(before), "%s", sqlf("SELECT ctid FROM "
	    "grants WHERE id = '%s'", hex(&code.id)));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(refresh(&code.id, 0, "conf", &g), STORE_OK);
		assert_int_equal(g.generation, 0);
	}
	assert_string_equal(sqlf("SELECT ctid FROM grants WHERE id = '%s'",
	    hex(&code.id)), before);

	sqlf("UPDATE grants SET idle_until = current_date WHERE id = '%s'",
	    hex(&code.id));
	assert_int_equal(refresh(&code.id, 0, "conf", &g), STORE_OK);
	assert_string_equal(sqlf("SELECT idle_until - current_date FROM "
	    "grants WHERE id = '%s'", hex(&code.id)), "30");
}

/* --- the scene of a request ----------------------------------------------- */

static void
test_store_client_scene(void **state)
{
	struct store_client_scene	found;
	struct scene			s;
	struct oidc_code		code;
	struct store_grant		g;

	(void)state;
	scene_make(&s);
	code = code_new(&s, "conf");
#define SCENE(id, cookie, code_id) store_client_scene_found(		\
	store_sync_run(f.web, store_client_scene(&f.arena, (id), (cookie),	\
	    (code_id))), &f.arena, &found)
	assert_int_equal(SCENE("conf", s.browser.cookie, &code.id), STORE_OK);
	assert_true(found.session.live);
	assert_false(found.spent);
	assert_true(base_uuid_equal(&found.session.id, &s.session));
	assert_string_equal(found.session.sub, s.person.user.sub);
	assert_true(found.session.auth_time / 1000000 >=
	    base_clock_seconds() - 30);
	assert_true(found.session.consented);
	assert_int_equal(found.session.consent_scopes, ALL_SCOPES |
	    OIDC_SCOPE_OFFLINE);
	assert_string_equal(found.client.redirect_uris[0], "https://rp/cb");
	assert_null(found.client.redirect_uris[1]);
	assert_null(found.client.logout_uris[0]);

	assert_int_equal(redeem(&code, &g), STORE_OK);
	assert_int_equal(SCENE("conf", s.browser.cookie, &code.id), STORE_OK);
	assert_true(found.spent);
	assert_int_equal(SCENE("conf", NULL, NULL), STORE_OK);
	assert_false(found.session.live);
	assert_false(found.spent);
	assert_int_equal(SCENE("nobody", s.browser.cookie, NULL),
	    STORE_BAD_CLIENT);
	assert_true(found.session.live);
	sqlf("DELETE FROM passkeys WHERE user_id = '%s'",
	    hex(&s.person.user.id));
	assert_int_equal(SCENE("conf", s.browser.cookie, NULL), STORE_OK);
	assert_false(found.session.live);
}

static void
test_store_consent_give(void **state)
{
	const struct store_place	place = { "192.0.2.7", "d", "r" };
	struct store_consent		consent = {
		.client_id = conf, .scopes = OIDC_SCOPE_OPENID,
		.claims = OIDC_CLAIM_NAME
	};
	struct scene			s;

	(void)state;
	scene_make(&s);
	sqlf("DELETE FROM consents WHERE user_id = '%s'",
	    hex(&s.person.user.id));
	consent.user_id = s.person.user.id;
	consent.session_id = s.session;
	assert_int_equal(fixture_web(&f, store_consent_give(&f.arena,
	    &consent, &place)), STORE_OK);
	/* more is added, nothing is taken away */
	consent.scopes = OIDC_SCOPE_EMAIL;
	consent.claims = OIDC_CLAIM_LOCALE;
	assert_int_equal(fixture_web(&f, store_consent_give(&f.arena,
	    &consent, &place)), STORE_OK);
	assert_string_equal(sqlf("SELECT scopes @> '{openid,email}' AND "
	    "claims @> '{name,locale}' FROM consents WHERE user_id = '%s'",
	    hex(&s.person.user.id)), "t");
	assert_int_equal(fixture_web(&f, store_consent_deny(&f.arena,
	    &consent, &place)), STORE_OK);
	assert_string_equal(sqlf("SELECT count(*) FROM audit WHERE "
	    "session_id = '%s' AND event LIKE 'consent%%'",
	    hex(&s.session)), "3");

	/* not for another person, not after the end */
	consent.user_id = admin.user.id;
	assert_int_equal(fixture_web(&f, store_consent_give(&f.arena,
	    &consent, &place)), STORE_GONE);
	consent.user_id = s.person.user.id;
	sqlf("UPDATE sessions SET ended_at = now(), end_reason = 'x' "
	    "WHERE id = '%s'", hex(&s.session));
	assert_int_equal(fixture_web(&f, store_consent_give(&f.arena,
	    &consent, &place)), STORE_GONE);
	assert_int_equal(fixture_web(&f, store_consent_deny(&f.arena,
	    &consent, &place)), STORE_GONE);
}

/* --- races ---------------------------------------------------------------- */

struct shared {
	struct scene		scene;
	struct oidc_code	code;
	uint32_t		generations[RUNNERS];
	enum store_status	redeemed;
};

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

static enum store_status
redeem_task(struct fixture *on, int who, int round, void *data)
{
	struct shared			*shared = data;
	const struct oidc_auth_claim	 claim = claim_new("conf");
	struct store_grant		 g;

	(void)who;
	(void)round;
	return (store_grant_decode(store_sync_run(on->web, redeem_call(on,
	    &shared->code, &claim, SECRET)), &g));
}

static void
redeem_before(struct fixture *on, int round, void *data)
{
	struct shared	*shared = data;

	(void)on;
	(void)round;
	shared->code = code_new(&shared->scene, "conf");
}

static void
redeem_after(struct fixture *on, int round, const int *counts, void *data)
{
	struct shared	*shared = data;

	(void)on;
	if (counts[STORE_OK] != 1 || counts[STORE_SPENT] != RUNNERS - 1)
		fail_msg("round %d: %d redeemed, %d spent", round,
		    counts[STORE_OK], counts[STORE_SPENT]);
	assert_string_equal(reason_of(&shared->code.id), "replay");
}

/* One code, many at once: one gets it, and then nobody has it (R5.16). */
static void
test_store_grant_redeem_race(void **state)
{
	struct shared		*shared = fixture_shared(sizeof(*shared));
	struct fixture_race	 race = {
		.count = RUNNERS, .rounds = rounds(8, 200),
		.task = redeem_task, .before = redeem_before,
		.after = redeem_after, .shared = shared
	};

	(void)state;
	scene_make(&shared->scene);
	fixture_race(&f, &race);
}

static enum store_status
refresh_task(struct fixture *on, int who, int round, void *data)
{
	struct shared		*shared = data;
	struct store_grant	 g = { .generation = 0 };
	enum store_status	 status;

	(void)round;
	status = refresh_on(on, &shared->code.id, 0, "pub", &g);
	shared->generations[who] = g.generation;
	return (status);
}

static void
refresh_before(struct fixture *on, int round, void *data)
{
	struct shared		*shared = data;
	struct store_grant	 g;

	(void)on;
	(void)round;
	shared->code = code_new(&shared->scene, "pub");
	assert_int_equal(redeem(&shared->code, &g), STORE_OK);
}

static void
refresh_after(struct fixture *on, int round, const int *counts, void *data)
{
	struct shared		*shared = data;
	struct store_grant	 g;

	(void)on;
	if (counts[STORE_OK] != RUNNERS)
		fail_msg("round %d: %d of %d", round, counts[STORE_OK],
		    RUNNERS);
	for (int i = 0; i < RUNNERS; i++)
		assert_int_equal(shared->generations[i], 1);
	assert_int_equal(userinfo(&shared->code.id), STORE_OK);
	/* and after the window the old one ends it */
	sqlf("UPDATE grants SET rotated_at = rotated_at - "
	    "interval '11 seconds' WHERE id = '%s'", hex(&shared->code.id));
	assert_int_equal(refresh(&shared->code.id, 0, "pub", &g),
	    STORE_SPENT);
	assert_int_equal(userinfo(&shared->code.id), STORE_GONE);
}

/* One refresh token, many at once: one successor among all answers. */
static void
test_store_grant_refresh_race(void **state)
{
	struct shared		*shared = fixture_shared(sizeof(*shared));
	struct fixture_race	 race = {
		.count = RUNNERS, .rounds = rounds(8, 200),
		.task = refresh_task, .before = refresh_before,
		.after = refresh_after, .shared = shared
	};

	(void)state;
	scene_make(&shared->scene);
	fixture_race(&f, &race);
}

/* 0 redeems an offline code, 1 signs out. */
static enum store_status
end_task(struct fixture *on, int who, int round, void *data)
{
	struct shared	*shared = data;

	random_sleep();
	if (who == 1)
		return (fixture_web(on, store_session_end(&on->arena,
		    shared->scene.browser.cookie, &fixture_place)));

	shared->redeemed = redeem_task(on, who, round, data);
	return (shared->redeemed);
}

static void
end_before(struct fixture *on, int round, void *data)
{
	struct shared	*shared = data;

	(void)round;
	assert_int_equal(fixture_sign_in(on, &shared->scene.person,
	    &shared->scene.browser, round + 2, &shared->scene.session),
	    STORE_OK);
	shared->code = code_new(&shared->scene, "conf");
	if (round % 2 == 1)
		shared->code.scopes |= OIDC_SCOPE_OFFLINE;
}

/*
 * An online grant is over in any order.  An offline one outlives the session
 * only when it was made before the end: which of the two came first is what
 * both answers must agree on.
 */
static void
end_after(struct fixture *on, int round, const int *counts, void *data)
{
	struct shared	*shared = data;
	bool		 alive;

	(void)on;
	(void)counts;
	alive = userinfo(&shared->code.id) == STORE_OK;
	if (round % 2 == 0 && alive)
		fail_msg("round %d: an online grant outlived its session",
		    round);
	if (round % 2 == 1 && alive != (shared->redeemed == STORE_OK))
		fail_msg("round %d: redeemed %d, alive %d", round,
		    shared->redeemed, alive);
	if (shared->redeemed != STORE_OK && shared->redeemed != STORE_GONE)
		fail_msg("round %d: %d", round, shared->redeemed);
}

static void
test_store_grant_end_race(void **state)
{
	struct shared		*shared = fixture_shared(sizeof(*shared));
	struct fixture_race	 race = {
		.count = 2, .rounds = rounds(60, 3000), .task = end_task,
		.before = end_before, .after = end_after, .shared = shared
	};

	(void)state;
	scene_make(&shared->scene);
	fixture_race(&f, &race);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_grant_redeem),
		cmocka_unit_test(test_store_grant_repeat),
		cmocka_unit_test(test_store_grant_stranger),
		cmocka_unit_test(test_store_grant_gone),
		cmocka_unit_test(test_store_grant_expired),
		cmocka_unit_test(test_store_grant_live),
		cmocka_unit_test(test_store_grant_client),
		cmocka_unit_test(test_store_grant_rotate),
		cmocka_unit_test(test_store_grant_window),
		cmocka_unit_test(test_store_grant_ahead),
		cmocka_unit_test(test_store_grant_keep),
		cmocka_unit_test(test_store_client_scene),
		cmocka_unit_test(test_store_consent_give),
		cmocka_unit_test(test_store_grant_redeem_race),
		cmocka_unit_test(test_store_grant_refresh_race),
		cmocka_unit_test(test_store_grant_end_race),
	};

	return (cmocka_run_group_tests(tests, open_database,
	    close_database));
}
