/*
 * permiso apply: registrations out of JSON files (docs/clients.md).
 *
 * Every file is read and judged before anything is written, and then all of
 * them are written in one statement, or none.  Secrets that are made here are
 * printed once and kept nowhere but as digests.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cli_secret.h"
#include "oidc/oidc_registration.h"
#include "store/store_client.h"

#define FILE_MAX_BYTES	(1024 * 1024)
#define CLIENTS_MAX	256

/* One registration, where it stands, and what becomes of it. */
struct entry {
	struct oidc_registration	 registration;
	const char			*file;
	char				 change[16];	/* create, ... */
	bool				 secret_new;	/* made here */
};

struct apply {
	struct cli			*cli;
	struct entry			 entries[CLIENTS_MAX];
	size_t				 count;
	char				*text;		/* of the file read */
	struct base_keyring		 ring;
};

/* --- reading --------------------------------------------------------------- */

static int
entry_add(struct apply *a, const char *file, const json_t *object)
{
	struct entry	*entry;
	char		 error[OIDC_REGISTRATION_ERROR_MAX + 1];

	if (a->count == CLIENTS_MAX)
		return (cli_fail(a->cli, EX_DATAERR,
		    "more than %d clients", CLIENTS_MAX));
	entry = &a->entries[a->count];
	if (!oidc_registration_parse(object, &entry->registration, error))
		return (cli_fail(a->cli, EX_DATAERR, "%s: %s", file, error));
	entry->file = file;
	a->count++;

	for (size_t i = 0; i + 1 < a->count; i++) {
		if (strcmp(a->entries[i].registration.client_id,
		    entry->registration.client_id) == 0)
			return (cli_fail(a->cli, EX_DATAERR, "%s: client_id "
			    "%s is in %s already", file,
			    entry->registration.client_id,
			    a->entries[i].file));
	}

	return (EX_OK);
}

/* One registration, or a list of them. */
static int
file_read(struct apply *a, const char *path)
{
	json_error_t	 where;
	json_t		*json;
	size_t		 len;
	FILE		*file;
	int		 code = EX_OK, failed;

	if ((file = fopen(path, "r")) == NULL)
		return (cli_fail(a->cli, EX_NOINPUT, "%s: %s", path,
		    strerror(errno)));
	errno = 0;
	len = fread(a->text, 1, FILE_MAX_BYTES + 1, file);
	failed = ferror(file) != 0 ? errno : 0;
	(void)fclose(file);
	if (failed != 0)
		return (cli_fail(a->cli, EX_NOINPUT, "%s: %s", path,
		    strerror(failed)));
	if (len > FILE_MAX_BYTES)
		return (cli_fail(a->cli, EX_DATAERR, "%s: is too long",
		    path));
	json = json_loadb(a->text, len, JSON_REJECT_DUPLICATES, &where);
	base_bytes_wipe(a->text, len);
	if (json == NULL)
		return (cli_fail(a->cli, EX_DATAERR, "%s:%d: %s", path,
		    where.line, where.text));

	if (!json_is_array(json))
		code = entry_add(a, path, json);
	for (size_t i = 0; i < json_array_size(json) && code == EX_OK; i++)
		code = entry_add(a, path, json_array_get(json, i));
	json_decref(json);

	return (code);
}

static int
is_json(const struct dirent *entry)
{
	size_t	len = strlen(entry->d_name);

	return (len > 5 && entry->d_name[0] != '.' &&
	    strcmp(entry->d_name + len - 5, ".json") == 0);
}

static int
folder_read(struct apply *a, const char *folder)
{
	struct dirent	**names;
	int		  count, code = EX_OK;

	if ((count = scandir(folder, &names, is_json, alphasort)) == -1)
		return (cli_fail(a->cli, EX_NOINPUT, "%s: %s", folder,
		    strerror(errno)));
	for (int i = 0; i < count; i++) {
		if (code == EX_OK)
			code = file_read(a, base_arena_format(&a->cli->arena,
			    "%s/%s", folder, names[i]->d_name));
		free(names[i]);
	}
	free(names);
	if (code == EX_OK && a->count == 0)
		return (cli_fail(a->cli, EX_NOINPUT,
		    "%s: no registration in a *.json file", folder));

	return (code);
}

/* --- comparing and writing ------------------------------------------------- */

/* All registrations as the statements take them; freed by the caller. */
static char *
apply_json(struct apply *a, bool with_secrets)
{
	struct oidc_registration	*r;
	json_t				*list = json_array(), *row;
	char				*text;

	for (size_t i = 0; i < a->count; i++) {
		r = &a->entries[i].registration;
		row = json_copy(r->columns);
		cli_secret_keys(row);
		json_object_set_new(row, "candidates",
		    cli_secret_candidates(&a->cli->arena, &a->ring,
		    r->secret));
		json_object_set_new(row, "secret",
		    with_secrets && r->secret[0] != '\0' ?
		    cli_secret_row(&a->ring, r->secret) : json_null());
		json_array_append_new(list, row);
	}
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);

	return (text);
}

static struct entry *
entry_find(struct apply *a, const char *client_id)
{
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->entries[i].registration.client_id,
		    client_id) == 0)
			return (&a->entries[i]);
	}

	return (NULL);
}

/* What is to be done with one, now that we know what is there. */
static void
entry_decide(struct entry *entry, bool has_secret, bool known)
{
	struct oidc_registration	*r = &entry->registration;

	if (r->public_client)
		return;
	if (known) {			/* the one that is there: leave it */
		base_bytes_wipe(r->secret, sizeof(r->secret));
		return;
	}
	if (r->secret[0] == '\0' && !has_secret) {
		oidc_auth_secret_new(r->secret);
		entry->secret_new = true;
	}
	if (r->secret[0] != '\0' && strcmp(entry->change, "unchanged") == 0)
		memcpy(entry->change, "update", sizeof("update"));
}

static int
apply_compare(struct apply *a)
{
	const struct store_result	*result;
	struct entry			*entry;
	char				*text = apply_json(a, false);
	char				 client_id[OIDC_CLIENT_ID_MAX + 1];
	char				 change[16];
	bool				 has_secret, known;

	result = store_sync_run(a->cli->store, store_client_compare(
	    &a->cli->arena, text));
	free(text);
	if (store_result_status(result) != STORE_OK)
		return (cli_verdict(a->cli, STORE_FAILED, "clients"));

	for (int row = 0; row < store_result_rows(result); row++) {
		if (store_client_compared(result, row, client_id, change,
		    &has_secret, &known) != STORE_OK ||
		    (entry = entry_find(a, client_id)) == NULL)
			return (cli_verdict(a->cli, STORE_FAILED, "clients"));
		memcpy(entry->change, change, sizeof(entry->change));
		entry_decide(entry, has_secret, known);
	}

	return (EX_OK);
}

static int
apply_write(struct apply *a)
{
	char			*text = apply_json(a, true);
	enum store_status	 status;

	status = store_verdict(store_sync_run(a->cli->store,
	    store_client_apply(&a->cli->arena, text)));
	free(text);

	return (cli_verdict(a->cli, status, "clients"));
}

static void
apply_report(struct apply *a, bool dry)
{
	const struct entry	*entry;

	for (size_t i = 0; i < a->count; i++) {
		entry = &a->entries[i];
		printf("%-9s  %s\n", entry->change,
		    entry->registration.client_id);
		if (entry->secret_new && dry)
			printf("           a client_secret will be made\n");
		else if (entry->secret_new)
			printf("           client_secret %s\n",
			    entry->registration.secret);
	}
	if (dry)
		printf("Nothing was written (--dry-run).\n");
}

static int
apply_run(struct apply *a, const char *folder, bool dry)
{
	int	code;

	if ((code = folder_read(a, folder)) != EX_OK ||
	    (code = cli_database(a->cli)) != EX_OK ||
	    (code = cli_secret_ring(a->cli, &a->ring)) != EX_OK ||
	    (code = apply_compare(a)) != EX_OK)
		return (code);
	if (!dry && (code = apply_write(a)) != EX_OK)
		return (code);

	apply_report(a, dry);
	return (EX_OK);
}

int
cli_apply(struct cli *cli, int argc, char **argv)
{
	bool			 dry = false;
	int			 code, count = argc;
	struct apply		*a;
	const struct cli_option	 options[] = {
		{ "--dry-run", NULL, &dry },
		{ NULL, NULL, NULL }
	};

	if (!cli_options(cli, &count, argv, options, 1, 1))
		return (EX_USAGE);

	a = base_arena_new(&cli->arena, sizeof(*a));
	a->cli = cli;
	a->text = base_arena_new(&cli->arena, FILE_MAX_BYTES + 1);
	code = apply_run(a, argv[0], dry);
	for (size_t i = 0; i < a->count; i++)
		oidc_registration_clear(&a->entries[i].registration);
	base_keyring_clear(&a->ring);

	return (code);
}
