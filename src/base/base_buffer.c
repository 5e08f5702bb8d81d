#include "base/base_buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_bytes.h"

#define FIRST_LEN	1024U

void
base_buffer_init(struct base_buffer *buffer, size_t max)
{
	memset(buffer, 0, sizeof(*buffer));
	buffer->max = max;
}

/*
 * Room for "more" bytes and a NUL.  Not realloc(): it would leave a copy of
 * what may be secret behind.
 */
static bool
buffer_grow(struct base_buffer *buffer, size_t more)
{
	uint8_t	*data;
	size_t	 size, need;

	if (buffer->failed)
		return (false);
	if (more > buffer->max - buffer->len) {
		buffer->failed = true;
		return (false);
	}

	need = buffer->len + more + 1;
	if (need <= buffer->size)
		return (true);

	size = buffer->size == 0 ? FIRST_LEN : buffer->size;
	while (size < need)
		size *= 2;
	if ((data = malloc(size)) == NULL) {
		buffer->failed = true;
		return (false);
	}

	if (buffer->data != NULL) {
		memcpy(data, buffer->data, buffer->len);
		base_bytes_wipe(buffer->data, buffer->len);
		free(buffer->data);
	}
	buffer->data = data;
	buffer->size = size;

	return (true);
}

void
base_buffer_append(struct base_buffer *buffer, const void *data, size_t len)
{
	if (len == 0 || !buffer_grow(buffer, len))
		return;

	memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
}

void
base_buffer_text(struct base_buffer *buffer, const char *text)
{
	base_buffer_append(buffer, text, strlen(text));
}

void
base_buffer_format(struct base_buffer *buffer, const char *format, ...)
{
	va_list	args, again;
	int	len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);

	if (len < 0) {
		buffer->failed = true;
	} else if (buffer_grow(buffer, (size_t)len)) {
		(void)vsnprintf((char *)buffer->data + buffer->len,
		    (size_t)len + 1, format, again);
		buffer->len += (size_t)len;
	}
	va_end(again);
}

char *
base_buffer_finish(struct base_buffer *buffer)
{
	if (!buffer_grow(buffer, 0))
		return (NULL);
	buffer->data[buffer->len] = '\0';

	return ((char *)buffer->data);
}

void
base_buffer_clear(struct base_buffer *buffer)
{
	if (buffer->data != NULL) {
		base_bytes_wipe(buffer->data, buffer->len);
		free(buffer->data);
	}
	base_buffer_init(buffer, buffer->max);
}
