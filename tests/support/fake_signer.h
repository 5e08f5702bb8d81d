/*
 * Takes the place of signer_client.c in tests of handlers: keeps what it was
 * asked and answers "header.<claims in base64url>.signature", or nothing.
 */
#ifndef PERMISO_TESTS_FAKE_SIGNER_H
#define PERMISO_TESTS_FAKE_SIGNER_H

#include <stdbool.h>

#include "signer/signer_client.h"

/* Whether the signer is away: it then answers NULL. */
void	fake_signer_away(bool away);

/* What was asked last; claims are a copy and NUL-terminated. */
const struct signer_request	*fake_signer_last(void);

/* Answer every request that waits; how many there were. */
int	fake_signer_run(void);

#endif /* !PERMISO_TESTS_FAKE_SIGNER_H */
