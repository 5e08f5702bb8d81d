/*
 * Forms, query strings and the form's content type.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_utf8.h"
#include "web/web_form.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_arena	arena;
	struct web_form		form;
	const struct base_slice	text = { data, size };

	base_arena_init(&arena);
	if (web_form_parse(&arena, text, &form) == WEB_FORM_OK) {
		for (size_t i = 0; i < form.count; i++) {
			if (strlen(form.fields[i].value) !=
			    form.fields[i].len || *form.fields[i].name == '\0' ||
			    !base_utf8_valid(form.fields[i].value,
			    form.fields[i].len))
				abort();
		}
	}
	(void)web_form_type_valid(text);
	base_arena_clear(&arena);
	return (0);
}
