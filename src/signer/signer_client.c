/*
 * Requests wait in one list, oldest first: those of it that were sent wait for
 * an answer, the others for a connection.  All have the same time to live, so
 * one timer for the first of the list is enough.  A lost connection sends what
 * was not answered again: a signature does nothing that may not happen twice.
 */

#include "signer/signer_client.h"

#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base_bytes.h"
#include "base/base_clock.h"
#include "base/base_log.h"
#include "jose/jose_key.h"
#include "signer/signer_packet.h"
#include "signer/signer_token.h"

#define DEADLINE	2000	/* milliseconds of a request */
#define BACKOFF_FIRST	20
#define BACKOFF_LAST	1000
#define WAITING_MAX	4096
#define TURN		64	/* answers read before others have a turn */

_Static_assert((int)SIGNER_RS256 == (int)JOSE_RS256 &&
    (int)SIGNER_PS256 == (int)JOSE_PS256 &&
    (int)SIGNER_ES256 == (int)JOSE_ES256 &&
    (int)SIGNER_EDDSA == (int)JOSE_EDDSA &&
    (int)SIGNER_ALG_COUNT == (int)JOSE_ALG_COUNT, "algorithms differ");

struct signer_ticket {
	TAILQ_ENTRY(signer_ticket)	 link;
	struct signer_client		*client;
	signer_done			*done;
	void				*owner;
	int64_t				 due;
	bool				 sent;
	bool				 refused;	/* never sent: no room */
	size_t				 len;
	struct signer_packet_request	 head;
	char				 claims[];
};

TAILQ_HEAD(tickets, signer_ticket);

enum state {
	AWAY,		/* the timer makes the next attempt */
	GREETED_NOT,	/* connected, the nonce is to come */
	READY
};

struct signer_client {
	struct base_loop		*loop;
	struct sockaddr_un		 address;
	enum signer_auth_role		 role;
	uint8_t				 auth[BASE_KEY_LEN];
	enum state			 state;
	struct base_watch		 watch;
	struct base_timer		 again;		/* connect */
	struct base_timer		 deadline;	/* of the first ticket */
	int64_t				 backoff;
	uint32_t			 last_id;
	struct tickets			 tickets;
	size_t				 count;
	struct signer_answer		 answer;
	bool				 blocked;	/* something is unsent */
	bool				 told;		/* of being away, in the log */
};

static void	client_connect(struct signer_client *);
static void	client_lost(struct signer_client *, const char *);
static void	client_send(struct signer_client *, struct signer_ticket *);

const char *
signer_client_alg_name(enum signer_alg alg)
{
	return (jose_key_alg_name((enum jose_alg)alg));
}

bool
signer_client_alg_parse(const char *name, enum signer_alg *out)
{
	enum jose_alg	alg;

	if (!jose_key_alg_parse(name, &alg))
		return (false);
	*out = (enum signer_alg)alg;

	return (true);
}

static void
ticket_free(struct signer_ticket *ticket)
{
	TAILQ_REMOVE(&ticket->client->tickets, ticket, link);
	ticket->client->count--;
	base_bytes_wipe(ticket->claims, ticket->len);
	free(ticket);
}

/* The timer follows the first of the list. */
static void
client_schedule(struct signer_client *client)
{
	const struct signer_ticket	*first = TAILQ_FIRST(&client->tickets);

	if (first == NULL) {
		base_loop_stop(client->loop, &client->deadline);
		return;
	}
	if (client->deadline.set && client->deadline.due <= first->due)
		return;		/* fires early, finds nothing, is set again */
	client->deadline.due = first->due;
	base_loop_start(client->loop, &client->deadline);
}

static void
client_deadline(struct base_timer *timer)
{
	struct signer_client	*client = timer->owner;
	struct signer_ticket	*ticket;
	int64_t			 now = base_clock_monotonic();
	signer_done		*done;
	void			*owner;

	while ((ticket = TAILQ_FIRST(&client->tickets)) != NULL &&
	    ticket->due <= now) {
		done = ticket->done;
		owner = ticket->owner;
		ticket_free(ticket);
		base_log(BASE_LOG_WARNING, "signer", "no answer in time",
		    base_log_text("signer", client->state == READY ?
		    "busy" : "away"));
		done(owner, NULL);
	}
	client_schedule(client);
}

static void
client_again(struct base_timer *timer)
{
	client_connect(timer->owner);
}

/* What is asked of the loop: writing only while something is unsent. */
static bool
client_watch(struct signer_client *client, bool unsent)
{
	int	events = BASE_LOOP_READ | (unsent ? BASE_LOOP_WRITE : 0);

	if (client->watch.events == events && client->watch.slot != NULL)
		return (true);
	client->watch.events = events;

	return (base_loop_watch(client->loop, &client->watch));
}

static bool
ticket_send(struct signer_client *client, struct signer_ticket *ticket)
{
	struct iovec	parts[2] = {
		{ &ticket->head, sizeof(ticket->head) },
		{ ticket->claims, ticket->len },
	};
	struct msghdr	message = { .msg_iov = parts, .msg_iovlen = 2 };

	return (sendmsg(client->watch.fd, &message,
	    MSG_NOSIGNAL | MSG_DONTWAIT) != -1);
}

/* Everything from "ticket" on that was not sent yet. */
static void
client_send(struct signer_client *client, struct signer_ticket *ticket)
{
	client->blocked = false;
	for (; ticket != NULL; ticket = TAILQ_NEXT(ticket, link)) {
		if (ticket->sent || ticket->refused)
			continue;
		if (!ticket_send(client, ticket)) {
			client->blocked = true;
			break;
		}
		ticket->sent = true;
	}
	if (client->blocked && errno != EAGAIN && errno != ENOBUFS) {
		client_lost(client, "send");
		return;
	}
	if (!client_watch(client, client->blocked))
		client_lost(client, "memory");
}

static void
client_lost(struct signer_client *client, const char *why)
{
	struct signer_ticket	*ticket;

	if (client->watch.fd != -1) {
		base_loop_unwatch(client->loop, &client->watch);
		(void)close(client->watch.fd);
		client->watch.fd = -1;
	}
	client->state = AWAY;
	TAILQ_FOREACH(ticket, &client->tickets, link)
		ticket->sent = false;

	/* Once an outage; the first attempts of a start are quiet. */
	if (!client->told && client->backoff >= BACKOFF_LAST) {
		base_log(BASE_LOG_WARNING, "signer", "away",
		    base_log_text("why", why));
		client->told = true;
	}
	client->again.due = base_clock_monotonic() + client->backoff;
	client->backoff = client->backoff * 2 > BACKOFF_LAST ? BACKOFF_LAST :
	    client->backoff * 2;
	base_loop_start(client->loop, &client->again);
}

static bool
client_prove(struct signer_client *client, const void *packet, size_t len)
{
	struct signer_packet_hello	hello;
	struct signer_packet_proof	proof;

	if (len != sizeof(hello))
		return (false);
	memcpy(&hello, packet, sizeof(hello));
	if (hello.magic != SIGNER_PACKET_MAGIC)
		return (false);

	proof.magic = SIGNER_PACKET_MAGIC;
	proof.role = client->role;
	signer_auth_prove(client->auth, client->role, hello.nonce, proof.mac);
	if (send(client->watch.fd, &proof, sizeof(proof),
	    MSG_NOSIGNAL) != (ssize_t)sizeof(proof))
		return (false);
	client->state = READY;
	client_send(client, TAILQ_FIRST(&client->tickets));

	return (client->state == READY);
}

static struct signer_ticket *
ticket_find(const struct signer_client *client, uint32_t id)
{
	struct signer_ticket	*ticket;

	TAILQ_FOREACH(ticket, &client->tickets, link) {
		if (ticket->head.id == id)
			return (ticket);
	}

	return (NULL);
}

/* An answer nobody waits for is of an abandoned or overdue request. */
static bool
client_answer(struct signer_client *client, const char *packet, size_t len)
{
	struct signer_packet_answer	 head;
	struct signer_answer		*answer = &client->answer;
	struct signer_ticket		*ticket;
	signer_done			*done;
	void				*owner;

	if (len < sizeof(head))
		return (false);
	memcpy(&head, packet, sizeof(head));
	len -= sizeof(head);
	if ((head.verdict == SIGNER_TOKEN_OK) != (len != 0))
		return (false);
	client->backoff = BACKOFF_FIRST;
	client->told = false;
	if ((ticket = ticket_find(client, head.id)) == NULL)
		return (true);

	done = ticket->done;
	owner = ticket->owner;
	ticket_free(ticket);
	client_schedule(client);
	if (head.verdict != SIGNER_TOKEN_OK) {
		base_log(BASE_LOG_WARNING, "signer", "refused",
		    base_log_text("why", signer_token_verdict_name(
		    (enum signer_token_verdict)head.verdict)));
		done(owner, NULL);
		return (true);
	}
	memcpy(answer->token, packet + sizeof(head), len);
	answer->token[len] = '\0';
	answer->token_len = len;
	done(owner, answer);
	base_bytes_wipe(answer->token, len);

	return (true);
}

/* One packet; false when the connection is lost. */
static bool
client_receive(struct signer_client *client, bool *more)
{
	static char	packet[SIGNER_PACKET_MAX];
	ssize_t		len;
	bool		good = false;

	len = recv(client->watch.fd, packet, sizeof(packet),
	    MSG_DONTWAIT | MSG_TRUNC);
	if (len == -1) {
		*more = false;
		return (errno == EAGAIN || errno == EINTR);
	}
	if (len == 0 || (size_t)len > sizeof(packet))
		return (false);

	switch (client->state) {
	case GREETED_NOT:
		good = client_prove(client, packet, (size_t)len);
		break;
	case READY:
		good = client_answer(client, packet, (size_t)len);
		break;
	case AWAY:
		break;
	}
	base_bytes_wipe(packet, (size_t)len);

	return (good);
}

static void
client_ready(struct base_watch *watch, int events)
{
	struct signer_client	*client = watch->owner;
	bool			 good = true, more = true;
	int			 turn;

	if ((events & BASE_LOOP_WRITE) != 0 && client->state == READY)
		client_send(client, TAILQ_FIRST(&client->tickets));
	for (turn = 0; good && more && turn < TURN &&
	    client->state != AWAY; turn++)
		good = client_receive(client, &more);
	if (!good && client->state != AWAY)
		client_lost(client, "connection ended");
}

/* A local socket connects at once or not at all. */
static void
client_connect(struct signer_client *client)
{
	int	fd;

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	client->watch.fd = fd;
	if (fd == -1 || connect(fd, (const struct sockaddr *)&client->address,
	    sizeof(client->address)) == -1) {
		client_lost(client, strerror(errno));
		return;
	}
	client->state = GREETED_NOT;
	if (!client_watch(client, false))
		client_lost(client, "memory");
}

struct signer_client *
signer_client_new(struct base_loop *loop, const char *socket_path,
    const char *role, const uint8_t auth[BASE_KEY_LEN])
{
	struct signer_client	*client;

	if ((client = calloc(1, sizeof(*client))) == NULL)
		return (NULL);
	client->address.sun_family = AF_UNIX;
	if (!signer_auth_parse(role, &client->role) ||
	    !base_bytes_text_copy(client->address.sun_path,
	    sizeof(client->address.sun_path), socket_path,
	    strlen(socket_path))) {
		free(client);
		return (NULL);
	}
	client->loop = loop;
	memcpy(client->auth, auth, BASE_KEY_LEN);
	TAILQ_INIT(&client->tickets);
	client->watch = (struct base_watch){ .fd = -1, .ready = client_ready,
	    .owner = client };
	client->again = (struct base_timer){ .fire = client_again,
	    .owner = client };
	client->deadline = (struct base_timer){ .fire = client_deadline,
	    .owner = client };
	client->backoff = BACKOFF_FIRST;
	client_connect(client);

	return (client);
}

struct signer_ticket *
signer_client_submit(struct signer_client *client,
    const struct signer_request *request, signer_done *done, void *owner)
{
	struct signer_ticket	*ticket;
	size_t			 len = request->claims_len;

	if ((ticket = calloc(1, sizeof(*ticket) + len)) == NULL) {
		base_log(BASE_LOG_ERROR, "signer", "out of memory");
		abort();
	}
	ticket->client = client;
	ticket->done = done;
	ticket->owner = owner;
	ticket->due = base_clock_monotonic() + DEADLINE;
	ticket->head.id = ++client->last_id;
	ticket->head.kind = (uint16_t)request->kind;
	ticket->head.alg = (uint16_t)request->alg;
	ticket->len = len;
	memcpy(ticket->claims, request->claims, len);

	if (len > SIGNER_CLAIMS_MAX || client->count >= WAITING_MAX) {
		/* First in line for the timer, which says no. */
		ticket->refused = true;
		ticket->due = base_clock_monotonic();
		TAILQ_INSERT_HEAD(&client->tickets, ticket, link);
	} else {
		TAILQ_INSERT_TAIL(&client->tickets, ticket, link);
	}
	client->count++;
	client_schedule(client);
	if (client->state == READY && !client->blocked && !ticket->refused)
		client_send(client, ticket);

	return (ticket);
}

void
signer_client_abandon(struct signer_ticket *ticket)
{
	struct signer_client	*client = ticket->client;

	ticket_free(ticket);
	client_schedule(client);
}

void
signer_client_free(struct signer_client *client)
{
	if (client == NULL)
		return;
	while (!TAILQ_EMPTY(&client->tickets))
		ticket_free(TAILQ_FIRST(&client->tickets));
	base_loop_stop(client->loop, &client->again);
	base_loop_stop(client->loop, &client->deadline);
	if (client->watch.fd != -1) {
		base_loop_unwatch(client->loop, &client->watch);
		(void)close(client->watch.fd);
	}
	base_bytes_wipe(client, sizeof(*client));
	free(client);
}
