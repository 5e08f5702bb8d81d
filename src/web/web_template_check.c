/*
 * The rules of HTML templates, held against the whole document: a template
 * is walked as it will be rendered, every section once, with parts and blocks
 * put in, and a small HTML tokenizer goes along.  So a value's place in the
 * document is known before anyone asks for the page.
 *
 * Text templates are walked too, for circles.
 */

#include <string.h>

#include "web/web_template_tree.h"

#define ELEMENTS_MAX	64
#define NAME_MAX_LEN	31
#define NODES_MAX	100000	/* of one template, parts and blocks included */

enum state {
	CONTENT,
	TAG_OPEN,	/* behind < */
	TAG_NAME,
	CLOSE_NAME,	/* behind </ */
	DECLARATION,	/* behind <! */
	BETWEEN,	/* inside a tag; a space must come */
	BEFORE_NAME,	/* inside a tag; an attribute may come */
	ATTRIBUTE_NAME,
	EQUALS,		/* a quote must come */
	QUOTED,
	SLASH		/* a > must come */
};

struct name {
	char	text[NAME_MAX_LEN + 1];
	size_t	len;
};

/* Everything that a section must leave as it found it. */
struct position {
	enum state	 state;
	size_t		 depth;
	bool		 svg;
};

struct check {
	struct position			 at;
	size_t				 floor;	/* elements not to close here */
	enum state			 held;	/* tag or quote not to leave */
	struct name			 open[ELEMENTS_MAX];
	struct name			 tag;
	struct name			 attribute;
	bool				 has_src;
	size_t				 literal;	/* bytes of the value */
	char				 first[2];	/* of them */
	size_t				 values;	/* in the value */
	bool				 entity;	/* inside &...; */
	const struct web_template	*template;
	size_t				 line;
	size_t				 nodes;
	size_t				 level;
	char				*error;
};

static bool	walk(struct check *, struct web_template_node *,
		    const struct web_template_blocks *);

static bool
check_fail(struct check *c, const char *what)
{
	return (web_template_fail(c->error, c->template, c->line, "%s", what));
}

static bool
letter(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
}

static bool
space(char c)
{
	return (c == ' ' || c == '\n' || c == '\t');
}

static bool
name_is(const struct name *name, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (strcmp(name->text, *list) == 0)
			return (true);
	}

	return (false);
}

static bool
name_add(struct check *c, struct name *name, char letter_)
{
	if (name->len == NAME_MAX_LEN)
		return (check_fail(c, "a name is too long"));

	name->text[name->len++] = letter_;
	name->text[name->len] = '\0';
	return (true);
}

static void
name_clear(struct name *name)
{
	memset(name, 0, sizeof(*name));
}

/* -------------------------------------------------------------- elements */

static bool
element_void(const struct name *tag)
{
	static const char *const	list[] = { "area", "base", "br", "col",
	    "embed", "hr", "img", "input", "link", "meta", "source", "track",
	    "wbr", NULL };

	return (name_is(tag, list));
}

static bool
element_refused(const struct name *tag)
{
	static const char *const	list[] = { "base", "embed", "frame",
	    "iframe", "object", "style", NULL };

	return (name_is(tag, list));
}

static bool
inside(const struct check *c, const char *element)
{
	return (c->at.depth > 0 &&
	    strcmp(c->open[c->at.depth - 1].text, element) == 0);
}

/* The > of an opening tag. */
static bool
element_open(struct check *c, bool closed)
{
	c->at.state = CONTENT;
	if (c->held != CONTENT)
		return (check_fail(c, "this closes a tag opened elsewhere"));
	if (element_refused(&c->tag))
		return (check_fail(c, "this element is not used here"));
	if (strcmp(c->tag.text, "script") == 0 && !c->has_src)
		return (check_fail(c, "a script is a file of its own"));
	if (strcmp(c->tag.text, "svg") == 0)
		c->at.svg = true;

	if (closed && !c->at.svg)
		return (check_fail(c, "only void and SVG elements end in />"));
	if (closed || element_void(&c->tag))
		return (true);
	if (c->at.depth == ELEMENTS_MAX)
		return (check_fail(c, "elements are nested too deep"));

	c->open[c->at.depth++] = c->tag;
	return (true);
}

static bool
element_close(struct check *c)
{
	if (c->at.depth == c->floor || !inside(c, c->tag.text))
		return (check_fail(c, "this closes no element opened here"));

	if (strcmp(c->tag.text, "svg") == 0)
		c->at.svg = false;
	c->at.depth--;
	c->at.state = CONTENT;
	return (true);
}

/* ------------------------------------------------------------ attributes */

/* Attributes whose value a browser goes to. */
static bool
attribute_url(const struct name *attribute)
{
	static const char *const	list[] = { "action", "background",
	    "cite", "data", "formaction", "href", "manifest", "ping",
	    "poster", "src", "srcset", "xlink:href", NULL };

	return (name_is(attribute, list));
}

/* Attributes whose value people read. */
static bool
attribute_read(const struct name *attribute)
{
	static const char *const	list[] = { "alt", "aria-description",
	    "aria-label", "aria-roledescription", "aria-valuetext", "label",
	    "placeholder", "title", NULL };

	return (name_is(attribute, list));
}

static bool
attribute_begin(struct check *c)
{
	static const char *const	refused[] = { "srcdoc", "style",
	    NULL };

	if (name_is(&c->attribute, refused) ||
	    strncmp(c->attribute.text, "on", 2) == 0)
		return (check_fail(c, "this attribute is not used here"));

	if (strcmp(c->attribute.text, "src") == 0)
		c->has_src = true;
	c->literal = 0;
	c->values = 0;
	memset(c->first, 0, sizeof(c->first));
	c->at.state = QUOTED;
	return (true);
}

/* An address is a path or fragment of ours, or one value made by web_url. */
static bool
attribute_end(struct check *c)
{
	c->at.state = BETWEEN;
	if (c->held == QUOTED)
		return (check_fail(c, "this closes a quote opened elsewhere"));
	if (!attribute_url(&c->attribute) || c->first[0] == '#')
		return (true);

	if (c->values == 0 && (c->literal == 0 ||
	    (c->first[0] == '/' && c->first[1] != '/')))
		return (true);
	if (c->values == 1 && c->literal == 0)
		return (true);

	return (check_fail(c, "an address is \"/...\", \"#...\" or one value"));
}

static bool
attribute_literal(struct check *c, char byte)
{
	if (byte == '"')
		return (attribute_end(c));
	if (byte == '<')
		return (check_fail(c, "an attribute is not closed"));
	if (attribute_read(&c->attribute) && letter(byte))
		return (check_fail(c, "words come from messages"));

	if (c->literal < sizeof(c->first))
		c->first[c->literal] = byte;
	c->literal++;
	return (true);
}

/* -------------------------------------------------------------- literals */

/* Between elements: marks and spaces, but no words. */
static bool
content_literal(struct check *c, char byte)
{
	static const char	marks[] = "\xc2\xb7\xe2\x80\x93";	/* · – */

	if (c->entity) {
		c->entity = byte != ';';
		return (byte == ';' || byte == '#' || letter(byte) ||
		    (byte >= '0' && byte <= '9') ? true :
		    check_fail(c, "& is written &amp;"));
	}
	if (byte == '<') {
		name_clear(&c->tag);
		c->has_src = false;
		c->at.state = TAG_OPEN;
		return (true);
	}
	if (space(byte))
		return (true);
	if (inside(c, "script"))
		return (check_fail(c, "a script is a file of its own"));

	c->entity = byte == '&';
	if (letter(byte) || ((byte & 0x80) != 0 &&
	    strchr(marks, byte) == NULL))
		return (check_fail(c, "words come from messages"));

	return (true);
}

/* Behind <. */
static bool
open_literal(struct check *c, char byte)
{
	if (byte == '/' || byte == '!') {
		c->at.state = byte == '/' ? CLOSE_NAME : DECLARATION;
		return (true);
	}
	if (!letter(byte))
		return (check_fail(c, "< begins no element"));

	c->at.state = TAG_NAME;
	return (name_add(c, &c->tag, byte));
}

/* Behind <!: only the document type. */
static bool
declaration_literal(struct check *c, char byte)
{
	if (byte != '>')
		return (name_add(c, &c->tag, byte));
	if (strcmp(c->tag.text, "doctype html") != 0)
		return (check_fail(c, "comments are {{! ... }}"));

	c->at.state = CONTENT;
	return (true);
}

/* Inside a tag, where an attribute may begin or has just ended. */
static bool
inside_literal(struct check *c, char byte)
{
	if (byte == '>')
		return (element_open(c, false));
	if (byte == '/') {
		c->at.state = SLASH;
		return (true);
	}
	if (space(byte)) {
		c->at.state = BEFORE_NAME;
		return (true);
	}
	if (c->at.state == BETWEEN)
		return (check_fail(c, "a space is missing"));
	if (byte == '"' || byte == '\'' || byte == '=' || byte == '<')
		return (check_fail(c, "an attribute has no proper name"));

	name_clear(&c->attribute);
	c->at.state = ATTRIBUTE_NAME;
	return (name_add(c, &c->attribute, byte));
}

static bool
name_literal(struct check *c, char byte)
{
	if (byte == '>' || byte == '/' || space(byte)) {
		c->at.state = BETWEEN;
		return (inside_literal(c, byte));
	}
	if (c->at.state == TAG_NAME)
		return (name_add(c, &c->tag, byte));
	if (byte == '=') {
		c->at.state = EQUALS;
		return (true);
	}

	return (name_add(c, &c->attribute, byte));
}

static bool
byte_check(struct check *c, char byte)
{
	switch (c->at.state) {
	case CONTENT:
		return (content_literal(c, byte));
	case TAG_OPEN:
		return (open_literal(c, byte));
	case CLOSE_NAME:
		return (byte == '>' ? element_close(c) :
		    name_add(c, &c->tag, byte));
	case DECLARATION:
		return (declaration_literal(c, byte));
	case TAG_NAME:
	case ATTRIBUTE_NAME:
		return (name_literal(c, byte));
	case BETWEEN:
	case BEFORE_NAME:
		return (inside_literal(c, byte));
	case EQUALS:
		return (byte == '"' ? attribute_begin(c) :
		    check_fail(c, "attributes are quoted with \""));
	case QUOTED:
		return (attribute_literal(c, byte));
	case SLASH:
		return (byte == '>' ? element_open(c, true) :
		    check_fail(c, "a > must follow"));
	}

	return (check_fail(c, "the checker has lost its way"));
}

static bool
literal(struct check *c, struct base_slice text)
{
	char	byte;
	bool	ok = true;

	for (size_t i = 0; ok && i < text.len; i++) {
		byte = (char)text.data[i];
		if (byte == '\n')
			c->line++;
		if (byte == '\0')
			return (check_fail(c, "a NUL byte"));

		ok = byte_check(c, byte);
	}

	return (ok);
}

/* ---------------------------------------------------------------- values */

static bool
value_place(struct check *c, struct web_template_node *node,
    enum web_template_place place)
{
	if (node->place != WEB_TEMPLATE_UNSEEN && node->place != place)
		return (check_fail(c, "one value stands in unlike places"));
	if (node->kind == WEB_TEMPLATE_RAW && place != WEB_TEMPLATE_CONTENT)
		return (check_fail(c, "{{{ belongs between elements"));
	if (node->kind == WEB_TEMPLATE_MESSAGE &&
	    (place == WEB_TEMPLATE_URL || node->raw))
		return (check_fail(c, "a message is text"));

	node->place = place;
	return (true);
}

static bool
value(struct check *c, struct web_template_node *node)
{
	if (c->at.state == CONTENT) {
		if (inside(c, "script"))
			return (check_fail(c, "data for scripts travels in "
			    "data- attributes"));
		return (value_place(c, node, WEB_TEMPLATE_CONTENT));
	}

	if (c->at.state != QUOTED)
		return (check_fail(c, "a value stands in text or in quotes"));
	if (strcmp(c->attribute.text, "content") == 0)
		return (check_fail(c, "content= is literal"));

	c->values++;
	if (attribute_url(&c->attribute) && c->first[0] != '#')
		return (value_place(c, node, WEB_TEMPLATE_URL));

	return (value_place(c, node, WEB_TEMPLATE_ATTRIBUTE));
}

/* ------------------------------------------------------------------ walk */

/* A name that has been read to its end is as good as the space behind it. */
static enum state
state_settled(enum state state)
{
	if (state == TAG_NAME || state == ATTRIBUTE_NAME ||
	    state == BEFORE_NAME)
		return (BETWEEN);

	return (state);
}

/* Nodes that come or do not come: afterwards all must be as it was. */
static bool
walk_optional(struct check *c, struct web_template_node *nodes,
    const struct web_template_blocks *blocks)
{
	size_t				 floor = c->floor, line = c->line;
	const struct web_template	*template = c->template;
	enum state			 held = c->held;
	struct position			 before = c->at;

	if (before.state == QUOTED && attribute_url(&c->attribute))
		return (check_fail(c, "an address has no sections"));

	c->floor = before.depth;
	c->held = state_settled(before.state);
	if (!walk(c, nodes, blocks))
		return (false);

	c->template = template;
	c->line = line;
	if (c->at.depth != before.depth || c->at.svg != before.svg ||
	    state_settled(c->at.state) != state_settled(before.state))
		return (check_fail(c, "this leaves an element or attribute "
		    "half open"));

	c->floor = floor;
	c->held = held;
	c->at.state = state_settled(before.state);
	return (true);
}

static bool
walk_part(struct check *c, struct web_template_node *node,
    const struct web_template_blocks *blocks)
{
	if (c->template->html && c->at.state != CONTENT)
		return (check_fail(c, "a part stands between elements"));

	return (walk_optional(c, node->target->nodes, blocks));
}

static bool
walk_block(struct check *c, struct web_template_node *node,
    const struct web_template_blocks *blocks)
{
	const struct web_template_blocks	*within = blocks;
	struct web_template_node		*given;

	given = web_template_override(blocks, node->text, &within);
	return (walk_optional(c, given != NULL ? given->children :
	    node->children, within));
}

static bool
walk_node(struct check *c, struct web_template_node *node,
    const struct web_template_blocks *blocks)
{
	struct web_template_blocks	within = { node->children, blocks };

	switch (node->kind) {
	case WEB_TEMPLATE_TEXT:
		return (!c->template->html || literal(c, node->source));
	case WEB_TEMPLATE_VALUE:
	case WEB_TEMPLATE_RAW:
	case WEB_TEMPLATE_MESSAGE:
		return (!c->template->html || value(c, node));
	case WEB_TEMPLATE_SECTION:
	case WEB_TEMPLATE_INVERTED:
		return (walk_optional(c, node->children, blocks));
	case WEB_TEMPLATE_PART:
		return (walk_part(c, node, NULL));
	case WEB_TEMPLATE_PARENT:
		return (walk_part(c, node, &within));
	case WEB_TEMPLATE_BLOCK:
		return (walk_block(c, node, blocks));
	}

	return (check_fail(c, "a node of no kind"));
}

static bool
walk(struct check *c, struct web_template_node *nodes,
    const struct web_template_blocks *blocks)
{
	if (++c->level > WEB_TEMPLATE_DEPTH_MAX)
		return (check_fail(c, "templates go in circles"));

	for (; nodes != NULL; nodes = nodes->next) {
		c->template = nodes->owner;
		c->line = nodes->line;
		if (++c->nodes > NODES_MAX)
			return (check_fail(c, "the page is too large"));
		if (c->entity)
			return (check_fail(c, "& is written &amp;"));
		if (!walk_node(c, nodes, blocks))
			return (false);
	}

	c->level--;
	return (true);
}

bool
web_template_check(const struct web_template *template,
    char error[WEB_TEMPLATE_ERROR_MAX + 1])
{
	struct check	c = { .template = template, .line = 1,
			    .error = error };

	if (!walk(&c, template->nodes, NULL))
		return (false);

	c.template = template;
	if (c.at.depth != 0 || c.at.state != CONTENT)
		return (check_fail(&c, "an element is never closed"));

	return (true);
}
