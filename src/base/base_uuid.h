/*
 * UUIDs, version 7 (RFC 9562 section 5.7): keys that sort by time.
 */
#ifndef PERMISO_BASE_UUID_H
#define PERMISO_BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE_UUID_LEN		16
#define BASE_UUID_TEXT_LEN	36

struct base_uuid {
	uint8_t	bytes[BASE_UUID_LEN];
};

/* A new one, made of the wall clock and 74 random bits. */
struct base_uuid base_uuid_new(void);

/* All zero, which no real one is. */
bool	base_uuid_empty(const struct base_uuid *uuid);
bool	base_uuid_equal(const struct base_uuid *a, const struct base_uuid *b);
/* Milliseconds since 1970 out of a version 7 value. */
int64_t	base_uuid_time(const struct base_uuid *uuid);
/* The canonical lower-case form only. */
bool	base_uuid_parse(const char *text, size_t len, struct base_uuid *out);
void	base_uuid_format(const struct base_uuid *uuid,
	    char out[BASE_UUID_TEXT_LEN + 1]);

#endif /* !PERMISO_BASE_UUID_H */
