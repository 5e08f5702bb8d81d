#include "signer/signer_token.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/base_bytes.h"
#include "jose/jose_jws.h"

#define LOGOUT_EVENT	"http://schemas.openid.net/event/backchannel-logout"
#define CLAIMS_LISTED	6

/* What one kind of token must say, and must not. */
struct rule {
	const char		*typ;		/* NULL: no typ */
	enum signer_auth_role	 role;
	bool			 expires;	/* exp required, or forbidden */
	int64_t			 life;
	const char		*texts[CLAIMS_LISTED];	/* non-empty texts */
	const char		*forbidden[CLAIMS_LISTED];
	bool			 audience;	/* aud required */
	bool			(*also)(const json_t *claims);
};

static bool	introspection_valid(const json_t *);
static bool	logout_valid(const json_t *);

/*
 * A userinfo or introspection answer must not pass for an ID token, so they
 * hold no exp; a logout token holds no nonce for the same reason.
 */
static const struct rule	rules[] = {
	[SIGNER_ID_TOKEN] = {
		.role = SIGNER_AUTH_WEB,
		.expires = true,
		.life = SIGNER_TOKEN_LIFE,
		.texts = { "sub" },
		.forbidden = { "events", "token_introspection" },
		.audience = true,
	},
	[SIGNER_USERINFO] = {
		.role = SIGNER_AUTH_WEB,
		.texts = { "sub" },
		.forbidden = { "nonce", "events", "token_introspection" },
		.audience = true,
	},
	[SIGNER_INTROSPECTION] = {
		.typ = "token-introspection+jwt",
		.role = SIGNER_AUTH_WEB,
		.forbidden = { "sub", "nonce", "events" },
		.audience = true,
		.also = introspection_valid,
	},
	[SIGNER_ACCESS_TOKEN] = {
		.typ = "at+jwt",
		.role = SIGNER_AUTH_WEB,
		.expires = true,
		.life = SIGNER_TOKEN_LIFE,
		.texts = { "sub", "client_id", "jti" },
		.forbidden = { "nonce", "events", "token_introspection" },
		.audience = true,
	},
	[SIGNER_LOGOUT_TOKEN] = {
		.typ = "logout+jwt",
		.role = SIGNER_AUTH_JOBS,
		.expires = true,
		.life = SIGNER_TOKEN_LOGOUT_LIFE,
		.texts = { "jti" },
		.forbidden = { "nonce", "token_introspection" },
		.audience = true,
		.also = logout_valid,
	},
};

#define RULES	(sizeof(rules) / sizeof(rules[0]))

static bool
text_valid(const json_t *value)
{
	return (json_is_string(value) && json_string_length(value) != 0);
}

/* RFC 7519 section 4.1.3: a text, or a list of texts. */
static bool
audience_valid(const json_t *value)
{
	size_t	i;

	if (!json_is_array(value))
		return (text_valid(value));
	for (i = 0; i < json_array_size(value); i++) {
		if (!text_valid(json_array_get(value, i)))
			return (false);
	}

	return (json_array_size(value) != 0);
}

static bool
introspection_valid(const json_t *claims)
{
	return (json_is_object(json_object_get(claims,
	    "token_introspection")));
}

static bool
logout_valid(const json_t *claims)
{
	const json_t	*events = json_object_get(claims, "events");
	const json_t	*sub = json_object_get(claims, "sub");
	const json_t	*sid = json_object_get(claims, "sid");

	return (json_object_size(events) == 1 &&
	    json_is_object(json_object_get(events, LOGOUT_EVENT)) &&
	    (sub != NULL || sid != NULL) &&
	    (sub == NULL || text_valid(sub)) &&
	    (sid == NULL || text_valid(sid)));
}

static bool
claims_valid(const struct rule *rule, const json_t *claims)
{
	size_t	i;

	/* The signer says who the issuer is. */
	if (json_object_get(claims, "iss") != NULL)
		return (false);
	for (i = 0; i < CLAIMS_LISTED && rule->texts[i] != NULL; i++) {
		if (!text_valid(json_object_get(claims, rule->texts[i])))
			return (false);
	}
	for (i = 0; i < CLAIMS_LISTED && rule->forbidden[i] != NULL; i++) {
		if (json_object_get(claims, rule->forbidden[i]) != NULL)
			return (false);
	}
	if (rule->audience && !audience_valid(json_object_get(claims, "aud")))
		return (false);

	return (rule->also == NULL || rule->also(claims));
}

static bool
times_valid(const struct rule *rule, const json_t *claims, int64_t now)
{
	const json_t	*iat = json_object_get(claims, "iat");
	const json_t	*exp = json_object_get(claims, "exp");
	int64_t		 end;

	if (!json_is_integer(iat) ||
	    json_integer_value(iat) < now - SIGNER_TOKEN_SKEW ||
	    json_integer_value(iat) > now + SIGNER_TOKEN_SKEW)
		return (false);
	if (!rule->expires)
		return (exp == NULL);

	end = json_integer_value(exp);

	return (json_is_integer(exp) && end > json_integer_value(iat) &&
	    end <= json_integer_value(iat) + rule->life);
}

enum signer_token_verdict
signer_token_check(enum signer_auth_role role,
    const struct signer_request *request, int64_t now)
{
	enum signer_token_verdict	 verdict = SIGNER_TOKEN_OK;
	const struct rule		*rule;
	json_t				*claims;

	if ((size_t)request->kind >= RULES ||
	    rules[request->kind].role != role)
		return (SIGNER_TOKEN_KIND);
	rule = &rules[request->kind];

	/* The first byte, because "iss" is put right behind it. */
	if (request->claims_len == 0 || request->claims[0] != '{' ||
	    request->claims_len > SIGNER_CLAIMS_MAX)
		return (SIGNER_TOKEN_JSON);
	claims = json_loadb(request->claims, request->claims_len,
	    JSON_REJECT_DUPLICATES, NULL);
	if (claims == NULL)
		return (SIGNER_TOKEN_JSON);

	if (!claims_valid(rule, claims))
		verdict = SIGNER_TOKEN_CLAIMS;
	else if (!times_valid(rule, claims, now))
		verdict = SIGNER_TOKEN_TIME;
	json_decref(claims);

	return (verdict);
}

/*
 * The claims were parsed and hold at least one member, so "iss" can be put
 * behind the brace without writing the whole again.
 */
enum signer_token_verdict
signer_token_make(const struct jose_key *key, const char *issuer,
    const struct signer_request *request, struct signer_answer *out)
{
	static char	payload[SIGNER_CLAIMS_MAX + 1200];
	int		len;
	bool		made;

	len = snprintf(payload, sizeof(payload), "{\"iss\":\"%s\",%.*s",
	    issuer, (int)request->claims_len - 1, request->claims + 1);
	if (len < 0 || (size_t)len >= sizeof(payload))
		return (SIGNER_TOKEN_FAILED);

	made = jose_jws_sign(key, rules[request->kind].typ, payload,
	    (size_t)len, out->token, sizeof(out->token), &out->token_len);
	base_bytes_wipe(payload, (size_t)len);

	return (made ? SIGNER_TOKEN_OK : SIGNER_TOKEN_FAILED);
}

const char *
signer_token_verdict_name(enum signer_token_verdict verdict)
{
	static const char *const	names[] = {
		[SIGNER_TOKEN_OK]	= "ok",
		[SIGNER_TOKEN_KIND]	= "kind not for this role",
		[SIGNER_TOKEN_JSON]	= "not one JSON object",
		[SIGNER_TOKEN_CLAIMS]	= "claims",
		[SIGNER_TOKEN_TIME]	= "iat or exp",
		[SIGNER_TOKEN_NO_KEY]	= "no key",
		[SIGNER_TOKEN_FAILED]	= "OpenSSL failed, or too long",
	};

	if ((size_t)verdict >= sizeof(names) / sizeof(names[0]))
		return ("unknown");

	return (names[verdict]);
}
