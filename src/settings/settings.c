/*
 * The frame of the settings: from a request to the operation's "run".
 *
 *	find	the operation by method and path
 *	know	whose session it is (one SELECT)
 *	may	right, passkey used lately, CSRF
 *	decode	input, by the operation's table
 *	run
 *
 * A stranger is told nothing but to sign in; input is looked at only for who
 * may send it.
 */

#include "settings/settings.h"

#include <string.h>
#include <time.h>

#include "account/account_device.h"
#include "account/account_secret.h"
#include "settings/settings_frame.h"
#include "web/web_batch.h"
#include "web/web_csrf.h"
#include "web/web_page.h"

#define PURPOSE		"settings"	/* of the CSRF token */
#define API		"/api/"
#define START		"/settings/account/security"

static web_step	enter, known, passkey_endpoints, start;

/* Every path below belongs to the table of operations; what a body may weigh
 * is asked by method. */
const struct web_route	settings_routes[SETTINGS_ROUTES] = {
	{ WEB_GET,    "/.well-known/change-password", WEB_BODY_NONE, start },
	{ WEB_GET,    "/.well-known/passkey-endpoints", WEB_BODY_NONE,
	    passkey_endpoints },
	{ WEB_GET,    "/api/openapi.json",	WEB_BODY_NONE,
	    settings_openapi },
	{ WEB_DELETE, "/api/**",		WEB_BODY_NONE, enter },
	{ WEB_GET,    "/api/**",		WEB_BODY_NONE, enter },
	{ WEB_PATCH,  "/api/**",		WEB_BODY_JSON, enter },
	{ WEB_POST,   "/api/**",		WEB_BODY_JSON, enter },
	{ WEB_PUT,    "/api/**",		WEB_BODY_JSON, enter },
	{ WEB_GET,    "/settings",		WEB_BODY_NONE, start },
	{ WEB_GET,    "/settings/**",		WEB_BODY_NONE, enter },
	{ WEB_POST,   "/settings/**",		WEB_BODY_FORM, enter },
};

static const struct settings_operation *const	tables[] = {
	settings_profile_operations,
	settings_passkey_operations,
	settings_session_operations,
	settings_app_operations,
	settings_audit_operations,
	settings_user_access_operations,
	settings_user_operations,
};

/* --- the table ------------------------------------------------------------- */

const struct settings_operation *
settings_operation(size_t index)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (size_t i = 0; tables[t][i].name != NULL; i++) {
			if (index-- == 0)
				return (&tables[t][i]);
		}
	}

	return (NULL);
}

const struct settings_operation *
settings_operation_find(const char *name)
{
	const struct settings_operation	*op;

	for (size_t i = 0; (op = settings_operation(i)) != NULL; i++) {
		if (strcmp(op->name, name) == 0)
			break;
	}

	return (op);
}

/* One segment of "path" against one of "pattern", both moved behind it. */
static bool
segment_match(struct settings_frame *frame, const char **pattern,
    struct base_slice *path)
{
	const char	*end;
	size_t		 len, want = strcspn(*pattern + 1, "/") + 1;

	if (path->len == 0 || path->data[0] != '/')
		return (false);
	end = memchr(path->data + 1, '/', path->len - 1);
	len = end == NULL ? path->len :
	    (size_t)((const uint8_t *)end - path->data);

	if ((*pattern)[1] == '{') {
		if (frame->id_count == SETTINGS_IDS_MAX ||
		    !base_uuid_parse((const char *)path->data + 1, len - 1,
		    &frame->ids[frame->id_count++]))
			return (false);
	} else if (!base_bytes_equal(path->data, len, *pattern, want))
		return (false);

	*pattern += want;
	path->data += len;
	path->len -= len;
	return (true);
}

static bool
path_match(struct settings_frame *frame, const char *pattern,
    struct base_slice path)
{
	frame->id_count = 0;
	while (*pattern != '\0') {
		if (!segment_match(frame, &pattern, &path))
			return (false);
	}

	return (path.len == 0);
}

/* Pages are looked at and sent; the API has a method for each thing. */
static bool
method_match(const struct settings_frame *frame,
    const struct settings_operation *op, enum web_method method)
{
	if (method == WEB_HEAD)
		method = WEB_GET;
	if (frame->api)
		return (op->method == method);

	return ((op->method == WEB_GET) == (method == WEB_GET));
}

/* Sets frame->op; *known_path: there is such a path, for other methods. */
static void
operation_match(struct web_exchange *x, struct settings_frame *frame,
    bool *known_path)
{
	const struct web_request		*request = web_request(x);
	const struct settings_operation		*op;
	const char				*path;

	*known_path = false;
	for (size_t i = 0; (op = settings_operation(i)) != NULL; i++) {
		path = frame->api ? op->api : op->page;
		if (path == NULL || !path_match(frame, path, request->path))
			continue;
		*known_path = true;
		if (method_match(frame, op, request->method)) {
			frame->op = op;
			return;
		}
	}
}

/* --- what the operation sees ----------------------------------------------- */

struct settings_frame *
settings_frame(struct web_exchange *x)
{
	return (web_state(x, sizeof(struct settings_frame)));
}

void *
settings_state(struct web_exchange *x, size_t size)
{
	struct settings_frame	*frame = settings_frame(x);

	if (frame->own == NULL || frame->own_size != size) {
		frame->own = base_arena_new(web_arena(x), size);
		frame->own_size = size;
	}

	return (frame->own);
}

const struct account_user *
settings_user(struct web_exchange *x)
{
	return (&settings_frame(x)->user);
}

const struct account_session *
settings_session(struct web_exchange *x)
{
	return (&settings_frame(x)->session);
}

const struct store_caller *
settings_caller(struct web_exchange *x)
{
	return (&settings_frame(x)->caller);
}

const struct base_uuid *
settings_id(struct web_exchange *x, size_t n)
{
	return (&settings_frame(x)->ids[n]);
}

bool
settings_api(struct web_exchange *x)
{
	return (settings_frame(x)->api);
}

const struct settings_paging *
settings_paging(struct web_exchange *x)
{
	return (&settings_frame(x)->paging);
}

/* --- what "run" reads ------------------------------------------------------ */

const json_t *
settings_input(struct web_exchange *x)
{
	return (settings_frame(x)->input);
}

const char *
settings_text(struct web_exchange *x, const char *name)
{
	return (json_string_value(json_object_get(settings_frame(x)->input,
	    name)));
}

int64_t
settings_number(struct web_exchange *x, const char *name, int64_t none)
{
	const json_t	*value = json_object_get(settings_frame(x)->input,
			    name);

	return (json_is_integer(value) ? json_integer_value(value) : none);
}

bool
settings_on(struct web_exchange *x, const char *name)
{
	return (json_is_true(json_object_get(settings_frame(x)->input,
	    name)));
}

const char *const *
settings_texts(struct web_exchange *x, const char *name)
{
	const json_t	*list = json_object_get(settings_frame(x)->input,
			    name);
	const char	**texts;
	size_t		 i, count = json_array_size(list);

	texts = base_arena_new(web_arena(x), (count + 1) * sizeof(*texts));
	for (i = 0; i < count; i++)
		texts[i] = json_string_value(json_array_get(list, i));

	return (texts);
}

/* --- find ------------------------------------------------------------------ */

static struct web_next
start(struct web_exchange *x)
{
	return (web_redirect(x, START));
}

/* Where password managers send people to (W3C, "A Well-Known URL for Relying
 * Party Passkey Endpoints"). */
static struct web_next
passkey_endpoints(struct web_exchange *x)
{
	const char	*url = base_arena_format(web_arena(x), "%s" START,
			    web_config(x)->app_url);

	return (web_json(x, 200, json_pack("{s:s, s:s}", "enroll", url,
	    "manage", url)));
}

/* Where the request comes from; texts live as long as the exchange. */
static void
place_set(struct web_exchange *x, struct store_place *place)
{
	bool			 repeated;
	char			 name[ACCOUNT_DEVICE_MAX + 1];
	struct base_slice	 agent = web_header(x, "user-agent",
				    &repeated);

	account_device_name(agent, name);
	place->address = web_address(x);
	place->device = base_arena_text(web_arena(x), name, strlen(name));
	place->request_id = web_request_id(x);
}

/* To the sign-in page, and from there back to "path" of ours. */
static struct web_next
sign_in(struct web_exchange *x, struct base_slice path)
{
	return (web_redirect(x, base_arena_format(web_arena(x),
	    "/login?to=%.*s", (int)path.len, (const char *)path.data)));
}

static struct web_next
nobody(struct web_exchange *x)
{
	const struct web_request	*request = web_request(x);

	if (web_cookie(x, ACCOUNT_SESSION_COOKIE).len > 0)
		web_reply_cookie(x, ACCOUNT_SESSION_COOKIE, "", 0);
	if (settings_frame(x)->api)
		return (settings_problem(x, "not_signed_in"));
	if (request->method == WEB_POST)
		return (web_redirect(x, "/login"));

	return (sign_in(x, request->path));
}

static struct web_next
enter(struct web_exchange *x)
{
	bool			 known_path;
	struct settings_frame	*frame = settings_frame(x);

	frame->api = base_bytes_begin(web_request(x)->path, API);
	operation_match(x, frame, &known_path);
	if (frame->op == NULL)
		return (settings_problem(x, known_path ? "not_allowed" :
		    "not_found"));
	if (!account_secret_digest(web_cookie(x, ACCOUNT_SESSION_COOKIE),
	    frame->caller.digest))
		return (nobody(x));

	place_set(x, &frame->caller.place);
	return (web_ask(x, store_session_find(web_arena(x),
	    frame->caller.digest), known));
}

/* --- know, may, decode ----------------------------------------------------- */

/* The account's language, where this browser has chosen none. */
static void
language_set(struct web_exchange *x, const struct account_user *user)
{
	if (user->locale[0] != '\0' &&
	    web_cookie(x, WEB_PAGE_LANGUAGE_COOKIE).len == 0)
		web_page_locales(x, user->locale);
}

struct web_next
settings_confirm(struct web_exchange *x)
{
	struct settings_frame		*frame = settings_frame(x);
	const struct settings_operation	*back;
	char				 id[BASE_UUID_TEXT_LEN + 1] = "";
	json_t				*path;
	struct web_next			 next;

	if (frame->api)
		return (settings_problem(x, "confirm"));
	if (frame->op->method == WEB_GET)
		return (sign_in(x, web_request(x)->path));

	back = settings_operation_find(frame->op->back);
	if (frame->id_count > 0)
		base_uuid_format(&frame->ids[0], id);
	path = settings_path(x, back->page, id, NULL);
	next = sign_in(x, base_bytes_slice(web_url_read(path)));
	json_decref(path);
	return (next);
}

static bool
csrf_valid(struct web_exchange *x, const struct settings_frame *frame)
{
	bool				 repeated;
	const struct web_form_field	*field;
	struct base_slice		 header;

	if (frame->api) {
		header = web_header(x, WEB_CSRF_HEADER, &repeated);
		return (!repeated && web_csrf_valid(x, PURPOSE,
		    base_arena_text(web_arena(x), header.data, header.len)));
	}

	field = web_form_find(frame->form, WEB_CSRF_FIELD);
	return (field != NULL && !field->repeated &&
	    web_csrf_valid(x, PURPOSE, field->value));
}

/* Who may not is refused; NULL: may. */
static const char *
refusal(const struct settings_frame *frame)
{
	if (account_session_limited(&frame->session))
		return ("limited");
	if (frame->op->access == SETTINGS_ADMINISTRATOR &&
	    !frame->user.administrator)
		return ("forbidden");

	return (NULL);
}

static struct web_next
decode(struct web_exchange *x)
{
	bool			 change;
	struct settings_frame	*frame = settings_frame(x);

	change = frame->op->method != WEB_GET;
	if (!settings_form_decode(x))
		return (settings_problem(x, "malformed"));
	if (change && !csrf_valid(x, frame))
		return (settings_problem(x, "csrf"));
	if (frame->op->fresh && web_now(x) - frame->session.auth_time >
	    ACCOUNT_SESSION_FRESH_SECONDS)
		return (settings_confirm(x));
	if (frame->error_count > 0)
		return (settings_invalid(x));

	return (frame->op->run(x));
}

static struct web_next
known(struct web_exchange *x)
{
	const char		*why;
	enum store_status	 status;
	struct settings_frame	*frame = settings_frame(x);

	status = store_session_found(web_result(x), &frame->session,
	    &frame->user);
	if (status == STORE_MISSING)
		return (nobody(x));
	if (status != STORE_OK)
		return (settings_problem(x, "unavailable"));

	web_batch_session(x, &frame->session.id);
	language_set(x, &frame->user);
	if ((why = refusal(frame)) == NULL)
		return (decode(x));
	if (!frame->api && account_session_limited(&frame->session))
		return (web_redirect(x, "/passkey/add"));

	return (settings_problem(x, why));
}

/* --- answers --------------------------------------------------------------- */

struct web_next
settings_show(struct web_exchange *x, json_t *object)
{
	struct settings_frame	*frame = settings_frame(x);

	if (frame->op->keys[0] == NULL &&
	    !settings_openapi_matches(frame->op->output, object)) {
		json_decref(object);
		return (settings_problem(x, "internal"));
	}

	return (frame->api ? web_json(x, 200, object) :
	    settings_page(x, object));
}

struct web_next
settings_list(struct web_exchange *x, json_t *items)
{
	size_t			 i;
	json_t			*item;
	struct settings_frame	*frame = settings_frame(x);

	json_array_foreach(items, i, item) {
		if (settings_openapi_matches(frame->op->output, item))
			continue;
		json_decref(items);
		return (settings_problem(x, "internal"));
	}

	return (settings_show(x, settings_list_model(x, items)));
}

struct web_next
settings_done(struct web_exchange *x, const char *page, const char *notice,
    json_t *object)
{
	return (settings_created(x, page, notice, NULL, object));
}

struct web_next
settings_created(struct web_exchange *x, const char *page,
    const char *notice, const char *api, json_t *object)
{
	struct settings_frame	*frame = settings_frame(x);

	if (!frame->api) {
		json_decref(object);
		return (settings_page_go(x, page, notice));
	}
	if (object == NULL) {
		web_reply_status(x, 204, WEB_CLASS_JSON);
		return (web_answered(x));
	}
	if (!settings_openapi_matches(frame->op->output, object)) {
		json_decref(object);
		return (settings_problem(x, "internal"));
	}

	if (api != NULL)
		web_reply_header(x, "location", api);
	return (web_json(x, api != NULL ? 201 : 200, object));
}

struct web_next
settings_verdict(struct web_exchange *x, enum store_status status)
{
	switch (status) {
	case STORE_GONE:
		return (settings_problem(x, "not_signed_in"));
	case STORE_MISSING:
		return (settings_problem(x, "not_found"));
	case STORE_CONFLICT:
	case STORE_REFUSED:
	case STORE_SPENT:
		return (settings_problem(x, "conflict"));
	case STORE_STALE:
		return (settings_problem(x, "stale"));
	case STORE_OK:
	case STORE_BAD_CLIENT:
	case STORE_FAILED:
		break;
	}

	return (settings_problem(x, "unavailable"));
}

void
settings_wrong(struct web_exchange *x, const char *field, const char *code)
{
	settings_form_wrong(x, field, code);
}

struct web_next
settings_invalid(struct web_exchange *x)
{
	struct settings_frame	*frame = settings_frame(x);

	if (frame->api || frame->op->back == NULL)
		return (settings_problem_invalid(x));

	/* The page that has the form answers, with the form as it was sent. */
	frame->failed = frame->op;
	frame->op = settings_operation_find(frame->op->back);
	frame->own = NULL;
	frame->paging.size = 20;
	return (frame->op->run(x));
}

/* --- values ---------------------------------------------------------------- */

json_t *
settings_path(struct web_exchange *x, const char *path, const char *id,
    const char *second)
{
	const char	*open, *close;

	if ((open = strchr(path, '{')) == NULL || id == NULL)
		return (web_url_path(path));
	if ((close = strchr(open, '}')) == NULL)
		return (NULL);

	return (settings_path(x, base_arena_format(web_arena(x), "%.*s%s%s",
	    (int)(open - path), path, id, close + 1), second, NULL));
}

json_t *
settings_uuid(const struct base_uuid *uuid)
{
	char	text[BASE_UUID_TEXT_LEN + 1];

	if (base_uuid_empty(uuid))
		return (json_null());

	base_uuid_format(uuid, text);
	return (json_string(text));
}

json_t *
settings_string(const char *text)
{
	return (text[0] == '\0' ? json_null() : json_string(text));
}

json_t *
settings_time(int64_t seconds)
{
	char		text[32];
	struct tm	tm;
	time_t		t = (time_t)seconds;

	if (seconds == 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return (json_null());

	return (json_string(text));
}
