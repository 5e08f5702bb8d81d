/*
 * The end of a connection whose last answer has been handed to the kernel.
 *
 * Closing a socket while the client's bytes are unread resets it, and the
 * answer (413, 400, ...) is lost.  So: stop sending, throw away what still
 * comes, and close when the client has closed, after 2 s or after 1 MiB.
 */
#ifndef PERMISO_SERVER_LINGER_H
#define PERMISO_SERVER_LINGER_H

#include <stdbool.h>

struct connection;

/* Called when nothing is left to send; again and again does no harm. */
void	server_linger_start(struct connection *c);

/* The connection has had its last answer. */
bool	server_linger_active(const struct connection *c);

#endif /* !PERMISO_SERVER_LINGER_H */
