/*
 * Looks through the memory of running processes for secrets.
 *
 *	memory_search PID...		settings in the environment
 *
 * What is looked for is computed here as the program itself does it: the root
 * key and ENCRYPTION_KEY it is made of, each wrapping key, and the private
 * part of every signing key in the database, each in both byte orders, for
 * OpenSSL keeps numbers little-endian.  One line for each find: PID, blank,
 * name; "PID hidden" when the kernel lets nobody look.
 */

#include <sys/uio.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/base_config.h"
#include "jose/jose_key.h"
#include "store/store_roles.h"
#include "store/store_signing_key.h"
#include "store/store_sync.h"

#define NEEDLES_MAX	64
#define NEEDLE_MAX	512
#define CHUNK		(1U << 20)

static struct needle {
	char		name[32];
	uint8_t		bytes[NEEDLE_MAX];
	size_t		len;
} needles[NEEDLES_MAX];
static size_t		count;
static struct base_config	config;

static void	die(const char *) __attribute__((noreturn));

static void
die(const char *what)
{
	fprintf(stderr, "memory_search: %s\n", what);
	exit(2);
}

static void
needle(const char *name, const void *bytes, size_t len)
{
	if (count == NEEDLES_MAX || len < 16 || len > NEEDLE_MAX)
		die("needle");
	snprintf(needles[count].name, sizeof(needles[count].name), "%s", name);
	memcpy(needles[count].bytes, bytes, len);
	needles[count++].len = len;
}

static void
number(const char *name, const EVP_PKEY *key, const char *parameter)
{
	BIGNUM	*bn = NULL;
	uint8_t	 big[NEEDLE_MAX], little[NEEDLE_MAX];
	int	 len;

	if (EVP_PKEY_get_bn_param(key, parameter, &bn) != 1)
		return;
	len = BN_bn2bin(bn, big);
	for (int i = 0; i < len; i++)
		little[i] = big[len - 1 - i];
	needle(name, big, (size_t)len);
	needle(name, little, (size_t)len);
	BN_clear_free(bn);
}

static void
private_key(const struct store_signing_key_sealed *sealed)
{
	struct jose_key	*key;
	uint8_t		 der[JOSE_KEY_DER_MAX], raw[64];
	const uint8_t	*at = der;
	size_t		 len, raw_len = sizeof(raw);
	EVP_PKEY	*pkey;
	const char	*name = jose_key_alg_name(sealed->alg);

	key = jose_key_unseal(config.wrapping[BASE_PURPOSE_SIGNING],
	    sealed->alg, sealed->kid, sealed->sealed, sealed->sealed_len);
	if (key == NULL || !jose_key_private_der(key, der, &len) ||
	    (pkey = d2i_AutoPrivateKey(NULL, &at, (long)len)) == NULL)
		die("cannot open a signing key");
	number(name, pkey, OSSL_PKEY_PARAM_RSA_D);
	number(name, pkey, OSSL_PKEY_PARAM_RSA_FACTOR1);
	number(name, pkey, OSSL_PKEY_PARAM_PRIV_KEY);
	if (EVP_PKEY_get_id(pkey) == EVP_PKEY_ED25519 &&
	    EVP_PKEY_get_raw_private_key(pkey, raw, &raw_len) == 1)
		needle(name, raw, raw_len);
	EVP_PKEY_free(pkey);
	jose_key_free(key);
}

static void
collect(void)
{
	const struct store_result	*result;
	struct store_signing_key_sealed	 sealed;
	struct store_sync		*sync;
	struct base_arena		 arena;
	char	conninfo[BASE_CONFIG_TEXT_MAX + 1];
	char	error[BASE_CONFIG_ERROR_MAX + 1];
	char	name[48];

	if (!base_config_load(&config, NULL, error) ||
	    !store_roles_conninfo(&config, STORE_ROLE_SIGNER, conninfo, error))
		die(error);
	needle("root", config.root_key, BASE_KEY_LEN);
	needle("ENCRYPTION_KEY", getenv("ENCRYPTION_KEY"),
	    strlen(getenv("ENCRYPTION_KEY")));
	if (config.smtp_password[0] != '\0')
		needle("smtp-password", config.smtp_password,
		    strlen(config.smtp_password));
	for (int i = 0; i < BASE_PURPOSE_COUNT; i++) {
		base_keyring_derive(config.root_key, (enum base_purpose)i,
		    config.wrapping[i]);
		snprintf(name, sizeof(name), "wrapping-%s",
		    base_keyring_purpose_name((enum base_purpose)i));
		needle(name, config.wrapping[i], BASE_KEY_LEN);
	}

	base_arena_init(&arena);
	sync = store_sync_open(conninfo, STORE_ROLE_SIGNER, error);
	if (sync == NULL)
		die(error);
	result = store_sync_run(sync, store_signing_key_sealed(&arena));
	for (int i = 0; i < store_result_rows(result); i++) {
		if (store_signing_key_sealed_row(result, i, &sealed) !=
		    STORE_OK)
			die("signing keys");
		private_key(&sealed);
	}
	if (store_result_rows(result) == 0)
		die("there are no signing keys");
	store_sync_close(sync);
}

/* Look through one mapping; false when the kernel refuses. */
static bool
mapping(int pid, uintptr_t from, uintptr_t to, bool found[NEEDLES_MAX])
{
	static uint8_t	chunk[CHUNK];
	struct iovec	here, there;
	ssize_t		n;

	/* Chunks overlap, so that nothing hides on a border. */
	for (; from < to; from += CHUNK - NEEDLE_MAX) {
		here = (struct iovec){ chunk, CHUNK };
		there = (struct iovec){ (void *)from,
		    to - from < CHUNK ? to - from : CHUNK };
		n = process_vm_readv(pid, &here, 1, &there, 1, 0);
		if (n == -1 && errno == EPERM)
			return (false);
		for (size_t i = 0; n > 0 && i < count; i++) {
			if (memmem(chunk, (size_t)n, needles[i].bytes,
			    needles[i].len) != NULL)
				found[i] = true;
		}
		if (to - from <= CHUNK)
			break;
	}

	return (true);
}

static void
search(int pid)
{
	bool		found[NEEDLES_MAX] = { false }, any = false;
	uintptr_t	from, to;
	char		path[64], line[512], mode[8];
	FILE		*maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	if ((maps = fopen(path, "r")) == NULL) {
		printf("%d hidden\n", pid);
		return;
	}
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &from, &to,
		    mode) != 3 || mode[0] != 'r')
			continue;
		any = true;
		if (!mapping(pid, from, to, found)) {
			printf("%d hidden\n", pid);
			fclose(maps);
			return;
		}
	}
	fclose(maps);
	if (!any)
		printf("%d hidden\n", pid);
	for (size_t i = 0; i < count; i++) {
		if (found[i])
			printf("%d %s\n", pid, needles[i].name);
	}
}

int
main(int argc, char **argv)
{
	collect();
	for (int i = 1; i < argc; i++)
		search((int)strtol(argv[i], NULL, 10));

	return (0);
}
