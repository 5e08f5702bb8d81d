/*
 * Templates: Mustache with inheritance (the standard language, without
 * lambdas and without a change of delimiters), read strictly.
 *
 * HTML templates (names that do not end in ".txt") are checked when they are
 * loaded, and a broken one fails the start with file and line:
 *	- elements nest, attributes are quoted, no style, no script text, no
 *	  handler attributes;
 *	- text and the attributes people see come from messages, never literal;
 *	- href, src, action and the like are a literal path of ours or one
 *	  value made by web_url.h;
 *	- {{{name}}} prints only values made by web_html.h.
 * Text templates (mails) are plain Mustache.
 *
 * Names.  {{m.KEY}} is the message KEY, {{asset.NAME}} the address of the
 * packed file NAME, {{>icon/NAME}} an icon: all three are resolved at load.
 * Any other name is looked up in the current item, or, when it has a dot, by
 * its full path from the root.  Look-up does not climb, and a name that is
 * not there is an error, in production too: a model says null when it has
 * nothing.
 *
 * Sections.  null, false, "" and [] are empty.  true and texts leave the
 * current item as it is, and {{.}} is the text; objects and the members of
 * lists become the current item.  A number is an error: conditions are made
 * in C.  Interpolated values are texts and integers.
 */
#ifndef PERMISO_WEB_TEMPLATE_H
#define PERMISO_WEB_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/base_buffer.h"

#define WEB_TEMPLATE_ERROR_MAX	255
#define WEB_TEMPLATE_NAME_MAX	63
#define WEB_TEMPLATE_DEPTH_MAX	24	/* sections and parts in each other */

struct web_template_set;

struct web_template_source {
	const char	*name;		/* "login", "parts/button", "mail.txt" */
	const char	*text;
	size_t		 len;
};

/* What fixed names stand for; either may be NULL: no such names. */
struct web_template_names {
	/* Index of a message without arguments; -1: none. */
	int		 (*message)(const char *key, size_t len);
	/* Address of a packed file; NULL: none. */
	const char	*(*asset)(const char *name, size_t len);
};

/*
 * Parse and check every source; they may name each other.  NULL, with a
 * sentence that names file and line in "error", when one is broken.
 * The sources' names and texts must outlive the set.
 */
struct web_template_set	*web_template_set_new(
			    const struct web_template_source *sources,
			    size_t count,
			    const struct web_template_names *names,
			    char error[WEB_TEMPLATE_ERROR_MAX + 1]);
void			 web_template_set_free(struct web_template_set *set);

/*
 * Append template "name" over "model" to "out".  "messages" holds the texts
 * by the index that names->message gave.  False, with a sentence in "error",
 * when the template or a name is missing or a value has the wrong type; what
 * was appended is then to be thrown away.
 */
bool	web_template_render(const struct web_template_set *set,
	    const char *name, const char *const *messages, json_t *model,
	    struct base_buffer *out, char error[WEB_TEMPLATE_ERROR_MAX + 1]);

#endif /* !PERMISO_WEB_TEMPLATE_H */
