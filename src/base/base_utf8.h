/*
 * UTF-8 (RFC 3629).
 */
#ifndef PERMISO_BASE_UTF8_H
#define PERMISO_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Well-formed UTF-8 (no overlong forms, no surrogates) and no NUL. */
bool	base_utf8_valid(const void *text, size_t len);

#endif /* !PERMISO_BASE_UTF8_H */
