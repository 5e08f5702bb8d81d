/*
 * The roles of the database.
 *
 * A password is HKDF(root key, role), so there is none to keep or to lose;
 * the server gets its SCRAM verifier only (RFC 5802, RFC 7677), made with one
 * iteration: the 4,096 that are usual make guessing dear, which 256 random
 * bits do not need, and cost each new connection some 5 ms.
 */

#include "store/store_roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "base/base_hex.h"
#include "base/base_random.h"
#include "store/store_postgres.h"

#define PASSWORD_LEN	32
#define PASSWORD_TEXT	(2 * PASSWORD_LEN)
#define TRIES		50	/* 20 ms apart */
#define SALT_LEN	16
#define BASE64_LEN(n)	(((n) + 2) / 3 * 4)
#define VERIFIER_MAX	256

static bool	 enters(const struct base_config *, const char *);
static bool	 let_in(struct store_sync *, char *);
static bool	 make(struct store_sync *, const char *, char *);
static void	 password_of(const struct base_config *, const char *,
		    char[PASSWORD_TEXT + 1]);
static bool	 set_password(struct store_sync *, const struct base_config *,
		    const char *, char *);
static void	 verifier_of(const char *, char[VERIFIER_MAX]);

/* Who a process is; the owner is whoever the settings name. */
static const char *const names[STORE_ROLE_COUNT] = {
	[STORE_ROLE_WEB]	= "permiso_web",
	[STORE_ROLE_SIGNER]	= "permiso_signer",
	[STORE_ROLE_JOBS]	= "permiso_jobs",
	[STORE_ROLE_RETENTION]	= "permiso_retention",
};

/* All that are made; nothing of this program connects as the last. */
static const char *const made[] = {
	"permiso_web", "permiso_signer", "permiso_jobs", "permiso_retention",
	"permiso_readonly"
};

#define MADE	(sizeof(made) / sizeof(made[0]))

bool
store_roles_conninfo(const struct base_config *config, enum store_role role,
    char out[BASE_CONFIG_TEXT_MAX + 1], char error[BASE_CONFIG_ERROR_MAX + 1])
{
	char	password[PASSWORD_TEXT + 1];
	bool	fits;

	if (names[role] == NULL) {
		snprintf(out, BASE_CONFIG_TEXT_MAX + 1, "%s",
		    config->database);
		return (true);
	}
	if (!config->has_root_key) {
		snprintf(error, BASE_CONFIG_ERROR_MAX + 1,
		    "the passwords of the database roles are derived from "
		    "ENCRYPTION_KEY, which is not set");
		return (false);
	}

	password_of(config, names[role], password);
	fits = store_postgres_as(config->database, names[role], password, out,
	    BASE_CONFIG_TEXT_MAX + 1);
	base_bytes_wipe(password, sizeof(password));
	if (!fits)
		snprintf(error, BASE_CONFIG_ERROR_MAX + 1,
		    "DB_CONNECTION_STRING cannot be parsed, or is too long");

	return (fits);
}

bool
store_roles_make(struct store_sync *sync, const struct base_config *config,
    char error[BASE_CONFIG_ERROR_MAX + 1])
{
	for (size_t i = 0; i < MADE; i++) {
		if (!make(sync, made[i], error))
			return (false);
	}
	if (!let_in(sync, error))
		return (false);

	for (size_t i = 0; i < MADE; i++) {
		if (!enters(config, made[i]) &&
		    !set_password(sync, config, made[i], error))
			return (false);
	}

	return (true);
}

/*
 * Roles belong to the whole cluster, advisory locks to one database: two
 * installations that are migrated at once meet in a role's row, and one of
 * them is undone with an error that a second try resolves.
 */
static bool
script(struct store_sync *sync, const char *sql,
    char why[STORE_SYNC_ERROR_MAX + 1])
{
	const struct timespec	pause = { .tv_nsec = 20 * 1000 * 1000 };

	for (int try = 0; try < TRIES; try++) {
		if (store_sync_script(sync, sql, STORE_POSTGRES_NO_LIMIT,
		    why) == STORE_OK)
			return (true);
		if (strstr(why, "concurrently") == NULL &&
		    strstr(why, "already exists") == NULL &&
		    strstr(why, "duplicate key") == NULL)
			return (false);
		(void)nanosleep(&pause, NULL);
	}

	return (false);
}

/* A role that is not there yet; without a right to log in until it has a
 * password. */
static bool
make(struct store_sync *sync, const char *name, char *error)
{
	char	sql[512], why[STORE_SYNC_ERROR_MAX + 1];

	snprintf(sql, sizeof(sql), "DO $$ BEGIN"
	    " IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%s') THEN"
	    " CREATE ROLE %s NOLOGIN; END IF; END $$", name, name);
	if (script(sync, sql, why))
		return (true);

	snprintf(error, BASE_CONFIG_ERROR_MAX + 1,
	    "cannot make the database role %s (%.200s): give the owner "
	    "CREATEROLE, or make the role as a superuser and run this again",
	    name, why);
	return (false);
}

/*
 * Only our roles enter this database, and nobody makes temporary tables in
 * it.  The owner acts for retention, who owns grants and audit.
 */
static bool
let_in(struct store_sync *sync, char *error)
{
	static const char	sql[] =
	    "DO $$ BEGIN"
	    " IF NOT pg_has_role('permiso_retention', 'MEMBER') THEN"
	    "  GRANT permiso_retention TO CURRENT_USER; END IF;"
	    " EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC',"
	    "  current_database());"
	    " EXECUTE format('GRANT CONNECT ON DATABASE %I TO permiso_web,"
	    "  permiso_signer, permiso_jobs, permiso_retention,"
	    "  permiso_readonly', current_database());"
	    " REVOKE ALL ON SCHEMA public FROM PUBLIC;"
	    " END $$";
	char	why[STORE_SYNC_ERROR_MAX + 1];

	if (script(sync, sql, why))
		return (true);

	snprintf(error, BASE_CONFIG_ERROR_MAX + 1,
	    "cannot give the database roles their rights (%.200s): the role "
	    "of DB_CONNECTION_STRING must own the database", why);
	return (false);
}

/* Whether "name" can connect with the password we would give it. */
static bool
enters(const struct base_config *config, const char *name)
{
	struct store_sync	*sync;
	char			 conninfo[BASE_CONFIG_TEXT_MAX + 1];
	char			 password[PASSWORD_TEXT + 1];
	char			 why[STORE_SYNC_ERROR_MAX + 1];

	password_of(config, name, password);
	sync = NULL;
	if (store_postgres_as(config->database, name, password, conninfo,
	    sizeof(conninfo)))
		sync = store_sync_open(conninfo, STORE_ROLE_WEB, why);
	base_bytes_wipe(password, sizeof(password));
	base_bytes_wipe(conninfo, sizeof(conninfo));
	if (sync == NULL)
		return (false);

	store_sync_close(sync);
	return (true);
}

/*
 * Give a role its password.  One that is somebody else's is not taken from
 * them: its comment says whose it is.
 */
static bool
set_password(struct store_sync *sync, const struct base_config *config,
    const char *name, char *error)
{
	char	 password[PASSWORD_TEXT + 1], verifier[VERIFIER_MAX];
	char	 sql[1536];
	char	 why[STORE_SYNC_ERROR_MAX + 1];
	bool	 done;

	password_of(config, name, password);
	verifier_of(password, verifier);
	base_bytes_wipe(password, sizeof(password));

	snprintf(sql, sizeof(sql), "DO $$ DECLARE"
	    " said text := shobj_description((SELECT oid FROM pg_roles"
	    "  WHERE rolname = '%s'), 'pg_authid');"
	    " mine text := 'permiso: ' || current_database(); BEGIN"
	    " IF said <> mine AND EXISTS (SELECT FROM pg_database"
	    "  WHERE 'permiso: ' || datname = said) THEN"
	    "  RAISE 'it belongs to database \"%%\", whose ENCRYPTION_KEY is "
	    "another', substr(said, 10); END IF;"
	    " ALTER ROLE %s LOGIN PASSWORD '%s';"
	    " EXECUTE format('COMMENT ON ROLE %s IS %%L', mine);"
	    " END $$", name, name, verifier, name);
	done = script(sync, sql, why);
	base_bytes_wipe(sql, sizeof(sql));

	/* Another migration with the same key may have been first. */
	if (!done && enters(config, name))
		return (true);
	if (!done)
		snprintf(error, BASE_CONFIG_ERROR_MAX + 1,
		    "cannot set the password of database role %s: %.200s",
		    name, why);
	else if (!(done = enters(config, name)))
		snprintf(error, BASE_CONFIG_ERROR_MAX + 1,
		    "database role %s has its password and still cannot "
		    "connect: see pg_hba.conf", name);

	return (done);
}

static void
password_of(const struct base_config *config, const char *name,
    char out[PASSWORD_TEXT + 1])
{
	uint8_t	key[PASSWORD_LEN];
	char	info[64];

	snprintf(info, sizeof(info), "permiso database role %s", name);
	base_hash_hkdf(config->root_key, sizeof(config->root_key), info, key,
	    sizeof(key));
	base_hex_encode(key, sizeof(key), out);
	base_bytes_wipe(key, sizeof(key));
}

/* "SCRAM-SHA-256$1:SALT$STOREDKEY:SERVERKEY", as PostgreSQL keeps it. */
static void
verifier_of(const char *password, char out[VERIFIER_MAX])
{
	static const char	client[] = "Client Key", server[] = "Server Key";
	uint8_t			salt[SALT_LEN + 4] = { [SALT_LEN + 3] = 1 };
	uint8_t			salted[BASE_SHA256_LEN], key[BASE_SHA256_LEN];
	unsigned char		text[3][BASE64_LEN(BASE_SHA256_LEN) + 1];

	/* One iteration of PBKDF2 is one HMAC over salt and block number. */
	base_random_bytes(salt, SALT_LEN);
	base_hash_hmac(password, strlen(password), salt, sizeof(salt), salted);
	base_hash_hmac(salted, sizeof(salted), client, strlen(client), key);
	base_hash_sha256(key, sizeof(key), key);

	(void)EVP_EncodeBlock(text[0], salt, SALT_LEN);
	(void)EVP_EncodeBlock(text[1], key, sizeof(key));
	base_hash_hmac(salted, sizeof(salted), server, strlen(server), key);
	(void)EVP_EncodeBlock(text[2], key, sizeof(key));
	snprintf(out, VERIFIER_MAX, "SCRAM-SHA-256$1:%s$%s:%s",
	    (const char *)text[0], (const char *)text[1],
	    (const char *)text[2]);
	base_bytes_wipe(salted, sizeof(salted));
	base_bytes_wipe(key, sizeof(key));
}
