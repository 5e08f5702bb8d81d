/*
 * Query strings and form bodies, parsed once and strictly
 * (application/x-www-form-urlencoded, WHATWG URL 5.1, with our limits).
 *
 * Repeated names, empty names, bad percent-escapes, NUL and control bytes
 * (but TAB, CR and LF), invalid UTF-8 and too many fields are told apart from
 * absence.  "=" inside a value is kept.  The length of a value is the
 * reader's to judge.
 */
#ifndef PERMISO_WEB_FORM_H
#define PERMISO_WEB_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base_arena.h"
#include "base/base_bytes.h"

#define WEB_FORM_FIELDS_MAX	64

enum web_form_status {
	WEB_FORM_OK = 0,
	WEB_FORM_MALFORMED,	/* escape, UTF-8, control byte, empty name, type */
	WEB_FORM_TOO_MANY
};

struct web_form_field {
	const char	*name;
	const char	*value;		/* NUL-terminated; "" when empty */
	size_t		 len;
	bool		 repeated;	/* sent more than once: refuse it */
};

struct web_form {
	struct web_form_field	fields[WEB_FORM_FIELDS_MAX];
	size_t			count;
};

enum web_form_status	web_form_parse(struct base_arena *arena,
			    struct base_slice text, struct web_form *out);

/*
 * The first field of this name; NULL when it was not sent (an empty value is
 * "").  Whoever reads a field looks at "repeated" (RFC 6749 section 3.1).
 */
const struct web_form_field	*web_form_find(const struct web_form *form,
				    const char *name);

/* True when the Content-Type header is exactly a form, charset UTF-8 at most. */
bool	web_form_type_valid(struct base_slice content_type);

#endif /* !PERMISO_WEB_FORM_H */
