/*
 * JSON of strangers: length-based, no repeated members, no NUL, nothing
 * behind the value, and no deeper than WEBAUTHN_JSON_DEPTH_MAX.
 */
#ifndef PERMISO_WEBAUTHN_JSON_H
#define PERMISO_WEBAUTHN_JSON_H

#include <jansson.h>

#include "base/base_arena.h"
#include "base/base_bytes.h"
#include "webauthn/webauthn_verdict.h"

/* An object, or NULL for anything else.  The caller owns it. */
json_t	*webauthn_json_load(struct base_slice text);

/*
 * The base64url member "name" of "object", at most "max" bytes, decoded into
 * the arena.  WEBAUTHN_RESPONSE_MALFORMED when it is missing, no string or
 * not strict base64url; WEBAUTHN_RESPONSE_TOO_LONG when it is longer.
 */
enum webauthn_verdict	webauthn_json_bytes(struct base_arena *arena,
			    const json_t *object, const char *name, size_t max,
			    struct base_slice *out);

#endif /* !PERMISO_WEBAUTHN_JSON_H */
