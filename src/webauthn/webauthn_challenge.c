#include "webauthn/webauthn_challenge.h"

#include <string.h>

#include "base/base_random.h"

#define VERSION		1
#define KIND		"challenge"

void
webauthn_challenge_init(struct webauthn_challenge *challenge,
    enum webauthn_purpose purpose, enum webauthn_mediation mediation,
    int64_t now, const char *timeline)
{
	memset(challenge, 0, sizeof(*challenge));
	base_random_bytes(challenge->bytes, sizeof(challenge->bytes));
	challenge->purpose = purpose;
	challenge->mediation = mediation;
	challenge->issued_at = now;
	challenge->expires_at = now + WEBAUTHN_CHALLENGE_SECONDS;
	memcpy(challenge->timeline, timeline, strnlen(timeline,
	    WEBAUTHN_CHALLENGE_TIMELINE_LEN));
}

/* ---------------------------------------------------------------- bytes */

static uint8_t *
put(uint8_t *p, const void *data, size_t len)
{
	memcpy(p, data, len);
	return (p + len);
}

static uint8_t *
put_time(uint8_t *p, int64_t seconds)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		*p++ = (uint8_t)((uint64_t)seconds >> shift);
	return (p);
}

static const uint8_t *
get(const uint8_t *p, void *out, size_t len)
{
	memcpy(out, p, len);
	return (p + len);
}

static const uint8_t *
get_time(const uint8_t *p, int64_t *out)
{
	uint64_t	value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | *p++;
	*out = (int64_t)value;
	return (p);
}

void
webauthn_challenge_encode(const struct webauthn_challenge *challenge,
    uint8_t out[WEBAUTHN_CHALLENGE_ENCODED_LEN])
{
	uint8_t	*p = out;

	*p++ = VERSION;
	*p++ = (uint8_t)challenge->purpose;
	*p++ = (uint8_t)challenge->mediation;
	p = put(p, challenge->bytes, sizeof(challenge->bytes));
	p = put(p, challenge->user_id.bytes, BASE_UUID_LEN);
	p = put(p, challenge->user_handle, sizeof(challenge->user_handle));
	p = put(p, challenge->session_id.bytes, BASE_UUID_LEN);
	p = put_time(p, challenge->issued_at);
	p = put_time(p, challenge->expires_at);
	put(p, challenge->timeline, WEBAUTHN_CHALLENGE_TIMELINE_LEN);
}

static bool
purpose_valid(uint8_t value)
{
	return (value >= WEBAUTHN_PURPOSE_LOGIN &&
	    value <= WEBAUTHN_PURPOSE_STEP_UP);
}

static bool
mediation_valid(uint8_t value)
{
	return (value >= WEBAUTHN_MEDIATION_MODAL &&
	    value <= WEBAUTHN_MEDIATION_CONDITIONAL);
}

bool
webauthn_challenge_decode(const void *data, size_t len,
    struct webauthn_challenge *out)
{
	struct webauthn_challenge	 challenge = { 0 };
	const uint8_t			*p = data;

	if (len != WEBAUTHN_CHALLENGE_ENCODED_LEN || p[0] != VERSION ||
	    !purpose_valid(p[1]) || !mediation_valid(p[2]))
		return (false);

	challenge.purpose = (enum webauthn_purpose)p[1];
	challenge.mediation = (enum webauthn_mediation)p[2];
	p = get(p + 3, challenge.bytes, sizeof(challenge.bytes));
	p = get(p, challenge.user_id.bytes, BASE_UUID_LEN);
	p = get(p, challenge.user_handle, sizeof(challenge.user_handle));
	p = get(p, challenge.session_id.bytes, BASE_UUID_LEN);
	p = get_time(p, &challenge.issued_at);
	p = get_time(p, &challenge.expires_at);
	get(p, challenge.timeline, WEBAUTHN_CHALLENGE_TIMELINE_LEN);
	*out = challenge;
	return (true);
}

/* --------------------------------------------------------------- sealed */

bool
webauthn_challenge_seal(const struct base_keyring *ring,
    struct base_slice browser, const struct webauthn_challenge *challenge,
    char out[WEBAUTHN_CHALLENGE_TEXT_LEN + 1])
{
	uint8_t	bytes[WEBAUTHN_CHALLENGE_ENCODED_LEN];

	webauthn_challenge_encode(challenge, bytes);
	return (base_seal(ring, challenge->issued_at, KIND, browser, bytes,
	    sizeof(bytes), out));
}

enum webauthn_verdict
webauthn_challenge_open(const struct base_keyring *ring,
    struct base_slice browser, struct base_slice text,
    struct webauthn_challenge *out)
{
	uint8_t	bytes[WEBAUTHN_CHALLENGE_ENCODED_LEN];
	size_t	len;

	if (!base_seal_open(ring, KIND, browser, (const char *)text.data,
	    text.len, bytes, sizeof(bytes), &len) ||
	    !webauthn_challenge_decode(bytes, len, out))
		return (WEBAUTHN_CHALLENGE_FOREIGN);
	return (WEBAUTHN_OK);
}

/* ------------------------------------------------------------ judgement */

/* A ceremony of a signed-in person belongs to that session. */
static bool
session_fits(const struct webauthn_challenge *challenge,
    const struct webauthn_challenge_use *use)
{
	if (challenge->purpose != WEBAUTHN_PURPOSE_ADD &&
	    challenge->purpose != WEBAUTHN_PURPOSE_STEP_UP)
		return (true);
	return (!base_uuid_empty(&use->session_id) &&
	    base_uuid_equal(&challenge->session_id, &use->session_id));
}

enum webauthn_verdict
webauthn_challenge_check(const struct webauthn_challenge *challenge,
    const struct webauthn_challenge_use *use)
{
	if (challenge->purpose != use->purpose ||
	    !session_fits(challenge, use) ||
	    (!base_uuid_empty(&use->user_id) &&
	    !base_uuid_equal(&challenge->user_id, &use->user_id)))
		return (WEBAUTHN_CHALLENGE_PURPOSE);
	if (use->now >= challenge->expires_at ||
	    !base_bytes_text_equal(challenge->timeline, use->timeline))
		return (WEBAUTHN_CHALLENGE_EXPIRED);
	return (WEBAUTHN_OK);
}

void
webauthn_challenge_digest(const struct webauthn_challenge *challenge,
    uint8_t out[BASE_SHA256_LEN])
{
	base_hash_sha256(challenge->bytes, sizeof(challenge->bytes), out);
}
