# Expect: 100-continue is told to go on (RFC 9110 section 10.1.1), unless the
# body is here already.
in 'src/http.c', 'http_header_recv';
after 'c->rnb->extra = req;', <<'C';
			if (guard.expects &&
			    bytes_left == req->content_length) {
				net_send_queue(c, SERVER_GUARD_CONTINUE,
				    sizeof(SERVER_GUARD_CONTINUE) - 1);
				(void)net_send_flush(c);
			}
C
