/*
 * Lists of wishes with weights: Accept-Language, Accept-Encoding
 * (RFC 9110 12.4.2).
 */
#ifndef PERMISO_WEB_ACCEPT_H
#define PERMISO_WEB_ACCEPT_H

#include <stdbool.h>

#include "base/base_bytes.h"

#define WEB_ACCEPT_WISHES_MAX	32	/* of one header; more are not read */

/* Take the text before "end" off the front of "list", without the blanks
 * around it. */
struct base_slice	web_accept_item(struct base_slice *list, char end);

/*
 * Take the next wish off "list".  *weight is in thousandths: 1000 without a
 * q, 0 for one that is refused or malformed.  False at the end.
 */
bool			web_accept_next(struct base_slice *list,
			    struct base_slice *wish, unsigned int *weight);

/* What "list" says of one "name", or else of "*", in thousandths. */
unsigned int		web_accept_weight(struct base_slice list,
			    const char *name);

#endif /* !PERMISO_WEB_ACCEPT_H */
