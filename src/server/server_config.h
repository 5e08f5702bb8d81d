/*
 * Kore's configuration, made in memory from ours.
 */
#ifndef PERMISO_SERVER_CONFIG_H
#define PERMISO_SERVER_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

#define SERVER_CONFIG_TEXT_MAX	8192

/* Seconds; what a client may take, which is what a slow one can hold. */
#define SERVER_CONFIG_HEADER_TIMEOUT	15	/* request line and headers */
#define SERVER_CONFIG_BODY_TIMEOUT	15
#define SERVER_CONFIG_KEEPALIVE		10	/* idle between two requests */
#define SERVER_CONFIG_CONNECTIONS	2000	/* of one worker, at most */

struct base_config;

/*
 * Kore's text for these settings.  False when a value holds what Kore's
 * line format cannot carry (a line break, a blank in an address).
 */
bool	server_config_text(const struct base_config *config,
	    char text[SERVER_CONFIG_TEXT_MAX]);

/* The settings that Kore will ask for; they stay in place. */
void	server_config_use(const struct base_config *config);
const struct base_config	*server_config_used(void);

/* What Kore reads in the place of its file; NULL: server_config_text said no. */
FILE	*server_config_open(void);

#endif /* !PERMISO_SERVER_CONFIG_H */
