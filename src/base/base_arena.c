/*
 * Blocks in a list, the youngest first; a request that is larger than a block
 * gets one of its own.
 */

#include "base/base_arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_bytes.h"
#include "base/base_log.h"

#define BLOCK_LEN	8192U
#define ALIGNMENT	16U

struct base_arena_block {
	struct base_arena_block	*next;
	size_t			 size;
	size_t			 used;
	size_t			 unused;	/* keeps data aligned */
	uint8_t			 data[];
};

static _Noreturn void
arena_failed(const char *why, size_t size)
{
	base_log(BASE_LOG_ERROR, "arena", why,
	    base_log_number("bytes", (int64_t)size));
	abort();
}

void
base_arena_init(struct base_arena *arena)
{
	arena->blocks = NULL;
	arena->total = 0;
}

static struct base_arena_block *
arena_block(struct base_arena *arena, size_t size)
{
	struct base_arena_block	*block;
	size_t			 len = size > BLOCK_LEN ? size : BLOCK_LEN;

	if (len > BASE_ARENA_MAX - arena->total)
		arena_failed("a request passed its memory limit", size);
	if ((block = calloc(1, sizeof(*block) + len)) == NULL)
		arena_failed("out of memory", size);

	block->size = len;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->total += len;

	return (block);
}

void *
base_arena_new(struct base_arena *arena, size_t size)
{
	struct base_arena_block	*block = arena->blocks;
	void			*data;

	if (size > BASE_ARENA_MAX)
		arena_failed("a request passed its memory limit", size);

	size = size == 0 ? ALIGNMENT :
	    (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (block == NULL || block->size - block->used < size)
		block = arena_block(arena, size);

	data = block->data + block->used;
	block->used += size;

	return (data);
}

void *
base_arena_copy(struct base_arena *arena, const void *data, size_t len)
{
	void	*copy = base_arena_new(arena, len);

	if (len != 0)
		memcpy(copy, data, len);

	return (copy);
}

char *
base_arena_text(struct base_arena *arena, const void *text, size_t len)
{
	char	*copy;

	if (len >= BASE_ARENA_MAX)
		arena_failed("a request passed its memory limit", len);

	copy = base_arena_new(arena, len + 1);
	if (len != 0)
		memcpy(copy, text, len);

	return (copy);
}

char *
base_arena_format(struct base_arena *arena, const char *format, ...)
{
	va_list	 args, again;
	char	*text;
	int	 len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		arena_failed("text cannot be formatted", 0);

	text = base_arena_new(arena, (size_t)len + 1);
	(void)vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);

	return (text);
}

void
base_arena_clear(struct base_arena *arena)
{
	struct base_arena_block	*block, *next;

	for (block = arena->blocks; block != NULL; block = next) {
		next = block->next;
		base_bytes_wipe(block->data, block->used);
		free(block);
	}
	base_arena_init(arena);
}
