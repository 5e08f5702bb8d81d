/*
 * Arena, buffer and bytes: what is handed out is zeroed and aligned, maximums
 * hold, failure is sticky.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "base/base_arena.h"
#include "base/base_buffer.h"
#include "base/base_bytes.h"
#include "base/base_log.h"

static void
test_arena(void **state)
{
	struct base_arena	 arena;
	uint8_t			*a, *b;
	char			*text;
	size_t			 i, n;

	(void)state;
	base_arena_init(&arena);
	for (n = 0; n < 3000; n += 7) {
		a = base_arena_new(&arena, n);
		assert_int_equal((uintptr_t)a % 16, 0);
		for (i = 0; i < n; i++)
			assert_int_equal(a[i], 0);
		memset(a, 0xaa, n);
	}
	a = base_arena_new(&arena, 1000000);
	b = base_arena_new(&arena, 1);
	assert_true(b < a || b >= a + 1000000);
	assert_string_equal(base_arena_text(&arena, "abcd", 3), "abc");
	assert_string_equal(base_arena_text(&arena, NULL, 0), "");
	text = base_arena_format(&arena, "%s-%d", "x", 42);
	assert_string_equal(text, "x-42");
	assert_memory_equal(base_arena_copy(&arena, "ab\0c", 4), "ab\0c", 4);
	base_arena_clear(&arena);
	assert_null(arena.blocks);
	assert_int_equal(arena.total, 0);
}

/* Runs "size" bytes at a time, 100 of them, in a child; its wait status. */
static int
arena_child(size_t size)
{
	struct base_arena	arena;
	int			i, status;
	pid_t			pid;

	if ((pid = fork()) == 0) {
		base_log_open("test", BASE_LOG_ERROR, false);
		(void)close(STDERR_FILENO);
		base_arena_init(&arena);
		for (i = 0; i < 100; i++)
			(void)base_arena_new(&arena, size);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);

	return (status);
}

static void
test_arena_limit(void **state)
{
	int	status;

	(void)state;
	status = arena_child(BASE_ARENA_MAX / 128);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	status = arena_child(BASE_ARENA_MAX / 90);
	assert_true(WIFSIGNALED(status));
	status = arena_child(SIZE_MAX - 3);
	assert_true(WIFSIGNALED(status));
}

static void
test_buffer(void **state)
{
	struct base_buffer	buffer;
	char			block[700];
	int			i;

	(void)state;
	memset(block, 'x', sizeof(block));
	base_buffer_init(&buffer, 7010);
	assert_string_equal(base_buffer_finish(&buffer), "");
	for (i = 0; i < 10; i++)
		base_buffer_append(&buffer, block, sizeof(block));
	base_buffer_text(&buffer, "abcd");
	base_buffer_format(&buffer, "%05d", 7);
	base_buffer_append(&buffer, "!", 1);
	assert_non_null(base_buffer_finish(&buffer));
	assert_int_equal(buffer.len, 7010);
	assert_string_equal(base_buffer_finish(&buffer) + 7000, "abcd00007!");

	/* One byte too many fails, and nothing makes it good again. */
	base_buffer_format(&buffer, "%c", 'y');
	assert_null(base_buffer_finish(&buffer));
	base_buffer_append(&buffer, "", 0);
	assert_null(base_buffer_finish(&buffer));
	assert_int_equal(buffer.len, 7010);

	base_buffer_clear(&buffer);
	base_buffer_text(&buffer, "again");
	assert_string_equal(base_buffer_finish(&buffer), "again");
	base_buffer_clear(&buffer);
}

/* A text, and what is it, begins with it, or neither. */
static const struct {
	const char	*text;
	const char	*with;
	bool		 is;
	bool		 begins;
} texts[] = {
	{ "",		"",		true,	true },
	{ "a",		"",		false,	true },
	{ "",		"a",		false,	false },
	{ "dark",	"dark",		true,	true },
	{ "darker",	"dark",		false,	true },
	{ "dar",	"dark",		false,	false },
	{ "darK",	"dark",		false,	false },
	{ "Dark",	"dark",		false,	false },
};

static void
test_bytes_texts(void **state)
{
	const struct base_slice	none = { NULL, 0 };
	const struct base_slice	nul = { (const uint8_t *)"a\0b", 3 };
	struct base_slice	text, with;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		text = base_bytes_slice(texts[i].text);
		with = base_bytes_slice(texts[i].with);
		if (base_bytes_is(text, texts[i].with) != texts[i].is ||
		    base_bytes_same(text, with) != texts[i].is ||
		    base_bytes_begin(text, texts[i].with) != texts[i].begins)
			fail_msg("\"%s\" and \"%s\"", texts[i].text,
			    texts[i].with);
	}

	assert_true(base_bytes_is(none, ""));
	assert_true(base_bytes_begin(none, ""));
	assert_false(base_bytes_begin(none, "a"));
	/* a NUL is a byte like another */
	assert_false(base_bytes_is(nul, "a"));
	assert_true(base_bytes_begin(nul, "a"));
	assert_true(base_bytes_same(nul, nul));
}

static void
test_bytes(void **state)
{
	char	out[4] = "old";

	(void)state;
	assert_true(base_bytes_equal("abc", 3, "abc", 3));
	assert_false(base_bytes_equal("abc", 3, "abd", 3));
	assert_false(base_bytes_equal("abc", 3, "abc", 2));
	assert_true(base_bytes_equal(NULL, 0, "x", 0));
	assert_true(base_bytes_text_equal("same", "same"));
	assert_false(base_bytes_text_equal("same", "samee"));

	assert_false(base_bytes_text_copy(out, sizeof(out), "four", 4));
	assert_false(base_bytes_text_copy(out, sizeof(out), "a\0b", 3));
	assert_string_equal(out, "old");
	assert_true(base_bytes_text_copy(out, sizeof(out), "newer", 3));
	assert_string_equal(out, "new");
	assert_true(base_bytes_text_copy(out, sizeof(out), NULL, 0));
	assert_string_equal(out, "");
	assert_int_equal(base_bytes_slice(NULL).len, 0);
	assert_int_equal(base_bytes_slice("abc").len, 3);

	memcpy(out, "key", 4);
	base_bytes_wipe(out, 3);
	assert_memory_equal(out, "\0\0\0\0", 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena),
		cmocka_unit_test(test_arena_limit),
		cmocka_unit_test(test_buffer),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_bytes_texts),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
