/*
 * The command line: options, numbers, and what a command ends with.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/cli.h"

/* The frame's neighbours, which these tests do not reach. */
bool
base_config_load(struct base_config *config, const char *path,
    char error[BASE_CONFIG_ERROR_MAX + 1])
{
	(void)config;
	snprintf(error, BASE_CONFIG_ERROR_MAX + 1, "%s: broken",
	    path == NULL ? "environment" : path);
	return (false);
}

void	base_config_clear(struct base_config *config) { (void)config; }
void	base_arena_init(struct base_arena *arena) { (void)arena; }
void	base_arena_clear(struct base_arena *arena) { (void)arena; }
void	store_sync_close(struct store_sync *sync) { (void)sync; }

struct store_sync *
store_sync_open(const char *conninfo, enum store_role role,
    char error[STORE_SYNC_ERROR_MAX + 1])
{
	(void)conninfo;
	(void)role;
	snprintf(error, STORE_SYNC_ERROR_MAX + 1, "no database");
	return (NULL);
}

static const struct cli quiet = { .command = "test", .usage = "test ..." };

static const struct {
	const char	*name;
	const char	*args[8];
	bool		 ok;
	const char	*days;
	bool		 force;
	int		 operands;
	const char	*first;
} parses[] = {
	{ "nothing", { NULL }, false, NULL, false, -1, NULL },
	{ "operand", { "alice" }, true, NULL, false, 1, "alice" },
	{ "value follows", { "alice", "--days", "3" }, true, "3", false, 1,
	    "alice" },
	{ "value before", { "--days", "3", "alice" }, true, "3", false, 1,
	    "alice" },
	{ "value with =", { "alice", "--days=3" }, true, "3", false, 1,
	    "alice" },
	{ "empty value", { "alice", "--days=" }, true, "", false, 1, "alice" },
	{ "flag", { "--force", "alice" }, true, NULL, true, 1, "alice" },
	{ "value missing", { "alice", "--days" }, false, NULL, false, -1,
	    NULL },
	{ "value twice", { "alice", "--days=1", "--days=2" }, false, "1",
	    false, -1, NULL },
	{ "flag twice", { "alice", "--force", "--force" }, false, NULL, true,
	    -1, NULL },
	{ "flag with value", { "alice", "--force=1" }, false, NULL, false, -1,
	    NULL },
	{ "unknown", { "alice", "--forced" }, false, NULL, false, -1, NULL },
	{ "only the beginning of a name", { "alice", "--day=3" }, false, NULL,
	    false, -1, NULL },
	{ "too many operands", { "a", "b", "c" }, false, NULL, false, -1,
	    NULL },
	{ "end of options", { "--", "--days" }, true, NULL, false, 1,
	    "--days" },
	{ "one dash is an operand", { "-" }, true, NULL, false, 1, "-" },
};

static void
test_cli_options(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(parses) / sizeof(parses[0]); i++) {
		const char	*days = NULL;
		bool		 force = false;
		char		*argv[9];
		int		 operands = -1;
		bool		 ok;
		const struct cli_option options[] = {
			{ "--days", &days, NULL },
			{ "--force", NULL, &force },
			{ NULL, NULL, NULL }
		};

		memcpy(argv, parses[i].args, sizeof(parses[i].args));
		argv[8] = NULL;
		ok = cli_options(&quiet, &operands, argv, options, 1, 2);
		if (ok != parses[i].ok || operands != parses[i].operands ||
		    force != parses[i].force ||
		    (days == NULL) != (parses[i].days == NULL) ||
		    (days != NULL && strcmp(days, parses[i].days) != 0))
			fail_msg("case: %s", parses[i].name);
		if (ok && strcmp(argv[0], parses[i].first) != 0)
			fail_msg("operand of case: %s", parses[i].name);
	}
}

static const struct {
	const char	*text;
	bool		 ok;
	long		 value;
} numbers[] = {
	{ "1", true, 1 }, { "168", true, 168 }, { "007", true, 7 },
	{ "0", false, -1 }, { "169", false, -1 }, { "", false, -1 },
	{ " 1", false, -1 }, { "1 ", false, -1 }, { "+1", false, -1 },
	{ "-1", false, -1 }, { "1h", false, -1 }, { "0x10", false, -1 },
	{ "99999999999999999999", false, -1 },
};

static void
test_cli_number(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		long	value = -1;

		if (cli_number(&quiet, "--hours", numbers[i].text, 1, 168,
		    &value) != numbers[i].ok || value != numbers[i].value)
			fail_msg("number: \"%s\"", numbers[i].text);
	}
}

static void
test_cli_verdict(void **state)
{
	(void)state;

	assert_int_equal(cli_verdict(&quiet, STORE_OK, "x"), EX_OK);
	assert_int_equal(cli_verdict(&quiet, STORE_MISSING, "x"), EX_NOUSER);
	assert_int_equal(cli_verdict(&quiet, STORE_CONFLICT, "x"), EX_DATAERR);
	assert_int_equal(cli_verdict(&quiet, STORE_REFUSED, "x"), EX_NOPERM);
	assert_int_equal(cli_verdict(&quiet, STORE_STALE, "x"), EX_TEMPFAIL);
	assert_int_equal(cli_verdict(&quiet, STORE_FAILED, "x"),
	    EX_UNAVAILABLE);
}

static int	ran;

static int
echo(struct cli *cli, int argc, char **argv)
{
	ran++;
	assert_string_equal(cli->command, "echo");
	assert_null(argv[argc]);
	return (argc == 2 ? 42 : 43);
}

static const struct {
	const char	*name;
	const char	*args[6];
	int		 code;
	int		 ran;
} runs[] = {
	{ "no command", { "permiso" }, EX_USAGE, 0 },
	{ "help", { "permiso", "--help" }, EX_OK, 0 },
	{ "unknown", { "permiso", "ech" }, EX_USAGE, 0 },
	{ "runs", { "permiso", "echo", "a", "b" }, 42, 1 },
	{ "config is taken out", { "permiso", "--config", "f", "echo", "a",
	    "b" }, 42, 1 },
	{ "help of a command does not run it", { "permiso", "echo", "--help" },
	    EX_OK, 0 },
	{ "config without file", { "permiso", "echo", "--config" }, EX_USAGE,
	    0 },
	{ "broken settings", { "permiso", "needs", "--config", "f" },
	    EX_CONFIG, 0 },
	{ "settings are not read for others", { "permiso", "echo", "a" }, 43,
	    1 },
};

static void
test_cli_main(void **state)
{
	static const struct cli_command	commands[] = {
		{ "echo", "", "echo", echo, CLI_NOTHING },
		{ "needs", "", "needs", echo, CLI_SETTINGS },
		{ NULL, NULL, NULL, NULL, CLI_NOTHING }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		char	*argv[7];
		int	 argc = 0;

		memcpy(argv, runs[i].args, sizeof(runs[i].args));
		argv[6] = NULL;
		while (argv[argc] != NULL)
			argc++;
		ran = 0;
		if (cli_main(commands, argc, argv) != runs[i].code ||
		    ran != runs[i].ran)
			fail_msg("case: %s", runs[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cli_options),
		cmocka_unit_test(test_cli_number),
		cmocka_unit_test(test_cli_verdict),
		cmocka_unit_test(test_cli_main),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
