/*
 * UTF-8 (RFC 3629).
 */
#ifndef PERMISO_BASE_UTF8_H
#define PERMISO_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The code point at the start of "text" and how many bytes it takes, 1 to 4;
 * 0 for an empty or ill-formed text (overlong, surrogate, past U+10FFFF).
 */
size_t	base_utf8_next(const void *text, size_t len, uint32_t *point);

/* Well-formed UTF-8 and no NUL. */
bool	base_utf8_valid(const void *text, size_t len);

#endif /* !PERMISO_BASE_UTF8_H */
