/*
 * The table of settings, and what a value of each kind must look like.
 * For base_config.c and its tests; everybody else reads struct base_config.
 */
#ifndef PERMISO_BASE_CONFIG_VALUE_H
#define PERMISO_BASE_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_config.h"

#define BASE_CONFIG_COUNT	37
#define BASE_CONFIG_WHY_MAX	255
#define BASE_CONFIG_PLACE_MAX	127
#define BASE_CONFIG_ENVIRONMENT	"environment"

enum base_config_kind {
	BASE_CONFIG_TEXT,		/* limits: least and most bytes */
	BASE_CONFIG_PATH,		/* absolute, or empty when allowed */
	BASE_CONFIG_NUMBER,		/* int64_t, times "scale" */
	BASE_CONFIG_SHORT,		/* uint16_t */
	BASE_CONFIG_BOOL,		/* true, false */
	BASE_CONFIG_CHOICE,		/* one of "choices", as text */
	BASE_CONFIG_ENV,		/* bool: development */
	BASE_CONFIG_LEVEL,
	BASE_CONFIG_URL,
	BASE_CONFIG_LINK,		/* http or https, or empty */
	BASE_CONFIG_ADDRESS,		/* IPv4 or IPv6 */
	BASE_CONFIG_PROXIES,
	BASE_CONFIG_SERVER,		/* name or address, or empty */
	BASE_CONFIG_MAILBOX,		/* user@host, or empty */
	BASE_CONFIG_ROOT_KEY
};

struct base_config_row {
	const char		*name;
	const char		*standard;	/* NULL: required */
	enum base_config_kind	 kind;
	bool			 secret;
	size_t			 offset;
	size_t			 size;		/* of the field */
	int64_t			 least;
	int64_t			 most;
	int64_t			 scale;
	const char		*choices;	/* "a b c" */
};

extern const struct base_config_row	base_config_value_rows[BASE_CONFIG_COUNT];

/*
 * Check "value" and put it into its field.  False with the rest of a sentence
 * that begins with the name ("must be ...") in "why".
 */
bool	base_config_value_set(const struct base_config_row *row,
	    const char *value, struct base_config *config,
	    char why[BASE_CONFIG_WHY_MAX + 1]);

/*
 * The root key that a text of ENCRYPTION_KEY stands for: 32 decoded bytes or
 * more through HKDF, anything else of 16 bytes or more through scrypt.
 */
bool	base_config_value_root_key(const char *value,
	    uint8_t out[BASE_KEY_LEN], char why[BASE_CONFIG_WHY_MAX + 1]);

/* The rules between settings, and what follows from them (RP ID, https). */
bool	base_config_value_together(struct base_config *config,
	    char why[BASE_CONFIG_WHY_MAX + 1]);

#endif /* !PERMISO_BASE_CONFIG_VALUE_H */
