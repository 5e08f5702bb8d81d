/*
 * The Cookie header (RFC 6265 section 5.4), exactly: names compare with case,
 * and one of ours that comes twice counts as none.
 */
#ifndef PERMISO_WEB_COOKIE_H
#define PERMISO_WEB_COOKIE_H

#include "base/base_bytes.h"

/*
 * The value of the cookie "prefix" "name" in one Cookie header; empty when it
 * is absent, sent twice, or "header" is malformed at that pair.
 */
struct base_slice	web_cookie_find(struct base_slice header,
			    const char *prefix, const char *name);

#endif /* !PERMISO_WEB_COOKIE_H */
