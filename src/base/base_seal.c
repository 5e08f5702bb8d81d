#include "base/base_seal.h"

#include <string.h>

#include "base/base_aead.h"
#include "base/base_base64url.h"

#define VERSION		1
#define HEADER_LEN	5	/* version and key id */
#define BOX_MAX		(BASE_SEAL_MAX + BASE_SEAL_OVERHEAD)

static void
seal_header(uint32_t id, uint8_t out[HEADER_LEN])
{
	out[0] = VERSION;
	out[1] = (uint8_t)(id >> 24);
	out[2] = (uint8_t)(id >> 16);
	out[3] = (uint8_t)(id >> 8);
	out[4] = (uint8_t)id;
}

/* The NUL of "what" ends it, so that no two pairs run together. */
static struct base_aead_extra
seal_extra(const uint8_t *header, const char *what, struct base_slice context)
{
	struct base_aead_extra	extra = { .count = 3 };

	extra.slices[0] = (struct base_slice){ header, HEADER_LEN };
	extra.slices[1] = (struct base_slice){ (const uint8_t *)what,
	    strlen(what) + 1 };
	extra.slices[2] = context;

	return (extra);
}

bool
base_seal(const struct base_keyring *ring, int64_t now, const char *what,
    struct base_slice context, const void *data, size_t len, char *out)
{
	const struct base_key	*key;
	struct base_aead_extra	 extra;
	uint8_t			 box[BOX_MAX];

	key = base_keyring_active(ring, BASE_PURPOSE_SEAL, now);
	if (key == NULL || len > BASE_SEAL_MAX)
		return (false);

	seal_header(key->id, box);
	extra = seal_extra(box, what, context);
	base_aead_seal(key->bytes, &extra, data, len, box + HEADER_LEN);
	base_base64url_encode(box, len + BASE_SEAL_OVERHEAD, out);

	return (true);
}

/* "box" holds what was between the browser's hands: judge, then open. */
static bool
seal_open(const struct base_keyring *ring, const char *what,
    struct base_slice context, const uint8_t *box, size_t len, uint8_t *out)
{
	const struct base_key	*key;
	struct base_aead_extra	 extra;
	uint32_t		 id;

	if (len < BASE_SEAL_OVERHEAD || box[0] != VERSION)
		return (false);
	id = (uint32_t)box[1] << 24 | (uint32_t)box[2] << 16 |
	    (uint32_t)box[3] << 8 | box[4];
	if ((key = base_keyring_find(ring, BASE_PURPOSE_SEAL, id)) == NULL)
		return (false);
	extra = seal_extra(box, what, context);

	return (base_aead_open(key->bytes, &extra, box + HEADER_LEN,
	    len - HEADER_LEN, out));
}

bool
base_seal_open(const struct base_keyring *ring, const char *what,
    struct base_slice context, const char *text, size_t text_len, void *out,
    size_t size, size_t *out_len)
{
	uint8_t	box[BOX_MAX], plain[BASE_SEAL_MAX];
	size_t	len;
	bool	opened = false;

	if (!base_base64url_decode(text, text_len, box, sizeof(box), &len) ||
	    len < BASE_SEAL_OVERHEAD || len - BASE_SEAL_OVERHEAD > size)
		return (false);

	if (seal_open(ring, what, context, box, len, plain)) {
		*out_len = len - BASE_SEAL_OVERHEAD;
		memcpy(out, plain, *out_len);
		opened = true;
	}
	base_bytes_wipe(plain, len - BASE_SEAL_OVERHEAD);

	return (opened);
}

bool
base_seal_mac(const struct base_keyring *ring, enum base_purpose purpose,
    uint32_t id, const char *what, const void *data, size_t len,
    uint8_t out[BASE_SHA256_LEN])
{
	const struct base_key	*key;
	uint8_t			 text[BASE_SEAL_MAX];
	size_t			 what_len = strlen(what) + 1;

	key = base_keyring_find(ring, purpose, id);
	if (key == NULL || what_len > sizeof(text) ||
	    len > sizeof(text) - what_len)
		return (false);

	memcpy(text, what, what_len);
	if (len != 0)
		memcpy(text + what_len, data, len);
	base_hash_hmac(key->bytes, BASE_KEY_LEN, text, what_len + len, out);
	base_bytes_wipe(text, what_len + len);

	return (true);
}
