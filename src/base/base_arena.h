/*
 * An arena: memory for one request, freed and wiped in one call.
 *
 * base_arena_new() gives zeroed memory that lives until base_arena_clear().
 * It never returns NULL: a request whose arena passes its maximum, or a
 * machine out of memory, ends the process with a line in the log (a worker is
 * started again; nothing half-made is answered).
 */
#ifndef PERMISO_BASE_ARENA_H
#define PERMISO_BASE_ARENA_H

#include <stddef.h>

#define BASE_ARENA_MAX	(8U * 1024U * 1024U)	/* of one request, answers included */

struct base_arena_block;

struct base_arena {
	struct base_arena_block	*blocks;
	size_t			 total;
};

void	 base_arena_init(struct base_arena *arena);
void	*base_arena_new(struct base_arena *arena, size_t size);
void	*base_arena_copy(struct base_arena *arena, const void *data,
	     size_t len);
char	*base_arena_text(struct base_arena *arena, const void *text,
	     size_t len);
char	*base_arena_format(struct base_arena *arena, const char *format, ...)
	     __attribute__((format(printf, 2, 3)));
void	 base_arena_clear(struct base_arena *arena);

#endif /* !PERMISO_BASE_ARENA_H */
