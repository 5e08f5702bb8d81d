/*
 * A mail as it goes over the wire (RFC 5322, MIME of RFC 2045-2047): text and
 * HTML as alternatives, both base64, lines of at most 76 characters ended by
 * CRLF.  All of it is ASCII.
 *
 * Nothing a person chose can begin a line: addresses are checked here once
 * more, names and subject are encoded words, bodies are base64.
 */
#ifndef PERMISO_JOBS_MESSAGE_H
#define PERMISO_JOBS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_buffer.h"

#define JOBS_MESSAGE_MAX	(256U * 1024U)	/* bytes of a whole mail */
#define JOBS_MESSAGE_SUBJECT	500		/* bytes of a subject */

struct jobs_message {
	const char	*from_name;	/* UTF-8 */
	const char	*from;
	const char	*reply_to;	/* "": none */
	const char	*to;
	const char	*subject;	/* UTF-8, cut at JOBS_MESSAGE_SUBJECT */
	const char	*text;		/* UTF-8, lines ended by "\n" */
	const char	*html;
	const char	*id;		/* left part of Message-ID: [a-z0-9.-] */
	const char	*host;		/* right part: a host name */
	int64_t		 date;		/* seconds since 1970 */
};

/*
 * One plain address, local@domain in ASCII (RFC 5321 section 4.1.2, no
 * quoted form, no address literal), at most 254 bytes.
 */
bool	jobs_message_address(const char *text);

/*
 * Append the whole mail.  False when an address, id or host is not what it
 * must be, text is no UTF-8, or it is too large; what was appended is then to
 * be thrown away.
 */
bool	jobs_message_write(const struct jobs_message *message,
	    struct base_buffer *out);

#endif /* !PERMISO_JOBS_MESSAGE_H */
