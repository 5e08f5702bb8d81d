/*
 * One-time login links and the set-up code: random values of which the
 * database has only a digest.  A link's is one of account_secret.h.
 */
#ifndef PERMISO_ACCOUNT_LINK_H
#define PERMISO_ACCOUNT_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_bytes.h"
#include "base/base_hash.h"

#define ACCOUNT_LINK_HOURS	1
#define ACCOUNT_LINK_HOURS_MAX	(7 * 24)

/* Hexadecimal, so that a terminal marks it with one double click. */
#define ACCOUNT_LINK_SETUP_LEN	32			/* 128 bits */

/* As account_secret_new() and _digest(), for the code that /setup asks for. */
void	account_link_setup_new(char code[ACCOUNT_LINK_SETUP_LEN + 1],
	    uint8_t digest[BASE_SHA256_LEN]);
bool	account_link_setup_digest(struct base_slice code,
	    uint8_t digest[BASE_SHA256_LEN]);

#endif /* !PERMISO_ACCOUNT_LINK_H */
