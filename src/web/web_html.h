/*
 * Values that a template prints as they are: {{{name}}}.
 *
 * Made only here, out of escaped parts.  They are marked by a byte
 * that no JSON text can hold, so foreign JSON never passes for one, and one
 * that strays into an answer of the API makes that answer fail.
 */
#ifndef PERMISO_WEB_HTML_H
#define PERMISO_WEB_HTML_H

#include <stdint.h>

#include <jansson.h>

#include "base/base_buffer.h"
#include "web/web_message.h"

/* Append "text" with & < > and " escaped. */
void	 web_html_escape(struct base_buffer *out, const char *text, size_t len);

/*
 * A message with arguments and <b> tags; arguments are escaped and stand in
 * <bdi>.  Never NULL but when memory is gone.
 */
json_t	*web_html_format(const struct web_language *language, const char *key,
	    const struct web_message_argument *arguments);

/* <time datetime="2026-05-03T10:11:00Z">2026-05-03 10:11 UTC</time>; scripts
 * put it into the reader's zone. */
json_t	*web_html_time(int64_t seconds);

/* A drawing of ours (web_qr.c), every text in it escaped. */
json_t	*web_html_drawing(const char *svg);

/* The markup of a value made here; NULL for any other. */
const char	*web_html_read(const json_t *value);

#endif /* !PERMISO_WEB_HTML_H */
