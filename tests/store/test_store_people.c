/*
 * The list of people and the page about one, against a real database: what is
 * found, in which order, by whom; that pages fit together whatever happens
 * between them; and that no page costs more for 50,000 people.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_random.h"
#include "store/store_people.h"
#include "support/account_fixture.h"
#include "support/postgres.h"

#define MANY		50000
#define BLOCKS_MAX	1200	/* of 8 KiB, of one page of any list */

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

static struct store_caller
caller(const struct fixture_browser *b)
{
	struct store_caller	c = { .place = fixture_place };

	memcpy(c.digest, b->cookie, sizeof(c.digest));
	return (c);
}

static void
person(const char *username, const char *email, const char *name,
    const char *family, const char *rest)
{
	char	sql[1024];

	(void)snprintf(sql, sizeof(sql), "INSERT INTO users (id, sub, "
	    "user_handle, username, email, display_name, family_name, "
	    "passkeys, disabled_at, administrator) VALUES ("
	    "gen_random_uuid(), '%s', sha256('%s'), '%s', nullif('%s', ''), "
	    "'%s', nullif('%s', ''), %s)", username, username, username,
	    email, name, family, rest);
	(void)postgres_psql(&f.config, sql);
}

/* The usernames of all pages of "limit", with a space behind each. */
static const char *
listed(struct store_people_query query, int64_t limit)
{
	static char			 out[4096];
	const struct store_caller	 c = caller(&home);
	const struct store_result	*result;
	int				 rows;
	struct store_people_row		 row;
	static char			 key[STORE_PEOPLE_KEY_MAX + 1];
	size_t				 len = 0;

	query.limit = limit;
	if (query.search == NULL)
		query.search = "";
	out[0] = '\0';
	do {
		result = store_sync_run(f.web, store_people_list(&f.arena, &c,
		    &query));
		assert_int_equal(store_caller_rows(result, 0, &rows),
		    STORE_OK);
		for (int i = 0; i < rows; i++) {
			assert_true(store_people_decode(result, i, &row));
			len += (size_t)snprintf(out + len, sizeof(out) - len,
			    "%s ", row.user.username);
		}
		(void)snprintf(key, sizeof(key), "%s", row.key);
		query.after_key = key;
		query.after_id = row.user.id;
	} while (rows == limit);

	return (out);
}

static void
some_people(void)
{
	person("bea", "zoe@example.com", "Bea Young", "Young",
	    "1, NULL, false");
	person("abel", "", "Abel", "", "0, NULL, false");
	person("carl", "carl@example.com", "Carl Abelson", "Abelson",
	    "2, now(), false");
	person("dora", "ab@example.com", "Dora", "", "1, NULL, true");
	person("emil", "emil@example.com", "\303\226zil Emil", "\303\226zil",
	    "0, now(), true");
}

static void
test_store_people_list(void **state)
{
	static const struct {
		struct store_people_query	 query;
		const char			*want;
	} cases[] = {
		{ { .sort = STORE_PEOPLE_USERNAME },
		    "abel admin bea carl dora emil " },
		{ { .sort = STORE_PEOPLE_USERNAME_DOWN },
		    "emil dora carl bea admin abel " },
		{ { .state = "active" }, "admin bea dora " },
		{ { .state = "no_passkey" }, "abel " },
		{ { .state = "disabled" }, "carl emil " },
		{ { .rank = "administrator" }, "admin dora emil " },
		{ { .rank = "user" }, "abel bea carl " },
		{ { .state = "disabled", .rank = "administrator" }, "emil " },
		/* by what was found, everybody once */
		{ { .search = "ab" }, "dora abel carl " },
		{ { .search = "AB" }, "dora abel carl " },
		{ { .search = "abel" }, "abel carl " },
		{ { .search = "zoe@" }, "bea " },
		{ { .search = "youn" }, "bea " },
		{ { .search = "\303\226z" }, "emil " },
		{ { .search = "\303\266z" }, "emil " },
		{ { .search = "ab", .state = "active" }, "dora " },
		{ { .search = "a%" }, "" },
		{ { .search = "_" }, "" },
		{ { .search = "'; DROP TABLE users; --" }, "" },
		{ { .search = "example.com" }, "" },
	};

	(void)state;
	some_people();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int64_t limit = cases[i].query.search == NULL ? 1 : 5;
		    limit < 9; limit++) {
			if (strcmp(listed(cases[i].query, limit),
			    cases[i].want) != 0)
				fail_msg("case %zu, %d a page: %s", i,
				    (int)limit, listed(cases[i].query,
				    limit));
		}
	}
}

static void
test_store_people_created(void **state)
{
	const struct store_people_query	up = {
		.sort = STORE_PEOPLE_CREATED, .search = ""
	}, down = {
		.sort = STORE_PEOPLE_CREATED_DOWN, .search = ""
	};
	char	first[64], last[64];

	(void)state;
	(void)postgres_psql(&f.config, "UPDATE users SET id = "
	    "'00000000-0000-7000-8000-000000000001' WHERE username = 'dora'");
	(void)snprintf(first, sizeof(first), "%.5s", listed(up, 2));
	assert_string_equal(first, "dora ");
	(void)snprintf(last, sizeof(last), "%s", strstr(listed(down, 2),
	    "dora "));
	assert_string_equal(last, "dora ");
}

/* A stranger, a user, an administrator of yesterday: nothing at all. */
static void
test_store_people_nobody(void **state)
{
	int				rows;
	const struct store_people_query	query = {
		.search = "", .limit = 9
	};
	struct base_uuid		session;
	struct fixture_browser		b;
	struct fixture_person		p;
	struct store_caller		c;
	struct store_people_profile	profile;

	(void)state;
	fixture_person(&f, "ordinary", true, &p);
	fixture_browser(&b);
	for (int i = 0; i < 3; i++) {
		if (i == 1)
			assert_int_equal(fixture_sign_in(&f, &p, &b, 6,
			    &session), STORE_OK);
		if (i == 2) {
			assert_int_equal(fixture_owner(&f, store_user_promote(
			    &f.arena, &p.user.id)), STORE_OK);
			assert_int_equal(fixture_owner(&f, store_user_demote(
			    &f.arena, &p.user.id)), STORE_OK);
		}
		c = caller(&b);
		assert_int_equal(store_caller_rows(store_sync_run(f.web,
		    store_people_list(&f.arena, &c, &query)), 0, &rows),
		    STORE_GONE);
		assert_int_equal(store_people_found(store_sync_run(f.web,
		    store_people_find(&f.arena, &c, &p.user.id)), &profile),
		    STORE_GONE);
	}
}

static void
has(struct base_slice json, const char *text)
{
	char	copy[8192];

	assert_true(base_bytes_text_copy(copy, sizeof(copy), json.data,
	    json.len));
	if (strstr(copy, text) == NULL)
		fail_msg("no %s in %s", text, copy);
}

static void
test_store_people_find(void **state)
{
	const struct store_caller	c = caller(&home);
	struct base_uuid		none = base_uuid_new(), session;
	struct fixture_browser		b;
	struct fixture_person		p;
	struct store_people_profile	profile;
	uint8_t				digest[BASE_SHA256_LEN] = { 3 };

	(void)state;
	assert_int_equal(store_people_found(store_sync_run(f.web,
	    store_people_find(&f.arena, &c, &none)), &profile),
	    STORE_MISSING);

	fixture_person(&f, "grace", true, &p);
	fixture_browser(&b);
	assert_int_equal(fixture_sign_in(&f, &p, &b, 6, &session), STORE_OK);
	assert_int_equal(fixture_owner(&f, store_link_create(&f.arena,
	    &p.user.id, digest, 60)), STORE_OK);
	assert_int_equal(store_people_found(store_sync_run(f.web,
	    store_people_find(&f.arena, &c, &p.user.id)), &profile),
	    STORE_OK);
	assert_string_equal(profile.person.user.username, "grace");
	assert_string_equal(profile.person.state, "active");
	assert_true(profile.person.last_used_at > 0);
	assert_true(profile.version > 0);
	has(profile.passkeys, "\"name\": \"Passkey\"");
	has(profile.sessions, "\"device\": \"Firefox on Linux\"");
	has(profile.sessions, "\"address\": \"192.0.2.7\"");
	has(profile.link, "\"status\": \"waiting\"");
	has(profile.activity, "\"event\": \"login_link_created\"");
	has(profile.apps, "[]");

	(void)postgres_psql(&f.config, "UPDATE login_links "
	    "SET expires_at = now()");
	assert_int_equal(store_people_found(store_sync_run(f.web,
	    store_people_find(&f.arena, &c, &p.user.id)), &profile),
	    STORE_OK);
	has(profile.link, "\"status\": \"expired\"");
}

/* --- cost ------------------------------------------------------------------ */

static const char *
type_name(char letter)
{
	switch (letter) {
	case 'u':
		return ("uuid");
	case 'b':
		return ("bytea");
	case 'i':
		return ("int8");
	case 'T':
		return ("text[]");
	default:
		return ("text");
	}
}

/* Blocks read by a statement with these arguments (SQL). */
static long
blocks(const struct store_statement *statement, const char *arguments)
{
	static char	sql[16384];
	size_t		len;

	len = (size_t)snprintf(sql, sizeof(sql), "SET plan_cache_mode = "
	    "force_generic_plan; PREPARE q (");
	for (const char *t = statement->types; *t != '\0'; t++)
		len += (size_t)snprintf(sql + len, sizeof(sql) - len, "%s%s",
		    t == statement->types ? "" : ", ", type_name(*t));
	(void)snprintf(sql + len, sizeof(sql) - len, ") AS %s; "
	    "CREATE FUNCTION pg_temp.blocks() RETURNS bigint "
	    "LANGUAGE plpgsql AS $f$ DECLARE j json; BEGIN EXECUTE "
	    "$e$EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE q (%s)$e$ "
	    "INTO j; RETURN (j->0->'Plan'->>'Shared Hit Blocks')::bigint + "
	    "(j->0->'Plan'->>'Shared Read Blocks')::bigint; END $f$; "
	    "SELECT pg_temp.blocks()", statement->sql, arguments);
	return (strtol(postgres_psql(&f.config, sql), NULL, 10));
}

static void
many_people(void)
{
	char	sql[1024];

	(void)snprintf(sql, sizeof(sql), "INSERT INTO users (id, sub, "
	    "user_handle, username, email, display_name, family_name, "
	    "passkeys, disabled_at) SELECT gen_random_uuid(), 's' || n, "
	    "sha256(n::text::bytea), 'user' || n, 'user' || n || "
	    "'@example.com', 'User ' || n, 'Number ' || n, n %% 3, "
	    "CASE WHEN n %% 1000 = 0 THEN now() END "
	    "FROM generate_series(1, %d) n; ANALYZE users", MANY);
	(void)postgres_psql(&f.config, sql);
}

static void
test_store_people_cost(void **state)
{
#define ALL	"'{active,no_passkey,disabled}', '{false,true}', "
#define ZERO	"'00000000-0000-0000-0000-000000000000', 21"
#define FULL	"'ffffffff-ffff-ffff-ffff-ffffffffffff', 21"
	static const struct {
		const char	*statement;
		const char	*arguments;	/* behind the cookie */
	} cases[] = {
		{ "people_username", ALL "'', " ZERO },
		{ "people_username", ALL "'user4', " ZERO },
		{ "people_username", "'{disabled}', '{false}', '', " ZERO },
		{ "people_username", "'{active}', '{true}', '', " ZERO },
		{ "people_username_down", ALL "'zzz', " FULL },
		{ "people_created", ALL "'', " ZERO },
		{ "people_created_down", ALL "'', " FULL },
		{ "people_search", ALL "'', " ZERO ", 'user'" },
		{ "people_search", ALL "'', " ZERO ", 'u'" },
		{ "people_search", ALL "'user4', " ZERO ", 'user'" },
		{ "people_search", "'{disabled}', '{true}', '', " ZERO
		    ", 'user'" },
	};
	char		cookie[2 * BASE_SHA256_LEN + 1], arguments[512];
	long		count;

	(void)state;
	many_people();
	for (size_t i = 0; i < BASE_SHA256_LEN; i++)
		(void)snprintf(cookie + 2 * i, 3, "%02x", home.cookie[i]);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(arguments, sizeof(arguments), "'\\x%s', %s",
		    cookie, cases[i].arguments);
		for (const struct store_statement *const *s =
		    store_people_web; *s != NULL; s++) {
			if (strcmp((*s)->name, cases[i].statement) != 0)
				continue;
			count = blocks(*s, arguments);
			print_message("%s: %ld blocks\n", cases[i].statement,
			    count);
			if (count < 1 || count > BLOCKS_MAX)
				fail_msg("case %zu: %ld blocks", i, count);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_people_list),
		cmocka_unit_test(test_store_people_created),
		cmocka_unit_test(test_store_people_nobody),
		cmocka_unit_test(test_store_people_find),
		cmocka_unit_test(test_store_people_cost),
	};

	return (cmocka_run_group_tests(tests, open_database, close_database));
}
