/*
 * Asking the signer for a signature (docs/decisions/rules.md, 7).
 *
 * The signer takes typed requests, sets header, iss and the longest life
 * itself, and never signs a digest it is handed.  One SOCK_SEQPACKET packet
 * each way; answers are matched by request id.
 */
#ifndef PERMISO_SIGNER_CLIENT_H
#define PERMISO_SIGNER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_keyring.h"
#include "base/base_loop.h"

#define SIGNER_CLAIMS_MAX	16384	/* bytes of JSON */
#define SIGNER_TOKEN_MAX	24576

enum signer_kind {
	SIGNER_ID_TOKEN,	/* typ absent */
	SIGNER_USERINFO,	/* typ absent; iss and aud */
	SIGNER_INTROSPECTION,	/* typ token-introspection+jwt */
	SIGNER_ACCESS_TOKEN,	/* typ at+jwt */
	SIGNER_LOGOUT_TOKEN	/* typ logout+jwt; from jobs only */
};

enum signer_alg {
	SIGNER_RS256,
	SIGNER_PS256,
	SIGNER_ES256,
	SIGNER_EDDSA,
	SIGNER_ALG_COUNT
};

/*
 * What to sign.  "claims" is a JSON object without iss; iat is required and
 * must be within 60 s of the signer's clock, exp at most 24 h ahead.
 */
struct signer_request {
	enum signer_kind	 kind;
	enum signer_alg		 alg;
	const char		*claims;
	size_t			 claims_len;
};

struct signer_answer {
	char	token[SIGNER_TOKEN_MAX + 1];	/* compact form */
	size_t	token_len;
};

const char	*signer_client_alg_name(enum signer_alg alg);	/* "RS256" */
bool		 signer_client_alg_parse(const char *name, enum signer_alg *out);

struct signer_client;
/* "answer" is NULL when the signer refused, is away, or took over 2 s. */
typedef void signer_done(void *owner, const struct signer_answer *answer);

struct signer_ticket;

struct signer_client	*signer_client_new(struct base_loop *loop,
			    const char *socket_path, const char *role,
			    const uint8_t auth[BASE_KEY_LEN]);
struct signer_ticket	*signer_client_submit(struct signer_client *client,
			    const struct signer_request *request,
			    signer_done *done, void *owner);
void			 signer_client_abandon(struct signer_ticket *ticket);
void			 signer_client_free(struct signer_client *client);

#endif /* !PERMISO_SIGNER_CLIENT_H */
