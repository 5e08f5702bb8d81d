/*
 * Client secrets on the command line: see cli_secret.h.
 */

#include "cli/cli_secret.h"

#include "base/base_clock.h"
#include "base/base_hex.h"
#include "base/base_uuid.h"
#include "store/store_keyring.h"

int
cli_secret_ring(struct cli *cli, struct base_keyring *ring)
{
	enum store_status	status;

	if (!cli->config.has_root_key)
		return (cli_fail(cli, EX_CONFIG, "ENCRYPTION_KEY is not "
		    "set"));
	base_keyring_derive(cli->config.root_key, BASE_PURPOSE_PEPPER,
	    cli->config.wrapping[BASE_PURPOSE_PEPPER]);
	cli->config.has_wrapping[BASE_PURPOSE_PEPPER] = true;

	status = store_keyring_read(store_sync_run(cli->store,
	    store_keyring_list(&cli->arena)), &cli->config, ring);
	if (status != STORE_OK)
		return (cli_verdict(cli, status, "keys"));
	if (base_keyring_active(ring, BASE_PURPOSE_PEPPER,
	    base_clock_seconds()) == NULL)
		return (cli_fail(cli, EX_CONFIG, "there are no keys yet: "
		    "`permiso migrate` makes them"));

	return (EX_OK);
}

static void
set_uuid(json_t *row, const char *name)
{
	const struct base_uuid	id = base_uuid_new();
	char			text[BASE_UUID_TEXT_LEN + 1];

	base_uuid_format(&id, text);
	json_object_set_new(row, name, json_string(text));
}

void
cli_secret_keys(json_t *row)
{
	set_uuid(row, "id");
	set_uuid(row, "audit_id");
}

json_t *
cli_secret_candidates(struct base_arena *arena,
    const struct base_keyring *ring, const char *secret)
{
	const char *const	*list;
	json_t			*json = json_array();

	list = oidc_auth_candidates(arena, ring, secret);
	for (size_t i = 0; list[i] != NULL; i++)
		json_array_append_new(json, json_string(list[i]));

	return (json);
}

json_t *
cli_secret_row(const struct base_keyring *ring, const char *secret)
{
	const struct base_key	*key;
	uint8_t			 digest[BASE_SHA256_LEN];
	char			 hex[2 * BASE_SHA256_LEN + 1];
	json_t			*row;

	key = base_keyring_active(ring, BASE_PURPOSE_PEPPER,
	    base_clock_seconds());
	if (key == NULL || !oidc_auth_secret_digest(ring, key->id, secret,
	    digest))
		return (NULL);

	base_hex_encode(digest, sizeof(digest), hex);
	row = json_pack("{s:I, s:s}", "key_id", (json_int_t)key->id,
	    "digest", hex);
	set_uuid(row, "id");
	return (row);
}
