# After a body nothing more is read until the answer is sent: the next
# request must not run beside this one.
in 'src/http.c', 'http_body_recv';
replace 'net_recv_reset(nb->owner, http_header_max, http_header_recv);',
    <<'C' . "\t\tnb->m_len = 0;";
kore_free(nb->buf);
		nb->buf = NULL;
C
