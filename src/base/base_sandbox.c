/*
 * The filter is put together at run time: a fixed head (architecture, calls
 * that are judged by an argument), one comparison for each allowed call, and
 * a tail.
 */

#include "base/base_sandbox.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#if defined(__x86_64__)
#define ARCH	AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH	AUDIT_ARCH_AARCH64
#else
#error "no seccomp filter for this architecture yet"
#endif

#define FILTER_MAX	400
/* Calls of the x32 ABI would slip past comparisons of numbers. */
#define X32		0x40000000U

#define OFFSET(field)	((unsigned)offsetof(struct seccomp_data, field))
#define ARGUMENT(n)	(OFFSET(args) + 8U * (n))	/* its low half */

static const int	allowed[] = {
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_lseek,
	SYS_close, SYS_ppoll, SYS_epoll_create1, SYS_epoll_ctl,
	SYS_epoll_pwait, SYS_eventfd2, SYS_pipe2, SYS_fcntl, SYS_fstat,
	SYS_newfstatat, SYS_statx, SYS_faccessat, SYS_faccessat2,
	SYS_readlinkat, SYS_getdents64, SYS_ioctl,
	SYS_connect, SYS_recvfrom, SYS_recvmsg, SYS_sendto, SYS_sendmsg,
	SYS_sendmmsg, SYS_getsockopt, SYS_setsockopt, SYS_getsockname,
	SYS_getpeername, SYS_shutdown,
	SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise,
	SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep,
	SYS_gettimeofday, SYS_times, SYS_getrandom, SYS_futex, SYS_sched_yield,
	SYS_set_robust_list, SYS_rseq, SYS_membarrier,
	SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid,
	SYS_getgid, SYS_getegid, SYS_uname, SYS_sysinfo,
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
	SYS_sigaltstack, SYS_restart_syscall, SYS_exit, SYS_exit_group,
#if defined(__x86_64__)
	SYS_poll, SYS_select, SYS_epoll_wait, SYS_access, SYS_stat, SYS_lstat,
	SYS_readlink, SYS_time, SYS_arch_prctl,
#endif
};

/* What no honest path of ours comes near. */
static const int	deadly[] = {
	SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv,
	SYS_process_vm_writev, SYS_bpf, SYS_kexec_load, SYS_init_module,
	SYS_finit_module, SYS_mount, SYS_pivot_root, SYS_chroot,
	SYS_unshare, SYS_setns, SYS_keyctl, SYS_perf_event_open,
	SYS_userfaultfd,
};

struct filter {
	struct sock_filter	code[FILTER_MAX];
	unsigned short		len;
};

static void
add(struct filter *filter, struct sock_filter one)
{
	if (filter->len < FILTER_MAX)
		filter->code[filter->len] = one;
	filter->len++;
}

static void
load(struct filter *filter, unsigned offset)
{
	add(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    offset));
}

static void
answer(struct filter *filter, unsigned what)
{
	add(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

/* If what is loaded is "value": "what". */
static void
when(struct filter *filter, unsigned value, unsigned what)
{
	add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	    value, 0, 1));
	answer(filter, what);
}

/* Skip the next "count" instructions unless the call is "number". */
static void
unless(struct filter *filter, int number, unsigned char count)
{
	add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	    (unsigned)number, 0, count));
}

static void
head(struct filter *filter)
{
	load(filter, OFFSET(arch));
	add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	    ARCH, 1, 0));
	answer(filter, SECCOMP_RET_KILL_PROCESS);
	load(filter, OFFSET(nr));
	add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K,
	    X32, 0, 1));
	answer(filter, SECCOMP_RET_KILL_PROCESS);
}

/* Files for reading only: no O_WRONLY, O_RDWR, O_CREAT, O_TRUNC. */
static void
only_reading(struct filter *filter, int number, unsigned argument)
{
	unless(filter, number, 4);
	load(filter, ARGUMENT(argument));
	add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
	    O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 0, 1));
	answer(filter, SECCOMP_RET_ERRNO | EACCES);
	answer(filter, SECCOMP_RET_ALLOW);
}

static void
judged(struct filter *filter)
{
	only_reading(filter, SYS_openat, 2);
#if defined(SYS_open)
	only_reading(filter, SYS_open, 1);
#endif
	unless(filter, SYS_socket, 8);
	load(filter, ARGUMENT(0));
	when(filter, AF_UNIX, SECCOMP_RET_ALLOW);
	when(filter, AF_INET, SECCOMP_RET_ALLOW);
	when(filter, AF_INET6, SECCOMP_RET_ALLOW);
	answer(filter, SECCOMP_RET_ERRNO | EAFNOSUPPORT);

	/* abort() signals its own process. */
	unless(filter, SYS_tgkill, 4);
	load(filter, ARGUMENT(0));
	when(filter, (unsigned)getpid(), SECCOMP_RET_ALLOW);
	answer(filter, SECCOMP_RET_ERRNO | EPERM);
}

bool
base_sandbox_enter(const int *more)
{
	static struct filter	filter;
	struct sock_fprog	program;

#if defined(__SANITIZE_ADDRESS__)
	return (true);
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return (true);
#endif
#endif
	filter.len = 0;
	head(&filter);
	judged(&filter);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		when(&filter, (unsigned)deadly[i], SECCOMP_RET_KILL_PROCESS);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		when(&filter, (unsigned)allowed[i], SECCOMP_RET_ALLOW);
	for (; more != NULL && *more != -1; more++)
		when(&filter, (unsigned)*more, SECCOMP_RET_ALLOW);
	answer(&filter, SECCOMP_RET_ERRNO | EPERM);

	if (filter.len > FILTER_MAX) {
		errno = E2BIG;
		return (false);
	}
	program.len = filter.len;
	program.filter = filter.code;

	return (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}
