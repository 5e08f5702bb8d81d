/*
 * Recorded ceremonies: tests/vectors/NAME.json, made by record.mjs there.
 */
#ifndef PERMISO_TESTS_VECTOR_H
#define PERMISO_TESTS_VECTOR_H

#include <jansson.h>

#include "base/base_arena.h"
#include "webauthn/webauthn_authenticate.h"
#include "webauthn/webauthn_register.h"

struct vector {
	struct base_arena	 arena;
	json_t			*json;
	struct base_slice	 origin;
	struct base_slice	 user_handle;
	const char		*rp_id;
	bool			 user_verification;
};

/* Ends the test program when there is no such file. */
void	vector_open(struct vector *vector, const char *name);
void	vector_close(struct vector *vector);

const json_t	*vector_created(const struct vector *vector);
size_t		 vector_count(const struct vector *vector);
const json_t	*vector_asserted(const struct vector *vector, size_t index);

/* What was expected: of the creation (index -1) or of an assertion. */
struct webauthn_expect	vector_expect(struct vector *vector, int index);

#endif /* !PERMISO_TESTS_VECTOR_H */
