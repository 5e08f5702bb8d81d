/*
 * Cross-site request forgery.
 *
 * The token is "<key id>.<MAC>" over purpose and browser secret: nothing is
 * stored, and a token made for one form opens no other.
 */

#include "web/web_csrf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_base64url.h"
#include "base/base_bytes.h"
#include "base/base_seal.h"
#include "web/web_browser.h"

#define MAC_LEN		16	/* bytes of the MAC that a token shows */
#define TOKEN_MAX	(10 + 1 + BASE_BASE64URL_LEN(MAC_LEN))

static bool
token_make(struct web_exchange *x, uint32_t key_id, const char *purpose,
    struct base_slice secret, char out[TOKEN_MAX + 1])
{
	char		mac_text[BASE_BASE64URL_LEN(MAC_LEN) + 1];
	char		what[64];
	uint8_t		mac[BASE_SHA256_LEN];

	(void)snprintf(what, sizeof(what), "csrf %s", purpose);
	if (!base_seal_mac(web_keyring(x), BASE_PURPOSE_MAC, key_id, what,
	    secret.data, secret.len, mac))
		return (false);

	base_base64url_encode(mac, MAC_LEN, mac_text);
	(void)snprintf(out, TOKEN_MAX + 1, "%u.%s", key_id, mac_text);
	return (true);
}

const char *
web_csrf_token(struct web_exchange *x, const char *purpose)
{
	char			 token[TOKEN_MAX + 1];
	const struct base_key	*key;
	struct base_slice	 secret = web_browser_ensure(x);

	key = base_keyring_active(web_keyring(x), BASE_PURPOSE_MAC, web_now(x));
	if (key == NULL || !token_make(x, key->id, purpose, secret, token))
		return ("");	/* no keys yet: the form will be refused */

	return (base_arena_text(web_arena(x), token, strlen(token)));
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
	char			 want[TOKEN_MAX + 1], *end;
	unsigned long		 key_id;
	struct base_slice	 secret = web_browser_secret(x);

	if (token == NULL || secret.len == 0 || !same_origin(x))
		return (false);

	if (*token < '1' || *token > '9')
		return (false);
	key_id = strtoul(token, &end, 10);
	if (*end != '.' || key_id > UINT32_MAX ||
	    !token_make(x, (uint32_t)key_id, purpose, secret, want))
		return (false);

	return (base_bytes_text_equal(token, want));
}
