/*
 * The frame of every command.
 */

#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLI_SETTINGS_FILE	"/etc/permiso/permiso.conf"

int
cli_fail(const struct cli *cli, int code, const char *format, ...)
{
	va_list	args;

	va_start(args, format);
	fprintf(stderr, "permiso %s: ", cli->command);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);

	return (code);
}

int
cli_usage(const struct cli *cli)
{
	fprintf(stderr, "usage: permiso %s\n", cli->usage);

	return (EX_USAGE);
}

static const struct cli_option *
option_find(const struct cli_option *options, const char *arg, size_t *len)
{
	*len = strcspn(arg, "=");
	for (; options->name != NULL; options++) {
		if (strlen(options->name) == *len &&
		    strncmp(options->name, arg, *len) == 0)
			return (options);
	}

	return (NULL);
}

/* Take one option; the number of arguments it used, 0 after a complaint. */
static int
option_take(const struct cli *cli, char **argv,
    const struct cli_option *options)
{
	const struct cli_option	*option;
	size_t			 len;

	if ((option = option_find(options, argv[0], &len)) == NULL) {
		cli_fail(cli, EX_USAGE, "no option %s", argv[0]);
		return (0);
	}
	if (option->value == NULL) {
		if (argv[0][len] == '=' || *option->flag) {
			cli_fail(cli, EX_USAGE, "%s is a flag, given once",
			    option->name);
			return (0);
		}
		*option->flag = true;
		return (1);
	}
	if (*option->value != NULL) {
		cli_fail(cli, EX_USAGE, "%s is given twice", option->name);
		return (0);
	}
	if (argv[0][len] == '=') {
		*option->value = argv[0] + len + 1;
		return (1);
	}
	if (argv[1] == NULL) {
		cli_fail(cli, EX_USAGE, "%s needs a value", option->name);
		return (0);
	}
	*option->value = argv[1];

	return (2);
}

bool
cli_options(const struct cli *cli, int *operands, char **argv,
    const struct cli_option *options, int least, int most)
{
	char	**out = argv;
	int	  used, count = 0;

	while (*argv != NULL) {
		if (strcmp(*argv, "--") == 0) {
			argv++;
			break;
		}
		if (strncmp(*argv, "--", 2) != 0) {
			out[count++] = *argv++;
			continue;
		}
		if ((used = option_take(cli, argv, options)) == 0) {
			cli_usage(cli);
			return (false);
		}
		argv += used;
	}
	while (*argv != NULL)
		out[count++] = *argv++;
	out[count] = NULL;

	if (count < least || count > most) {
		cli_usage(cli);
		return (false);
	}
	*operands = count;

	return (true);
}

bool
cli_number(const struct cli *cli, const char *name, const char *text,
    long least, long most, long *out)
{
	char	*end;
	long	 value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    value < least || value > most) {
		cli_fail(cli, EX_USAGE, "%s takes a whole number from %ld "
		    "to %ld", name, least, most);
		return (false);
	}
	*out = value;

	return (true);
}

int
cli_settings(struct cli *cli)
{
	char	error[BASE_CONFIG_ERROR_MAX + 1];

	if (!base_config_load(&cli->config, cli->settings, error))
		return (cli_fail(cli, EX_CONFIG, "%s", error));

	return (EX_OK);
}

int
cli_database(struct cli *cli)
{
	char	error[STORE_SYNC_ERROR_MAX + 1];

	if (cli->store != NULL)
		return (EX_OK);
	cli->store = store_sync_open(cli->config.database, STORE_ROLE_OWNER,
	    error);
	if (cli->store == NULL)
		return (cli_fail(cli, EX_UNAVAILABLE, "%s", error));

	return (EX_OK);
}

int
cli_verdict(const struct cli *cli, enum store_status status, const char *what)
{
	switch (status) {
	case STORE_OK:
		return (EX_OK);
	case STORE_MISSING:
		return (cli_fail(cli, EX_NOUSER, "there is no %s", what));
	case STORE_CONFLICT:
		return (cli_fail(cli, EX_DATAERR, "%s is taken", what));
	case STORE_REFUSED:
		return (cli_fail(cli, EX_NOPERM, "%s: refused, because it "
		    "would leave nobody who can administer", what));
	case STORE_GONE:
	case STORE_SPENT:
		return (cli_fail(cli, EX_DATAERR, "%s has ended", what));
	case STORE_STALE:
		return (cli_fail(cli, EX_TEMPFAIL, "%s was changed by "
		    "somebody else just now; try again", what));
	case STORE_BAD_CLIENT:
	case STORE_FAILED:
		break;
	}

	return (cli_fail(cli, EX_UNAVAILABLE, "%s: the database gave no "
	    "answer (the log above says why)", what));
}

static void
help(const struct cli_command *commands, FILE *out)
{
	fprintf(out, "usage: permiso [--config FILE] COMMAND ...\n\n");
	for (; commands->name != NULL; commands++)
		fprintf(out, "  %-12s %s\n", commands->name, commands->summary);
	fprintf(out, "\n`permiso COMMAND --help` says more. Settings come from "
	    "FILE (or\n%s when it exists) and from the environment, which "
	    "wins.\n", CLI_SETTINGS_FILE);
}

/*
 * Take "--config FILE" and "--help" out of "argv", wherever they stand before
 * a "--".  False when --config has no file or comes twice.
 */
static bool
common_options(char **argv, const char **config, bool *wants_help)
{
	char	**out = argv;

	while (*argv != NULL && strcmp(*argv, "--") != 0) {
		if (strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0) {
			*wants_help = true;
			argv++;
		} else if (strcmp(*argv, "--config") == 0) {
			if (argv[1] == NULL || *config != NULL)
				return (false);
			*config = argv[1];
			argv += 2;
		} else
			*out++ = *argv++;
	}
	while (*argv != NULL)
		*out++ = *argv++;
	*out = NULL;

	return (true);
}

static int
run(const struct cli_command *command, const char *config, char **argv)
{
	struct cli	cli = { .command = command->name,
			    .usage = command->usage, .settings = config };
	int		argc = 0, code;

	if (config == NULL && access(CLI_SETTINGS_FILE, R_OK) == 0)
		cli.settings = CLI_SETTINGS_FILE;
	if (command->needs == CLI_SETTINGS &&
	    (code = cli_settings(&cli)) != EX_OK)
		return (code);

	while (argv[argc] != NULL)
		argc++;
	base_arena_init(&cli.arena);
	code = command->run(&cli, argc, argv);
	if (fflush(stdout) != 0 && code == EX_OK)
		code = cli_fail(&cli, EX_IOERR, "standard output: %s",
		    strerror(errno));

	if (cli.store != NULL)
		store_sync_close(cli.store);
	base_arena_clear(&cli.arena);
	base_config_clear(&cli.config);

	return (code);
}

int
cli_main(const struct cli_command *commands, int argc, char **argv)
{
	const struct cli_command	*command;
	const char			*config = NULL;
	bool				 wants_help = false;

	if (argc < 1 || !common_options(argv + 1, &config, &wants_help) ||
	    (argv[1] == NULL && !wants_help)) {
		help(commands, stderr);
		return (EX_USAGE);
	}
	if (argv[1] == NULL || strcmp(argv[1], "help") == 0) {
		help(commands, stdout);
		return (EX_OK);
	}

	for (command = commands; command->name != NULL; command++) {
		if (strcmp(command->name, argv[1]) == 0)
			break;
	}
	if (command->name == NULL) {
		fprintf(stderr, "permiso: there is no command \"%s\"\n\n",
		    argv[1]);
		help(commands, stderr);
		return (EX_USAGE);
	}
	if (wants_help) {
		printf("usage: permiso %s\n", command->usage);
		return (EX_OK);
	}

	return (run(command, config, argv + 2));
}
