/*
 * Client secrets on the command line: the peppers, and digests as the
 * statements of registrations take them.
 */
#ifndef PERMISO_CLI_SECRET_H
#define PERMISO_CLI_SECRET_H

#include <jansson.h>

#include "base/base_keyring.h"
#include "cli/cli.h"
#include "oidc/oidc_auth.h"

/* The peppers of the database.  EX_OK, or the code to end with. */
int	cli_secret_ring(struct cli *cli, struct base_keyring *ring);

/* New keys "id" and "audit_id" for a row. */
void	cli_secret_keys(json_t *row);
/* A list of the digests "secret" would have. */
json_t	*cli_secret_candidates(struct base_arena *arena,
	    const struct base_keyring *ring, const char *secret);
/* {"id", "key_id", "digest"} of a secret, under the active pepper; NULL when
 * there is none. */
json_t	*cli_secret_row(const struct base_keyring *ring, const char *secret);

#endif /* !PERMISO_CLI_SECRET_H */
