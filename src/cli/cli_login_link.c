/*
 * permiso login-link: a one-time way in for somebody without a passkey.
 *
 * The link is printed and nothing else remembers it: the database has its
 * digest, the log its existence.  One that is mailed is not even made here.
 */

#include <stdio.h>
#include <string.h>

#include "account/account_link.h"
#include "account/account_secret.h"
#include "cli/cli.h"
#include "store/store_link.h"

/* STORE_OK: printed. */
static enum store_status
print_link(struct cli *cli, const struct account_user *user, long hours)
{
	char			code[ACCOUNT_SECRET_LEN + 1];
	uint8_t			digest[BASE_SHA256_LEN];
	enum store_status	status;

	account_secret_new(code, digest);
	status = store_verdict(store_sync_run(cli->store, store_link_create(
	    &cli->arena, &user->id, digest, hours * 60 * 60)));
	if (status == STORE_OK) {
		printf("%s/lc/%s\n", cli->config.app_url, code);
		fprintf(stderr, "Works once, for %ld hour%s, for %s. Any "
		    "earlier link of theirs is void.\n", hours,
		    hours == 1 ? "" : "s", user->username);
	}
	base_bytes_wipe(code, sizeof(code));

	return (status);
}

static enum store_status
mail_link(struct cli *cli, const struct account_user *user, long hours)
{
	enum store_status	status;

	status = store_verdict(store_sync_run(cli->store, store_link_mail(
	    &cli->arena, &user->id, hours * 60 * 60)));
	if (status == STORE_OK)
		fprintf(stderr, "A link that works once, for %ld hour%s, will "
		    "be mailed to %s. Any earlier link of theirs is void.\n",
		    hours, hours == 1 ? "" : "s", user->email);

	return (status);
}

int
cli_login_link(struct cli *cli, int argc, char **argv)
{
	int			 code, count = argc;
	long			 hours = ACCOUNT_LINK_HOURS;
	bool			 email = false;
	const char		*hours_text = NULL;
	enum store_status	 status;
	struct account_user	 user;
	const struct cli_option	 options[] = {
		{ "--hours", &hours_text, NULL },
		{ "--email", NULL, &email },
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

	status = email ? mail_link(cli, &user, hours) :
	    print_link(cli, &user, hours);
	if (status == STORE_REFUSED)
		return (cli_fail(cli, EX_NOPERM, user.email[0] == '\0' ?
		    "user %s has no mail address" : "there is no mail server "
		    "to send it to %s by: set SMTP_HOST, and start `permiso "
		    "serve` with it", user.username));
	if (status == STORE_GONE)
		return (cli_fail(cli, EX_NOPERM, "user %s is disabled; "
		    "`permiso user enable %s` comes first", user.username,
		    user.username));

	return (cli_verdict(cli, status, base_arena_format(&cli->arena,
	    "user %s", user.username)));
}
