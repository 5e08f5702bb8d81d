/*
 * Challenges: webauthn_3_2, groups 34 to 38, 43, 44 and 47.  That one is
 * spent once (32, 33) is the statement's and tested with the database.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_random.h"
#include "webauthn/webauthn_challenge.h"

#define NOW		INT64_C(1800000000)
#define TIMELINE	"0000000A"

static struct base_keyring		ring;
static const struct base_slice		browser = {
	(const uint8_t *)"0123456789abcdef0123456789abcdef", 32
};

static int
make_ring(void **state)
{
	struct base_key	key = {
		.id = 1, .purpose = BASE_PURPOSE_SEAL, .active_from = 1
	};

	(void)state;
	base_random_bytes(key.bytes, sizeof(key.bytes));
	return (base_keyring_add(&ring, &key) ? 0 : -1);
}

/* A challenge to add a passkey, every field filled. */
static struct webauthn_challenge
good(void)
{
	struct webauthn_challenge	c;

	webauthn_challenge_init(&c, WEBAUTHN_PURPOSE_ADD,
	    WEBAUTHN_MEDIATION_MODAL, NOW, TIMELINE);
	memset(c.user_id.bytes, 0x11, sizeof(c.user_id.bytes));
	memset(c.user_handle, 0x22, sizeof(c.user_handle));
	memset(c.session_id.bytes, 0x33, sizeof(c.session_id.bytes));
	return (c);
}

/* The use it was made for. */
static struct webauthn_challenge_use
good_use(const struct webauthn_challenge *c)
{
	return ((struct webauthn_challenge_use){
	    .purpose = c->purpose, .user_id = c->user_id,
	    .session_id = c->session_id, .now = NOW + 1,
	    .timeline = TIMELINE });
}

static void
test_webauthn_challenge_round_trip(void **state)
{
	struct webauthn_challenge	c = good(), back = { 0 };
	uint8_t				bytes[WEBAUTHN_CHALLENGE_ENCODED_LEN];
	uint8_t				longer[sizeof(bytes) + 1] = { 0 };

	(void)state;
	webauthn_challenge_encode(&c, bytes);
	assert_true(webauthn_challenge_decode(bytes, sizeof(bytes), &back));
	assert_memory_equal(back.bytes, c.bytes, sizeof(c.bytes));
	assert_int_equal(back.purpose, c.purpose);
	assert_int_equal(back.mediation, c.mediation);
	assert_true(base_uuid_equal(&back.user_id, &c.user_id));
	assert_memory_equal(back.user_handle, c.user_handle, 32);
	assert_true(base_uuid_equal(&back.session_id, &c.session_id));
	assert_int_equal(back.issued_at, NOW);
	assert_int_equal(back.expires_at, NOW + WEBAUTHN_CHALLENGE_SECONDS);
	assert_string_equal(back.timeline, TIMELINE);

	memcpy(longer, bytes, sizeof(bytes));
	assert_false(webauthn_challenge_decode(bytes, sizeof(bytes) - 1,
	    &back));
	assert_false(webauthn_challenge_decode(longer, sizeof(longer),
	    &back));
	assert_false(webauthn_challenge_decode(bytes, 0, &back));
}

static void
test_webauthn_challenge_decode_refuses(void **state)
{
	static const struct {
		size_t	at;
		uint8_t	value;
	} wrong[] = {
		{ 0, 0 }, { 0, 2 }, { 1, 0 }, { 1, 5 }, { 1, 255 }, { 2, 0 },
		{ 2, 3 },
	};
	struct webauthn_challenge	c = good(), back;
	uint8_t				bytes[WEBAUTHN_CHALLENGE_ENCODED_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		webauthn_challenge_encode(&c, bytes);
		bytes[wrong[i].at] = wrong[i].value;
		assert_false(webauthn_challenge_decode(bytes, sizeof(bytes),
		    &back));
	}
}

static void
test_webauthn_3_2_034_expired(void **state)
{
	struct webauthn_challenge	c = good();
	struct webauthn_challenge_use	use = good_use(&c);

	(void)state;
	use.now = c.expires_at - 1;
	assert_int_equal(webauthn_challenge_check(&c, &use), WEBAUTHN_OK);
	use.now = c.expires_at;
	assert_int_equal(webauthn_challenge_check(&c, &use),
	    WEBAUTHN_CHALLENGE_EXPIRED);
	use.now = c.expires_at + 1;
	assert_int_equal(webauthn_challenge_check(&c, &use),
	    WEBAUTHN_CHALLENGE_EXPIRED);

	/* as good as expired: issued before the database failed over */
	use = good_use(&c);
	use.timeline = "0000000B";
	assert_int_equal(webauthn_challenge_check(&c, &use),
	    WEBAUTHN_CHALLENGE_EXPIRED);
	use.timeline = "";
	assert_int_equal(webauthn_challenge_check(&c, &use),
	    WEBAUTHN_CHALLENGE_EXPIRED);
	assert_string_equal(webauthn_verdict_code(
	    WEBAUTHN_CHALLENGE_EXPIRED), "expired");
}

static void
test_webauthn_3_2_035_of_another_browser(void **state)
{
	struct webauthn_challenge	c = good(), back = { 0 }, zero = { 0 };
	struct base_slice		other = browser, sealed;
	char				text[WEBAUTHN_CHALLENGE_TEXT_LEN + 1];

	(void)state;
	assert_true(webauthn_challenge_seal(&ring, browser, &c, text));
	sealed = base_bytes_slice(text);
	assert_int_equal(sealed.len, WEBAUTHN_CHALLENGE_TEXT_LEN);

	other.data = (const uint8_t *)"0123456789abcdef0123456789abcdeF";
	assert_int_equal(webauthn_challenge_open(&ring, other, sealed,
	    &back), WEBAUTHN_CHALLENGE_FOREIGN);
	other.len = 0;
	assert_int_equal(webauthn_challenge_open(&ring, other, sealed,
	    &back), WEBAUTHN_CHALLENGE_FOREIGN);
	assert_memory_equal(&back, &zero, sizeof(back));

	assert_int_equal(webauthn_challenge_open(&ring, browser, sealed,
	    &back), WEBAUTHN_OK);
	assert_memory_equal(back.bytes, c.bytes, sizeof(c.bytes));
}

static void
test_webauthn_3_2_036_of_another_person(void **state)
{
	struct webauthn_challenge	c = good();
	struct webauthn_challenge_use	use = good_use(&c);

	(void)state;
	assert_int_equal(webauthn_challenge_check(&c, &use), WEBAUTHN_OK);
	use.user_id.bytes[15] ^= 1;
	assert_int_equal(webauthn_challenge_check(&c, &use),
	    WEBAUTHN_CHALLENGE_PURPOSE);
}

/* Each purpose, presented for each. */
static void
test_webauthn_3_2_037_for_another_purpose(void **state)
{
	(void)state;
	for (int made = WEBAUTHN_PURPOSE_LOGIN;
	    made <= WEBAUTHN_PURPOSE_STEP_UP; made++) {
		for (int used = WEBAUTHN_PURPOSE_LOGIN;
		    used <= WEBAUTHN_PURPOSE_STEP_UP; used++) {
			struct webauthn_challenge	c = good();
			struct webauthn_challenge_use	use = good_use(&c);

			c.purpose = (enum webauthn_purpose)made;
			use.purpose = (enum webauthn_purpose)used;
			assert_int_equal(webauthn_challenge_check(&c, &use),
			    made == used ? WEBAUTHN_OK :
			    WEBAUTHN_CHALLENGE_PURPOSE);
		}
	}
}

static void
test_webauthn_3_2_038_step_up_for_sign_in(void **state)
{
	struct webauthn_challenge	c = good();
	struct webauthn_challenge_use	use = good_use(&c);

	(void)state;
	c.purpose = WEBAUTHN_PURPOSE_STEP_UP;
	use.purpose = WEBAUTHN_PURPOSE_LOGIN;
	memset(&use.user_id, 0, sizeof(use.user_id));
	assert_int_equal(webauthn_challenge_check(&c, &use),
	    WEBAUTHN_CHALLENGE_PURPOSE);
}

static void
test_webauthn_3_2_043_guessed(void **state)
{
	struct webauthn_challenge	c = good(), back;
	char				text[WEBAUTHN_CHALLENGE_TEXT_LEN + 1];
	struct base_slice		sealed;

	(void)state;
	assert_true(webauthn_challenge_seal(&ring, browser, &c, text));
	sealed = base_bytes_slice(text);
	for (size_t i = 0; i < sealed.len; i++) {
		char	was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(webauthn_challenge_open(&ring, browser,
		    sealed, &back), WEBAUTHN_CHALLENGE_FOREIGN);
		text[i] = was;
		assert_int_equal(webauthn_challenge_open(&ring, browser,
		    (struct base_slice){ sealed.data, i }, &back),
		    WEBAUTHN_CHALLENGE_FOREIGN);
	}
	assert_int_equal(webauthn_challenge_open(&ring, browser, sealed,
	    &back), WEBAUTHN_OK);
}

/* What else is sealed for this browser is no challenge. */
static void
test_webauthn_3_2_043_of_another_kind(void **state)
{
	struct webauthn_challenge	c = good(), back;
	uint8_t				bytes[WEBAUTHN_CHALLENGE_ENCODED_LEN];
	char				text[WEBAUTHN_CHALLENGE_TEXT_LEN + 1];

	(void)state;
	webauthn_challenge_encode(&c, bytes);
	assert_true(base_seal(&ring, NOW, "request", browser, bytes,
	    sizeof(bytes), text));
	assert_int_equal(webauthn_challenge_open(&ring, browser,
	    base_bytes_slice(text), &back), WEBAUTHN_CHALLENGE_FOREIGN);
	/* the right kind, of another shape */
	assert_true(base_seal(&ring, NOW, "challenge", browser, bytes,
	    sizeof(bytes) - 1, text));
	assert_int_equal(webauthn_challenge_open(&ring, browser,
	    base_bytes_slice(text), &back), WEBAUTHN_CHALLENGE_FOREIGN);
}

static void
test_webauthn_3_2_044_of_another_session(void **state)
{
	static const enum webauthn_purpose	purposes[] = {
		WEBAUTHN_PURPOSE_ADD, WEBAUTHN_PURPOSE_STEP_UP
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct webauthn_challenge	c = good();
		struct webauthn_challenge_use	use;

		c.purpose = purposes[i];
		use = good_use(&c);
		assert_int_equal(webauthn_challenge_check(&c, &use),
		    WEBAUTHN_OK);
		use.session_id.bytes[0] ^= 1;
		assert_int_equal(webauthn_challenge_check(&c, &use),
		    WEBAUTHN_CHALLENGE_PURPOSE);

		/* signed out: no session, and none was named */
		memset(&use.session_id, 0, sizeof(use.session_id));
		assert_int_equal(webauthn_challenge_check(&c, &use),
		    WEBAUTHN_CHALLENGE_PURPOSE);
		memset(&c.session_id, 0, sizeof(c.session_id));
		assert_int_equal(webauthn_challenge_check(&c, &use),
		    WEBAUTHN_CHALLENGE_PURPOSE);
	}
}

static void
test_webauthn_3_2_047_distinct(void **state)
{
	static uint8_t	seen[1000][WEBAUTHN_CHALLENGE_LEN];

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		struct webauthn_challenge	c = good();

		memcpy(seen[i], c.bytes, sizeof(c.bytes));
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(seen[i], seen[j],
			    WEBAUTHN_CHALLENGE_LEN);
	}
}

static void
test_webauthn_challenge_digest(void **state)
{
	static const uint8_t		want[BASE_SHA256_LEN] = {
		0x66, 0x68, 0x7a, 0xad, 0xf8, 0x62, 0xbd, 0x77, 0x6c, 0x8f,
		0xc1, 0x8b, 0x8e, 0x9f, 0x8e, 0x20, 0x08, 0x97, 0x14, 0x85,
		0x6e, 0xe2, 0x33, 0xb3, 0x90, 0x2a, 0x59, 0x1d, 0x0d, 0x5f,
		0x29, 0x25
	};	/* SHA-256 of 32 zeros */
	struct webauthn_challenge	c = good();
	uint8_t				digest[BASE_SHA256_LEN];

	(void)state;
	memset(c.bytes, 0, sizeof(c.bytes));
	webauthn_challenge_digest(&c, digest);
	assert_memory_equal(digest, want, sizeof(want));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_challenge_round_trip),
		cmocka_unit_test(test_webauthn_challenge_decode_refuses),
		cmocka_unit_test(test_webauthn_3_2_034_expired),
		cmocka_unit_test(test_webauthn_3_2_035_of_another_browser),
		cmocka_unit_test(test_webauthn_3_2_036_of_another_person),
		cmocka_unit_test(test_webauthn_3_2_037_for_another_purpose),
		cmocka_unit_test(test_webauthn_3_2_038_step_up_for_sign_in),
		cmocka_unit_test(test_webauthn_3_2_043_guessed),
		cmocka_unit_test(test_webauthn_3_2_043_of_another_kind),
		cmocka_unit_test(test_webauthn_3_2_044_of_another_session),
		cmocka_unit_test(test_webauthn_3_2_047_distinct),
		cmocka_unit_test(test_webauthn_challenge_digest),
	};

	return (cmocka_run_group_tests(tests, make_ring, NULL));
}
