/*
 * Messages by key and language.  Compiled once at start; afterwards a text
 * without arguments is a look-up in an array.
 */

#include "web/web_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/base_buffer.h"
#include "base/base_bytes.h"
#include "base/base_log.h"
#include "web/web_html.h"
#include "web/web_message_parse.h"

#define LANGUAGES_MAX	64
#define TEXT_MAX	16384	/* bytes of one formatted message */
#define NAME_KEY	"language.name"
#define DIRECTION_KEY	"language.direction"	/* "ltr" or "rtl" */

/* How a language counts whole numbers (CLDR's cardinal rules). */
enum plural {
	PLURAL_ONE_OTHER,	/* 1; the rest */
	PLURAL_ZERO_ONE,	/* 0 and 1; the rest */
	PLURAL_OTHER		/* no forms */
};

static const struct {
	const char	*tag;
	enum plural	 plural;
} plurals[] = {
	{ "da", PLURAL_ONE_OTHER }, { "de", PLURAL_ONE_OTHER },
	{ "en", PLURAL_ONE_OTHER }, { "es", PLURAL_ONE_OTHER },
	{ "fi", PLURAL_ONE_OTHER }, { "fr", PLURAL_ZERO_ONE },
	{ "it", PLURAL_ONE_OTHER }, { "ja", PLURAL_OTHER },
	{ "ko", PLURAL_OTHER }, { "nb", PLURAL_ONE_OTHER },
	{ "nl", PLURAL_ONE_OTHER }, { "pt", PLURAL_ZERO_ONE },
	{ "sv", PLURAL_ONE_OTHER }, { "vi", PLURAL_OTHER },
	{ "zh", PLURAL_OTHER },
};

struct catalogue {
	struct web_language		  language;
	enum plural			  plural;
	struct web_message_piece	**pieces;	/* by index */
	const char			**texts;	/* by index */
};

static struct {
	struct base_arena	 arena;
	const char		**keys;		/* sorted */
	size_t			 count;
	struct catalogue	 catalogues[LANGUAGES_MAX];
	struct web_language	 languages[LANGUAGES_MAX];
	size_t			 languages_count;
} all;

/* --------------------------------------------------------------- loading */

static bool
load_fail(char error[WEB_MESSAGE_ERROR_MAX + 1], const char *tag,
    const char *key, const char *what)
{
	(void)snprintf(error, WEB_MESSAGE_ERROR_MAX + 1, "%s.json: %s: %s",
	    tag, key, what);
	return (false);
}

static int
key_compare(const void *a, const void *b)
{
	return (strcmp(*(const char *const *)a, *(const char *const *)b));
}

/* The first language's keys are everyone's keys. */
static void
keys_take(json_t *texts)
{
	const char	*key;
	json_t		*value;

	all.keys = base_arena_new(&all.arena,
	    (json_object_size(texts) + 1) * sizeof(*all.keys));
	json_object_foreach(texts, key, value)
		all.keys[all.count++] = base_arena_text(&all.arena, key,
		    strlen(key));

	qsort(all.keys, all.count, sizeof(*all.keys), key_compare);
}

/* Whether every argument that "a" names is named by "b" as well. */
static bool	arguments_within(const struct web_message_piece *a,
		    const struct web_message_piece *b);

static bool
argument_named(const struct web_message_piece *pieces, struct base_slice name)
{
	const struct web_message_branch	*branch;

	for (; pieces != NULL; pieces = pieces->next) {
		if (pieces->kind != WEB_MESSAGE_LITERAL &&
		    name.len > 0 && base_bytes_same(pieces->text, name))
			return (true);
		for (branch = pieces->branches; branch != NULL;
		    branch = branch->next) {
			if (argument_named(branch->pieces, name))
				return (true);
		}
	}

	return (false);
}

static bool
arguments_within(const struct web_message_piece *a,
    const struct web_message_piece *b)
{
	const struct web_message_branch	*branch;

	for (; a != NULL; a = a->next) {
		if (a->kind != WEB_MESSAGE_LITERAL && a->text.len > 0 &&
		    !argument_named(b, a->text))
			return (false);
		for (branch = a->branches; branch != NULL;
		    branch = branch->next) {
			if (!arguments_within(branch->pieces, b))
				return (false);
		}
	}

	return (true);
}

static const char *
text_plain(const struct web_message_piece *pieces, const char *text)
{
	if (pieces == NULL)
		return ("");

	return (pieces->kind == WEB_MESSAGE_LITERAL && pieces->next == NULL ?
	    text : NULL);
}

static bool
message_load(struct catalogue *c, size_t i, const char *text,
    char error[WEB_MESSAGE_ERROR_MAX + 1])
{
	const char			*what;
	const struct web_message_piece	*first;

	text = base_arena_text(&all.arena, text, strlen(text));
	if (!web_message_parse(&all.arena, text, &c->pieces[i], &what))
		return (load_fail(error, c->language.tag, all.keys[i], what));

	first = all.catalogues[0].pieces[i];
	if (!arguments_within(c->pieces[i], first) ||
	    !arguments_within(first, c->pieces[i]))
		return (load_fail(error, c->language.tag, all.keys[i],
		    "the arguments differ"));

	c->texts[i] = text_plain(c->pieces[i], text);
	return (true);
}

static bool
catalogue_load(struct catalogue *c, json_t *texts,
    char error[WEB_MESSAGE_ERROR_MAX + 1])
{
	const char	*key, *text;
	json_t		*value;

	json_object_foreach(texts, key, value) {
		if (web_message_find(key, strlen(key)) < 0)
			return (load_fail(error, c->language.tag, key,
			    "no such key"));
	}

	c->pieces = base_arena_new(&all.arena,
	    (all.count + 1) * sizeof(struct web_message_piece *));
	c->texts = base_arena_new(&all.arena,
	    (all.count + 1) * sizeof(char *));
	for (size_t i = 0; i < all.count; i++) {
		text = json_string_value(json_object_get(texts, all.keys[i]));
		if (text == NULL)
			return (load_fail(error, c->language.tag, all.keys[i],
			    "is missing"));
		if (!message_load(c, i, text, error))
			return (false);
	}

	return (true);
}

static bool
plural_find(const char *tag, enum plural *out)
{
	for (size_t i = 0; i < sizeof(plurals) / sizeof(plurals[0]); i++) {
		if (strncmp(tag, plurals[i].tag, 2) == 0 &&
		    (tag[2] == '\0' || tag[2] == '-')) {
			*out = plurals[i].plural;
			return (true);
		}
	}

	return (false);
}

/* A text that every file has: about the language itself. */
static const char *
text_fixed(const struct catalogue *c, const char *key)
{
	int	index = web_message_find(key, strlen(key));

	return (index < 0 ? NULL : c->texts[index]);
}

static bool
language_describe(struct catalogue *c, char error[WEB_MESSAGE_ERROR_MAX + 1])
{
	const char	*direction = text_fixed(c, DIRECTION_KEY);

	c->language.name = text_fixed(c, NAME_KEY);
	if (c->language.name == NULL || direction == NULL)
		return (load_fail(error, c->language.tag, NAME_KEY,
		    "name or direction of the language is missing"));

	c->language.rtl = strcmp(direction, "rtl") == 0;
	return (true);
}

static bool
language_load(const struct web_message_source *source,
    char error[WEB_MESSAGE_ERROR_MAX + 1])
{
	bool			 ok = false;
	json_t			*texts;
	json_error_t		 at;
	struct catalogue	*c = &all.catalogues[all.languages_count];
	struct web_language	*language = &c->language;

	language->tag = base_arena_text(&all.arena, source->tag,
	    strlen(source->tag));
	if (!plural_find(language->tag, &c->plural))
		return (load_fail(error, language->tag, "plurals",
		    "no rule for this language"));

	texts = json_loadb(source->text, source->len, JSON_REJECT_DUPLICATES,
	    &at);
	if (!json_is_object(texts)) {
		json_decref(texts);
		return (load_fail(error, language->tag, "file", at.text));
	}

	if (all.languages_count == 0)
		keys_take(texts);
	if (catalogue_load(c, texts, error)) {
		ok = language_describe(c, error);
		all.languages[all.languages_count++] = *language;
	}

	json_decref(texts);
	return (ok);
}

bool
web_message_load(const struct web_message_source *sources, size_t count,
    char error[WEB_MESSAGE_ERROR_MAX + 1])
{
	web_message_unload();
	base_arena_init(&all.arena);
	if (count == 0 || count > LANGUAGES_MAX)
		return (load_fail(error, "all", "languages",
		    "none, or too many"));

	for (size_t i = 0; i < count; i++) {
		if (!language_load(&sources[i], error)) {
			web_message_unload();
			return (false);
		}
	}

	return (true);
}

void
web_message_unload(void)
{
	base_arena_clear(&all.arena);
	memset(&all, 0, sizeof(all));
}

/* --------------------------------------------------------------- look-up */

const struct web_language *
web_message_languages(size_t *count)
{
	*count = all.languages_count;
	return (all.languages);
}

int
web_message_find(const char *key, size_t len)
{
	int	low = 0, high = (int)all.count - 1, middle, order;

	while (low <= high) {
		middle = low + (high - low) / 2;
		order = strncmp(key, all.keys[middle], len);
		if (order == 0 && all.keys[middle][len] != '\0')
			order = -1;
		if (order == 0)
			return (middle);
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}

	return (-1);
}

bool
web_message_plain(int index)
{
	return (all.catalogues[0].texts[index] != NULL);
}

static const struct catalogue *
catalogue_of(const struct web_language *language)
{
	for (size_t i = 0; i < all.languages_count; i++) {
		if (&all.languages[i] == language)
			return (&all.catalogues[i]);
	}

	return (&all.catalogues[0]);
}

const char *const *
web_message_texts(const struct web_language *language)
{
	return (catalogue_of(language)->texts);
}

/* ------------------------------------------------------------ formatting */

struct format {
	const struct catalogue			*catalogue;
	const struct web_message_argument	*arguments;
	struct base_buffer			 out;
	const char				*number;	/* what # is */
	bool					 markup;
	bool					 failed;
};

static void	pieces_format(struct format *,
		    const struct web_message_piece *);

static const char *
argument_find(struct format *f, struct base_slice name)
{
	const struct web_message_argument	*a = f->arguments;

	for (; a != NULL && a->name != NULL; a++) {
		if (a->value != NULL && base_bytes_is(name, a->name))
			return (a->value);
	}

	f->failed = true;
	return ("");
}

static void
text_format(struct format *f, const void *text, size_t len)
{
	if (f->markup)
		web_html_escape(&f->out, text, len);
	else
		base_buffer_append(&f->out, text, len);
}

static void
value_format(struct format *f, const char *value)
{
	if (f->markup)
		base_buffer_text(&f->out, "<bdi>");
	text_format(f, value, strlen(value));
	if (f->markup)
		base_buffer_text(&f->out, "</bdi>");
}

static const char *
plural_form(enum plural plural, const char *number)
{
	bool	one = strcmp(number, "1") == 0;

	switch (plural) {
	case PLURAL_ONE_OTHER:
		return (one ? "one" : "other");
	case PLURAL_ZERO_ONE:
		return (one || strcmp(number, "0") == 0 ? "one" : "other");
	case PLURAL_OTHER:
		break;
	}

	return ("other");
}

static const struct web_message_branch *
branch_find(const struct web_message_piece *piece, const char *mark,
    const char *name)
{
	size_t				 skip = strlen(mark);
	const struct web_message_branch	*branch = piece->branches;
	struct base_slice		 rest;

	for (; branch != NULL; branch = branch->next) {
		if (!base_bytes_begin(branch->name, mark))
			continue;
		rest.data = branch->name.data + skip;
		rest.len = branch->name.len - skip;
		if (base_bytes_is(rest, name))
			return (branch);
	}

	return (NULL);
}

static void
choice_format(struct format *f, const struct web_message_piece *piece)
{
	const char			*value, *outer = f->number;
	const struct web_message_branch	*branch;

	value = argument_find(f, piece->text);
	if (piece->kind == WEB_MESSAGE_SELECT) {
		branch = branch_find(piece, "", value);
	} else {
		branch = branch_find(piece, "=", value);
		if (branch == NULL)
			branch = branch_find(piece, "",
			    plural_form(f->catalogue->plural, value));
		f->number = value;
	}
	if (branch == NULL)
		branch = branch_find(piece, "", "other");

	pieces_format(f, branch->pieces);
	f->number = outer;
}

static void
pieces_format(struct format *f, const struct web_message_piece *piece)
{
	for (; piece != NULL; piece = piece->next) {
		switch (piece->kind) {
		case WEB_MESSAGE_LITERAL:
			text_format(f, piece->text.data, piece->text.len);
			break;
		case WEB_MESSAGE_ARGUMENT:
			value_format(f, argument_find(f, piece->text));
			break;
		case WEB_MESSAGE_NUMBER:
			text_format(f, f->number, strlen(f->number));
			break;
		case WEB_MESSAGE_PLURAL:
		case WEB_MESSAGE_SELECT:
			choice_format(f, piece);
			break;
		case WEB_MESSAGE_BOLD:
			base_buffer_text(&f->out, f->markup ? "<b>" : "");
			break;
		case WEB_MESSAGE_PLAIN:
			base_buffer_text(&f->out, f->markup ? "</b>" : "");
			break;
		}
	}
}

static char *
message_format(struct base_arena *arena, struct format *f, const char *key)
{
	int	 index = web_message_find(key, strlen(key));
	char	*text, *copy;

	if (index < 0) {
		base_log(BASE_LOG_ERROR, "web", "message unknown",
		    base_log_text("key", key));
		return (base_arena_text(arena, key, strlen(key)));
	}

	base_buffer_init(&f->out, TEXT_MAX);
	pieces_format(f, f->catalogue->pieces[index]);
	text = base_buffer_finish(&f->out);
	if (f->failed || text == NULL) {
		base_log(BASE_LOG_ERROR, "web", "message not formatted",
		    base_log_text("key", key));
		text = NULL;
	}

	copy = text == NULL ? base_arena_text(arena, key, strlen(key)) :
	    base_arena_text(arena, text, strlen(text));
	base_buffer_clear(&f->out);
	return (copy);
}

char *
web_message_format(struct base_arena *arena,
    const struct web_language *language, const char *key,
    const struct web_message_argument *arguments)
{
	struct format	f = { .catalogue = catalogue_of(language),
			    .arguments = arguments, .number = "" };

	return (message_format(arena, &f, key));
}

char *
web_message_markup(struct base_arena *arena,
    const struct web_language *language, const char *key,
    const struct web_message_argument *arguments)
{
	struct format	f = { .catalogue = catalogue_of(language),
			    .arguments = arguments, .number = "",
			    .markup = true };

	return (message_format(arena, &f, key));
}
