/*
 * The authorization request: see oidc_request.h.  What it needs next is in
 * oidc_request_judge.c.
 */

#include "oidc/oidc_request.h"

#include <string.h>

#include "base/base_seal.h"
#include "oidc/oidc_pack.h"
#include "oidc/oidc_pkce.h"

/* A sent value; NULL when it was not sent, or empty, which counts the same
 * (RFC 6749 section 3.1). */
static const struct oidc_field *
request_field(const struct oidc_fields *fields, const char *name)
{
	const struct oidc_field	*field = oidc_field_find(fields, name);

	return (field == NULL || field->len == 0 ? NULL : field);
}

/* The first thing wrong is what gets told. */
static void
request_fail(struct oidc_request *request, enum oidc_error error)
{
	if (request->error == OIDC_OK)
		request->error = error;
}

/* Copy a value that may be missing into an array of "size". */
static void
request_copy(struct oidc_request *request, const struct oidc_fields *fields,
    const char *name, char *out, size_t size)
{
	const struct oidc_field	*field = request_field(fields, name);

	if (field == NULL)
		return;
	if (!base_bytes_text_copy(out, size, field->value, field->len))
		request_fail(request, OIDC_TOO_LONG);
}

/* Where an answer would go.  Until both are known there is only a page. */
static enum oidc_error
request_parse_target(const struct oidc_fields *fields,
    struct oidc_request *out)
{
	const struct oidc_field	*client = request_field(fields, "client_id");
	const struct oidc_field	*uri = request_field(fields, "redirect_uri");

	if (client == NULL || client->repeated || !base_bytes_text_copy(
	    out->client_id, sizeof(out->client_id), client->value,
	    client->len))
		return (OIDC_UNKNOWN_CLIENT);
	if (uri == NULL)
		return (OIDC_MISSING_REDIRECT_URI);
	if (uri->repeated || !base_bytes_text_copy(out->redirect_uri,
	    sizeof(out->redirect_uri), uri->value, uri->len))
		return (OIDC_BAD_REDIRECT_URI);

	return (OIDC_OK);
}

/* How to answer: response_mode and state come before anything that can be
 * wrong, so that the error arrives as the app expects it. */
static void
request_parse_answer(const struct oidc_fields *fields,
    struct oidc_request *out)
{
	const struct oidc_field	*mode, *state;

	mode = request_field(fields, "response_mode");
	if (mode != NULL && strcmp(mode->value, "form_post") == 0)
		out->mode = OIDC_MODE_FORM_POST;
	else if (mode != NULL && strcmp(mode->value, "query") != 0)
		request_fail(out, OIDC_BAD_RESPONSE_MODE);

	state = request_field(fields, "state");
	if (state == NULL || state->repeated)
		return;
	if (base_bytes_text_copy(out->state, sizeof(out->state),
	    state->value, state->len))
		out->has_state = true;
	else
		request_fail(out, OIDC_TOO_LONG);
}

/* What we do not do, refused by its own name and before all else (Core 6). */
static void
request_parse_refused(const struct oidc_fields *fields,
    struct oidc_request *out)
{
	if (request_field(fields, "request") != NULL)
		request_fail(out, OIDC_REQUEST_NOT_SUPPORTED);
	if (request_field(fields, "request_uri") != NULL)
		request_fail(out, OIDC_REQUEST_URI_NOT_SUPPORTED);
	if (request_field(fields, "registration") != NULL)
		request_fail(out, OIDC_REGISTRATION_NOT_SUPPORTED);
	for (size_t i = 0; i < fields->count; i++) {
		if (fields->fields[i].repeated)
			request_fail(out, OIDC_REPEATED_PARAMETER);
	}
}

static void
request_parse_type(const struct oidc_fields *fields, struct oidc_request *out)
{
	const struct oidc_field	*type, *scope;

	type = request_field(fields, "response_type");
	if (type == NULL)
		request_fail(out, OIDC_MISSING_RESPONSE_TYPE);
	else if (strcmp(type->value, "code") != 0)
		request_fail(out, OIDC_BAD_RESPONSE_TYPE);

	scope = request_field(fields, "scope");
	if (scope == NULL)
		return;
	if (scope->len > OIDC_SCOPE_MAX)
		request_fail(out, OIDC_TOO_LONG);
	else if (!oidc_scope_parse(scope->value, scope->len, &out->scopes))
		request_fail(out, OIDC_INVALID_SCOPE);
}

static unsigned
request_prompt_bit(const char *word, size_t len)
{
	static const struct {
		const char	*name;
		unsigned	 bit;
	} prompts[] = {
		{ "none",		OIDC_PROMPT_NONE },
		{ "login",		OIDC_PROMPT_LOGIN },
		{ "consent",		OIDC_PROMPT_CONSENT },
		{ "select_account",	OIDC_PROMPT_SELECT },
	};

	for (size_t i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++) {
		if (strlen(prompts[i].name) == len &&
		    strncmp(prompts[i].name, word, len) == 0)
			return (prompts[i].bit);
	}

	return (0);
}

static void
request_parse_prompt(const struct oidc_fields *fields,
    struct oidc_request *out)
{
	const struct oidc_field	*field = request_field(fields, "prompt");
	const char		*word;
	unsigned		 bit;
	size_t			 len;

	if (field == NULL)
		return;
	for (word = field->value; *word != '\0'; word += len) {
		word += strspn(word, " ");
		if ((len = strcspn(word, " ")) == 0)
			break;
		if ((bit = request_prompt_bit(word, len)) == 0)
			request_fail(out, OIDC_BAD_PROMPT);
		out->prompt |= bit;
	}

	if ((out->prompt & OIDC_PROMPT_NONE) != 0 &&
	    out->prompt != OIDC_PROMPT_NONE)
		request_fail(out, OIDC_BAD_PROMPT);
}

/* Decimal digits; so many that no clock counts them are "any age". */
static void
request_parse_max_age(const struct oidc_fields *fields,
    struct oidc_request *out)
{
	const struct oidc_field	*field = request_field(fields, "max_age");
	int64_t			 value = 0;

	out->max_age = -1;
	if (field == NULL)
		return;
	if (strspn(field->value, "0123456789") != field->len ||
	    field->len > 20) {
		request_fail(out, OIDC_BAD_MAX_AGE);
		return;
	}

	for (size_t i = 0; i < field->len && value < INT32_MAX; i++)
		value = value * 10 + (field->value[i] - '0');
	out->max_age = value < INT32_MAX ? value : INT32_MAX;
}

static void
request_parse_pkce(const struct oidc_fields *fields, struct oidc_request *out)
{
	const struct oidc_field	*challenge, *method;

	challenge = oidc_field_find(fields, "code_challenge");
	method = oidc_field_find(fields, "code_challenge_method");
	if (challenge == NULL && method == NULL)
		return;
	if (challenge == NULL)
		request_fail(out, OIDC_PKCE_CHALLENGE);
	/* absent means "plain" (RFC 7636 section 4.3) */
	else if (method == NULL || strcmp(method->value, "S256") != 0)
		request_fail(out, OIDC_PKCE_METHOD);
	else if (!oidc_pkce_challenge_parse(challenge->value, out->challenge))
		request_fail(out, OIDC_PKCE_CHALLENGE);
	else
		out->has_challenge = true;
}

/* Whatever asks for a certain person or for single claims. */
static void
request_parse_claims(const struct oidc_fields *fields,
    struct oidc_request *out)
{
	const struct oidc_field	*field = request_field(fields, "claims");
	enum oidc_error		 error;

	if (field == NULL)
		return;
	error = oidc_claims_parse(field->value, field->len, &out->claims);
	if (error != OIDC_OK) {
		request_fail(out, error);
		return;
	}
	memcpy(out->sub, out->claims.sub, sizeof(out->sub));
	if (out->claims.acr_unmet)
		request_fail(out, OIDC_UNMET_AUTHENTICATION);
}

/* Hints are bounded, and otherwise trusted with nothing. */
static void
request_parse_hints(const struct oidc_fields *fields,
    struct oidc_request *out, struct base_slice *hint)
{
	const struct oidc_field	*field;
	char			 ignored[OIDC_ACR_VALUES_MAX + 1];

	request_copy(out, fields, "login_hint", out->login_hint,
	    sizeof(out->login_hint));
	request_copy(out, fields, "ui_locales", out->ui_locales,
	    sizeof(out->ui_locales));
	request_copy(out, fields, "acr_values", ignored, sizeof(ignored));

	*hint = base_bytes_slice(NULL);
	field = request_field(fields, "id_token_hint");
	if (field == NULL)
		return;
	if (field->len > OIDC_JWT_MAX)
		request_fail(out, OIDC_TOO_LONG);
	else
		*hint = (struct base_slice){
			.data = (const uint8_t *)field->value,
			.len = field->len
		};
}

enum oidc_error
oidc_request_parse(const struct oidc_fields *fields,
    struct oidc_request *out, struct base_slice *hint)
{
	enum oidc_error	error;

	*out = (struct oidc_request){ .proofs = { .demanded = -1 } };
	if ((error = request_parse_target(fields, out)) != OIDC_OK)
		return (error);

	request_parse_answer(fields, out);
	request_parse_refused(fields, out);
	request_parse_type(fields, out);
	request_copy(out, fields, "nonce", out->nonce, sizeof(out->nonce));
	request_parse_prompt(fields, out);
	request_parse_max_age(fields, out);
	request_parse_pkce(fields, out);
	request_parse_claims(fields, out);
	request_parse_hints(fields, out, hint);

	return (OIDC_OK);
}

enum oidc_error
oidc_request_check(struct oidc_request *request,
    const struct oidc_client *client)
{
	if (!oidc_client_redirect_valid(client, request->redirect_uri))
		return (OIDC_BAD_REDIRECT_URI);
	if (request->error != OIDC_OK)
		return (request->error);

	request->scopes &= client->scopes;
	if (!client->refresh)
		request->scopes &= ~(unsigned)OIDC_SCOPE_OFFLINE;
	if ((request->scopes & OIDC_SCOPE_OPENID) == 0)
		return (OIDC_OPENID_REQUIRED);
	oidc_claims_narrow(&request->claims, client->scopes);

	if (!request->has_challenge &&
	    (client->require_pkce || client->auth == OIDC_AUTH_NONE))
		return (OIDC_PKCE_REQUIRED);

	return (OIDC_OK);
}

/*
 * The sealed form.
 *
 * The browser is a field inside and not the seal's context, because an "i"
 * from another browser is still a request: it is only its proofs that do not
 * travel.
 */

#define SEAL_VERSION	1
#define SEAL_WHAT	"request"
#define SEAL_PLAIN_MAX	(OIDC_REQUEST_TEXT_MAX / 4 * 3 - BASE_SEAL_OVERHEAD)

/* The flags of one byte. */
enum {
	FLAG_STATE	= 1 << 0,
	FLAG_FORM_POST	= 1 << 1,
	FLAG_CHALLENGE	= 1 << 2,
	FLAG_ACCOUNT	= 1 << 3,
	FLAG_CONSENT	= 1 << 4,
	FLAG_DENIED	= 1 << 5
};

static unsigned
seal_flags(const struct oidc_request *request)
{
	return ((request->has_state ? FLAG_STATE : 0U) |
	    (request->mode == OIDC_MODE_FORM_POST ? FLAG_FORM_POST : 0U) |
	    (request->has_challenge ? FLAG_CHALLENGE : 0U) |
	    (request->proofs.account ? FLAG_ACCOUNT : 0U) |
	    (request->proofs.consent ? FLAG_CONSENT : 0U) |
	    (request->proofs.denied ? FLAG_DENIED : 0U));
}

static size_t
seal_pack(const struct oidc_request *request, int64_t now,
    const uint8_t browser[BASE_SHA256_LEN], uint8_t plain[SEAL_PLAIN_MAX])
{
	struct oidc_pack	p = oidc_pack_writer(plain, SEAL_PLAIN_MAX);

	oidc_pack_number(&p, SEAL_VERSION, 1);
	oidc_pack_bytes(&p, browser, BASE_SHA256_LEN);
	oidc_pack_number(&p, (uint64_t)now, 8);
	oidc_pack_number(&p, seal_flags(request), 1);
	oidc_pack_text(&p, request->client_id);
	oidc_pack_text(&p, request->redirect_uri);
	oidc_pack_text(&p, request->state);
	oidc_pack_text(&p, request->nonce);
	oidc_pack_number(&p, request->scopes, 4);
	oidc_pack_number(&p, request->prompt, 1);
	oidc_pack_number(&p, (uint64_t)request->max_age, 8);
	oidc_pack_text(&p, request->login_hint);
	oidc_pack_text(&p, request->ui_locales);
	oidc_pack_text(&p, request->sub);
	oidc_pack_number(&p, request->claims.id_token, 4);
	oidc_pack_number(&p, request->claims.userinfo, 4);
	if (request->has_challenge)
		oidc_pack_bytes(&p, request->challenge, BASE_SHA256_LEN);
	oidc_pack_number(&p, request->error, 1);
	oidc_pack_text(&p, request->client_name);
	oidc_pack_bytes(&p, request->proofs.code_id.bytes, BASE_UUID_LEN);
	oidc_pack_number(&p, (uint64_t)request->proofs.demanded, 8);
	oidc_pack_bytes(&p, request->proofs.user_id.bytes, BASE_UUID_LEN);

	return (oidc_pack_finish(&p) ? p.len : 0);
}

static void
seal_unpack_flags(unsigned flags, struct oidc_request *request)
{
	request->has_state = (flags & FLAG_STATE) != 0;
	request->mode = (flags & FLAG_FORM_POST) != 0 ? OIDC_MODE_FORM_POST :
	    OIDC_MODE_QUERY;
	request->has_challenge = (flags & FLAG_CHALLENGE) != 0;
	request->proofs.account = (flags & FLAG_ACCOUNT) != 0;
	request->proofs.consent = (flags & FLAG_CONSENT) != 0;
	request->proofs.denied = (flags & FLAG_DENIED) != 0;
}

static bool
seal_unpack(const uint8_t *plain, size_t len, struct oidc_request *request,
    uint8_t browser[BASE_SHA256_LEN], int64_t *sealed_at)
{
	struct oidc_pack	p = oidc_pack_reader(plain, len);

	if (oidc_pack_get_number(&p, 1) != SEAL_VERSION)
		return (false);
	oidc_pack_get_bytes(&p, browser, BASE_SHA256_LEN);
	*sealed_at = (int64_t)oidc_pack_get_number(&p, 8);
	seal_unpack_flags((unsigned)oidc_pack_get_number(&p, 1), request);
	oidc_pack_get_text(&p, request->client_id,
	    sizeof(request->client_id));
	oidc_pack_get_text(&p, request->redirect_uri,
	    sizeof(request->redirect_uri));
	oidc_pack_get_text(&p, request->state, sizeof(request->state));
	oidc_pack_get_text(&p, request->nonce, sizeof(request->nonce));
	request->scopes = (unsigned)oidc_pack_get_number(&p, 4);
	request->prompt = (unsigned)oidc_pack_get_number(&p, 1);
	request->max_age = (int64_t)oidc_pack_get_number(&p, 8);
	oidc_pack_get_text(&p, request->login_hint,
	    sizeof(request->login_hint));
	oidc_pack_get_text(&p, request->ui_locales,
	    sizeof(request->ui_locales));
	oidc_pack_get_text(&p, request->sub, sizeof(request->sub));
	request->claims.id_token = (uint32_t)oidc_pack_get_number(&p, 4);
	request->claims.userinfo = (uint32_t)oidc_pack_get_number(&p, 4);
	if (request->has_challenge)
		oidc_pack_get_bytes(&p, request->challenge, BASE_SHA256_LEN);
	request->error = (enum oidc_error)oidc_pack_get_number(&p, 1);
	oidc_pack_get_text(&p, request->client_name,
	    sizeof(request->client_name));
	oidc_pack_get_bytes(&p, request->proofs.code_id.bytes, BASE_UUID_LEN);
	request->proofs.demanded = (int64_t)oidc_pack_get_number(&p, 8);
	oidc_pack_get_bytes(&p, request->proofs.user_id.bytes, BASE_UUID_LEN);

	return (oidc_pack_finish(&p) && request->error < OIDC_ERROR_COUNT);
}

bool
oidc_request_seal(const struct base_keyring *ring, int64_t now,
    struct base_slice browser, const struct oidc_request *request,
    char out[OIDC_REQUEST_TEXT_MAX + 1])
{
	uint8_t	plain[SEAL_PLAIN_MAX];
	uint8_t	digest[BASE_SHA256_LEN] = { 0 };
	size_t	len;

	if (browser.len > 0)
		base_hash_sha256(browser.data, browser.len, digest);
	len = seal_pack(request, now, digest, plain);

	return (len > 0 && base_seal(ring, now, SEAL_WHAT,
	    base_bytes_slice(NULL), plain, len, out));
}

enum oidc_request_status
oidc_request_open(const struct base_keyring *ring, int64_t now,
    struct base_slice browser, struct base_slice text,
    struct oidc_request *out)
{
	struct oidc_request	request = { .error = OIDC_OK };
	uint8_t			plain[SEAL_PLAIN_MAX];
	uint8_t			bound[BASE_SHA256_LEN];
	uint8_t			digest[BASE_SHA256_LEN];
	int64_t			sealed_at = 0;
	size_t			len;

	if (text.len > OIDC_REQUEST_TEXT_MAX)
		return (OIDC_REQUEST_JUNK);
	if (!base_seal_open(ring, SEAL_WHAT, base_bytes_slice(NULL),
	    (const char *)text.data, text.len, plain, sizeof(plain), &len) ||
	    !seal_unpack(plain, len, &request, bound, &sealed_at))
		return (OIDC_REQUEST_JUNK);

	base_hash_sha256(browser.data, browser.len, digest);
	if (browser.len > 0 && base_bytes_equal(bound, sizeof(bound), digest,
	    sizeof(digest)) && now - sealed_at < OIDC_REQUEST_SECONDS) {
		*out = request;
		return (OIDC_REQUEST_OK);
	}

	request.proofs = (struct oidc_proofs){ .demanded = -1 };
	*out = request;
	return (OIDC_REQUEST_FOREIGN);
}
