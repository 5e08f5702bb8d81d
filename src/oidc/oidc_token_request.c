/*
 * What is asked of the token endpoint: see oidc_token_request.h.
 */

#include "oidc/oidc_token_request.h"

#include <string.h>


/* A sent value, or NULL; an empty one counts as not sent (RFC 6749 3.2). */
static enum oidc_error
token_field(const struct oidc_fields *fields, const char *name, size_t max,
    const char **out)
{
	const struct oidc_field	*field = oidc_field_find(fields, name);

	*out = NULL;
	if (field == NULL || field->len == 0)
		return (OIDC_OK);
	if (field->len > max)
		return (OIDC_TOO_LONG);

	*out = field->value;
	return (OIDC_OK);
}

static enum oidc_error
token_parse_code(const struct oidc_fields *fields,
    struct oidc_token_request *out)
{
	enum oidc_error	error;

	out->type = OIDC_GRANT_CODE;
	if ((error = token_field(fields, "code", OIDC_CODE_TEXT_MAX,
	    &out->code)) != OIDC_OK)
		return (error);
	if ((error = token_field(fields, "redirect_uri", OIDC_URI_MAX,
	    &out->redirect_uri)) != OIDC_OK)
		return (error);
	/* An empty or overlong verifier is a wrong one, not an absent one. */
	if (oidc_field_find(fields, "code_verifier") != NULL)
		out->verifier = oidc_field_find(fields,
		    "code_verifier")->value;

	return (out->code == NULL || out->redirect_uri == NULL ?
	    OIDC_INVALID_REQUEST : OIDC_OK);
}

static enum oidc_error
token_parse_refresh(const struct oidc_fields *fields,
    struct oidc_token_request *out)
{
	const char	*scope;
	enum oidc_error	 error;

	out->type = OIDC_GRANT_REFRESH;
	if ((error = token_field(fields, "refresh_token", OIDC_JWT_MAX,
	    &out->refresh_token)) != OIDC_OK)
		return (error);
	if ((error = token_field(fields, "scope", OIDC_SCOPE_MAX,
	    &scope)) != OIDC_OK)
		return (error);
	if (scope != NULL) {
		out->has_scope = true;
		if (!oidc_scope_parse(scope, strlen(scope), &out->scopes))
			return (OIDC_INVALID_SCOPE);
	}

	return (out->refresh_token == NULL ? OIDC_INVALID_REQUEST : OIDC_OK);
}

enum oidc_error
oidc_token_request_parse(const struct oidc_fields *fields,
    struct oidc_token_request *out)
{
	const struct oidc_field	*type = oidc_field_find(fields, "grant_type");

	*out = (struct oidc_token_request){ 0 };
	for (size_t i = 0; i < fields->count; i++) {
		if (fields->fields[i].repeated)
			return (OIDC_REPEATED_PARAMETER);
	}
	if (type == NULL || type->len == 0)
		return (OIDC_INVALID_REQUEST);
	if (strcmp(type->value, "authorization_code") == 0)
		return (token_parse_code(fields, out));
	if (strcmp(type->value, "refresh_token") == 0)
		return (token_parse_refresh(fields, out));

	return (OIDC_UNSUPPORTED_GRANT_TYPE);
}
