/*
 * Registrations and the comparison of URIs: see oidc_client.h.
 */

#include "oidc/oidc_client.h"

#include <string.h>

static const char *const auth_names[] = {
	[OIDC_AUTH_NONE]  = "none",
	[OIDC_AUTH_BASIC] = "client_secret_basic",
	[OIDC_AUTH_POST]  = "client_secret_post",
};

/* The only hosts whose port may differ; "localhost" is a name that may
 * resolve to anything (RFC 8252 section 8.3). */
static const char *const loopbacks[] = {
	"http://127.0.0.1",
	"http://[::1]",
};

/* What a response adds; a registered query must not hold them already. */
static const char *const response_names[] = {
	"code", "state", "iss", "error", "error_description", "error_uri",
	"response", "id_token", "access_token", "session_state"
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

const char *
oidc_client_auth_name(enum oidc_auth auth)
{
	return (auth_names[auth]);
}

bool
oidc_client_auth_parse(const char *name, enum oidc_auth *out)
{
	for (size_t i = 0; i < COUNT(auth_names); i++) {
		if (strcmp(auth_names[i], name) == 0) {
			*out = (enum oidc_auth)i;
			return (true);
		}
	}

	return (false);
}

/* What follows "prefix" in "text", or NULL. */
static const char *
uri_after(const char *text, const char *prefix)
{
	size_t	len = strlen(prefix);

	return (strncmp(text, prefix, len) == 0 ? text + len : NULL);
}

/*
 * What follows ":PORT" (or nothing, when there is no port) if the rest is the
 * end, a path or a query; NULL otherwise.  So "http://127.0.0.1.evil" and
 * "http://127.0.0.1:80@evil" are not loopback.
 */
static const char *
uri_after_port(const char *rest)
{
	size_t		digits;
	unsigned	port = 0;

	if (*rest == ':') {
		rest++;
		digits = strspn(rest, "0123456789");
		if (digits == 0 || digits > 5 || *rest == '0')
			return (NULL);
		for (size_t i = 0; i < digits; i++)
			port = port * 10 + (unsigned)(rest[i] - '0');
		if (port > 65535)
			return (NULL);
		rest += digits;
	}

	return (*rest == '\0' || *rest == '/' || *rest == '?' ? rest : NULL);
}

/* Equal but for the port of one and the same loopback address. */
static bool
uri_loopback_equal(const char *registered, const char *uri)
{
	const char	*a, *b;

	for (size_t i = 0; i < COUNT(loopbacks); i++) {
		a = uri_after(registered, loopbacks[i]);
		b = uri_after(uri, loopbacks[i]);
		if (a == NULL || b == NULL)
			continue;
		a = uri_after_port(a);
		b = uri_after_port(b);

		return (a != NULL && b != NULL && strcmp(a, b) == 0);
	}

	return (false);
}

bool
oidc_client_redirect_valid(const struct oidc_client *client, const char *uri)
{
	for (size_t i = 0; client->redirect_uris[i] != NULL; i++) {
		if (strcmp(client->redirect_uris[i], uri) == 0)
			return (true);
		if (client->native &&
		    uri_loopback_equal(client->redirect_uris[i], uri))
			return (true);
	}

	return (false);
}

bool
oidc_client_logout_valid(const struct oidc_client *client, const char *uri)
{
	for (size_t i = 0; client->logout_uris[i] != NULL; i++) {
		if (strcmp(client->logout_uris[i], uri) == 0)
			return (true);
	}

	return (false);
}

static bool
uri_bytes_valid(const char *uri)
{
	for (const char *p = uri; *p != '\0'; p++) {
		if (*p <= 0x20 || *p >= 0x7f)
			return (false);
		if (strchr("\\\"<>^`{|}#*", *p) != NULL)
			return (false);
	}

	return (true);
}

/* No response parameter may be there before we add it (R2.17). */
static bool
uri_query_valid(const char *uri)
{
	const char	*name = strchr(uri, '?');
	size_t		 len;

	while (name != NULL) {
		name++;
		len = strcspn(name, "=&");
		/* an escaped name could be one of them in disguise */
		if (memchr(name, '%', len) != NULL)
			return (false);
		for (size_t i = 0; i < COUNT(response_names); i++) {
			if (strlen(response_names[i]) == len &&
			    strncmp(response_names[i], name, len) == 0)
				return (false);
		}
		name = strchr(name, '&');
	}

	return (true);
}

/* host [":" port], then the end, a path or a query; no user-info. */
static bool
uri_authority_valid(const char *rest)
{
	size_t	host;

	if (*rest == '[') {
		host = strspn(rest + 1, "0123456789abcdefABCDEF:.");
		if (host < 2 || rest[1 + host] != ']')
			return (false);
		host += 2;
	} else {
		host = strspn(rest, "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
		if (host == 0 || rest[0] == '.' || rest[0] == '-')
			return (false);
	}

	return (uri_after_port(rest + host) != NULL);
}

/* A scheme of an app's own: reverse domain name (RFC 8252 section 7.1). */
static bool
uri_private_valid(const char *uri)
{
	size_t	len = strspn(uri, "abcdefghijklmnopqrstuvwxyz0123456789+-.");

	return (len > 0 && uri[0] >= 'a' && uri[0] <= 'z' &&
	    uri[len] == ':' && uri[len + 1] != '\0' &&
	    memchr(uri, '.', len) != NULL);
}

bool
oidc_client_uri_valid(const char *uri, bool native)
{
	const char	*rest;

	if (strlen(uri) > OIDC_URI_MAX || !uri_bytes_valid(uri) ||
	    !uri_query_valid(uri))
		return (false);
	if ((rest = uri_after(uri, "https://")) != NULL)
		return (uri_authority_valid(rest));

	for (size_t i = 0; i < COUNT(loopbacks); i++) {
		if ((rest = uri_after(uri, loopbacks[i])) != NULL)
			return (uri_after_port(rest) != NULL);
	}
	if ((rest = uri_after(uri, "http://localhost")) != NULL)
		return (uri_after_port(rest) != NULL);

	return (native && uri_private_valid(uri));
}

bool
oidc_client_unassured(const struct oidc_client *client, const char *uri)
{
	return (client->auth == OIDC_AUTH_NONE &&
	    uri_after(uri, "https://") == NULL);
}
