/*
 * First-run set-up: the first administrator, with a passkey.
 *
 *	GET  /setup?code=	the details
 *	POST /setup		checked; then the page that creates the passkey
 *	POST /setup/passkey	that page again, for a press that no script took
 *	POST /setup/options	a challenge: no database
 *	POST /setup/verify	one statement makes all of it, or nothing
 *
 * The code is the one that the server printed when it started.  Between the
 * pages the details travel sealed, with the digest of the code, so nothing is
 * written before a passkey was made; the statement checks the code again.
 */

#include "signin/signin.h"

#include <stdlib.h>
#include <string.h>

#include "account/account_link.h"
#include "base/base_hex.h"
#include "base/base_seal.h"
#include "store/store_installation.h"
#include "web/web_browser.h"
#include "web/web_csrf.h"
#include "web/web_input.h"
#include "web/web_page.h"
#include "webauthn/webauthn_options.h"
#include "webauthn/webauthn_register.h"

#define PURPOSE		"setup"
#define SEALED		"setup"		/* kind of the sealed details */
#define SECONDS		1800		/* of life of the sealed details */

enum {
	CODE, FIRST_NAME, LAST_NAME, EMAIL, USERNAME, FIELD_COUNT
};

struct field {
	const char		*value;		/* as typed, or NULL */
	const char		*error;		/* text, or NULL */
};

struct form {
	struct field		 fields[FIELD_COUNT];
	uint8_t			 code_digest[BASE_SHA256_LEN];
	struct account_user	 user;
	bool			 wrong;
};

struct finish {
	uint8_t			 code_digest[BASE_SHA256_LEN];
	struct account_user	 user;
	struct webauthn_challenge challenge;
	struct webauthn_register_response response;
	struct webauthn_credential credential;
	char			 cookie[ACCOUNT_SECRET_LEN + 1];
};

static const struct web_page_field	fields[FIELD_COUNT] = {
	[CODE] = { .name = "code", .label = "setup.code",
	    .hint = "setup.code_hint", .maxlength = ACCOUNT_LINK_SETUP_LEN,
	    .required = true },
	[FIRST_NAME] = { .name = "first_name", .label = "setup.first_name",
	    .autocomplete = "given-name", .maxlength = ACCOUNT_NAME_CHARS,
	    .required = true },
	[LAST_NAME] = { .name = "last_name", .label = "setup.last_name",
	    .autocomplete = "family-name", .maxlength = ACCOUNT_NAME_CHARS },
	[EMAIL] = { .name = "email", .label = "setup.email",
	    .type = "email", .autocomplete = "email",
	    .maxlength = ACCOUNT_EMAIL_MAX, .required = true },
	[USERNAME] = { .name = "username", .label = "setup.username",
	    .hint = "setup.username_hint", .autocomplete = "username",
	    .maxlength = ACCOUNT_USERNAME_MAX, .required = true },
};

static web_step	setup_known, form_known, finish_written;

/* --- step 1: the details --------------------------------------------------- */

static json_t *
field_models(struct web_exchange *x, const struct form *form)
{
	json_t	*list = json_array();

	for (int i = 0; i < FIELD_COUNT; i++)
		(void)json_array_append_new(list, web_page_field(x,
		    &fields[i], form->fields[i].value,
		    form->fields[i].error));

	return (list);
}

/* The summary above a form that came back, or null. */
static json_t *
problem_model(const struct form *form)
{
	json_t	*errors = json_array();

	for (int i = 0; i < FIELD_COUNT; i++) {
		if (form->fields[i].error != NULL)
			(void)json_array_append_new(errors, json_pack(
			    "{s:s, s:s}", "name", fields[i].name, "error",
			    form->fields[i].error));
	}
	if (json_array_size(errors) == 0) {
		json_decref(errors);
		return (json_null());
	}

	return (json_pack("{s:o}", "errors", errors));
}

static struct web_next
details_page(struct web_exchange *x, int status, const struct form *form)
{
	return (web_page(x, status, WEB_CLASS_LINK, "setup", json_pack(
	    "{s:s, s:s, s:s, s:o, s:o, s:s}",
	    "title", web_page_text(x, "setup.title",
	    { "name", web_config(x)->app_name }),
	    "lead", web_page_text(x, "setup.lead"),
	    "step", web_page_text(x, "setup.step", { "step", "1" },
	    { "steps", "2" }),
	    "problem", problem_model(form),
	    "fields", field_models(x, form),
	    "csrf", web_csrf_token(x, PURPOSE))));
}

struct web_next
signin_setup(struct web_exchange *x)
{
	uint8_t		 digest[BASE_SHA256_LEN] = { 0 };
	const char	*code;
	struct form	*form = web_state(x, sizeof(*form));
	struct web_form	 query;

	if (web_input_query(x, &query) != WEB_FORM_OK ||
	    !signin_field(&query, "code", &code))
		return (web_page_error(x, 400, "bad_request"));

	form->fields[CODE].value = code;
	return (web_ask(x, store_installation_state(web_arena(x), digest),
	    setup_known));
}

static struct web_next
setup_known(struct web_exchange *x)
{
	enum store_status	 status = store_verdict(web_result(x));
	struct form		*form = web_state(x, sizeof(*form));

	if (status == STORE_SPENT)
		return (web_page_error(x, 403, "setup_done"));
	if (status != STORE_OK && status != STORE_MISSING)
		return (web_unavailable(x));

	return (details_page(x, 200, form));
}

/* --- step 1 sent ----------------------------------------------------------- */

/* What is wrong with a field, or NULL. */
static const char *
field_error(struct web_exchange *x, int which,
    enum account_text_status status)
{
	const char	*max = base_arena_format(web_arena(x), "%d",
			    fields[which].maxlength);

	switch (status) {
	case ACCOUNT_TEXT_OK:
		return (NULL);
	case ACCOUNT_TEXT_EMPTY:
		return (fields[which].required ?
		    web_page_text(x, "form.required") : NULL);
	case ACCOUNT_TEXT_TOO_LONG:
		return (web_page_text(x, "form.too_long", { "max", max }));
	case ACCOUNT_TEXT_CHARACTER:
		break;
	}

	return (web_page_text(x, which == EMAIL ? "form.email" :
	    which == USERNAME ? "form.username" : "form.name"));
}

static enum account_text_status
field_parse(int which, const char *value, struct account_user *user)
{
	size_t	len = value == NULL ? 0 : strlen(value);

	if (value == NULL)
		return (ACCOUNT_TEXT_EMPTY);

	switch (which) {
	case FIRST_NAME:
		return (account_user_name_parse(value, len,
		    user->given_name));
	case LAST_NAME:
		return (account_user_name_parse(value, len,
		    user->family_name));
	case EMAIL:
		return (account_user_email_parse(value, len, user->email));
	case USERNAME:
		return (account_user_username_parse(value, len,
		    user->username));
	}

	return (ACCOUNT_TEXT_CHARACTER);
}

/* Read and judge every field but whether the code is right; false: the form
 * itself is broken. */
static bool
form_parse(struct web_exchange *x, const struct web_form *sent,
    struct form *form)
{
	struct field	*field;

	account_user_init(&form->user);
	for (int i = 0; i < FIELD_COUNT; i++) {
		field = &form->fields[i];
		if (!signin_field(sent, fields[i].name, &field->value))
			return (false);
		if (i == CODE)
			continue;
		field->error = field_error(x, i, field_parse(i, field->value,
		    &form->user));
		if (field->error != NULL)
			form->wrong = true;
	}
	account_user_display(&form->user);
	return (true);
}

struct web_next
signin_setup_form(struct web_exchange *x)
{
	const char	*csrf;
	struct form	*form = web_state(x, sizeof(*form));
	struct web_form	 sent;

	if (web_input_form(x, &sent) != WEB_FORM_OK ||
	    !signin_field(&sent, WEB_CSRF_FIELD, &csrf))
		return (web_page_error(x, 400, "bad_request"));
	if (!web_csrf_valid(x, PURPOSE, csrf))
		return (web_page_error(x, 403, "bad_form"));
	if (!form_parse(x, &sent, form))
		return (web_page_error(x, 400, "bad_request"));

	/* A code that cannot be one of ours has a digest that is nobody's. */
	(void)account_link_setup_digest(base_bytes_slice(
	    form->fields[CODE].value), form->code_digest);
	return (web_ask(x, store_installation_state(web_arena(x),
	    form->code_digest), form_known));
}

/* --- between the steps: sealed --------------------------------------------- */

static const char *
details_seal(struct web_exchange *x, const struct form *form)
{
	char		 code[2 * BASE_SHA256_LEN + 1];
	char		 id[BASE_UUID_TEXT_LEN + 1];
	char		 handle[2 * ACCOUNT_USER_HANDLE_LEN + 1];
	char		*text, *sealed = NULL;
	json_t		*json;
	size_t		 len;
	const struct account_user *user = &form->user;

	base_hex_encode(form->code_digest, sizeof(form->code_digest), code);
	base_hex_encode(user->user_handle, sizeof(user->user_handle), handle);
	base_uuid_format(&user->id, id);
	json = json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
	    "code", code, "until", (json_int_t)(web_now(x) + SECONDS),
	    "id", id, "sub", user->sub, "handle", handle,
	    "username", user->username, "email", user->email,
	    "first", user->given_name, "last", user->family_name,
	    "display", user->display_name);
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text == NULL)
		return (NULL);

	len = strlen(text);
	sealed = base_arena_new(web_arena(x), BASE_SEAL_TEXT_LEN(len) + 1);
	if (!base_seal(web_keyring(x), web_now(x), SEALED,
	    web_browser_secret(x), text, len, sealed))
		sealed = NULL;
	free(text);
	return (sealed);
}

static bool
text_take(const json_t *json, const char *name, char *out, size_t size)
{
	const json_t	*text = json_object_get(json, name);

	return (json_is_string(text) && base_bytes_text_copy(out, size,
	    json_string_value(text), json_string_length(text)));
}

static bool
hex_take(const json_t *json, const char *name, uint8_t *out, size_t size)
{
	const char	*text = json_string_value(json_object_get(json,
			    name));
	size_t		 len;

	return (text != NULL && base_hex_decode(text, strlen(text), out,
	    size, &len) && len == size);
}

static bool
details_take(const json_t *json, struct account_user *user,
    uint8_t code_digest[BASE_SHA256_LEN])
{
	char	id[BASE_UUID_TEXT_LEN + 1];

	memset(user, 0, sizeof(*user));
	return (hex_take(json, "code", code_digest, BASE_SHA256_LEN) &&
	    hex_take(json, "handle", user->user_handle,
	    sizeof(user->user_handle)) &&
	    text_take(json, "id", id, sizeof(id)) &&
	    base_uuid_parse(id, strlen(id), &user->id) &&
	    text_take(json, "sub", user->sub, sizeof(user->sub)) &&
	    text_take(json, "username", user->username,
	    sizeof(user->username)) &&
	    text_take(json, "email", user->email, sizeof(user->email)) &&
	    text_take(json, "first", user->given_name,
	    sizeof(user->given_name)) &&
	    text_take(json, "last", user->family_name,
	    sizeof(user->family_name)) &&
	    text_take(json, "display", user->display_name,
	    sizeof(user->display_name)));
}

/* The details out of "sealed"; false for NULL. */
static bool
details_open(struct web_exchange *x, const char *sealed,
    struct account_user *user, uint8_t code_digest[BASE_SHA256_LEN])
{
	bool	 good;
	char	*text;
	json_t	*json;
	size_t	 len, size;

	if (sealed == NULL)
		return (false);

	size = strlen(sealed);
	text = base_arena_new(web_arena(x), size + 1);
	if (!base_seal_open(web_keyring(x), SEALED, web_browser_secret(x),
	    sealed, size, text, size, &len))
		return (false);

	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	good = json != NULL && json_integer_value(json_object_get(json,
	    "until")) >= web_now(x) && details_take(json, user, code_digest);
	json_decref(json);
	return (good);
}

/* Member "setup" of a script's request, or NULL. */
static const char *
sealed_of(const json_t *body)
{
	return (json_string_value(json_object_get(body, "setup")));
}

/* --- step 2: the passkey --------------------------------------------------- */

static struct web_next
passkey_page(struct web_exchange *x, const struct account_user *user,
    const char *sealed, const char *pressed)
{
	return (web_page(x, 200, WEB_CLASS_PAGE, "setup_passkey", json_pack(
	    "{s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:s}",
	    "title", web_page_text(x, "setup.passkey.title"),
	    "lead", web_page_text(x, "add.lead"),
	    "step", web_page_text(x, "setup.step", { "step", "2" },
	    { "steps", "2" }),
	    "account", signin_account(x, user),
	    "words", signin_words(x, web_page_text(x, "add.busy"),
	    web_page_text(x, "add.done")),
	    "host", web_config(x)->rp_id,
	    "csrf", web_csrf_token(x, PURPOSE),
	    "pressed", pressed, "setup", sealed)));
}

static struct web_next
form_known(struct web_exchange *x)
{
	const char		*sealed;
	enum store_status	 status = store_verdict(web_result(x));
	struct form		*form = web_state(x, sizeof(*form));

	if (status == STORE_SPENT)
		return (web_page_error(x, 403, "setup_done"));
	if (status == STORE_MISSING)
		form->fields[CODE].error = web_page_text(x, "form.code");
	else if (status != STORE_OK)
		return (web_unavailable(x));

	if (form->wrong || form->fields[CODE].error != NULL)
		return (details_page(x, 422, form));
	if ((sealed = details_seal(x, form)) == NULL)
		return (web_unavailable(x));

	return (passkey_page(x, &form->user, sealed, ""));
}

/* A press that no script took: the page again, with what it was about. */
struct web_next
signin_setup_press(struct web_exchange *x)
{
	uint8_t			 code_digest[BASE_SHA256_LEN];
	const char		*pressed, *sealed;
	struct account_user	 user;
	struct web_form		 form;
	struct web_next		 refused;

	if ((pressed = signin_pressed(x, PURPOSE, &form, &refused)) == NULL)
		return (refused);
	if (!signin_field(&form, "setup", &sealed) ||
	    !details_open(x, sealed, &user, code_digest))
		return (web_page_error(x, 403, "bad_form"));

	return (passkey_page(x, &user, sealed, pressed));
}

struct web_next
signin_setup_options(struct web_exchange *x)
{
	uint8_t				 code_digest[BASE_SHA256_LEN];
	json_t				*body;
	struct account_user		 user;
	struct web_next			 refused;
	struct webauthn_challenge	 challenge;
	const struct webauthn_options_site site = {
		web_config(x)->rp_id, web_config(x)->app_name
	};
	const struct webauthn_options_user person = {
		{ user.user_handle, sizeof(user.user_handle) },
		user.username, user.display_name
	};

	if ((body = signin_json(x, PURPOSE, &refused)) == NULL)
		return (refused);
	if (!details_open(x, sealed_of(body), &user, code_digest))
		return (signin_refuse(x, 400, "expired"));

	webauthn_challenge_init(&challenge, WEBAUTHN_PURPOSE_SETUP,
	    WEBAUTHN_MEDIATION_MODAL, web_now(x), web_timeline(x));
	challenge.user_id = user.id;
	memcpy(challenge.user_handle, user.user_handle,
	    sizeof(challenge.user_handle));
	return (signin_options(x, &challenge, webauthn_options_create(&site,
	    &person, (struct base_slice){ challenge.bytes,
	    sizeof(challenge.bytes) }, NULL, 0)));
}

static enum webauthn_verdict
finish_check(struct web_exchange *x, struct finish *finish,
    const json_t *body)
{
	enum webauthn_verdict		 verdict;
	struct base_slice		 origin;
	struct webauthn_register_expect	 expect = {
		.algs = webauthn_algs, .alg_count = WEBAUTHN_ALGS_COUNT,
	};

	if ((verdict = signin_challenge(x, body, WEBAUTHN_PURPOSE_SETUP, NULL,
	    &finish->challenge)) != WEBAUTHN_OK)
		return (verdict);
	/* The passkey was made for these details and no others. */
	if (!base_uuid_equal(&finish->challenge.user_id, &finish->user.id))
		return (WEBAUTHN_CHALLENGE_PURPOSE);
	if ((verdict = webauthn_register_parse(web_arena(x),
	    json_object_get(body, "credential"), &finish->response)) !=
	    WEBAUTHN_OK)
		return (verdict);

	signin_expect(x, &finish->challenge, &origin, &expect.common);
	return (webauthn_register_check(&finish->response, &expect,
	    &finish->credential));
}

static struct web_next
finish_write(struct web_exchange *x, struct finish *finish)
{
	struct store_place		 place;
	struct store_session_new	 session;
	struct store_session_challenge	 challenge = {
		.expires_at = finish->challenge.expires_at,
	};
	const struct store_passkey_new	 passkey = {
		.id = base_uuid_new(),
		.credential = &finish->credential,
		.attestation_object = finish->response.attestation,
		.client_data = finish->response.client_data,
		.name = account_passkey_name(&finish->credential.aaguid),
	};
	const struct store_installation_first first = {
		&finish->user, &challenge, &passkey, &session
	};

	if (!signin_session_new(x, web_config(x)->session_seconds, &session,
	    finish->cookie))
		return (signin_refuse(x, 403, "expired"));

	webauthn_challenge_digest(&finish->challenge, challenge.digest);
	signin_place(x, &place);
	return (web_ask(x, store_installation_set_up(web_arena(x),
	    finish->code_digest, &first, &place), finish_written));
}

struct web_next
signin_setup_verify(struct web_exchange *x)
{
	json_t			*body;
	enum webauthn_verdict	 verdict;
	struct finish		*finish = web_state(x, sizeof(*finish));
	struct web_next		 refused;

	if ((body = signin_json(x, PURPOSE, &refused)) == NULL)
		return (refused);
	if (!details_open(x, sealed_of(body), &finish->user,
	    finish->code_digest))
		return (signin_refuse(x, 400, "expired"));
	if ((verdict = finish_check(x, finish, body)) != WEBAUTHN_OK)
		return (signin_verdict(x, verdict, NULL));

	return (finish_write(x, finish));
}

static struct web_next
finish_written(struct web_exchange *x)
{
	struct finish	*finish = web_state(x, sizeof(*finish));

	switch (store_verdict(web_result(x))) {
	case STORE_OK:
		web_reply_cookie(x, ACCOUNT_SESSION_COOKIE, finish->cookie,
		    web_config(x)->session_seconds);
		return (signin_arrived(x, "/"));
	case STORE_SPENT:	/* somebody was faster, or the code is old */
		signin_failed(x, "setup", NULL);
		return (signin_refuse_to(x, "expired", "/setup"));
	case STORE_CONFLICT:	/* a name that the command line gave away */
		return (signin_refuse(x, 409, "already"));
	case STORE_BAD_CLIENT:
	case STORE_GONE:
	case STORE_MISSING:
	case STORE_REFUSED:
	case STORE_STALE:
	case STORE_FAILED:
		break;
	}

	return (signin_refuse(x, 503, "server"));
}
