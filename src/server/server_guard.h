/*
 * The judge of a request's header block, before Kore's parser reads it
 * (RFC 9110, RFC 9112).
 *
 * What passes has one meaning for every parser: lines end in CRLF and nothing
 * else, there is one Host and at most one plain Content-Length, no transfer
 * coding, no body where the method has none.  Pure; knows no Kore.
 */
#ifndef PERMISO_SERVER_GUARD_H
#define PERMISO_SERVER_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVER_GUARD_HEADERS_MAX	100	/* lines after the first */
#define SERVER_GUARD_TARGET_MAX		16000	/* bytes of path and query */
#define SERVER_GUARD_HOST_MAX		253	/* the longest name, or less */

#define SERVER_GUARD_CONTINUE	"HTTP/1.1 100 Continue\r\n\r\n"

struct server_guard {
	size_t	length;		/* of the body that follows; 0: none */
	bool	expects;	/* waits for 100 Continue before its body */
};

/*
 * Judge "block": from the first byte to the blank line that ends it, both
 * included.  Returns 0 and fills "out", or the status to refuse with: 400,
 * 414, 417, 431, 501 or 505.
 */
int	server_guard_check(const uint8_t *block, size_t len,
	    struct server_guard *out);

#endif /* !PERMISO_SERVER_GUARD_H */
