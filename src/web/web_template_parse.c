/*
 * Mustache source to nodes.
 *
 * Tags that stand alone on a line take the line with them (all but values).
 * In HTML the white space around a line break is no more than the break: it
 * would only make pages longer.
 */

#include <string.h>

#include "base/base_bytes.h"
#include "web/web_template_tree.h"

#define PREFIX_MESSAGE	"m."
#define PREFIX_ASSET	"asset."

struct tag {
	char			 sign;		/* # ^ / ! > < $ & { or ' ' */
	struct base_slice	 name;
	const char		*begin;		/* of its braces */
	const char		*end;		/* behind its braces */
	size_t			 line;
};

struct parser {
	struct web_template_set	*set;
	struct web_template	*template;
	const char		*at;		/* what is read next */
	const char		*end;
	size_t			 line;
	size_t			 depth;
	char			*error;
};

static bool	nodes_parse(struct parser *, const struct tag *,
		    struct web_template_node **);

static bool
blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r');
}

static struct base_slice
between(const char *begin, const char *end)
{
	return ((struct base_slice){ (const uint8_t *)begin,
	    (size_t)(end - begin) });
}

/* A node whose text begins at "at" in the source. */
static struct web_template_node *
node_new(struct parser *p, const char *at, size_t line)
{
	struct web_template_node	*node;

	node = base_arena_new(&p->set->arena, sizeof(*node));
	node->line = line;
	node->owner = p->template;
	node->starts_line = at == (const char *)p->template->source.data ||
	    at[-1] == '\n';
	return (node);
}

/* ------------------------------------------------------------------ tags */

/* Letters, digits and . - _ / ; or the one dot alone. */
static bool
name_valid(struct base_slice name)
{
	const uint8_t	*c = name.data;

	if (name.len == 0 || name.len > WEB_TEMPLATE_NAME_MAX)
		return (false);
	if (name.len == 1 && c[0] == '.')
		return (true);
	if (c[0] == '.' || c[name.len - 1] == '.' ||
	    memmem(c, name.len, "..", 2) != NULL)
		return (false);

	for (size_t i = 0; i < name.len; i++) {
		if (!(c[i] >= 'a' && c[i] <= 'z') &&
		    !(c[i] >= 'A' && c[i] <= 'Z') &&
		    !(c[i] >= '0' && c[i] <= '9') &&
		    (c[i] == '\0' || strchr("._-/", c[i]) == NULL))
			return (false);
	}

	return (true);
}

static bool
tag_fail(struct parser *p, size_t line, const char *what)
{
	return (web_template_fail(p->error, p->template, line, "%s", what));
}

static void
lines_count(struct parser *p, const char *from, const char *to)
{
	for (; from < to; from++) {
		if (*from == '\n')
			p->line++;
	}
}

/* The tag that begins at "begin" ("{{"). */
static bool
tag_parse(struct parser *p, const char *begin, struct tag *out)
{
	const char	*close, *name = begin + 2, *end;
	const char	*braces = "}}";
	struct tag	 tag = { .sign = ' ', .begin = begin, .line = p->line };

	if (name < p->end && *name == '=')
		return (tag_fail(p, p->line, "delimiters do not change"));
	if (name < p->end && *name != '\0' &&
	    strchr("#^/!><$&{", *name) != NULL)
		tag.sign = *name++;
	if (tag.sign == '{')
		braces = "}}}";

	close = memmem(name, (size_t)(p->end - name), braces, strlen(braces));
	if (close == NULL)
		return (tag_fail(p, p->line, "a tag is not closed"));

	tag.end = close + strlen(braces);
	for (end = close; name < end && (blank(*name) || *name == '\n'); name++)
		;
	for (; end > name && (blank(end[-1]) || end[-1] == '\n'); end--)
		;

	tag.name = between(name, end);
	if (tag.sign != '!' && !name_valid(tag.name))
		return (tag_fail(p, p->line, "a tag has no proper name"));

	lines_count(p, begin, tag.end);
	*out = tag;
	return (true);
}

/*
 * Whether only blanks are beside the tag on its line; then the text before
 * ends at *before and the text after begins at *after.
 */
static bool
tag_alone(const struct parser *p, const struct tag *tag, const char **before,
    const char **after)
{
	const char	*start = (const char *)p->template->source.data;
	const char	*left = tag->begin, *right = tag->end;

	if (tag->sign == ' ' || tag->sign == '&' || tag->sign == '{')
		return (false);

	while (left > start && blank(left[-1]))
		left--;
	while (right < p->end && blank(*right))
		right++;
	if ((left > start && left[-1] != '\n') ||
	    (right < p->end && *right != '\n'))
		return (false);

	*before = left;
	*after = right < p->end ? right + 1 : right;
	return (true);
}

/* ------------------------------------------------------------------ text */

/*
 * White space with a line break in it becomes the break, and nothing between
 * two tags of HTML: who wants a space there writes it on one line.
 */
static struct base_slice
text_squeeze(struct parser *p, struct base_slice text)
{
	char	*out = base_arena_new(&p->set->arena, text.len + 1), *to = out;
	const char	*at = (const char *)text.data, *end = at + text.len;
	const char	*space;
	bool	 broke;

	while (at < end) {
		broke = false;
		for (space = at; at < end && (blank(*at) || *at == '\n'); at++)
			broke = broke || *at == '\n';
		if (broke && to > out && to[-1] == '>' && at < end &&
		    *at == '<')
			continue;
		if (broke)
			*to++ = '\n';
		else
			while (space < at)
				*to++ = *space++;
		if (at < end)
			*to++ = *at++;
	}

	return (between(out, to));
}

static struct web_template_node *
text_node(struct parser *p, struct base_slice text, size_t line)
{
	struct web_template_node	*node;

	node = node_new(p, (const char *)text.data, line);
	node->text = text;
	node->source = text;
	if (p->template->html)
		node->text = text_squeeze(p, text);

	return (node);
}

/*
 * Text up to "end".  In text templates each line is a node of its own, so
 * that a part can be indented.
 */
static struct web_template_node **
text_add(struct parser *p, const char *end, size_t line,
    struct web_template_node **tail)
{
	const char	*stop;

	while (p->at < end) {
		stop = p->template->html ? NULL :
		    memchr(p->at, '\n', (size_t)(end - p->at));
		stop = stop == NULL ? end : stop + 1;
		*tail = text_node(p, between(p->at, stop), line);
		tail = &(*tail)->next;
		p->at = stop;
		line++;
	}

	return (tail);
}

/* ----------------------------------------------------------------- nodes */

static bool
prefixed(struct base_slice name, const char *prefix)
{
	return (name.len > strlen(prefix) &&
	    base_bytes_begin(name, prefix));
}

static bool
value_parse(struct parser *p, const struct tag *tag,
    struct web_template_node *node)
{
	const struct web_template_names	*names = &p->set->names;
	const char			*key = (const char *)tag->name.data;
	const char			*path;

	node->kind = tag->sign == ' ' ? WEB_TEMPLATE_VALUE : WEB_TEMPLATE_RAW;
	node->text = tag->name;

	if (names->message != NULL && prefixed(tag->name, PREFIX_MESSAGE)) {
		node->raw = node->kind == WEB_TEMPLATE_RAW;
		node->kind = WEB_TEMPLATE_MESSAGE;
		node->message = names->message(key + strlen(PREFIX_MESSAGE),
		    tag->name.len - strlen(PREFIX_MESSAGE));
		if (node->message < 0)
			return (web_template_fail(p->error, p->template,
			    tag->line, "no message without arguments is "
			    "called \"%.*s\"", (int)tag->name.len, key));
	}

	if (names->asset != NULL && prefixed(tag->name, PREFIX_ASSET)) {
		node->kind = WEB_TEMPLATE_TEXT;
		path = names->asset(key + strlen(PREFIX_ASSET),
		    tag->name.len - strlen(PREFIX_ASSET));
		if (path == NULL)
			return (web_template_fail(p->error, p->template,
			    tag->line, "no packed file is called \"%.*s\"",
			    (int)tag->name.len, key));
		node->text = base_bytes_slice(path);
		node->source = node->text;
	}

	return (true);
}

/* Inside a parent only blocks count; in HTML anything else is a mistake. */
static bool
parent_keep_blocks(struct parser *p, struct web_template_node *parent)
{
	struct web_template_node	**link = &parent->children, *node;

	while ((node = *link) != NULL) {
		if (node->kind == WEB_TEMPLATE_BLOCK) {
			link = &node->next;
			continue;
		}
		if (node->kind != WEB_TEMPLATE_TEXT)
			return (tag_fail(p, node->line,
			    "only blocks belong inside a parent"));
		for (size_t i = 0; i < node->text.len; i++) {
			if (p->template->html && node->text.data[i] != '\n' &&
			    !blank((char)node->text.data[i]))
				return (tag_fail(p, node->line,
				    "text beside the blocks would be lost"));
		}
		*link = node->next;
	}

	return (true);
}

static bool
target_find(struct parser *p, const struct tag *tag,
    struct web_template_node *node)
{
	node->target = web_template_find(p->set, tag->name.data,
	    tag->name.len);
	if (node->target == NULL)
		return (web_template_fail(p->error, p->template, tag->line,
		    "there is no template \"%.*s\"", (int)tag->name.len,
		    (const char *)tag->name.data));
	if (node->target->html != p->template->html)
		return (tag_fail(p, tag->line,
		    "HTML and text templates do not mix"));

	return (true);
}

static bool
node_parse(struct parser *p, const struct tag *tag,
    struct web_template_node *node)
{
	node->text = tag->name;

	switch (tag->sign) {
	case '#':
		node->kind = WEB_TEMPLATE_SECTION;
		return (nodes_parse(p, tag, &node->children));
	case '^':
		node->kind = WEB_TEMPLATE_INVERTED;
		return (nodes_parse(p, tag, &node->children));
	case '$':
		node->kind = WEB_TEMPLATE_BLOCK;
		return (nodes_parse(p, tag, &node->children));
	case '<':
		node->kind = WEB_TEMPLATE_PARENT;
		return (target_find(p, tag, node) &&
		    nodes_parse(p, tag, &node->children) &&
		    parent_keep_blocks(p, node));
	case '>':
		node->kind = WEB_TEMPLATE_PART;
		return (target_find(p, tag, node));
	default:
		return (value_parse(p, tag, node));
	}
}

/* Nodes up to the end of the source, or to the tag that closes "open". */
static bool
nodes_parse(struct parser *p, const struct tag *open,
    struct web_template_node **out)
{
	const char			 *brace, *before, *after;
	size_t				  line;
	struct tag			  tag;
	struct web_template_node	**tail = out, *node;

	if (++p->depth > WEB_TEMPLATE_DEPTH_MAX)
		return (tag_fail(p, p->line, "sections are nested too deep"));

	for (;;) {
		line = p->line;
		brace = memmem(p->at, (size_t)(p->end - p->at), "{{", 2);
		if (brace == NULL)
			break;
		lines_count(p, p->at, brace);
		if (!tag_parse(p, brace, &tag))
			return (false);

		before = brace;
		after = tag.end;
		if (tag_alone(p, &tag, &before, &after))
			lines_count(p, tag.end, after);
		tail = text_add(p, before, line, tail);
		p->at = after;

		if (tag.sign == '!')
			continue;
		if (tag.sign == '/') {
			if (open == NULL || !base_bytes_same(open->name, tag.name))
				return (tag_fail(p, tag.line,
				    "this closes nothing that is open"));
			p->depth--;
			return (true);
		}

		node = node_new(p, brace, tag.line);
		if (!node_parse(p, &tag, node))
			return (false);
		if (tag.sign == '>')
			node->indent = between(before, brace);
		*tail = node;
		tail = &node->next;
	}

	(void)text_add(p, p->end, p->line, tail);
	if (open != NULL)
		return (tag_fail(p, open->line, "this is never closed"));

	p->depth--;
	return (true);
}

bool
web_template_parse(struct web_template_set *set, struct web_template *template,
    char error[WEB_TEMPLATE_ERROR_MAX + 1])
{
	struct parser	p = { .set = set, .template = template, .line = 1,
			    .error = error };

	p.at = (const char *)template->source.data;
	p.end = p.at + template->source.len;
	return (nodes_parse(&p, NULL, &template->nodes));
}
