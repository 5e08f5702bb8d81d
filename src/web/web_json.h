/*
 * JSON that a stranger wrote: one object, no member twice, no NUL in a text,
 * nothing behind it, nested at most WEB_JSON_DEPTH deep.
 */
#ifndef PERMISO_WEB_JSON_H
#define PERMISO_WEB_JSON_H

#include <jansson.h>

#include "base/base_bytes.h"

#define WEB_JSON_DEPTH	16

/* The object, owned by the caller; NULL when the text is anything else. */
json_t	*web_json_parse(struct base_slice text);

#endif /* !PERMISO_WEB_JSON_H */
