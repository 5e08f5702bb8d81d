/*
 * Sets of public keys (RFC 7517 section 5).
 */
#ifndef PERMISO_JOSE_JWK_SET_H
#define PERMISO_JOSE_JWK_SET_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "jose/jose_key.h"

#define JOSE_JWK_SET_MAX	32

/* Owns its keys. */
struct jose_jwk_set {
	struct jose_key	*keys[JOSE_JWK_SET_MAX];
	size_t		 count;
};

void			 jose_jwk_set_init(struct jose_jwk_set *set);
/* Takes the key over; false, with the key freed, when full or kid is there. */
bool			 jose_jwk_set_add(struct jose_jwk_set *set,
			    struct jose_key *key);
const struct jose_key	*jose_jwk_set_find(const struct jose_jwk_set *set,
			    const char *kid);
/* {"keys": [...]} in the order they were added; NULL when out of memory. */
json_t			*jose_jwk_set_json(const struct jose_jwk_set *set);
void			 jose_jwk_set_clear(struct jose_jwk_set *set);

#endif /* !PERMISO_JOSE_JWK_SET_H */
