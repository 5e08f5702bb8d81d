/*
 * `permiso audit verify`: does the audit say what it said when it was sealed?
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base_hex.h"
#include "cli/cli.h"
#include "store/store_audit.h"

#define HEAD_TEXT	(2 * BASE_SHA256_LEN)
#define COMPLAINTS_MOST	20
#define LATE_SECONDS	600	/* jobs seals every 2 s */

struct audit {
	struct store_audit_seal	 before;
	bool			 has_before;
	const char		*head;		/* to be found; NULL: none */
	bool			 head_found;
	int64_t			 seals;
	int64_t			 rows;
	int64_t			 pruned;
	int64_t			 broken;
};

static int	verify(struct cli *, struct audit *);
static bool	verify_batch(struct cli *, struct audit *, int *);
static void	verify_seal(struct audit *, const struct store_audit_seal *);
static int	verify_end(struct cli *, const struct audit *);
static bool	unsealed(struct cli *, int64_t *, int64_t *);

int
cli_audit(struct cli *cli, int argc, char **argv)
{
	struct audit			 audit = { .head = NULL };
	const struct cli_option		 options[] = {
		{ "--head", &audit.head, NULL },
		{ NULL, NULL, NULL }
	};
	int				 code;

	if (!cli_options(cli, &argc, argv, options, 1, 1))
		return (EX_USAGE);
	if (strcmp(argv[0], "verify") != 0)
		return (cli_usage(cli));
	if (audit.head != NULL && strlen(audit.head) != HEAD_TEXT)
		return (cli_fail(cli, EX_USAGE, "a head has %d hex digits",
		    HEAD_TEXT));
	if ((code = cli_database(cli)) != EX_OK)
		return (code);

	return (verify(cli, &audit));
}

static int
verify(struct cli *cli, struct audit *audit)
{
	int	count;

	do {
		if (!verify_batch(cli, audit, &count))
			return (cli_fail(cli, EX_UNAVAILABLE,
			    "the database does not answer"));
	} while (count == STORE_AUDIT_BATCH);

	return (verify_end(cli, audit));
}

/* The next seals in order; "*count" becomes how many there were. */
static bool
verify_batch(struct cli *cli, struct audit *audit, int *count)
{
	const struct store_result	*result;
	struct store_audit_seal		 seal;
	struct base_arena		 arena;
	bool				 good;

	base_arena_init(&arena);
	result = store_sync_run(cli->store, store_audit_list(&arena,
	    audit->has_before ? audit->before.series : 0,
	    audit->has_before ? audit->before.from_xid : 0));
	good = store_result_status(result) == STORE_OK;
	*count = store_result_rows(result);
	for (int row = 0; good && row < *count; row++) {
		if ((good = store_audit_row(result, row, &seal)))
			verify_seal(audit, &seal);
	}
	base_arena_clear(&arena);

	return (good);
}

static void
verify_seal(struct audit *audit, const struct store_audit_seal *seal)
{
	enum store_audit_verdict	verdict;
	char				head[HEAD_TEXT + 1];

	verdict = store_audit_check(seal,
	    audit->has_before ? &audit->before : NULL);
	if (verdict != STORE_AUDIT_OK && audit->broken++ < COMPLAINTS_MOST)
		printf("seal %" PRId64 "/%" PRId64 "-%" PRId64 " %s\n",
		    seal->series, seal->from_xid, seal->to_xid,
		    store_audit_verdict_text(verdict));

	base_hex_encode(seal->hash, sizeof(seal->hash), head);
	if (audit->head != NULL && strcmp(audit->head, head) == 0)
		audit->head_found = true;
	audit->seals++;
	audit->rows += seal->found;
	audit->pruned += seal->pruned ? 1 : 0;
	audit->before = *seal;
	audit->has_before = true;
}

static int
verify_end(struct cli *cli, const struct audit *audit)
{
	char	head[HEAD_TEXT + 1];
	int64_t	open, late;

	if (!unsealed(cli, &open, &late))
		return (cli_fail(cli, EX_UNAVAILABLE,
		    "the database does not answer"));

	printf("%" PRId64 " rows in %" PRId64 " seals (%" PRId64
	    " pruned), %" PRId64 " rows not sealed yet\n", audit->rows,
	    audit->seals, audit->pruned, open);
	if (audit->has_before) {
		base_hex_encode(audit->before.hash,
		    sizeof(audit->before.hash), head);
		printf("head %s\n", head);
	}

	if (audit->broken > 0)
		return (cli_fail(cli, EX_DATAERR, "%" PRId64
		    " seals are broken: the audit was changed",
		    audit->broken));
	if (audit->head != NULL && !audit->head_found)
		return (cli_fail(cli, EX_DATAERR, "no seal has the head you "
		    "gave: the end of the chain was cut off, or this is "
		    "another database"));
	if (late > LATE_SECONDS)
		return (cli_fail(cli, EX_DATAERR, "rows have waited %" PRId64
		    " s for a seal: seals were deleted, or jobs is not "
		    "running", late));

	printf("the audit is sound\n");
	return (EX_OK);
}

/* Rows without a seal, and how long the oldest has waited, in seconds. */
static bool
unsealed(struct cli *cli, int64_t *count, int64_t *late)
{
	const struct store_result	*result;
	struct base_arena		 arena;
	bool				 good;

	base_arena_init(&arena);
	result = store_sync_run(cli->store, store_audit_unsealed(&arena));
	good = store_result_status(result) == STORE_OK &&
	    store_cell_int(result, 0, 0, count);
	if (good && !store_cell_int(result, 0, 1, late))
		*late = 0;
	base_arena_clear(&arena);

	return (good);
}
