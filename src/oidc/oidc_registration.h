/*
 * Registrations as they are written: JSON objects with the names of OpenID
 * Connect Dynamic Client Registration 1.0 section 2, and some of our own
 * (docs/clients.md).
 *
 * Read strictly: an unknown member, a wrong type, a value out of range and a
 * combination that makes no sense are refused, each with its name.
 */
#ifndef PERMISO_OIDC_REGISTRATION_H
#define PERMISO_OIDC_REGISTRATION_H

#include <stdbool.h>

#include <jansson.h>

#include "oidc/oidc.h"
#include "oidc/oidc_client.h"

#define OIDC_REGISTRATION_ERROR_MAX	255

struct oidc_registration {
	char		 client_id[OIDC_CLIENT_ID_MAX + 1];
	bool		 public_client;
	/* what it says, or "": one that is there stays, or one is made */
	char		 secret[OIDC_SECRET_MAX + 1];
	/* one member for each column it fills (store_client.h) */
	json_t		*columns;
};

/* False, with a sentence in "error" that names the member. */
bool	oidc_registration_parse(const json_t *object,
	    struct oidc_registration *out,
	    char error[OIDC_REGISTRATION_ERROR_MAX + 1]);
/* Free and wipe. */
void	oidc_registration_clear(struct oidc_registration *registration);

#endif /* !PERMISO_OIDC_REGISTRATION_H */
