/*
 * permiso client: what is registered, and its secrets.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base_clock.h"
#include "cli/cli.h"
#include "cli/cli_secret.h"
#include "store/store_client.h"

typedef int	client_run(struct cli *cli, const char *client_id);

static client_run	client_delete, client_disable, client_enable,
			client_list, client_secret, client_show;

static const struct {
	const char	*name;
	int		 operands;
	client_run	*run;
} actions[] = {
	{ "delete",	1, client_delete },
	{ "disable",	1, client_disable },
	{ "enable",	1, client_enable },
	{ "list",	0, client_list },
	{ "secret",	1, client_secret },
	{ "show",	1, client_show },
};

int
cli_client(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option	none[] = { { NULL, NULL, NULL } };
	int				code, count = argc - 1;

	if (argc == 0)
		return (cli_usage(cli));

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, argv[0]) != 0)
			continue;
		if (!cli_options(cli, &count, argv + 1, none,
		    actions[i].operands, actions[i].operands))
			return (EX_USAGE);
		if ((code = cli_database(cli)) != EX_OK)
			return (code);
		return (actions[i].run(cli, argv[1]));
	}

	(void)cli_fail(cli, EX_USAGE, "there is no `client %s`", argv[0]);
	return (cli_usage(cli));
}

static const char *
named(struct cli *cli, const char *client_id)
{
	return (base_arena_format(&cli->arena, "client %s", client_id));
}

static int
client_list(struct cli *cli, const char *client_id)
{
	const struct store_result	*result;
	struct store_client_line	 line;

	(void)client_id;
	result = store_sync_run(cli->store, store_client_list(&cli->arena));
	if (store_result_status(result) != STORE_OK)
		return (cli_verdict(cli, STORE_FAILED, "clients"));

	for (int row = 0; row < store_result_rows(result); row++) {
		if (!store_client_line(result, row, &line))
			return (cli_verdict(cli, STORE_FAILED, "clients"));
		printf("%-24s  %-20s  %" PRId64 " secret%s  %s%s\n",
		    line.client_id, line.auth_method, line.secrets,
		    line.secrets == 1 ? " " : "s", line.name,
		    line.disabled ? "  (disabled)" : "");
	}

	return (EX_OK);
}

static int
client_show(struct cli *cli, const char *client_id)
{
	const struct store_result	*result;
	struct base_slice		 text;

	result = store_sync_run(cli->store, store_client_show(&cli->arena,
	    client_id));
	if (store_result_status(result) != STORE_OK)
		return (cli_verdict(cli, STORE_FAILED, "clients"));
	if (store_result_rows(result) == 0 ||
	    !store_cell_slice(result, 0, 0, &text))
		return (cli_verdict(cli, STORE_MISSING,
		    named(cli, client_id)));

	printf("%.*s\n", (int)text.len, (const char *)text.data);
	return (EX_OK);
}

static int
client_switch(struct cli *cli, const char *client_id, bool disabled)
{
	enum store_status	status;

	status = store_verdict(store_sync_run(cli->store,
	    store_client_switch(&cli->arena, client_id, disabled)));
	if (status == STORE_CONFLICT) {
		printf("%s is %s already\n", client_id,
		    disabled ? "disabled" : "enabled");
		return (EX_OK);
	}

	return (cli_verdict(cli, status, named(cli, client_id)));
}

static int
client_disable(struct cli *cli, const char *client_id)
{
	return (client_switch(cli, client_id, true));
}

static int
client_enable(struct cli *cli, const char *client_id)
{
	return (client_switch(cli, client_id, false));
}

static int
client_delete(struct cli *cli, const char *client_id)
{
	return (cli_verdict(cli, store_verdict(store_sync_run(cli->store,
	    store_client_delete(&cli->arena, client_id))),
	    named(cli, client_id)));
}

/* A new secret beside the youngest one, which stays until the next. */
static int
client_secret(struct cli *cli, const char *client_id)
{
	const struct base_key	*key;
	struct base_keyring	 ring = { .count = 0 };
	enum store_status	 status;
	uint8_t			 digest[BASE_SHA256_LEN];
	char			 secret[OIDC_AUTH_SECRET_LEN + 1];
	int			 code;

	if ((code = cli_secret_ring(cli, &ring)) != EX_OK)
		return (code);
	oidc_auth_secret_new(secret);
	key = base_keyring_active(&ring, BASE_PURPOSE_PEPPER,
	    base_clock_seconds());
	if (key == NULL || !oidc_auth_secret_digest(&ring, key->id, secret,
	    digest)) {
		base_keyring_clear(&ring);
		base_bytes_wipe(secret, sizeof(secret));
		return (cli_fail(cli, EX_SOFTWARE, "no key for secrets"));
	}

	status = store_verdict(store_sync_run(cli->store,
	    store_client_secret_add(&cli->arena, client_id, key->id,
	    digest)));
	base_keyring_clear(&ring);
	if (status == STORE_OK)
		printf("%s\n", secret);
	base_bytes_wipe(secret, sizeof(secret));
	if (status == STORE_CONFLICT)
		return (cli_fail(cli, EX_NOPERM, "client %s is public: it has "
		    "no secret", client_id));

	return (cli_verdict(cli, status, named(cli, client_id)));
}
