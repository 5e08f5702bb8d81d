/*
 * What a process may do behind the filter: each case in a child of its own.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base_random.h"
#include "base/base_sandbox.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED	true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED	true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED	false
#endif

static int
ok(bool is)
{
	return (is ? 0 : 1);
}

static int
reading(void)
{
	return (ok(open("/etc/passwd", O_RDONLY) >= 0));
}

static int
writing(void)
{
	return (ok(open("/tmp/permiso-sandbox", O_WRONLY | O_CREAT, 0600) == -1
	    && errno == EACCES));
}

static int
writing_both(void)
{
	return (ok(open("/dev/null", O_RDWR) == -1 && errno == EACCES));
}

static int
sockets(void)
{
	return (ok(socket(AF_UNIX, SOCK_STREAM, 0) >= 0 &&
	    socket(AF_INET, SOCK_STREAM, 0) >= 0 &&
	    socket(AF_PACKET, SOCK_RAW, 0) == -1 && errno == EAFNOSUPPORT &&
	    socket(AF_NETLINK, SOCK_RAW, 0) == -1));
}

static int
listening(void)
{
	return (ok(listen(3, 1) == -1 && errno == EPERM));
}

static int
unlinking(void)
{
	return (ok(unlink("/tmp/permiso-none") == -1 && errno == EPERM));
}

static int
killing(void)
{
	return (ok(kill(getppid(), 0) == -1 && errno == EPERM));
}

static int
forking(void)
{
	return (ok(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == -1 &&
	    errno == EPERM));
}

static int
working(void)
{
	char	bytes[16], *block = malloc(1 << 22);

	base_random_bytes(bytes, sizeof(bytes));
	free(block);
	usleep(1000);
	return (ok(block != NULL));
}

static int
executing(void)
{
	char	*const argv[] = { NULL };

	execve("/bin/true", argv, argv);
	return (1);
}

static int
tracing(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	return (1);
}

static int
aborting(void)
{
	abort();
}

static void
test_base_sandbox(void **state)
{
	static const struct {
		const char	*name;
		int		(*run)(void);
		int		 signal;	/* that ends it; 0: none */
	} cases[] = {
		{ "read a file",		reading,	0 },
		{ "make a file",		writing,	0 },
		{ "open for both",		writing_both,	0 },
		{ "sockets",			sockets,	0 },
		{ "listen",			listening,	0 },
		{ "unlink",			unlinking,	0 },
		{ "kill",			killing,	0 },
		{ "fork",			forking,	0 },
		{ "memory, random, time",	working,	0 },
		{ "run a program",		executing,	SIGSYS },
		{ "trace",			tracing,	SIGSYS },
		{ "abort",			aborting,	SIGABRT },
	};
	int	status;

	(void)state;
	if (SANITIZED)
		return;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pid_t	child = fork();

		if (child == 0) {
			prctl(PR_SET_DUMPABLE, 0);
			if (!base_sandbox_enter(NULL))
				_exit(2);
			_exit(cases[i].run());
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		if (cases[i].signal != 0 ? !WIFSIGNALED(status) ||
		    WTERMSIG(status) != cases[i].signal :
		    !WIFEXITED(status) || WEXITSTATUS(status) != 0)
			fail_msg("%s: status %#x", cases[i].name,
			    (unsigned)status);
	}
}

/* What is asked for besides is allowed. */
static void
test_base_sandbox_more(void **state)
{
	static const int	more[] = { SYS_listen, -1 };
	int			status;
	pid_t			child;

	(void)state;
	if (SANITIZED)
		return;
	if ((child = fork()) == 0) {
		if (!base_sandbox_enter(more))
			_exit(2);
		_exit(listen(-1, 1) == -1 && errno == EBADF ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_sandbox),
		cmocka_unit_test(test_base_sandbox_more),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
