/*
 * Keys without a database: one key of each purpose, all bytes alike, and the
 * public keys a test adds.
 */

#include "support/fake_keys.h"

#include <string.h>

#include "web/web_keys.h"

struct web_keys {
	struct base_keyring	ring;
};

static struct web_keys		 keys;
static bool			 unread;
static const struct jose_key	*public_key;
static const char		*public_kid;

const struct base_keyring *
fake_keys_ring(void)
{
	struct base_key	key = { 0 };

	if (keys.ring.count > 0)
		return (&keys.ring);

	for (int purpose = 0; purpose < BASE_PURPOSE_SIGNING; purpose++) {
		key.id = (uint32_t)purpose + 1;
		key.purpose = (enum base_purpose)purpose;
		memset(key.bytes, 0x40 + purpose, sizeof(key.bytes));
		(void)base_keyring_add(&keys.ring, &key);
	}

	return (&keys.ring);
}

void
fake_keys_public(const char *kid, const struct jose_key *key)
{
	public_kid = kid;
	public_key = key;
}

void
fake_keys_read(bool read)
{
	unread = !read;
}

const struct jose_key *
web_keys_find(const struct web_exchange *x, const char *kid)
{
	(void)x;
	if (public_kid == NULL || strcmp(public_kid, kid) != 0)
		return (NULL);

	return (public_key);
}

struct base_slice
web_keys_jwks(const struct web_exchange *x, const char **etag)
{
	(void)x;
	*etag = "\"fake\"";
	return (base_bytes_slice("{\"keys\":[]}"));
}

struct web_keys *
web_keys_open(struct base_loop *loop, struct store_runner *runner,
    const struct base_config *config)
{
	(void)loop;
	(void)runner;
	(void)config;
	(void)fake_keys_ring();
	return (&keys);
}

const struct base_keyring *
web_keys_ring(const struct web_keys *k)
{
	return (&k->ring);
}

bool
web_keys_ready(const struct web_keys *k)
{
	(void)k;
	return (!unread);
}

void
web_keys_close(struct web_keys *k)
{
	(void)k;
}
