/*
 * permiso mail: does mail work, what waits, send what waits now.
 *
 * Mail is sent by the jobs process, so a test goes the way every mail goes:
 * it is queued here and the answer is waited for.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "account/account_user.h"
#include "cli/cli.h"
#include "store/store_outbox.h"

#define TEST_SECONDS	60

/* STORE_OK: settled, *row is what became of it; STORE_MISSING: not yet. */
static enum store_status
look(struct cli *cli, const struct base_uuid *id, struct store_outbox_row *row)
{
	const struct store_result	*result;

	result = store_sync_run(cli->store, store_outbox_find(&cli->arena,
	    id));
	if (store_result_status(result) != STORE_OK ||
	    !store_outbox_row(result, 0, row))
		return (STORE_FAILED);

	return (row->done_at != 0 ? STORE_OK : STORE_MISSING);
}

static int
wait_for(struct cli *cli, const struct base_uuid *id)
{
	const struct timespec	second = { .tv_sec = 1 };
	struct store_outbox_row	row;
	enum store_status	status = STORE_MISSING;

	for (int i = 0; i < TEST_SECONDS && status == STORE_MISSING; i++) {
		if (i > 0)
			nanosleep(&second, NULL);
		status = look(cli, id, &row);
	}
	if (status == STORE_MISSING)
		return (cli_fail(cli, EX_TEMPFAIL, "still waiting after %d "
		    "seconds: is `permiso serve` running, and does the "
		    "server answer? `permiso mail queue` will tell",
		    TEST_SECONDS));
	if (status != STORE_OK)
		return (cli_verdict(cli, status, "the queue"));
	if (strcmp(row.outcome, "sent") != 0)
		return (cli_fail(cli, EX_UNAVAILABLE, "%s port %u: %s",
		    cli->config.smtp_host, (unsigned)cli->config.smtp_port,
		    row.error));

	printf("sent: %s port %u took a mail to %s\n", cli->config.smtp_host,
	    (unsigned)cli->config.smtp_port, row.to);

	return (EX_OK);
}

static int
test(struct cli *cli, const char *text)
{
	struct base_uuid	id = base_uuid_new();
	char			address[ACCOUNT_EMAIL_MAX + 1];
	enum store_status	status;

	if (account_user_email_parse(text, strlen(text), address) !=
	    ACCOUNT_TEXT_OK)
		return (cli_fail(cli, EX_DATAERR, "that is no mail address"));
	if (cli->config.smtp_host[0] == '\0')
		return (cli_fail(cli, EX_CONFIG, "SMTP_HOST is not set"));

	status = store_verdict(store_sync_run(cli->store, store_outbox_test(
	    &cli->arena, &id, address)));
	if (status == STORE_REFUSED)
		return (cli_fail(cli, EX_UNAVAILABLE, "`permiso serve` has "
		    "not run with this SMTP_HOST yet; start it (again)"));
	if (status != STORE_OK)
		return (cli_verdict(cli, status, "test"));

	return (wait_for(cli, &id));
}

static void
print_time(int64_t seconds, char out[32])
{
	time_t		when = (time_t)seconds;
	struct tm	tm;

	out[0] = '\0';
	if (gmtime_r(&when, &tm) != NULL)
		(void)strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static int
queue(struct cli *cli)
{
	const struct store_result	*result;
	struct store_outbox_row		 row;
	char				 queued[32], due[32];

	result = store_sync_run(cli->store, store_outbox_list(&cli->arena));
	if (store_result_status(result) != STORE_OK)
		return (cli_verdict(cli, STORE_FAILED, "the queue"));
	for (int i = 0; i < store_result_rows(result); i++) {
		if (!store_outbox_row(result, i, &row))
			return (cli_verdict(cli, STORE_FAILED, "the queue"));
		print_time(row.created_at, queued);
		print_time(row.due_at, due);
		printf("%s  %-8s %-16s %s  tries %lld%s%s%s%s\n", queued,
		    row.outcome, row.kind, row.to, (long long)row.tries,
		    row.done_at == 0 ? "  next " : "",
		    row.done_at == 0 ? due : "",
		    row.error[0] != '\0' ? "  " : "", row.error);
	}

	return (EX_OK);
}

static int
retry(struct cli *cli)
{
	const struct store_result	*result;
	int64_t				 count;

	result = store_sync_run(cli->store, store_outbox_retry(&cli->arena));
	if (store_verdict(result) != STORE_OK ||
	    !store_cell_int(result, 0, 1, &count))
		return (cli_verdict(cli, STORE_FAILED, "the queue"));
	printf("%lld due now\n", (long long)count);

	return (EX_OK);
}

int
cli_mail(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option	none[] = { { NULL, NULL, NULL } };
	bool				testing;
	int				code;

	if (!cli_options(cli, &argc, argv, none, 1, 2))
		return (EX_USAGE);
	testing = strcmp(argv[0], "test") == 0;
	if (argc != (testing ? 2 : 1) || (!testing &&
	    strcmp(argv[0], "queue") != 0 && strcmp(argv[0], "retry") != 0))
		return (cli_usage(cli));
	if ((code = cli_database(cli)) != EX_OK)
		return (code);

	if (testing)
		return (test(cli, argv[1]));
	if (strcmp(argv[0], "queue") == 0)
		return (queue(cli));

	return (retry(cli));
}
