/*
 * Addresses as values, marked like web_html.c's.
 */

#include "web/web_url.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/base_buffer.h"

#define MARK		"\xff" "u"
#define URL_MAX		16384
#define SCHEME_MAX	64

/* Schemes that run code in our page, or read what is on the machine. */
static const char *const	refused[] = { "about", "blob", "data", "file",
    "filesystem", "javascript", "vbscript", "view-source", NULL };

/* What may stand in an address: RFC 3986's characters, already encoded. */
static bool
plain(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text <= ' ' || *text >= 0x7f ||
		    strchr("\"<>\\^`{|}", *text) != NULL)
			return (false);
	}

	return (true);
}

static json_t *
url_new(const char *url)
{
	char	marked[URL_MAX + sizeof(MARK)] = MARK;
	size_t	len = strlen(url);

	if (len > URL_MAX || !plain(url))
		return (NULL);

	memcpy(marked + strlen(MARK), url, len);
	return (json_stringn_nocheck(marked, strlen(MARK) + len));
}

static bool
path_valid(const char *path)
{
	return (path[0] == '/' && path[1] != '/' && path[1] != '\\');
}

json_t *
web_url_path(const char *path)
{
	return (path_valid(path) ? url_new(path) : NULL);
}

static void
encode(struct base_buffer *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if ((*text >= 'a' && *text <= 'z') ||
		    (*text >= 'A' && *text <= 'Z') ||
		    (*text >= '0' && *text <= '9') ||
		    strchr("-._~", *text) != NULL)
			base_buffer_append(out, text, 1);
		else
			base_buffer_format(out, "%%%02X",
			    (unsigned int)(unsigned char)*text);
	}
}

json_t *
web_url_query_list(const char *path, const struct web_url_parameter *parameters)
{
	const char		*url;
	char			 mark = strchr(path, '?') == NULL ? '?' : '&';
	json_t			*value = NULL;
	struct base_buffer	 out;

	base_buffer_init(&out, URL_MAX);
	base_buffer_text(&out, path);
	for (; parameters->name != NULL; parameters++) {
		base_buffer_append(&out, &mark, 1);
		encode(&out, parameters->name);
		base_buffer_text(&out, "=");
		encode(&out, parameters->value);
		mark = '&';
	}

	if ((url = base_buffer_finish(&out)) != NULL)
		value = web_url_path(url);
	base_buffer_clear(&out);
	return (value);
}

/* The scheme of an absolute address (RFC 3986 3.1); false: it has none. */
static bool
scheme_of(const char *url, char scheme[SCHEME_MAX + 1])
{
	size_t	len = strcspn(url, ":");

	if (url[len] != ':' || len == 0 || len > SCHEME_MAX ||
	    strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789+-.") != len || strchr("0123456789+-.", url[0]) != NULL)
		return (false);

	memcpy(scheme, url, len);
	scheme[len] = '\0';
	return (true);
}

json_t *
web_url_external(const char *url)
{
	char	scheme[SCHEME_MAX + 1];

	if (!scheme_of(url, scheme) || (strcasecmp(scheme, "https") != 0 &&
	    strcasecmp(scheme, "http") != 0))
		return (NULL);

	return (url_new(url));
}

json_t *
web_url_redirect(const char *uri)
{
	char	scheme[SCHEME_MAX + 1];

	if (!scheme_of(uri, scheme))
		return (NULL);
	for (size_t i = 0; refused[i] != NULL; i++) {
		if (strcasecmp(scheme, refused[i]) == 0)
			return (NULL);
	}

	return (url_new(uri));
}

const char *
web_url_read(const json_t *value)
{
	const char	*text = json_string_value(value);

	if (text == NULL || strncmp(text, MARK, strlen(MARK)) != 0)
		return (NULL);

	return (text + strlen(MARK));
}
