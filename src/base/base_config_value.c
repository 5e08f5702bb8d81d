#include "base/base_config_value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_base64url.h"
#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "base/base_hex.h"
#include "base/base_utf8.h"

#define PASSPHRASE_MIN	16
#define ROOT_SALT	"permiso root key v1"

#define FIELD(f)	.offset = offsetof(struct base_config, f), \
			.size = sizeof(((struct base_config *)NULL)->f)

const struct base_config_row	base_config_value_rows[BASE_CONFIG_COUNT] = {
	{ "APP_ENV", "production", BASE_CONFIG_ENV, FIELD(development) },
	{ "APP_NAME", "Permiso", BASE_CONFIG_TEXT, FIELD(app_name),
	    .least = 1, .most = 127 },
	{ "APP_URL", NULL, BASE_CONFIG_URL, FIELD(app_url) },
	{ "AUDIT_LOG_RETENTION_DAYS", "90", BASE_CONFIG_NUMBER,
	    FIELD(audit_days), .least = 1, .most = 3650, .scale = 1 },
	{ "CONTACT_URL", "", BASE_CONFIG_LINK, FIELD(contact_url) },
	{ "DB_CONNECTION_STRING", "", BASE_CONFIG_TEXT, .secret = true,
	    FIELD(database), .least = 0, .most = BASE_CONFIG_TEXT_MAX },
	{ "ENCRYPTION_KEY", NULL, BASE_CONFIG_ROOT_KEY, .secret = true,
	    FIELD(root_key) },
	{ "HELP_URL", "", BASE_CONFIG_LINK, FIELD(help_url) },
	{ "HOST", "127.0.0.1", BASE_CONFIG_ADDRESS, FIELD(host) },
	{ "JOBS_USER", "permiso-jobs", BASE_CONFIG_TEXT, FIELD(jobs_user),
	    .least = 1, .most = 32 },
	{ "KEY_ROTATION_DAYS", "90", BASE_CONFIG_NUMBER,
	    FIELD(key_rotation_days), .least = 7, .most = 3650, .scale = 1 },
	{ "LOG_JSON", "false", BASE_CONFIG_BOOL, FIELD(log_json) },
	{ "LOG_LEVEL", "info", BASE_CONFIG_LEVEL, FIELD(log_level) },
	{ "PORT", "1812", BASE_CONFIG_SHORT, FIELD(port), .least = 1,
	    .most = 65535 },
	{ "PRIVACY_URL", "", BASE_CONFIG_LINK, FIELD(privacy_url) },
	{ "RATE_LIMIT_PERCENT", "100", BASE_CONFIG_SHORT,
	    FIELD(rate_limit_percent), .least = 0, .most = 10000 },
	{ "RP_ID", "", BASE_CONFIG_TEXT, FIELD(rp_id), .least = 0,
	    .most = 253 },
	{ "RSA_BITS", "2048", BASE_CONFIG_SHORT, FIELD(rsa_bits),
	    .least = 2048, .most = 3072, .choices = "2048 3072" },
	{ "RUN_DIR", "/run/permiso", BASE_CONFIG_PATH, FIELD(run_dir),
	    .least = 1 },
	{ "SESSION_HOURS", "12", BASE_CONFIG_NUMBER, FIELD(session_seconds),
	    .least = 1, .most = 720, .scale = 3600 },
	{ "SIGNER_USER", "permiso-signer", BASE_CONFIG_TEXT,
	    FIELD(signer_user), .least = 1, .most = 32 },
	{ "SIGNING_ALG", "RS256", BASE_CONFIG_CHOICE, FIELD(signing_alg),
	    .choices = "RS256 PS256 ES256 EdDSA" },
	{ "SMTP_CA", "", BASE_CONFIG_PATH, FIELD(smtp_ca) },
	{ "SMTP_FROM", "", BASE_CONFIG_MAILBOX, FIELD(smtp_from) },
	{ "SMTP_HOST", "", BASE_CONFIG_SERVER, FIELD(smtp_host) },
	{ "SMTP_PASSWORD", "", BASE_CONFIG_TEXT, .secret = true,
	    FIELD(smtp_password), .least = 0, .most = 255 },
	{ "SMTP_PORT", "587", BASE_CONFIG_SHORT, FIELD(smtp_port),
	    .least = 1, .most = 65535 },
	{ "SMTP_REPLY_TO", "", BASE_CONFIG_MAILBOX, FIELD(smtp_reply_to) },
	{ "SMTP_SKIP_CERT_VERIFY", "false", BASE_CONFIG_BOOL,
	    FIELD(smtp_skip_verify) },
	{ "SMTP_TLS", "starttls", BASE_CONFIG_CHOICE, FIELD(smtp_tls),
	    .choices = "starttls tls none" },
	{ "SMTP_USER", "", BASE_CONFIG_TEXT, FIELD(smtp_user), .least = 0,
	    .most = 255 },
	{ "TLS_CERT", "", BASE_CONFIG_PATH, FIELD(tls_cert) },
	{ "TLS_KEY", "", BASE_CONFIG_PATH, FIELD(tls_key) },
	{ "TRUST_PROXY", "", BASE_CONFIG_PROXIES, FIELD(trust_proxy) },
	{ "UNIX_SOCKET", "", BASE_CONFIG_PATH, FIELD(unix_socket) },
	{ "WEB_USER", "permiso-web", BASE_CONFIG_TEXT, FIELD(web_user),
	    .least = 1, .most = 32 },
	{ "WORKERS", "2", BASE_CONFIG_SHORT, FIELD(workers), .least = 1,
	    .most = 64 },
};

static bool	because(char *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

/* Always false, so that a check can end with it. */
static bool
because(char *why, const char *format, ...)
{
	va_list	args;

	va_start(args, format);
	(void)vsnprintf(why, BASE_CONFIG_WHY_MAX + 1, format, args);
	va_end(args);

	return (false);
}

static bool
set_text(const struct base_config_row *row, const char *value, void *field,
    char *why)
{
	size_t	len = strlen(value);

	if (!base_utf8_valid(value, len))
		return (because(why, "must be UTF-8 text"));
	if (len < (size_t)row->least || len > (size_t)row->most ||
	    !base_bytes_text_copy(field, row->size, value, len))
		return (because(why, "must have %d to %d bytes",
		    (int)row->least, (int)row->most));

	return (true);
}

static bool
set_path(const struct base_config_row *row, const char *value, void *field,
    char *why)
{
	if (*value == '\0' && row->least == 0)
		return (true);
	if (*value != '/')
		return (because(why, "must be a path that begins with \"/\""));
	if (!base_bytes_text_copy(field, row->size, value, strlen(value)))
		return (because(why, "must have at most %d bytes",
		    (int)row->size - 1));

	return (true);
}

/* Decimal digits only: no sign, no blank, no other base. */
static bool
parse_number(const char *value, int64_t *out)
{
	size_t	len = strlen(value);

	if (len == 0 || len > 15 || strspn(value, "0123456789") != len)
		return (false);
	*out = strtoll(value, NULL, 10);

	return (true);
}

/* One of the words of "choices", which stand between blanks. */
static bool
chosen(const char *choices, const char *value)
{
	size_t	word, len = strlen(value);

	for (; *choices != '\0'; choices += word) {
		choices += strspn(choices, " ");
		word = strcspn(choices, " ");
		if (word == len && strncmp(choices, value, len) == 0)
			return (true);
	}

	return (false);
}

static bool
set_number(const struct base_config_row *row, const char *value, void *field,
    char *why)
{
	int64_t		number;
	uint16_t	shorter;

	if (!parse_number(value, &number) || number < row->least ||
	    number > row->most)
		return (because(why, "must be a number from %d to %d",
		    (int)row->least, (int)row->most));
	if (row->choices != NULL && !chosen(row->choices, value))
		return (because(why, "must be one of: %s", row->choices));

	if (row->kind == BASE_CONFIG_SHORT) {
		shorter = (uint16_t)number;
		memcpy(field, &shorter, sizeof(shorter));
	} else {
		number *= row->scale;
		memcpy(field, &number, sizeof(number));
	}

	return (true);
}

static bool
set_bool(const char *value, const char *yes, const char *no, bool *field,
    char *why)
{
	if (strcmp(value, yes) != 0 && strcmp(value, no) != 0)
		return (because(why, "must be \"%s\" or \"%s\"", yes, no));
	*field = strcmp(value, yes) == 0;

	return (true);
}

static bool
set_choice(const struct base_config_row *row, const char *value, void *field,
    char *why)
{
	if (!chosen(row->choices, value) ||
	    !base_bytes_text_copy(field, row->size, value, strlen(value)))
		return (because(why, "must be one of: %s", row->choices));

	return (true);
}

static bool
set_level(const char *value, enum base_log_level *field, char *why)
{
	if (!base_log_level_parse(value, field))
		return (because(why, "must be one of: debug info warning "
		    "error"));

	return (true);
}

static bool
address_valid(const char *text)
{
	uint8_t	address[16];

	return (inet_pton(AF_INET, text, address) == 1 ||
	    inet_pton(AF_INET6, text, address) == 1);
}

static bool
set_address(const struct base_config_row *row, const char *value, void *field,
    char *why)
{
	if (!address_valid(value) ||
	    !base_bytes_text_copy(field, row->size, value, strlen(value)))
		return (because(why, "must be an IPv4 or IPv6 address"));

	return (true);
}

/* An address, or an address and the length of its prefix. */
static bool
network_valid(const char *text, size_t len)
{
	char	address[64], *slash;
	int64_t	bits;

	if (!base_bytes_text_copy(address, sizeof(address), text, len))
		return (false);
	if ((slash = strchr(address, '/')) == NULL)
		return (address_valid(address));

	*slash = '\0';
	if (!address_valid(address) || !parse_number(slash + 1, &bits))
		return (false);

	return (bits <= (strchr(address, ':') == NULL ? 32 : 128));
}

static bool
set_proxies(const struct base_config_row *row, const char *value, void *field,
    char *why)
{
	const char	*p;
	size_t		 len;

	if (strcmp(value, "false") == 0)
		value = "";
	if (strcmp(value, "true") == 0)
		value = "all";

	for (p = value; strcmp(value, "all") != 0 && *p != '\0'; p += len) {
		p += strspn(p, ", ");
		if ((len = strcspn(p, ", ")) == 0)
			break;
		if (!network_valid(p, len))
			return (because(why, "must be true, false, or "
			    "addresses and networks; \"%.*s\" is none",
			    len > 64 ? 64 : (int)len, p));
	}
	if (!base_bytes_text_copy(field, row->size, value, strlen(value)))
		return (because(why, "must have at most %d bytes",
		    (int)row->size - 1));

	return (true);
}

/* The port behind the host: what a browser would write, or nothing. */
static bool
port_valid(const char *text, bool https, char *why)
{
	int64_t	port;

	if (*text == '\0')
		return (true);
	if (*text != ':')
		return (because(why, "must be scheme, host and port only, "
		    "without a path and without \"/\" at its end"));
	if (text[1] == '0' || !parse_number(text + 1, &port) || port > 65535)
		return (because(why, "has a port that is no number from 1 to "
		    "65535"));
	if (port == (https ? 443 : 80))
		return (because(why, "must not name the standard port: leave "
		    "out \"%s\"", text));

	return (true);
}

static bool
host_valid(const char *host, size_t len)
{
	size_t	i, label = 0;

	if (len == 0 || len > 253)
		return (false);
	for (i = 0; i <= len; i++) {
		if (i == len || host[i] == '.') {
			if (label == 0 || label > 63 || host[i - 1] == '-')
				return (false);
			label = 0;
			continue;
		}
		if (!islower((unsigned char)host[i]) &&
		    !isdigit((unsigned char)host[i]) &&
		    (host[i] != '-' || label == 0))
			return (false);
		label++;
	}

	return (true);
}

static bool
set_server(const struct base_config_row *row, const char *value, void *field,
    char *why)
{
	size_t	len = strlen(value);

	if ((len > 0 && !host_valid(value, len) && !address_valid(value)) ||
	    !base_bytes_text_copy(field, row->size, value, len))
		return (because(why, "must be a host name in lower-case "
		    "letters, or an address, without a port"));

	return (true);
}

/* What needs no quoting in a header or in the dialogue with a mail server. */
static bool
set_mailbox(const struct base_config_row *row, const char *value, void *field,
    char *why)
{
	const char	*at = strchr(value, '@');
	size_t		 len = strlen(value);
	bool		 good;

	good = at != NULL && at != value && at - value <= 64 &&
	    strspn(value, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+-/=?^_`{|}~") ==
	    (size_t)(at - value) && host_valid(at + 1, strlen(at + 1));
	if ((len > 0 && !good) ||
	    !base_bytes_text_copy(field, row->size, value, len))
		return (because(why, "must be one mail address, without a "
		    "name and without angle brackets"));

	return (true);
}

/*
 * What a browser calls the origin, byte for byte: issuer, RP ID and the
 * origin that passkeys are checked against all come of it.
 */
static bool
set_url(const struct base_config_row *row, const char *value,
    struct base_config *config, char *why)
{
	const char	*host;
	size_t		 len;

	config->https = strncmp(value, "https://", 8) == 0;
	if (!config->https && strncmp(value, "http://", 7) != 0)
		return (because(why, "must begin with \"https://\""));
	host = value + (config->https ? 8 : 7);
	len = strcspn(host, ":/?#");
	if (!host_valid(host, len))
		return (because(why, "must name a host in lower-case letters, "
		    "digits, dots and hyphens"));
	if (!port_valid(host + len, config->https, why))
		return (false);
	if (!base_bytes_text_copy(config->app_url, row->size, value,
	    strlen(value)))
		return (because(why, "is too long"));

	return (true);
}

/* A page of someone else, for the foot of ours. */
static bool
set_link(const struct base_config_row *row, const char *value, void *field,
    char *why)
{
	if (value[0] != '\0' && strncmp(value, "https://", 8) != 0 &&
	    strncmp(value, "http://", 7) != 0)
		return (because(why, "must begin with \"https://\""));
	for (const char *c = value; *c != '\0'; c++) {
		if (*c <= ' ' || *c >= 0x7f || strchr("\"'<>\\`", *c) != NULL)
			return (because(why, "must be an address without "
			    "spaces, quotes and characters beyond ASCII"));
	}
	if (!base_bytes_text_copy(field, row->size, value, strlen(value)))
		return (because(why, "is too long"));

	return (true);
}

/* Standard or URL alphabet, with or without padding; -1 when it is neither. */
static bool
decode_base64(const char *value, uint8_t *out, size_t size, size_t *len)
{
	char	text[BASE_CONFIG_TEXT_MAX + 1];
	size_t	i, n = strlen(value);
	bool	good;

	if (n > BASE_CONFIG_TEXT_MAX)
		return (false);
	if (n % 4 == 0 && n >= 4 && value[n - 1] == '=')
		n -= value[n - 2] == '=' ? 2 : 1;
	for (i = 0; i < n; i++) {
		text[i] = value[i];
		if (text[i] == '+')
			text[i] = '-';
		else if (text[i] == '/')
			text[i] = '_';
	}
	good = base_base64url_decode(text, n, out, size, len);
	base_bytes_wipe(text, sizeof(text));

	return (good);
}

static bool
decode_hex(const char *value, uint8_t *out, size_t size, size_t *len)
{
	char	text[BASE_CONFIG_TEXT_MAX + 1];
	size_t	i, n = strlen(value);
	bool	good;

	if (n > BASE_CONFIG_TEXT_MAX)
		return (false);
	for (i = 0; i < n; i++)
		text[i] = (char)tolower((unsigned char)value[i]);
	good = base_hex_decode(text, n, out, size, len);
	base_bytes_wipe(text, sizeof(text));

	return (good);
}

/* Which of the two it was never changes for one text. */
bool
base_config_value_root_key(const char *value, uint8_t out[BASE_KEY_LEN],
    char why[BASE_CONFIG_WHY_MAX + 1])
{
	uint8_t	bytes[BASE_CONFIG_TEXT_MAX + 1];
	size_t	len = 0;
	bool	decoded;

	if (strlen(value) < PASSPHRASE_MIN)
		return (because(why, "must have at least %d bytes; make one "
		    "with: openssl rand -base64 32", PASSPHRASE_MIN));

	decoded = (decode_hex(value, bytes, sizeof(bytes), &len) &&
	    len >= BASE_KEY_LEN) ||
	    (decode_base64(value, bytes, sizeof(bytes), &len) &&
	    len >= BASE_KEY_LEN);
	if (decoded)
		base_hash_hkdf(bytes, len, ROOT_SALT, out, BASE_KEY_LEN);
	else
		base_hash_scrypt(value, strlen(value), ROOT_SALT, out);
	base_bytes_wipe(bytes, sizeof(bytes));

	return (true);
}

bool
base_config_value_set(const struct base_config_row *row, const char *value,
    struct base_config *config, char why[BASE_CONFIG_WHY_MAX + 1])
{
	void	*field = (char *)config + row->offset;

	switch (row->kind) {
	case BASE_CONFIG_TEXT:
		return (set_text(row, value, field, why));
	case BASE_CONFIG_PATH:
		return (set_path(row, value, field, why));
	case BASE_CONFIG_NUMBER:
	case BASE_CONFIG_SHORT:
		return (set_number(row, value, field, why));
	case BASE_CONFIG_BOOL:
		return (set_bool(value, "true", "false", field, why));
	case BASE_CONFIG_CHOICE:
		return (set_choice(row, value, field, why));
	case BASE_CONFIG_ENV:
		return (set_bool(value, "development", "production", field,
		    why));
	case BASE_CONFIG_LEVEL:
		return (set_level(value, field, why));
	case BASE_CONFIG_URL:
		return (set_url(row, value, config, why));
	case BASE_CONFIG_LINK:
		return (set_link(row, value, field, why));
	case BASE_CONFIG_ADDRESS:
		return (set_address(row, value, field, why));
	case BASE_CONFIG_PROXIES:
		return (set_proxies(row, value, field, why));
	case BASE_CONFIG_SERVER:
		return (set_server(row, value, field, why));
	case BASE_CONFIG_MAILBOX:
		return (set_mailbox(row, value, field, why));
	case BASE_CONFIG_ROOT_KEY:
		config->has_root_key = base_config_value_root_key(value,
		    config->root_key, why);
		return (config->has_root_key);
	}

	return (because(why, "cannot be read"));
}

/* "rp_id" is "host", or a parent domain of it with a dot inside. */
static bool
rp_id_valid(const char *rp_id, const char *host)
{
	size_t	rp_len = strlen(rp_id), len = strlen(host);

	if (strcmp(rp_id, host) == 0)
		return (true);

	return (len > rp_len + 1 && host[len - rp_len - 1] == '.' &&
	    strcmp(host + len - rp_len, rp_id) == 0 &&
	    strchr(rp_id, '.') != NULL && host_valid(rp_id, rp_len));
}

/* A password crosses the network encrypted, or not at all. */
static bool
mail_together(const struct base_config *config, char *why)
{
	const char	*host = config->smtp_host;
	bool		 user = config->smtp_user[0] != '\0';

	if (user != (config->smtp_password[0] != '\0'))
		return (because(why, "SMTP_USER and SMTP_PASSWORD belong "
		    "together: only one of them is set"));
	if (host[0] == '\0') {
		if (user || config->smtp_from[0] != '\0')
			return (because(why, "SMTP_HOST is not set, and "
			    "%s says nothing without it",
			    user ? "SMTP_USER" : "SMTP_FROM"));
		return (true);
	}
	if (config->smtp_from[0] == '\0')
		return (because(why, "SMTP_FROM must be set when SMTP_HOST "
		    "is: the address that mails come from"));
	if (user && strcmp(config->smtp_tls, "none") == 0 &&
	    strcmp(host, "localhost") != 0 &&
	    strcmp(host, "127.0.0.1") != 0 && strcmp(host, "::1") != 0)
		return (because(why, "SMTP_TLS is \"none\", which would send "
		    "SMTP_PASSWORD to %s in clear", host));

	return (true);
}

bool
base_config_value_together(struct base_config *config,
    char why[BASE_CONFIG_WHY_MAX + 1])
{
	const char	*at = config->app_url + (config->https ? 8 : 7);
	char		 host[256];

	if (!base_bytes_text_copy(host, sizeof(host), at, strcspn(at, ":")))
		return (because(why, "APP_URL is too long"));
	if (!config->https && !config->development &&
	    strcmp(host, "localhost") != 0 && strcmp(host, "127.0.0.1") != 0)
		return (because(why, "APP_URL must begin with \"https://\" "
		    "(plain http is for localhost, or APP_ENV development)"));

	if (config->rp_id[0] == '\0')
		memcpy(config->rp_id, host, strlen(host) + 1);
	if (!rp_id_valid(config->rp_id, host))
		return (because(why, "RP_ID must be the host of APP_URL (%s) "
		    "or a domain above it", host));
	if (!mail_together(config, why))
		return (false);
	if ((config->tls_cert[0] == '\0') != (config->tls_key[0] == '\0'))
		return (because(why, "TLS_CERT and TLS_KEY belong together: "
		    "only one of them is set"));

	return (true);
}
