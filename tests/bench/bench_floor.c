/*
 * The floor of a code redemption: one ES256 signature and one committed
 * INSERT, with nothing around them, so many at once.
 *
 *	bench_floor CONNINFO COUNT CONCURRENCY
 *
 * Prints the CPU this process took, in nanoseconds; the database's is for the
 * caller to measure.  The table is made and dropped here.
 */

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libpq-fe.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#define CONCURRENCY_MAX	256

static EVP_PKEY	*key;
static int	 left, running;

static void	die(const char *) __attribute__((noreturn));

static void
die(const char *what)
{
	fprintf(stderr, "bench_floor: %s\n", what);
	exit(1);
}

static void
sign(uint8_t *out)
{
	static uint8_t	 input[700];	/* an ID token's header and claims */
	EVP_MD_CTX	*ctx = EVP_MD_CTX_new();
	size_t		 len = 80;

	input[0]++;
	if (ctx == NULL ||
	    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(ctx, out, &len, input, sizeof(input)) != 1)
		die("sign");
	EVP_MD_CTX_free(ctx);
}

static void
command(PGconn *conn, const char *text)
{
	PGresult	*result = PQexec(conn, text);

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		die(PQerrorMessage(conn));
	PQclear(result);
}

static void
next(PGconn *conn)
{
	uint8_t		 signature[80] = { 0 };
	const char	*values[] = { (const char *)signature };
	const int	 lengths[] = { 80 }, formats[] = { 1 };

	sign(signature);
	if (PQsendQueryPrepared(conn, "insert", 1, values, lengths, formats,
	    1) != 1)
		die(PQerrorMessage(conn));
	left--;
	running++;
}

static void
answered(PGconn *conn)
{
	PGresult	*result;

	if (PQconsumeInput(conn) != 1)
		die(PQerrorMessage(conn));
	while (!PQisBusy(conn)) {
		if ((result = PQgetResult(conn)) == NULL) {
			running--;
			if (left > 0)
				next(conn);
			return;
		}
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			die(PQerrorMessage(conn));
		PQclear(result);
	}
}

int
main(int argc, char **argv)
{
	struct pollfd	 pfd[CONCURRENCY_MAX];
	PGconn		*conn[CONCURRENCY_MAX];
	struct timespec	 cpu;
	int		 count;

	if (argc != 4)
		die("usage: bench_floor CONNINFO COUNT CONCURRENCY");
	left = (int)strtol(argv[2], NULL, 10);
	count = (int)strtol(argv[3], NULL, 10);
	if (left < 1 || count < 1 || count > CONCURRENCY_MAX)
		die("count or concurrency out of range");
	if ((key = EVP_EC_gen("P-256")) == NULL)
		die("key");

	for (int i = 0; i < count; i++) {
		conn[i] = PQconnectdb(argv[1]);
		if (PQstatus(conn[i]) != CONNECTION_OK)
			die(PQerrorMessage(conn[i]));
		if (i == 0)
			command(conn[0], "CREATE TABLE bench_floor (id uuid "
			    "PRIMARY KEY DEFAULT gen_random_uuid(), at "
			    "timestamptz DEFAULT now(), data bytea)");
		PQclear(PQprepare(conn[i], "insert",
		    "INSERT INTO bench_floor (data) VALUES ($1)", 1, NULL));
		pfd[i] = (struct pollfd){ .fd = PQsocket(conn[i]),
		    .events = POLLIN };
	}
	printf("ready\n");
	fflush(stdout);
	if (getchar() == EOF)
		die("nobody said go");

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	int64_t	before = cpu.tv_sec * 1000000000LL + cpu.tv_nsec;

	for (int i = 0; i < count && left > 0; i++)
		next(conn[i]);
	while (running > 0) {
		(void)poll(pfd, (nfds_t)count, -1);
		for (int i = 0; i < count; i++) {
			if (pfd[i].revents != 0)
				answered(conn[i]);
		}
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	printf("%lld\n", (long long)(cpu.tv_sec * 1000000000LL + cpu.tv_nsec -
	    before));
	fflush(stdout);
	(void)getchar();	/* the caller reads the backends' CPU first */

	command(conn[0], "DROP TABLE bench_floor");
	for (int i = 0; i < count; i++)
		PQfinish(conn[i]);
	EVP_PKEY_free(key);

	return (0);
}
