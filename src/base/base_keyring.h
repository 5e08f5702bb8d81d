/*
 * The symmetric keys of an installation, by purpose.
 *
 * Keys are random rows of the table "keyring", each wrapped under a key that
 * HKDF makes of ENCRYPTION_KEY for that purpose; a process is handed only the
 * wrapping keys of the purposes it needs.  Every sealed value, MAC and HMAC
 * carries the id of its key, so keys rotate without a flag day: the youngest
 * key whose active_from has come makes new values, every key that is still in
 * the ring opens old ones, an unknown id is junk.
 */
#ifndef PERMISO_BASE_KEYRING_H
#define PERMISO_BASE_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE_KEY_LEN		32
#define BASE_KEYRING_MAX	32	/* rows; none is ever removed */
#define BASE_WRAPPED_LEN	(12 + BASE_KEY_LEN + 16)	/* nonce, key, tag */

enum base_purpose {
	BASE_PURPOSE_SEAL,	/* codes, challenges, requests, flows */
	BASE_PURPOSE_MAC,	/* access and refresh tokens, sid, CSRF */
	BASE_PURPOSE_PEPPER,	/* client secrets, login links, sessions */
	BASE_PURPOSE_SIGNING,	/* wraps the private signing keys: signer only */
	BASE_PURPOSE_COUNT
};

struct base_key {
	uint32_t		id;		/* from 1, never used twice */
	enum base_purpose	purpose;
	int64_t			active_from;	/* seconds since 1970 */
	uint8_t			bytes[BASE_KEY_LEN];
};

struct base_keyring {
	struct base_key	keys[BASE_KEYRING_MAX];
	size_t		count;
};

/* The text name of a purpose, as the database has it. */
const char	*base_keyring_purpose_name(enum base_purpose purpose);
bool		 base_keyring_purpose_parse(const char *name, enum base_purpose *out);

/* Wrapping key of one purpose out of the root key. */
void	base_keyring_derive(const uint8_t root[BASE_KEY_LEN],
	    enum base_purpose purpose, uint8_t out[BASE_KEY_LEN]);

/* Wrap and unwrap one row (AES-256-GCM; AAD: purpose and id). */
void	base_keyring_wrap(const uint8_t wrapping[BASE_KEY_LEN],
	    const struct base_key *key, uint8_t out[BASE_WRAPPED_LEN]);
bool	base_keyring_unwrap(const uint8_t wrapping[BASE_KEY_LEN],
	    const uint8_t wrapped[BASE_WRAPPED_LEN], struct base_key *key);

/* False when the ring is full or the id is already there. */
bool	base_keyring_add(struct base_keyring *ring, const struct base_key *key);

/* The key that makes new values now; NULL when the purpose has none yet. */
const struct base_key	*base_keyring_active(const struct base_keyring *ring,
			    enum base_purpose purpose, int64_t now);
/* The key an old value names; NULL: junk. */
const struct base_key	*base_keyring_find(const struct base_keyring *ring,
			    enum base_purpose purpose, uint32_t id);
void	base_keyring_clear(struct base_keyring *ring);

#endif /* !PERMISO_BASE_KEYRING_H */
