/*
 * `permiso version`.
 */

#include "cli/cli.h"

#include <stdio.h>

int
cli_version(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option	none[] = { { NULL, NULL, NULL } };

	if (!cli_options(cli, &argc, argv, none, 0, 0))
		return (EX_USAGE);
	printf("permiso %s\n", CLI_VERSION);

	return (EX_OK);
}
