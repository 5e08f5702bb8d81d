/*
 * Who may redeem an authorization code.
 * Every case starts from a pair that must pass and spoils one thing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "oidc/oidc_code.h"

#define NOW		1000000
#define VERIFIER	"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define REDIRECT	"https://rp.example/cb"

struct pair {
	struct oidc_code	code;
	struct oidc_code_claim	claim;
};

static struct base_keyring	ring;

static int
setup(void **state)
{
	struct base_key	key = { .id = 7, .purpose = BASE_PURPOSE_SEAL };

	(void)state;
	memset(key.bytes, 0x5a, sizeof(key.bytes));
	return (base_keyring_add(&ring, &key) ? 0 : -1);
}

static struct pair
good(void)
{
	struct pair	p = {
		.code = {
			.id = { { 1, 2, 3 } },
			.client = { { 4 } },
			.user = { { 5 } },
			.session = { { 6 } },
			.client_id = "app",
			.has_challenge = true,
			.scopes = OIDC_SCOPE_OPENID | OIDC_SCOPE_EMAIL,
			.id_token_claims = OIDC_CLAIM_NAME,
			.userinfo_claims = OIDC_CLAIM_EMAIL,
			.nonce = "n-0S6_WzA2Mj",
			.auth_time = NOW - 100,
			.expires_at = NOW + OIDC_CODE_SECONDS,
			.timeline = "0000000A",
			.address = "2001:db8::7",
			.device = "Firefox on Linux",
		},
		.claim = { "app", REDIRECT, VERIFIER },
	};

	base_hash_sha256(REDIRECT, strlen(REDIRECT), p.code.redirect_digest);
	base_hash_sha256(VERIFIER, strlen(VERIFIER), p.code.challenge);
	return (p);
}

static void nothing(struct pair *p)	{ (void)p; }
static void client(struct pair *p)	{ p->claim.client_id = "apq"; }
static void no_client(struct pair *p)	{ p->claim.client_id = NULL; }
static void longer_id(struct pair *p)	{ p->claim.client_id = "app2"; }
static void uri(struct pair *p)		{ p->claim.redirect_uri = REDIRECT "/"; }
static void no_uri(struct pair *p)	{ p->claim.redirect_uri = NULL; }
static void uri_bit(struct pair *p)	{ p->code.redirect_digest[31] ^= 1; }
static void no_verifier(struct pair *p)	{ p->claim.verifier = NULL; }
static void empty(struct pair *p)	{ p->claim.verifier = ""; }
static void challenge(struct pair *p)	{ p->code.challenge[31] ^= 1; }
static void plain(struct pair *p)	{ p->claim.verifier =
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"; }
static void downgrade(struct pair *p)	{ p->code.has_challenge = false; }

static void
no_pkce(struct pair *p)
{
	p->code.has_challenge = false;
	p->claim.verifier = NULL;
}

static const struct {
	const char	*name;
	void		(*spoil)(struct pair *);
	enum oidc_error	 want;
} cases[] = {
	{ "as issued",			nothing,	OIDC_OK },
	{ "without PKCE at all",	no_pkce,	OIDC_OK },
	{ "another client",		client,		OIDC_INVALID_GRANT },
	{ "no client",			no_client,	OIDC_INVALID_GRANT },
	{ "longer client id",		longer_id,	OIDC_INVALID_GRANT },
	{ "redirect URI",		uri,		OIDC_INVALID_GRANT },
	{ "no redirect URI",		no_uri,		OIDC_INVALID_GRANT },
	{ "last bit of the URI digest",	uri_bit,	OIDC_INVALID_GRANT },
	{ "no verifier",		no_verifier,	OIDC_INVALID_GRANT },
	{ "empty verifier",		empty,		OIDC_INVALID_GRANT },
	{ "challenge for verifier",	plain,		OIDC_INVALID_GRANT },
	{ "last bit of challenge",	challenge,	OIDC_INVALID_GRANT },
	{ "verifier without challenge",	downgrade,	OIDC_INVALID_GRANT },
};

static void
test_oidc_code_check(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pair	p = good();

		cases[i].spoil(&p);
		if (oidc_code_check(&p.code, &p.claim) != cases[i].want)
			fail_msg("case: %s", cases[i].name);
	}
}

/* Everything that was sealed comes back. */
static void
test_oidc_code_seal(void **state)
{
	struct oidc_code	code = good().code, back = { 0 };
	char			text[OIDC_CODE_TEXT_MAX + 1];

	(void)state;
	assert_true(oidc_code_seal(&ring, NOW, &code, text));
	assert_true(strlen(text) < 500);
	assert_int_equal(oidc_code_open(&ring, NOW, "0000000A",
	    base_bytes_slice(text), &back), OIDC_OK);
	assert_memory_equal(&back.id, &code.id, sizeof(code.id));
	assert_memory_equal(&back.client, &code.client, sizeof(code.client));
	assert_memory_equal(&back.user, &code.user, sizeof(code.user));
	assert_memory_equal(&back.session, &code.session,
	    sizeof(code.session));
	assert_string_equal(back.client_id, "app");
	assert_memory_equal(back.redirect_digest, code.redirect_digest, 32);
	assert_memory_equal(back.challenge, code.challenge, 32);
	assert_true(back.has_challenge);
	assert_int_equal(back.scopes, code.scopes);
	assert_int_equal(back.id_token_claims, OIDC_CLAIM_NAME);
	assert_int_equal(back.userinfo_claims, OIDC_CLAIM_EMAIL);
	assert_string_equal(back.nonce, code.nonce);
	assert_int_equal(back.auth_time, code.auth_time);
	assert_int_equal(back.expires_at, code.expires_at);
	assert_string_equal(back.address, "2001:db8::7");
	assert_string_equal(back.device, "Firefox on Linux");

	/* the largest there can be still fits */
	memset(code.client_id, 'c', OIDC_CLIENT_ID_MAX);
	memset(code.nonce, 'n', OIDC_NONCE_MAX);
	memset(code.address, 'a', OIDC_ADDRESS_MAX);
	memset(code.device, 'd', OIDC_DEVICE_MAX);
	assert_true(oidc_code_seal(&ring, NOW, &code, text));
	assert_true(strlen(text) <= OIDC_CODE_TEXT_MAX);
}

static void
test_oidc_code_open(void **state)
{
	struct oidc_code	code = good().code, back;
	struct base_keyring	empty_ring = { .count = 0 };
	char			text[OIDC_CODE_TEXT_MAX + 2];
	size_t			len;

	(void)state;
	assert_true(oidc_code_seal(&ring, NOW, &code, text));
	len = strlen(text);

	/* time: good to its last second, then never again */
	assert_int_equal(oidc_code_open(&ring, NOW + 59, "0000000A",
	    base_bytes_slice(text), &back), OIDC_OK);
	assert_int_equal(oidc_code_open(&ring, NOW + 60, "0000000A",
	    base_bytes_slice(text), &back), OIDC_INVALID_GRANT);
	/* timeline: an older one is refused, a younger one is not */
	assert_int_equal(oidc_code_open(&ring, NOW, "0000000B",
	    base_bytes_slice(text), &back), OIDC_INVALID_GRANT);
	assert_int_equal(oidc_code_open(&ring, NOW, "00000009",
	    base_bytes_slice(text), &back), OIDC_OK);
	/* key */
	assert_int_equal(oidc_code_open(&empty_ring, NOW, "0000000A",
	    base_bytes_slice(text), &back), OIDC_INVALID_GRANT);

	/* every character counts, and so does the length */
	for (size_t i = 0; i < len; i++) {
		text[i] ^= 1;
		if (oidc_code_open(&ring, NOW, "0000000A",
		    base_bytes_slice(text), &back) != OIDC_INVALID_GRANT)
			fail_msg("character %zu changed", i);
		text[i] ^= 1;
	}
	text[len] = 'A';
	text[len + 1] = '\0';
	assert_int_equal(oidc_code_open(&ring, NOW, "0000000A",
	    base_bytes_slice(text), &back), OIDC_INVALID_GRANT);
	assert_int_equal(oidc_code_open(&ring, NOW, "0000000A",
	    base_bytes_slice(""), &back), OIDC_INVALID_GRANT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oidc_code_check),
		cmocka_unit_test(test_oidc_code_seal),
		cmocka_unit_test(test_oidc_code_open),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
