/*
 * Access and refresh tokens: what is junk, and what one may not be used as.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "oidc/oidc_token.h"

#define NOW	1000000

static struct base_keyring	ring;

static int
setup(void **state)
{
	struct base_key	key = { .id = 3, .purpose = BASE_PURPOSE_MAC };

	(void)state;
	memset(key.bytes, 0x77, sizeof(key.bytes));
	return (base_keyring_add(&ring, &key) ? 0 : -1);
}

static const struct oidc_token good = {
	.type = OIDC_TOKEN_ACCESS,
	.grant = { { 9, 8, 7 } },
	.generation = 41,
	.expires_at = NOW + 3600,
	.scopes = OIDC_SCOPE_OPENID,
};

static void
test_oidc_token_parse(void **state)
{
	struct oidc_token	back;
	char			text[OIDC_TOKEN_TEXT_LEN + 2];
	size_t			len;

	(void)state;
	assert_true(oidc_token_format(&ring, NOW, &good, text));
	len = strlen(text);
	assert_int_equal(len, OIDC_TOKEN_TEXT_LEN);
	assert_memory_equal(text, "permiso_at_", 11);
	assert_true(oidc_token_parse(&ring, NOW, OIDC_TOKEN_ACCESS,
	    base_bytes_slice(text), &back));
	assert_memory_equal(&back.grant, &good.grant, sizeof(good.grant));
	assert_int_equal(back.generation, 41);
	assert_int_equal(back.expires_at, NOW + 3600);
	assert_int_equal(back.scopes, OIDC_SCOPE_OPENID);

	/* time */
	assert_true(oidc_token_parse(&ring, NOW + 3599, OIDC_TOKEN_ACCESS,
	    base_bytes_slice(text), &back));
	assert_false(oidc_token_parse(&ring, NOW + 3600, OIDC_TOKEN_ACCESS,
	    base_bytes_slice(text), &back));

	/* every character counts, and so does the length */
	for (size_t i = 0; i < len; i++) {
		text[i] ^= 1;
		if (oidc_token_parse(&ring, NOW, OIDC_TOKEN_ACCESS,
		    base_bytes_slice(text), &back))
			fail_msg("character %zu changed", i);
		text[i] ^= 1;
	}
	text[len] = 'A';
	text[len + 1] = '\0';
	assert_false(oidc_token_parse(&ring, NOW, OIDC_TOKEN_ACCESS,
	    base_bytes_slice(text), &back));
	text[len - 1] = '\0';
	assert_false(oidc_token_parse(&ring, NOW, OIDC_TOKEN_ACCESS,
	    base_bytes_slice(text), &back));
	assert_false(oidc_token_parse(&ring, NOW, OIDC_TOKEN_ACCESS,
	    base_bytes_slice(""), &back));
}

/* One kind is never the other, not even with the other's prefix. */
static void
test_oidc_token_type(void **state)
{
	struct oidc_token	token = good, back;
	char			text[OIDC_TOKEN_TEXT_LEN + 1];

	(void)state;
	token.type = OIDC_TOKEN_REFRESH;
	assert_true(oidc_token_format(&ring, NOW, &token, text));
	assert_memory_equal(text, "permiso_rt_", 11);
	assert_true(oidc_token_parse(&ring, NOW, OIDC_TOKEN_REFRESH,
	    base_bytes_slice(text), &back));
	assert_false(oidc_token_parse(&ring, NOW, OIDC_TOKEN_ACCESS,
	    base_bytes_slice(text), &back));
	text[8] = 'a';
	assert_false(oidc_token_parse(&ring, NOW, OIDC_TOKEN_ACCESS,
	    base_bytes_slice(text), &back));
}

/* A key that has left the ring makes its tokens junk. */
static void
test_oidc_token_key(void **state)
{
	struct base_keyring	other = { .count = 0 };
	struct base_key		key = { .id = 4, .purpose = BASE_PURPOSE_MAC };
	struct oidc_token	back;
	char			text[OIDC_TOKEN_TEXT_LEN + 1];

	(void)state;
	assert_true(base_keyring_add(&other, &key));
	assert_true(oidc_token_format(&ring, NOW, &good, text));
	assert_false(oidc_token_parse(&other, NOW, OIDC_TOKEN_ACCESS,
	    base_bytes_slice(text), &back));
	other.count = 0;
	assert_false(oidc_token_format(&other, NOW, &good, text));
}

static void
test_oidc_token_sid(void **state)
{
	const struct base_uuid	session = { { 1 } }, client = { { 2 } };
	const struct base_uuid	another = { { 3 } };
	char			sid[OIDC_SID_MAX + 1];
	char			other[OIDC_SID_MAX + 1];

	(void)state;
	assert_true(oidc_token_sid(&ring, NOW, &session, &client, sid));
	assert_true(oidc_token_sid(&ring, NOW, &session, &another, other));
	assert_string_not_equal(sid, other);
	assert_true(oidc_token_sid_match(&ring, sid, &session, &client));
	assert_false(oidc_token_sid_match(&ring, sid, &another, &client));
	assert_false(oidc_token_sid_match(&ring, sid, &session, &another));
	assert_false(oidc_token_sid_match(&ring, "", &session, &client));
	sid[10] ^= 1;
	assert_false(oidc_token_sid_match(&ring, sid, &session, &client));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oidc_token_parse),
		cmocka_unit_test(test_oidc_token_type),
		cmocka_unit_test(test_oidc_token_key),
		cmocka_unit_test(test_oidc_token_sid),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
