/*
 * A worker's life: start, tick, drain, end.
 */
#ifndef PERMISO_SERVER_WORKER_H
#define PERMISO_SERVER_WORKER_H

#include <stdbool.h>

struct web_process;

#define SERVER_WORKER_DRAIN_MS	15000	/* for what is under way */
#define SERVER_WORKER_TICK_MS	250	/* Kore looks at its timers when it wakes */

/* Kore's hooks. */
void	server_worker_start(void);
void	server_worker_stop(void);

/*
 * The worker was told to end.  The first call begins the drain: no new
 * connection, idle ones are closed, every answer is its connection's last.
 * Returns 1 when nothing is under way, or the time is up.
 */
int	server_worker_quit(void);

bool	server_worker_draining(void);

/* What exchanges run in. */
struct web_process	*server_worker_process(void);

#endif /* !PERMISO_SERVER_WORKER_H */
