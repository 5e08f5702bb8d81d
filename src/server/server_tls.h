/*
 * Certificate and key of direct TLS.
 */
#ifndef PERMISO_SERVER_TLS_H
#define PERMISO_SERVER_TLS_H

#include <stdbool.h>

/*
 * Can the files of the settings in use (server_config_use) be used, or is
 * there no TLS?  False, logged, when they cannot be read or do not belong
 * together.
 */
bool	server_tls_usable(void);

/*
 * SIGHUP: a renewed certificate is taken without a restart.  Files that
 * cannot be used are left alone, and the old ones stay.
 */
void	server_tls_reload(void);

#endif /* !PERMISO_SERVER_TLS_H */
