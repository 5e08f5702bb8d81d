# No Server header: a browser needs none, and a scanner is told nothing.
in 'src/http.c', 'http_response_normal';
replace qr/\tkore_buf_append\(header_buf, http_version, http_version_len\);\n/, '';
