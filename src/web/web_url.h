/*
 * Values for href, src and action: made only here, marked like web_html.h's.
 *
 * Each returns NULL for an address it refuses; a model without the value then
 * fails to render, which is the safe way to be wrong.
 */
#ifndef PERMISO_WEB_URL_H
#define PERMISO_WEB_URL_H

#include <jansson.h>

struct web_url_parameter {
	const char	*name;
	const char	*value;
};

/* A path of ours: "/..." but not "//" or "/\", printable ASCII. */
json_t	*web_url_path(const char *path);

/*
 * web_url_query("/login", { "i", sealed }, { "to", "x y" }): values are
 * percent-encoded.
 */
#define web_url_query(path, ...) \
	web_url_query_list((path), (const struct web_url_parameter[]){ \
	    __VA_ARGS__, { NULL, NULL } })
json_t	*web_url_query_list(const char *path,
	    const struct web_url_parameter *parameters);

/* A page of someone else: absolute http or https. */
json_t	*web_url_external(const char *url);

/*
 * A registered redirect URI, schemes of native apps included; refused are
 * the schemes that run code or read files (javascript, data, file, ...).
 */
json_t	*web_url_redirect(const char *uri);

/* The address of a value made here; NULL for any other. */
const char	*web_url_read(const json_t *value);

#endif /* !PERMISO_WEB_URL_H */
