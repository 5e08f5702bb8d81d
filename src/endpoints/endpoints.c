/*
 * The protocol's addresses, and what several of them need.
 */

#include "endpoints/endpoints.h"

#include <string.h>

#include "account/account_device.h"
#include "account/account_secret.h"
#include "account/account_session.h"
#include "oidc/oidc_metadata.h"
#include "web/web_keys.h"
#include "web/web_page.h"

const struct web_route endpoints_routes[ENDPOINTS_ROUTES] = {
	{ WEB_GET, "/.well-known/openid-configuration", WEB_BODY_NONE,
	    endpoints_discovery },
	{ WEB_OPTIONS, "/.well-known/openid-configuration", WEB_BODY_NONE,
	    endpoints_public_options },
	{ WEB_GET, "/.well-known/oauth-authorization-server", WEB_BODY_NONE,
	    endpoints_discovery },
	{ WEB_OPTIONS, "/.well-known/oauth-authorization-server",
	    WEB_BODY_NONE, endpoints_public_options },
	{ WEB_GET, OIDC_PATH_JWKS, WEB_BODY_NONE, endpoints_jwks },
	{ WEB_OPTIONS, OIDC_PATH_JWKS, WEB_BODY_NONE,
	    endpoints_public_options },
	{ WEB_GET, OIDC_PATH_AUTHORIZE, WEB_BODY_NONE, endpoints_authorize,
	    WEB_LIMIT_AUTHORIZE },
	{ WEB_POST, OIDC_PATH_AUTHORIZE, WEB_BODY_FORM,
	    endpoints_authorize_post, WEB_LIMIT_AUTHORIZE },
	{ WEB_POST, OIDC_PATH_TOKEN, WEB_BODY_FORM, endpoints_token },
	{ WEB_GET, OIDC_PATH_USERINFO, WEB_BODY_NONE, endpoints_userinfo },
	{ WEB_POST, OIDC_PATH_USERINFO, WEB_BODY_FORM, endpoints_userinfo },
	{ WEB_GET, OIDC_PATH_LOGOUT, WEB_BODY_NONE, endpoints_logout },
	{ WEB_POST, OIDC_PATH_LOGOUT, WEB_BODY_FORM, endpoints_logout_post },
};

struct oidc_fields
endpoints_fields(struct web_exchange *x, const struct web_form *form)
{
	struct oidc_field	*list;
	struct oidc_fields	 fields = { NULL, form->count };

	list = base_arena_new(web_arena(x), (form->count + 1) *
	    sizeof(*list));
	for (size_t i = 0; i < form->count; i++)
		list[i] = (struct oidc_field){
			.name = form->fields[i].name,
			.value = form->fields[i].value,
			.len = form->fields[i].len,
			.repeated = form->fields[i].repeated,
		};

	fields.fields = list;
	return (fields);
}

struct web_next
endpoints_error(struct web_exchange *x, enum oidc_error error)
{
	base_log(BASE_LOG_INFO, "oidc", "refused",
	    base_log_text("error", oidc_error_code(error)),
	    base_log_text("reason", oidc_error_text(error)));

	return (web_json(x, oidc_error_status(error), json_pack("{s:s, s:s}",
	    "error", oidc_error_code(error),
	    "error_description", oidc_error_text(error))));
}

/* "uri" as {same, other}, parted after "same" bytes. */
static json_t *
broken_uri(const char *uri, size_t same)
{
	return (json_pack("{s:s%, s:s}", "same", uri, same, "other",
	    uri + same));
}

static size_t
same_begin(const char *a, const char *b)
{
	size_t	len = 0;

	while (a[len] != '\0' && a[len] == b[len])
		len++;
	/* not within a character */
	while (len > 0 && ((unsigned char)a[len] & 0xc0) == 0x80)
		len--;
	return (len);
}

/* What was sent beside what is registered, the difference apart. */
static json_t *
broken_details(const struct endpoints_mismatch *mismatch)
{
	json_t	*registered = json_array();
	size_t	 len, longest = 0;

	for (size_t i = 0; mismatch->registered[i] != NULL; i++) {
		len = same_begin(mismatch->registered[i], mismatch->sent);
		longest = len > longest ? len : longest;
		(void)json_array_append_new(registered,
		    broken_uri(mismatch->registered[i], len));
	}

	return (json_pack("{s:o, s:o}", "sent", broken_uri(mismatch->sent,
	    longest), "registered", registered));
}

static struct web_next
broken_page(struct web_exchange *x, enum oidc_error error, const char *name,
    const struct endpoints_mismatch *mismatch)
{
	base_log(BASE_LOG_INFO, "oidc", "broken request",
	    base_log_text("error", oidc_error_code(error)),
	    base_log_text("reason", oidc_error_text(error)));

	return (web_page(x, 400, WEB_CLASS_PAGE, "broken", json_pack(
	    "{s:s, s:s, s:s, s:s, s:o}",
	    "title", name == NULL || name[0] == '\0' ?
	    web_page_text(x, "broken.title_unknown") :
	    web_page_text(x, "broken.title", { "app", name }),
	    "lead", web_page_text(x, "broken.lead"),
	    "reason", web_page_text(x, base_arena_format(web_arena(x),
	    "broken.reason.%s", oidc_error_page(error))),
	    "reference", base_arena_text(web_arena(x), web_request_id(x), 8),
	    "details", mismatch == NULL ? json_null() :
	    broken_details(mismatch))));
}

struct web_next
endpoints_broken(struct web_exchange *x, enum oidc_error error,
    const char *name)
{
	return (broken_page(x, error, name, NULL));
}

struct web_next
endpoints_broken_uri(struct web_exchange *x, enum oidc_error error,
    const struct store_client_scene *scene,
    const struct endpoints_mismatch *mismatch)
{
	return (broken_page(x, error, scene->client.name,
	    scene->session.live && scene->user.administrator ? mismatch :
	    NULL));
}

enum oidc_hint_status
endpoints_hint(struct web_exchange *x, struct base_slice text,
    struct oidc_hint *out)
{
	struct jose_jws	jws;

	if (jose_jws_parse((const char *)text.data, text.len, &jws) !=
	    JOSE_JWS_OK)
		return (OIDC_HINT_FORGED);

	return (oidc_hint_check(&jws, web_keys_find(x, jws.kid),
	    web_config(x)->app_url, out));
}

const char *
endpoints_device(struct web_exchange *x)
{
	char	*name = base_arena_new(web_arena(x), ACCOUNT_DEVICE_MAX + 1);
	bool	 repeated;

	account_device_name(web_header(x, "user-agent", &repeated), name);
	return (name);
}

const uint8_t *
endpoints_session(struct web_exchange *x)
{
	uint8_t	*digest = base_arena_new(web_arena(x), BASE_SHA256_LEN);

	return (account_secret_digest(web_cookie(x,
	    ACCOUNT_SESSION_COOKIE), digest) ? digest : NULL);
}

struct web_next
endpoints_public_options(struct web_exchange *x)
{
	web_reply_status(x, 204, WEB_CLASS_PUBLIC);
	web_reply_header(x, "access-control-allow-methods", "GET, HEAD");
	web_reply_header(x, "access-control-max-age", "86400");
	return (web_answered(x));
}
