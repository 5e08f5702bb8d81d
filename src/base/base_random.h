/*
 * Random bytes from the library's generator.  Never returns without them.
 */
#ifndef PERMISO_BASE_RANDOM_H
#define PERMISO_BASE_RANDOM_H

#include <stddef.h>

void	base_random_bytes(void *out, size_t len);

#endif /* !PERMISO_BASE_RANDOM_H */
