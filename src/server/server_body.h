/*
 * How large a body a request may have: its route says so, before one byte of
 * the body is read.
 */
#ifndef PERMISO_SERVER_BODY_H
#define PERMISO_SERVER_BODY_H

struct http_request;

enum server_body {
	SERVER_BODY_OK = 0,
	SERVER_BODY_TOO_LARGE,		/* 413 */
	SERVER_BODY_UNROUTED		/* leave it unread: 404 or 405 follows */
};

/* Judges req->content_length, which is not 0. */
enum server_body	server_body_check(const struct http_request *req);

#endif /* !PERMISO_SERVER_BODY_H */
