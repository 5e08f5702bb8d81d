/*
 * Takes the place of web_keys.c in tests of handlers.
 */
#ifndef PERMISO_TESTS_FAKE_KEYS_H
#define PERMISO_TESTS_FAKE_KEYS_H

#include <stdbool.h>

#include "base/base_keyring.h"

struct jose_key;

/* The ring of every exchange: keys 1 (seal), 2 (MAC), 3 (pepper). */
const struct base_keyring	*fake_keys_ring(void);

/* Have they been read yet? They have, unless a test says otherwise. */
void	fake_keys_read(bool read);

/* The one public key that web_keys_find() knows; borrowed. */
void	fake_keys_public(const char *kid, const struct jose_key *key);

#endif /* !PERMISO_TESTS_FAKE_KEYS_H */
