/*
 * The engine's side of a reply; handlers see web.h.
 */
#ifndef PERMISO_WEB_REPLY_H
#define PERMISO_WEB_REPLY_H

#include "web/web.h"

/* Add the headers of the class; once, when the last step has answered. */
void		 web_reply_finish(struct web_exchange *x);

/* What our cookie names begin with on this installation. */
const char	*web_reply_cookie_prefix(const struct web_exchange *x);

#endif /* !PERMISO_WEB_REPLY_H */
