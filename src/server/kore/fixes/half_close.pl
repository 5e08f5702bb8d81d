# A client that has shut down its sending side still gets its answer.
in 'src/linux.c', 'kore_platform_event_wait';
replace qr/ \|\|\n\s*events\[i\]\.events & EPOLLRDHUP(?=\))/, '';
in 'src/net.c', 'net_read';
replace 'kore_connection_disconnect(c);', <<'C' . "\t\t\tkore_connection_disconnect(c);";
if (!TAILQ_EMPTY(&c->send_queue))
			c->flags |= CONN_CLOSE_EMPTY;
		else
C
in 'src/net.c', 'net_read_tls';
replace qr/case SSL_ERROR_ZERO_RETURN:\n/, <<'C';
case SSL_ERROR_ZERO_RETURN:
			if (!TAILQ_EMPTY(&c->send_queue)) {
				c->flags |= CONN_CLOSE_EMPTY;
				c->evt.flags &= ~KORE_EVENT_READ;
				return (KORE_RESULT_OK);
			}
C
