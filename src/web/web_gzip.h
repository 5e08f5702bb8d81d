/*
 * Pages on the wire: gzip (RFC 1952), made as they are answered.
 *
 * Only for bodies in which nothing that a stranger chose stands beside a
 * secret that stays the same from answer to answer: lengths could be compared
 * until the secret is known.  Form tokens are masked for that (web_csrf.h).
 */
#ifndef PERMISO_WEB_GZIP_H
#define PERMISO_WEB_GZIP_H

#include <stdbool.h>

#include "base/base_arena.h"
#include "base/base_bytes.h"

#define WEB_GZIP_MIN	1024	/* bytes: less does not repay its header */

/*
 * False when "body" is short, does not get smaller, or zlib fails; *out is
 * then left alone.  All memory is the arena's, and wiped with it.
 */
bool	web_gzip(struct base_arena *arena, struct base_slice body,
	    struct base_slice *out);

#endif /* !PERMISO_WEB_GZIP_H */
