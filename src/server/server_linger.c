#include "server/server_linger.h"

#include <sys/socket.h>

#include <kore.h>
#include <http.h>

#define LINGER_MS	2000
#define LINGER_BYTES	(1024 * 1024)

/* Throw away what has come; KORE_RESULT_ERROR ends the connection. */
static int
linger_read(struct connection *c)
{
	uint8_t	waste[4096];
	ssize_t	len;

	for (;;) {
		len = recv(c->fd, waste, sizeof(waste), MSG_DONTWAIT);
		if (len == -1 && errno == EINTR)
			continue;
		if (len == -1 && errno == EAGAIN)
			return (KORE_RESULT_OK);
		if (len <= 0)
			return (KORE_RESULT_ERROR);

		c->rnb->s_off += (size_t)len;
		if (c->rnb->s_off > LINGER_BYTES)
			return (KORE_RESULT_ERROR);
	}
}

bool
server_linger_active(const struct connection *c)
{
	return (c->handle == linger_read);
}

void
server_linger_start(struct connection *c)
{
	struct http_request	*req;

	if (c->state == CONN_STATE_DISCONNECTING || server_linger_active(c))
		return;

	/* A request that was refused half-way will not be completed. */
	TAILQ_FOREACH(req, &c->http_requests, olist) {
		req->flags |= HTTP_REQUEST_DELETE;
		http_request_wakeup(req);
	}

	kore_free(c->rnb->buf);
	c->rnb->buf = NULL;
	c->rnb->m_len = 0;
	c->rnb->s_off = 0;

	c->handle = linger_read;
	c->http_timeout = 0;
	c->idle_timer.length = LINGER_MS;
	kore_connection_start_idletimer(c);

	if (c->ssl != NULL)
		(void)SSL_shutdown(c->ssl);
	if (shutdown(c->fd, SHUT_WR) == -1 || linger_read(c) != KORE_RESULT_OK)
		kore_connection_disconnect(c);
}
