/*
 * The request path in plain C: request view, steps, reply.
 *
 * Kore's side (src/server) fills a struct web_request, makes an exchange,
 * runs it and sends its reply.  Nothing here knows Kore or libpq.
 *
 * A handler is a short list of steps over one state struct.  A step answers,
 * or names exactly one thing to wait for and the step that follows.
 */
#ifndef PERMISO_WEB_H
#define PERMISO_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/base_arena.h"
#include "base/base_bytes.h"
#include "base/base_config.h"
#include "base/base_keyring.h"
#include "base/base_log.h"

struct signer_request;
struct signer_answer;
struct store_call;
struct store_result;
struct web_exchange;
struct web_process;

#define WEB_URI_MAX		16000	/* path and query */
#define WEB_FORM_BODY_MAX	65536
#define WEB_JSON_BODY_MAX	262144
#define WEB_HEADERS_MAX		100
#define WEB_ADDRESS_LEN		45	/* textual IPv6 */

enum web_method {
	WEB_GET,
	WEB_HEAD,
	WEB_POST,
	WEB_PUT,
	WEB_PATCH,
	WEB_DELETE,
	WEB_OPTIONS
};

struct web_header {
	struct base_slice	name;	/* as sent; names compare without case */
	struct base_slice	value;
};

/* What arrived.  Borrowed from the server until the exchange ends. */
struct web_request {
	enum web_method		method;
	struct base_slice	path;		/* raw, as sent */
	struct base_slice	query;		/* raw, without the '?' */
	struct base_slice	body;
	struct web_header	headers[WEB_HEADERS_MAX];
	size_t			header_count;
	char			peer[WEB_ADDRESS_LEN + 1];	/* of the socket; "" on a unix one */
};

/* What a step returns: what to wait for, and the step that follows. */
typedef struct web_next web_step(struct web_exchange *x);

enum web_wait {
	WEB_ANSWERED = 0,	/* the reply is complete */
	WEB_STATEMENT,
	WEB_SIGNATURE
};

struct web_next {
	enum web_wait	 wait;
	web_step	*step;
};

/* --- for handlers: what an exchange knows ------------------------------- */

const struct web_request	*web_request(const struct web_exchange *x);
struct base_arena		*web_arena(struct web_exchange *x);
/* The one state struct of this handler: zeroed at first, then the same. */
void				*web_state(struct web_exchange *x, size_t size);
const struct base_config	*web_config(const struct web_exchange *x);
const struct base_keyring	*web_keyring(const struct web_exchange *x);
/* Process-wide caches and statistics (clients, signing keys, messages). */
struct web_process		*web_process(const struct web_exchange *x);
/* Free "json" with the exchange; returns it. */
json_t				*web_keep(struct web_exchange *x, json_t *json);
/* The database's time in seconds since 1970. */
int64_t				 web_now(const struct web_exchange *x);
/* The database's timeline, for codes and challenges. */
const char			*web_timeline(const struct web_exchange *x);
/* 16 hex digits; in the log and, shortened to 8, on error pages. */
const char			*web_request_id(const struct web_exchange *x);
/* The person's address: peer, or what a trusted proxy says it is. */
const char			*web_address(const struct web_exchange *x);
/* The one value of a header; empty when absent; *repeated when sent twice. */
struct base_slice		 web_header(const struct web_exchange *x,
				    const char *name, bool *repeated);
/*
 * The one value of a cookie of ours; empty when it is absent or sent twice.
 * "name" without prefix: "__Host-" is put before it unless development http.
 */
struct base_slice		 web_cookie(const struct web_exchange *x,
				    const char *name);

/* --- for handlers: what a step returns ---------------------------------- */

struct web_next	web_ask(struct web_exchange *x, struct store_call *call,
		    web_step *next);
/* The result of the statement that was asked; inside the next step only. */
const struct store_result	*web_result(const struct web_exchange *x);

struct web_next	web_sign(struct web_exchange *x,
		    const struct signer_request *request, web_step *next);
/* NULL when the signer did not answer in time. */
const struct signer_answer	*web_signature(const struct web_exchange *x);

/* The reply is complete. */
struct web_next	web_answered(struct web_exchange *x);

/* --- for handlers: the reply --------------------------------------------- */

/*
 * Classes of answers and their headers; web_reply.c has the table.
 * Headers common to all (nosniff, HSTS when https, ...) are added by the
 * engine.
 */
enum web_class {
	WEB_CLASS_PAGE,		/* HTML of ours: full policy, no-store */
	WEB_CLASS_LINK,		/* landing of a one-time link: no-referrer */
	WEB_CLASS_FORM_POST,	/* the one page without form-action */
	WEB_CLASS_REDIRECT,	/* 303 and 302, no body */
	WEB_CLASS_JSON,		/* protocol JSON: no-store, default-src none */
	WEB_CLASS_PUBLIC,	/* discovery, JWKS: cacheable, CORS * */
	WEB_CLASS_ASSET		/* hashed name, immutable */
};

void	web_reply_status(struct web_exchange *x, int status,
	    enum web_class class);
/* Refuses (process ends) a value with CR, LF or NUL: values are ours. */
void	web_reply_header(struct web_exchange *x, const char *name,
	    const char *value);
/* "body" must live as long as the exchange (arena, or static). */
void	web_reply_body(struct web_exchange *x, const char *type,
	    const void *body, size_t len);
/* HttpOnly; Secure and __Host- unless development http.  max_age 0 deletes. */
void	web_reply_cookie(struct web_exchange *x, const char *name,
	    const char *value, int64_t max_age);

/* Shorthands; each answers. */
struct web_next	web_json(struct web_exchange *x, int status, json_t *json);
/* 303; "location" is absolute, or a path of ours. */
struct web_next	web_redirect(struct web_exchange *x, const char *location);
/* A page from template "name" (assets/pages/NAME.html) over "model", which
 * is consumed. */
struct web_next	web_page(struct web_exchange *x, int status,
		    enum web_class class, const char *name, json_t *model);
/* The error page with the message key "error.<key>". */
struct web_next	web_page_error(struct web_exchange *x, int status,
		    const char *key);
/* Does the caller take HTML, as a browser that navigates does? */
bool		web_takes_html(const struct web_exchange *x);
/* The same as JSON {"error": key} for a caller that does not take HTML. */
struct web_next	web_error(struct web_exchange *x, int status, const char *key);
/* 503, as page or JSON by what the caller accepts; the cause is logged. */
struct web_next	web_unavailable(struct web_exchange *x);

#endif /* !PERMISO_WEB_H */
