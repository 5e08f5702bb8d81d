/*
 * GET /.well-known/openid-configuration and oauth-authorization-server.
 *
 * One text for the life of the process, made at the first request: what it
 * says is built into the program and its one issuer.
 */

#include "endpoints/endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "base/base_hex.h"
#include "oidc/oidc_metadata.h"

#define ETAG_BYTES	8

static struct {
	char	*text;
	size_t	 len;
	char	 etag[2 * ETAG_BYTES + 3];	/* with its quotes */
	char	 issuer[BASE_CONFIG_TEXT_MAX + 1];
} document;

static bool
discovery_make(const char *issuer)
{
	uint8_t	 digest[BASE_SHA256_LEN];
	json_t	*json;
	char	*text = NULL;

	if ((json = oidc_metadata_build(issuer)) != NULL)
		text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text == NULL)
		return (false);

	free(document.text);
	document.text = text;
	document.len = strlen(text);
	memcpy(document.issuer, issuer, strlen(issuer) + 1);
	base_hash_sha256(text, document.len, digest);
	document.etag[0] = '"';
	base_hex_encode(digest, ETAG_BYTES, document.etag + 1);
	memcpy(document.etag + 1 + 2 * ETAG_BYTES, "\"", 2);
	return (true);
}

struct web_next
endpoints_discovery(struct web_exchange *x)
{
	const char		*issuer = web_config(x)->app_url;
	struct base_slice	 known;
	bool			 repeated;

	if ((document.text == NULL || strcmp(issuer, document.issuer) != 0) &&
	    !discovery_make(issuer))
		return (web_unavailable(x));

	known = web_header(x, "if-none-match", &repeated);
	web_reply_header(x, "etag", document.etag);
	if (base_bytes_equal(known.data, known.len, document.etag,
	    strlen(document.etag))) {
		web_reply_status(x, 304, WEB_CLASS_PUBLIC);
		return (web_answered(x));
	}

	web_reply_status(x, 200, WEB_CLASS_PUBLIC);
	web_reply_body(x, "application/json", document.text, document.len);
	return (web_answered(x));
}
