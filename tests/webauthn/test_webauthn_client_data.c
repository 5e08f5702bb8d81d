/*
 * Client data, challenge and origin: webauthn_3_2, groups 19 to 31, 39 to
 * 42 and 48 to 53.  Every case starts from a good ceremony of either kind.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/forge_assert.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define CHALLENGE	"UGVyAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define ORIGIN		"\"origin\":\"" FORGE_ORIGIN "\""

/* Both ceremonies with this client data, "%s" being the right type. */
static void
raw(const char *name, const char *format, enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	f.client_data = forge_json(&f.arena, format, f.type);
	forge_assert_register(&f, name, want);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.client_data = forge_json(&f.arena, format, f.type);
#pragma GCC diagnostic pop
	forge_assert_authenticate(&f, name, want);
}

/* Both ceremonies with one part changed. */
static void
with_type(const char *type, enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.type = type;
	forge_assert_register(&f, type, want);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.type = type;
	forge_assert_authenticate(&f, type, want);
}

static void
with_challenge(const char *challenge, enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.challenge = challenge;
	forge_assert_register(&f, challenge, want);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.challenge = challenge;
	forge_assert_authenticate(&f, challenge, want);
}

static void
with_origin(const char *origin, enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.origin = origin;
	forge_assert_register(&f, origin, want);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.origin = origin;
	forge_assert_authenticate(&f, origin, want);
}

static void
with_more(const char *more, enum webauthn_verdict want)
{
	struct forge	f;

	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.more = more;
	forge_assert_register(&f, more, want);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.more = more;
	forge_assert_authenticate(&f, more, want);
}

static void
test_webauthn_3_2_019_type(void **state)
{
	struct forge	f;
	static const char *const	wrong[] = {
		"payment.get", "webauthn.create ", "webauthn.get ",
		" webauthn.get", "Webauthn.Create", "WEBAUTHN.GET",
		"webauthn", "", "webauthn.getx", "webauthn.createx",
	};

	(void)state;
	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	forge_assert_register(&f, "as it is", WEBAUTHN_OK);
	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.type = "webauthn.get";
	forge_assert_register(&f, "get", WEBAUTHN_CLIENT_DATA_TYPE);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.type = "webauthn.create";
	forge_assert_authenticate(&f, "create", WEBAUTHN_CLIENT_DATA_TYPE);
	for (size_t i = 0; i < COUNT(wrong); i++)
		with_type(wrong[i], WEBAUTHN_CLIENT_DATA_TYPE);
}

static void
test_webauthn_3_2_020_missing_or_no_string(void **state)
{
	(void)state;
	raw("in another order", "{" ORIGIN ",\"challenge\":\"" CHALLENGE
	    "\",\"type\":\"%s\"}", WEBAUTHN_OK);
	raw("no type %s", "{\"x\":\"%s\",\"challenge\":\"" CHALLENGE "\","
	    ORIGIN "}", WEBAUTHN_CLIENT_DATA_MALFORMED);
	raw("no challenge", "{\"type\":\"%s\"," ORIGIN "}",
	    WEBAUTHN_CLIENT_DATA_MALFORMED);
	raw("no origin", "{\"type\":\"%s\",\"challenge\":\"" CHALLENGE "\"}",
	    WEBAUTHN_CLIENT_DATA_MALFORMED);
	raw("type is a list", "{\"type\":[\"%s\"],\"challenge\":\"" CHALLENGE
	    "\"," ORIGIN "}", WEBAUTHN_CLIENT_DATA_MALFORMED);
	raw("challenge is a number", "{\"type\":\"%s\",\"challenge\":1,"
	    ORIGIN "}", WEBAUTHN_CLIENT_DATA_MALFORMED);
	raw("challenge is null", "{\"type\":\"%s\",\"challenge\":null,"
	    ORIGIN "}", WEBAUTHN_CLIENT_DATA_MALFORMED);
	raw("origin is an object", "{\"type\":\"%s\",\"challenge\":\""
	    CHALLENGE "\",\"origin\":{}}", WEBAUTHN_CLIENT_DATA_MALFORMED);
	raw("a list", "[\"%s\"]", WEBAUTHN_CLIENT_DATA_MALFORMED);
	raw("a text", "\"%s\"", WEBAUTHN_CLIENT_DATA_MALFORMED);
}

static void
test_webauthn_3_2_021_repeated(void **state)
{
	(void)state;
	with_more(",\"challenge\":\"AAAA\"", WEBAUTHN_CLIENT_DATA_MALFORMED);
	with_more(",\"challenge\":\"" CHALLENGE "\"",
	    WEBAUTHN_CLIENT_DATA_MALFORMED);
	with_more(",\"origin\":\"https://evil.example\"",
	    WEBAUTHN_CLIENT_DATA_MALFORMED);
	raw("bad, then good", "{\"origin\":\"https://evil.example\","
	    "\"type\":\"%s\",\"challenge\":\"" CHALLENGE "\"," ORIGIN "}",
	    WEBAUTHN_CLIENT_DATA_MALFORMED);
}

static void
test_webauthn_3_2_022_byte_order_mark(void **state)
{
	(void)state;
	raw("in front", "\xef\xbb\xbf{\"type\":\"%s\",\"challenge\":\""
	    CHALLENGE "\"," ORIGIN "}", WEBAUTHN_OK);
	raw("twice", "\xef\xbb\xbf\xef\xbb\xbf{\"type\":\"%s\","
	    "\"challenge\":\"" CHALLENGE "\"," ORIGIN "}",
	    WEBAUTHN_CLIENT_DATA_MALFORMED);
	raw("inside", "{\xef\xbb\xbf\"type\":\"%s\",\"challenge\":\""
	    CHALLENGE "\"," ORIGIN "}", WEBAUTHN_CLIENT_DATA_MALFORMED);
	raw("alone", "\xef\xbb\xbf", WEBAUTHN_CLIENT_DATA_MALFORMED);
}

static void
test_webauthn_3_2_023_trailing(void **state)
{
	static const char *const	tails[] = { "x", "{}", ",", "\"", "]" };

	(void)state;
	for (size_t i = 0; i < COUNT(tails); i++) {
		struct forge		f;
		struct base_slice	good;

		forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
		good = forge_asserted(&f).client_data;
		f.client_data = forge_join(&f.arena, good,
		    forge_text(tails[i]));
		forge_assert_authenticate(&f, tails[i],
		    WEBAUTHN_CLIENT_DATA_MALFORMED);

		forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
		f.client_data = forge_join(&f.arena,
		    forge_asserted(&f).client_data,
		    (struct base_slice){ (const uint8_t *)"\0", 1 });
		forge_assert_authenticate(&f, "NUL",
		    WEBAUTHN_CLIENT_DATA_MALFORMED);
	}
}

/* The good text with a zero byte before or behind each of its bytes. */
static struct base_slice
utf16(struct forge *f, bool big)
{
	struct base_slice	 text = forge_asserted(f).client_data;
	uint8_t			*out = base_arena_new(&f->arena, 2 * text.len);

	for (size_t i = 0; i < text.len; i++)
		out[2 * i + (big ? 1 : 0)] = text.data[i];
	return ((struct base_slice){ out, 2 * text.len });
}

static void
test_webauthn_3_2_024_utf16(void **state)
{
	struct forge	f;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.client_data = utf16(&f, false);
	forge_assert_authenticate(&f, "little",
	    WEBAUTHN_CLIENT_DATA_MALFORMED);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.client_data = utf16(&f, true);
	forge_assert_authenticate(&f, "big", WEBAUTHN_CLIENT_DATA_MALFORMED);
}

static void
test_webauthn_3_2_025_unknown_members(void **state)
{
	(void)state;
	with_more(",\"other_keys_can_be_added_here\":\"do not compare\"",
	    WEBAUTHN_OK);
	with_more(",\"extraData\":[1,{\"a\":null}]", WEBAUTHN_OK);
	with_more("", WEBAUTHN_OK);
}

static void
test_webauthn_3_2_026_huge(void **state)
{
	struct forge	f;

	(void)state;
	for (size_t len = 4096; len <= 1024 * 1024; len *= 16) {
		forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
		f.client_data = forge_join(&f.arena,
		    forge_asserted(&f).client_data,
		    forge_repeat(&f.arena, ' ', len));
		forge_assert_authenticate(&f, "huge",
		    WEBAUTHN_CLIENT_DATA_MALFORMED);
	}
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.client_data = forge_join(&f.arena, forge_asserted(&f).client_data,
	    forge_repeat(&f.arena, ' ', 3900));
	forge_assert_authenticate(&f, "not quite", WEBAUTHN_OK);
	raw("empty", "", WEBAUTHN_CLIENT_DATA_MALFORMED);
}

static void
test_webauthn_3_2_027_cross_origin(void **state)
{
	(void)state;
	with_more(",\"crossOrigin\":true",
	    WEBAUTHN_CLIENT_DATA_CROSS_ORIGIN);
	with_more(",\"crossOrigin\":false", WEBAUTHN_OK);
}

static void
test_webauthn_3_2_028_cross_origin_types(void **state)
{
	(void)state;
	with_more(",\"crossOrigin\":\"true\"",
	    WEBAUTHN_CLIENT_DATA_MALFORMED);
	with_more(",\"crossOrigin\":1", WEBAUTHN_CLIENT_DATA_MALFORMED);
	with_more(",\"crossOrigin\":null", WEBAUTHN_CLIENT_DATA_MALFORMED);
	with_more(",\"crossOrigin\":\"\"", WEBAUTHN_CLIENT_DATA_MALFORMED);
}

static void
test_webauthn_3_2_029_top_origin(void **state)
{
	(void)state;
	with_more(",\"topOrigin\":\"https://evil.example\"",
	    WEBAUTHN_CLIENT_DATA_TOP_ORIGIN);
	with_more(",\"topOrigin\":\"" FORGE_ORIGIN "\"",
	    WEBAUTHN_CLIENT_DATA_TOP_ORIGIN);
	with_more(",\"crossOrigin\":false,\"topOrigin\":\"" FORGE_ORIGIN "\"",
	    WEBAUTHN_CLIENT_DATA_TOP_ORIGIN);
	with_more(",\"crossOrigin\":true,\"topOrigin\":\"" FORGE_ORIGIN "\"",
	    WEBAUTHN_CLIENT_DATA_CROSS_ORIGIN);
	with_more(",\"topOrigin\":null", WEBAUTHN_CLIENT_DATA_TOP_ORIGIN);
	with_more(",\"topOrigin\":7", WEBAUTHN_CLIENT_DATA_TOP_ORIGIN);
}

/* The same members in another order are other bytes. */
static void
test_webauthn_3_2_030_hash_of_bytes_as_sent(void **state)
{
	struct forge		f;
	struct base_slice	signature;

	(void)state;
	forge_assertion(&f, WEBAUTHN_ALG_ES256);
	signature = forge_asserted(&f).signature;
	f.client_data = forge_json(&f.arena, "{\"challenge\":\"%s\","
	    "\"type\":\"webauthn.get\",\"origin\":\"%s\","
	    "\"crossOrigin\":false}", f.challenge, f.origin);
	f.signature = signature;
	forge_assert_authenticate(&f, "reordered",
	    WEBAUTHN_SIGNATURE_INVALID);

	forge_assertion(&f, WEBAUTHN_ALG_ES256);
	f.signature = forge_asserted(&f).signature;
	forge_assert_authenticate(&f, "as signed", WEBAUTHN_OK);
}

static void
test_webauthn_3_2_031_token_binding(void **state)
{
	(void)state;
	with_more(",\"tokenBinding\":{\"status\":\"present\",\"id\":\"x\"}",
	    WEBAUTHN_OK);
	with_more(",\"tokenBinding\":null", WEBAUTHN_OK);
	with_more(",\"tokenBinding\":3", WEBAUTHN_OK);
}

static void
test_webauthn_3_2_039_challenge_changed(void **state)
{
	static const char *const	wrong[] = {
		"UGVyAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		CHALLENGE "A", CHALLENGE "AA", CHALLENGE "AAA",
		CHALLENGE "=", CHALLENGE " ", " " CHALLENGE,
		"UGVYAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"UGVyAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
		"UGVyAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQ",
		"5065720102030000", "/+++", "UGVyAQID\\nAAAA",
	};

	(void)state;
	with_challenge(CHALLENGE, WEBAUTHN_OK);
	for (size_t i = 0; i < COUNT(wrong); i++)
		with_challenge(wrong[i], WEBAUTHN_CLIENT_DATA_CHALLENGE);
}

static void
test_webauthn_3_2_040_empty_challenge(void **state)
{
	struct forge	f;

	(void)state;
	with_challenge("", WEBAUTHN_CLIENT_DATA_CHALLENGE);

	/* nor when the server itself has none */
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.challenge = "";
	f.expect.challenge = (struct base_slice){ NULL, 0 };
	forge_assert_authenticate(&f, "none expected",
	    WEBAUTHN_CLIENT_DATA_CHALLENGE);
}

static void
test_webauthn_3_2_041_zero_challenge(void **state)
{
	(void)state;
	with_challenge("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    WEBAUTHN_CLIENT_DATA_CHALLENGE);
}

/* What the client says it expects is no member of ours. */
static void
test_webauthn_3_2_042_expected_in_the_body(void **state)
{
	(void)state;
	raw("beside", "{\"type\":\"%s\",\"challenge\":\"AAAA\","
	    "\"expectedChallenge\":\"AAAA\"," ORIGIN "}",
	    WEBAUTHN_CLIENT_DATA_CHALLENGE);
}

static void
test_webauthn_3_2_048_scheme(void **state)
{
	(void)state;
	with_origin("https://id.example.org", WEBAUTHN_OK);
	with_origin("http://id.example.org", WEBAUTHN_CLIENT_DATA_ORIGIN);
	with_origin("https://localhost:1812", WEBAUTHN_CLIENT_DATA_ORIGIN);
}

static void
test_webauthn_3_2_049_port(void **state)
{
	(void)state;
	with_origin("http://localhost:1813", WEBAUTHN_CLIENT_DATA_ORIGIN);
	with_origin("http://localhost", WEBAUTHN_CLIENT_DATA_ORIGIN);
	with_origin("https://id.example.org:443",
	    WEBAUTHN_CLIENT_DATA_ORIGIN);
	with_origin("http://localhost:01812", WEBAUTHN_CLIENT_DATA_ORIGIN);
}

static void
test_webauthn_3_2_050_sub_and_parent_domain(void **state)
{
	(void)state;
	with_origin("https://evil.id.example.org",
	    WEBAUTHN_CLIENT_DATA_ORIGIN);
	with_origin("https://example.org", WEBAUTHN_CLIENT_DATA_ORIGIN);
	with_origin("https://www.example.org", WEBAUTHN_CLIENT_DATA_ORIGIN);
}

static void
test_webauthn_3_2_051_suffix(void **state)
{
	(void)state;
	with_origin("https://id.example.org.evil.com",
	    WEBAUTHN_CLIENT_DATA_ORIGIN);
	with_origin("https://evilid.example.org",
	    WEBAUTHN_CLIENT_DATA_ORIGIN);
	with_origin("https://id.example.or", WEBAUTHN_CLIENT_DATA_ORIGIN);
}

static void
test_webauthn_3_2_052_look_alikes(void **state)
{
	static const char *const	wrong[] = {
		"https://id.example.org@evil.com", "https://id.example.org/",
		"https://id.example.org#x", "https://id.example.org?",
		"https://id.example.org.", "https://ID.example.org",
		"HTTPS://id.example.org", "https://id.example.org ",
		" https://id.example.org", "https://id.example.org\\t",
		"https://xn--d-fga.example.org", "https:/id.example.org",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		with_origin(wrong[i], WEBAUTHN_CLIENT_DATA_ORIGIN);
}

static void
test_webauthn_3_2_053_no_web_origin(void **state)
{
	struct forge	f;

	(void)state;
	with_origin("null", WEBAUTHN_CLIENT_DATA_ORIGIN);
	with_origin("", WEBAUTHN_CLIENT_DATA_ORIGIN);
	with_origin("file://", WEBAUTHN_CLIENT_DATA_ORIGIN);
	with_origin("android:apk-key-hash:AAAA",
	    WEBAUTHN_CLIENT_DATA_ORIGIN);

	/* an empty entry of the list lets nobody in */
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.origin = "";
	f.origins[0] = (struct base_slice){ (const uint8_t *)"", 0 };
	forge_assert_authenticate(&f, "empty", WEBAUTHN_CLIENT_DATA_ORIGIN);
	forge_assertion(&f, WEBAUTHN_ALG_EDDSA);
	f.expect.origin_count = 0;
	forge_assert_authenticate(&f, "no list",
	    WEBAUTHN_CLIENT_DATA_ORIGIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_3_2_019_type),
		cmocka_unit_test(test_webauthn_3_2_020_missing_or_no_string),
		cmocka_unit_test(test_webauthn_3_2_021_repeated),
		cmocka_unit_test(test_webauthn_3_2_022_byte_order_mark),
		cmocka_unit_test(test_webauthn_3_2_023_trailing),
		cmocka_unit_test(test_webauthn_3_2_024_utf16),
		cmocka_unit_test(test_webauthn_3_2_025_unknown_members),
		cmocka_unit_test(test_webauthn_3_2_026_huge),
		cmocka_unit_test(test_webauthn_3_2_027_cross_origin),
		cmocka_unit_test(test_webauthn_3_2_028_cross_origin_types),
		cmocka_unit_test(test_webauthn_3_2_029_top_origin),
		cmocka_unit_test(test_webauthn_3_2_030_hash_of_bytes_as_sent),
		cmocka_unit_test(test_webauthn_3_2_031_token_binding),
		cmocka_unit_test(test_webauthn_3_2_039_challenge_changed),
		cmocka_unit_test(test_webauthn_3_2_040_empty_challenge),
		cmocka_unit_test(test_webauthn_3_2_041_zero_challenge),
		cmocka_unit_test(test_webauthn_3_2_042_expected_in_the_body),
		cmocka_unit_test(test_webauthn_3_2_048_scheme),
		cmocka_unit_test(test_webauthn_3_2_049_port),
		cmocka_unit_test(test_webauthn_3_2_050_sub_and_parent_domain),
		cmocka_unit_test(test_webauthn_3_2_051_suffix),
		cmocka_unit_test(test_webauthn_3_2_052_look_alikes),
		cmocka_unit_test(test_webauthn_3_2_053_no_web_origin),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
