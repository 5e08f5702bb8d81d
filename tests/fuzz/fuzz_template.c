/*
 * Templates: any text, as HTML and as a mail.  What is taken as HTML prints
 * the same elements and attributes for tame values and for hostile ones.
 *
 * Input: a template, and behind a NUL the part it may include.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "web/web_html.h"
#include "web/web_template.h"
#include "web/web_url.h"

#define OUT_MAX	65536

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const	messages[] = { "<m\"&>" };

static int
message(const char *key, size_t len)
{
	return (len == 1 && key[0] == 'k' ? 0 : -1);
}

static const char *
asset(const char *name, size_t len)
{
	return (len == 1 && name[0] == 'a' ? "/assets/a.1.css" : NULL);
}

/* The same shape for every text: t, a list l, an object o, an address u. */
static json_t *
model_new(const char *text)
{
	return (json_pack("{s:s, s:[s, s], s:{s:s}, s:o, s:o, s:b, s:n, s:[]}",
	    "t", text, "l", text, text, "o", "t", text,
	    "u", web_url_path("/p"), "h", web_html_time(0), "y", 1, "n",
	    "e"));
}

/* How many of the marks that make up HTML a page has. */
static size_t
marks(const struct web_template_set *set, const char *name, const char *text)
{
	char			 error[WEB_TEMPLATE_ERROR_MAX + 1];
	size_t			 count = 1;
	json_t			*model = model_new(text);
	struct base_buffer	 out;

	base_buffer_init(&out, OUT_MAX);
	if (model == NULL)
		abort();
	if (!web_template_render(set, name, messages, model, &out, error) ||
	    base_buffer_finish(&out) == NULL)
		count = 0;
	for (size_t i = 0; count > 0 && i < out.len; i++)
		count += out.data[i] == '<' || out.data[i] == '>' ||
		    out.data[i] == '"';

	base_buffer_clear(&out);
	json_decref(model);
	return (count);
}

static void
try(const char *name, const char *part_name, const char *text, size_t len)
{
	static const struct web_template_names	names = { message, asset };
	char					error[WEB_TEMPLATE_ERROR_MAX + 1];
	size_t					tame, hostile;
	const char				*part;
	struct web_template_source		sources[2];
	struct web_template_set			*set;

	part = memchr(text, '\0', len);
	sources[0] = (struct web_template_source){ name, text,
	    part == NULL ? len : (size_t)(part - text) };
	sources[1] = (struct web_template_source){ part_name,
	    part == NULL ? text : part + 1,
	    part == NULL ? 0 : len - (size_t)(part - text) - 1 };

	error[0] = '\0';
	set = web_template_set_new(sources, 2, &names, error);
	if (set == NULL) {
		if (error[0] == '\0')
			abort();
		return;
	}

	tame = marks(set, name, "x");
	hostile = marks(set, name, "<\">&'");
	if (strchr(name, '.') == NULL && tame > 0 && hostile > 0 &&
	    tame != hostile)
		abort();
	web_template_set_free(set);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Nested lists multiply; a page of ours is small. */
	if (size > 1024)
		return (0);

	try("main", "p", (const char *)data, size);
	try("main.txt", "p.txt", (const char *)data, size);
	return (0);
}
