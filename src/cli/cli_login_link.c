/*
 * permiso login-link: a one-time way in for somebody without a passkey.
 *
 * The link is printed and nothing else remembers it: the database has its
 * digest, the log its existence.
 */

#include <stdio.h>
#include <string.h>

#include "account/account_link.h"
#include "account/account_secret.h"
#include "cli/cli.h"
#include "store/store_link.h"

int
cli_login_link(struct cli *cli, int argc, char **argv)
{
	char			 code_text[ACCOUNT_SECRET_LEN + 1];
	uint8_t			 digest[BASE_SHA256_LEN];
	int			 code, count = argc;
	long			 hours = ACCOUNT_LINK_HOURS;
	const char		*hours_text = NULL;
	enum store_status	 status;
	struct account_user	 user;
	const struct cli_option	 options[] = {
		{ "--hours", &hours_text, NULL },
		{ NULL, NULL, NULL }
	};

	if (!cli_options(cli, &count, argv, options, 1, 1))
		return (EX_USAGE);
	if (hours_text != NULL && !cli_number(cli, "--hours", hours_text, 1,
	    ACCOUNT_LINK_HOURS_MAX, &hours))
		return (EX_USAGE);
	if ((code = cli_database(cli)) != EX_OK)
		return (code);

	if ((code = cli_verdict(cli, store_user_found(store_sync_run(
	    cli->store, store_user_find(&cli->arena, argv[0])), &user),
	    base_arena_format(&cli->arena, "user %s", argv[0]))) != EX_OK)
		return (code);

	account_secret_new(code_text, digest);
	status = store_verdict(store_sync_run(cli->store, store_link_create(
	    &cli->arena, &user.id, digest, hours * 60 * 60)));
	if (status == STORE_OK) {
		printf("%s/lc/%s\n", cli->config.app_url, code_text);
		fprintf(stderr, "Works once, for %ld hour%s, for %s. Any "
		    "earlier link of theirs is void.\n", hours,
		    hours == 1 ? "" : "s", user.username);
	}
	base_bytes_wipe(code_text, sizeof(code_text));
	if (status == STORE_GONE)
		return (cli_fail(cli, EX_NOPERM, "user %s is disabled; "
		    "`permiso user enable %s` comes first", user.username,
		    user.username));

	return (cli_verdict(cli, status, base_arena_format(&cli->arena,
	    "user %s", user.username)));
}
