/*
 * The signer role: private signing keys, a local socket, nothing else.
 */
#ifndef PERMISO_SIGNER_H
#define PERMISO_SIGNER_H

#include "base/base_config.h"

/* Serve until SIGTERM.  Exit codes as server_main(). */
int	signer_serve(const struct base_config *config);

#endif /* !PERMISO_SIGNER_H */
