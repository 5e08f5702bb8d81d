/*
 * Lower-case hexadecimal text.
 */
#ifndef PERMISO_BASE_HEX_H
#define PERMISO_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>

/* Lower-case hex; "out" holds 2 * len + 1. */
void	base_hex_encode(const void *data, size_t len, char *out);

/*
 * Lower case only, so that one value has one text.  False, with the outputs
 * untouched, for anything else or when it does not fit.
 */
bool	base_hex_decode(const char *text, size_t text_len, void *out,
	    size_t size, size_t *out_len);

#endif /* !PERMISO_BASE_HEX_H */
