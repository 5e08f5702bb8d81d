/*
 * Cross-site request forgery.
 *
 * The token is a key's id and a MAC over purpose and browser secret: nothing
 * is stored, and a token made for one form opens no other.  Each page shows
 * the MAC under a mask of its own, with the mask, so that the lengths of
 * compressed pages tell nothing about it.
 */

#include "web/web_csrf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_base64url.h"
#include "base/base_bytes.h"
#include "base/base_random.h"
#include "base/base_seal.h"
#include "web/web_browser.h"

#define MAC_LEN		16	/* bytes of the MAC that a token shows */
#define BODY_LEN	(2 * MAC_LEN)	/* mask, masked MAC */
#define TOKEN_MAX	(10 + 1 + BASE_BASE64URL_LEN(BODY_LEN))

static bool
mac_make(struct web_exchange *x, uint32_t key_id, const char *purpose,
    struct base_slice secret, uint8_t mac[BASE_SHA256_LEN])
{
	char	what[64];

	(void)snprintf(what, sizeof(what), "csrf %s", purpose);
	return (base_seal_mac(web_keyring(x), BASE_PURPOSE_MAC, key_id, what,
	    secret.data, secret.len, mac));
}

const char *
web_csrf_token(struct web_exchange *x, const char *purpose)
{
	char			 text[BASE_BASE64URL_LEN(BODY_LEN) + 1];
	uint8_t			 body[BODY_LEN], mac[BASE_SHA256_LEN];
	const struct base_key	*key;
	struct base_slice	 secret = web_browser_ensure(x);

	key = base_keyring_active(web_keyring(x), BASE_PURPOSE_MAC, web_now(x));
	if (key == NULL || !mac_make(x, key->id, purpose, secret, mac))
		return ("");	/* no keys yet: the form will be refused */

	base_random_bytes(body, MAC_LEN);
	for (size_t i = 0; i < MAC_LEN; i++)
		body[MAC_LEN + i] = body[i] ^ mac[i];
	base_base64url_encode(body, sizeof(body), text);
	return (base_arena_format(web_arena(x), "%u.%s", key->id, text));
}

/* What the browser itself says about where this request comes from. */
static bool
same_origin(struct web_exchange *x)
{
	bool			site_twice, origin_twice;
	struct base_slice	site, origin;

	site = web_header(x, "sec-fetch-site", &site_twice);
	origin = web_header(x, "origin", &origin_twice);
	if (site_twice || origin_twice)
		return (false);

	if (site.len > 0)
		return (base_bytes_is(site, "same-origin"));

	/* Pages that send no referrer post with Origin "null". */
	return (origin.len == 0 || base_bytes_is(origin, "null") ||
	    base_bytes_is(origin, web_config(x)->app_url));
}

bool
web_csrf_valid(struct web_exchange *x, const char *purpose, const char *token)
{
	char			*end;
	size_t			 len;
	uint8_t			 body[BODY_LEN], mac[BASE_SHA256_LEN];
	unsigned long		 key_id;
	struct base_slice	 secret = web_browser_secret(x);

	if (token == NULL || secret.len == 0 || !same_origin(x))
		return (false);

	if (*token < '1' || *token > '9' || strlen(token) > TOKEN_MAX)
		return (false);
	key_id = strtoul(token, &end, 10);
	if (*end++ != '.' || key_id > UINT32_MAX ||
	    !base_base64url_decode(end, strlen(end), body, sizeof(body),
	    &len) || len != sizeof(body) ||
	    !mac_make(x, (uint32_t)key_id, purpose, secret, mac))
		return (false);

	for (size_t i = 0; i < MAC_LEN; i++)
		body[MAC_LEN + i] ^= body[i];
	return (base_bytes_equal(body + MAC_LEN, MAC_LEN, mac, MAC_LEN));
}
