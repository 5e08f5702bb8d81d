/*
 * The browser secret: 32 random bytes in one cookie for 400 days.  Requests,
 * challenges and forms are bound to it, so that who begins is who ends
 * (RFC 9700 section 4.7).
 */
#ifndef PERMISO_WEB_BROWSER_H
#define PERMISO_WEB_BROWSER_H

#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "web/web.h"

#define WEB_BROWSER_SECRET_LEN	32
#define WEB_BROWSER_SECONDS	(400LL * 24 * 60 * 60)

/* The secret of this browser; empty when it has none (or a broken one). */
struct base_slice	web_browser_secret(struct web_exchange *x);

/* The same, made and set as a cookie on the reply when there is none. */
struct base_slice	web_browser_ensure(struct web_exchange *x);

/* SHA-256 of the secret, as sessions have it; false when there is none. */
bool	web_browser_digest(struct web_exchange *x,
	    uint8_t out[BASE_SHA256_LEN]);

#endif /* !PERMISO_WEB_BROWSER_H */
