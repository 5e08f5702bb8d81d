/*
 * What this issuer says it can do (OpenID Connect Discovery 1.0 section 3,
 * RFC 8414 section 2): one table for both documents, so that it says exactly
 * what is true now.
 */
#ifndef PERMISO_OIDC_METADATA_H
#define PERMISO_OIDC_METADATA_H

#include <jansson.h>

/* Paths below the issuer. */
#define OIDC_PATH_AUTHORIZE	"/oauth/authorize"
#define OIDC_PATH_TOKEN		"/oauth/token"
#define OIDC_PATH_USERINFO	"/oauth/userinfo"
#define OIDC_PATH_LOGOUT	"/oauth/logout"
#define OIDC_PATH_JWKS		"/.well-known/jwks.json"

/* A new object; NULL only when out of memory. */
json_t	*oidc_metadata_build(const char *issuer);

#endif /* !PERMISO_OIDC_METADATA_H */
