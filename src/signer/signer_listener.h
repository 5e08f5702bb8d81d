/*
 * The signer's socket: clients that have proved their role, and what they ask.
 */
#ifndef PERMISO_SIGNER_LISTENER_H
#define PERMISO_SIGNER_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_loop.h"
#include "signer/signer_auth.h"
#include "signer/signer_keys.h"

#define SIGNER_LISTENER_CLIENTS	128	/* connections; more wait outside */

struct signer_listener;

struct signer_listener_config {
	const char		*path;		/* of the socket, under 107 bytes */
	const char		*issuer;
	bool			 shared;	/* mode 0660 instead of 0600 */
	const uint8_t		*auth;		/* BASE_KEY_LEN; the master */
	const struct signer_keys *keys;
};

/*
 * Makes the socket, in place of one that a signer before us left.  "config"
 * and what it names must outlive it.  NULL, with errno, when it cannot.
 */
struct signer_listener	*signer_listener_open(struct base_loop *loop,
			    const struct signer_listener_config *config);

/* Ends every connection; the socket's file stays for the next signer. */
void			 signer_listener_close(
			    struct signer_listener *listener);

#endif /* !PERMISO_SIGNER_LISTENER_H */
