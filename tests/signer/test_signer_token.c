/*
 * What the signer signs.  Every case starts from claims that must pass and
 * spoils one thing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "jose/jose_jws.h"
#include "signer/signer_token.h"

#define NOW	1700000000
#define WEB	SIGNER_AUTH_WEB
#define JOBS	SIGNER_AUTH_JOBS

static const char *const	good[] = {
	[SIGNER_ID_TOKEN] = "{'sub':'a','aud':'app','iat':1700000000,"
	    "'exp':1700003600}",
	[SIGNER_USERINFO] = "{'sub':'a','aud':'app','iat':1700000000}",
	[SIGNER_INTROSPECTION] = "{'aud':'api','iat':1700000000,"
	    "'token_introspection':{'active':false}}",
	[SIGNER_ACCESS_TOKEN] = "{'sub':'a','aud':['api','b'],"
	    "'client_id':'app','jti':'x','iat':1700000000,"
	    "'exp':1700003600}",
	[SIGNER_LOGOUT_TOKEN] = "{'sid':'s','aud':'app','jti':'x',"
	    "'iat':1700000000,'exp':1700000120,'events':"
	    "{'http://schemas.openid.net/event/backchannel-logout':{}}}",
};

static enum signer_token_verdict
judge(enum signer_auth_role role, enum signer_kind kind, const char *claims)
{
	struct signer_request	request = { .kind = kind };
	char			text[2048], *p;

	(void)snprintf(text, sizeof(text), "%s", claims);
	for (p = text; *p != '\0'; p++) {
		if (*p == '\'')
			*p = '"';
	}
	request.claims = text;
	request.claims_len = strlen(text);

	return (signer_token_check(role, &request, NOW));
}

static void
test_signer_token_roles(void **state)
{
	int	kind;

	(void)state;
	for (kind = SIGNER_ID_TOKEN; kind <= SIGNER_LOGOUT_TOKEN; kind++) {
		bool	jobs = kind == SIGNER_LOGOUT_TOKEN;

		assert_int_equal(judge(jobs ? JOBS : WEB,
		    (enum signer_kind)kind, good[kind]), SIGNER_TOKEN_OK);
		assert_int_equal(judge(jobs ? WEB : JOBS,
		    (enum signer_kind)kind, good[kind]), SIGNER_TOKEN_KIND);
	}
	assert_int_equal(judge(WEB, (enum signer_kind)5, good[0]),
	    SIGNER_TOKEN_KIND);
	assert_int_equal(judge(WEB, (enum signer_kind)65535, good[0]),
	    SIGNER_TOKEN_KIND);
}

/* A claim set to another value, or taken out when the value is NULL. */
static const struct {
	enum signer_kind		 kind;
	const char			*name;
	const char			*value;		/* JSON */
	enum signer_token_verdict	 want;
} cases[] = {
	{ SIGNER_ID_TOKEN, "sub", NULL, SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "sub", "\"\"", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "sub", "1", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "aud", NULL, SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "aud", "[]", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "aud", "[\"a\",1]", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "aud", "[\"a\",\"\"]", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "aud", "\"\"", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "aud", "{}", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "aud", "[\"a\",\"b\"]", SIGNER_TOKEN_OK },
	{ SIGNER_ID_TOKEN, "iss", "\"https://evil.example\"",
	    SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "iss", "null", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "events", "{}", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ID_TOKEN, "nonce", "\"n\"", SIGNER_TOKEN_OK },
	{ SIGNER_ID_TOKEN, "iat", NULL, SIGNER_TOKEN_TIME },
	{ SIGNER_ID_TOKEN, "iat", "\"1700000000\"", SIGNER_TOKEN_TIME },
	{ SIGNER_ID_TOKEN, "iat", "1700000000.5", SIGNER_TOKEN_TIME },
	{ SIGNER_ID_TOKEN, "iat", "1700000060", SIGNER_TOKEN_OK },
	{ SIGNER_ID_TOKEN, "iat", "1700000061", SIGNER_TOKEN_TIME },
	{ SIGNER_ID_TOKEN, "iat", "1699999940", SIGNER_TOKEN_OK },
	{ SIGNER_ID_TOKEN, "iat", "1699999939", SIGNER_TOKEN_TIME },
	{ SIGNER_ID_TOKEN, "exp", NULL, SIGNER_TOKEN_TIME },
	{ SIGNER_ID_TOKEN, "exp", "\"1700003600\"", SIGNER_TOKEN_TIME },
	{ SIGNER_ID_TOKEN, "exp", "1700003600.0", SIGNER_TOKEN_TIME },
	{ SIGNER_ID_TOKEN, "exp", "1700000000", SIGNER_TOKEN_TIME },
	{ SIGNER_ID_TOKEN, "exp", "1700000001", SIGNER_TOKEN_OK },
	{ SIGNER_ID_TOKEN, "exp", "1700086400", SIGNER_TOKEN_OK },
	{ SIGNER_ID_TOKEN, "exp", "1700086401", SIGNER_TOKEN_TIME },
	{ SIGNER_ID_TOKEN, "exp", "9223372036854775807", SIGNER_TOKEN_TIME },
	{ SIGNER_ID_TOKEN, "exp", "-1", SIGNER_TOKEN_TIME },
	{ SIGNER_USERINFO, "sub", NULL, SIGNER_TOKEN_CLAIMS },
	{ SIGNER_USERINFO, "aud", NULL, SIGNER_TOKEN_CLAIMS },
	{ SIGNER_USERINFO, "iat", NULL, SIGNER_TOKEN_TIME },
	{ SIGNER_USERINFO, "exp", "1700003600", SIGNER_TOKEN_TIME },
	{ SIGNER_USERINFO, "nonce", "\"n\"", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_INTROSPECTION, "token_introspection", NULL,
	    SIGNER_TOKEN_CLAIMS },
	{ SIGNER_INTROSPECTION, "token_introspection", "true",
	    SIGNER_TOKEN_CLAIMS },
	{ SIGNER_INTROSPECTION, "sub", "\"a\"", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_INTROSPECTION, "exp", "1700003600", SIGNER_TOKEN_TIME },
	{ SIGNER_ACCESS_TOKEN, "client_id", NULL, SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ACCESS_TOKEN, "jti", NULL, SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ACCESS_TOKEN, "sub", NULL, SIGNER_TOKEN_CLAIMS },
	{ SIGNER_ACCESS_TOKEN, "exp", NULL, SIGNER_TOKEN_TIME },
	{ SIGNER_ACCESS_TOKEN, "nonce", "\"n\"", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_LOGOUT_TOKEN, "events", NULL, SIGNER_TOKEN_CLAIMS },
	{ SIGNER_LOGOUT_TOKEN, "events", "{}", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_LOGOUT_TOKEN, "events", "{\"other\":{}}",
	    SIGNER_TOKEN_CLAIMS },
	{ SIGNER_LOGOUT_TOKEN, "sid", NULL, SIGNER_TOKEN_CLAIMS },
	{ SIGNER_LOGOUT_TOKEN, "sid", "1", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_LOGOUT_TOKEN, "jti", NULL, SIGNER_TOKEN_CLAIMS },
	{ SIGNER_LOGOUT_TOKEN, "nonce", "\"n\"", SIGNER_TOKEN_CLAIMS },
	{ SIGNER_LOGOUT_TOKEN, "exp", "1700000600", SIGNER_TOKEN_OK },
	{ SIGNER_LOGOUT_TOKEN, "exp", "1700000601", SIGNER_TOKEN_TIME },
};

static void
test_signer_token_claims(void **state)
{
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char	 copy[1024], *text, *p;
		json_t	*claims;
		enum signer_auth_role role = cases[i].kind ==
		    SIGNER_LOGOUT_TOKEN ? JOBS : WEB;

		(void)snprintf(copy, sizeof(copy), "%s",
		    good[cases[i].kind]);
		for (p = copy; *p != '\0'; p++) {
			if (*p == '\'')
				*p = '"';
		}
		claims = json_loads(copy, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(claims);
		if (cases[i].value == NULL)
			assert_int_equal(json_object_del(claims,
			    cases[i].name), 0);
		else
			assert_int_equal(json_object_set_new(claims,
			    cases[i].name, json_loads(cases[i].value,
			    JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL)),
			    0);
		text = json_dumps(claims, JSON_COMPACT);
		if (judge(role, cases[i].kind, text) != cases[i].want)
			fail_msg("kind %d, %s: %s", cases[i].kind,
			    cases[i].name, text);
		free(text);
		json_decref(claims);
	}
}

static void
test_signer_token_json(void **state)
{
	static const char *const	bad[] = { "", "x", "[]", "{", "{}x",
	    " {'sub':'a','aud':'app','iat':1700000000,'exp':1700003600}",
	    "{'sub':'a','aud':'app','iat':1700000000,'exp':1700003600}}",
	    "{'sub':'a','sub':'b','aud':'app','iat':1700000000,"
	    "'exp':1700003600}" };
	static char			big[SIGNER_CLAIMS_MAX + 2];
	struct signer_request		request = { .claims = big };
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(judge(WEB, SIGNER_ID_TOKEN, bad[i]),
		    SIGNER_TOKEN_JSON);
	/* No member at all: "iss" would be followed by a comma. */
	assert_int_equal(judge(WEB, SIGNER_ID_TOKEN, "{}"),
	    SIGNER_TOKEN_CLAIMS);

	memset(big, ' ', sizeof(big));
	memcpy(big, "{\"sub\":\"a\",\"aud\":\"b\",\"iat\":1700000000,"
	    "\"exp\":1700003600", 55);
	big[SIGNER_CLAIMS_MAX - 1] = '}';
	request.claims_len = SIGNER_CLAIMS_MAX;
	assert_int_equal(signer_token_check(WEB, &request, NOW),
	    SIGNER_TOKEN_OK);
	request.claims_len = SIGNER_CLAIMS_MAX + 1;
	assert_int_equal(signer_token_check(WEB, &request, NOW),
	    SIGNER_TOKEN_JSON);
}

/* Header and iss are the signer's, the claims are the caller's. */
static void
test_signer_token_make(void **state)
{
	static const char *const	typ[] = { "", "",
	    "token-introspection+jwt", "at+jwt", "logout+jwt" };
	static struct signer_answer	answer;
	struct jose_key			*key = jose_key_generate(JOSE_ES256, 0);
	int				kind;

	(void)state;
	for (kind = SIGNER_ID_TOKEN; kind <= SIGNER_LOGOUT_TOKEN; kind++) {
		struct signer_request	 request = {
			.kind = (enum signer_kind)kind };
		struct jose_jws		 jws;
		json_t			*claims, *want;
		char			 text[512], *p;

		(void)snprintf(text, sizeof(text), "%s", good[kind]);
		for (p = text; *p != '\0'; p++) {
			if (*p == '\'')
				*p = '"';
		}
		request.claims = text;
		request.claims_len = strlen(text);
		assert_int_equal(signer_token_make(key,
		    "https://id.example.com", &request, &answer),
		    SIGNER_TOKEN_OK);
		assert_int_equal(jose_jws_parse(answer.token,
		    answer.token_len, &jws), JOSE_JWS_OK);
		assert_string_equal(jws.typ, typ[kind]);
		assert_string_equal(jws.kid, jose_key_kid(key));
		assert_int_equal(jose_jws_verify(&jws, key, &claims),
		    JOSE_JWS_OK);
		assert_string_equal(json_string_value(json_object_get(claims,
		    "iss")), "https://id.example.com");
		assert_int_equal(json_object_del(claims, "iss"), 0);
		want = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		assert_true(json_equal(claims, want));
		json_decref(want);
		json_decref(claims);
	}
	jose_key_free(key);
}

/* The largest claims with the largest issuer still fit an answer. */
static void
test_signer_token_largest(void **state)
{
	static struct signer_answer	 answer;
	static char			 claims[SIGNER_CLAIMS_MAX];
	char				 issuer[1024];
	struct signer_request		 request = { .claims = claims,
					    .claims_len = sizeof(claims) };
	struct jose_key			*key;

	(void)state;
	key = jose_key_generate(JOSE_RS256, 3072);
	memset(issuer, 'i', sizeof(issuer));
	issuer[sizeof(issuer) - 1] = '\0';
	memset(claims, ' ', sizeof(claims));
	claims[0] = '{';
	claims[sizeof(claims) - 1] = '}';
	assert_int_equal(signer_token_make(key, issuer, &request, &answer),
	    SIGNER_TOKEN_OK);
	assert_true(answer.token_len <= SIGNER_TOKEN_MAX);
	assert_int_equal(strlen(answer.token), answer.token_len);
	jose_key_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signer_token_roles),
		cmocka_unit_test(test_signer_token_claims),
		cmocka_unit_test(test_signer_token_json),
		cmocka_unit_test(test_signer_token_make),
		cmocka_unit_test(test_signer_token_largest),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
