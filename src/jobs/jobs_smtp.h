/*
 * The dialogue with the mail server (RFC 5321), through libcurl.
 *
 * Blocks, for JOBS_SMTP_TOTAL_MS at most and as long as the resolver may
 * take: it belongs into the process of jobs_mail.c, which does nothing else.
 */
#ifndef PERMISO_JOBS_SMTP_H
#define PERMISO_JOBS_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_config.h"

#define JOBS_SMTP_CONNECT_MS	15000
#define JOBS_SMTP_TOTAL_MS	180000
#define JOBS_SMTP_ERROR_MAX	255

struct jobs_smtp;

enum jobs_smtp_status {
	JOBS_SMTP_OK = 0,	/* the server took it */
	JOBS_SMTP_LATER,	/* not now: try again */
	JOBS_SMTP_NEVER		/* it refuses this sender or recipient (5xx) */
};

/* A letter: sender and recipient as of jobs_message_address(). */
struct jobs_smtp_letter {
	const char	*from;
	const char	*to;
	const void	*data;		/* jobs_message_write() */
	size_t		 len;
};

/* Once in a process, before its system call filter.  False: no libcurl. */
bool	jobs_smtp_begin(void);

/*
 * A server by the settings, which must outlive it; no connection yet.  The
 * connection is kept from one letter to the next.  NULL: no memory.
 */
struct jobs_smtp	*jobs_smtp_new(const struct base_config *config);
/* Ends the connection with QUIT. */
void			 jobs_smtp_free(struct jobs_smtp *smtp);

/* For tests: other limits than the two above. */
void			 jobs_smtp_limits(struct jobs_smtp *smtp,
			    int64_t connect_ms, int64_t total_ms);

/*
 * Hand over one letter.  "error" becomes a sentence for the queue unless
 * JOBS_SMTP_OK: what went wrong, and the server's last answer; printable
 * ASCII, never what we sent.
 */
enum jobs_smtp_status	 jobs_smtp_send(struct jobs_smtp *smtp,
			    const struct jobs_smtp_letter *letter,
			    char error[JOBS_SMTP_ERROR_MAX + 1]);

#endif /* !PERMISO_JOBS_SMTP_H */
