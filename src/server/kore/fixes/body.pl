# The route says how large a body may be, before the body is read.  Where
# there is no route, our router answers, and the body is never read.
in 'src/http.c';
after '#include "http.h"', <<'C';
#include "server/server_body.h"
C
in 'src/http.c', 'http_header_recv';
before 'if (req->content_length > http_body_max) {', <<'C';
		switch (server_body_check(req)) {
		case SERVER_BODY_OK:
			break;
		case SERVER_BODY_TOO_LARGE:
			req->flags |= HTTP_REQUEST_DELETE;
			http_error_response(req->owner, 413);
			return (KORE_RESULT_OK);
		case SERVER_BODY_UNROUTED:
			req->flags |= HTTP_REQUEST_COMPLETE;
			req->flags |= HTTP_REQUEST_CLOSE;
			req->flags &= ~HTTP_REQUEST_EXPECT_BODY;
			return (KORE_RESULT_OK);
		}

C
