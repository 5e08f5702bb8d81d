/*
 * The frame of every command: options, settings, database, exit codes.
 *
 * A command is one function, cli_<name>() in cli_<name>.c, and one row of the
 * table in main.c.  main.c has already taken "--config FILE" and "--help" out
 * of the arguments and read the settings when the row asks for them.
 *
 * Exit codes are those of <sysexits.h>, with these meanings:
 *
 *	EX_OK		 0	done
 *	EX_USAGE	64	the command line is wrong; nothing was done
 *	EX_DATAERR	65	the input (a registration, an id) is wrong
 *	EX_NOINPUT	66	a file that was named cannot be read
 *	EX_NOUSER	67	there is no such user, client or key
 *	EX_UNAVAILABLE	69	the database or another service is away
 *	EX_SOFTWARE	70	a mistake of this program; please report it
 *	EX_OSERR	71	the system refused (fork, socket, memory)
 *	EX_IOERR	74	reading or writing failed
 *	EX_TEMPFAIL	75	somebody else was faster; try again
 *	EX_NOPERM	77	a rule forbids it (the last administrator, ...)
 *	EX_CONFIG	78	a setting, or the database's schema, is wrong
 *
 * Answers go to standard output, everything else to standard error, so that
 * output can be piped.
 */
#ifndef PERMISO_CLI_H
#define PERMISO_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <sysexits.h>

#include "base/base_arena.h"
#include "base/base_config.h"
#include "store/store_sync.h"

#define CLI_VERSION	"0.1.0"

/* What a command is given.  The frame makes it and wipes it. */
struct cli {
	const char		*command;	/* "user" */
	const char		*usage;		/* its text, for cli_usage() */
	const char		*settings;	/* file, or NULL: environment */
	struct base_config	 config;
	struct base_arena	 arena;		/* of this run */
	struct store_sync	*store;		/* NULL until cli_database() */
};

/* A command; "argv" starts behind its name and ends with NULL. */
typedef int	cli_run(struct cli *cli, int argc, char **argv);

enum cli_needs {
	CLI_NOTHING,		/* or reads them itself: cli_settings() */
	CLI_SETTINGS		/* config is loaded, or the run has ended */
};

struct cli_command {
	const char	*name;
	const char	*summary;	/* one line of `permiso help` */
	const char	*usage;		/* printed after "usage: permiso " */
	cli_run		*run;
	enum cli_needs	 needs;
};

/*
 * One option of a command: "--name VALUE" or "--name=VALUE" when "value" is
 * set, else a flag.  The list ends with a NULL name.
 */
struct cli_option {
	const char	 *name;		/* "--days" */
	const char	**value;	/* set to what follows; untouched if absent */
	bool		 *flag;		/* set to true */
};

/*
 * Take the options out of "argv"; what is left moves to its front and is
 * counted in "*operands".  "--" ends the options.  False, with the reason and
 * the usage printed, for an unknown or repeated option, a missing value, or
 * fewer than "least" or more than "most" operands.
 */
bool	cli_options(const struct cli *cli, int *operands, char **argv,
	    const struct cli_option *options, int least, int most);

/* A whole number from "least" to "most", or false with the reason printed. */
bool	cli_number(const struct cli *cli, const char *name, const char *text,
	    long least, long most, long *out);

/* Read the settings into cli->config.  EX_OK, or EX_CONFIG after printing. */
int	cli_settings(struct cli *cli);

/*
 * Connect as the owner (settings' database).  EX_OK, or the exit code to end
 * with after the reason was printed.
 */
int	cli_database(struct cli *cli);

/*
 * What to end with when a statement did not give what was wanted; prints the
 * reason after "what" ("user alice").  EX_OK for STORE_OK.
 */
int	cli_verdict(const struct cli *cli, enum store_status status,
	    const char *what);

/* "permiso user: <sentence>" on standard error; returns "code". */
int	cli_fail(const struct cli *cli, int code, const char *format, ...)
	    __attribute__((format(printf, 3, 4)));

/* The usage text on standard error; returns EX_USAGE. */
int	cli_usage(const struct cli *cli);

/*
 * main() of the program: find the command, read the settings, run it, wipe.
 * "commands" ends with a NULL name.
 */
int	cli_main(const struct cli_command *commands, int argc, char **argv);

/* The commands, one file each. */
cli_run	cli_apply;
cli_run	cli_audit;
cli_run	cli_check;
cli_run	cli_client;
cli_run	cli_keys;
cli_run	cli_login_link;
cli_run	cli_mail;
cli_run	cli_migrate;
cli_run	cli_user;
cli_run	cli_version;

/*
 * Make a signing key for each algorithm that has none, so that the first start
 * finds them all; `migrate` ends with it.  EX_OK, or the exit code after the
 * reason was printed.
 */
int	cli_keys_first(struct cli *cli);

#endif /* !PERMISO_CLI_H */
