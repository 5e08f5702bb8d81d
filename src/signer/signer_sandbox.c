/*
 * A filter in classic BPF: wrong architecture and calls that only an intruder
 * makes end the process, calls on the list pass, all others fail with EPERM.
 */

#include "signer/signer_sandbox.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#if defined(__x86_64__)
#define ARCHITECTURE	AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE	AUDIT_ARCH_AARCH64
#else
#error "the signer's filter does not know this architecture"
#endif

/* The low half of an argument: both architectures are little-endian. */
#define ARGUMENT(n)	((unsigned int)offsetof(struct seccomp_data, args) + \
			    8 * (n))

#define LOAD(offset)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define RETURN(what)	BPF_STMT(BPF_RET | BPF_K, (what))
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), \
			    (yes), (no))
#define HAS(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), \
			    (yes), (no))
#define NUMBER		LOAD(offsetof(struct seccomp_data, nr))
#define DENIED		(SECCOMP_RET_ERRNO | EPERM)

#define ALLOW(name)	IS(SYS_##name, 0, 1), RETURN(SECCOMP_RET_ALLOW)
#define KILL(name)	IS(SYS_##name, 0, 1), RETURN(SECCOMP_RET_KILL_PROCESS)

/* Allowed unless an argument has one of "bits". */
#define ALLOW_WITHOUT(name, n, bits) \
	IS(SYS_##name, 0, 4), LOAD(ARGUMENT(n)), HAS((bits), 0, 1), \
	RETURN(DENIED), RETURN(SECCOMP_RET_ALLOW)

/* Allowed with one of three values of an argument. */
#define ALLOW_THREE(name, n, a, b, c) \
	IS(SYS_##name, 0, 6), LOAD(ARGUMENT(n)), IS((a), 2, 0), \
	IS((b), 1, 0), IS((c), 0, 1), RETURN(SECCOMP_RET_ALLOW), \
	RETURN(DENIED)

#define WRITES		(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)

static const struct sock_filter	filter[] = {
	LOAD(offsetof(struct seccomp_data, arch)),
	IS(ARCHITECTURE, 1, 0),
	RETURN(SECCOMP_RET_KILL_PROCESS),
	NUMBER,

	/* Every signature. */
	ALLOW(recvfrom),
	ALLOW(sendto),
#if defined(SYS_poll)
	ALLOW(poll),
#endif
	ALLOW(ppoll),
	ALLOW(getrandom),
	ALLOW(clock_gettime),
	ALLOW(gettimeofday),
	ALLOW(getpid),
	ALLOW(write),
	ALLOW(read),

	/* Memory, never executable. */
	ALLOW(brk),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(madvise),
	ALLOW_WITHOUT(mmap, 2, PROT_EXEC),
	ALLOW_WITHOUT(mprotect, 2, PROT_EXEC),

	/* Clients and the database. */
	ALLOW(accept4),
	ALLOW(close),
	ALLOW(connect),
	ALLOW(fcntl),
	ALLOW(getpeername),
	ALLOW(getsockname),
	ALLOW(getsockopt),
	ALLOW(recvmsg),
	ALLOW(sendmsg),
	ALLOW(setsockopt),
	ALLOW(shutdown),
	ALLOW_THREE(socket, 0, AF_UNIX, AF_INET, AF_INET6),

	/* What glibc, libpq and OpenSSL read. */
	ALLOW_WITHOUT(openat, 2, WRITES),
#if defined(SYS_open)
	ALLOW_WITHOUT(open, 1, WRITES),
#endif
	ALLOW(fstat),
#if defined(SYS_stat)
	ALLOW(stat),
#endif
#if defined(SYS_access)
	ALLOW(access),
#endif
	ALLOW(faccessat),
	ALLOW(newfstatat),
	ALLOW(lseek),
	ALLOW(pread64),
	ALLOW(geteuid),
	ALLOW(getuid),
	ALLOW(getegid),
	ALLOW(getgid),
	ALLOW(getppid),
	ALLOW(gettid),
	ALLOW(uname),
	ALLOW(sysinfo),

	/* The end, and a stumble. */
	ALLOW(exit_group),
	ALLOW(exit),
	ALLOW(futex),
	ALLOW(restart_syscall),
	ALLOW(rt_sigaction),
	ALLOW(rt_sigprocmask),
	ALLOW(rt_sigreturn),
	ALLOW(sched_yield),
	ALLOW(sigaltstack),	/* sanitized builds, at each exit */
	ALLOW(tgkill),

	/* Nobody of ours makes these. */
	KILL(execve),
	KILL(execveat),
	KILL(ptrace),
	KILL(process_vm_readv),
	KILL(process_vm_writev),

	RETURN(DENIED),
};

bool
signer_sandbox_enter(void)
{
	/* The kernel only reads it. */
	struct sock_fprog	program = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = (struct sock_filter *)(uintptr_t)filter,
	};

	return (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}
