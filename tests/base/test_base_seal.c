/*
 * Digests, keyrings and sealed values.  A sealed text opens only as it was
 * made: same kind, same context, same bytes, same ring.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_aead.h"
#include "base/base_hash.h"
#include "base/base_hex.h"
#include "base/base_keyring.h"
#include "base/base_random.h"
#include "base/base_seal.h"

static void
assert_hex(const uint8_t *data, size_t len, const char *want)
{
	char	text[256];

	base_hex_encode(data, len, text);
	assert_string_equal(text, want);
}

/* FIPS 180-4, RFC 4231 cases 2 and 6, RFC 5869 A.3. */
static void
test_hash_vectors(void **state)
{
	uint8_t	out[64], key[131];

	(void)state;
	base_hash_sha256("abc", 3, out);
	assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	base_hash_sha256(NULL, 0, out);
	assert_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");

	base_hash_hmac("Jefe", 4, "what do ya want for nothing?", 28, out);
	assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	base_hash_hmac(key, sizeof(key), "Test Using Larger Than Block-Size "
	    "Key - Hash Key First", 54, out);
	assert_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54");

	memset(key, 0x0b, 22);
	base_hash_hkdf(key, 22, "", out, 42);
	assert_hex(out, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879e"
	    "c3454e5f3c738d2d9d201395faa4b61a96c8");
}

/* Made with another implementation: Python's hashlib. */
static void
test_hash_scrypt(void **state)
{
	uint8_t	out[32];

	(void)state;
	base_hash_scrypt("correct horse battery", 21, "permiso root key v1",
	    out);
	assert_hex(out, 32, "79981dff68cc5cbf0fd68bc4c9331036"
	    "cbc7ba5cf1d856ae8c5cbc959c159265");
}

/* Test case 16 of the GCM submission, nonce first as we store it. */
static void
test_aead_vector(void **state)
{
	struct base_aead_extra	extra = { .count = 1 };
	uint8_t			key[32], sealed[128], aad[32], out[64];
	size_t			len, n;

	(void)state;
	assert_true(base_hex_decode("feffe9928665731c6d6a8f9467308308"
	    "feffe9928665731c6d6a8f9467308308", 64, key, 32, &n));
	assert_true(base_hex_decode("feedfacedeadbeeffeedfacedeadbeef"
	    "abaddad2", 40, aad, 32, &n));
	extra.slices[0] = (struct base_slice){ aad, n };
	assert_true(base_hex_decode("cafebabefacedbaddecaf888"
	    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
	    "76fc6ece0f4e1768cddf8853bb2d551b", 24 + 120 + 32, sealed,
	    sizeof(sealed), &len));
	assert_true(base_aead_open(key, &extra, sealed, len, out));
	assert_hex(out, 8, "d9313225f88406e5");

	sealed[len - 1] ^= 1;
	assert_false(base_aead_open(key, &extra, sealed, len, out));
	assert_hex(out, 8, "0000000000000000");
	assert_false(base_aead_open(key, &extra, sealed, 27, out));
}

static struct base_key
key(uint32_t id, enum base_purpose purpose, int64_t active_from)
{
	struct base_key	made = { .id = id, .purpose = purpose,
			    .active_from = active_from };

	memset(made.bytes, (int)id, sizeof(made.bytes));

	return (made);
}

static struct base_keyring
ring_of_three(void)
{
	struct base_keyring	ring = { .count = 0 };
	struct base_key		one = key(1, BASE_PURPOSE_SEAL, 100);
	struct base_key		two = key(2, BASE_PURPOSE_SEAL, 200);
	struct base_key		mac = key(3, BASE_PURPOSE_MAC, 0);

	assert_true(base_keyring_add(&ring, &two));
	assert_true(base_keyring_add(&ring, &one));
	assert_true(base_keyring_add(&ring, &mac));

	return (ring);
}

static void
test_keyring(void **state)
{
	struct base_keyring	ring = ring_of_three();
	struct base_key		other = key(1, BASE_PURPOSE_PEPPER, 0);
	enum base_purpose	purpose;
	uint32_t		i;

	(void)state;
	assert_null(base_keyring_active(&ring, BASE_PURPOSE_SEAL, 99));
	assert_int_equal(base_keyring_active(&ring, BASE_PURPOSE_SEAL,
	    100)->id, 1);
	assert_int_equal(base_keyring_active(&ring, BASE_PURPOSE_SEAL,
	    199)->id, 1);
	assert_int_equal(base_keyring_active(&ring, BASE_PURPOSE_SEAL,
	    200)->id, 2);
	assert_null(base_keyring_active(&ring, BASE_PURPOSE_PEPPER, 200));
	assert_null(base_keyring_find(&ring, BASE_PURPOSE_MAC, 1));
	assert_int_equal(base_keyring_find(&ring, BASE_PURPOSE_MAC, 3)->id, 3);

	assert_false(base_keyring_add(&ring, &other));	/* id is taken */
	for (i = 10; i < 10 + BASE_KEYRING_MAX - 3; i++) {
		other.id = i;
		assert_true(base_keyring_add(&ring, &other));
	}
	other.id = 99;
	assert_false(base_keyring_add(&ring, &other));	/* full */

	for (i = 0; i < BASE_PURPOSE_COUNT; i++) {
		assert_true(base_keyring_purpose_parse(
		    base_keyring_purpose_name((enum base_purpose)i),
		    &purpose));
		assert_int_equal(purpose, i);
	}
	assert_false(base_keyring_purpose_parse("Seal", &purpose));
	base_keyring_clear(&ring);
	assert_int_equal(ring.count, 0);
}

static void
test_keyring_wrap(void **state)
{
	uint8_t		root[32] = { 1 }, seal[32], mac[32];
	uint8_t		wrapped[BASE_WRAPPED_LEN];
	struct base_key	in = key(7, BASE_PURPOSE_SEAL, 0), out;
	size_t		i;

	(void)state;
	base_keyring_derive(root, BASE_PURPOSE_SEAL, seal);
	base_keyring_derive(root, BASE_PURPOSE_MAC, mac);
	assert_memory_not_equal(seal, mac, 32);
	base_keyring_wrap(seal, &in, wrapped);

	out = key(7, BASE_PURPOSE_SEAL, 0);
	memset(out.bytes, 0, 32);
	assert_true(base_keyring_unwrap(seal, wrapped, &out));
	assert_memory_equal(out.bytes, in.bytes, 32);

	/* Moved to another row or purpose, another root, one bit changed. */
	out.id = 8;
	assert_false(base_keyring_unwrap(seal, wrapped, &out));
	out = key(7, BASE_PURPOSE_MAC, 0);
	assert_false(base_keyring_unwrap(seal, wrapped, &out));
	out = key(7, BASE_PURPOSE_SEAL, 0);
	assert_false(base_keyring_unwrap(mac, wrapped, &out));
	for (i = 0; i < BASE_WRAPPED_LEN * 8; i++) {
		wrapped[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(base_keyring_unwrap(seal, wrapped, &out));
		wrapped[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

#define DATA		"what must survive"
#define DATA_LEN	(sizeof(DATA) - 1)

static bool
opens(const struct base_keyring *ring, const char *what, const char *context,
    const char *text)
{
	char	out[DATA_LEN];
	size_t	len;

	if (!base_seal_open(ring, what, base_bytes_slice(context), text,
	    strlen(text), out, sizeof(out), &len))
		return (false);
	assert_int_equal(len, DATA_LEN);
	assert_memory_equal(out, DATA, DATA_LEN);

	return (true);
}

static void
test_seal(void **state)
{
	struct base_keyring	ring = ring_of_three(), none = { .count = 0 };
	char			text[BASE_SEAL_TEXT_LEN(DATA_LEN) + 1];
	char			again[sizeof(text)], longer[sizeof(text) + 8];
	size_t			i;
	static const char	alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcde"
				    "fghijklmnopqrstuvwxyz0123456789-_=+";

	(void)state;
	assert_false(base_seal(&none, 300, "code", base_bytes_slice("b"),
	    DATA, DATA_LEN, text));
	assert_true(base_seal(&ring, 150, "code", base_bytes_slice("b"),
	    DATA, DATA_LEN, text));
	assert_int_equal(strlen(text), sizeof(text) - 1);
	assert_true(opens(&ring, "code", "b", text));

	assert_false(opens(&ring, "challenge", "b", text));
	assert_false(opens(&ring, "code", "c", text));
	assert_false(opens(&ring, "code", "", text));
	assert_false(opens(&none, "code", "b", text));
	/* Kind and context do not run together. */
	assert_false(opens(&ring, "cod", "eb", text));
	assert_false(opens(&ring, "", "codeb", text));

	/* Never twice the same. */
	assert_true(base_seal(&ring, 150, "code", base_bytes_slice("b"),
	    DATA, DATA_LEN, again));
	assert_string_not_equal(text, again);

	/* Each character, set to every other one of the alphabet. */
	for (i = 0; i < strlen(text) * (sizeof(alphabet) - 1); i++) {
		memcpy(again, text, sizeof(text));
		again[i / (sizeof(alphabet) - 1)] =
		    alphabet[i % (sizeof(alphabet) - 1)];
		if (strcmp(again, text) != 0)
			assert_false(opens(&ring, "code", "b", again));
	}
	for (i = 0; i < strlen(text); i++) {
		memcpy(again, text, sizeof(text));
		again[i] = '\0';
		assert_false(opens(&ring, "code", "b", again));
	}
	(void)snprintf(longer, sizeof(longer), "%sA", text);
	assert_false(opens(&ring, "code", "b", longer));
	(void)snprintf(longer, sizeof(longer), "%sAAAA", text);
	assert_false(opens(&ring, "code", "b", longer));
}

/* A new key makes new values, the old one still opens its own. */
static void
test_seal_rotation(void **state)
{
	struct base_keyring	ring = ring_of_three(), young;
	char			old[BASE_SEAL_TEXT_LEN(DATA_LEN) + 1];
	char			new[sizeof(old)];

	(void)state;
	assert_true(base_seal(&ring, 150, "code", base_bytes_slice("b"),
	    DATA, DATA_LEN, old));
	assert_true(base_seal(&ring, 250, "code", base_bytes_slice("b"),
	    DATA, DATA_LEN, new));
	young.count = 0;
	assert_true(base_keyring_add(&young, base_keyring_find(&ring,
	    BASE_PURPOSE_SEAL, 2)));
	assert_true(opens(&ring, "code", "b", old));
	assert_true(opens(&ring, "code", "b", new));
	assert_true(opens(&young, "code", "b", new));
	assert_false(opens(&young, "code", "b", old));
}

static void
test_seal_sizes(void **state)
{
	static uint8_t	data[BASE_SEAL_MAX + 1], out[BASE_SEAL_MAX + 1];
	static char	text[BASE_SEAL_TEXT_LEN(BASE_SEAL_MAX + 1) + 1];
	struct base_keyring ring = ring_of_three();
	size_t		n, len;

	(void)state;
	for (n = 0; n <= BASE_SEAL_MAX; n = n < 5 ? n + 1 : n * 2 - 2) {
		assert_true(base_seal(&ring, 150, "x", base_bytes_slice(NULL),
		    data, n, text));
		assert_int_equal(strlen(text), BASE_SEAL_TEXT_LEN(n));
		assert_true(base_seal_open(&ring, "x", base_bytes_slice(NULL),
		    text, strlen(text), out, n, &len));
		assert_int_equal(len, n);
		if (n != 0)
			assert_false(base_seal_open(&ring, "x",
			    base_bytes_slice(NULL), text, strlen(text), out,
			    n - 1, &len));
	}
	assert_false(base_seal(&ring, 150, "x", base_bytes_slice(NULL), data,
	    BASE_SEAL_MAX + 1, text));
}

static void
test_seal_mac(void **state)
{
	struct base_keyring	ring = ring_of_three();
	uint8_t			a[32], b[32];

	(void)state;
	assert_true(base_seal_mac(&ring, BASE_PURPOSE_MAC, 3, "sid", "ab", 2,
	    a));
	base_hash_hmac(ring.keys[2].bytes, 32, "sid\0ab", 6, b);
	assert_memory_equal(a, b, 32);
	assert_true(base_seal_mac(&ring, BASE_PURPOSE_MAC, 3, "sida", "b", 1,
	    b));
	assert_memory_not_equal(a, b, 32);
	assert_false(base_seal_mac(&ring, BASE_PURPOSE_MAC, 1, "sid", "ab", 2,
	    b));
	assert_false(base_seal_mac(&ring, BASE_PURPOSE_PEPPER, 3, "sid", "ab",
	    2, b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash_vectors),
		cmocka_unit_test(test_hash_scrypt),
		cmocka_unit_test(test_aead_vector),
		cmocka_unit_test(test_keyring),
		cmocka_unit_test(test_keyring_wrap),
		cmocka_unit_test(test_seal),
		cmocka_unit_test(test_seal_rotation),
		cmocka_unit_test(test_seal_sizes),
		cmocka_unit_test(test_seal_mac),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
