/*
 * What `permiso serve` asks the database before it starts anything.
 */

#include "supervisor/supervisor_database.h"

#include "account/account_link.h"
#include "base/base_bytes.h"
#include "base/base_log.h"
#include "store/store_installation.h"
#include "store/store_migrate.h"

static int
schema(struct cli *cli)
{
	char	error[BASE_CONFIG_ERROR_MAX + 1];

	switch (store_migrate_check(cli->store, &cli->config, error)) {
	case STORE_MIGRATE_OK:
		return (EX_OK);
	case STORE_MIGRATE_AWAY:
		return (cli_fail(cli, EX_UNAVAILABLE, "%s", error));
	case STORE_MIGRATE_REFUSED:
		break;
	}

	return (cli_fail(cli, EX_CONFIG, "%s", error));
}

/* The one secret that goes into the log: it is how it reaches its person. */
static int
first_run(struct cli *cli)
{
	const struct store_result	*result;
	uint8_t				 digest[BASE_SHA256_LEN];
	char				 code[ACCOUNT_LINK_SETUP_LEN + 1];
	enum store_status		 status;

	account_link_setup_new(code, digest);
	result = store_sync_run(cli->store,
	    store_installation_code(&cli->arena, digest));
	status = store_result_status(result);
	if (status == STORE_OK)
		status = store_verdict(result);

	if (status == STORE_OK)
		base_log(BASE_LOG_WARNING, "supervisor", "nobody is set up",
		    base_log_text("open", base_arena_format(&cli->arena,
		    "%s/setup?code=%s", cli->config.app_url, code)));
	base_bytes_wipe(code, sizeof(code));

	if (status == STORE_OK || status == STORE_SPENT)
		return (EX_OK);

	return (cli_verdict(cli, status, "record of this installation"));
}

int
supervisor_database_check(struct cli *cli)
{
	int	code;

	if ((code = cli_database(cli)) != EX_OK)
		return (code);
	if ((code = schema(cli)) == EX_OK)
		code = first_run(cli);

	store_sync_close(cli->store);
	cli->store = NULL;
	base_arena_clear(&cli->arena);

	return (code);
}
