/*
 * Templates: loading and rendering.  Parsing is in web_template_parse.c, the
 * rules of HTML in web_template_check.c.
 */

#include "web/web_template.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_bytes.h"
#include "web/web_html.h"
#include "web/web_template_tree.h"
#include "web/web_url.h"

#define TEXT_SUFFIX	".txt"

/* Indents of the parts we are in, the innermost first. */
struct indent {
	struct base_slice	 text;
	const struct indent	*outer;
};

/* What names mean at one point of a page. */
struct scope {
	json_t				 *item;		/* an object */
	json_t				 *value;	/* {{.}} */
	const struct web_template_blocks *blocks;
	const struct indent		 *indent;
};

struct render {
	const char *const	*messages;
	json_t			*root;
	struct base_buffer	*out;
	char			*error;
};

static bool	render_nodes(struct render *,
		    const struct web_template_node *, const struct scope *);

/* --------------------------------------------------------------- loading */

bool
web_template_fail(char error[WEB_TEMPLATE_ERROR_MAX + 1],
    const struct web_template *template, size_t line, const char *format, ...)
{
	char	what[WEB_TEMPLATE_ERROR_MAX + 1];
	va_list	args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);

	(void)snprintf(error, WEB_TEMPLATE_ERROR_MAX + 1, "%.*s:%zu: %.*s",
	    WEB_TEMPLATE_NAME_MAX, template->name, line,
	    WEB_TEMPLATE_ERROR_MAX - WEB_TEMPLATE_NAME_MAX - 30, what);
	return (false);
}

const struct web_template *
web_template_find(const struct web_template_set *set, const void *name,
    size_t len)
{
	const struct base_slice	wanted = { name, len };

	for (size_t i = 0; i < set->count; i++) {
		if (base_bytes_is(wanted, set->templates[i].name))
			return (&set->templates[i]);
	}

	return (NULL);
}

static bool
name_is_text(const char *name)
{
	size_t	len = strlen(name), suffix = strlen(TEXT_SUFFIX);

	return (len > suffix && strcmp(name + len - suffix, TEXT_SUFFIX) == 0);
}

static bool
set_fill(struct web_template_set *set,
    const struct web_template_source *sources,
    char error[WEB_TEMPLATE_ERROR_MAX + 1])
{
	struct web_template	*template;

	for (size_t i = 0; i < set->count; i++) {
		template = &set->templates[i];
		template->name = sources[i].name;
		template->html = !name_is_text(sources[i].name);
		template->source.data = (const uint8_t *)sources[i].text;
		template->source.len = sources[i].len;
	}
	for (size_t i = 0; i < set->count; i++) {
		if (!web_template_parse(set, &set->templates[i], error))
			return (false);
	}
	for (size_t i = 0; i < set->count; i++) {
		if (!web_template_check(&set->templates[i], error))
			return (false);
	}

	return (true);
}

struct web_template_set *
web_template_set_new(const struct web_template_source *sources, size_t count,
    const struct web_template_names *names,
    char error[WEB_TEMPLATE_ERROR_MAX + 1])
{
	struct web_template_set	*set;

	if ((set = calloc(1, sizeof(*set))) == NULL) {
		(void)snprintf(error, WEB_TEMPLATE_ERROR_MAX + 1,
		    "out of memory");
		return (NULL);
	}

	base_arena_init(&set->arena);
	set->count = count;
	set->names = *names;
	set->templates = base_arena_new(&set->arena,
	    (count + 1) * sizeof(*set->templates));
	if (!set_fill(set, sources, error)) {
		web_template_set_free(set);
		return (NULL);
	}

	return (set);
}

void
web_template_set_free(struct web_template_set *set)
{
	if (set == NULL)
		return;

	base_arena_clear(&set->arena);
	free(set);
}

struct web_template_node *
web_template_override(const struct web_template_blocks *blocks,
    struct base_slice name, const struct web_template_blocks **within)
{
	struct web_template_node	*node;

	if (blocks == NULL)
		return (NULL);
	if ((node = web_template_override(blocks->outer, name, within)) != NULL)
		return (node);

	for (node = blocks->given; node != NULL; node = node->next) {
		if (base_bytes_same(node->text, name)) {
			*within = blocks->outer;
			return (node);
		}
	}

	return (NULL);
}

/* --------------------------------------------------------------- look-up */

static bool
render_fail(struct render *r, const struct web_template_node *node,
    const char *what)
{
	return (web_template_fail(r->error, node->owner, node->line,
	    "\"%.*s\" %s", (int)node->text.len,
	    (const char *)node->text.data, what));
}

/* Follow a dotted name down from "from"; NULL: it is not there. */
static json_t *
path_follow(json_t *from, struct base_slice name)
{
	const char	*at = (const char *)name.data, *end = at + name.len;
	const char	*dot;

	while (from != NULL) {
		dot = memchr(at, '.', (size_t)(end - at));
		if (dot == NULL)
			return (json_object_getn(from, at, (size_t)(end - at)));
		from = json_object_getn(from, at, (size_t)(dot - at));
		at = dot + 1;
	}

	return (NULL);
}

/* The current item first; from the root only by a path. */
static json_t *
name_find(const struct render *r, const struct scope *scope,
    struct base_slice name)
{
	json_t	*found;

	if (name.len == 1 && name.data[0] == '.')
		return (scope->value);

	if ((found = path_follow(scope->item, name)) != NULL)
		return (found);
	if (memchr(name.data, '.', name.len) == NULL)
		return (NULL);

	return (path_follow(r->root, name));
}

/* ------------------------------------------------------------- rendering */

static void
indent_write(struct render *r, const struct indent *indent)
{
	if (indent == NULL)
		return;

	indent_write(r, indent->outer);
	base_buffer_append(r->out, indent->text.data, indent->text.len);
}

static bool
render_text(struct render *r, const struct web_template_node *node,
    const json_t *value)
{
	char		 number[32];
	const char	*text = json_string_value(value);
	size_t		 len = json_string_length(value);

	if (json_is_integer(value)) {
		(void)snprintf(number, sizeof(number),
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		text = number;
		len = strlen(number);
	}
	if (text == NULL)
		return (render_fail(r, node, "is no text"));

	if (node->kind == WEB_TEMPLATE_RAW)
		base_buffer_append(r->out, text, len);
	else
		web_html_escape(r->out, text, len);

	return (true);
}

static bool
render_value(struct render *r, const struct web_template_node *node,
    const struct scope *scope)
{
	const char	*marked;
	json_t		*value = name_find(r, scope, node->text);

	if (value == NULL)
		return (render_fail(r, node, "is missing"));

	marked = web_html_read(value);
	if (node->kind == WEB_TEMPLATE_RAW && node->owner->html) {
		if (marked == NULL)
			return (render_fail(r, node, "is no web_html value"));
		base_buffer_text(r->out, marked);
		return (true);
	}
	if (marked != NULL)
		return (render_fail(r, node, "is markup, not text"));

	marked = web_url_read(value);
	if (node->place == WEB_TEMPLATE_URL && marked == NULL)
		return (render_fail(r, node, "is no web_url value"));
	if (marked == NULL)
		return (render_text(r, node, value));

	web_html_escape(r->out, marked, strlen(marked));
	return (true);
}

static void
render_message(struct render *r, const struct web_template_node *node)
{
	const char	*text = r->messages[node->message];

	if (node->raw)
		base_buffer_text(r->out, text);
	else
		web_html_escape(r->out, text, strlen(text));
}

static bool
empty(const json_t *value)
{
	return (json_is_null(value) || json_is_false(value) ||
	    (json_is_string(value) && json_string_length(value) == 0) ||
	    (json_is_array(value) && json_array_size(value) == 0));
}

/* A section's content, once, for one value. */
static bool
render_item(struct render *r, const struct web_template_node *node,
    const struct scope *scope, json_t *value)
{
	struct scope	inner = *scope;

	if (json_is_object(value))
		inner.item = value;
	if (!json_is_true(value))
		inner.value = value;

	return (render_nodes(r, node->children, &inner));
}

static bool
render_section(struct render *r, const struct web_template_node *node,
    const struct scope *scope)
{
	json_t	*value = name_find(r, scope, node->text), *member;
	size_t	 i;

	if (value == NULL)
		return (render_fail(r, node, "is missing"));
	if (json_is_number(value))
		return (render_fail(r, node, "is a number, not a condition"));

	if (node->kind == WEB_TEMPLATE_INVERTED)
		return (!empty(value) ||
		    render_nodes(r, node->children, scope));
	if (empty(value))
		return (true);
	if (!json_is_array(value))
		return (render_item(r, node, scope, value));

	json_array_foreach(value, i, member) {
		if (!render_item(r, node, scope, member))
			return (false);
	}

	return (true);
}

static bool
render_part(struct render *r, const struct web_template_node *node,
    const struct scope *scope)
{
	struct indent			indent = { node->indent,
					    scope->indent };
	struct web_template_blocks	blocks = { node->children,
					    scope->blocks };
	struct scope			inner = *scope;

	inner.blocks = node->kind == WEB_TEMPLATE_PARENT ? &blocks : NULL;
	if (!node->owner->html && node->indent.len > 0)
		inner.indent = &indent;

	return (render_nodes(r, node->target->nodes, &inner));
}

static bool
render_block(struct render *r, const struct web_template_node *node,
    const struct scope *scope)
{
	struct scope			 inner = *scope;
	const struct web_template_node	*given;

	given = web_template_override(scope->blocks, node->text,
	    &inner.blocks);
	return (render_nodes(r, given != NULL ? given->children :
	    node->children, &inner));
}

static bool
render_node(struct render *r, const struct web_template_node *node,
    const struct scope *scope)
{
	switch (node->kind) {
	case WEB_TEMPLATE_TEXT:
		base_buffer_append(r->out, node->text.data, node->text.len);
		return (true);
	case WEB_TEMPLATE_VALUE:
	case WEB_TEMPLATE_RAW:
		return (render_value(r, node, scope));
	case WEB_TEMPLATE_MESSAGE:
		render_message(r, node);
		return (true);
	case WEB_TEMPLATE_SECTION:
	case WEB_TEMPLATE_INVERTED:
		return (render_section(r, node, scope));
	case WEB_TEMPLATE_PART:
	case WEB_TEMPLATE_PARENT:
		return (render_part(r, node, scope));
	case WEB_TEMPLATE_BLOCK:
		return (render_block(r, node, scope));
	}

	return (render_fail(r, node, "is a node of no kind"));
}

static bool
printed(const struct web_template_node *node)
{
	return (node->kind == WEB_TEMPLATE_TEXT ||
	    node->kind == WEB_TEMPLATE_VALUE ||
	    node->kind == WEB_TEMPLATE_RAW ||
	    node->kind == WEB_TEMPLATE_MESSAGE);
}

static bool
render_nodes(struct render *r, const struct web_template_node *nodes,
    const struct scope *scope)
{
	for (; nodes != NULL; nodes = nodes->next) {
		if (nodes->starts_line && printed(nodes))
			indent_write(r, scope->indent);
		if (!render_node(r, nodes, scope))
			return (false);
		if (r->out->failed)
			return (render_fail(r, nodes, "makes it too large"));
	}

	return (true);
}

bool
web_template_render(const struct web_template_set *set, const char *name,
    const char *const *messages, json_t *model, struct base_buffer *out,
    char error[WEB_TEMPLATE_ERROR_MAX + 1])
{
	struct render			 r = { messages, model, out, error };
	struct scope			 scope = { model, model, NULL, NULL };
	const struct web_template	*template;

	template = web_template_find(set, name, strlen(name));
	if (template == NULL) {
		(void)snprintf(error, WEB_TEMPLATE_ERROR_MAX + 1,
		    "there is no template \"%.*s\"", WEB_TEMPLATE_NAME_MAX,
		    name);
		return (false);
	}

	return (render_nodes(&r, template->nodes, &scope));
}
