# Our own judgement of the whole header block, before Kore reads any of it
# (server_guard.h): what it lets through, Kore's parser cannot misread.
in 'src/http.c';
after '#include "http.h"', <<'C';
#include "server/server_guard.h"
C
in 'src/http.c', 'http_header_recv';
after 'char			*value, *host', <<'C';
	struct server_guard	 guard;
C
before "*end_headers = '\\0';", <<'C';
	l = server_guard_check(nb->buf,
	    (size_t)(end_headers - nb->buf) + (size_t)skip, &guard);
	if (l != 0) {
		http_error_response(c, l);
		return (KORE_RESULT_OK);
	}

C
