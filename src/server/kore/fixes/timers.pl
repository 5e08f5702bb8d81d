# The clock of a request starts at its first byte and stands still while an
# answer is being sent; an idle connection is not told 408, it is closed by
# its idle timer.
in 'src/http.c', 'http_check_timeout';
body <<'C';
	if (c->http_timeout == 0)
		return (KORE_RESULT_OK);

	if (!TAILQ_EMPTY(&c->send_queue) ||
	    (c->rnb->cb == http_header_recv && c->rnb->s_off == 0)) {
		c->http_start = now;
		return (KORE_RESULT_OK);
	}

	if (now < c->http_start + c->http_timeout)
		return (KORE_RESULT_OK);

	http_error_response(c, 408);
	return (KORE_RESULT_ERROR);
C
in 'src/http.c', 'http_header_recv';
after 'c->http_timeout = http_body_timeout * 1000;', <<'C';
			c->http_start = kore_time_ms();
C
in 'src/connection.c', 'kore_connection_check_timeout';
replace 'if (!TAILQ_EMPTY(&c->http_requests))', <<'C' . "\t\t\t    (c->rnb->buf != NULL && c->rnb->s_off > 0))";
if (!TAILQ_EMPTY(&c->http_requests) ||
C
# A reader may pause for a minute.
in 'src/connection.c', 'kore_connection_check_idletimer';
replace 'c->idle_timer.length)', <<'C' =~ s/\n\z//r;
c->idle_timer.length *
	    (TAILQ_EMPTY(&c->send_queue) ? 1 : 6))
C
