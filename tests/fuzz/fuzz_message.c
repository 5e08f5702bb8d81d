/*
 * Messages: any text compiles or is refused with a reason, and what compiles
 * formats; and the headers a language is chosen by.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "web/web_message.h"
#include "web/web_message_parse.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file of one message, which also goes through the file's own checks. */
static void
format(const char *text)
{
	static const struct web_message_argument	arguments[] = {
		{ "a", "1" }, { "n", "0" }, { NULL, NULL }
	};
	char				 error[WEB_MESSAGE_ERROR_MAX + 1];
	char				*file;
	size_t				 count;
	json_t				*json;
	struct base_arena		 arena;
	struct web_message_source	 source = { "en", NULL, 0 };

	json = json_pack("{s:s, s:s, s:s}", "language.name", "x",
	    "language.direction", "ltr", "m", text);
	if (json == NULL)
		return;		/* not UTF-8 */
	if ((file = json_dumps(json, 0)) == NULL)
		abort();

	source.text = file;
	source.len = strlen(file);
	base_arena_init(&arena);
	if (web_message_load(&source, 1, error)) {
		(void)web_message_format(&arena,
		    web_message_languages(&count), "m", arguments);
		(void)web_message_markup(&arena,
		    web_message_languages(&count), "m", arguments);
		web_message_unload();
	}
	base_arena_clear(&arena);
	free(file);
	json_decref(json);
}

static void
choose(struct base_slice text)
{
	static const char			 file[] = "{\"language.name\":"
	    "\"x\",\"language.direction\":\"ltr\"}";
	static const struct web_message_source	 sources[] = {
		{ "en", file, sizeof(file) - 1 },
		{ "de", file, sizeof(file) - 1 },
	};
	char					 error[WEB_MESSAGE_ERROR_MAX + 1];
	const struct base_slice			 none = { NULL, 0 };

	if (!web_message_load(sources, 2, error) ||
	    web_message_choose(text, none, none) == NULL ||
	    web_message_choose(none, text, none) == NULL ||
	    web_message_choose(none, none, text) == NULL)
		abort();
	web_message_unload();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char			*text;
	const char		*what = NULL;
	struct base_arena	 arena;
	struct web_message_piece *pieces = NULL;

	if (size > 4096)
		return (0);
	if ((text = calloc(1, size + 1)) == NULL)
		abort();
	memcpy(text, data, size);

	base_arena_init(&arena);
	if (web_message_parse(&arena, text, &pieces, &what) != (what == NULL))
		abort();
	base_arena_clear(&arena);

	format(text);
	choose((struct base_slice){ data, size });
	free(text);
	return (0);
}
