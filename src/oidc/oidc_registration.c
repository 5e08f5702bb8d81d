/*
 * Registrations as they are written: see oidc_registration.h.
 */

#include "oidc/oidc_registration.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/base_bytes.h"
#include "oidc/oidc_auth.h"

#define UNRESERVED	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"abcdefghijklmnopqrstuvwxyz0123456789-._~"

enum kind {
	KIND_TEXT,		/* not empty, at most "most" bytes */
	KIND_CHOICE,		/* one of "choices" */
	KIND_CHOICES,		/* a list of them */
	KIND_SCOPE,		/* words in one text */
	KIND_BOOL,
	KIND_NUMBER,		/* "least" to "most" */
	KIND_REDIRECTS,		/* a list of URIs */
	KIND_URL,		/* a page of the app */
	KIND_SECRET		/* no column */
};

struct member {
	const char	*name;
	const char	*column;
	enum kind	 kind;
	const char	*preset;	/* JSON; NULL: must be given */
	long		 least, most;
	const char	*choices[5];	/* NULL-terminated */
};

/* Every member there is.  docs/clients.md says the same in words. */
static const struct member members[] = {
	{ "client_id", "client_id", KIND_TEXT, NULL, 1, OIDC_CLIENT_ID_MAX,
	    { NULL } },
	{ "client_name", "name", KIND_TEXT, NULL, 1, OIDC_CLIENT_NAME_MAX,
	    { NULL } },
	{ "application_type", "application_type", KIND_CHOICE, "\"web\"", 0,
	    0, { "web", "native", NULL } },
	{ "token_endpoint_auth_method", "auth_method", KIND_CHOICE,
	    "\"client_secret_basic\"", 0, 0,
	    { "client_secret_basic", "client_secret_post", "none", NULL } },
	{ "client_secret", NULL, KIND_SECRET, "null", OIDC_AUTH_SECRET_MIN,
	    OIDC_SECRET_MAX, { NULL } },
	{ "redirect_uris", "redirect_uris", KIND_REDIRECTS, NULL, 1,
	    OIDC_CLIENT_URIS_MAX, { NULL } },
	{ "post_logout_redirect_uris", "post_logout_redirect_uris",
	    KIND_REDIRECTS, "[]", 0, OIDC_CLIENT_URIS_MAX, { NULL } },
	{ "grant_types", "grant_types", KIND_CHOICES,
	    "[\"authorization_code\"]", 0, 0,
	    { "authorization_code", "refresh_token", NULL } },
	{ "scope", "scopes", KIND_SCOPE, "\"openid profile email\"", 0, 0,
	    { NULL } },
	{ "require_pkce", "require_pkce", KIND_BOOL, "true", 0, 0,
	    { NULL } },
	{ "id_token_signed_response_alg", "id_token_alg", KIND_CHOICE,
	    "\"RS256\"", 0, 0,
	    { "RS256", "PS256", "ES256", "EdDSA", NULL } },
	{ "id_token_claims", "id_token_claims", KIND_CHOICE, "\"all\"", 0, 0,
	    { "all", "core", NULL } },
	{ "token_seconds", "token_seconds", KIND_NUMBER, "3600", 60, 86400,
	    { NULL } },
	{ "refresh_idle_days", "refresh_idle_days", KIND_NUMBER, "30", 1,
	    365, { NULL } },
	{ "refresh_days", "refresh_days", KIND_NUMBER, "90", 1, 730,
	    { NULL } },
	{ "skip_consent", "skip_consent", KIND_BOOL, "false", 0, 0,
	    { NULL } },
	{ "client_uri", "client_uri", KIND_URL, "null", 0, 0, { NULL } },
	{ "logo_uri", "logo_uri", KIND_URL, "null", 0, 0, { NULL } },
	{ "policy_uri", "policy_uri", KIND_URL, "null", 0, 0, { NULL } },
	{ "tos_uri", "tos_uri", KIND_URL, "null", 0, 0, { NULL } },
};

#define MEMBERS	(sizeof(members) / sizeof(members[0]))

static bool fail(char error[OIDC_REGISTRATION_ERROR_MAX + 1],
    const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool
fail(char error[OIDC_REGISTRATION_ERROR_MAX + 1], const char *format, ...)
{
	va_list	args;

	va_start(args, format);
	(void)vsnprintf(error, OIDC_REGISTRATION_ERROR_MAX + 1, format, args);
	va_end(args);

	return (false);
}

static const struct member *
member_find(const char *name)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		if (strcmp(members[i].name, name) == 0)
			return (&members[i]);
	}

	return (NULL);
}

static bool
choice_valid(const struct member *member, const json_t *value)
{
	if (!json_is_string(value))
		return (false);
	for (size_t i = 0; member->choices[i] != NULL; i++) {
		if (strcmp(member->choices[i], json_string_value(value)) == 0)
			return (true);
	}

	return (false);
}

/* A list of texts, none twice, each judged by "valid". */
static bool
list_valid(const struct member *member, const json_t *list,
    bool (*valid)(const struct member *, const json_t *))
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (!valid(member, json_array_get(list, i)))
			return (false);
		for (size_t n = 0; n < i; n++) {
			if (json_equal(json_array_get(list, i),
			    json_array_get(list, n)))
				return (false);
		}
	}

	return (json_is_array(list));
}

/* Plain text of at most member->most bytes. */
static bool
text_valid(const struct member *member, const json_t *value)
{
	const char	*text = json_string_value(value);

	if (text == NULL || strlen(text) != json_string_length(value) ||
	    strlen(text) < (size_t)member->least ||
	    strlen(text) > (size_t)member->most)
		return (false);
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return (false);
	}

	return (true);
}

/* Any URI that might be registered; what a web client may not have is judged
 * once the application type is known. */
static bool
redirect_valid(const struct member *member, const json_t *value)
{
	(void)member;

	return (json_is_string(value) &&
	    strlen(json_string_value(value)) == json_string_length(value) &&
	    oidc_client_uri_valid(json_string_value(value), true));
}

static bool
url_valid(const json_t *value)
{
	return (json_is_null(value) || (json_is_string(value) &&
	    oidc_client_uri_valid(json_string_value(value), false)));
}

static bool
scope_valid(const json_t *value)
{
	unsigned	scopes;
	char		text[OIDC_SCOPE_MAX + 1];
	const char	*given = json_string_value(value);
	size_t		 words = 0, known = 0;

	if (given == NULL || strlen(given) > OIDC_SCOPE_MAX ||
	    !oidc_scope_parse(given, strlen(given), &scopes) ||
	    (scopes & OIDC_SCOPE_OPENID) == 0)
		return (false);
	/* as many words as known scopes: none unknown, none twice */
	oidc_scope_format(scopes, text);
	for (const char *c = given; *c != '\0'; c++)
		words += *c == ' ';
	for (const char *c = text; *c != '\0'; c++)
		known += *c == ' ';

	return (words == known);
}

static bool
member_valid(const struct member *member, const json_t *value)
{
	switch (member->kind) {
	case KIND_TEXT:
	case KIND_SECRET:
		return (text_valid(member, value));
	case KIND_CHOICE:
		return (choice_valid(member, value));
	case KIND_CHOICES:
		return (list_valid(member, value, choice_valid) &&
		    json_array_size(value) > 0);
	case KIND_SCOPE:
		return (scope_valid(value));
	case KIND_BOOL:
		return (json_is_boolean(value));
	case KIND_NUMBER:
		return (json_is_integer(value) &&
		    json_integer_value(value) >= member->least &&
		    json_integer_value(value) <= member->most);
	case KIND_REDIRECTS:
		return (list_valid(member, value, redirect_valid) &&
		    json_array_size(value) >= (size_t)member->least &&
		    json_array_size(value) <= (size_t)member->most);
	case KIND_URL:
		break;
	}

	return (url_valid(value));
}

/* The rule that a value breaks, in words. */
static bool
member_refuse(const struct member *member,
    char error[OIDC_REGISTRATION_ERROR_MAX + 1])
{
	char	choices[128] = "";
	size_t	len = 0;

	for (size_t i = 0; member->choices[i] != NULL; i++)
		len += (size_t)snprintf(choices + len, sizeof(choices) - len,
		    "%s%s", i == 0 ? "" : ", ", member->choices[i]);

	switch (member->kind) {
	case KIND_TEXT:
	case KIND_SECRET:
		return (fail(error, "%s: a text of %ld to %ld bytes, without "
		    "control characters", member->name, member->least,
		    member->most));
	case KIND_CHOICE:
		return (fail(error, "%s: one of %s", member->name, choices));
	case KIND_CHOICES:
		return (fail(error, "%s: a list of %s, each once",
		    member->name, choices));
	case KIND_SCOPE:
		return (fail(error, "%s: words with one space between, openid "
		    "and any of profile, email, offline_access",
		    member->name));
	case KIND_BOOL:
		return (fail(error, "%s: true or false", member->name));
	case KIND_NUMBER:
		return (fail(error, "%s: a whole number from %ld to %ld",
		    member->name, member->least, member->most));
	case KIND_REDIRECTS:
		return (fail(error, "%s: a list of %ld to %ld URIs, each "
		    "once: https, or http on a loopback address, and nothing "
		    "that docs/clients.md forbids", member->name,
		    member->least, member->most));
	case KIND_URL:
		break;
	}

	return (fail(error, "%s: an https address, or null", member->name));
}

/* The value as its column has it: a new reference. */
static json_t *
member_column(const struct member *member, json_t *value)
{
	unsigned	 scopes = 0;
	json_t		*list;

	if (member->kind != KIND_SCOPE)
		return (json_incref(value));

	(void)oidc_scope_parse(json_string_value(value),
	    json_string_length(value), &scopes);
	list = json_array();
	for (size_t bit = 0; bit < OIDC_SCOPE_COUNT; bit++) {
		if ((scopes & 1U << bit) != 0)
			json_array_append_new(list,
			    json_string(oidc_scope_name(bit)));
	}

	return (list);
}

static const char *
text_of(const json_t *columns, const char *name)
{
	return (json_string_value(json_object_get(columns, name)));
}

static bool
list_has(const json_t *columns, const char *name, const char *text)
{
	const json_t	*list = json_object_get(columns, name);

	for (size_t i = 0; i < json_array_size(list); i++) {
		if (strcmp(json_string_value(json_array_get(list, i)),
		    text) == 0)
			return (true);
	}

	return (false);
}

/* Private schemes are for native applications alone. */
static const char *
uris_judge(const json_t *columns, bool native)
{
	static const char *const	lists[] = {
		"redirect_uris", "post_logout_redirect_uris"
	};
	const json_t			*list;

	for (size_t n = 0; n < 2; n++) {
		list = json_object_get(columns, lists[n]);
		for (size_t i = 0; i < json_array_size(list); i++) {
			if (!oidc_client_uri_valid(json_string_value(
			    json_array_get(list, i)), native))
				return (lists[n]);
		}
	}

	return (NULL);
}

/* What each member allows by itself may still not go together. */
static bool
registration_judge(const struct oidc_registration *r,
    char error[OIDC_REGISTRATION_ERROR_MAX + 1])
{
	const json_t	*columns = r->columns;
	const char	*name;
	bool		 native;

	native = strcmp(text_of(columns, "application_type"), "native") == 0;
	if (strspn(r->client_id, UNRESERVED) != strlen(r->client_id))
		return (fail(error, "client_id: only letters, digits and "
		    "\"-._~\""));
	if ((name = uris_judge(columns, native)) != NULL)
		return (fail(error, "%s: a private scheme needs "
		    "application_type native", name));
	if (r->public_client && r->secret[0] != '\0')
		return (fail(error, "client_secret: a public client has "
		    "none"));
	if (r->public_client &&
	    !json_is_true(json_object_get(columns, "require_pkce")))
		return (fail(error, "require_pkce: always true for a public "
		    "client"));
	if (!list_has(columns, "grant_types", "authorization_code"))
		return (fail(error, "grant_types: authorization_code is "
		    "missing"));
	if (list_has(columns, "scopes", "offline_access") &&
	    !list_has(columns, "grant_types", "refresh_token"))
		return (fail(error, "scope: offline_access needs "
		    "refresh_token in grant_types"));

	return (true);
}

static bool
registration_members(const json_t *object, struct oidc_registration *r,
    char error[OIDC_REGISTRATION_ERROR_MAX + 1])
{
	const struct member	*member;
	json_t			*value;
	bool			 valid;

	for (size_t i = 0; i < MEMBERS; i++) {
		member = &members[i];
		value = json_incref(json_object_get(object, member->name));
		if (value == NULL && member->preset == NULL)
			return (fail(error, "%s: is missing", member->name));
		if (value == NULL)
			value = json_loadb(member->preset,
			    strlen(member->preset), JSON_DECODE_ANY |
			    JSON_REJECT_DUPLICATES, NULL);
		else if (!member_valid(member, value)) {
			json_decref(value);
			return (member_refuse(member, error));
		}

		valid = true;
		if (member->kind == KIND_SECRET && json_is_string(value))
			valid = base_bytes_text_copy(r->secret,
			    sizeof(r->secret), json_string_value(value),
			    json_string_length(value));
		else if (member->column != NULL)
			valid = json_object_set_new(r->columns,
			    member->column, member_column(member, value)) ==
			    0;
		json_decref(value);
		if (!valid)
			return (fail(error, "%s: out of memory",
			    member->name));
	}

	return (true);
}

bool
oidc_registration_parse(const json_t *object, struct oidc_registration *out,
    char error[OIDC_REGISTRATION_ERROR_MAX + 1])
{
	struct oidc_registration	 r = { .columns = json_object() };
	const char			*name, *id;

	if (!json_is_object(object)) {
		json_decref(r.columns);
		return (fail(error, "a registration is a JSON object"));
	}
	for (void *it = json_object_iter((json_t *)(uintptr_t)object);
	    it != NULL; it = json_object_iter_next(
	    (json_t *)(uintptr_t)object, it)) {
		name = json_object_iter_key(it);
		if (member_find(name) == NULL) {
			json_decref(r.columns);
			return (fail(error, "%.100s: there is no such member",
			    name));
		}
	}

	if (!registration_members(object, &r, error)) {
		oidc_registration_clear(&r);
		return (false);
	}
	id = text_of(r.columns, "client_id");
	memcpy(r.client_id, id, strlen(id) + 1);
	r.public_client = strcmp(text_of(r.columns, "auth_method"),
	    "none") == 0;
	if (!registration_judge(&r, error)) {
		oidc_registration_clear(&r);
		return (false);
	}

	*out = r;
	return (true);
}

void
oidc_registration_clear(struct oidc_registration *registration)
{
	json_decref(registration->columns);
	base_bytes_wipe(registration, sizeof(*registration));
}
