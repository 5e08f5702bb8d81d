/*
 * A signer without a process.
 */

#include "support/fake_signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_base64url.h"

struct signer_client {
	bool	away;
};

struct signer_ticket {
	signer_done	*done;
	void		*owner;
	bool		 waiting;
};

static struct signer_client	client;
static struct signer_ticket	ticket;
static struct signer_request	last;
static char			claims[SIGNER_CLAIMS_MAX + 1];
static struct signer_answer	answer;

void
fake_signer_away(bool away)
{
	client.away = away;
}

const struct signer_request *
fake_signer_last(void)
{
	return (&last);
}

struct signer_client *
signer_client_new(struct base_loop *loop, const char *socket_path,
    const char *role, const uint8_t auth[BASE_KEY_LEN])
{
	(void)loop;
	(void)socket_path;
	(void)role;
	(void)auth;
	return (&client);
}

struct signer_ticket *
signer_client_submit(struct signer_client *c,
    const struct signer_request *request, signer_done *done, void *owner)
{
	(void)c;
	last = *request;
	memcpy(claims, request->claims, request->claims_len);
	claims[request->claims_len] = '\0';
	last.claims = claims;
	ticket = (struct signer_ticket){ done, owner, true };
	return (&ticket);
}

int
fake_signer_run(void)
{
	char	text[BASE_BASE64URL_LEN(SIGNER_CLAIMS_MAX) + 1];

	if (!ticket.waiting)
		return (0);

	ticket.waiting = false;
	base_base64url_encode(claims, last.claims_len, text);
	answer.token_len = (size_t)snprintf(answer.token,
	    sizeof(answer.token), "header.%s.signature", text);
	ticket.done(ticket.owner, client.away ? NULL : &answer);
	return (1);
}

void
signer_client_abandon(struct signer_ticket *t)
{
	t->waiting = false;
}

void
signer_client_free(struct signer_client *c)
{
	(void)c;
}

static const char *const	alg_names[SIGNER_ALG_COUNT] = {
	"RS256", "PS256", "ES256", "EdDSA"
};

const char *
signer_client_alg_name(enum signer_alg alg)
{
	return (alg_names[alg]);
}

bool
signer_client_alg_parse(const char *name, enum signer_alg *out)
{
	for (int i = 0; i < SIGNER_ALG_COUNT; i++) {
		if (strcmp(alg_names[i], name) == 0) {
			*out = (enum signer_alg)i;
			return (true);
		}
	}

	return (false);
}
