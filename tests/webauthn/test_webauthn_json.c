/*
 * The JSON of responses: webauthn_3_2, groups 1 to 16.
 * Every case starts from a recorded ceremony and spoils one thing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_base64url.h"
#include "support/forge_assert.h"
#include "support/vector.h"
#include "webauthn/webauthn_json.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define BOTH		2	/* creation, assertion */

static struct vector	vector;

static int
open_vector(void **state)
{
	(void)state;
	vector_open(&vector, "chromium_usb_es256");
	return (0);
}

static int
close_vector(void **state)
{
	(void)state;
	vector_close(&vector);
	return (0);
}

/* A copy to spoil. */
static json_t *
good(int kind)
{
	return (json_deep_copy(kind == 0 ? vector_created(&vector) :
	    vector_asserted(&vector, 0)));
}

static enum webauthn_verdict
parse_as(int kind, const json_t *json)
{
	struct webauthn_register_response	created;
	struct webauthn_authenticate_response	asserted;

	if (kind == 0)
		return (webauthn_register_parse(&vector.arena, json,
		    &created));
	return (webauthn_authenticate_parse(&vector.arena, json, &asserted));
}

static enum webauthn_verdict
text_as(int kind, const char *text, size_t len)
{
	struct base_slice	 slice = { (const uint8_t *)text, len };
	enum webauthn_verdict	 verdict;
	json_t			*json;

	if ((json = webauthn_json_load(slice)) == NULL)
		return (WEBAUTHN_JSON_MALFORMED);
	verdict = parse_as(kind, json);
	json_decref(json);
	return (verdict);
}

static void
expect_text(const char *text, enum webauthn_verdict want)
{
	for (int kind = 0; kind < BOTH; kind++) {
		enum webauthn_verdict	got;

		got = text_as(kind, text, strlen(text));
		if (got != want)
			fail_msg("%.60s: %s", text,
			    webauthn_verdict_name(got));
	}
}

/* Set (or with NULL remove) a member; "response.x" is one of the response. */
static void
spoil(json_t *json, const char *path, json_t *value)
{
	if (strncmp(path, "response.", 9) == 0) {
		json = json_object_get(json, "response");
		path += 9;
	}
	if (value == NULL)
		json_object_del(json, path);
	else
		json_object_set_new(json, path, value);
}

static void
expect_spoiled(int kind, const char *path, json_t *value,
    enum webauthn_verdict want)
{
	json_t			*json = good(kind);
	enum webauthn_verdict	 got;

	spoil(json, path, value);
	got = parse_as(kind, json);
	json_decref(json);
	if (got != want)
		fail_msg("%s: %s, not %s", path, webauthn_verdict_name(got),
		    webauthn_verdict_name(want));
}

static void
expect_both(const char *path, json_t *value, enum webauthn_verdict want)
{
	json_incref(value);
	expect_spoiled(0, path, value, want);
	expect_spoiled(1, path, value, want);
}

static void
test_webauthn_3_2_001_empty(void **state)
{
	(void)state;
	for (int kind = 0; kind < BOTH; kind++) {
		json_t	*json = good(kind);
		char	*text = json_dumps(json, 0);

		assert_int_equal(parse_as(kind, json), WEBAUTHN_OK);
		assert_int_equal(text_as(kind, text, strlen(text)),
		    WEBAUTHN_OK);
		free(text);
		json_decref(json);
	}
	expect_text("", WEBAUTHN_JSON_MALFORMED);
}

static void
test_webauthn_3_2_002_not_json(void **state)
{
	(void)state;
	expect_text("id=1&rawId=2", WEBAUTHN_JSON_MALFORMED);
	expect_text("{", WEBAUTHN_JSON_MALFORMED);
	expect_text("{\"id\":}", WEBAUTHN_JSON_MALFORMED);
	expect_text("{} {}", WEBAUTHN_JSON_MALFORMED);
	expect_text("\xef\xbb\xbf{}", WEBAUTHN_JSON_MALFORMED);
	assert_int_equal(text_as(0, "{}\0", 3), WEBAUTHN_JSON_MALFORMED);
}

static void
test_webauthn_3_2_003_no_object(void **state)
{
	(void)state;
	expect_text("[]", WEBAUTHN_JSON_MALFORMED);
	expect_text("[{}]", WEBAUTHN_JSON_MALFORMED);
	expect_text("\"x\"", WEBAUTHN_JSON_MALFORMED);
	expect_text("1", WEBAUTHN_JSON_MALFORMED);
	expect_text("null", WEBAUTHN_JSON_MALFORMED);
	expect_text("{}", WEBAUTHN_RESPONSE_MALFORMED);
}

static void
test_webauthn_3_2_004_over_the_limit(void **state)
{
	json_t	*json = good(1);
	char	*text = json_dumps(json, 0);
	char	*padded = malloc(WEBAUTHN_BODY_MAX + 1);
	size_t	 len = strlen(text);

	(void)state;
	memcpy(padded, text, len);
	memset(padded + len, ' ', WEBAUTHN_BODY_MAX + 1 - len);
	assert_int_equal(text_as(1, padded, WEBAUTHN_BODY_MAX), WEBAUTHN_OK);
	assert_int_equal(text_as(1, padded, WEBAUTHN_BODY_MAX + 1),
	    WEBAUTHN_JSON_MALFORMED);
	free(padded);
	free(text);
	json_decref(json);
}

/* {"a":[[...]]} with this many brackets within the braces. */
static struct base_slice
nested(size_t depth)
{
	struct base_slice	out;

	out = forge_join(&vector.arena, forge_text("{\"a\":"),
	    forge_repeat(&vector.arena, '[', depth));
	out = forge_join(&vector.arena, out,
	    forge_repeat(&vector.arena, ']', depth));
	return (forge_join(&vector.arena, out, forge_text("}")));
}

static void
expect_depth(size_t depth, bool taken)
{
	json_t	*json = webauthn_json_load(nested(depth));

	assert_int_equal(json != NULL, taken);
	json_decref(json);
}

static void
test_webauthn_3_2_005_deep(void **state)
{
	static const char	quoted[] =
	    "{\"a\":\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[[[[\"}";
	json_t			*json;

	(void)state;
	expect_depth(WEBAUTHN_JSON_DEPTH_MAX - 1, true);
	expect_depth(WEBAUTHN_JSON_DEPTH_MAX, false);
	expect_depth(10000, false);
	json = webauthn_json_load(forge_text(quoted));
	assert_non_null(json);
	json_decref(json);
	assert_null(webauthn_json_load(forge_repeat(&vector.arena, '[',
	    10000)));
}

static void
test_webauthn_3_2_006_repeated(void **state)
{
	static const char *const	firsts[] = {
		"{\"id\":\"AAAAAAAAAAAAAAAAAAAAAA\",",
		"{\"response\":{},", "{\"type\":\"public-key\",",
		"{\"x\":{\"challenge\":1,\"challenge\":1},",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(firsts) * BOTH; i++) {
		json_t			*json = good((int)(i % BOTH));
		char			*text = json_dumps(json, 0);
		struct base_slice	 both;

		both = forge_join(&vector.arena,
		    forge_text(firsts[i / BOTH]), forge_text(text + 1));
		assert_int_equal(text_as((int)(i % BOTH),
		    (const char *)both.data, both.len),
		    WEBAUTHN_JSON_MALFORMED);
		free(text);
		json_decref(json);
	}
}

/* Every member that has to be there. */
static const struct {
	const char	*path;
	bool		 creation, assertion;
} needed[] = {
	{ "id",				true,	true },
	{ "rawId",			true,	true },
	{ "type",			true,	true },
	{ "response",			true,	true },
	{ "response.clientDataJSON",	true,	true },
	{ "response.attestationObject",	true,	false },
	{ "response.authenticatorData",	false,	true },
	{ "response.signature",		false,	true },
};

static void
test_webauthn_3_2_007_missing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(needed); i++) {
		if (needed[i].creation)
			expect_spoiled(0, needed[i].path, NULL,
			    WEBAUTHN_RESPONSE_MALFORMED);
		if (needed[i].assertion)
			expect_spoiled(1, needed[i].path, NULL,
			    WEBAUTHN_RESPONSE_MALFORMED);
	}

	/* and those that may be missing, or null */
	expect_both("authenticatorAttachment", NULL, WEBAUTHN_OK);
	expect_both("authenticatorAttachment", json_null(), WEBAUTHN_OK);
	expect_both("clientExtensionResults", NULL, WEBAUTHN_OK);
	expect_both("clientExtensionResults", json_null(), WEBAUTHN_OK);
	expect_spoiled(0, "response.transports", NULL, WEBAUTHN_OK);
	expect_spoiled(0, "response.transports", json_null(), WEBAUTHN_OK);
	expect_spoiled(0, "response.publicKey", NULL, WEBAUTHN_OK);
	expect_spoiled(0, "response.publicKey", json_integer(1), WEBAUTHN_OK);
	expect_spoiled(1, "response.userHandle", NULL, WEBAUTHN_OK);
	expect_spoiled(1, "response.userHandle", json_null(), WEBAUTHN_OK);
}

static void
wrong_type(const char *path, int kind, enum webauthn_verdict want)
{
	expect_spoiled(kind, path, json_integer(7), want);
	expect_spoiled(kind, path, json_array(), want);
	expect_spoiled(kind, path, json_true(), want);
	if (strcmp(path, "response") != 0 &&
	    strcmp(path, "clientExtensionResults") != 0)
		expect_spoiled(kind, path, json_object(), want);
	else
		expect_spoiled(kind, path, json_string("x"), want);
}

static void
test_webauthn_3_2_008_wrong_type(void **state)
{
	const enum webauthn_verdict	want = WEBAUTHN_RESPONSE_MALFORMED;

	(void)state;
	for (size_t i = 0; i < COUNT(needed); i++) {
		for (int kind = 0; kind < BOTH; kind++) {
			if (!(kind == 0 ? needed[i].creation :
			    needed[i].assertion))
				continue;
			wrong_type(needed[i].path, kind, want);
			expect_spoiled(kind, needed[i].path, json_null(),
			    want);
		}
	}
	for (int kind = 0; kind < BOTH; kind++) {
		wrong_type("authenticatorAttachment", kind, want);
		wrong_type("clientExtensionResults", kind, want);
	}
	wrong_type("response.userHandle", 1, want);
}

static void
test_webauthn_3_2_009_credential_type(void **state)
{
	(void)state;
	expect_both("type", json_string("password"),
	    WEBAUTHN_CREDENTIAL_TYPE);
	expect_both("type", json_string("Public-Key"),
	    WEBAUTHN_CREDENTIAL_TYPE);
	expect_both("type", json_string("public-key "),
	    WEBAUTHN_CREDENTIAL_TYPE);
	expect_both("type", json_string(""), WEBAUTHN_CREDENTIAL_TYPE);
}

static void
test_webauthn_3_2_010_id_and_raw_id_differ(void **state)
{
	(void)state;
	expect_both("id", json_string("AAAAAAAAAAAAAAAAAAAAAA"),
	    WEBAUTHN_CREDENTIAL_ID);
	expect_both("rawId", json_string("AAAAAAAAAAAAAAAAAAAAAA"),
	    WEBAUTHN_CREDENTIAL_ID);
	expect_both("id", json_string(""), WEBAUTHN_CREDENTIAL_ID);
}

/* Both texts alike, of too few bytes. */
static void
test_webauthn_3_2_010_short_id(void **state)
{
	(void)state;
	for (int kind = 0; kind < BOTH; kind++) {
		json_t	*json = good(kind);

		spoil(json, "id", json_string("AAAAAAAAAAAAAAAAAAAA"));
		spoil(json, "rawId", json_string("AAAAAAAAAAAAAAAAAAAA"));
		assert_int_equal(parse_as(kind, json),
		    WEBAUTHN_CREDENTIAL_ID);
		spoil(json, "id", json_string("AAAAAAAAAAAAAAAAAAAAAA"));
		spoil(json, "rawId", json_string("AAAAAAAAAAAAAAAAAAAAAA"));
		assert_int_equal(parse_as(kind, json), WEBAUTHN_OK);
		json_decref(json);
	}
}

static void
test_webauthn_3_2_011_raw_id_not_of_the_data(void **state)
{
	struct forge	f;

	(void)state;
	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.raw_id = forge_repeat(&f.arena, 0xc3, 32);
	forge_assert_register(&f, "other", WEBAUTHN_CREDENTIAL_ID);
	forge_creation(&f, WEBAUTHN_ALG_EDDSA);
	f.raw_id = forge_repeat(&f.arena, 0xc1, 31);
	forge_assert_register(&f, "shorter", WEBAUTHN_CREDENTIAL_ID);
}

/* Ways to write what is not base64url, or not the one text of its value. */
static void
not_base64url(int kind, const char *path)
{
	static const char *const	texts[] = {
		"AAAAAAAAAAAAAAAAAAAAA+", "AAAAAAAAAAAAAAAAAAAAA/",
		"AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAA=",
		" AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA\n",
		"AAAAAAAAAAA AAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAAAAAB",
		"AAAAAAAAAAAAAAAAAAAAAAB",
	};

	for (size_t i = 0; i < COUNT(texts); i++)
		expect_spoiled(kind, path, json_string(texts[i]),
		    WEBAUTHN_RESPONSE_MALFORMED);
}

static void
test_webauthn_3_2_012_base64url(void **state)
{
	(void)state;
	not_base64url(0, "rawId");
	not_base64url(1, "rawId");
	not_base64url(0, "response.clientDataJSON");
	not_base64url(1, "response.clientDataJSON");
	not_base64url(0, "response.attestationObject");
	not_base64url(1, "response.authenticatorData");
	not_base64url(1, "response.signature");
	not_base64url(1, "response.userHandle");
}

/* Text of "len" bytes in base64url. */
static json_t *
bytes_of(size_t len)
{
	char	*text = base_arena_new(&vector.arena,
		    BASE_BASE64URL_LEN(len) + 1);

	base_base64url_encode(forge_repeat(&vector.arena, 1, len).data, len,
	    text);
	return (json_string(text));
}

static void
test_webauthn_3_2_012_sizes(void **state)
{
	static const struct {
		int			 kind;
		const char		*path;
		size_t			 max;
		enum webauthn_verdict	 at, over;
	} cases[] = {
		{ 0, "rawId", WEBAUTHN_CREDENTIAL_ID_MAX,
		    WEBAUTHN_CREDENTIAL_ID, WEBAUTHN_RESPONSE_TOO_LONG },
		{ 0, "response.clientDataJSON", WEBAUTHN_CLIENT_DATA_MAX,
		    WEBAUTHN_OK, WEBAUTHN_RESPONSE_TOO_LONG },
		{ 0, "response.attestationObject", WEBAUTHN_ATTESTATION_MAX,
		    WEBAUTHN_OK, WEBAUTHN_RESPONSE_TOO_LONG },
		{ 1, "response.authenticatorData", WEBAUTHN_AUTH_DATA_MAX,
		    WEBAUTHN_OK, WEBAUTHN_RESPONSE_TOO_LONG },
		{ 1, "response.signature", WEBAUTHN_SIGNATURE_MAX,
		    WEBAUTHN_OK, WEBAUTHN_RESPONSE_TOO_LONG },
		{ 1, "response.userHandle", WEBAUTHN_USER_HANDLE_MAX,
		    WEBAUTHN_OK, WEBAUTHN_USER_HANDLE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		expect_spoiled(cases[i].kind, cases[i].path,
		    bytes_of(cases[i].max), cases[i].at);
		expect_spoiled(cases[i].kind, cases[i].path,
		    bytes_of(cases[i].max + 1), cases[i].over);
	}
}

static void
test_webauthn_3_2_013_embedded_nul(void **state)
{
	(void)state;
	expect_text("{\"id\":\"AAAA\\u0000\"}", WEBAUTHN_JSON_MALFORMED);
	expect_text("{\"type\":\"public-key\\u0000\"}",
	    WEBAUTHN_JSON_MALFORMED);
	expect_text("{\"x\\u0000\":1}", WEBAUTHN_JSON_MALFORMED);
}

static void
test_webauthn_3_2_014_invalid_text(void **state)
{
	(void)state;
	expect_text("{\"id\":\"\xff\"}", WEBAUTHN_JSON_MALFORMED);
	expect_text("{\"id\":\"\xc0\x80\"}", WEBAUTHN_JSON_MALFORMED);
	expect_text("{\"id\":\"\xed\xa0\x80\"}", WEBAUTHN_JSON_MALFORMED);
	expect_text("{\"id\":\"\\ud800\"}", WEBAUTHN_JSON_MALFORMED);
	expect_text("{\"id\":\"\\udc00\"}", WEBAUTHN_JSON_MALFORMED);
	expect_text("{\"id\":\"\xe2\x82\"}", WEBAUTHN_JSON_MALFORMED);
}

static json_t *
list_of(size_t count, const char *name)
{
	json_t	*list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(name));
	return (list);
}

static void
expect_transports(json_t *list, enum webauthn_verdict want)
{
	expect_spoiled(0, "response.transports", list, want);
}

static void
test_webauthn_3_2_015_transports(void **state)
{
	struct webauthn_register_response	r;
	json_t					*json = good(0);

	(void)state;
	expect_transports(list_of(0, "usb"), WEBAUTHN_OK);
	expect_transports(list_of(10, "usb"), WEBAUTHN_OK);
	expect_transports(list_of(11, "usb"), WEBAUTHN_TRANSPORTS);
	expect_transports(list_of(10000, "usb"), WEBAUTHN_TRANSPORTS);
	expect_transports(list_of(1, "<b>usb</b>"), WEBAUTHN_TRANSPORTS);
	expect_transports(list_of(1, ""), WEBAUTHN_TRANSPORTS);
	expect_transports(list_of(1, "a b"), WEBAUTHN_TRANSPORTS);
	expect_transports(list_of(1, "abcdefghijklmnopqrstuvwxyz012345"),
	    WEBAUTHN_OK);
	expect_transports(list_of(1, "abcdefghijklmnopqrstuvwxyz0123456"),
	    WEBAUTHN_TRANSPORTS);
	expect_transports(json_pack("[i]", 1), WEBAUTHN_TRANSPORTS);
	expect_transports(json_pack("[n]"), WEBAUTHN_TRANSPORTS);
	expect_transports(json_string("usb"), WEBAUTHN_TRANSPORTS);
	expect_transports(json_object(), WEBAUTHN_TRANSPORTS);

	/* an unknown word is kept, in its place */
	spoil(json, "response.transports", json_pack("[ss]", "usb",
	    "quantum"));
	assert_int_equal(webauthn_register_parse(&vector.arena, json, &r),
	    WEBAUTHN_OK);
	assert_int_equal(r.transports.count, 2);
	assert_string_equal(r.transports.names[1], "quantum");
	json_decref(json);
}

static void
test_webauthn_3_2_016_other_ceremony(void **state)
{
	json_t	*created = good(0), *asserted = good(1);

	(void)state;
	assert_int_equal(parse_as(0, asserted), WEBAUTHN_RESPONSE_KIND);
	assert_int_equal(parse_as(1, created), WEBAUTHN_RESPONSE_KIND);
	json_decref(created);
	json_decref(asserted);
}

/* credProps (1.7): a key that is not discoverable is no passkey. */
static void
test_webauthn_json_cred_props(void **state)
{
	(void)state;
	expect_spoiled(0, "clientExtensionResults",
	    json_pack("{s:{s:b}}", "credProps", "rk", 0),
	    WEBAUTHN_NOT_DISCOVERABLE);
	expect_spoiled(0, "clientExtensionResults",
	    json_pack("{s:{s:b}}", "credProps", "rk", 1), WEBAUTHN_OK);
	expect_spoiled(0, "clientExtensionResults",
	    json_pack("{s:{}}", "credProps"), WEBAUTHN_OK);
	expect_spoiled(0, "clientExtensionResults",
	    json_pack("{s:n}", "credProps"), WEBAUTHN_OK);
	expect_spoiled(0, "clientExtensionResults",
	    json_pack("{s:{s:s}}", "credProps", "rk", "true"),
	    WEBAUTHN_EXTENSIONS);
	expect_spoiled(0, "clientExtensionResults",
	    json_pack("{s:b}", "credProps", 1), WEBAUTHN_EXTENSIONS);
	/* what stays in the browser is not read when it arrives */
	expect_spoiled(0, "clientExtensionResults",
	    json_pack("{s:{s:{s:s}}}", "prf", "results", "first", "x"),
	    WEBAUTHN_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webauthn_3_2_001_empty),
		cmocka_unit_test(test_webauthn_3_2_002_not_json),
		cmocka_unit_test(test_webauthn_3_2_003_no_object),
		cmocka_unit_test(test_webauthn_3_2_004_over_the_limit),
		cmocka_unit_test(test_webauthn_3_2_005_deep),
		cmocka_unit_test(test_webauthn_3_2_006_repeated),
		cmocka_unit_test(test_webauthn_3_2_007_missing),
		cmocka_unit_test(test_webauthn_3_2_008_wrong_type),
		cmocka_unit_test(test_webauthn_3_2_009_credential_type),
		cmocka_unit_test(test_webauthn_3_2_010_id_and_raw_id_differ),
		cmocka_unit_test(test_webauthn_3_2_010_short_id),
		cmocka_unit_test(test_webauthn_3_2_011_raw_id_not_of_the_data),
		cmocka_unit_test(test_webauthn_3_2_012_base64url),
		cmocka_unit_test(test_webauthn_3_2_012_sizes),
		cmocka_unit_test(test_webauthn_3_2_013_embedded_nul),
		cmocka_unit_test(test_webauthn_3_2_014_invalid_text),
		cmocka_unit_test(test_webauthn_3_2_015_transports),
		cmocka_unit_test(test_webauthn_3_2_016_other_ceremony),
		cmocka_unit_test(test_webauthn_json_cred_props),
	};

	return (cmocka_run_group_tests(tests, open_vector, close_vector));
}
