# Bytes behind a request are neither swallowed nor read as its body: they are
# dropped, the request is answered, and the connection ends.
in 'src/http.c', 'http_header_recv';
after 'nb->m_len = 0;', <<'C';

	if (nb->s_off - len > guard.length) {
		req->flags |= HTTP_REQUEST_CLOSE;
		nb->s_off = len + guard.length;
	}
C
