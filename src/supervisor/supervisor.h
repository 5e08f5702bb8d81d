/*
 * `permiso serve`: starts web, signer and jobs, feeds each its settings
 * through a pipe, starts them again when they die, and stops them in order
 * (docs/decisions/supervisor.md).  It listens to nothing.
 *
 * Every child is this program executed afresh as `permiso serve --as ROLE`
 * with an empty environment; what it may know comes on descriptor 3.
 */
#ifndef PERMISO_SUPERVISOR_H
#define PERMISO_SUPERVISOR_H

#include "cli/cli.h"

/* The command `serve`, both sides of it. */
cli_run	supervisor_serve;

#endif /* !PERMISO_SUPERVISOR_H */
