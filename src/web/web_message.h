/*
 * What people read: messages by key and language (assets/i18n/TAG.json).
 *
 * Text is a subset of ICU's: {name}, {n, plural, =0 {…} one {…} other {# …}},
 * {x, select, a {…} other {…}}, and the tag <b>.  An apostrophe is always an
 * apostrophe; there is no way to write a brace.  All languages are compiled
 * at start: a key or a placeholder that differs from English, or a missing
 * "other", fails the start.
 */
#ifndef PERMISO_WEB_MESSAGE_H
#define PERMISO_WEB_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base_arena.h"
#include "base/base_bytes.h"

#define WEB_MESSAGE_ERROR_MAX	255

struct web_language {
	const char	*tag;		/* BCP 47: "de" */
	const char	*name;		/* in itself: "Deutsch" */
	bool		 rtl;
};

/* Values are UTF-8; numbers for plurals are decimal text. */
struct web_message_argument {
	const char	*name;		/* NULL ends a list */
	const char	*value;
};

struct web_message_source {
	const char	*tag;
	const char	*text;		/* JSON */
	size_t		 len;
};

/*
 * Compile; the first source is the one that others are held against, and the
 * default.  Once in a process; false, with file and key in "error", when
 * anything is wrong.
 */
bool	web_message_load(const struct web_message_source *sources,
	    size_t count, char error[WEB_MESSAGE_ERROR_MAX + 1]);
void	web_message_unload(void);

/* All languages offered, the default first. */
const struct web_language	*web_message_languages(size_t *count);

/*
 * The language for a person: the first wish that we have, in the order
 * ui_locales (OpenID Connect Core 3.1.2.1), cookie, Accept-Language (RFC 9110
 * 12.5.4), default.  Any of them may be empty; junk is passed over.
 */
const struct web_language	*web_message_choose(
				    struct base_slice ui_locales,
				    struct base_slice cookie,
				    struct base_slice accept);

/* Index of a key, the same in every language; -1: no such message. */
int	web_message_find(const char *key, size_t len);
/* Whether a message takes arguments (or has tags). */
bool	web_message_plain(int index);
/* Texts by index: those without arguments, NULL for the others. */
const char *const	*web_message_texts(const struct web_language *language);

/*
 * The text with its arguments, as plain text.  A key that does not exist, or
 * an argument that is missing, is a mistake of ours: it is logged, and the
 * key itself comes back, so that the page still works.
 */
char	*web_message_format(struct base_arena *arena,
	    const struct web_language *language, const char *key,
	    const struct web_message_argument *arguments);

/* The same as markup: <b> is kept, arguments are escaped and in <bdi>. */
char	*web_message_markup(struct base_arena *arena,
	    const struct web_language *language, const char *key,
	    const struct web_message_argument *arguments);

#endif /* !PERMISO_WEB_MESSAGE_H */
