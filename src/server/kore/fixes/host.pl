# The Host header is the one named so, not every one that begins so.
in 'src/http.c', 'http_header_recv';
replace '"host", 4', '"host:", 5';
