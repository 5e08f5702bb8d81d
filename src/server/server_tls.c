#include "server/server_tls.h"

#include <sys/wait.h>

#include <kore.h>

#include "base/base_config.h"
#include "server/server_config.h"

static bool
usable(const char *cert, const char *key)
{
	SSL_CTX	*ctx;
	bool	 good;

	if ((ctx = SSL_CTX_new(TLS_server_method())) == NULL)
		return (false);

	good = SSL_CTX_use_certificate_chain_file(ctx, cert) == 1 &&
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_check_private_key(ctx) == 1;
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return (good);
}

/*
 * Asked in a child: what reading a private key leaves behind in memory must
 * not be inherited by the workers.
 */
static bool
usable_elsewhere(const char *cert, const char *key)
{
	int	status = -1;
	pid_t	pid, ended;

	if ((pid = fork()) == -1)
		return (false);
	if (pid == 0)
		_exit(usable(cert, key) ? 0 : 1);

	do {
		ended = waitpid(pid, &status, 0);
	} while (ended == -1 && errno == EINTR);

	return (ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

bool
server_tls_usable(void)
{
	const struct base_config	*config = server_config_used();

	if (config->tls_cert[0] == '\0' && config->tls_key[0] == '\0')
		return (true);
	if (usable_elsewhere(config->tls_cert, config->tls_key))
		return (true);

	base_log(BASE_LOG_ERROR, "server", "bad_tls_files",
	    base_log_text("cert", config->tls_cert),
	    base_log_text("key", config->tls_key));
	return (false);
}

void
server_tls_reload(void)
{
	if (!keymgr_active || !server_tls_usable())
		return;

	/* The key manager reads the files and tells the workers. */
	base_log(BASE_LOG_INFO, "server", "tls_reloaded",
	    base_log_text("cert", server_config_used()->tls_cert));
	kore_worker_dispatch_signal(SIGUSR1);
}
