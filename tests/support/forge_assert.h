/*
 * Run a forged ceremony, demand a verdict, clear the ceremony.  On a refusal
 * the output must be untouched.
 */
#ifndef PERMISO_TESTS_FORGE_ASSERT_H
#define PERMISO_TESTS_FORGE_ASSERT_H

#include "support/forge.h"

void	forge_assert_register(struct forge *forge, const char *name,
	    enum webauthn_verdict want);
void	forge_assert_authenticate(struct forge *forge, const char *name,
	    enum webauthn_verdict want);

#endif /* !PERMISO_TESTS_FORGE_ASSERT_H */
