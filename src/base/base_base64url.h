/*
 * base64url without padding (RFC 4648 section 5).  The decoder is strict: no
 * padding, no white space, no stray trailing bits, so that one value has
 * exactly one text.
 */
#ifndef PERMISO_BASE_BASE64URL_H
#define PERMISO_BASE_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

/* Text length, without NUL, of "n" bytes in base64url. */
#define BASE_BASE64URL_LEN(n)	(((n) * 4U + 2U) / 3U)

/* Writes BASE_BASE64URL_LEN(len) characters and a NUL. */
void	base_base64url_encode(const void *data, size_t len, char *out);

/*
 * Decode into at most "size" bytes; *out_len is set on success only.
 * False for any character outside the alphabet, a length of 1 mod 4,
 * non-zero trailing bits, or when it does not fit.
 */
bool	base_base64url_decode(const char *text, size_t text_len, void *out,
	    size_t size, size_t *out_len);

#endif /* !PERMISO_BASE_BASE64URL_H */
