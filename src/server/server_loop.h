/*
 * Kore's event loop as a struct base_loop: one of each worker.
 */
#ifndef PERMISO_SERVER_LOOP_H
#define PERMISO_SERVER_LOOP_H

#include "base/base_loop.h"

#define SERVER_LOOP_WATCHES	64	/* database connections, the signer */

struct base_loop	*server_loop_get(void);

#endif /* !PERMISO_SERVER_LOOP_H */
