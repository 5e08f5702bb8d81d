/*
 * What crosses the signer's socket.  Both ends are one executable on one
 * machine, so structs cross as they lie in memory; every length is checked.
 *
 *	signer			client
 *	hello (nonce)	->
 *			<-	proof (role, MAC)
 *			<-	request, claims
 *	answer, token	->
 */
#ifndef PERMISO_SIGNER_PACKET_H
#define PERMISO_SIGNER_PACKET_H

#include <stdint.h>

#include "signer/signer_auth.h"
#include "signer/signer_client.h"

#define SIGNER_PACKET_MAGIC	0x50534731U	/* "PSG1" */

struct signer_packet_hello {
	uint32_t	magic;
	uint8_t		nonce[SIGNER_AUTH_NONCE_LEN];
};

struct signer_packet_proof {
	uint32_t	magic;
	uint32_t	role;		/* enum signer_auth_role */
	uint8_t		mac[BASE_SHA256_LEN];
};

/* Followed by the claims. */
struct signer_packet_request {
	uint32_t	id;
	uint16_t	kind;		/* enum signer_kind */
	uint16_t	alg;		/* enum signer_alg */
};

/* Followed by the token when signed. */
struct signer_packet_answer {
	uint32_t	id;
	uint32_t	verdict;	/* enum signer_token_verdict; 0: signed */
};

#define SIGNER_PACKET_MAX	(sizeof(struct signer_packet_answer) + \
				    SIGNER_TOKEN_MAX)

#endif /* !PERMISO_SIGNER_PACKET_H */
