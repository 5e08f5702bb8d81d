/*
 * Files packed into the program: style sheet, scripts, pictures, manifest.
 *
 * build/tools/pack_assets makes the table out of assets/ at build time.  What
 * is named by its hash (/assets/NAME.HASH.css) never changes and is cached for
 * a year; what has a fixed name (/favicon.ico, /robots.txt) has an ETag.
 */
#ifndef PERMISO_WEB_ASSET_H
#define PERMISO_WEB_ASSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_bytes.h"
#include "web/web.h"
#include "web/web_router.h"

enum web_asset_coding {
	WEB_ASSET_PLAIN,
	WEB_ASSET_GZIP,
	WEB_ASSET_BROTLI,
	WEB_ASSET_CODINGS
};

struct web_asset {
	const char		*name;	/* "app.css"; what templates say */
	const char		*path;	/* "/assets/app.0f3a9c2b71.css" */
	const char		*type;
	const char		*etag;	/* with its quotes */
	bool			 hashed;
	/* Empty where compressing gains nothing. */
	struct base_slice	 body[WEB_ASSET_CODINGS];
};

/* The request path of a name, for templates; NULL: none. */
const char		*web_asset_path(const char *name, size_t len);

/*
 * The best coding that both sides have (RFC 9110 12.5.3): brotli before gzip
 * unless the header weighs them otherwise; an absent header takes none.
 */
enum web_asset_coding	 web_asset_choose(const struct web_asset *asset,
			    struct base_slice accept_encoding);

/* /assets/..., /favicon.ico, /favicon.svg, /apple-touch-icon.png, /robots.txt,
 * /manifest.webmanifest and POST /language, for the router's tables. */
#define WEB_ASSET_ROUTES	10
extern const struct web_route	web_asset_routes[WEB_ASSET_ROUTES];

#endif /* !PERMISO_WEB_ASSET_H */
