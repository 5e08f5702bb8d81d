/*
 * A growing buffer with a maximum.  Failure is sticky, so that a row of
 * appends is judged once, by base_buffer_finish().
 */
#ifndef PERMISO_BASE_BUFFER_H
#define PERMISO_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing buffer that refuses to pass "max" bytes and wipes what it held. */
struct base_buffer {
	uint8_t		*data;
	size_t		 len;
	size_t		 size;
	size_t		 max;
	bool		 failed;	/* sticky: out of memory or over max */
};

void	base_buffer_init(struct base_buffer *buffer, size_t max);
void	base_buffer_append(struct base_buffer *buffer, const void *data,
	    size_t len);
void	base_buffer_text(struct base_buffer *buffer, const char *text);
void	base_buffer_format(struct base_buffer *buffer, const char *format, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * The text so far with a NUL behind it (not counted in len), or NULL when
 * anything failed.  Stays owned by the buffer until base_buffer_clear().
 */
char	*base_buffer_finish(struct base_buffer *buffer);
void	base_buffer_clear(struct base_buffer *buffer);

#endif /* !PERMISO_BASE_BUFFER_H */
