/*
 * `permiso keys` against a real database.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base_hex.h"
#include "cli/cli.h"
#include "jose/jose_key.h"
#include "store/store_keyring.h"
#include "support/postgres.h"

static struct base_config	config;
static char			output[8192];

/* Runs the command with words that end with NULL; its output is kept. */
static int
run(const char *first, ...)
{
	char		*words[8], copies[8][64];
	const char	*word;
	struct cli	 cli = { .command = "keys", .usage = "keys" };
	int		 argc = 0, code, saved, fds[2];
	ssize_t		 n;
	va_list		 args;

	va_start(args, first);
	for (word = first; word != NULL; word = va_arg(args, const char *)) {
		(void)snprintf(copies[argc], sizeof(copies[argc]), "%s", word);
		words[argc] = copies[argc];
		argc++;
	}
	va_end(args);
	words[argc] = NULL;

	cli.config = config;
	base_arena_init(&cli.arena);
	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[1], STDOUT_FILENO), STDOUT_FILENO);
	code = cli_keys(&cli, argc, words);
	(void)fflush(stdout);
	(void)dup2(saved, STDOUT_FILENO);
	(void)close(saved);
	(void)close(fds[1]);
	n = read(fds[0], output, sizeof(output) - 1);
	output[n < 0 ? 0 : n] = '\0';
	(void)close(fds[0]);
	if (cli.store != NULL)
		store_sync_close(cli.store);
	base_arena_clear(&cli.arena);

	return (code);
}

static const char *
keys(void)
{
	return (postgres_psql(&config, "SELECT alg, count(*),"
	    " count(*) FILTER (WHERE active_from <= now()"
	    " AND (gone_at IS NULL OR gone_at > now()))"
	    " FROM signing_keys GROUP BY 1 ORDER BY 1"));
}

static void
test_cli_keys_words(void **state)
{
	(void)state;
	assert_int_equal(run("what", NULL), EX_USAGE);
	assert_int_equal(run(NULL), EX_USAGE);
	assert_int_equal(run("list", "--now", NULL), EX_USAGE);
	assert_int_equal(run("list", "--alg", "ES256", NULL), EX_USAGE);
	assert_int_equal(run("rotate", "--alg", "HS256", NULL), EX_USAGE);
	assert_int_equal(run("rotate", "--alg", "none", NULL), EX_USAGE);
	assert_int_equal(run("rotate", "--purpose", "signing", NULL),
	    EX_USAGE);
	assert_int_equal(run("rotate", "--purpose", "mac", "--now", NULL),
	    EX_USAGE);
	assert_int_equal(run("rewrap", NULL), EX_USAGE);
	assert_int_equal(run("rotate", "--old-key-file", "x", NULL),
	    EX_USAGE);
	assert_string_equal(keys(), "");
}

static void
test_cli_keys_rotate(void **state)
{
	(void)state;
	/* The first of each is active at once. */
	assert_int_equal(run("rotate", NULL), EX_OK);
	assert_string_equal(keys(),
	    "ES256|1|1\nEdDSA|1|1\nPS256|1|1\nRS256|1|1");
	assert_int_equal(run("rotate", "--alg", "ES256", NULL), EX_OK);
	assert_non_null(strstr(output, "signs in 48 hours"));
	assert_string_equal(keys(),
	    "ES256|2|1\nEdDSA|1|1\nPS256|1|1\nRS256|1|1");
	/* The next one is there already. */
	assert_int_equal(run("rotate", "--alg", "ES256", NULL), EX_NOPERM);
	assert_string_equal(keys(),
	    "ES256|2|1\nEdDSA|1|1\nPS256|1|1\nRS256|1|1");

	assert_int_equal(run("list", NULL), EX_OK);
	assert_null(strstr(output, "ES256   retiring"));
	assert_non_null(strstr(output, "ES256   active"));
	assert_non_null(strstr(output, "ES256   next"));
	assert_non_null(strstr(output, "seal    active"));

	assert_int_equal(run("rotate", "--alg", "ES256", "--now", NULL),
	    EX_OK);
	assert_string_equal(keys(),
	    "ES256|3|1\nEdDSA|1|1\nPS256|1|1\nRS256|1|1");
	assert_string_equal(postgres_psql(&config, "SELECT count(*) FROM"
	    " signing_keys WHERE length(sealed) > 0 AND alg = 'ES256'"), "1");
}

static void
test_cli_keys_purpose(void **state)
{
	(void)state;
	assert_int_equal(run("rotate", "--purpose", "pepper", NULL), EX_OK);
	assert_int_equal(run("list", NULL), EX_OK);
	assert_non_null(strstr(output, "pepper  active"));
	assert_non_null(strstr(output, "pepper  next"));
}

/* A rotation of the MAC key when each purpose's second key has been in use
 * for so many days; which purposes have kept their first. */
static const char *
first_left(const char *days)
{
	char	sql[256];

	(void)snprintf(sql, sizeof(sql), "UPDATE keyring SET active_from ="
	    " now() - interval '%s days' WHERE generation = 2", days);
	(void)postgres_psql(&config, sql);
	assert_int_equal(run("rotate", "--purpose", "mac", NULL), EX_OK);

	return (postgres_psql(&config, "SELECT string_agg(purpose, ' ' ORDER "
	    "BY purpose) FROM keyring WHERE generation = 1"));
}

/*
 * Old keys go at the next rotation: a pepper when no secret has a digest
 * under it, a MAC key when the grants of its time are over, one for seals
 * when all it sealed is past.
 */
static void
test_cli_keys_prune(void **state)
{
	(void)state;
	postgres_migrated(&config);
	assert_int_equal(run("rotate", "--purpose", "seal", NULL), EX_OK);
	assert_int_equal(run("rotate", "--purpose", "mac", NULL), EX_OK);
	assert_int_equal(run("rotate", "--purpose", "pepper", NULL), EX_OK);
	(void)postgres_psql(&config, "INSERT INTO clients (id, client_id,"
	    " name, application_type, auth_method, grant_types, scopes,"
	    " redirect_uris) VALUES (gen_random_uuid(), 'p', 'P', 'web',"
	    " 'client_secret_basic', '{}', '{}', '{}')");
	(void)postgres_psql(&config, "INSERT INTO client_secrets"
	    " (id, client_id, key_id, digest) SELECT gen_random_uuid(), c.id,"
	    " k.id, '' FROM clients c, keyring k"
	    " WHERE k.purpose = 'pepper' AND k.generation = 1");
	(void)postgres_psql(&config, "INSERT INTO grants (id, client_id,"
	    " user_id, session_id, scope, offline, auth_time, created_at,"
	    " expires_at, statement_key) SELECT partition_bound(now()), id,"
	    " id, id, 'openid', true, now(), now() - interval '50 days',"
	    " now() + interval '9 days', '' FROM clients");

	/* not in use for long enough, or still needed */
	assert_string_equal(first_left("1"), "mac pepper seal");
	assert_string_equal(first_left("3"), "mac pepper seal");
	assert_string_equal(first_left("32"), "mac pepper seal");
	assert_string_equal(first_left("34"), "mac pepper");
	/* a grant that was made after it concerns another key */
	(void)postgres_psql(&config, "UPDATE grants SET created_at ="
	    " now() - interval '30 days'");
	assert_string_equal(first_left("34"), "pepper");
	assert_string_equal(postgres_psql(&config, "SELECT count(*) FROM audit"
	    " WHERE event = 'keyring_pruned'"), "2");
	/* the secret is gone */
	(void)postgres_psql(&config, "DELETE FROM client_secrets");
	assert_string_equal(first_left("34"), "");
	assert_non_null(strstr(output, "1 old keys removed"));
	/* what is in use stays, however old */
	assert_string_equal(postgres_psql(&config, "SELECT string_agg(purpose,"
	    " ' ' ORDER BY purpose) FROM keyring WHERE generation = 2"),
	    "mac pepper seal");
}

/* `migrate` leaves a key of each algorithm, and only one. */
static void
test_cli_keys_first(void **state)
{
	struct cli	cli = { .command = "migrate", .usage = "migrate" };

	(void)state;
	postgres_migrated(&config);
	for (int i = 0; i < 2; i++) {
		cli.config = config;
		base_arena_init(&cli.arena);
		assert_int_equal(cli_keys_first(&cli), EX_OK);
		store_sync_close(cli.store);
		cli.store = NULL;
		base_arena_clear(&cli.arena);
		assert_string_equal(keys(),
		    "ES256|1|1\nEdDSA|1|1\nPS256|1|1\nRS256|1|1");
	}
}

static struct base_keyring
ring(void)
{
	struct store_sync	*sync = postgres_open(&config,
				    STORE_ROLE_OWNER);
	struct base_keyring	 out;
	struct base_arena	 arena;
	int			 i;

	for (i = 0; i < BASE_PURPOSE_COUNT; i++) {
		base_keyring_derive(config.root_key, (enum base_purpose)i,
		    config.wrapping[i]);
		config.has_wrapping[i] = true;
	}
	base_arena_init(&arena);
	assert_int_equal(store_keyring_read(store_sync_run(sync,
	    store_keyring_list(&arena)), &config, &out), STORE_OK);
	base_arena_clear(&arena);
	store_sync_close(sync);

	return (out);
}

/* The rows as they would be had the installation begun with another root. */
static void
begin_with(const uint8_t root[BASE_KEY_LEN])
{
	uint8_t		 wrapping[BASE_KEY_LEN], wrapped[BASE_WRAPPED_LEN];
	char		 sql[256], hex[2 * BASE_WRAPPED_LEN + 1];
	struct base_keyring now = ring();
	struct jose_key	*key;
	uint8_t		 sealed[JOSE_KEY_SEALED_MAX];
	char		*text = malloc(4 * JOSE_KEY_SEALED_MAX);
	char		 sealed_hex[2 * JOSE_KEY_SEALED_MAX + 1];
	size_t		 i, len;

	for (i = 0; i < now.count; i++) {
		base_keyring_derive(root, now.keys[i].purpose, wrapping);
		base_keyring_wrap(wrapping, &now.keys[i], wrapped);
		base_hex_encode(wrapped, sizeof(wrapped), hex);
		(void)snprintf(sql, sizeof(sql), "UPDATE keyring SET wrapped ="
		    " '\\x%s' WHERE id = %u", hex, now.keys[i].id);
		(void)postgres_psql(&config, sql);
	}
	key = jose_key_generate(JOSE_ES256, 0);
	base_keyring_derive(root, BASE_PURPOSE_SIGNING, wrapping);
	assert_true(jose_key_seal(key, wrapping, sealed, &len));
	base_hex_encode(sealed, len, sealed_hex);
	(void)snprintf(text, 4 * JOSE_KEY_SEALED_MAX, "INSERT INTO"
	    " signing_keys (kid, alg, generation, jwk, sealed, active_from)"
	    " VALUES ('%s', 'ES256', 1, '{}', '\\x%s', now())",
	    jose_key_kid(key), sealed_hex);
	(void)postgres_psql(&config, text);
	jose_key_free(key);
	free(text);
}

/* Another root key: nothing opens, then everything does, with the same keys
 * inside; a second run finds nothing to do. */
static void
test_cli_keys_rewrap(void **state)
{
	static const char	 words[] = "an old key that was words";
	char			 path[] = "/tmp/permiso-old-XXXXXX";
	char			 error[BASE_CONFIG_ERROR_MAX + 1];
	uint8_t			 root[BASE_KEY_LEN];
	struct base_keyring	 old, new;
	int			 fd = mkstemp(path);
	size_t			 i;

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(write(fd, words, strlen(words)), strlen(words));
	(void)close(fd);
	assert_true(base_config_root_key(path, root, error));

	postgres_migrated(&config);
	old = ring();
	begin_with(root);
	assert_int_equal(run("list", NULL), EX_CONFIG);
	assert_int_equal(run("rewrap", "--old-key-file", "/nonexistent",
	    NULL), EX_NOINPUT);
	/* A key that opens nothing changes nothing. */
	assert_int_equal(run("rewrap", "--old-key-file", "/proc/version",
	    NULL), EX_DATAERR);
	assert_int_equal(run("list", NULL), EX_CONFIG);

	assert_int_equal(run("rewrap", "--old-key-file", path, NULL), EX_OK);
	assert_non_null(strstr(output, "4 keys wrapped anew, 0 were"));
	assert_int_equal(run("rewrap", "--old-key-file", path, NULL), EX_OK);
	assert_non_null(strstr(output, "0 keys wrapped anew, 4 were"));
	new = ring();
	assert_int_equal(new.count, old.count);
	for (i = 0; i < new.count; i++)
		assert_memory_equal(new.keys[i].bytes, old.keys[i].bytes,
		    BASE_KEY_LEN);
	(void)unlink(path);
}

static int
set_up(void **state)
{
	(void)state;
	postgres_migrated(&config);

	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cli_keys_words),
		cmocka_unit_test(test_cli_keys_rotate),
		cmocka_unit_test(test_cli_keys_purpose),
		cmocka_unit_test(test_cli_keys_prune),
		cmocka_unit_test(test_cli_keys_first),
		cmocka_unit_test(test_cli_keys_rewrap),
	};

	return (cmocka_run_group_tests(tests, set_up, NULL));
}
