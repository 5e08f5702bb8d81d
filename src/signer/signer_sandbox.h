/*
 * What the signer gives up once it listens: every system call that it has no
 * use for.  It can then read files, speak to its sockets and the database, and
 * nothing else: no new program, no new process, no file made or changed, no
 * memory made executable.
 */
#ifndef PERMISO_SIGNER_SANDBOX_H
#define PERMISO_SIGNER_SANDBOX_H

#include <stdbool.h>

/* For good.  False, with errno, when the kernel refuses. */
bool	signer_sandbox_enter(void);

#endif /* !PERMISO_SIGNER_SANDBOX_H */
