# A TLS handshake has a deadline as a whole: each byte starts Kore's idle
# timer afresh.
in 'src/connection.c', 'kore_connection_check_timeout';
before 'if (c->flags & CONN_IDLE_TIMER_ACT)', <<'C';
		if (c->state == CONN_STATE_TLS_SHAKE && now >= c->http_start +
		    (u_int64_t)http_header_timeout * 1000) {
			kore_connection_disconnect(c);
			continue;
		}
C
