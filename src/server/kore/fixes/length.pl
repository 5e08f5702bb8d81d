# Requests without a body had a content_length left over from others.
in 'src/http.c', 'http_request_new';
after 'req->http_body_length = 0;', <<'C';
	req->content_length = 0;
C
