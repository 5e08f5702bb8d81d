/*
 * `permiso migrate`: roles, schema, partitions, keys; safe to run at any time
 * and by several at once.
 */

#include <stdio.h>

#include "cli/cli.h"
#include "store/store_migrate.h"

static void	say(void *, const char *);

int
cli_migrate(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option	none[] = { { NULL, NULL, NULL } };
	char				error[BASE_CONFIG_ERROR_MAX + 1];
	int				code;

	if (!cli_options(cli, &argc, argv, none, 0, 0))
		return (EX_USAGE);

	switch (store_migrate(&cli->config, say, cli, error)) {
	case STORE_MIGRATE_OK:
		if ((code = cli_keys_first(cli)) != EX_OK)
			return (code);
		printf("the database is up to date\n");
		return (EX_OK);
	case STORE_MIGRATE_AWAY:
		return (cli_fail(cli, EX_UNAVAILABLE, "%s", error));
	case STORE_MIGRATE_REFUSED:
		break;
	}

	return (cli_fail(cli, EX_CONFIG, "%s", error));
}

static void
say(void *owner, const char *text)
{
	(void)owner;
	printf("%s\n", text);
}
