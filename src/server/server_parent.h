/*
 * Kore's parent process: starting dead workers again, ending in order.
 */
#ifndef PERMISO_SERVER_PARENT_H
#define PERMISO_SERVER_PARENT_H

#include <stdint.h>
#include <sysexits.h>

struct connection;
struct kore_worker;

#define SERVER_PARENT_TICK	1000	/* ms */
#define SERVER_PARENT_GAVE_UP	EX_UNAVAILABLE

/*
 * SIG_BLOCK: signals wait.  SIG_UNBLOCK: they come, because who is to obey
 * them is ready.  A child begins with its parent's.
 */
void	server_parent_signals(int how);

/*
 * The signal to obey now.  An order to end stays in Kore's sig_recv, where its
 * loop and its reaper look for it; any other is taken from there, so that the
 * next one is seen.
 */
int	server_parent_signal(void);

/* A worker is about to be forked. */
void	server_parent_started(const struct kore_worker *worker);

/*
 * A worker died.  It is started again at once, or, when it dies again and
 * again within 10 s of its start, after a pause that doubles up to 5 s.
 */
void	server_parent_restart(struct kore_worker *worker, uint16_t index);

/*
 * A message came that no worker of ours sends.  In the parent: the worker at
 * the other end is killed, and another started.
 */
void	server_parent_distrust(const struct connection *c);

/* Every second: children whose signal was lost. */
void	server_parent_tick(void *arg, uint64_t now);

/*
 * Wait for the children to end; tell them again once a second, and kill
 * those that are left when the drain has had its time.
 */
void	server_parent_wait(struct kore_worker *workers, unsigned count);

/* What the server stops for is a failure. */
void	server_parent_failed(void);
/* EX_OK, or SERVER_PARENT_GAVE_UP. */
int	server_parent_code(void);

#endif /* !PERMISO_SERVER_PARENT_H */
