/*
 * Database roles of the processes and their credentials: each process
 * connects as a role that may do only its own work.
 */
#ifndef PERMISO_STORE_ROLES_H
#define PERMISO_STORE_ROLES_H

#include <stdbool.h>

#include "base/base_config.h"
#include "store/store_sync.h"

/*
 * The connection string of "role", made of the owner's string
 * (config->database) and a password that is derived from the root key, so
 * that none has to be kept.  False, with a sentence in "error".
 */
bool	store_roles_conninfo(const struct base_config *config,
	    enum store_role role, char out[BASE_CONFIG_TEXT_MAX + 1],
	    char error[BASE_CONFIG_ERROR_MAX + 1]);

/*
 * Make the roles that are missing, give them their passwords, and let them
 * (and nobody else) into this database.  "sync" is the owner's connection.
 * False, with a sentence in "error".
 */
bool	store_roles_make(struct store_sync *sync,
	    const struct base_config *config,
	    char error[BASE_CONFIG_ERROR_MAX + 1]);

#endif /* !PERMISO_STORE_ROLES_H */
