# Reading with nothing to send followed a null pointer.
in 'src/net.c', 'net_read_tls';
replace 'c->snb->flags |= NETBUF_MUST_RESEND;', '';
