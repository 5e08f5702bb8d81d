/*
 * What the database answers in tests of signing in: one person, "Ada".
 */
#ifndef PERMISO_TESTS_SIGNIN_ROWS_H
#define PERMISO_TESTS_SIGNIN_ROWS_H

#include "store/store.h"
#include "support/fake_runner.h"
#include "support/fake_store.h"
#include "support/forge.h"

extern struct base_uuid	signin_rows_user, signin_rows_session,
			signin_rows_passkey;

/* The session of the cookie; auth_time in seconds. */
void	signin_rows_session_full(const char *statement, int64_t auth_time);
void	signin_rows_session_limited(const char *statement);
/* No row, or no answer. */
void	signin_rows_none(const char *statement, enum store_status status);
/* One verdict. */
void	signin_rows_verdict(const char *statement, const char *verdict);
/* A sign-out that leaves two apps. */
void	signin_rows_ended(const char *statement);

/* passkey_find: the stored half of a forged assertion. */
void	signin_rows_passkey_found(const struct forge *forge, bool disabled);
/* Ada, alone: link_find. */
void	signin_rows_person(const char *statement);

/* A cookie value that is well-formed. */
#define SIGNIN_ROWS_COOKIE	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* The credential of a ceremony as JSON text, in the forge's arena. */
const char	*signin_rows_assertion(struct forge *forge);
const char	*signin_rows_creation(struct forge *forge);

#endif /* !PERMISO_TESTS_SIGNIN_ROWS_H */
