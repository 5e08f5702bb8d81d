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
