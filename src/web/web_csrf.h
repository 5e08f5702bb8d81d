/*
 * Cross-site request forgery: every POST of our own pages carries a token
 * bound to the browser secret and to what it is for, and must come from our
 * own origin as far as the browser says (ASVS 5.0, 3.5).
 */
#ifndef PERMISO_WEB_CSRF_H
#define PERMISO_WEB_CSRF_H

#include "web/web.h"

#define WEB_CSRF_FIELD		"csrf"		/* of a form */
#define WEB_CSRF_HEADER		"x-csrf"	/* of a script's request */

/* Text for the hidden field of a form; makes the browser secret if need be.
 * "purpose" is a fixed word ("login", "logout", ...). */
const char	*web_csrf_token(struct web_exchange *x, const char *purpose);

/*
 * Whether this request may act: Sec-Fetch-Site is same-origin, or absent and
 * Origin is absent, "null" or ours; and "token" was made for this browser and
 * "purpose".  "token" may be NULL.
 */
bool		 web_csrf_valid(struct web_exchange *x, const char *purpose,
		    const char *token);

#endif /* !PERMISO_WEB_CSRF_H */
