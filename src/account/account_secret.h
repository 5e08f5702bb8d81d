/*
 * What a person carries as a proof: 32 random bytes in a cookie or a link, of
 * which the database has only a digest.
 *
 * There are 256 random bits, so a plain digest is enough: nobody can guess it
 * back, and a copy of the database signs nobody in.
 */
#ifndef PERMISO_ACCOUNT_SECRET_H
#define PERMISO_ACCOUNT_SECRET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_base64url.h"
#include "base/base_bytes.h"
#include "base/base_hash.h"

#define ACCOUNT_SECRET_LEN	BASE_BASE64URL_LEN(32)	/* 43 */

/* A new secret as text, and the digest that the database gets. */
void	account_secret_new(char text[ACCOUNT_SECRET_LEN + 1],
	    uint8_t digest[BASE_SHA256_LEN]);

/*
 * The digest of a secret as it arrived.  False for anything that is not
 * exactly the text of one: whoever sent it is nobody.
 */
bool	account_secret_digest(struct base_slice text,
	    uint8_t digest[BASE_SHA256_LEN]);

#endif /* !PERMISO_ACCOUNT_SECRET_H */
