/*
 * Addresses of the database's host names.
 *
 * Looking a name up blocks for as long as the resolver takes, so the processes
 * that answer requests never do it.  Jobs looks up every 30 s, and when one of
 * the others wishes it because it could not connect; what it finds lies in
 * memory that the others can only read.  They connect to the address and keep
 * the name, which is what the server's certificate is checked against
 * (libpq's "hostaddr" beside "host").
 *
 * The supervisor makes the memory, and fills it once before it starts anybody.
 */
#ifndef PERMISO_STORE_HOSTS_H
#define PERMISO_STORE_HOSTS_H

#include <stdbool.h>

#define STORE_HOSTS_MAX		16	/* addresses; more are left out */
#define STORE_HOSTS_TEXT	1024	/* of a list with commas */

/* Descriptors of one node's memory and of the pipe that wishes go through. */
struct store_hosts_ends {
	int	table_write;	/* jobs */
	int	table_read;	/* the others */
	int	wish_read;	/* jobs */
	int	wish_write;	/* the others */
};

/* False, with errno.  They are closed on exec. */
bool	store_hosts_make(struct store_hosts_ends *out);

/* From now on this process is who looks up: supervisor, then jobs. */
bool	store_hosts_serve(int table_write, int wish_read);
/* From now on connections of this process take addresses from there, and look
 * up nothing. */
bool	store_hosts_attach(int table_read, int wish_write);

/*
 * Look up the names in "conninfo" and let the others know.  A name that is not
 * found keeps the addresses it had.  Blocks.
 */
void	store_hosts_resolve(const char *conninfo);
/* Wait for a wish, "milliseconds" at most: did one come? */
bool	store_hosts_wished(int milliseconds);

/* A connection could not be made: somebody should look again. */
void	store_hosts_wish(void);

/*
 * The lists of a connection string with an address for each name, one item for
 * each address.  Nothing changes in a process that is not attached, and for
 * sockets and items that have an address.  False: no name has one.
 */
bool	store_hosts_expand(char hosts[STORE_HOSTS_TEXT],
	    char addresses[STORE_HOSTS_TEXT], char ports[STORE_HOSTS_TEXT]);

#endif /* !PERMISO_STORE_HOSTS_H */
