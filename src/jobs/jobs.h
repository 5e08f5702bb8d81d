/*
 * The jobs role: what happens without anybody asking.
 */
#ifndef PERMISO_JOBS_H
#define PERMISO_JOBS_H

#include "base/base_config.h"

/* Serve until SIGTERM.  Exit codes as server_main(). */
int	jobs_serve(const struct base_config *config);

#endif /* !PERMISO_JOBS_H */
