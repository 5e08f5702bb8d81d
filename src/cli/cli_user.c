/*
 * permiso user: people, from the command line.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "store/store_passkey.h"
#include "store/store_user.h"

#define PAGE	100	/* people of one statement of `user list` */

typedef int	user_run(struct cli *cli, int argc, char **argv);

static user_run	user_add, user_demote, user_disable, user_enable, user_list,
		user_passkeys, user_promote, user_remove_passkey, user_show;

static const struct {
	const char	*name;
	user_run	*run;
} actions[] = {
	{ "add",		user_add },
	{ "demote",		user_demote },
	{ "disable",		user_disable },
	{ "enable",		user_enable },
	{ "list",		user_list },
	{ "passkeys",		user_passkeys },
	{ "promote",		user_promote },
	{ "remove-passkey",	user_remove_passkey },
	{ "show",		user_show },
};

static const struct cli_option	no_options[] = {
	{ NULL, NULL, NULL }
};

int
cli_user(struct cli *cli, int argc, char **argv)
{
	if (argc == 0)
		return (cli_usage(cli));

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, argv[0]) == 0)
			return (actions[i].run(cli, argc - 1, argv + 1));
	}

	(void)cli_fail(cli, EX_USAGE, "there is no `user %s`", argv[0]);
	return (cli_usage(cli));
}

/* "2026-05-03 10:11" (UTC), or "never". */
static void
time_format(int64_t seconds, char out[32])
{
	struct tm	tm;
	time_t		t = (time_t)seconds;

	if (seconds == 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(out, 32, "%Y-%m-%d %H:%M", &tm) == 0)
		(void)snprintf(out, 32, "never");
}

/* Connect and find the person that "name" names. */
static int
find(struct cli *cli, const char *name, struct account_user *user)
{
	int	code;

	if ((code = cli_database(cli)) != EX_OK)
		return (code);

	return (cli_verdict(cli, store_user_found(store_sync_run(cli->store,
	    store_user_find(&cli->arena, name)), user),
	    base_arena_format(&cli->arena, "user %s", name)));
}

/* --- one person ------------------------------------------------------------ */

/* One detail that was typed; false, with the reason printed. */
static bool
detail(const struct cli *cli, const char *name,
    enum account_text_status status)
{
	switch (status) {
	case ACCOUNT_TEXT_OK:
		return (true);
	case ACCOUNT_TEXT_EMPTY:
		(void)cli_fail(cli, EX_USAGE, "%s is empty", name);
		break;
	case ACCOUNT_TEXT_TOO_LONG:
		(void)cli_fail(cli, EX_USAGE, "%s is too long", name);
		break;
	case ACCOUNT_TEXT_CHARACTER:
		(void)cli_fail(cli, EX_USAGE, "%s has a character that is "
		    "not allowed there", name);
		break;
	}

	return (false);
}

static int
user_add(struct cli *cli, int argc, char **argv)
{
	bool			 admin = false;
	int			 code, count = argc;
	const char		*email = NULL, *first = NULL, *last = NULL;
	enum store_status	 status;
	struct account_user	 user;
	const struct cli_option	 options[] = {
		{ "--admin", NULL, &admin },
		{ "--email", &email, NULL },
		{ "--first-name", &first, NULL },
		{ "--last-name", &last, NULL },
		{ NULL, NULL, NULL }
	};

	if (!cli_options(cli, &count, argv, options, 1, 1))
		return (EX_USAGE);

	account_user_init(&user);
	user.administrator = admin;
	if (!detail(cli, "the username", account_user_username_parse(argv[0],
	    strlen(argv[0]), user.username)) ||
	    (email != NULL && !detail(cli, "--email",
	    account_user_email_parse(email, strlen(email), user.email))) ||
	    (first != NULL && !detail(cli, "--first-name",
	    account_user_name_parse(first, strlen(first),
	    user.given_name))) ||
	    (last != NULL && !detail(cli, "--last-name",
	    account_user_name_parse(last, strlen(last), user.family_name))))
		return (EX_USAGE);
	account_user_display(&user);

	if ((code = cli_database(cli)) != EX_OK)
		return (code);
	status = store_verdict(store_sync_run(cli->store,
	    store_user_insert(&cli->arena, &user)));
	if (status == STORE_CONFLICT)
		return (cli_fail(cli, EX_DATAERR, "somebody has the username "
		    "%s%s%s already", user.username, email != NULL ?
		    " or the address " : "", user.email));
	if (status != STORE_OK)
		return (cli_verdict(cli, status, user.username));

	printf("%s\n", user.username);
	fprintf(stderr, "Added. `permiso login-link %s` makes the link they "
	    "sign in with the first time.\n", user.username);
	return (EX_OK);
}

static int
user_show(struct cli *cli, int argc, char **argv)
{
	char			created[32];
	int			code, count = argc;
	struct account_user	user;

	if (!cli_options(cli, &count, argv, no_options, 1, 1))
		return (EX_USAGE);
	if ((code = find(cli, argv[0], &user)) != EX_OK)
		return (code);

	time_format(user.created_at, created);
	printf("username:       %s\n", user.username);
	printf("name:           %s\n", user.display_name);
	printf("email:          %s%s\n", user.email[0] != '\0' ? user.email :
	    "none", user.email_verified ? " (verified)" : "");
	printf("subject:        %s\n", user.sub);
	printf("administrator:  %s\n", user.administrator ? "yes" : "no");
	printf("state:          %s\n", user.disabled ? "disabled" : "active");
	printf("passkeys:       %" PRId64 "\n", user.passkeys);
	printf("created:        %s\n", created);
	return (EX_OK);
}

static int
user_list(struct cli *cli, int argc, char **argv)
{
	char				 after[ACCOUNT_USERNAME_MAX + 1] = "";
	int				 code, count = argc, rows;
	const struct store_result	*result;
	struct account_user		 user;

	if (!cli_options(cli, &count, argv, no_options, 0, 0))
		return (EX_USAGE);
	if ((code = cli_database(cli)) != EX_OK)
		return (code);

	printf("%-24s %-32s %8s  %s\n", "USERNAME", "EMAIL", "PASSKEYS",
	    "STATE");
	do {
		result = store_sync_run(cli->store,
		    store_user_list(&cli->arena, after, PAGE));
		if (store_result_status(result) != STORE_OK)
			return (cli_verdict(cli, STORE_FAILED, "the list"));
		rows = store_result_rows(result);
		for (int row = 0; row < rows; row++) {
			if (!store_user_decode(result, row, 0, &user))
				return (cli_verdict(cli, STORE_FAILED,
				    "the list"));
			printf("%-24s %-32s %8" PRId64 "  %s%s\n",
			    user.username, user.email[0] != '\0' ?
			    user.email : "-", user.passkeys, user.disabled ?
			    "disabled" : "active", user.administrator ?
			    ", administrator" : "");
			(void)snprintf(after, sizeof(after), "%s",
			    user.username);
		}
	} while (rows == PAGE);

	return (EX_OK);
}

/* --- changes --------------------------------------------------------------- */

/* One person, one statement; "already" says that there was nothing to do. */
static int
change(struct cli *cli, int argc, char **argv,
    struct store_call *(*make)(struct base_arena *,
    const struct base_uuid *), const char *already)
{
	int			code, count = argc;
	enum store_status	status;
	struct account_user	user;

	if (!cli_options(cli, &count, argv, no_options, 1, 1))
		return (EX_USAGE);
	if ((code = find(cli, argv[0], &user)) != EX_OK)
		return (code);

	status = store_verdict(store_sync_run(cli->store, make(&cli->arena,
	    &user.id)));
	if (status == STORE_CONFLICT) {
		fprintf(stderr, "%s %s already\n", user.username, already);
		return (EX_OK);
	}

	return (cli_verdict(cli, status, base_arena_format(&cli->arena,
	    "user %s", user.username)));
}

static int
user_disable(struct cli *cli, int argc, char **argv)
{
	return (change(cli, argc, argv, store_user_disable, "is disabled"));
}

static int
user_enable(struct cli *cli, int argc, char **argv)
{
	return (change(cli, argc, argv, store_user_enable, "is active"));
}

static int
user_promote(struct cli *cli, int argc, char **argv)
{
	return (change(cli, argc, argv, store_user_promote,
	    "is an administrator"));
}

static int
user_demote(struct cli *cli, int argc, char **argv)
{
	return (change(cli, argc, argv, store_user_demote,
	    "is no administrator"));
}

/* --- passkeys -------------------------------------------------------------- */

static int
user_passkeys(struct cli *cli, int argc, char **argv)
{
	char				 created[32], used[32];
	char				 id[BASE_UUID_TEXT_LEN + 1];
	int				 code, count = argc;
	const struct store_result	*result;
	struct account_passkey		 passkey;
	struct account_user		 user;

	if (!cli_options(cli, &count, argv, no_options, 1, 1))
		return (EX_USAGE);
	if ((code = find(cli, argv[0], &user)) != EX_OK)
		return (code);

	result = store_sync_run(cli->store, store_passkey_list(&cli->arena,
	    &user.id));
	if (store_result_status(result) != STORE_OK)
		return (cli_verdict(cli, STORE_FAILED, "the list"));

	printf("%-36s %-16s %-16s %-6s  %s\n", "ID", "CREATED", "LAST USED",
	    "SYNCED", "NAME");
	for (int row = 0; row < store_result_rows(result); row++) {
		if (!store_passkey_decode(result, row, &passkey))
			return (cli_verdict(cli, STORE_FAILED, "the list"));
		base_uuid_format(&passkey.id, id);
		time_format(passkey.created_at, created);
		time_format(passkey.last_used_at, used);
		printf("%-36s %-16s %-16s %-6s  %s\n", id, created, used,
		    passkey.backup_state ? "yes" : "no", passkey.name);
	}

	return (EX_OK);
}

static int
user_remove_passkey(struct cli *cli, int argc, char **argv)
{
	int			code, count = argc;
	enum store_status	status;
	struct account_user	user;
	struct base_uuid	passkey;

	if (!cli_options(cli, &count, argv, no_options, 2, 2))
		return (EX_USAGE);
	if (!base_uuid_parse(argv[1], strlen(argv[1]), &passkey))
		return (cli_fail(cli, EX_DATAERR, "%s is not the id of a "
		    "passkey; `permiso user passkeys %s` lists them", argv[1],
		    argv[0]));
	if ((code = find(cli, argv[0], &user)) != EX_OK)
		return (code);

	status = store_verdict(store_sync_run(cli->store,
	    store_passkey_remove(&cli->arena, &user.id, &passkey)));
	if (status == STORE_OK && user.passkeys <= 1)
		fprintf(stderr, "That was the last one: `permiso login-link "
		    "%s` lets them back in.\n", user.username);

	return (cli_verdict(cli, status, base_arena_format(&cli->arena,
	    "passkey %s of user %s", argv[1], user.username)));
}
