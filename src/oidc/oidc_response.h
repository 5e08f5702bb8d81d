/*
 * Answers of the authorization endpoint at the redirect URI (RFC 6749 section
 * 4.1.2, RFC 9207, OAuth 2.0 Form Post Response Mode).
 *
 * Every answer names the issuer, and carries the state byte for byte when one
 * was sent.
 */
#ifndef PERMISO_OIDC_RESPONSE_H
#define PERMISO_OIDC_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base_arena.h"
#include "oidc/oidc.h"
#include "oidc/oidc_error.h"

struct oidc_request;

#define OIDC_RESPONSE_FIELDS_MAX	5

struct oidc_response_field {
	const char	*name;
	const char	*value;		/* borrowed */
};

struct oidc_response {
	struct oidc_response_field	fields[OIDC_RESPONSE_FIELDS_MAX];
	size_t				count;
};

/* A code, or an error. */
void	oidc_response_code(const struct oidc_request *request,
	    const char *issuer, const char *code, struct oidc_response *out);
void	oidc_response_error(const struct oidc_request *request,
	    const char *issuer, enum oidc_error error,
	    struct oidc_response *out);

/*
 * "uri" with the fields behind whatever query it has, every byte but letters,
 * digits and -._~ percent-encoded.
 */
char	*oidc_response_uri(struct base_arena *arena, const char *uri,
	    const struct oidc_response *response);

#endif /* !PERMISO_OIDC_RESPONSE_H */
