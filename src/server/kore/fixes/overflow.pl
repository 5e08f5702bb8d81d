# A header block larger than its buffer gets an answer, not a reset.
in 'src/http.c';
replace qr/if \(end_headers == NULL\)\n\t\t\treturn/, <<'C' . "\t\t\treturn";
if (end_headers == NULL && nb->s_off >= nb->b_len)
			http_error_response(c, memchr(nb->buf, '\n',
			    nb->s_off) == NULL ? 414 : 431);
		if (end_headers == NULL)
C
