/*
 * What a mail says: subject, text and HTML, in the person's language, out of
 * assets/email and the messages under "mail.".
 */
#ifndef PERMISO_JOBS_LETTER_H
#define PERMISO_JOBS_LETTER_H

#include <stdbool.h>

#include "base/base_arena.h"
#include "base/base_config.h"
#include "store/store_outbox.h"

/* In the arena they were written in. */
struct jobs_letter {
	const char	*subject;
	const char	*text;
	const char	*html;
};

/* Load templates and messages; once in a process.  False, logged, when one is
 * broken. */
bool	jobs_letter_load(void);
void	jobs_letter_unload(void);

/*
 * "code" is that of the login link, in a mail that has one; NULL: none.
 * False, logged, for a kind that is not known or a mail that does not render.
 */
bool	jobs_letter_write(struct base_arena *arena,
	    const struct base_config *config,
	    const struct store_outbox_item *item, const char *code,
	    struct jobs_letter *out);

#endif /* !PERMISO_JOBS_LETTER_H */
