/*
 * What templates are parsed into.  Only web_template*.c and their tests
 * include this.
 */
#ifndef PERMISO_WEB_TEMPLATE_TREE_H
#define PERMISO_WEB_TEMPLATE_TREE_H

#include "base/base_arena.h"
#include "base/base_bytes.h"
#include "web/web_template.h"

struct web_template;

enum web_template_kind {
	WEB_TEMPLATE_TEXT,	/* literal */
	WEB_TEMPLATE_VALUE,	/* {{name}} */
	WEB_TEMPLATE_RAW,	/* {{{name}}}, {{&name}} */
	WEB_TEMPLATE_MESSAGE,	/* {{m.key}} */
	WEB_TEMPLATE_SECTION,	/* {{#name}} */
	WEB_TEMPLATE_INVERTED,	/* {{^name}} */
	WEB_TEMPLATE_PART,	/* {{>name}} */
	WEB_TEMPLATE_PARENT,	/* {{<name}}: children are its blocks */
	WEB_TEMPLATE_BLOCK	/* {{$name}} */
};

/* Where in the document a value stands; found by web_template_check(). */
enum web_template_place {
	WEB_TEMPLATE_UNSEEN,
	WEB_TEMPLATE_CONTENT,	/* between elements */
	WEB_TEMPLATE_ATTRIBUTE,	/* inside quotes */
	WEB_TEMPLATE_URL	/* the whole of an href, src, action, ... */
};

struct web_template_node {
	enum web_template_kind		 kind;
	enum web_template_place		 place;
	size_t				 line;
	struct base_slice		 text;	/* literal, or the name */
	struct base_slice		 source; /* a literal as it was written */
	struct base_slice		 indent; /* of a part in a text template */
	bool				 starts_line;	/* a literal */
	bool				 raw;	/* MESSAGE: unescaped */
	int				 message;
	const struct web_template	*owner;
	const struct web_template	*target;	/* PART, PARENT */
	struct web_template_node	*children;
	struct web_template_node	*next;
};

struct web_template {
	const char			*name;
	struct base_slice		 source;
	bool				 html;
	struct web_template_node	*nodes;
};

struct web_template_set {
	struct base_arena		 arena;
	struct web_template		*templates;
	size_t				 count;
	struct web_template_names	 names;
};

const struct web_template	*web_template_find(
				    const struct web_template_set *set,
				    const void *name, size_t len);

/* "name:line: sentence" into "error"; always false. */
bool	web_template_fail(char error[WEB_TEMPLATE_ERROR_MAX + 1],
	    const struct web_template *template, size_t line,
	    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Source to nodes. */
bool	web_template_parse(struct web_template_set *set,
	    struct web_template *template,
	    char error[WEB_TEMPLATE_ERROR_MAX + 1]);

/*
 * Walk a template as it will be rendered, with its parts and blocks put in,
 * and hold it against the rules of web_template.h; sets the places of values.
 */
bool	web_template_check(const struct web_template *template,
	    char error[WEB_TEMPLATE_ERROR_MAX + 1]);

/* The blocks given to a parent, and what was in force where they stand. */
struct web_template_blocks {
	struct web_template_node		*given;
	const struct web_template_blocks	*outer;
};

/*
 * What stands in for block "name": the outermost override, and in *within
 * the blocks that hold inside it.  NULL: the block's own content.
 */
struct web_template_node	*web_template_override(
				    const struct web_template_blocks *blocks,
				    struct base_slice name,
				    const struct web_template_blocks **within);

#endif /* !PERMISO_WEB_TEMPLATE_TREE_H */
