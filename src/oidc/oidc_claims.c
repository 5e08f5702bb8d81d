/*
 * Claims: see oidc_claims.h.
 */

#include "oidc/oidc_claims.h"

#include <string.h>


#define CLAIMS_DEPTH_MAX	6	/* of the JSON of a claims parameter */

/* Bit n of enum oidc_claim is row n. */
static const struct {
	const char	*name;
	unsigned	 scope;
} claims[OIDC_CLAIM_COUNT] = {
	{ "name",		OIDC_SCOPE_PROFILE },
	{ "given_name",		OIDC_SCOPE_PROFILE },
	{ "family_name",	OIDC_SCOPE_PROFILE },
	{ "preferred_username",	OIDC_SCOPE_PROFILE },
	{ "locale",		OIDC_SCOPE_PROFILE },
	{ "updated_at",		OIDC_SCOPE_PROFILE },
	{ "email",		OIDC_SCOPE_EMAIL },
	{ "email_verified",	OIDC_SCOPE_EMAIL },
};

const char *
oidc_claims_name(size_t bit)
{
	return (claims[bit].name);
}

unsigned
oidc_claims_scope(size_t bit)
{
	return (claims[bit].scope);
}

static uint32_t
claims_of_scopes(unsigned scopes)
{
	uint32_t	set = 0;

	for (size_t bit = 0; bit < OIDC_CLAIM_COUNT; bit++) {
		if ((claims[bit].scope & scopes) != 0)
			set |= 1U << bit;
	}

	return (set);
}

static uint32_t
claims_bit(const char *name, size_t len)
{
	for (size_t bit = 0; bit < OIDC_CLAIM_COUNT; bit++) {
		if (strlen(claims[bit].name) == len &&
		    strncmp(claims[bit].name, name, len) == 0)
			return (1U << bit);
	}

	return (0);
}

/*
 * Nesting of brackets outside strings, so that the parser's recursion is
 * bounded by us and not by what was sent.
 */
static bool
claims_depth_valid(const char *text, size_t len)
{
	size_t	depth = 0;
	bool	quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!quoted && (text[i] == '}' || text[i] == ']'))
			depth--;
		if (depth > CLAIMS_DEPTH_MAX)
			return (false);
	}

	return (true);
}

/* null, or an object whose members have the types of Core 5.5.1. */
static bool
claims_member_valid(const json_t *member)
{
	const json_t	*essential = json_object_get(member, "essential");
	const json_t	*values = json_object_get(member, "values");

	if (json_is_null(member))
		return (true);

	return (json_is_object(member) &&
	    (essential == NULL || json_is_boolean(essential)) &&
	    (values == NULL || json_is_array(values)));
}

/* Is "text" the one value, or among the values, that a member names?  True
 * when it names none. */
static bool
claims_member_allows(const json_t *member, const char *text)
{
	const json_t	*value = json_object_get(member, "value");
	const json_t	*values = json_object_get(member, "values");
	const char	*string;

	if (value == NULL && values == NULL)
		return (true);
	if ((string = json_string_value(value)) != NULL &&
	    strcmp(string, text) == 0)
		return (true);

	for (size_t i = 0; i < json_array_size(values); i++) {
		string = json_string_value(json_array_get(values, i));
		if (string != NULL && strcmp(string, text) == 0)
			return (true);
	}

	return (false);
}

/* "sub" with a value: only that person may answer (Core 5.5.1). */
static enum oidc_error
claims_read_sub(const json_t *member, struct oidc_claims_set *set)
{
	const char	*sub = json_string_value(json_object_get(member,
			    "value"));
	size_t		 len;

	if (sub == NULL)
		return (OIDC_OK);
	len = strlen(sub);
	if (len == 0 || len > OIDC_SUB_MAX)
		return (OIDC_BAD_CLAIMS);
	if (set->sub[0] != '\0' && strcmp(set->sub, sub) != 0)
		return (OIDC_BAD_CLAIMS);

	memcpy(set->sub, sub, len + 1);
	return (OIDC_OK);
}

static enum oidc_error
claims_read_part(json_t *part, uint32_t *bits, struct oidc_claims_set *set)
{
	const char	*name;
	json_t		*member;

	if (part == NULL)
		return (OIDC_OK);
	if (!json_is_object(part))
		return (OIDC_BAD_CLAIMS);

	json_object_foreach(part, name, member) {
		if (!claims_member_valid(member))
			return (OIDC_BAD_CLAIMS);
		*bits |= claims_bit(name, strlen(name));
		if (strcmp(name, "sub") == 0 &&
		    claims_read_sub(member, set) != OIDC_OK)
			return (OIDC_BAD_CLAIMS);
		if (strcmp(name, "acr") == 0 &&
		    json_is_true(json_object_get(member, "essential")) &&
		    !claims_member_allows(member, OIDC_ACR))
			set->acr_unmet = true;
	}

	return (OIDC_OK);
}

enum oidc_error
oidc_claims_parse(const char *text, size_t len, struct oidc_claims_set *out)
{
	struct oidc_claims_set	 set = { 0 };
	json_t			*root;
	enum oidc_error		 error;

	if (len > OIDC_CLAIMS_MAX)
		return (OIDC_TOO_LONG);
	if (!claims_depth_valid(text, len))
		return (OIDC_BAD_CLAIMS);
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(root)) {
		json_decref(root);
		return (OIDC_BAD_CLAIMS);
	}

	error = claims_read_part(json_object_get(root, "id_token"),
	    &set.id_token, &set);
	if (error == OIDC_OK)
		error = claims_read_part(json_object_get(root, "userinfo"),
		    &set.userinfo, &set);
	json_decref(root);

	if (error == OIDC_OK)
		*out = set;
	return (error);
}

void
oidc_claims_narrow(struct oidc_claims_set *set, unsigned allowed_scopes)
{
	uint32_t	allowed = claims_of_scopes(allowed_scopes);

	set->id_token &= allowed;
	set->userinfo &= allowed;
}

static size_t
claims_format_part(uint32_t bits, char prefix, char *out, size_t len)
{
	for (size_t bit = 0; bit < OIDC_CLAIM_COUNT; bit++) {
		if ((bits & 1U << bit) == 0)
			continue;
		if (len > 0)
			out[len++] = ' ';
		out[len++] = prefix;
		out[len++] = '.';
		memcpy(out + len, claims[bit].name, strlen(claims[bit].name));
		len += strlen(claims[bit].name);
	}

	return (len);
}

void
oidc_claims_format(const struct oidc_claims_set *set,
    char out[OIDC_CLAIMS_WORDS_MAX + 1])
{
	size_t	len;

	len = claims_format_part(set->id_token, 'i', out, 0);
	len = claims_format_part(set->userinfo, 'u', out, len);
	out[len] = '\0';
}

void
oidc_claims_words(const char *text, struct oidc_claims_set *out)
{
	size_t	len;

	*out = (struct oidc_claims_set){ 0 };
	for (; *text != '\0'; text += len + (text[len] == ' ' ? 1 : 0)) {
		len = strcspn(text, " ");
		if (len < 2 || text[1] != '.')
			continue;
		if (text[0] == 'i')
			out->id_token |= claims_bit(text + 2, len - 2);
		if (text[0] == 'u')
			out->userinfo |= claims_bit(text + 2, len - 2);
	}
}

/* Which claims a destination gets. */
static uint32_t
claims_chosen(enum oidc_destination destination,
    const struct oidc_claims_facts *facts)
{
	uint32_t	of_scopes = claims_of_scopes(facts->scopes);

	switch (destination) {
	case OIDC_TO_ID_TOKEN:
		/* Core 5.4 wants scope claims at userinfo only when there is
		 * an access token; many apps read the ID token alone. */
		return (facts->core ? facts->asked.id_token :
		    facts->asked.id_token | of_scopes);
	case OIDC_TO_USERINFO:
		return (facts->asked.userinfo | of_scopes);
	case OIDC_TO_CONSENT:
		break;
	}

	return (facts->asked.id_token | facts->asked.userinfo | of_scopes);
}

/* The value of one claim; NULL when the person has none. */
static json_t *
claims_value(enum oidc_claim claim, const struct account_user *person)
{
	const char	*text = "";

	switch (claim) {
	case OIDC_CLAIM_NAME:
		text = person->display_name;
		break;
	case OIDC_CLAIM_GIVEN_NAME:
		text = person->given_name;
		break;
	case OIDC_CLAIM_FAMILY_NAME:
		text = person->family_name;
		break;
	case OIDC_CLAIM_PREFERRED_USERNAME:
		text = person->username;
		break;
	case OIDC_CLAIM_LOCALE:
		text = person->locale;
		break;
	case OIDC_CLAIM_UPDATED_AT:
		return (json_integer(person->updated_at));
	case OIDC_CLAIM_EMAIL:
		text = person->email;
		break;
	case OIDC_CLAIM_EMAIL_VERIFIED:
		return (person->email[0] == '\0' ? NULL :
		    json_boolean(person->email_verified));
	}

	/* blank is absent (Core 5.3.2) */
	return (text[strspn(text, " ")] == '\0' ? NULL : json_string(text));
}

json_t *
oidc_claims_build(enum oidc_destination destination,
    const struct oidc_claims_facts *facts)
{
	uint32_t	 chosen = claims_chosen(destination, facts);
	json_t		*object, *value;

	if ((object = json_object()) == NULL)
		return (NULL);
	if (json_object_set_new(object, "sub",
	    json_string(facts->person->sub)) != 0)
		goto failed;

	for (size_t bit = 0; bit < OIDC_CLAIM_COUNT; bit++) {
		if ((chosen & 1U << bit) == 0)
			continue;
		value = claims_value((enum oidc_claim)(1U << bit),
		    facts->person);
		if (value != NULL && json_object_set_new(object,
		    claims[bit].name, value) != 0)
			goto failed;
	}

	return (object);
failed:
	json_decref(object);
	return (NULL);
}
