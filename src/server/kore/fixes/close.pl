# A request may ask that its answer be the connection's last.
in 'include/kore/http.h';
after qr/define HTTP_REQUEST_AUTHED\b/, <<'C';
#define HTTP_REQUEST_CLOSE		0x0200
C
in 'src/http.c', 'http_response_normal';
replace qr/req->flags & HTTP_VERSION_1_0(?=\)\)\) \{)/,
    'req->flags & (HTTP_VERSION_1_0 | HTTP_REQUEST_CLOSE)';
