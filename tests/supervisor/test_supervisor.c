/*
 * `permiso serve`, with roles of this test in place of the real ones.
 *
 * The supervisor executes its own program again for each role, and that
 * program is this test: called as "serve" it is permiso.  What a role of the
 * test does is told by APP_NAME: "<role>:<what>".
 */

#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base_bytes.h"
#include "base/base_clock.h"
#include "jobs/jobs.h"
#include "server/server.h"
#include "signer/signer.h"
#include "store/store_roles.h"
#include "supervisor/supervisor.h"
#include "supervisor/supervisor_database.h"
#include "supervisor/supervisor_role.h"

#define ROOT_KEY	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define PATIENCE	90000	/* ms until a test gives up */

static char	folder[] = "/tmp/permiso-supervisor-XXXXXX";
static pid_t	served;		/* what a test started last; 0: it ended */

/* ------------------------------------------------- the roles of this test */

static void	note(const char *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

/* One line of what a role has to say, in a file of its own. */
static void
note(const char *role, const char *format, ...)
{
	va_list	 args;
	FILE	*file;
	char	 path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, role);
	if ((file = fopen(path, "a")) == NULL)
		_exit(99);
	(void)fchmod(fileno(file), 0666);	/* roles share "order" */
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fputc('\n', file);
	fclose(file);
}

static int
open_descriptors(void)
{
	struct dirent	*entry;
	DIR		*dir = opendir("/proc/self/fd");
	int		 count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);

	return (count - 1);	/* the folder's own */
}

static bool
any_byte(const void *data, size_t len)
{
	const uint8_t	*p = data;

	for (size_t i = 0; i < len; i++) {
		if (p[i] != 0)
			return (true);
	}

	return (false);
}

/* What was handed to this role, in letters. */
static void
note_config(const char *role, const struct base_config *config)
{
	char	keys[BASE_PURPOSE_COUNT + 1] = { 0 };

	for (int i = 0; i < BASE_PURPOSE_COUNT; i++) {
		bool	key = any_byte(config->wrapping[i], BASE_KEY_LEN);

		keys[i] = !key ? '-' : config->has_wrapping[i] ? 'k' : '?';
	}
	note(role, "pid %d keys %s root %d owner %d db %s auth %d env %d "
	    "fds %d", getpid(), keys,
	    any_byte(config->root_key, BASE_KEY_LEN) || config->has_root_key,
	    any_byte(config->database, sizeof(config->database)),
	    config->role_database, any_byte(config->signer_auth, BASE_KEY_LEN),
	    environ[0] != NULL, open_descriptors());
}

static int
role_serve(const char *role, const struct base_config *config)
{
	const char	*what = config->app_name;
	size_t		 len = strlen(role);
	sigset_t	 told;
	int		 number;

	/* "folder" of the process that is being tested */
	snprintf(folder, sizeof(folder), "%.*s",
	    (int)(strlen(config->run_dir) - strlen("/run")), config->run_dir);
	/* Blocked before anybody can know that we are there: none is lost. */
	sigemptyset(&told);
	sigaddset(&told, SIGHUP);
	sigaddset(&told, SIGTERM);
	sigprocmask(SIG_BLOCK, &told, NULL);
	note_config(role, config);

	what = strncmp(what, role, len) == 0 && what[len] == ':' ?
	    what + len + 1 : "";
	if (strcmp(what, "crash") == 0)
		abort();
	if (strcmp(what, "config") == 0)
		return (EX_CONFIG);
	if (strcmp(what, "away") == 0)
		return (EX_UNAVAILABLE);
	for (;;) {
		if (sigwait(&told, &number) != 0)
			_exit(97);
		note(role, "told %s", sigabbrev_np(number));
		if (number == SIGTERM && strcmp(what, "deaf") != 0) {
			if (strcmp(what, "slow") == 0)
				usleep(500000);	/* a request to finish */
			note("order", "%s", role);
			return (EX_OK);
		}
	}
}

int
server_main(const struct base_config *config)
{
	return (role_serve("web", config));
}

int
signer_serve(const struct base_config *config)
{
	return (role_serve("signer", config));
}

int
jobs_serve(const struct base_config *config)
{
	return (role_serve("jobs", config));
}

int
supervisor_database_check(struct cli *cli)
{
	(void)cli;
	return (EX_OK);
}

bool
store_roles_conninfo(const struct base_config *config, enum store_role role,
    char out[BASE_CONFIG_TEXT_MAX + 1],
    char error[BASE_CONFIG_ERROR_MAX + 1])
{
	(void)config;
	(void)error;
	snprintf(out, BASE_CONFIG_TEXT_MAX + 1, "role%d", (int)role);
	return (true);
}

/* ------------------------------------------------------- the test's side */

/* All that a role has noted; free it. */
static char *
notes(const char *role)
{
	char	 path[128], *text = calloc(1, 8192);
	int	 fd;

	snprintf(path, sizeof(path), "%s/%s", folder, role);
	if ((fd = open(path, O_RDONLY)) != -1) {
		if (read(fd, text, 8191) < 0)
			fail_msg("cannot read %s", path);
		close(fd);
	}

	return (text);
}

/* Wait until "role" has noted "text" "times" times. */
static void
wait_note(const char *role, const char *text, int times)
{
	int64_t	end = base_clock_monotonic() + PATIENCE;

	for (;;) {
		char	*all = notes(role), *at = all;
		int	 found = 0;

		while ((at = strstr(at, text)) != NULL) {
			found++;
			at++;
		}
		free(all);
		if (found >= times)
			return;
		if (base_clock_monotonic() > end)
			fail_msg("%s never noted \"%s\" %d times", role, text,
			    times);
		usleep(5000);
	}
}

static void
started(void)
{
	wait_note("web", "pid ", 1);
	wait_note("signer", "pid ", 1);
	wait_note("jobs", "pid ", 1);
}

/* The process id that "role" noted last. */
static pid_t
noted_pid(const char *role)
{
	char	*all = notes(role), *at = all, *last = NULL;
	pid_t	 pid;

	while ((at = strstr(at, "pid ")) != NULL)
		last = at++;
	assert_non_null(last);
	pid = (pid_t)strtol(last + 4, NULL, 10);
	free(all);

	return (pid);
}

static void
assert_note(const char *role, const char *text)
{
	char	*all = notes(role);

	if (strstr(all, text) == NULL)
		fail_msg("%s: no \"%s\" in: %s", role, text, all);
	free(all);
}

static pid_t
serve(const char *what)
{
	char	program[] = "permiso", command[] = "serve";
	char	name[64], run_dir[128], key[128], path[] = "PATH=/nowhere";
	char	url[] = "APP_URL=http://localhost:1812";
	char	env[] = "APP_ENV=development";
	char	db[] = "DB_CONNECTION_STRING=owner secret";
	char	quiet[] = "LOG_LEVEL=error";
	char	*argv[] = { program, command, NULL };
	char	*environment[] = { url, env, db, path, quiet, name, run_dir,
		    key, NULL };
	pid_t	 pid;

	snprintf(name, sizeof(name), "APP_NAME=%s", what);
	snprintf(run_dir, sizeof(run_dir), "RUN_DIR=%s/run", folder);
	snprintf(key, sizeof(key), "ENCRYPTION_KEY=%s", ROOT_KEY);
	if ((pid = fork()) == 0) {
		execve("/proc/self/exe", argv, environment);
		_exit(98);
	}
	assert_true(pid > 0);
	served = pid;

	return (pid);
}

static int
exit_code(pid_t pid)
{
	int64_t	end = base_clock_monotonic() + PATIENCE + 20000;
	int	status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (base_clock_monotonic() > end) {
			kill(pid, SIGKILL);
			fail_msg("it does not end");
		}
		usleep(5000);
	}
	served = 0;

	return (WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

static bool
gone(pid_t pid)
{
	int64_t	end = base_clock_monotonic() + PATIENCE;
	char	path[64], text[256] = "";
	FILE	*file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (;;) {
		if ((file = fopen(path, "r")) == NULL)
			return (true);
		if (fgets(text, sizeof(text), file) != NULL &&
		    strstr(text, ") Z ") != NULL) {
			fclose(file);
			return (true);
		}
		fclose(file);
		if (base_clock_monotonic() > end)
			return (false);
		usleep(5000);
	}
}

static int
fresh(void **state)
{
	char	command[128];

	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/permiso-supervisor-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return (-1);
	/* roles that have users of their own write here, too */
	snprintf(command, sizeof(command), "chmod 777 %s", folder);

	return (system(command));
}

static int
clean(void **state)
{
	char	command[128];

	(void)state;
	/* A test that failed has left its supervisor behind. */
	if (served != 0) {
		kill(served, SIGKILL);
		(void)waitpid(served, NULL, 0);
		served = 0;
	}
	snprintf(command, sizeof(command), "rm -rf %s", folder);

	return (system(command));
}

static void
test_supervisor_hands_each_role_its_own(void **state)
{
	pid_t	pid = serve("x");

	(void)state;
	started();
	assert_note("web", "keys kkk- root 0 owner 0 db role0 auth 1 env 0 "
	    "fds 4");
	assert_note("signer", "keys ---k root 0 owner 0 db role1 auth 1 env 0 "
	    "fds 4");
	assert_note("jobs", "keys ---- root 0 owner 0 db role2 auth 1 env 0 "
	    "fds 4");
	kill(pid, SIGTERM);
	assert_int_equal(exit_code(pid), EX_OK);
}

static void
test_supervisor_stops_web_first(void **state)
{
	char	*order;
	pid_t	 pid = serve("web:slow");

	(void)state;
	started();
	kill(pid, SIGINT);
	assert_int_equal(exit_code(pid), EX_OK);
	order = notes("order");
	assert_int_equal(strncmp(order, "web\n", 4), 0);
	assert_non_null(strstr(order, "signer"));
	assert_non_null(strstr(order, "jobs"));
	free(order);
}

static void
test_supervisor_second_signal_waits_no_longer(void **state)
{
	pid_t	pid = serve("web:deaf");

	(void)state;
	started();
	kill(pid, SIGTERM);
	usleep(50000);
	kill(pid, SIGTERM);
	assert_int_equal(exit_code(pid), EX_OK);
	assert_true(gone(noted_pid("web")));
}

static void
test_supervisor_passes_hangup_on(void **state)
{
	pid_t	pid = serve("x");

	(void)state;
	started();
	kill(pid, SIGHUP);
	wait_note("web", "told HUP", 1);
	wait_note("signer", "told HUP", 1);
	wait_note("jobs", "told HUP", 1);
	kill(pid, SIGTERM);
	assert_int_equal(exit_code(pid), EX_OK);
}

static void
test_supervisor_killed_leaves_nothing(void **state)
{
	pid_t	pid = serve("x");

	(void)state;
	started();
	kill(pid, SIGKILL);
	assert_int_equal(exit_code(pid), -SIGKILL);
	assert_true(gone(noted_pid("web")));
	assert_true(gone(noted_pid("signer")));
	assert_true(gone(noted_pid("jobs")));
}

static void
test_supervisor_starts_the_dead_again(void **state)
{
	pid_t	pid = serve("x"), web, signer;

	(void)state;
	started();
	web = noted_pid("web");
	signer = noted_pid("signer");
	kill(web, SIGSEGV);
	wait_note("web", "pid ", 2);
	assert_true(gone(web));
	assert_int_not_equal(noted_pid("web"), web);
	assert_int_equal(noted_pid("signer"), signer);
	kill(pid, SIGTERM);
	assert_int_equal(exit_code(pid), EX_OK);
}

static void
test_supervisor_gives_up_a_crash_loop(void **state)
{
	int64_t	began = base_clock_monotonic();
	pid_t	pid = serve("web:crash");

	(void)state;
	assert_int_equal(exit_code(pid), EX_SOFTWARE);
	/* six lives, and waits of 100, 200, ... 1600 ms between them */
	wait_note("web", "pid ", 6);
	assert_true(base_clock_monotonic() - began >= 3100);
	assert_true(gone(noted_pid("signer")));
	assert_true(gone(noted_pid("jobs")));
}

static void
test_supervisor_ends_with_the_code_of_the_role(void **state)
{
	pid_t	pid = serve("signer:config");
	char	*all;

	(void)state;
	assert_int_equal(exit_code(pid), EX_CONFIG);
	all = notes("signer");
	assert_null(strstr(strstr(all, "pid ") + 1, "pid "));
	free(all);

	assert_int_equal(exit_code(serve("jobs:away")), EX_UNAVAILABLE);
}

static void
test_supervisor_refuses_a_foreign_run_dir(void **state)
{
	char	path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/run", folder);
	assert_int_equal(symlink("/tmp", path), 0);
	assert_int_equal(exit_code(serve("x")), EX_CONFIG);
	assert_int_equal(unlink(path), 0);
}

static const struct {
	const char	*setting;
	bool		 ok;
	uid_t		 uid;
} users[] = {
	{ "permiso-web", true, 60814 },	/* does not exist: its number */
	{ "nobody", true, 65534 },
	{ "1234", true, 1234 },
	{ "no-such-user", false, 0 },
	{ "root", false, 0 },
	{ "0", false, 0 },
	{ "-1", false, 0 },
	{ "4294967295", false, 0 },
	{ "4294967296", false, 0 },
	{ "12x", false, 0 },
};

static void
test_supervisor_role_user(void **state)
{
	struct base_config	config = { 0 };
	char			error[BASE_CONFIG_ERROR_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct supervisor_user	user = { 0 };

		snprintf(config.web_user, sizeof(config.web_user), "%s",
		    users[i].setting);
		if (supervisor_role_user(&config, SUPERVISOR_WEB, &user,
		    error) != users[i].ok || user.uid != users[i].uid)
			fail_msg("user: %s", users[i].setting);
	}
}

int
main(int argc, char **argv)
{
	static const struct cli_command	commands[] = {
		{ "serve", "", "serve", supervisor_serve, CLI_NOTHING },
		{ NULL, NULL, NULL, NULL, CLI_NOTHING }
	};
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, clean)
		TEST(test_supervisor_hands_each_role_its_own),
		TEST(test_supervisor_stops_web_first),
		TEST(test_supervisor_second_signal_waits_no_longer),
		TEST(test_supervisor_passes_hangup_on),
		TEST(test_supervisor_killed_leaves_nothing),
		TEST(test_supervisor_starts_the_dead_again),
		TEST(test_supervisor_gives_up_a_crash_loop),
		TEST(test_supervisor_ends_with_the_code_of_the_role),
		TEST(test_supervisor_refuses_a_foreign_run_dir),
		cmocka_unit_test(test_supervisor_role_user),
	};

	if (argc > 1)
		return (cli_main(commands, argc, argv));

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
