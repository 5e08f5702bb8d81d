#include "server/server_sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <signal.h>

#include <kore.h>
#include <seccomp.h>

#include "base/base_log.h"

static pid_t	parent;

/*
 * Before Kore's own list, so these win.  Allowed is what libpq, OpenSSL,
 * glibc and our socket to the signer were measured to need; denied with an
 * error is what Kore would allow and a hijacked worker would like.
 */
static struct sock_filter	filter[] = {
	KORE_SYSCALL_DENY(kill, EPERM),
#if defined(SYS_unlink)
	KORE_SYSCALL_DENY(unlink, EACCES),
#endif
	KORE_SYSCALL_DENY(unlinkat, EACCES),
#if defined(SYS_open)
	KORE_SYSCALL_DENY_WITH_FLAG(open, 1, O_WRONLY, EACCES),
	KORE_SYSCALL_DENY_WITH_FLAG(open, 1, O_RDWR, EACCES),
	KORE_SYSCALL_DENY_WITH_FLAG(open, 1, O_CREAT, EACCES),
#endif
	KORE_SYSCALL_DENY_WITH_FLAG(openat, 2, O_WRONLY, EACCES),
	KORE_SYSCALL_DENY_WITH_FLAG(openat, 2, O_RDWR, EACCES),
	KORE_SYSCALL_DENY_WITH_FLAG(openat, 2, O_CREAT, EACCES),

	/* The database and the signer. */
	KORE_SYSCALL_ALLOW_ARG(socket, 0, AF_UNIX),
	KORE_SYSCALL_ALLOW_ARG(socket, 0, AF_INET),
	KORE_SYSCALL_ALLOW_ARG(socket, 0, AF_INET6),
	KORE_SYSCALL_DENY(socket, EAFNOSUPPORT),
	KORE_SYSCALL_ALLOW(connect),
	KORE_SYSCALL_ALLOW(getpeername),
	KORE_SYSCALL_ALLOW(getsockname),
	KORE_SYSCALL_ALLOW(getsockopt),
	KORE_SYSCALL_ALLOW(recvmsg),
	KORE_SYSCALL_ALLOW(sendmsg),
	KORE_SYSCALL_ALLOW(shutdown),

	/* glibc and OpenSSL. */
	KORE_SYSCALL_ALLOW(faccessat),
#if defined(SYS_faccessat2)
	KORE_SYSCALL_ALLOW(faccessat2),
#endif
	KORE_SYSCALL_ALLOW(getdents64),
	KORE_SYSCALL_ALLOW(getegid),
	KORE_SYSCALL_ALLOW(getgid),
	KORE_SYSCALL_ALLOW(getppid),
	KORE_SYSCALL_ALLOW(gettid),
	KORE_SYSCALL_ALLOW(mremap),
#if defined(SYS_newfstatat)
	KORE_SYSCALL_ALLOW(newfstatat),
#endif
	KORE_SYSCALL_ALLOW(readlinkat),
	KORE_SYSCALL_ALLOW(sched_yield),
	KORE_SYSCALL_ALLOW(sysinfo),
	KORE_SYSCALL_ALLOW(uname),
};

/* abort() signals its own process, and no other. */
static struct sock_filter	own[] = {
	KORE_SYSCALL_ALLOW_ARG(tgkill, 0, 0),
};
#define OWN_PID	2	/* the instruction that holds the argument */

void
server_sandbox_parent(void)
{
	parent = getpid();
}

void
server_sandbox_confine(void)
{
	const struct rlimit	none = { 0, 0 };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0) == -1 ||
	    setrlimit(RLIMIT_CORE, &none) == -1) {
		base_log(BASE_LOG_ERROR, "server", "unconfined",
		    base_log_text("error", strerror(errno)));
		_exit(1);
	}

	/* It died before we asked to be told. */
	if (getppid() != parent)
		_exit(1);
}

void
server_sandbox_filter(void)
{
	own[OWN_PID].k = (uint32_t)getpid();
	(void)kore_seccomp_filter("permiso", filter, KORE_FILTER_LEN(filter));
	(void)kore_seccomp_filter("own", own, KORE_FILTER_LEN(own));
}
