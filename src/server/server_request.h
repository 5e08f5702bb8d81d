/*
 * Kore's one handler: from its request to an exchange of the engine, and
 * back.
 */
#ifndef PERMISO_SERVER_REQUEST_H
#define PERMISO_SERVER_REQUEST_H

#include <stdbool.h>

#include "web/web.h"

struct http_request;

/* Kore calls it for every request, and again when it is woken. */
int	server_request_handle(struct http_request *req);

/* Method and path as the engine knows them (absolute form, RFC 9112 3.2.2). */
enum web_method		server_request_method(const struct http_request *req);
struct base_slice	server_request_path(const struct http_request *req);

#endif /* !PERMISO_SERVER_REQUEST_H */
