/*
 * What a signature costs: CPU time of both sides, through the signer's socket,
 * beside the same tokens made in this process and the bare arithmetic.
 *
 *	bench_signer [COUNT] [CONCURRENCY]
 */

#include <sys/resource.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/base_clock.h"
#include "base/base_log.h"
#include "base/base_poll.h"
#include "jose/jose_key.h"
#include "signer/signer_auth.h"
#include "signer/signer_client.h"
#include "signer/signer_keys.h"
#include "signer/signer_listener.h"
#include "signer/signer_token.h"

#define ISSUER	"https://id.example.com"

static struct jose_key		*keys[JOSE_ALG_COUNT];
static struct base_poll		 loop;
static struct signer_client	*client;
static char			 claims[512];
static struct signer_request	 request = { .claims = claims };
static long			 left, answers;

/* In signer_keys.c's place: keys without a database. */
const struct jose_key *
signer_keys_active(const struct signer_keys *unused, enum jose_alg alg)
{
	(void)unused;
	return (keys[alg]);
}

int64_t
signer_keys_now(const struct signer_keys *unused)
{
	(void)unused;
	return (base_clock_seconds());
}

static void
die(const char *what)
{
	fprintf(stderr, "bench_signer: %s\n", what);
	exit(1);
}

static double
cpu(int who)
{
	struct rusage	u;

	if (getrusage(who, &u) != 0)
		die("getrusage");

	return ((double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec));
}

static void
stop(int number)
{
	(void)number;
	base_poll_stop(&loop);
}

static void
serve(const struct signer_listener_config *config, int ready)
{
	base_poll_init(&loop);
	if (signal(SIGTERM, stop) == SIG_ERR ||
	    signer_listener_open(&loop.loop, config) == NULL)
		_exit(1);
	(void)!write(ready, "r", 1);
	(void)base_poll_run(&loop);
	_exit(0);
}

static void	answered(void *, const struct signer_answer *);

static void
ask(void)
{
	left--;
	(void)signer_client_submit(client, &request, answered, NULL);
}

static void
answered(void *owner, const struct signer_answer *answer)
{
	(void)owner;
	if (answer == NULL)
		die("not signed");
	answers++;
	if (left > 0)
		ask();
}

static void
claims_make(void)
{
	long long	now = (long long)base_clock_seconds();

	request.kind = SIGNER_ID_TOKEN;
	request.claims_len = (size_t)snprintf(claims, sizeof(claims),
	    "{\"sub\":\"01931bd3-0c71-7e2a-89fa-1ab6e4752fad\","
	    "\"aud\":\"demo\",\"iat\":%lld,\"exp\":%lld,\"auth_time\":%lld,"
	    "\"nonce\":\"n-0S6_WzA2Mj\",\"amr\":[\"pop\",\"user\"],"
	    "\"sid\":\"Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy\","
	    "\"name\":\"Ada Lovelace\",\"email\":\"ada@example.com\","
	    "\"email_verified\":true}", now, now + 3600, now);
}

/* Through the socket; both processes' CPU time for each signature. */
static double
through(const struct signer_listener_config *config, long count,
    long concurrency, double *wall)
{
	uint8_t	role[BASE_KEY_LEN];
	double	self, children;
	int64_t	begin;
	int	ready[2];
	char	byte;
	pid_t	pid;

	children = cpu(RUSAGE_CHILDREN);
	if (pipe(ready) != 0 || (pid = fork()) == -1)
		die("fork");
	if (pid == 0)
		serve(config, ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		die("no signer");

	base_poll_init(&loop);
	signer_auth_key(config->auth, SIGNER_AUTH_WEB, role);
	client = signer_client_new(&loop.loop, config->path, "web", role);
	self = cpu(RUSAGE_SELF);
	begin = base_clock_monotonic();
	left = count;
	answers = 0;
	for (long i = 0; i < concurrency; i++)
		ask();
	while (answers < count) {
		if (!base_poll_run_once(&loop, 1000))
			die("poll");
	}
	*wall = (double)(base_clock_monotonic() - begin) * 1e3;
	self = cpu(RUSAGE_SELF) - self;
	signer_client_free(client);
	base_poll_clear(&loop);
	(void)kill(pid, SIGTERM);
	(void)waitpid(pid, NULL, 0);
	(void)close(ready[0]);
	(void)close(ready[1]);

	return ((self + cpu(RUSAGE_CHILDREN) - children) / (double)count);
}

static double
token(long count)
{
	static struct signer_answer	answer;
	double				before = cpu(RUSAGE_SELF);

	for (long i = 0; i < count; i++) {
		if (signer_token_check(SIGNER_AUTH_WEB, &request,
		    base_clock_seconds()) != SIGNER_TOKEN_OK ||
		    signer_token_make(keys[request.alg], ISSUER, &request,
		    &answer) != SIGNER_TOKEN_OK)
			die("token");
	}

	return ((cpu(RUSAGE_SELF) - before) / (double)count);
}

/* What OpenSSL takes when it is asked plainly, with the key kept. */
static double
bare(long count)
{
	static uint8_t	 input[500], out[512];
	EVP_PKEY	*pkey = NULL;
	EVP_MD_CTX	*ctx = EVP_MD_CTX_new();
	double		 before;

	switch (request.alg) {
	case SIGNER_RS256:
	case SIGNER_PS256:
		pkey = EVP_RSA_gen(2048);
		break;
	case SIGNER_ES256:
		pkey = EVP_EC_gen("P-256");
		break;
	case SIGNER_EDDSA:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	case SIGNER_ALG_COUNT:
		die("algorithm");
	}
	before = cpu(RUSAGE_SELF);
	for (long i = 0; i < count; i++) {
		size_t	len = sizeof(out);

		if (EVP_DigestSignInit(ctx, NULL, request.alg ==
		    SIGNER_EDDSA ? NULL : EVP_sha256(), NULL, pkey) != 1 ||
		    EVP_DigestSign(ctx, out, &len, input,
		    sizeof(input)) != 1)
			die("sign");
		(void)EVP_MD_CTX_reset(ctx);
	}
	before = (cpu(RUSAGE_SELF) - before) / (double)count;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);

	return (before);
}

int
main(int argc, char **argv)
{
	long		count = argc > 1 ? strtol(argv[1], NULL, 10) : 5000;
	long		concurrency = argc > 2 ? strtol(argv[2], NULL, 10) : 16;
	uint8_t		auth[BASE_KEY_LEN] = { 1 };
	char		path[64];
	struct signer_listener_config config = { .path = path,
			    .issuer = ISSUER, .auth = auth };
	double		wall, all;

	if (count < 1 || concurrency < 1 || concurrency > count)
		die("usage: bench_signer [COUNT] [CONCURRENCY]");
	base_log_open("bench", BASE_LOG_ERROR, false);
	(void)snprintf(path, sizeof(path), "/tmp/permiso-bench-%d.sock",
	    (int)getpid());
	claims_make();
	printf("%-7s %12s %12s %12s %14s\n", "us CPU", "bare EVP",
	    "our token", "via signer", "via, 1 waits");
	for (int i = 0; i < JOSE_ALG_COUNT; i++) {
		request.alg = (enum signer_alg)i;
		keys[i] = jose_key_generate((enum jose_alg)i, 2048);
		if (keys[i] == NULL)
			die("key");
		all = through(&config, count, concurrency, &wall);
		printf("%-7s %12.1f %12.1f %12.1f", jose_key_alg_name(
		    (enum jose_alg)i), bare(count), token(count), all);
		(void)through(&config, count / 4 + 1, 1, &wall);
		printf(" %8.1f wall\n", wall / (double)(count / 4 + 1));
		jose_key_free(keys[i]);
	}
	(void)unlink(path);

	return (0);
}
