/*
 * A message's text to pieces: a subset of ICU's MessageFormat.
 */

#include "web/web_message_parse.h"

#include <string.h>

#include "base/base_bytes.h"

#define NAME_CHARACTERS	"abcdefghijklmnopqrstuvwxyz0123456789_"

struct parser {
	struct base_arena	*arena;
	const char		*at;
	size_t			 depth;
	bool			 bold;
	bool			 in_plural;	/* # is the number */
	const char		*what;	/* what is wrong */
};

static bool	pieces_parse(struct parser *, struct web_message_piece **);

static bool
parse_fail(struct parser *p, const char *what)
{
	p->what = what;
	return (false);
}

static void
spaces_skip(struct parser *p)
{
	p->at += strspn(p->at, " \t\n");
}

/* Take "text" when it comes next. */
static bool
taken(struct parser *p, const char *text)
{
	if (strncmp(p->at, text, strlen(text)) != 0)
		return (false);

	p->at += strlen(text);
	return (true);
}

static struct base_slice
word_take(struct parser *p, const char *characters)
{
	struct base_slice	word;

	spaces_skip(p);
	word.data = (const uint8_t *)p->at;
	word.len = strspn(p->at, characters);
	p->at += word.len;
	spaces_skip(p);
	return (word);
}

static bool
branch_name_valid(struct base_slice name, bool plural)
{
	static const char *const	forms[] = { "zero", "one", "two",
	    "few", "many", "other", NULL };

	if (name.len == 0)
		return (false);
	if (!plural)
		return (name.data[0] != '=');
	if (name.data[0] == '=')
		return (name.len > 1 && name.len < 10 && strspn(
		    (const char *)name.data + 1, "0123456789") >= name.len - 1);

	for (size_t i = 0; forms[i] != NULL; i++) {
		if (base_bytes_is(name, forms[i]))
			return (true);
	}

	return (false);
}

/* name {...} name {...} up to the brace that closes the choice. */
static bool
branches_parse(struct parser *p, struct web_message_piece *piece)
{
	bool				  plural, outer, other = false;
	struct web_message_branch	**tail = &piece->branches, *branch;

	plural = piece->kind == WEB_MESSAGE_PLURAL;
	outer = p->in_plural;
	p->in_plural = outer || plural;
	while (spaces_skip(p), !taken(p, "}")) {
		branch = base_arena_new(p->arena, sizeof(*branch));
		branch->name = word_take(p, "=" NAME_CHARACTERS);
		if (!branch_name_valid(branch->name, plural))
			return (parse_fail(p, "an unknown form"));
		if (!taken(p, "{"))
			return (parse_fail(p, "a form without its text"));
		if (!pieces_parse(p, &branch->pieces))
			return (false);
		if (!taken(p, "}"))
			return (parse_fail(p, "a brace is not closed"));

		other = other || base_bytes_is(branch->name, "other");
		*tail = branch;
		tail = &branch->next;
	}

	p->in_plural = outer;
	return (other ? true : parse_fail(p, "\"other\" is missing"));
}

/* Behind the opening brace of {name}, {n, plural, ...}, {x, select, ...}. */
static bool
argument_parse(struct parser *p, struct web_message_piece *piece)
{
	struct base_slice	form;

	piece->kind = WEB_MESSAGE_ARGUMENT;
	piece->text = word_take(p, NAME_CHARACTERS);
	if (piece->text.len == 0)
		return (parse_fail(p, "an argument without a name"));
	if (taken(p, "}"))
		return (true);
	if (!taken(p, ","))
		return (parse_fail(p, "a brace is not closed"));

	form = word_take(p, NAME_CHARACTERS);
	if (base_bytes_is(form, "plural"))
		piece->kind = WEB_MESSAGE_PLURAL;
	else if (base_bytes_is(form, "select"))
		piece->kind = WEB_MESSAGE_SELECT;
	else
		return (parse_fail(p, "neither plural nor select"));
	if (!taken(p, ","))
		return (parse_fail(p, "a comma is missing"));

	return (branches_parse(p, piece));
}

static bool
bold_parse(struct parser *p, struct web_message_piece *piece)
{
	piece->kind = p->bold ? WEB_MESSAGE_PLAIN : WEB_MESSAGE_BOLD;
	if (!taken(p, p->bold ? "</b>" : "<b>"))
		return (parse_fail(p, "a tag that is not <b>...</b>"));

	p->bold = !p->bold;
	return (true);
}

static bool
piece_parse(struct parser *p, struct web_message_piece *piece)
{
	if (taken(p, "{"))
		return (argument_parse(p, piece));
	if (*p->at == '<')
		return (bold_parse(p, piece));
	if (p->in_plural && taken(p, "#")) {
		piece->kind = WEB_MESSAGE_NUMBER;
		return (true);
	}

	piece->kind = WEB_MESSAGE_LITERAL;
	piece->text.data = (const uint8_t *)p->at;
	piece->text.len = strcspn(p->at,
	    p->in_plural ? "{}<#" : "{}<");
	p->at += piece->text.len;
	return (true);
}

/* Up to the end or a closing brace, which is the caller's. */
static bool
pieces_parse(struct parser *p, struct web_message_piece **out)
{
	bool				  bold = p->bold;
	struct web_message_piece	**tail = out;

	if (++p->depth > WEB_MESSAGE_DEPTH_MAX)
		return (parse_fail(p, "choices are nested too deep"));

	while (*p->at != '\0' && *p->at != '}') {
		*tail = base_arena_new(p->arena, sizeof(**tail));
		if (!piece_parse(p, *tail))
			return (false);
		tail = &(*tail)->next;
	}
	if (p->bold != bold)
		return (parse_fail(p, "<b> is not closed"));

	p->depth--;
	return (true);
}

bool
web_message_parse(struct base_arena *arena, const char *text,
    struct web_message_piece **out, const char **what)
{
	struct parser	p = { .arena = arena, .at = text };

	if (pieces_parse(&p, out) && *p.at == '}')
		(void)parse_fail(&p, "a brace that closes nothing");

	*what = p.what;
	return (p.what == NULL);
}
