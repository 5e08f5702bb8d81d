/*
 * People: what an account holds, and what may be written into it.
 *
 * Rules only.  That a username or an address is taken is decided by the
 * unique indexes over lower(); both are ASCII here, so no folding of other
 * alphabets can make one person's address another's (R7.14; as CVE-2019-19844
 * did elsewhere).
 */
#ifndef PERMISO_ACCOUNT_USER_H
#define PERMISO_ACCOUNT_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "account/account_text.h"
#include "base/base_uuid.h"

#define ACCOUNT_USERNAME_MAX	64	/* bytes */
#define ACCOUNT_EMAIL_MAX	254	/* bytes; RFC 5321 4.5.3.1.3 */
#define ACCOUNT_EMAIL_LOCAL_MAX	64
#define ACCOUNT_LABEL_MAX	63	/* of a domain */
#define ACCOUNT_NAME_CHARS	64	/* of given, family and display name */
#define ACCOUNT_NAME_MAX	256	/* the same in bytes */
#define ACCOUNT_LOCALE_MAX	35
#define ACCOUNT_SUB_MAX		64
#define ACCOUNT_USER_HANDLE_LEN	32

/* No pointers: copy it, never free it. */
struct account_user {
	struct base_uuid	id;
	char			sub[ACCOUNT_SUB_MAX + 1];
	uint8_t			user_handle[ACCOUNT_USER_HANDLE_LEN];
	char			username[ACCOUNT_USERNAME_MAX + 1];
	char			email[ACCOUNT_EMAIL_MAX + 1];	/* "": none */
	bool			email_verified;
	char			given_name[ACCOUNT_NAME_MAX + 1];	/* "": none */
	char			family_name[ACCOUNT_NAME_MAX + 1];	/* "": none */
	char			display_name[ACCOUNT_NAME_MAX + 1];
	char			locale[ACCOUNT_LOCALE_MAX + 1];	/* "": none */
	bool			administrator;
	bool			disabled;
	int64_t			passkeys;	/* how many there are */
	int64_t			created_at;	/* seconds since 1970 */
	int64_t			updated_at;
};

/* A new person: key, sub and user handle are random, never used before. */
void	account_user_init(struct account_user *user);

/*
 * Parse one detail into "out" of its MAX + 1 bytes, trimmed; a username's and
 * a domain's A-Z become a-z.  *out is untouched unless ACCOUNT_TEXT_OK.
 *
 * Username: a-z, 0-9, ".", "-", "_", "@"; a letter or digit at both ends.
 * Email: one "@"; before it RFC 5322 dot-atom; behind it labels of letters,
 * digits and inner hyphens (an international domain in its xn-- form).  No
 * quotes, comments, routes or address literals.
 */
enum account_text_status	account_user_username_parse(const char *text,
		    size_t len, char out[ACCOUNT_USERNAME_MAX + 1]);
enum account_text_status	account_user_email_parse(const char *text,
		    size_t len, char out[ACCOUNT_EMAIL_MAX + 1]);
enum account_text_status	account_user_name_parse(const char *text,
		    size_t len, char out[ACCOUNT_NAME_MAX + 1]);

/*
 * The display name of one who chose none: given and family name with a space
 * between, else the username.
 */
void	account_user_display(struct account_user *user);

/* "ada@example.com" as "a•••@example.com"; "" stays "". */
#define ACCOUNT_EMAIL_MASKED_MAX	(ACCOUNT_EMAIL_MAX + 12)
void	account_user_email_mask(const char *email,
	    char out[ACCOUNT_EMAIL_MASKED_MAX + 1]);

#endif /* !PERMISO_ACCOUNT_USER_H */
