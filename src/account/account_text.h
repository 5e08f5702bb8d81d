/*
 * Texts that people choose: names of persons and of passkeys.
 *
 * Well-formed UTF-8 without what could disguise it: control characters,
 * line and paragraph separators, bidirectional marks and overrides, invisible
 * fillers, tags, noncharacters.  Joiners are allowed inside (Persian, Indic
 * scripts and emoji need them), not at the ends.
 */
#ifndef PERMISO_ACCOUNT_TEXT_H
#define PERMISO_ACCOUNT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum account_text_status {
	ACCOUNT_TEXT_OK = 0,
	ACCOUNT_TEXT_EMPTY,
	ACCOUNT_TEXT_TOO_LONG,
	ACCOUNT_TEXT_CHARACTER	/* not UTF-8, or one that is not allowed */
};

/*
 * Trim spaces at both ends and copy into "out" of "size" bytes: from 1 to
 * "max" characters.  *out is untouched unless ACCOUNT_TEXT_OK.
 */
enum account_text_status	account_text_parse(const char *text,
				    size_t len, size_t max, char *out,
				    size_t size);

#endif /* !PERMISO_ACCOUNT_TEXT_H */
