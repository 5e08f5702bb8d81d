/*
 * The private cluster of a test.
 *
 * A child keeps watch: it holds one end of a pipe and removes the cluster as
 * soon as the test is gone, even by SIGKILL.
 */

#include "support/postgres.h"

#include <sys/types.h>

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store_migrate.h"
#include "store/store_roles.h"

#define SCRIPT	"tests/support/postgres.sh"

static char	folder[64];

static void	die(const char *, ...) __attribute__((format(printf, 1, 2),
		    noreturn));
static pid_t	postmaster(void);
static char	*run(const char *, ...) __attribute__((format(printf, 1, 2)));
static void	said(void *, const char *);
static void	watch(void);

const char *
postgres_folder(void)
{
	if (folder[0] != '\0')
		return (folder);

	snprintf(folder, sizeof(folder), "/tmp/permiso-test-XXXXXX");
	if (mkdtemp(folder) == NULL)
		die("cannot make %s", folder);
	/* The server's own user passes through it. */
	run("chmod 755 %s", folder);
	watch();
	run(SCRIPT " start %s fast", folder);

	return (folder);
}

void
postgres_config(struct base_config *config)
{
	static int	number;
	char		*conninfo;

	memset(config, 0, sizeof(*config));
	conninfo = run(SCRIPT " database %s test%d", postgres_folder(),
	    ++number);
	conninfo[strcspn(conninfo, "\n")] = '\0';
	snprintf(config->database, sizeof(config->database), "%s", conninfo);
	snprintf(config->app_url, sizeof(config->app_url),
	    "http://localhost:1812");
	snprintf(config->rp_id, sizeof(config->rp_id), "localhost");
	snprintf(config->signing_alg, sizeof(config->signing_alg), "ES256");
	config->rsa_bits = 2048;
	config->key_rotation_days = 90;
	config->audit_days = 90;
	config->has_root_key = true;
	memset(config->root_key, 0x5a, sizeof(config->root_key));
}

void
postgres_migrated(struct base_config *config)
{
	char	error[BASE_CONFIG_ERROR_MAX + 1];

	postgres_config(config);
	if (store_migrate(config, said, NULL, error) != STORE_MIGRATE_OK)
		die("migrate: %s", error);
}

struct store_sync *
postgres_open(const struct base_config *config, enum store_role role)
{
	struct store_sync	*sync;
	char			 conninfo[BASE_CONFIG_TEXT_MAX + 1];
	char			 error[BASE_CONFIG_ERROR_MAX + 1];

	if (!store_roles_conninfo(config, role, conninfo, error) ||
	    (sync = store_sync_open(conninfo, role, error)) == NULL)
		die("open: %s", error);

	return (sync);
}

const char *
postgres_psql(const struct base_config *config, const char *sql)
{
	const char	*name;
	char		*answer;
	size_t		 len;

	if (setenv("PERMISO_TEST_SQL", sql, 1) != 0)
		die("out of memory");
	name = strstr(config->database, "dbname=");
	answer = run("printf %%s \"$PERMISO_TEST_SQL\" | "
	    SCRIPT " psql %s -At -d %s", postgres_folder(), name + 7);
	len = strlen(answer);
	if (len > 0 && answer[len - 1] == '\n')
		answer[len - 1] = '\0';

	return (answer);
}

void
postgres_do(const char *command)
{
	char	word[32];
	size_t	len = strcspn(command, " ");

	snprintf(word, sizeof(word), "%.*s", (int)len, command);
	run(SCRIPT " %s %s%s", word, postgres_folder(), command + len);
}

/* Its log goes where its data is, so both clusters end with one folder. */
const char *
postgres_promoted(void)
{
	static char	copy[sizeof(folder) + 8];

	snprintf(copy, sizeof(copy), "%s/copy", postgres_folder());
	postgres_do("stop fast");
	run("mkdir -p %s && cp -a %s/data %s/data && touch %s/data/"
	    "standby.signal && chown --reference=%s/data %s/data/"
	    "standby.signal && cp -p %s/conninfo %s/conninfo", copy, folder,
	    copy, copy, copy, copy, folder, copy);
	postgres_do("start fast");
	postgres_promoted_do("start fast");
	run(SCRIPT " psql %s -d postgres -Atc 'SELECT pg_promote()'", copy);
	/* The timeline is a new one as soon as it writes. */
	run(SCRIPT " psql %s -d postgres -Atc 'CHECKPOINT'", copy);

	return (copy);
}

void
postgres_promoted_do(const char *command)
{
	char	word[32];
	size_t	len = strcspn(command, " ");

	snprintf(word, sizeof(word), "%.*s", (int)len, command);
	run(SCRIPT " %s %s/copy%s", word, postgres_folder(), command + len);
}

int
postgres_begin(const char *command)
{
	pid_t	child = fork();

	if (child == -1)
		die("no child");
	if (child == 0) {
		postgres_do(command);
		_exit(0);
	}

	return ((int)child);
}

void
postgres_signal(int signal, bool all)
{
	pid_t		 server = postmaster();
	char		*at;
	long		 child;

	if (!all) {
		kill(server, signal);
		return;
	}

	/* The server first when it is to stop, so that it makes no new ones. */
	if (signal != SIGCONT)
		kill(server, signal);
	at = run("cat /proc/%d/task/%d/children", (int)server, (int)server);
	while ((child = strtol(at, &at, 10)) > 0)
		kill((pid_t)child, signal);
	if (signal == SIGCONT)
		kill(server, signal);
}

static pid_t
postmaster(void)
{
	char	*pid = run("head -1 %s/data/postmaster.pid",
		    postgres_folder());

	return ((pid_t)strtol(pid, NULL, 10));
}

/* The output of a command, in a static buffer; a failure ends the test. */
static char *
run(const char *format, ...)
{
	static char	output[65536];
	char		command[1024];
	va_list		args;
	FILE		*pipe;
	size_t		len;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if ((pipe = popen(command, "r")) == NULL)
		die("cannot run %s", command);
	len = fread(output, 1, sizeof(output) - 1, pipe);
	output[len] = '\0';
	if (pclose(pipe) != 0)
		die("failed: %s", command);

	return (output);
}

static void
watch(void)
{
	int	ends[2];
	char	byte;

	if (pipe2(ends, O_CLOEXEC) != 0)
		die("no pipe");
	switch (fork()) {
	case -1:
		die("no child");
	case 0:
		/* Out of the way of Ctrl-C, so that it can clean up. */
		setsid();
		close(ends[1]);
		while (read(ends[0], &byte, 1) < 0)
			continue;
		run("[ ! -d %s/copy ] || " SCRIPT " remove %s/copy", folder,
		    folder);
		run(SCRIPT " remove %s 2>/dev/null", folder);
		_exit(0);
	}
	close(ends[0]);
}

static void
said(void *owner, const char *text)
{
	(void)owner;
	(void)text;
}

static void
die(const char *format, ...)
{
	va_list	args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	abort();
}
