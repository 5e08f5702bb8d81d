/*
 * The reply: status, headers by class of answer, cookies, body.
 *
 * A class says what a page may load, who may frame it and what a cache may
 * keep.  No handler writes these by hand.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/web_accept.h"
#include "web/web_engine.h"
#include "web/web_gzip.h"
#include "web/web_reply.h"

/* Of pages: nothing but our own scripts, styles, pictures and forms. */
#define PAGE_POLICY(form)						\
	"default-src 'none'; script-src 'self'; style-src 'self'; "	\
	"img-src 'self'; connect-src 'self'; font-src 'self'; "	\
	"manifest-src 'self'; " form "base-uri 'none'; "		\
	"frame-ancestors 'none'; require-trusted-types-for 'script'; "	\
	"trusted-types 'none'"
#define BARE_POLICY	"default-src 'none'; frame-ancestors 'none'"
#define PERMISSIONS							\
	"publickey-credentials-get=(self), "				\
	"publickey-credentials-create=(self), camera=(), "		\
	"geolocation=(), microphone=(), payment=(), usb=()"

struct class_headers {
	const char	*policy;
	const char	*cache;
	const char	*resource;	/* Cross-Origin-Resource-Policy */
	const char	*referrer;	/* NULL: it refers to nothing */
	bool		 page;		/* HTML a person sees */
};

static const struct class_headers	classes[] = {
	[WEB_CLASS_PAGE] = { PAGE_POLICY("form-action 'self'; "),
	    "no-store", "same-origin", "same-origin", true },
	[WEB_CLASS_LINK] = { PAGE_POLICY("form-action 'self'; "),
	    "no-store", "same-origin", "no-referrer", true },
	[WEB_CLASS_FORM_POST] = { PAGE_POLICY(""),
	    "no-store", "same-origin", "no-referrer", true },
	[WEB_CLASS_REDIRECT] = { BARE_POLICY, "no-store", "same-origin",
	    "no-referrer", false },
	[WEB_CLASS_JSON] = { BARE_POLICY, "no-store", "same-origin",
	    "no-referrer", false },
	[WEB_CLASS_PUBLIC] = { BARE_POLICY, "public, max-age=300",
	    "cross-origin", "no-referrer", false },
	[WEB_CLASS_ASSET] = { "default-src 'none'",
	    "public, max-age=31536000, immutable", "same-origin",
	    NULL, false },
};

/* A header value of ours with a line break in it is a bug, not an input. */
static void
value_check(const char *value)
{
	for (; *value != '\0'; value++) {
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			abort();
	}
}

void
web_reply_header(struct web_exchange *x, const char *name, const char *value)
{
	struct web_reply	*reply = &x->reply;

	value_check(value);
	if (reply->header_count == WEB_REPLY_HEADERS_MAX)
		abort();

	reply->headers[reply->header_count].name = name;
	reply->headers[reply->header_count].value = value;
	reply->header_count++;
}

void
web_reply_status(struct web_exchange *x, int status, enum web_class class)
{
	x->reply.status = status;
	x->class = class;
}

/* A header of the class, unless the handler knew better. */
static void
header_default(struct web_exchange *x, const char *name, const char *value)
{
	for (size_t i = 0; i < x->reply.header_count; i++) {
		if (strcmp(x->reply.headers[i].name, name) == 0)
			return;
	}

	web_reply_header(x, name, value);
}

/*
 * Ordinary pages only: those of a link name it, and the answer to an app
 * holds a code beside what the app's visitor chose.
 */
static void
body_squeeze(struct web_exchange *x)
{
	bool			repeated;
	struct base_slice	body = {
		x->reply.body, x->reply.body_len
	};

	if (x->class != WEB_CLASS_PAGE)
		return;

	web_reply_header(x, "vary", "accept-encoding");
	if (web_accept_weight(web_header(x, "accept-encoding", &repeated),
	    "gzip") == 0 || repeated || !web_gzip(&x->arena, body, &body))
		return;

	web_reply_header(x, "content-encoding", "gzip");
	x->reply.body = body.data;
	x->reply.body_len = body.len;
}

/* Called by the engine once the last step has answered. */
void
web_reply_finish(struct web_exchange *x)
{
	const struct class_headers	*c = &classes[x->class];

	web_reply_header(x, "content-security-policy", c->policy);
	header_default(x, "cache-control", c->cache);
	web_reply_header(x, "cross-origin-resource-policy", c->resource);
	if (c->referrer != NULL)
		web_reply_header(x, "referrer-policy", c->referrer);
	web_reply_header(x, "x-content-type-options", "nosniff");
	if (x->class == WEB_CLASS_JSON)
		web_reply_header(x, "pragma", "no-cache");
	if (x->class == WEB_CLASS_PUBLIC)
		web_reply_header(x, "access-control-allow-origin", "*");
	if (x->process->config->https)
		web_reply_header(x, "strict-transport-security",
		    "max-age=31536000; includeSubDomains");
	if (!c->page)
		return;

	body_squeeze(x);
	web_reply_header(x, "x-frame-options", "DENY");
	web_reply_header(x, "permissions-policy", PERMISSIONS);
	web_reply_header(x, "x-robots-tag", "noindex");
	web_reply_header(x, "origin-agent-cluster", "?1");
}

void
web_reply_body(struct web_exchange *x, const char *type, const void *body,
    size_t len)
{
	web_reply_header(x, "content-type", type);
	x->reply.body = body;
	x->reply.body_len = len;
}

/* "__Host-" but on http, which only development on localhost may be. */
const char *
web_reply_cookie_prefix(const struct web_exchange *x)
{
	return (x->process->config->https ? "__Host-" : "");
}

void
web_reply_cookie(struct web_exchange *x, const char *name, const char *value,
    int64_t max_age)
{
	web_reply_header(x, "set-cookie", base_arena_format(&x->arena,
	    "%s%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s",
	    web_reply_cookie_prefix(x), name, value, (long long)max_age,
	    x->process->config->https ? "; Secure" : ""));
}
