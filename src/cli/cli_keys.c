/*
 * `permiso keys`: what keys there are, new ones, another root key.
 *
 * Signing keys change by themselves; this is for a person who does not want to
 * wait, or must not.  The keyring's change only here
 * (docs/decisions/keys.md).
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/base_bytes.h"
#include "base/base_clock.h"
#include "cli/cli.h"
#include "jose/jose_key.h"
#include "store/store_keyring.h"
#include "store/store_signing_key.h"

struct options {
	const char	*alg;
	const char	*purpose;
	const char	*old_key_file;
	bool		 now;
};

/* How many rows `rewrap` changed, and how many were changed before. */
struct rewrapped {
	int	changed;
	int	before;
};

static int	list(struct cli *);
static int	rewrap(struct cli *, const struct options *);
static int	rotate(struct cli *, const struct options *);

int
cli_keys(struct cli *cli, int argc, char **argv)
{
	struct options			options = { .now = false };
	const struct cli_option		known[] = {
		{ "--alg", &options.alg, NULL },
		{ "--purpose", &options.purpose, NULL },
		{ "--now", NULL, &options.now },
		{ "--old-key-file", &options.old_key_file, NULL },
		{ NULL, NULL, NULL }
	};
	const char			*what;
	bool				 making;
	int				 code;

	if (!cli_options(cli, &argc, argv, known, 1, 1))
		return (EX_USAGE);
	what = argv[0];
	making = options.alg != NULL || options.now;
	if ((strcmp(what, "rotate") != 0 &&
	    (making || options.purpose != NULL)) ||
	    (making && options.purpose != NULL) ||
	    (strcmp(what, "rewrap") == 0) != (options.old_key_file != NULL))
		return (cli_usage(cli));
	if ((code = cli_database(cli)) != EX_OK)
		return (code);

	if (strcmp(what, "list") == 0)
		return (list(cli));
	if (strcmp(what, "rotate") == 0)
		return (rotate(cli, &options));
	if (strcmp(what, "rewrap") == 0)
		return (rewrap(cli, &options));

	return (cli_usage(cli));
}

/* Every wrapping key, for a process that holds the root. */
static void
wrapping_all(const uint8_t root[BASE_KEY_LEN], struct base_config *out)
{
	int	i;

	for (i = 0; i < BASE_PURPOSE_COUNT; i++) {
		base_keyring_derive(root, (enum base_purpose)i,
		    out->wrapping[i]);
		out->has_wrapping[i] = true;
	}
}

/* --- list ------------------------------------------------------------------ */

static void
print_time(int64_t seconds, char out[32])
{
	time_t		when = (time_t)seconds;
	struct tm	tm;

	out[0] = '\0';
	if (seconds != 0 && gmtime_r(&when, &tm) != NULL)
		(void)strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* The latest of its algorithm whose time has come signs now. */
static bool
signs_now(const struct store_result *result,
    const struct store_signing_key *key, int64_t now)
{
	struct store_signing_key	other;
	int				row;

	if (key->active_from > now)
		return (false);
	for (row = 0; row < store_result_rows(result); row++) {
		if (store_signing_key_row(result, row, &other) == STORE_OK &&
		    other.alg == key->alg && other.active_from <= now &&
		    other.active_from > key->active_from)
			return (false);
	}

	return (true);
}

static int
list_signing(struct cli *cli)
{
	const struct store_result	*result;
	struct store_signing_key	 key;
	char				 from[32], gone[32];
	int64_t				 now = base_clock_seconds();
	int				 row;

	result = store_sync_run(cli->store,
	    store_signing_key_list(&cli->arena));
	if (store_result_status(result) != STORE_OK)
		return (cli_verdict(cli, STORE_FAILED, "signing keys"));
	for (row = 0; row < store_result_rows(result); row++) {
		if (store_signing_key_row(result, row, &key) != STORE_OK)
			return (cli_verdict(cli, STORE_FAILED,
			    "signing keys"));
		print_time(key.active_from, from);
		print_time(key.gone_at, gone);
		printf("%-8s%-9s%s  from %s%s%s\n",
		    jose_key_alg_name(key.alg), key.active_from > now ?
		    "next" : signs_now(result, &key, now) ? "active" :
		    "retiring", key.kid, from, gone[0] == '\0' ? "" :
		    "  until ", gone);
	}

	return (EX_OK);
}

static int
list(struct cli *cli)
{
	const struct base_key		*key, *active;
	struct base_keyring		 ring;
	char				 from[32];
	int64_t				 now = base_clock_seconds();
	size_t				 i;
	int				 code;

	if ((code = list_signing(cli)) != EX_OK)
		return (code);

	wrapping_all(cli->config.root_key, &cli->config);
	if (store_keyring_read(store_sync_run(cli->store,
	    store_keyring_list(&cli->arena)), &cli->config, &ring) !=
	    STORE_OK)
		return (cli_fail(cli, EX_CONFIG, "the keyring does not open "
		    "with this ENCRYPTION_KEY"));
	for (i = 0; i < ring.count; i++) {
		key = &ring.keys[i];
		active = base_keyring_active(&ring, key->purpose, now);
		print_time(key->active_from, from);
		printf("%-8s%-9s%" PRIu32 "  from %s\n",
		    base_keyring_purpose_name(key->purpose),
		    key->active_from > now ? "next" :
		    key == active ? "active" : "old", key->id, from);
	}
	base_keyring_clear(&ring);

	return (EX_OK);
}

/* --- rotate ---------------------------------------------------------------- */

static enum store_status
insert(struct cli *cli, const struct jose_key *key,
    enum store_signing_key_reason reason)
{
	uint8_t	wrapping[BASE_KEY_LEN], sealed[JOSE_KEY_SEALED_MAX];
	size_t	len;
	bool	good;

	base_keyring_derive(cli->config.root_key, BASE_PURPOSE_SIGNING,
	    wrapping);
	good = jose_key_seal(key, wrapping, sealed, &len);
	base_bytes_wipe(wrapping, sizeof(wrapping));
	if (!good)
		return (STORE_FAILED);

	return (store_verdict(store_sync_run(cli->store,
	    store_signing_key_insert(&cli->arena, key, sealed, len, reason,
	    cli->config.key_rotation_days))));
}

/* One bit for each algorithm that has a key. */
static bool
algs_present(struct cli *cli, unsigned *present)
{
	const struct store_result	*result;
	struct store_signing_key	 row;

	*present = 0;
	result = store_sync_run(cli->store,
	    store_signing_key_list(&cli->arena));
	if (store_result_status(result) != STORE_OK)
		return (false);
	for (int i = 0; i < store_result_rows(result); i++) {
		if (store_signing_key_row(result, i, &row) != STORE_OK)
			return (false);
		*present |= 1U << row.alg;
	}

	return (true);
}

int
cli_keys_first(struct cli *cli)
{
	enum store_status	 status = STORE_OK;
	struct jose_key		*key;
	unsigned		 present;
	int			 code;

	if ((code = cli_database(cli)) != EX_OK)
		return (code);
	if (!algs_present(cli, &present))
		return (cli_verdict(cli, STORE_FAILED, "signing keys"));

	for (int alg = 0; alg < JOSE_ALG_COUNT && status == STORE_OK; alg++) {
		if ((present & 1U << alg) != 0)
			continue;
		key = jose_key_generate((enum jose_alg)alg,
		    cli->config.rsa_bits);
		status = key == NULL ? STORE_FAILED :
		    insert(cli, key, STORE_SIGNING_KEY_FIRST);
		jose_key_free(key);
		/* another migration, or a signer, was faster */
		if (status == STORE_CONFLICT || status == STORE_REFUSED)
			status = STORE_OK;
	}

	return (cli_verdict(cli, status, "signing keys"));
}

static int
rotate_alg(struct cli *cli, enum jose_alg alg, bool emergency)
{
	const char		*name = jose_key_alg_name(alg);
	struct jose_key		*key;
	enum store_status	 status;
	int			 tries = 3;

	if ((key = jose_key_generate(alg, cli->config.rsa_bits)) == NULL)
		return (cli_fail(cli, EX_OSERR, "%s: no key could be made",
		    name));
	do
		status = insert(cli, key, emergency ?
		    STORE_SIGNING_KEY_EMERGENCY : STORE_SIGNING_KEY_ASKED);
	while (status == STORE_CONFLICT && --tries > 0);

	if (status == STORE_OK)
		printf("%s: new key %s, %s\n", name, jose_key_kid(key),
		    emergency ? "signs within 10 seconds; the others are gone"
		    : "published now, signs in 48 hours");
	jose_key_free(key);
	if (status == STORE_REFUSED)
		return (cli_fail(cli, EX_NOPERM, "%s: the next key is made "
		    "and published already (\"--now\" does not wait)", name));

	return (cli_verdict(cli, status, name));
}

static int
rotate_purpose(struct cli *cli, const char *name)
{
	enum base_purpose	purpose;
	enum store_status	status;
	int64_t			removed;

	if (!base_keyring_purpose_parse(name, &purpose) ||
	    purpose == BASE_PURPOSE_SIGNING)
		return (cli_fail(cli, EX_USAGE, "a purpose is seal, mac or "
		    "pepper"));
	status = store_keyring_prune(cli->store, &removed);
	if (status != STORE_OK)
		return (cli_verdict(cli, status, name));
	if (removed > 0)
		printf("%" PRId64 " old keys removed: nothing made with them "
		    "is alive\n", removed);
	status = store_keyring_make(cli->store, cli->config.root_key, purpose,
	    false);
	if (status == STORE_REFUSED)
		return (cli_fail(cli, EX_NOPERM, "the keyring is full: %d "
		    "keys", BASE_KEYRING_MAX));
	if (status == STORE_OK)
		printf("%s: new key, used in 60 seconds; the others still "
		    "open what they made\n", name);

	return (cli_verdict(cli, status, name));
}

static int
rotate(struct cli *cli, const struct options *options)
{
	enum jose_alg	alg;
	int		i, code = EX_OK, one;

	if (options->purpose != NULL)
		return (rotate_purpose(cli, options->purpose));
	if (options->alg != NULL) {
		if (!jose_key_alg_parse(options->alg, &alg))
			return (cli_fail(cli, EX_USAGE, "an algorithm is "
			    "RS256, PS256, ES256 or EdDSA"));
		return (rotate_alg(cli, alg, options->now));
	}
	/* Each for itself: one that has its next key does not stop another. */
	for (i = 0; i < JOSE_ALG_COUNT; i++) {
		one = rotate_alg(cli, (enum jose_alg)i, options->now);
		if (one != EX_OK)
			code = one;
	}

	return (code);
}

/* --- rewrap ---------------------------------------------------------------- */

/* One row of the keyring: what it was under the old root, under the new. */
static enum store_status
rewrap_ring_row(struct cli *cli, const struct base_config *old,
    const struct store_result *result, int row, struct rewrapped *count)
{
	struct base_slice	before;
	struct base_key		key;
	uint8_t			after[BASE_WRAPPED_LEN];
	uint8_t			copy[BASE_WRAPPED_LEN];
	char			purpose[16];
	int64_t			id;

	if (!store_cell_int(result, row, 0, &id) ||
	    !store_cell_text(result, row, 1, purpose, sizeof(purpose)) ||
	    !base_keyring_purpose_parse(purpose, &key.purpose) ||
	    !store_cell_slice(result, row, 2, &before) ||
	    before.len != sizeof(copy))
		return (STORE_FAILED);
	key.id = (uint32_t)id;
	memcpy(copy, before.data, sizeof(copy));

	if (base_keyring_unwrap(cli->config.wrapping[key.purpose], copy,
	    &key)) {
		base_bytes_wipe(&key, sizeof(key));
		count->before++;
		return (STORE_OK);
	}
	if (!base_keyring_unwrap(old->wrapping[key.purpose], copy, &key))
		return (STORE_REFUSED);
	base_keyring_wrap(cli->config.wrapping[key.purpose], &key, after);
	base_bytes_wipe(key.bytes, sizeof(key.bytes));
	count->changed++;

	return (store_verdict(store_sync_run(cli->store,
	    store_keyring_rewrap(&cli->arena, key.id, copy, after))));
}

/*
 * The list is read anew for each row, because a result ends with the next
 * call; there are at most 32.
 */
static enum store_status
rewrap_ring(struct cli *cli, const struct base_config *old,
    struct rewrapped *count)
{
	const struct store_result	*result;
	enum store_status		 status = STORE_OK;
	int				 row, rows = 1;

	for (row = 0; status == STORE_OK && row < rows; row++) {
		result = store_sync_run(cli->store,
		    store_keyring_list(&cli->arena));
		if (store_result_status(result) != STORE_OK)
			return (STORE_FAILED);
		rows = store_result_rows(result);
		if (row < rows)
			status = rewrap_ring_row(cli, old, result, row,
			    count);
	}

	return (status);
}

static enum store_status
rewrap_signing_row(struct cli *cli, const struct base_config *old,
    const struct store_signing_key_sealed *row, struct rewrapped *count)
{
	const uint8_t	*new_key = cli->config.wrapping[BASE_PURPOSE_SIGNING];
	uint8_t		 after[JOSE_KEY_SEALED_MAX];
	struct jose_key	*key;
	size_t		 len;
	bool		 good;

	key = jose_key_unseal(new_key, row->alg, row->kid, row->sealed,
	    row->sealed_len);
	if (key != NULL) {
		jose_key_free(key);
		count->before++;
		return (STORE_OK);
	}
	key = jose_key_unseal(old->wrapping[BASE_PURPOSE_SIGNING], row->alg,
	    row->kid, row->sealed, row->sealed_len);
	if (key == NULL)
		return (STORE_REFUSED);
	good = jose_key_seal(key, new_key, after, &len);
	jose_key_free(key);
	if (!good)
		return (STORE_FAILED);
	count->changed++;

	return (store_verdict(store_sync_run(cli->store,
	    store_signing_key_rewrap(&cli->arena, row->kid, row->sealed,
	    row->sealed_len, after, len))));
}

static enum store_status
rewrap_signing(struct cli *cli, const struct base_config *old,
    struct rewrapped *count)
{
	const struct store_result	*result;
	struct store_signing_key_sealed	 rows[STORE_SIGNING_KEY_MAX];
	enum store_status		 status = STORE_OK;
	int				 n = 0, i;

	/* Keys that sign no more are burned, not carried along. */
	(void)store_sync_run(cli->store, store_signing_key_prune(&cli->arena));
	result = store_sync_run(cli->store,
	    store_signing_key_sealed(&cli->arena));
	if (store_result_status(result) != STORE_OK ||
	    store_result_rows(result) > STORE_SIGNING_KEY_MAX)
		return (STORE_FAILED);
	for (; n < store_result_rows(result); n++) {
		if (store_signing_key_sealed_row(result, n, &rows[n]) !=
		    STORE_OK)
			return (STORE_FAILED);
	}
	for (i = 0; status == STORE_OK && i < n; i++)
		status = rewrap_signing_row(cli, old, &rows[i], count);

	return (status);
}

/* May be broken off and run again: what is done already stays done. */
static int
rewrap(struct cli *cli, const struct options *options)
{
	struct base_config	*old;
	struct rewrapped	 count = { 0, 0 };
	enum store_status	 status;
	char			 error[BASE_CONFIG_ERROR_MAX + 1];

	old = base_arena_new(&cli->arena, sizeof(*old));
	if (!base_config_root_key(options->old_key_file, old->root_key,
	    error))
		return (cli_fail(cli, EX_NOINPUT, "%s", error));
	wrapping_all(old->root_key, old);
	wrapping_all(cli->config.root_key, &cli->config);

	status = rewrap_ring(cli, old, &count);
	if (status == STORE_OK)
		status = rewrap_signing(cli, old, &count);
	base_config_clear(old);
	if (status == STORE_REFUSED)
		return (cli_fail(cli, EX_DATAERR, "a key opens neither with "
		    "the key in %s nor with ENCRYPTION_KEY",
		    options->old_key_file));
	if (status == STORE_OK)
		printf("%d keys wrapped anew, %d were already; now run "
		    "\"permiso migrate\" and start again everywhere\n",
		    count.changed, count.before);

	return (cli_verdict(cli, status, "keys"));
}
