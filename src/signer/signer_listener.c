/*
 * A client is greeted with a nonce, proves its role, and then asks as often as
 * it likes.  Whatever breaks the form of a packet ends the connection; a
 * request that breaks a rule is answered with a refusal.
 */

#include "signer/signer_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base_bytes.h"
#include "base/base_clock.h"
#include "base/base_log.h"
#include "base/base_random.h"
#include "signer/signer_packet.h"
#include "signer/signer_token.h"

#define PROOF_WITHIN	2000	/* milliseconds after the greeting */
#define TURN		16	/* requests of one client before the others */

struct client {
	struct base_watch	 watch;
	struct base_timer	 timer;		/* until it has proved its role */
	struct signer_listener	*listener;
	bool			 proved;
	enum signer_auth_role	 role;
	uint8_t			 nonce[SIGNER_AUTH_NONCE_LEN];
	uint8_t			*unsent;	/* an answer that did not fit */
	size_t			 unsent_len;
};

struct signer_listener {
	struct base_loop		 *loop;
	const struct signer_listener_config *config;
	struct base_watch		  watch;
	struct client			 *clients[SIGNER_LISTENER_CLIENTS];
	size_t				  count;
	uint8_t				  auth[SIGNER_AUTH_ROLE_COUNT]
					    [BASE_KEY_LEN];
};

static void
client_end(struct client *client)
{
	struct signer_listener	*listener = client->listener;
	size_t			 i;

	for (i = 0; i < listener->count; i++) {
		if (listener->clients[i] == client)
			break;
	}
	listener->clients[i] = listener->clients[--listener->count];

	base_loop_unwatch(listener->loop, &client->watch);
	base_loop_stop(listener->loop, &client->timer);
	(void)close(client->watch.fd);
	if (client->unsent != NULL)
		base_bytes_wipe(client->unsent, client->unsent_len);
	free(client->unsent);
	free(client);

	/* There is room for one that waits. */
	listener->watch.events = BASE_LOOP_READ;
	(void)base_loop_watch(listener->loop, &listener->watch);
}

static bool
client_prove(struct client *client, const void *packet, size_t len)
{
	struct signer_packet_proof	proof;
	uint8_t				want[BASE_SHA256_LEN];

	if (len != sizeof(proof))
		return (false);
	memcpy(&proof, packet, sizeof(proof));
	if (proof.magic != SIGNER_PACKET_MAGIC ||
	    proof.role >= SIGNER_AUTH_ROLE_COUNT)
		return (false);

	client->role = (enum signer_auth_role)proof.role;
	signer_auth_prove(client->listener->auth[client->role], client->role,
	    client->nonce, want);
	client->proved = base_bytes_equal(want, sizeof(want), proof.mac,
	    sizeof(proof.mac));
	if (client->proved)
		base_loop_stop(client->listener->loop, &client->timer);

	return (client->proved);
}

static enum signer_token_verdict
client_sign(const struct client *client, const struct signer_request *request,
    struct signer_answer *out)
{
	const struct signer_listener_config	*config;
	const struct jose_key			*key;
	enum signer_token_verdict		 verdict;

	config = client->listener->config;
	verdict = signer_token_check(client->role, request,
	    signer_keys_now(config->keys));
	if (verdict != SIGNER_TOKEN_OK)
		return (verdict);
	key = signer_keys_active(config->keys, (enum jose_alg)request->alg);
	if (key == NULL)
		return (SIGNER_TOKEN_NO_KEY);

	return (signer_token_make(key, config->issuer, request, out));
}

/* An answer that finds no room waits; nothing more is read until it left. */
static bool
client_send(struct client *client, const void *packet, size_t len)
{
	if (send(client->watch.fd, packet, len, MSG_NOSIGNAL) ==
	    (ssize_t)len)
		return (true);
	if (errno != EAGAIN && errno != ENOBUFS)
		return (false);

	if ((client->unsent = malloc(len)) == NULL)
		return (false);
	memcpy(client->unsent, packet, len);
	client->unsent_len = len;
	client->watch.events = BASE_LOOP_WRITE;

	return (base_loop_watch(client->listener->loop, &client->watch));
}

static bool
client_request(struct client *client, const char *packet, size_t len)
{
	static struct signer_answer	 made;
	static uint8_t			 answer[SIGNER_PACKET_MAX];
	struct signer_packet_request	 head;
	struct signer_packet_answer	 reply;
	struct signer_request		 request;
	bool				 sent;

	if (len < sizeof(head))
		return (false);
	memcpy(&head, packet, sizeof(head));
	if (head.alg >= SIGNER_ALG_COUNT)
		return (false);
	request.kind = (enum signer_kind)head.kind;
	request.alg = (enum signer_alg)head.alg;
	request.claims = packet + sizeof(head);
	request.claims_len = len - sizeof(head);

	reply.id = head.id;
	reply.verdict = client_sign(client, &request, &made);
	if (reply.verdict != SIGNER_TOKEN_OK) {
		/* Without keys yet, everybody is told so: not worth a line. */
		base_log(reply.verdict == SIGNER_TOKEN_NO_KEY ?
		    BASE_LOG_DEBUG : BASE_LOG_WARNING, "signer", "refused",
		    base_log_number("kind", head.kind),
		    base_log_text("why", signer_token_verdict_name(
		    (enum signer_token_verdict)reply.verdict)));
		made.token_len = 0;
	}
	memcpy(answer, &reply, sizeof(reply));
	memcpy(answer + sizeof(reply), made.token, made.token_len);
	len = sizeof(reply) + made.token_len;
	sent = client_send(client, answer, len);
	base_bytes_wipe(answer, len);
	base_bytes_wipe(made.token, made.token_len);

	return (sent);
}

/* One packet; false when the client is to go. */
static bool
client_receive(struct client *client, bool *more)
{
	static char	packet[sizeof(struct signer_packet_request) +
			    SIGNER_CLAIMS_MAX];
	ssize_t		len;
	bool		good;

	len = recv(client->watch.fd, packet, sizeof(packet),
	    MSG_DONTWAIT | MSG_TRUNC);
	if (len == -1) {
		*more = false;
		return (errno == EAGAIN || errno == EINTR);
	}
	if (len == 0 || (size_t)len > sizeof(packet))
		return (false);

	if (client->proved)
		good = client_request(client, packet, (size_t)len);
	else
		good = client_prove(client, packet, (size_t)len);
	base_bytes_wipe(packet, (size_t)len);

	return (good);
}

static bool
client_flush(struct client *client)
{
	ssize_t	n;

	n = send(client->watch.fd, client->unsent, client->unsent_len,
	    MSG_NOSIGNAL);
	if (n == -1 && (errno == EAGAIN || errno == ENOBUFS))
		return (true);
	if (n != (ssize_t)client->unsent_len)
		return (false);

	base_bytes_wipe(client->unsent, client->unsent_len);
	free(client->unsent);
	client->unsent = NULL;
	client->watch.events = BASE_LOOP_READ;

	return (base_loop_watch(client->listener->loop, &client->watch));
}

static void
client_ready(struct base_watch *watch, int events)
{
	struct client	*client = watch->owner;
	bool		 good = true, more = true;
	int		 turn;

	if (client->unsent != NULL) {
		/* An end is seen by send(). */
		good = (events & BASE_LOOP_ERROR) == 0 &&
		    client_flush(client);
	} else {
		for (turn = 0; good && more && client->unsent == NULL &&
		    turn < TURN; turn++)
			good = client_receive(client, &more);
	}
	if (!good) {
		if (!client->proved)
			base_log(BASE_LOG_WARNING, "signer",
			    "a client did not prove its role");
		client_end(client);
	}
}

static void
client_late(struct base_timer *timer)
{
	base_log(BASE_LOG_WARNING, "signer",
	    "a client did not prove its role in time");
	client_end(timer->owner);
}

static bool
client_greet(struct client *client)
{
	struct signer_packet_hello	hello = { SIGNER_PACKET_MAGIC, { 0 } };

	base_random_bytes(client->nonce, sizeof(client->nonce));
	memcpy(hello.nonce, client->nonce, sizeof(hello.nonce));

	return (send(client->watch.fd, &hello, sizeof(hello),
	    MSG_NOSIGNAL) == (ssize_t)sizeof(hello));
}

/* Takes the descriptor over. */
static void
client_new(struct signer_listener *listener, int fd)
{
	struct client	*client;

	if ((client = calloc(1, sizeof(*client))) == NULL) {
		(void)close(fd);
		return;
	}
	client->listener = listener;
	client->watch = (struct base_watch){ .fd = fd,
	    .events = BASE_LOOP_READ, .ready = client_ready,
	    .owner = client };
	client->timer = (struct base_timer){ .fire = client_late,
	    .owner = client, .due = base_clock_monotonic() + PROOF_WITHIN };
	listener->clients[listener->count++] = client;

	if (!client_greet(client) ||
	    !base_loop_watch(listener->loop, &client->watch)) {
		client_end(client);
		return;
	}
	base_loop_start(listener->loop, &client->timer);
}

static void
listener_ready(struct base_watch *watch, int events)
{
	struct signer_listener	*listener = watch->owner;
	int			 fd;

	(void)events;
	while (listener->count < SIGNER_LISTENER_CLIENTS) {
		fd = accept4(watch->fd, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1)
			return;
		client_new(listener, fd);
	}

	/* Full: leave them in the queue until somebody goes. */
	watch->events = 0;
	(void)base_loop_watch(listener->loop, watch);
}

/* The socket, bound with its final mode: never open to others in between. */
static int
listener_socket(const struct signer_listener_config *config)
{
	struct sockaddr_un	address = { .sun_family = AF_UNIX };
	mode_t			before;
	int			fd, bound;

	if (!base_bytes_text_copy(address.sun_path, sizeof(address.sun_path),
	    config->path, strlen(config->path))) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	if (unlink(config->path) == -1 && errno != ENOENT)
		return (-1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd == -1)
		return (-1);

	before = umask(config->shared ? 0117 : 0177);
	bound = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	(void)umask(before);
	if (bound == -1 || listen(fd, SIGNER_LISTENER_CLIENTS) == -1) {
		(void)close(fd);
		return (-1);
	}

	return (fd);
}

struct signer_listener *
signer_listener_open(struct base_loop *loop,
    const struct signer_listener_config *config)
{
	struct signer_listener	*listener;
	int			 fd, role;

	if ((listener = calloc(1, sizeof(*listener))) == NULL)
		return (NULL);
	if ((fd = listener_socket(config)) == -1) {
		free(listener);
		return (NULL);
	}
	listener->loop = loop;
	listener->config = config;
	for (role = 0; role < SIGNER_AUTH_ROLE_COUNT; role++)
		signer_auth_key(config->auth, (enum signer_auth_role)role,
		    listener->auth[role]);
	listener->watch = (struct base_watch){ .fd = fd,
	    .events = BASE_LOOP_READ, .ready = listener_ready,
	    .owner = listener };
	if (!base_loop_watch(loop, &listener->watch)) {
		(void)close(fd);
		free(listener);
		return (NULL);
	}

	return (listener);
}

void
signer_listener_close(struct signer_listener *listener)
{
	if (listener == NULL)
		return;
	while (listener->count != 0)
		client_end(listener->clients[0]);
	base_loop_unwatch(listener->loop, &listener->watch);
	(void)close(listener->watch.fd);
	base_bytes_wipe(listener, sizeof(*listener));
	free(listener);
}
