/*
 * GET and POST /oauth/userinfo (OpenID Connect Core 5.3).
 *
 * The token comes in the Authorization header, or in the body of a POST
 * (RFC 6750 sections 2.1, 2.2); never in the query, never in two places.
 */

#include "endpoints/endpoints.h"

#include <string.h>
#include <strings.h>

#include "web/web_input.h"

struct userinfo {
	struct oidc_token	token;
};

static struct web_next	userinfo_found(struct web_exchange *);

/* RFC 6750 section 3: no error code when no token was sent at all. */
static struct web_next
userinfo_error(struct web_exchange *x, enum oidc_error error)
{
	if (error == OIDC_OK) {
		web_reply_header(x, "www-authenticate",
		    "Bearer realm=\"Permiso\"");
		return (endpoints_error(x, OIDC_INVALID_TOKEN));
	}
	web_reply_header(x, "www-authenticate", base_arena_format(
	    web_arena(x), "Bearer realm=\"Permiso\", error=\"%s\", "
	    "error_description=\"%s\"", oidc_error_code(error),
	    oidc_error_text(error)));

	return (endpoints_error(x, error));
}

/* The token of a POST's form; empty when there is none. */
static enum oidc_error
userinfo_form(struct web_exchange *x, struct base_slice *out)
{
	const struct web_form_field	*field;
	struct web_form			*form;
	enum web_form_status		 status;

	*out = base_bytes_slice(NULL);
	if (web_request(x)->body.len == 0)
		return (OIDC_OK);
	form = base_arena_new(web_arena(x), sizeof(*form));
	status = web_input_form(x, form);
	if (status != WEB_FORM_OK)
		return (OIDC_INVALID_REQUEST);

	field = web_form_find(form, "access_token");
	if (field == NULL)
		return (OIDC_OK);
	if (field->repeated)
		return (OIDC_REPEATED_PARAMETER);

	*out = (struct base_slice){
		.data = (const uint8_t *)field->value, .len = field->len
	};
	return (OIDC_OK);
}

/* The one token of the request; empty when none was sent. */
static enum oidc_error
userinfo_read(struct web_exchange *x, struct base_slice *out)
{
	struct base_slice	header, body;
	enum oidc_error		error;
	bool			repeated;

	header = web_header(x, "authorization", &repeated);
	if (repeated)
		return (OIDC_INVALID_REQUEST);
	if (web_request(x)->query.len > 0)
		return (OIDC_QUERY_REFUSED);
	if ((error = userinfo_form(x, &body)) != OIDC_OK)
		return (error);
	if (header.len > 0 && body.len > 0)
		return (OIDC_TWO_METHODS);

	*out = body;
	if (header.len > 7 &&
	    strncasecmp((const char *)header.data, "Bearer ", 7) == 0)
		*out = (struct base_slice){
			.data = header.data + 7, .len = header.len - 7
		};
	return (OIDC_OK);
}

struct web_next
endpoints_userinfo(struct web_exchange *x)
{
	struct userinfo		*u = web_state(x, sizeof(*u));
	struct base_slice	 text;
	enum oidc_error		 error;

	if ((error = userinfo_read(x, &text)) != OIDC_OK)
		return (userinfo_error(x, error));
	if (text.len == 0)
		return (userinfo_error(x, OIDC_OK));
	if (!oidc_token_parse(web_keyring(x), web_now(x), OIDC_TOKEN_ACCESS,
	    text, &u->token))
		return (userinfo_error(x, OIDC_INVALID_TOKEN));
	if ((u->token.scopes & OIDC_SCOPE_OPENID) == 0)
		return (userinfo_error(x, OIDC_INSUFFICIENT_SCOPE));

	return (web_ask(x, store_grant_userinfo(web_arena(x),
	    &u->token.grant), userinfo_found));
}

static struct web_next
userinfo_found(struct web_exchange *x)
{
	struct userinfo			*u = web_state(x, sizeof(*u));
	struct store_grant		*grant;
	struct oidc_claims_facts	 facts;

	grant = base_arena_new(web_arena(x), sizeof(*grant));
	switch (store_grant_decode(web_result(x), grant)) {
	case STORE_OK:
		facts = (struct oidc_claims_facts){
			.person = &grant->user,
			.scopes = grant->scopes & u->token.scopes,
			.asked = grant->claims,
		};
		return (web_json(x, 200, oidc_claims_build(OIDC_TO_USERINFO,
		    &facts)));
	case STORE_GONE:
		return (userinfo_error(x, OIDC_INVALID_TOKEN));
	case STORE_FAILED:
	case STORE_BAD_CLIENT:
	case STORE_SPENT:
	case STORE_MISSING:
	case STORE_CONFLICT:
	case STORE_REFUSED:
	case STORE_STALE:
		break;
	}

	return (web_unavailable(x));
}
