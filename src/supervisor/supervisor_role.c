/*
 * What each role is.
 */

#include "supervisor/supervisor_role.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/base_bytes.h"
#include "base/base_log.h"
#include "jobs/jobs.h"
#include "server/server.h"
#include "signer/signer.h"
#include "signer/signer_auth.h"
#include "store/store_hosts.h"
#include "store/store_roles.h"
#include "supervisor/supervisor_child.h"

/* Numbers for users that do not exist: no distribution hands them out. */
#define FIRST_NUMBER	60812
#define SOCKETS_NUMBER	60811
#define SOCKETS_GROUP	"permiso"

struct role {
	const char	*name;
	const char	*process;	/* what ps(1) shows */
	const char	*user;		/* default of the setting */
	enum store_role	 store;
	/* Which wrapping keys it is handed. */
	bool		 purposes[BASE_PURPOSE_COUNT];
	int		(*run)(const struct base_config *);
};

static const struct role roles[SUPERVISOR_ROLE_COUNT] = {
	[SUPERVISOR_SIGNER] = {
		.name = "signer",
		.process = "permiso-signer",
		.user = "permiso-signer",
		.store = STORE_ROLE_SIGNER,
		.purposes = { [BASE_PURPOSE_SIGNING] = true },
		.run = signer_serve,
	},
	[SUPERVISOR_JOBS] = {
		.name = "jobs",
		.process = "permiso-jobs",
		.user = "permiso-jobs",
		.store = STORE_ROLE_JOBS,
		.run = jobs_serve,
	},
	[SUPERVISOR_WEB] = {
		.name = "web",
		.process = "permiso-web",
		.user = "permiso-web",
		.store = STORE_ROLE_WEB,
		.purposes = {
			[BASE_PURPOSE_SEAL] = true,
			[BASE_PURPOSE_MAC] = true,
			[BASE_PURPOSE_PEPPER] = true,
		},
		.run = server_main,
	},
};

const char *
supervisor_role_name(enum supervisor_role role)
{
	return (roles[role].name);
}

bool
supervisor_role_parse(const char *name, enum supervisor_role *out)
{
	for (int i = 0; i < SUPERVISOR_ROLE_COUNT; i++) {
		if (strcmp(roles[i].name, name) == 0) {
			*out = (enum supervisor_role)i;
			return (true);
		}
	}

	return (false);
}

bool
supervisor_role_config(const struct base_config *all,
    enum supervisor_role role, struct base_config *out,
    char error[BASE_CONFIG_ERROR_MAX + 1])
{
	enum signer_auth_role	client;
	char			conninfo[BASE_CONFIG_TEXT_MAX + 1];

	if (!store_roles_conninfo(all, roles[role].store, conninfo, error))
		return (false);

	*out = *all;
	if (role == SUPERVISOR_JOBS && !store_roles_conninfo(all,
	    STORE_ROLE_RETENTION, out->retention_database, error))
		return (false);
	base_bytes_wipe(out->root_key, sizeof(out->root_key));
	base_bytes_wipe(out->database, sizeof(out->database));
	out->has_root_key = false;
	if (role != SUPERVISOR_JOBS)
		base_bytes_wipe(out->smtp_password,
		    sizeof(out->smtp_password));
	memcpy(out->role_database, conninfo, sizeof(out->role_database));
	base_bytes_wipe(conninfo, sizeof(conninfo));

	/* A client of the signer can prove its own role only. */
	if (signer_auth_parse(roles[role].name, &client))
		signer_auth_key(all->signer_auth, client, out->signer_auth);

	for (int i = 0; i < BASE_PURPOSE_COUNT; i++) {
		out->has_wrapping[i] = roles[role].purposes[i];
		if (roles[role].purposes[i])
			base_keyring_derive(all->root_key,
			    (enum base_purpose)i, out->wrapping[i]);
		else
			base_bytes_wipe(out->wrapping[i],
			    sizeof(out->wrapping[i]));
	}

	return (true);
}

static const char *
user_setting(const struct base_config *config, enum supervisor_role role)
{
	switch (role) {
	case SUPERVISOR_SIGNER:
		return (config->signer_user);
	case SUPERVISOR_JOBS:
		return (config->jobs_user);
	case SUPERVISOR_WEB:
		return (config->web_user);
	case SUPERVISOR_ROLE_COUNT:
		break;
	}
	abort();
}

/* A number that a user may have: all digits, not root, not (uid_t)-1. */
static bool
user_number(const char *text, uid_t *out)
{
	unsigned long	 value;
	char		*end;

	if (text[0] < '1' || text[0] > '9')
		return (false);
	errno = 0;
	value = strtoul(text, &end, 10);
	if (*end != '\0' || errno != 0 || value > 0x7fffffff)
		return (false);
	*out = (uid_t)value;

	return (true);
}

bool
supervisor_role_user(const struct base_config *config,
    enum supervisor_role role, struct supervisor_user *out,
    char error[BASE_CONFIG_ERROR_MAX + 1])
{
	const char		*name = user_setting(config, role);
	const struct passwd	*pw;
	const struct group	*gr;
	struct supervisor_user	 user;

	gr = getgrnam(SOCKETS_GROUP);
	user.sockets = gr != NULL ? gr->gr_gid : SOCKETS_NUMBER;

	if ((pw = getpwnam(name)) != NULL) {
		user.uid = pw->pw_uid;
		user.gid = pw->pw_gid;
	} else if (user_number(name, &user.uid)) {
		user.gid = user.uid;
	} else if (strcmp(name, roles[role].user) == 0) {
		user.uid = FIRST_NUMBER + role;
		user.gid = user.uid;
	} else {
		snprintf(error, BASE_CONFIG_ERROR_MAX + 1,
		    "the %s role is to run as \"%s\", and there is no such "
		    "user", roles[role].name, name);
		return (false);
	}

	if (user.uid == 0) {
		snprintf(error, BASE_CONFIG_ERROR_MAX + 1,
		    "the %s role may not run as root", roles[role].name);
		return (false);
	}
	*out = user;

	return (true);
}

/* Whether this role looks up the database's host names, or is told. */
static bool
hosts_take(enum supervisor_role role)
{
	bool	taken = role == SUPERVISOR_JOBS ?
	    store_hosts_serve(SUPERVISOR_CHILD_TABLE, SUPERVISOR_CHILD_WISH) :
	    store_hosts_attach(SUPERVISOR_CHILD_TABLE, SUPERVISOR_CHILD_WISH);

	close(SUPERVISOR_CHILD_TABLE);	/* what was mapped stays */
	return (taken && fcntl(SUPERVISOR_CHILD_WISH, F_SETFD, FD_CLOEXEC) !=
	    -1);
}

int
supervisor_role_run(enum supervisor_role role)
{
	static struct base_config	config;
	const struct rlimit		no_core = { 0, 0 };
	int				code;

	if (prctl(PR_SET_DUMPABLE, 0) != 0 ||
	    setrlimit(RLIMIT_CORE, &no_core) != 0)
		return (EX_OSERR);
	prctl(PR_SET_NAME, roles[role].process);

	if (!base_config_read(&config, SUPERVISOR_CHILD_PIPE)) {
		fprintf(stderr, "permiso serve --as %s: started by hand? "
		    "its settings come from `permiso serve`\n",
		    roles[role].name);
		return (EX_USAGE);
	}
	close(SUPERVISOR_CHILD_PIPE);
	if (!hosts_take(role)) {
		fprintf(stderr, "permiso serve --as %s: no table of hosts\n",
		    roles[role].name);
		return (EX_OSERR);
	}

	base_log_open(roles[role].name, config.log_level, config.log_json);
	code = roles[role].run(&config);
	base_config_clear(&config);

	return (code);
}
