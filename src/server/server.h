/*
 * The web role: Kore, and the only code that knows it.
 */
#ifndef PERMISO_SERVER_H
#define PERMISO_SERVER_H

#include "base/base_config.h"

/*
 * Serve until SIGTERM, then drain.  Called by the supervisor's child with
 * nothing open but 0, 1, 2.  Returns an exit code of <sysexits.h>: EX_OK
 * after a drain, EX_CONFIG when trying again cannot help (TLS files, address
 * in use by a setting), EX_OSERR or EX_UNAVAILABLE when it may.
 */
int	server_main(const struct base_config *config);

#endif /* !PERMISO_SERVER_H */
