#include "base/base_keyring.h"

#include <stdio.h>
#include <string.h>

#include "base/base_aead.h"
#include "base/base_bytes.h"
#include "base/base_hash.h"

static const char *const	names[BASE_PURPOSE_COUNT] = {
	[BASE_PURPOSE_SEAL]	= "seal",
	[BASE_PURPOSE_MAC]	= "mac",
	[BASE_PURPOSE_PEPPER]	= "pepper",
	[BASE_PURPOSE_SIGNING]	= "signing",
};

const char *
base_keyring_purpose_name(enum base_purpose purpose)
{
	return (names[purpose]);
}

bool
base_keyring_purpose_parse(const char *name, enum base_purpose *out)
{
	int	i;

	for (i = 0; i < BASE_PURPOSE_COUNT; i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum base_purpose)i;
			return (true);
		}
	}

	return (false);
}

void
base_keyring_derive(const uint8_t root[BASE_KEY_LEN],
    enum base_purpose purpose, uint8_t out[BASE_KEY_LEN])
{
	char	info[64];

	(void)snprintf(info, sizeof(info), "permiso wrapping key v1 %s",
	    names[purpose]);
	base_hash_hkdf(root, BASE_KEY_LEN, info, out, BASE_KEY_LEN);
}

/* A row moved to another place, or another purpose, does not open. */
static struct base_aead_extra
keyring_extra(const struct base_key *key, uint8_t id[4])
{
	struct base_aead_extra	extra = { .count = 3 };

	id[0] = (uint8_t)(key->id >> 24);
	id[1] = (uint8_t)(key->id >> 16);
	id[2] = (uint8_t)(key->id >> 8);
	id[3] = (uint8_t)key->id;
	extra.slices[0] = base_bytes_slice("keyring v1 ");
	extra.slices[1] = (struct base_slice){ id, 4 };
	extra.slices[2] = base_bytes_slice(names[key->purpose]);

	return (extra);
}

void
base_keyring_wrap(const uint8_t wrapping[BASE_KEY_LEN],
    const struct base_key *key, uint8_t out[BASE_WRAPPED_LEN])
{
	uint8_t			id[4];
	struct base_aead_extra	extra = keyring_extra(key, id);

	base_aead_seal(wrapping, &extra, key->bytes, BASE_KEY_LEN, out);
}

bool
base_keyring_unwrap(const uint8_t wrapping[BASE_KEY_LEN],
    const uint8_t wrapped[BASE_WRAPPED_LEN], struct base_key *key)
{
	uint8_t			id[4], bytes[BASE_KEY_LEN];
	struct base_aead_extra	extra = keyring_extra(key, id);

	if (!base_aead_open(wrapping, &extra, wrapped, BASE_WRAPPED_LEN,
	    bytes))
		return (false);
	memcpy(key->bytes, bytes, BASE_KEY_LEN);
	base_bytes_wipe(bytes, sizeof(bytes));

	return (true);
}

bool
base_keyring_add(struct base_keyring *ring, const struct base_key *key)
{
	size_t	i;

	if (ring->count == BASE_KEYRING_MAX)
		return (false);
	for (i = 0; i < ring->count; i++) {
		if (ring->keys[i].id == key->id)
			return (false);
	}
	ring->keys[ring->count++] = *key;

	return (true);
}

const struct base_key *
base_keyring_active(const struct base_keyring *ring,
    enum base_purpose purpose, int64_t now)
{
	const struct base_key	*key, *best = NULL;
	size_t			 i;

	for (i = 0; i < ring->count; i++) {
		key = &ring->keys[i];
		if (key->purpose != purpose || key->active_from > now)
			continue;
		if (best == NULL || key->active_from > best->active_from ||
		    (key->active_from == best->active_from &&
		    key->id > best->id))
			best = key;
	}

	return (best);
}

const struct base_key *
base_keyring_find(const struct base_keyring *ring, enum base_purpose purpose,
    uint32_t id)
{
	size_t	i;

	for (i = 0; i < ring->count; i++) {
		if (ring->keys[i].id == id && ring->keys[i].purpose == purpose)
			return (&ring->keys[i]);
	}

	return (NULL);
}

void
base_keyring_clear(struct base_keyring *ring)
{
	base_bytes_wipe(ring, sizeof(*ring));
}
