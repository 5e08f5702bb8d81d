/*
 * Seccomp for the processes that are not Kore's (signer, jobs): after it a
 * process reads, writes, talks to unix and internet sockets, and nothing
 * else.  Files open for reading only.  Running a program, tracing another
 * process and the like end it at once; every other call that is not on the
 * list fails with EPERM.
 */
#ifndef PERMISO_BASE_SANDBOX_H
#define PERMISO_BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/*
 * "more" are system calls this process needs besides (SYS_accept4, ...),
 * ended by -1, or NULL.  There is no way back.  False when the kernel refuses,
 * with errno set.  Does nothing in a sanitized build, whose run-time needs
 * more than this.
 */
bool	base_sandbox_enter(const int *more);

#endif /* !PERMISO_BASE_SANDBOX_H */
