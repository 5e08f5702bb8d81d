/*
 * What `permiso serve` asks the database before it starts anything.
 */
#ifndef PERMISO_SUPERVISOR_DATABASE_H
#define PERMISO_SUPERVISOR_DATABASE_H

#include "cli/cli.h"

/*
 * May we serve what the owner's connection leads to?  If nobody is set up
 * yet, makes a new set-up code and logs the address that takes it.  The
 * connection is closed again.  EX_OK, or the exit code after the reason was
 * printed.
 */
int	supervisor_database_check(struct cli *cli);

#endif /* !PERMISO_SUPERVISOR_DATABASE_H */
