/*
 * gzip.
 */

#include "web/web_gzip.h"

#define ZLIB_CONST
#include <zlib.h>

#define LEVEL		4	/* most of the gain for half the time */
#define WINDOW_BITS	14	/* 16 KiB: pages are not longer */
#define GZIP_FORMAT	16	/* added to the window's bits */
#define MEMORY_LEVEL	7

/* zlib's own, so that nothing of a page stays behind in the heap. */
static voidpf
arena_give(voidpf arena, uInt count, uInt size)
{
	return (base_arena_new(arena, (size_t)count * size));
}

static void
arena_keep(voidpf arena, voidpf data)
{
	(void)arena;
	(void)data;
}

bool
web_gzip(struct base_arena *arena, struct base_slice body,
    struct base_slice *out)
{
	bool		 done;
	uint8_t		*text;
	z_stream	 z = {
		.zalloc = arena_give, .zfree = arena_keep, .opaque = arena
	};

	if (body.len < WEB_GZIP_MIN || body.len > UINT32_MAX / 2)
		return (false);
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_BITS + GZIP_FORMAT,
	    MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		return (false);

	/* Less room than there was: what does not fit is not worth it. */
	text = base_arena_new(arena, body.len);
	z.next_in = body.data;
	z.avail_in = (uInt)body.len;
	z.next_out = text;
	z.avail_out = (uInt)body.len;
	done = deflate(&z, Z_FINISH) == Z_STREAM_END;
	if (done)
		*out = (struct base_slice){ text, body.len - z.avail_out };

	(void)deflateEnd(&z);
	return (done);
}
