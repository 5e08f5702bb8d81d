/*
 * Bytes: slices, constant-time comparison, wiping.
 *
 * Every comparison for equality is constant time, so nobody has to decide whether a
 * secret can be among the operands: bytes are compared here and nowhere else
 * (tests/check_banned.sh), and everything that held a secret is wiped here.
 */
#ifndef PERMISO_BASE_BYTES_H
#define PERMISO_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes: never owned, never NUL-terminated by promise. */
struct base_slice {
	const uint8_t	*data;
	size_t		 len;
};

/* A slice over a C string; NULL gives the empty slice. */
struct base_slice	base_bytes_slice(const char *text);

/* Whether the bytes are this text, whole; and whether they begin with it. */
bool	base_bytes_is(struct base_slice bytes, const char *text);
bool	base_bytes_begin(struct base_slice bytes, const char *text);

/* Whether two slices hold the same bytes. */
bool	base_bytes_same(struct base_slice a, struct base_slice b);

/* Constant time for equal lengths; the lengths themselves are no secret. */
bool	base_bytes_equal(const void *a, size_t a_len, const void *b,
	    size_t b_len);

/* Constant-time comparison of two NUL-terminated texts. */
bool	base_bytes_text_equal(const char *a, const char *b);

/*
 * Which comes first, byte by byte, a prefix before what goes on: below, at or
 * above 0.  For keys of rows, never secrets: its time says where they differ.
 */
int	base_bytes_order(struct base_slice a, struct base_slice b);

/* Overwrite "len" bytes in a way the compiler may not remove. */
void	base_bytes_wipe(void *data, size_t len);

/*
 * Copy "len" bytes of text into "out" of "size" bytes and terminate it.
 * Returns false, with "out" untouched, when it does not fit or holds a NUL.
 */
bool	base_bytes_text_copy(char *out, size_t size, const void *text, size_t len);

#endif /* !PERMISO_BASE_BYTES_H */
