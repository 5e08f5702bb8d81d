/*
 * People: what may be written into an account.
 */

#include "account/account_user.h"

#include <stdio.h>
#include <string.h>

#include "base/base_base64url.h"
#include "base/base_bytes.h"
#include "base/base_random.h"

#define SUB_LEN		16	/* random bytes in a subject */
#define BULLETS		"\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2"

static bool
letter_or_digit(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
}

static char
lower(char c)
{
	return (c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
}

static void
trim(const char **text, size_t *len)
{
	while (*len > 0 && (*text)[0] == ' ') {
		(*text)++;
		(*len)--;
	}
	while (*len > 0 && (*text)[*len - 1] == ' ')
		(*len)--;
}

void
account_user_init(struct account_user *user)
{
	uint8_t	sub[SUB_LEN];

	memset(user, 0, sizeof(*user));
	user->id = base_uuid_new();
	base_random_bytes(sub, sizeof(sub));
	base_base64url_encode(sub, sizeof(sub), user->sub);
	base_random_bytes(user->user_handle, sizeof(user->user_handle));
}

enum account_text_status
account_user_username_parse(const char *text, size_t len,
    char out[ACCOUNT_USERNAME_MAX + 1])
{
	char	name[ACCOUNT_USERNAME_MAX + 1];

	trim(&text, &len);
	if (len == 0)
		return (ACCOUNT_TEXT_EMPTY);
	if (len > ACCOUNT_USERNAME_MAX)
		return (ACCOUNT_TEXT_TOO_LONG);

	for (size_t i = 0; i < len; i++) {
		name[i] = lower(text[i]);
		if (!letter_or_digit(name[i]) &&
		    (name[i] == '\0' || strchr(".-_@", name[i]) == NULL))
			return (ACCOUNT_TEXT_CHARACTER);
	}
	if (!letter_or_digit(name[0]) || !letter_or_digit(name[len - 1]))
		return (ACCOUNT_TEXT_CHARACTER);

	name[len] = '\0';
	memcpy(out, name, len + 1);
	return (ACCOUNT_TEXT_OK);
}

/* RFC 5322 section 3.2.3: dot-atom-text. */
static bool
local_part_valid(const char *text, size_t len)
{
	if (len == 0 || text[0] == '.' || text[len - 1] == '.')
		return (false);

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && text[i - 1] == '.')
			return (false);
		if (!letter_or_digit(lower(text[i])) && (text[i] == '\0' ||
		    strchr("!#$%&'*+-/=?^_`{|}~.", text[i]) == NULL))
			return (false);
	}

	return (true);
}

/* RFC 1123 section 2.1: labels of letters, digits and inner hyphens. */
static bool
label_valid(const char *text, size_t len)
{
	if (len == 0 || len > ACCOUNT_LABEL_MAX || text[0] == '-' ||
	    text[len - 1] == '-')
		return (false);

	for (size_t i = 0; i < len; i++) {
		if (!letter_or_digit(lower(text[i])) && text[i] != '-')
			return (false);
	}

	return (true);
}

static bool
domain_valid(const char *text, size_t len)
{
	const char	*dot;
	size_t		 label;

	while ((dot = memchr(text, '.', len)) != NULL) {
		label = (size_t)(dot - text);
		if (!label_valid(text, label))
			return (false);
		text += label + 1;
		len -= label + 1;
	}

	return (label_valid(text, len));
}

enum account_text_status
account_user_email_parse(const char *text, size_t len,
    char out[ACCOUNT_EMAIL_MAX + 1])
{
	const char	*at;
	size_t		 local;

	trim(&text, &len);
	if (len == 0)
		return (ACCOUNT_TEXT_EMPTY);
	if (len > ACCOUNT_EMAIL_MAX)
		return (ACCOUNT_TEXT_TOO_LONG);
	if ((at = memchr(text, '@', len)) == NULL)
		return (ACCOUNT_TEXT_CHARACTER);

	local = (size_t)(at - text);
	if (local > ACCOUNT_EMAIL_LOCAL_MAX)
		return (ACCOUNT_TEXT_TOO_LONG);
	if (!local_part_valid(text, local) ||
	    !domain_valid(at + 1, len - local - 1))
		return (ACCOUNT_TEXT_CHARACTER);

	memcpy(out, text, local + 1);
	for (size_t i = local + 1; i < len; i++)
		out[i] = lower(text[i]);
	out[len] = '\0';
	return (ACCOUNT_TEXT_OK);
}

enum account_text_status
account_user_name_parse(const char *text, size_t len,
    char out[ACCOUNT_NAME_MAX + 1])
{
	return (account_text_parse(text, len, ACCOUNT_NAME_CHARS, out,
	    ACCOUNT_NAME_MAX + 1));
}

void
account_user_display(struct account_user *user)
{
	char	both[2 * ACCOUNT_NAME_MAX + 2];

	(void)snprintf(both, sizeof(both), "%s%s%s", user->given_name,
	    user->given_name[0] != '\0' && user->family_name[0] != '\0' ?
	    " " : "", user->family_name);
	if (account_text_parse(both, strlen(both), 2 * ACCOUNT_NAME_CHARS,
	    user->display_name, sizeof(user->display_name)) ==
	    ACCOUNT_TEXT_OK)
		return;

	/* No names, or both together are too long: the first, or username. */
	(void)snprintf(user->display_name, sizeof(user->display_name), "%s",
	    user->given_name[0] != '\0' ? user->given_name : user->username);
}

void
account_user_email_mask(const char *email,
    char out[ACCOUNT_EMAIL_MASKED_MAX + 1])
{
	const char	*at;

	if (email[0] == '\0' || (at = strchr(email, '@')) == NULL) {
		out[0] = '\0';
		return;
	}

	(void)snprintf(out, ACCOUNT_EMAIL_MASKED_MAX + 1, "%c%s%s", email[0],
	    BULLETS, at);
}
