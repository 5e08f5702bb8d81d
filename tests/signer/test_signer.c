/*
 * The signing process itself, against a real database: first keys, four
 * algorithms, roles, outages of database and signer, rotation.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base_clock.h"
#include "base/base_log.h"
#include "base/base_poll.h"
#include "base/base_random.h"
#include "jose/jose_jwk_set.h"
#include "jose/jose_jws.h"
#include "signer/signer.h"
#include "signer/signer_auth.h"
#include "signer/signer_client.h"
#include "store/store_roles.h"
#include "store/store_signing_key.h"
#include "support/postgres.h"

#define PATIENCE	90000	/* milliseconds: a busy machine */

static struct base_config	config;		/* the signer's */
static struct base_poll		loop;
static struct signer_client	*web, *jobs;
static pid_t			signer;
static char			path[128];

/* --- asking --------------------------------------------------------------- */

struct asked {
	int	answers;
	bool	signed_;
	char	token[4096];
};

static void
answered(void *owner, const struct signer_answer *answer)
{
	struct asked	*asked = owner;

	asked->answers++;
	asked->signed_ = answer != NULL;
	if (answer != NULL) {
		assert_true(answer->token_len < sizeof(asked->token));
		memcpy(asked->token, answer->token, answer->token_len + 1);
	}
}

static struct signer_ticket *
submit(struct signer_client *client, enum signer_kind kind,
    enum signer_alg alg, const char *sub, struct asked *asked)
{
	char			claims[1024];
	struct signer_request	request = { .kind = kind, .alg = alg,
				    .claims = claims };
	int64_t			now = base_clock_seconds();

	asked->answers = 0;
	request.claims_len = (size_t)snprintf(claims, sizeof(claims),
	    kind == SIGNER_LOGOUT_TOKEN ?
	    "{\"sub\":\"%s\",\"aud\":\"app\",\"jti\":\"x\",\"iat\":%lld,"
	    "\"exp\":%lld,\"events\":{\"http://schemas.openid.net/event/"
	    "backchannel-logout\":{}}}" :
	    "{\"sub\":\"%s\",\"aud\":\"app\",\"iat\":%lld,\"exp\":%lld}", sub,
	    (long long)now, (long long)now + 60);

	return (signer_client_submit(client, &request, answered, asked));
}

static void
wait_for(const struct asked *asked)
{
	int64_t	until = base_clock_monotonic() + PATIENCE;

	while (asked->answers == 0 && base_clock_monotonic() < until)
		assert_true(base_poll_run_once(&loop, 1000));
	assert_int_equal(asked->answers, 1);
}

/* Asks until it is signed: a signer may be starting. */
static void
ask(struct signer_client *client, enum signer_kind kind, enum signer_alg alg,
    struct asked *asked)
{
	int64_t	until = base_clock_monotonic() + PATIENCE;

	do {
		submit(client, kind, alg, "person", asked);
		wait_for(asked);
		if (!asked->signed_)
			(void)usleep(20000);
	} while (!asked->signed_ && base_clock_monotonic() < until);
	assert_true(asked->signed_);
}

/* --- checking with what the database publishes ----------------------------- */

static void
read_set(struct jose_jwk_set *set)
{
	struct store_sync		*sync = postgres_open(&config,
					    STORE_ROLE_WEB);
	const struct store_result	*result;
	struct store_signing_key	 row;
	struct base_arena		 arena;
	int				 i;

	base_arena_init(&arena);
	jose_jwk_set_init(set);
	result = store_sync_run(sync, store_signing_key_list(&arena));
	for (i = 0; i < store_result_rows(result); i++) {
		json_t	*jwk;

		assert_int_equal(store_signing_key_row(result, i, &row),
		    STORE_OK);
		jwk = json_loads(row.jwk, JSON_REJECT_DUPLICATES, NULL);
		assert_true(jose_jwk_set_add(set, jose_key_public(row.alg,
		    jwk)));
		json_decref(jwk);
	}
	store_sync_close(sync);
	base_arena_clear(&arena);
}

static void
check_token(const char *token, const char *alg, const char *typ,
    const char *sub)
{
	struct jose_jwk_set	 set;
	const struct jose_key	*key;
	struct jose_jws		 jws;
	json_t			*claims;

	read_set(&set);
	assert_int_equal(jose_jws_parse(token, strlen(token), &jws),
	    JOSE_JWS_OK);
	assert_string_equal(jose_key_alg_name(jws.alg), alg);
	assert_string_equal(jws.typ, typ);
	key = jose_jwk_set_find(&set, jws.kid);
	assert_non_null(key);
	assert_int_equal(jose_jws_verify(&jws, key, &claims), JOSE_JWS_OK);
	assert_string_equal(json_string_value(json_object_get(claims, "iss")),
	    config.app_url);
	assert_string_equal(json_string_value(json_object_get(claims, "sub")),
	    sub);
	json_decref(claims);
	jose_jwk_set_clear(&set);
}

static void
kid_of(const char *token, char out[JOSE_JWS_KID_MAX + 1])
{
	struct jose_jws	jws;

	assert_int_equal(jose_jws_parse(token, strlen(token), &jws),
	    JOSE_JWS_OK);
	memcpy(out, jws.kid, sizeof(jws.kid));
}

/* --- the process ----------------------------------------------------------- */

static pid_t
signer_start(const struct base_config *c)
{
	pid_t	pid = fork();

	if (pid == 0) {
		base_log_open("signer", BASE_LOG_INFO, false);
		_exit(signer_serve(c));
	}
	assert_true(pid > 0);

	return (pid);
}

static int
signer_stop(pid_t pid, int number)
{
	int	status;

	assert_int_equal(kill(pid, number), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);

	return (status);
}

static void
test_signer_algorithms(void **state)
{
	static const char *const	names[] = { "RS256", "PS256", "ES256",
					    "EdDSA" };
	struct asked			asked;
	int				i;

	(void)state;
	for (i = 0; i < SIGNER_ALG_COUNT; i++) {
		ask(web, SIGNER_ID_TOKEN, (enum signer_alg)i, &asked);
		check_token(asked.token, names[i], "", "person");
	}
}

static void
test_signer_roles(void **state)
{
	struct asked	asked;

	(void)state;
	ask(jobs, SIGNER_LOGOUT_TOKEN, SIGNER_ES256, &asked);
	check_token(asked.token, "ES256", "logout+jwt", "person");
	submit(web, SIGNER_LOGOUT_TOKEN, SIGNER_ES256, "person", &asked);
	wait_for(&asked);
	assert_false(asked.signed_);
	submit(jobs, SIGNER_ID_TOKEN, SIGNER_ES256, "person", &asked);
	wait_for(&asked);
	assert_false(asked.signed_);
	/* A refusal ends nothing. */
	ask(web, SIGNER_ID_TOKEN, SIGNER_ES256, &asked);
}

/* A role's key opens that role and no other; the master opens none. */
static void
test_signer_wrong_key(void **state)
{
	uint8_t			 key[BASE_KEY_LEN];
	struct signer_client	*others[3];
	struct asked		 asked[3];
	int			 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		signer_auth_key(config.signer_auth, i == 0 ?
		    SIGNER_AUTH_JOBS : SIGNER_AUTH_WEB, key);
		if (i == 1)
			key[31] ^= 1;
		if (i == 2)
			memcpy(key, config.signer_auth, sizeof(key));
		others[i] = signer_client_new(&loop.loop, path, "web", key);
		submit(others[i], SIGNER_ID_TOKEN, SIGNER_ES256, "a",
		    &asked[i]);
	}
	for (i = 0; i < 3; i++) {
		wait_for(&asked[i]);
		assert_false(asked[i].signed_);
		signer_client_free(others[i]);
	}
	assert_null(signer_client_new(&loop.loop, path, "signer", key));
}

/* Packets that no client of ours sends: the connection ends, nothing else. */
static void
test_signer_broken_packets(void **state)
{
	static uint8_t		 packet[40000];
	struct sockaddr_un	 address = { .sun_family = AF_UNIX };
	static const size_t	 sizes[] = { 1, 4, 39, 40, 41, 16384, 40000 };
	struct asked		 asked;
	struct timeval		 patience = { 10, 0 };
	size_t			 i;
	int			 fd;

	(void)state;
	memcpy(address.sun_path, path, strlen(path));
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO,
		    &patience, sizeof(patience)), 0);
		assert_int_equal(connect(fd, (struct sockaddr *)&address,
		    sizeof(address)), 0);
		base_random_bytes(packet, sizeof(packet));
		assert_int_equal(send(fd, packet, sizes[i], MSG_NOSIGNAL),
		    sizes[i]);
		/* The greeting, then the end (or a reset: bytes unread). */
		assert_int_equal(recv(fd, packet, sizeof(packet), 0), 36);
		assert_true(recv(fd, packet, sizeof(packet), 0) <= 0);
		(void)close(fd);
	}
	ask(web, SIGNER_ID_TOKEN, SIGNER_ES256, &asked);
}

#define MANY	600

/* All at once, each answered once and with its own claims. */
static void
test_signer_many(void **state)
{
	static struct asked	 asked[MANY];
	struct signer_ticket	*tickets[MANY];
	char			 sub[MANY][16];
	int			 i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		(void)snprintf(sub[i], sizeof(sub[i]), "person-%d", i);
		tickets[i] = submit(i % 5 == 0 ? jobs : web, i % 5 == 0 ?
		    SIGNER_LOGOUT_TOKEN : SIGNER_ID_TOKEN, SIGNER_ES256,
		    sub[i], &asked[i]);
	}
	for (i = 0; i < MANY; i += 7)
		signer_client_abandon(tickets[i]);
	for (i = 0; i < MANY; i++) {
		if (i % 7 != 0)
			wait_for(&asked[i]);
	}
	for (i = 0; i < MANY; i++) {
		struct jose_jws	 jws;

		assert_int_equal(asked[i].answers, i % 7 != 0);
		if (i % 7 == 0)
			continue;
		assert_true(asked[i].signed_);
		assert_int_equal(jose_jws_parse(asked[i].token,
		    strlen(asked[i].token), &jws), JOSE_JWS_OK);
		if (i % 50 == 1)
			check_token(asked[i].token, "ES256", i % 5 == 0 ?
			    "logout+jwt" : "", sub[i]);
	}
}

static void
test_signer_database_away(void **state)
{
	struct asked	asked;
	int		i;

	(void)state;
	postgres_do("stop immediate");
	for (i = 0; i < 20; i++) {
		submit(web, SIGNER_ID_TOKEN, SIGNER_ES256, "person", &asked);
		wait_for(&asked);
		assert_true(asked.signed_);
	}
	/* Reading fails, signing goes on. */
	assert_int_equal(kill(signer, SIGHUP), 0);
	submit(web, SIGNER_ID_TOKEN, SIGNER_RS256, "person", &asked);
	wait_for(&asked);
	assert_true(asked.signed_);
	postgres_do("start fast");
	ask(web, SIGNER_ID_TOKEN, SIGNER_ES256, &asked);
	check_token(asked.token, "ES256", "", "person");
}

/* A request outlives a signer that is killed and started again at once. */
static void
test_signer_restart(void **state)
{
	struct asked	asked, waiting;
	int		status;

	(void)state;
	status = signer_stop(signer, SIGKILL);
	assert_true(WIFSIGNALED(status));
	submit(web, SIGNER_ID_TOKEN, SIGNER_ES256, "waits", &waiting);
	signer = signer_start(&config);
	wait_for(&waiting);
	if (waiting.signed_)	/* else the machine took over 2 s */
		check_token(waiting.token, "ES256", "", "waits");
	ask(web, SIGNER_ID_TOKEN, SIGNER_ES256, &asked);

	/* And the socket is nobody else's. */
	{
		struct stat	st;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

/* Away: answered with nothing, within its deadline, never inside submit. */
static void
test_signer_away(void **state)
{
	uint8_t			 key[BASE_KEY_LEN] = { 0 };
	struct signer_client	*client;
	struct asked		 asked, gone;

	(void)state;
	client = signer_client_new(&loop.loop, "/nonexistent/signer.sock",
	    "web", key);
	assert_non_null(client);
	submit(client, SIGNER_ID_TOKEN, SIGNER_ES256, "a", &asked);
	signer_client_abandon(submit(client, SIGNER_ID_TOKEN, SIGNER_ES256,
	    "a", &gone));
	assert_int_equal(asked.answers, 0);
	wait_for(&asked);
	assert_false(asked.signed_);
	assert_int_equal(gone.answers, 0);
	signer_client_free(client);
}

static void
emergency(void)
{
	struct store_sync	*owner = postgres_open(&config,
				    STORE_ROLE_OWNER);
	struct jose_key		*key = jose_key_generate(JOSE_ES256, 0);
	uint8_t			 sealed[JOSE_KEY_SEALED_MAX];
	struct base_arena	 arena;
	size_t			 len;

	base_arena_init(&arena);
	assert_true(jose_key_seal(key, config.wrapping[BASE_PURPOSE_SIGNING],
	    sealed, &len));
	assert_int_equal(store_verdict(store_sync_run(owner,
	    store_signing_key_insert(&arena, key, sealed, len,
	    STORE_SIGNING_KEY_EMERGENCY, 90))), STORE_OK);
	jose_key_free(key);
	base_arena_clear(&arena);
	store_sync_close(owner);
}

/* Under load, without a restart: old kid until it is read, then the new one,
 * and the other algorithms stay as they are. */
static void
test_signer_emergency(void **state)
{
	char		before[JOSE_JWS_KID_MAX + 1];
	char		after[JOSE_JWS_KID_MAX + 1];
	struct asked	asked;
	int64_t		until;

	(void)state;
	ask(web, SIGNER_ID_TOKEN, SIGNER_ES256, &asked);
	kid_of(asked.token, before);
	emergency();
	assert_int_equal(kill(signer, SIGHUP), 0);
	until = base_clock_monotonic() + PATIENCE;
	do {
		submit(web, SIGNER_ID_TOKEN, SIGNER_ES256, "person", &asked);
		wait_for(&asked);
		assert_true(asked.signed_);
		kid_of(asked.token, after);
	} while (strcmp(before, after) == 0 &&
	    base_clock_monotonic() < until);
	assert_string_not_equal(before, after);
	check_token(asked.token, "ES256", "", "person");
}

/* Ready in the database, used from its moment on, by the database's clock. */
static void
test_signer_change_over(void **state)
{
	char		before[JOSE_JWS_KID_MAX + 1];
	char		after[JOSE_JWS_KID_MAX + 1];
	struct asked	asked;
	int64_t		until;

	(void)state;
	ask(web, SIGNER_ID_TOKEN, SIGNER_EDDSA, &asked);
	kid_of(asked.token, before);
	/* It comes of age: the signer makes the next one by itself. */
	(void)postgres_psql(&config, "UPDATE signing_keys SET active_from ="
	    " active_from - interval '89 days' WHERE alg = 'EdDSA'");
	assert_int_equal(kill(signer, SIGHUP), 0);
	until = base_clock_monotonic() + PATIENCE;
	while (strcmp(postgres_psql(&config, "SELECT count(*) FROM"
	    " signing_keys WHERE alg = 'EdDSA'"), "2") != 0)
		assert_true(base_clock_monotonic() < until);
	ask(web, SIGNER_ID_TOKEN, SIGNER_EDDSA, &asked);
	kid_of(asked.token, after);
	assert_string_equal(before, after);

	/* Two days pass. */
	(void)postgres_psql(&config, "UPDATE signing_keys SET active_from ="
	    " active_from - interval '49 hours', retired_at = retired_at -"
	    " interval '49 hours', gone_at = gone_at - interval '49 hours'"
	    " WHERE alg = 'EdDSA'");
	assert_int_equal(kill(signer, SIGHUP), 0);
	until = base_clock_monotonic() + PATIENCE;
	do {
		submit(web, SIGNER_ID_TOKEN, SIGNER_EDDSA, "person", &asked);
		wait_for(&asked);
		assert_true(asked.signed_);
		kid_of(asked.token, after);
	} while (strcmp(before, after) == 0 &&
	    base_clock_monotonic() < until);
	assert_string_not_equal(before, after);
	/* What was signed before still verifies: both are published. */
	assert_string_equal(postgres_psql(&config, "SELECT count(*) FROM"
	    " signing_keys WHERE alg = 'EdDSA' AND (gone_at IS NULL OR"
	    " gone_at > now())"), "2");
}

/* Two nodes start on an empty database: one key of each kind. */
static void
test_signer_two_nodes(void **state)
{
	static struct base_config	nodes[2];
	char				error[BASE_CONFIG_ERROR_MAX + 1];
	char				where[2][128], kids[2][129];
	struct signer_client		*clients[2];
	uint8_t				key[BASE_KEY_LEN];
	struct asked			asked;
	pid_t				pids[2];
	int				i, alg;

	(void)state;
	postgres_migrated(&nodes[0]);
	assert_true(store_roles_conninfo(&nodes[0], STORE_ROLE_SIGNER,
	    nodes[0].role_database, error));
	base_keyring_derive(nodes[0].root_key, BASE_PURPOSE_SIGNING,
	    nodes[0].wrapping[BASE_PURPOSE_SIGNING]);
	nodes[0].has_wrapping[BASE_PURPOSE_SIGNING] = true;
	nodes[0].rsa_bits = 2048;
	nodes[0].key_rotation_days = 90;
	nodes[1] = nodes[0];
	signer_auth_key(nodes[0].signer_auth, SIGNER_AUTH_WEB, key);
	for (i = 0; i < 2; i++) {
		(void)snprintf(nodes[i].run_dir, sizeof(nodes[i].run_dir),
		    "%.60s/node%d", config.run_dir, i);
		assert_int_equal(mkdir(nodes[i].run_dir, 0700), 0);
		(void)snprintf(where[i], sizeof(where[i]), "%s/signer.sock",
		    nodes[i].run_dir);
		pids[i] = signer_start(&nodes[i]);
		clients[i] = signer_client_new(&loop.loop, where[i], "web",
		    key);
	}
	for (alg = 0; alg < SIGNER_ALG_COUNT; alg++) {
		for (i = 0; i < 2; i++) {
			ask(clients[i], SIGNER_ID_TOKEN,
			    (enum signer_alg)alg, &asked);
			kid_of(asked.token, kids[i]);
		}
		assert_string_equal(kids[0], kids[1]);
	}
	assert_string_equal(postgres_psql(&nodes[0],
	    "SELECT count(*), count(DISTINCT alg) FROM signing_keys"), "4|4");
	for (i = 0; i < 2; i++) {
		signer_client_free(clients[i]);
		assert_int_equal(signer_stop(pids[i], SIGTERM), 0);
		(void)unlink(where[i]);
		(void)rmdir(nodes[i].run_dir);
	}
}

static int
set_up(void **state)
{
	char	error[BASE_CONFIG_ERROR_MAX + 1];
	uint8_t	key[BASE_KEY_LEN];

	(void)state;
	postgres_migrated(&config);
	if (!store_roles_conninfo(&config, STORE_ROLE_SIGNER,
	    config.role_database, error))
		return (-1);
	base_keyring_derive(config.root_key, BASE_PURPOSE_SIGNING,
	    config.wrapping[BASE_PURPOSE_SIGNING]);
	config.has_wrapping[BASE_PURPOSE_SIGNING] = true;
	config.rsa_bits = 2048;
	config.key_rotation_days = 90;
	base_random_bytes(config.signer_auth, sizeof(config.signer_auth));
	(void)snprintf(config.run_dir, sizeof(config.run_dir),
	    "/tmp/permiso-signer-XXXXXX");
	if (mkdtemp(config.run_dir) == NULL)
		return (-1);
	(void)snprintf(path, sizeof(path), "%s/signer.sock", config.run_dir);

	base_poll_init(&loop);
	signer = signer_start(&config);
	signer_auth_key(config.signer_auth, SIGNER_AUTH_WEB, key);
	web = signer_client_new(&loop.loop, path, "web", key);
	signer_auth_key(config.signer_auth, SIGNER_AUTH_JOBS, key);
	jobs = signer_client_new(&loop.loop, path, "jobs", key);

	return (web == NULL || jobs == NULL ? -1 : 0);
}

static int
tear_down(void **state)
{
	(void)state;
	signer_client_free(web);
	signer_client_free(jobs);
	base_poll_clear(&loop);
	if (signer_stop(signer, SIGTERM) != 0)
		return (-1);
	(void)unlink(path);

	return (rmdir(config.run_dir));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signer_algorithms),
		cmocka_unit_test(test_signer_roles),
		cmocka_unit_test(test_signer_wrong_key),
		cmocka_unit_test(test_signer_broken_packets),
		cmocka_unit_test(test_signer_many),
		cmocka_unit_test(test_signer_database_away),
		cmocka_unit_test(test_signer_restart),
		cmocka_unit_test(test_signer_away),
		cmocka_unit_test(test_signer_emergency),
		cmocka_unit_test(test_signer_change_over),
		cmocka_unit_test(test_signer_two_nodes),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
