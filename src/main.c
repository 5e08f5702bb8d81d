/*
 * The program: which command runs what.
 */

#include <stddef.h>

#include "cli/cli.h"
#include "supervisor/supervisor.h"

static const struct cli_command commands[] = {
	{ "serve", "run the provider: web, signer and jobs",
	    "serve [--config FILE]",
	    supervisor_serve, CLI_NOTHING },
	{ "migrate", "make or update the database's schema",
	    "migrate [--config FILE]",
	    cli_migrate, CLI_SETTINGS },
	{ "check", "are the settings right, and is the database there",
	    "check [--config FILE]",
	    cli_check, CLI_SETTINGS },
	{ "apply", "make or change the OIDC clients that JSON files describe",
	    "apply DIR [--dry-run]",
	    cli_apply, CLI_SETTINGS },
	{ "client", "OIDC clients: list, show, secret, disable, enable, "
	    "delete",
	    "client list\n"
	    "       permiso client show|secret|disable|enable|delete "
	    "CLIENT_ID",
	    cli_client, CLI_SETTINGS },
	{ "user", "people: add, list, show, disable, enable, ...",
	    "user add USERNAME [--email E] [--first-name F] [--last-name L] "
	    "[--admin]\n"
	    "       permiso user list\n"
	    "       permiso user show|disable|enable|promote|demote USER\n"
	    "       permiso user passkeys USER\n"
	    "       permiso user remove-passkey USER ID",
	    cli_user, CLI_SETTINGS },
	{ "login-link", "a one-time link for somebody without a passkey",
	    "login-link USER [--hours N] [--email]",
	    cli_login_link, CLI_SETTINGS },
	{ "mail", "mail: test it, what waits, send what waits now",
	    "mail test ADDRESS\n"
	    "       permiso mail queue|retry",
	    cli_mail, CLI_SETTINGS },
	{ "keys", "keys: list them, make new ones, change the root key",
	    "keys list\n"
	    "       permiso keys rotate [--alg ALG] [--now]\n"
	    "       permiso keys rotate --purpose seal|mac|pepper\n"
	    "       permiso keys rewrap --old-key-file FILE",
	    cli_keys, CLI_SETTINGS },
	{ "audit", "does the audit still say what was sealed",
	    "audit verify [--head HASH]",
	    cli_audit, CLI_SETTINGS },
	{ "version", "which version this is",
	    "version",
	    cli_version, CLI_NOTHING },
	{ NULL, NULL, NULL, NULL, CLI_NOTHING }
};

int
main(int argc, char **argv)
{
	return (cli_main(commands, argc, argv));
}
