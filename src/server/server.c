/*
 * Kore as a function: everything it needs is set up here, and its main,
 * renamed by the build, is called once.
 */

#include "server/server.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <kore.h>

#include "server/server_config.h"
#include "server/server_parent.h"
#include "server/server_sandbox.h"
#include "server/server_tls.h"
#include "web/web_exchange.h"

#define FILES_MAX	8192

int	kore_main(int argc, char **argv);

/* Is somebody answering on this socket? */
static bool
socket_alive(const char *path)
{
	struct sockaddr_un	address = { .sun_family = AF_UNIX };
	bool			alive;
	int			fd;

	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return (true);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	alive = connect(fd, (const struct sockaddr *)&address,
	    sizeof(address)) == 0 || errno != ECONNREFUSED;
	(void)close(fd);

	return (alive);
}

/* A socket that an unclean stop left behind must not stop the next start. */
static bool
socket_cleared(const char *path)
{
	struct stat	st;

	if (*path == '\0' || lstat(path, &st) == -1)
		return (true);

	if (!S_ISSOCK(st.st_mode) || socket_alive(path) || unlink(path) == -1) {
		base_log(BASE_LOG_ERROR, "server", "socket_in_use",
		    base_log_text("path", path));
		return (false);
	}

	return (true);
}

/* Kore looks at each possible descriptor once per worker. */
static void
limit_files(void)
{
	struct rlimit	limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;

	if (limit.rlim_max > FILES_MAX)
		limit.rlim_max = FILES_MAX;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int
server_main(const struct base_config *config)
{
	char	 name[] = "permiso";
	char	*argv[] = { name, NULL };
	mode_t	 mask;

	server_parent_signals(SIG_BLOCK);
	server_config_use(config);

	/* Kore would find out in a child, when it is too late to say so. */
	if (!server_tls_usable())
		return (EX_CONFIG);
	if (!socket_cleared(config->unix_socket))
		return (EX_UNAVAILABLE);

	if (!web_process_load(config))
		return (EX_SOFTWARE);

	limit_files();
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)prctl(PR_SET_DUMPABLE, 0);
	server_sandbox_parent();

	/* As `kore -f -n -r -q`: who we are is the supervisor's business. */
	kore_foreground = 1;
	skip_chroot = 1;
	skip_runas = 1;
	kore_quiet = 1;

	mask = umask(0117);	/* the socket: 0660 */
	(void)kore_main(1, argv);
	(void)umask(mask);

	if (config->unix_socket[0] != '\0')
		(void)unlink(config->unix_socket);
	return (server_parent_code());
}
