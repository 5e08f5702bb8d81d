/*
 * Authorization requests: what is wrong with them, and their sealed form.
 * Every case starts from a request that must pass and changes one field.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "oidc/oidc_request.h"

#define NOW	1000000
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

static char	long_text[4096];

/* Fields of a request, with room for one more. */
struct list {
	struct oidc_field	fields[32];
	size_t			count;
};

static void
put(struct list *list, const char *name, const char *value)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->fields[i].name, name) == 0) {
			list->fields[i].value = value;
			list->fields[i].len = strlen(value);
			return;
		}
	}
	list->fields[list->count++] = (struct oidc_field){
		.name = name, .value = value, .len = strlen(value)
	};
}

static void
drop(struct list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->fields[i].name, name) == 0)
			list->fields[i--] = list->fields[--list->count];
	}
}

static struct list
good(void)
{
	struct list	list = { .count = 0 };

	put(&list, "client_id", "app");
	put(&list, "redirect_uri", "https://rp.example/cb");
	put(&list, "response_type", "code");
	put(&list, "scope", "openid email");
	put(&list, "state", "s-._~t");
	put(&list, "nonce", "n");
	put(&list, "code_challenge", CHALLENGE);
	put(&list, "code_challenge_method", "S256");
	return (list);
}

static const char *const uris[] = { "https://rp.example/cb", NULL };

static const struct oidc_client client = {
	.client_id = "app",
	.auth = OIDC_AUTH_BASIC,
	.require_pkce = true,
	.refresh = true,
	.scopes = OIDC_SCOPE_OPENID | OIDC_SCOPE_EMAIL | OIDC_SCOPE_OFFLINE,
	.redirect_uris = uris,
};

/* Parse and check; what would be told. */
static enum oidc_error
judge(const struct list *list, const struct oidc_client *of,
    struct oidc_request *request)
{
	const struct oidc_fields	fields = { list->fields, list->count };
	struct base_slice		hint;
	enum oidc_error			error;

	error = oidc_request_parse(&fields, request, &hint);
	return (error != OIDC_OK ? error : oidc_request_check(request, of));
}

static const struct {
	const char	*name;
	const char	*field;
	const char	*value;		/* NULL: left out */
	enum oidc_error	 want;
} cases[] = {
	{ "as it should be", "extra", "ignored", OIDC_OK },
	{ "no client", "client_id", NULL, OIDC_UNKNOWN_CLIENT },
	{ "empty client", "client_id", "", OIDC_UNKNOWN_CLIENT },
	{ "huge client", "client_id", long_text, OIDC_UNKNOWN_CLIENT },
	{ "no URI", "redirect_uri", NULL, OIDC_MISSING_REDIRECT_URI },
	{ "empty URI", "redirect_uri", "", OIDC_MISSING_REDIRECT_URI },
	{ "other URI", "redirect_uri", "https://rp.example/cb/",
	    OIDC_BAD_REDIRECT_URI },
	{ "huge URI", "redirect_uri", long_text, OIDC_BAD_REDIRECT_URI },
	{ "no type", "response_type", NULL, OIDC_MISSING_RESPONSE_TYPE },
	{ "token", "response_type", "token", OIDC_BAD_RESPONSE_TYPE },
	{ "hybrid", "response_type", "code id_token",
	    OIDC_BAD_RESPONSE_TYPE },
	{ "code twice", "response_type", "code code",
	    OIDC_BAD_RESPONSE_TYPE },
	{ "form_post", "response_mode", "form_post", OIDC_OK },
	{ "query", "response_mode", "query", OIDC_OK },
	{ "fragment", "response_mode", "fragment", OIDC_BAD_RESPONSE_MODE },
	{ "no scope", "scope", NULL, OIDC_OPENID_REQUIRED },
	{ "no openid", "scope", "email", OIDC_OPENID_REQUIRED },
	{ "scope order", "scope", "email openid", OIDC_OK },
	{ "unknown scope", "scope", "openid xyz", OIDC_OK },
	{ "scope with quote", "scope", "openid \"", OIDC_INVALID_SCOPE },
	{ "huge scope", "scope", long_text, OIDC_TOO_LONG },
	{ "huge state", "state", long_text, OIDC_TOO_LONG },
	{ "no state", "state", NULL, OIDC_OK },
	{ "no nonce", "nonce", NULL, OIDC_OK },
	{ "huge nonce", "nonce", long_text, OIDC_TOO_LONG },
	{ "prompt none", "prompt", "none", OIDC_OK },
	{ "prompt two", "prompt", "login consent", OIDC_OK },
	{ "prompt none and login", "prompt", "none login", OIDC_BAD_PROMPT },
	{ "prompt unknown", "prompt", "create", OIDC_BAD_PROMPT },
	{ "max_age 0", "max_age", "0", OIDC_OK },
	{ "max_age huge", "max_age", "99999999999999999999", OIDC_OK },
	{ "max_age negative", "max_age", "-1", OIDC_BAD_MAX_AGE },
	{ "max_age word", "max_age", "soon", OIDC_BAD_MAX_AGE },
	{ "max_age fraction", "max_age", "1.5", OIDC_BAD_MAX_AGE },
	{ "display popup", "display", "popup", OIDC_OK },
	{ "display unknown", "display", "hologram", OIDC_OK },
	{ "login_hint", "login_hint", "buffy@example.com", OIDC_OK },
	{ "huge login_hint", "login_hint", long_text, OIDC_TOO_LONG },
	{ "acr_values", "acr_values", "1 2", OIDC_OK },
	{ "huge acr_values", "acr_values", long_text, OIDC_TOO_LONG },
	{ "ui_locales", "ui_locales", "se", OIDC_OK },
	{ "claims", "claims", "{\"userinfo\":{\"name\":null}}", OIDC_OK },
	{ "claims not JSON", "claims", "{", OIDC_BAD_CLAIMS },
	{ "request", "request", "e30.e30.", OIDC_REQUEST_NOT_SUPPORTED },
	{ "request_uri", "request_uri", "https://rp.example/r",
	    OIDC_REQUEST_URI_NOT_SUPPORTED },
	{ "registration", "registration", "{}",
	    OIDC_REGISTRATION_NOT_SUPPORTED },
	{ "no challenge, method left", "code_challenge", NULL,
	    OIDC_PKCE_CHALLENGE },
	{ "empty challenge", "code_challenge", "", OIDC_PKCE_CHALLENGE },
	{ "42 characters", "code_challenge",
	    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",
	    OIDC_PKCE_CHALLENGE },
	{ "no method", "code_challenge_method", NULL, OIDC_PKCE_METHOD },
	{ "plain", "code_challenge_method", "plain", OIDC_PKCE_METHOD },
	{ "s256", "code_challenge_method", "s256", OIDC_PKCE_METHOD },
	{ "empty method", "code_challenge_method", "", OIDC_PKCE_METHOD },
};

static void
test_oidc_request_parse(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct list		list = good();
		struct oidc_request	request;

		if (cases[i].value != NULL)
			put(&list, cases[i].field, cases[i].value);
		else
			drop(&list, cases[i].field);
		if (judge(&list, &client, &request) != cases[i].want)
			fail_msg("case: %s", cases[i].name);
	}
}

/* Every parameter sent twice is refused; target ones have only a page. */
static void
test_oidc_request_repeated(void **state)
{
	static const char *const	names[] = {
		"response_type", "scope", "state", "nonce", "code_challenge",
		"code_challenge_method", "prompt", "max_age", "login_hint",
		"response_mode", "claims", "ui_locales", "unknown"
	};
	struct oidc_request		request;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct list	list = good();

		put(&list, names[i], "query");
		for (size_t n = 0; n < list.count; n++)
			list.fields[n].repeated = strcmp(names[i],
			    list.fields[n].name) == 0;
		if (judge(&list, &client, &request) == OIDC_OK)
			fail_msg("repeated: %s", names[i]);
		/* a repeated state is no state: neither is echoed */
		if (strcmp(names[i], "state") == 0)
			assert_false(request.has_state);
	}

	struct list	list = good();

	list.fields[0].repeated = true;
	assert_int_equal(judge(&list, &client, &request),
	    OIDC_UNKNOWN_CLIENT);
	list.fields[0].repeated = false;
	list.fields[1].repeated = true;
	assert_int_equal(judge(&list, &client, &request),
	    OIDC_BAD_REDIRECT_URI);
}

/* A wrong redirect URI wins over every other fault (R2.10). */
static void
test_oidc_request_check(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct list		list = good();
		struct oidc_request	request;
		enum oidc_error		error;

		put(&list, "redirect_uri", "https://evil.example/");
		if (strcmp(cases[i].field, "redirect_uri") == 0)
			continue;
		if (cases[i].value != NULL)
			put(&list, cases[i].field, cases[i].value);
		else
			drop(&list, cases[i].field);
		error = judge(&list, &client, &request);
		if (error != OIDC_BAD_REDIRECT_URI &&
		    error != OIDC_UNKNOWN_CLIENT)
			fail_msg("case: %s", cases[i].name);
	}
}

static void
test_oidc_request_narrow(void **state)
{
	struct oidc_client	of = client;
	struct oidc_request	request;
	struct list		list = good();

	(void)state;
	put(&list, "scope", "openid profile email offline_access");
	put(&list, "claims",
	    "{\"id_token\":{\"name\":null,\"email\":null}}");
	assert_int_equal(judge(&list, &of, &request), OIDC_OK);
	assert_int_equal(request.scopes, OIDC_SCOPE_OPENID |
	    OIDC_SCOPE_EMAIL | OIDC_SCOPE_OFFLINE);
	/* a claim of a scope that the client may not ask for is dropped */
	assert_int_equal(request.claims.id_token, OIDC_CLAIM_EMAIL);

	of.refresh = false;
	assert_int_equal(judge(&list, &of, &request), OIDC_OK);
	assert_int_equal(request.scopes, OIDC_SCOPE_OPENID |
	    OIDC_SCOPE_EMAIL);

	/* PKCE: always for public clients, else as registered */
	drop(&list, "code_challenge");
	drop(&list, "code_challenge_method");
	assert_int_equal(judge(&list, &of, &request), OIDC_PKCE_REQUIRED);
	of.require_pkce = false;
	assert_int_equal(judge(&list, &of, &request), OIDC_OK);
	of.auth = OIDC_AUTH_NONE;
	assert_int_equal(judge(&list, &of, &request), OIDC_PKCE_REQUIRED);
}

static struct base_keyring	ring;

static int
setup(void **state)
{
	struct base_key	key = { .id = 1, .purpose = BASE_PURPOSE_SEAL };

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	return (base_keyring_add(&ring, &key) ? 0 : -1);
}

static void
test_oidc_request_seal(void **state)
{
	const struct base_slice	browser = base_bytes_slice("a browser");
	struct oidc_request	request, back;
	struct list		list = good();
	char			text[OIDC_REQUEST_TEXT_MAX + 1];

	(void)state;
	put(&list, "response_mode", "form_post");
	put(&list, "prompt", "login consent");
	put(&list, "max_age", "30");
	put(&list, "ui_locales", "de en");
	put(&list, "claims", "{\"id_token\":{\"sub\":{\"value\":\"bob\"}},"
	    "\"userinfo\":{\"email\":null}}");
	assert_int_equal(judge(&list, &client, &request), OIDC_OK);
	memcpy(request.client_name, "Wiki", 5);
	request.proofs.code_id.bytes[3] = 9;
	request.proofs.demanded = 77;
	request.proofs.user_id.bytes[0] = 5;
	request.proofs.consent = true;

	assert_true(oidc_request_seal(&ring, NOW, browser, &request, text));
	assert_int_equal(oidc_request_open(&ring, NOW + 1799, browser,
	    base_bytes_slice(text), &back), OIDC_REQUEST_OK);
	assert_string_equal(back.client_id, "app");
	assert_string_equal(back.redirect_uri, "https://rp.example/cb");
	assert_string_equal(back.state, "s-._~t");
	assert_true(back.has_state);
	assert_string_equal(back.nonce, "n");
	assert_int_equal(back.scopes, request.scopes);
	assert_int_equal(back.mode, OIDC_MODE_FORM_POST);
	assert_int_equal(back.prompt, OIDC_PROMPT_LOGIN |
	    OIDC_PROMPT_CONSENT);
	assert_int_equal(back.max_age, 30);
	assert_string_equal(back.ui_locales, "de en");
	assert_string_equal(back.sub, "bob");
	assert_int_equal(back.claims.userinfo, OIDC_CLAIM_EMAIL);
	assert_true(back.has_challenge);
	assert_memory_equal(back.challenge, request.challenge, 32);
	assert_string_equal(back.client_name, "Wiki");
	assert_int_equal(back.proofs.code_id.bytes[3], 9);
	assert_int_equal(back.proofs.demanded, 77);
	assert_true(back.proofs.consent);
	assert_false(back.proofs.account);

	/* another browser, none, or too late: the request without proofs */
	static const char *const	others[] = { "another", "", NULL };

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(oidc_request_open(&ring,
		    others[i] == NULL ? NOW + 1800 : NOW,
		    others[i] == NULL ? browser :
		    base_bytes_slice(others[i]), base_bytes_slice(text),
		    &back), OIDC_REQUEST_FOREIGN);
		assert_string_equal(back.state, "s-._~t");
		assert_false(back.proofs.consent);
		assert_int_equal(back.proofs.demanded, -1);
		assert_true(base_uuid_empty(&back.proofs.code_id));
		assert_true(base_uuid_empty(&back.proofs.user_id));
	}

	/* sealed without a browser: foreign to everyone, even to no browser */
	assert_true(oidc_request_seal(&ring, NOW, base_bytes_slice(NULL),
	    &request, text));
	assert_int_equal(oidc_request_open(&ring, NOW, base_bytes_slice(NULL),
	    base_bytes_slice(text), &back), OIDC_REQUEST_FOREIGN);

	text[20] ^= 1;
	assert_int_equal(oidc_request_open(&ring, NOW, browser,
	    base_bytes_slice(text), &back), OIDC_REQUEST_JUNK);
	assert_int_equal(oidc_request_open(&ring, NOW, browser,
	    base_bytes_slice(""), &back), OIDC_REQUEST_JUNK);
	assert_int_equal(oidc_request_open(&ring, NOW, browser,
	    (struct base_slice){ (const uint8_t *)long_text, 4095 }, &back),
	    OIDC_REQUEST_JUNK);
}

/* What would pass the limit of "i" is not sealed. */
static void
test_oidc_request_seal_limit(void **state)
{
	struct oidc_request	request;
	struct list		list = good();
	char			text[OIDC_REQUEST_TEXT_MAX + 1];

	(void)state;
	assert_int_equal(judge(&list, &client, &request), OIDC_OK);
	memset(request.redirect_uri, 'u', OIDC_URI_MAX);
	assert_true(oidc_request_seal(&ring, NOW, base_bytes_slice("b"),
	    &request, text));
	assert_true(strlen(text) <= OIDC_REQUEST_TEXT_MAX);
	memset(request.state, 's', OIDC_STATE_MAX);
	assert_false(oidc_request_seal(&ring, NOW, base_bytes_slice("b"),
	    &request, text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oidc_request_parse),
		cmocka_unit_test(test_oidc_request_repeated),
		cmocka_unit_test(test_oidc_request_check),
		cmocka_unit_test(test_oidc_request_narrow),
		cmocka_unit_test(test_oidc_request_seal),
		cmocka_unit_test(test_oidc_request_seal_limit),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
