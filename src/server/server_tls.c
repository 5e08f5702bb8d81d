#include "server/server_tls.h"

#include <sys/wait.h>

#include <kore.h>

#include "base/base_config.h"
#include "server/server_config.h"

/* Say what is wrong with the files, for the person who chose them. */
static void
complain(const char *cert, const char *key)
{
	const char	*reason = NULL, *file = NULL;

	if (access(cert, R_OK) == -1)
		file = cert;
	else if (access(key, R_OK) == -1)
		file = key;

	if (file != NULL)
		reason = strerror(errno);
	else if ((reason = ERR_reason_error_string(ERR_peek_error())) == NULL ||
	    ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_SSL)
		reason = "they do not belong together";

	base_log(BASE_LOG_ERROR, "server", "bad_tls_files",
	    base_log_text("cert", cert), base_log_text("key", key),
	    base_log_text("unreadable", file != NULL ? file : "none"),
	    base_log_text("reason", reason));
}

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
	if (!good)
		complain(cert, key);
	SSL_CTX_free(ctx);
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

	return (usable_elsewhere(config->tls_cert, config->tls_key));
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
