/*
 * Fields and scopes: see oidc.h.
 */

#include "oidc/oidc.h"

#include <string.h>

static const char *const scope_names[OIDC_SCOPE_COUNT] = {
	"openid", "profile", "email", "offline_access"
};

const struct oidc_field *
oidc_field_find(const struct oidc_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++) {
		if (strcmp(fields->fields[i].name, name) == 0)
			return (&fields->fields[i]);
	}

	return (NULL);
}

const char *
oidc_scope_name(size_t bit)
{
	return (bit < OIDC_SCOPE_COUNT ? scope_names[bit] : NULL);
}

/* scope-token characters, RFC 6749 section 3.3 */
static bool
scope_char(unsigned char c)
{
	return (c == 0x21 || (c >= 0x23 && c <= 0x5b) ||
	    (c >= 0x5d && c <= 0x7e));
}

static unsigned
scope_bit(const char *word, size_t len)
{
	for (size_t bit = 0; bit < OIDC_SCOPE_COUNT; bit++) {
		if (strlen(scope_names[bit]) == len &&
		    strncmp(scope_names[bit], word, len) == 0)
			return (1U << bit);
	}

	return (0);
}

bool
oidc_scope_parse(const char *text, size_t len, unsigned *out)
{
	unsigned	scopes = 0;
	size_t		start = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && text[i] != ' ') {
			if (!scope_char((unsigned char)text[i]))
				return (false);
			continue;
		}
		scopes |= scope_bit(text + start, i - start);
		start = i + 1;
	}

	*out = scopes;
	return (true);
}

void
oidc_scope_format(unsigned scopes, char out[OIDC_SCOPE_MAX + 1])
{
	size_t	len = 0;

	for (size_t bit = 0; bit < OIDC_SCOPE_COUNT; bit++) {
		if ((scopes & 1U << bit) == 0)
			continue;
		if (len > 0)
			out[len++] = ' ';
		memcpy(out + len, scope_names[bit], strlen(scope_names[bit]));
		len += strlen(scope_names[bit]);
	}

	out[len] = '\0';
}
