/*
 * The browser secret.
 */

#include "web/web_browser.h"

#include "base/base_base64url.h"
#include "base/base_random.h"
#include "web/web_engine.h"

#define COOKIE	"browser"

static struct base_slice
secret_slice(const struct web_exchange *x)
{
	return ((struct base_slice){ x->browser, sizeof(x->browser) });
}

struct base_slice
web_browser_secret(struct web_exchange *x)
{
	size_t			 len;
	struct base_slice	 cookie;
	const struct base_slice	 none = { NULL, 0 };

	if (x->has_browser)
		return (secret_slice(x));

	cookie = web_cookie(x, COOKIE);
	if (!base_base64url_decode((const char *)cookie.data, cookie.len,
	    x->browser, sizeof(x->browser), &len) ||
	    len != sizeof(x->browser))
		return (none);

	x->has_browser = true;
	return (secret_slice(x));
}

struct base_slice
web_browser_ensure(struct web_exchange *x)
{
	char	text[BASE_BASE64URL_LEN(WEB_BROWSER_SECRET_LEN) + 1];

	if (web_browser_secret(x).len > 0)
		return (secret_slice(x));

	base_random_bytes(x->browser, sizeof(x->browser));
	base_base64url_encode(x->browser, sizeof(x->browser), text);
	web_reply_cookie(x, COOKIE, text, WEB_BROWSER_SECONDS);
	base_bytes_wipe(text, sizeof(text));
	x->has_browser = true;
	return (secret_slice(x));
}

bool
web_browser_digest(struct web_exchange *x, uint8_t out[BASE_SHA256_LEN])
{
	struct base_slice	secret = web_browser_secret(x);

	if (secret.len == 0)
		return (false);

	base_hash_sha256(secret.data, secret.len, out);
	return (true);
}
