/*
 * GET /.well-known/jwks.json: the public halves of the signing keys, served
 * from memory, so that it works while the database is down.
 */

#include "endpoints/endpoints.h"

#include <string.h>

#include "web/web_keys.h"

struct web_next
endpoints_jwks(struct web_exchange *x)
{
	const char		*etag;
	struct base_slice	 body = web_keys_jwks(x, &etag), known;
	bool			 repeated;

	if (body.len == 0)
		return (web_unavailable(x));

	known = web_header(x, "if-none-match", &repeated);
	web_reply_header(x, "etag", etag);
	if (base_bytes_equal(known.data, known.len, etag, strlen(etag))) {
		web_reply_status(x, 304, WEB_CLASS_PUBLIC);
		return (web_answered(x));
	}

	web_reply_status(x, 200, WEB_CLASS_PUBLIC);
	web_reply_body(x, "application/json", body.data, body.len);
	return (web_answered(x));
}
