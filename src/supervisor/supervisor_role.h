/*
 * What each role is: its name, its keys, its user, its main function.
 */
#ifndef PERMISO_SUPERVISOR_ROLE_H
#define PERMISO_SUPERVISOR_ROLE_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/base_config.h"

enum supervisor_role {
	SUPERVISOR_SIGNER,	/* started first, stopped last */
	SUPERVISOR_JOBS,
	SUPERVISOR_WEB,
	SUPERVISOR_ROLE_COUNT
};

/* Whom a role runs as, when we are root. */
struct supervisor_user {
	uid_t	uid;
	gid_t	gid;
	gid_t	sockets;	/* group of the run folder: sees the sockets */
};

const char	*supervisor_role_name(enum supervisor_role role);
bool		 supervisor_role_parse(const char *name,
		    enum supervisor_role *out);

/*
 * The settings a role is handed: "all" without the root key and the owner's
 * credential, with the wrapping keys of the role's purposes and its own
 * database credential.  False, with a sentence in "error", when the latter
 * cannot be made.
 */
bool	supervisor_role_config(const struct base_config *all,
	    enum supervisor_role role, struct base_config *out,
	    char error[BASE_CONFIG_ERROR_MAX + 1]);

/*
 * The user of a role: the setting's name, else its number; a user that does
 * not exist gets a fixed number of its own, so that roles are always apart.
 */
bool	supervisor_role_user(const struct base_config *config,
	    enum supervisor_role role, struct supervisor_user *out,
	    char error[BASE_CONFIG_ERROR_MAX + 1]);

/*
 * The child's side of `serve --as NAME`: reads its settings from descriptor
 * 3 and runs the role.  Returns the exit code.
 */
int	supervisor_role_run(enum supervisor_role role);

#endif /* !PERMISO_SUPERVISOR_ROLE_H */
