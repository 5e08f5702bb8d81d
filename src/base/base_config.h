/*
 * The settings of an installation: one table of names, read from
 * permiso.conf ("NAME value" lines) and from the environment, which wins.
 * Every secret has a _FILE form naming a file.  An unknown name, a repeated
 * name, or a value out of range is an error that names the line.
 *
 * The supervisor reads them once; the other processes get what concerns them
 * through their pipe (base_config_write, base_config_read) and have an empty
 * environment.
 */
#ifndef PERMISO_BASE_CONFIG_H
#define PERMISO_BASE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base_keyring.h"
#include "base/base_log.h"

#define BASE_CONFIG_TEXT_MAX	1023
#define BASE_CONFIG_ERROR_MAX	511

struct base_config {
	/* APP_URL: issuer; scheme, host, optional port, no slash at the end */
	char		app_url[BASE_CONFIG_TEXT_MAX + 1];
	/* RP_ID: host of APP_URL unless set */
	char		rp_id[BASE_CONFIG_TEXT_MAX + 1];
	char		app_name[128];		/* APP_NAME: "Permiso" */
	/* At the foot of every page; "": no such link */
	char		help_url[512];		/* HELP_URL: "" */
	char		privacy_url[512];	/* PRIVACY_URL: "" */
	char		contact_url[512];	/* CONTACT_URL: "" */
	bool		development;		/* APP_ENV=development */
	bool		https;			/* APP_URL is https */

	/* Listening */
	char		host[64];		/* HOST: 127.0.0.1 */
	uint16_t	port;			/* PORT: 1812 */
	char		unix_socket[100];	/* UNIX_SOCKET: "" */
	char		tls_cert[BASE_CONFIG_TEXT_MAX + 1];	/* TLS_CERT */
	char		tls_key[BASE_CONFIG_TEXT_MAX + 1];	/* TLS_KEY */
	/* TRUST_PROXY: "", or addresses and networks, or "all" */
	char		trust_proxy[BASE_CONFIG_TEXT_MAX + 1];
	uint16_t	workers;		/* WORKERS: 2 */
	uint16_t	rate_limit_percent;	/* RATE_LIMIT_PERCENT: 100 */

	/* Database: host and database; the owner's credential for migrate */
	char		database[BASE_CONFIG_TEXT_MAX + 1];

	/* Run-time */
	char		run_dir[90];		/* RUN_DIR: sockets */
	/* Whom each role runs as when started as root: a name or a number
	 * (WEB_USER: permiso-web, and so on; supervisor_role.h) */
	char		web_user[33];
	char		signer_user[33];
	char		jobs_user[33];
	/* Set by the supervisor: roles have users of their own, so sockets in
	 * run_dir are made 0660 (their group comes from run_dir), else 0600 */
	bool		separate_users;
	enum base_log_level log_level;		/* LOG_LEVEL: info */
	bool		log_json;		/* LOG_JSON: false */
	int64_t		session_seconds;	/* SESSION_HOURS: 12 */
	int64_t		audit_days;		/* AUDIT_LOG_RETENTION_DAYS */
	int64_t		key_rotation_days;	/* KEY_ROTATION_DAYS: 90 */
	uint16_t	rsa_bits;		/* RSA_BITS: 2048 */
	char		signing_alg[8];		/* SIGNING_ALG: RS256 */

	/* Mail; "" SMTP_HOST: none is sent */
	char		smtp_host[256];		/* SMTP_HOST: "" */
	uint16_t	smtp_port;		/* SMTP_PORT: 587 */
	char		smtp_tls[9];		/* SMTP_TLS: starttls */
	bool		smtp_skip_verify;	/* SMTP_SKIP_CERT_VERIFY */
	char		smtp_ca[BASE_CONFIG_TEXT_MAX + 1];	/* SMTP_CA */
	char		smtp_user[256];		/* SMTP_USER: "" */
	char		smtp_password[256];	/* SMTP_PASSWORD; jobs only */
	char		smtp_from[255];		/* SMTP_FROM */
	char		smtp_reply_to[255];	/* SMTP_REPLY_TO: "" */

	/* Supervisor and command line only; never written to a pipe */
	uint8_t		root_key[BASE_KEY_LEN];	/* of ENCRYPTION_KEY */
	bool		has_root_key;

	/* What a role is handed through its pipe instead */
	char		role_database[BASE_CONFIG_TEXT_MAX + 1];
	/* jobs only: its second connection, which prunes grants and audit */
	char		retention_database[BASE_CONFIG_TEXT_MAX + 1];
	uint8_t		wrapping[BASE_PURPOSE_COUNT][BASE_KEY_LEN];
	bool		has_wrapping[BASE_PURPOSE_COUNT];
	/* Proves a role to the signer: its own key, made of the signer's */
	uint8_t		signer_auth[BASE_KEY_LEN];
};

/*
 * Read "path" (NULL: no file) and the environment.  False, with a sentence
 * for a person in "error", when anything is wrong.
 */
bool	base_config_load(struct base_config *config, const char *path,
	    char error[BASE_CONFIG_ERROR_MAX + 1]);

/*
 * The root key that the text in "path" stands for, as ENCRYPTION_KEY_FILE is
 * read.  False, with a sentence in "error".
 */
bool	base_config_root_key(const char *path, uint8_t out[BASE_KEY_LEN],
	    char error[BASE_CONFIG_ERROR_MAX + 1]);

/*
 * The settings as one block for a child's pipe, without root key and
 * environment.  False when the pipe breaks.
 */
bool	base_config_write(const struct base_config *config, int fd);
bool	base_config_read(struct base_config *config, int fd);

/* Wipe every secret. */
void	base_config_clear(struct base_config *config);

#endif /* !PERMISO_BASE_CONFIG_H */
