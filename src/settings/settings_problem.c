/*
 * Refusals: a page, or a problem document (RFC 9457).
 *
 * The type of a problem is always about:blank: its title is the status in
 * words, and "code" is what a program looks at.  "reference" is the request's
 * id in the log.
 */

#include <string.h>

#include "settings/settings_frame.h"
#include "web/web_page.h"

#define PROBLEM		"application/problem+json"
#define REFERENCE_LEN	8
#define RETRY_SECONDS	"2"

static const struct refusal {
	const char	*code;		/* of problems */
	int		 status;
	const char	*page;		/* message error.PAGE.* */
} refusals[] = {
	{ "confirm",		403, "forbidden" },
	{ "conflict",		409, "conflict" },
	{ "csrf",		403, "bad_form" },
	{ "forbidden",		403, "forbidden" },
	{ "internal",		500, "internal" },
	{ "last_administrator",	409, "last_administrator" },
	{ "last_passkey",	409, "last_passkey" },
	{ "limited",		403, "forbidden" },
	{ "malformed",		400, "bad_request" },
	{ "not_allowed",	405, "not_allowed" },
	{ "not_found",		404, "not_found" },
	{ "not_signed_in",	401, "not_signed_in" },
	{ "own_account",	409, "own_account" },
	{ "stale",		412, "conflict" },
	{ "unmailed",		409, "unmailed" },
	{ "unavailable",	503, "unavailable" },
	{ "user_disabled",	409, "user_disabled" },
	{ "internal",		500, "internal" },	/* unknown words */
};

static const struct {
	int		 status;
	const char	*title;
} titles[] = {
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 412, "Precondition Failed" },
	{ 422, "Unprocessable Content" },
	{ 503, "Service Unavailable" },
};

static const char *
title_of(int status)
{
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		if (titles[i].status == status)
			return (titles[i].title);
	}

	return ("Internal Server Error");
}

struct web_next
settings_problem_json(struct web_exchange *x, int status, const char *type,
    json_t *json)
{
	char	*text;
	size_t	 len;

	(void)web_keep(x, json);
	len = json_dumpb(json, NULL, 0, JSON_COMPACT);
	text = base_arena_new(web_arena(x), len);
	(void)json_dumpb(json, text, len, JSON_COMPACT);
	web_reply_status(x, status, WEB_CLASS_JSON);
	web_reply_body(x, type, text, len);
	return (web_answered(x));
}

static json_t *
problem(struct web_exchange *x, int status, const char *code,
    const char *detail)
{
	return (json_pack("{s:s, s:s, s:i, s:s, s:s, s:s#}",
	    "type", "about:blank",
	    "title", title_of(status),
	    "status", status,
	    "detail", detail,
	    "code", code,
	    "reference", web_request_id(x), REFERENCE_LEN));
}

struct web_next
settings_problem(struct web_exchange *x, const char *code)
{
	const struct refusal	*r = refusals;
	const char		*key;

	while (strcmp(r->code, code) != 0 &&
	    r < &refusals[sizeof(refusals) / sizeof(refusals[0]) - 1])
		r++;

	if (r->status == 503)
		web_reply_header(x, "retry-after", RETRY_SECONDS);
	if (!settings_api(x))
		return (web_page_error(x, r->status, r->page));

	if (r->status == 401)
		web_reply_header(x, "www-authenticate", "Bearer");
	key = base_arena_format(web_arena(x), "problem.%s", r->code);
	return (settings_problem_json(x, r->status, PROBLEM, problem(x,
	    r->status, r->code, web_page_text(x, key))));
}

struct web_next
settings_problem_invalid(struct web_exchange *x)
{
	const struct settings_frame	*frame = settings_frame(x);
	const struct settings_error	*error;
	json_t				*json, *list = json_array();
	const char			*field;

	if (!frame->api)
		return (web_page_error(x, 422, "bad_request"));

	for (size_t i = 0; i < frame->error_count; i++) {
		error = &frame->errors[i];
		field = error->field == NULL ? "" : error->field;
		(void)json_array_append_new(list, json_pack(
		    "{s:s, s:s, s:s}", "pointer", base_arena_format(
		    web_arena(x), "#%s%s", field[0] == '\0' ? "" : "/",
		    field), "code", error->code, "detail", error->text));
	}

	json = problem(x, 422, "invalid", web_page_text(x,
	    "problem.invalid"));
	(void)json_object_set_new(json, "errors", list);
	return (settings_problem_json(x, 422, PROBLEM, json));
}
