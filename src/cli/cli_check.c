/*
 * `permiso check`: are the settings right, and does the database answer?
 * Changes nothing.
 */

#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/store_migrate.h"

static int
readable(const struct cli *cli, const char *name, const char *path)
{
	if (path[0] != '\0' && access(path, R_OK) != 0)
		return (cli_fail(cli, EX_NOINPUT, "%s %s: %s", name, path,
		    strerror(errno)));

	return (EX_OK);
}

int
cli_check(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option	none[] = { { NULL, NULL, NULL } };
	char				error[BASE_CONFIG_ERROR_MAX + 1];
	int				code;

	if (!cli_options(cli, &argc, argv, none, 0, 0))
		return (EX_USAGE);
	if ((code = readable(cli, "TLS_CERT", cli->config.tls_cert)) != EX_OK)
		return (code);
	if ((code = readable(cli, "TLS_KEY", cli->config.tls_key)) != EX_OK)
		return (code);
	if ((code = readable(cli, "SMTP_CA", cli->config.smtp_ca)) != EX_OK)
		return (code);
	printf("settings: ok (issuer %s)\n", cli->config.app_url);

	if ((code = cli_database(cli)) != EX_OK)
		return (code);
	if (store_migrate_check(cli->store, &cli->config, error) !=
	    STORE_MIGRATE_OK)
		return (cli_fail(cli, EX_CONFIG, "%s", error));
	printf("database: ok\n");
	if (cli->config.smtp_host[0] == '\0')
		printf("mail: none (SMTP_HOST is not set)\n");
	else
		printf("mail: %s port %u, %s%s; `permiso mail test ADDRESS` "
		    "tries it\n", cli->config.smtp_host,
		    (unsigned)cli->config.smtp_port, cli->config.smtp_tls,
		    cli->config.smtp_skip_verify ?
		    ", ANY CERTIFICATE IS BELIEVED" : "");

	return (EX_OK);
}
