/*
 * Sign-out that an app asks for: see oidc_logout.h.
 */

#include "oidc/oidc_logout.h"

#include <string.h>

#include "base/base_seal.h"
#include "oidc/oidc_pack.h"

#define LOGOUT_VERSION	1
#define LOGOUT_WHAT	"logout"
#define LOGOUT_PLAIN_MAX (OIDC_LOGOUT_TEXT_MAX / 4 * 3 - BASE_SEAL_OVERHEAD)

static enum oidc_error
logout_copy(const struct oidc_fields *fields, const char *name, char *out,
    size_t size)
{
	const struct oidc_field	*field = oidc_field_find(fields, name);

	if (field == NULL || field->len == 0)
		return (OIDC_OK);

	return (base_bytes_text_copy(out, size, field->value, field->len) ?
	    OIDC_OK : OIDC_TOO_LONG);
}

enum oidc_error
oidc_logout_parse(const struct oidc_fields *fields, struct oidc_logout *out,
    struct base_slice *hint)
{
	const struct oidc_field	*field;
	struct oidc_logout	 logout = { .hinted = false };

	for (size_t i = 0; i < fields->count; i++) {
		if (fields->fields[i].repeated)
			return (OIDC_REPEATED_PARAMETER);
	}
	if (logout_copy(fields, "client_id", logout.client_id,
	    sizeof(logout.client_id)) != OIDC_OK ||
	    logout_copy(fields, "post_logout_redirect_uri",
	    logout.redirect_uri, sizeof(logout.redirect_uri)) != OIDC_OK ||
	    logout_copy(fields, "state", logout.state,
	    sizeof(logout.state)) != OIDC_OK ||
	    logout_copy(fields, "ui_locales", logout.ui_locales,
	    sizeof(logout.ui_locales)) != OIDC_OK)
		return (OIDC_TOO_LONG);
	logout.has_state = logout.state[0] != '\0';

	*hint = base_bytes_slice(NULL);
	field = oidc_field_find(fields, "id_token_hint");
	if (field != NULL && field->len > OIDC_JWT_MAX)
		return (OIDC_TOO_LONG);
	if (field != NULL)
		*hint = (struct base_slice){
			.data = (const uint8_t *)field->value,
			.len = field->len
		};

	*out = logout;
	return (OIDC_OK);
}

enum oidc_error
oidc_logout_hint(struct oidc_logout *logout, const struct oidc_hint *hint)
{
	if (logout->client_id[0] != '\0' &&
	    strcmp(logout->client_id, hint->client_id) != 0)
		return (OIDC_BAD_LOGOUT_HINT);

	memcpy(logout->client_id, hint->client_id, sizeof(hint->client_id));
	logout->hint = *hint;
	logout->hinted = true;
	return (OIDC_OK);
}

bool
oidc_logout_seal(const struct base_keyring *ring, int64_t now,
    const struct oidc_logout *logout, char out[OIDC_LOGOUT_TEXT_MAX + 1])
{
	uint8_t			plain[LOGOUT_PLAIN_MAX];
	struct oidc_pack	p = oidc_pack_writer(plain, sizeof(plain));

	oidc_pack_number(&p, LOGOUT_VERSION, 1);
	oidc_pack_number(&p, (uint64_t)now, 8);
	oidc_pack_number(&p, (logout->has_state ? 1U : 0U) |
	    (logout->hinted ? 2U : 0U), 1);
	oidc_pack_text(&p, logout->client_id);
	oidc_pack_text(&p, logout->redirect_uri);
	oidc_pack_text(&p, logout->state);
	oidc_pack_text(&p, logout->ui_locales);
	oidc_pack_text(&p, logout->hint.sub);
	oidc_pack_text(&p, logout->hint.sid);

	return (oidc_pack_finish(&p) && base_seal(ring, now, LOGOUT_WHAT,
	    base_bytes_slice(NULL), plain, p.len, out));
}

bool
oidc_logout_open(const struct base_keyring *ring, int64_t now,
    struct base_slice text, struct oidc_logout *out)
{
	struct oidc_logout	logout = { .hinted = false };
	struct oidc_pack	p;
	uint8_t			plain[LOGOUT_PLAIN_MAX];
	int64_t			sealed_at;
	unsigned		version, flags;
	size_t			len;

	if (text.len > OIDC_LOGOUT_TEXT_MAX || !base_seal_open(ring,
	    LOGOUT_WHAT, base_bytes_slice(NULL), (const char *)text.data,
	    text.len, plain, sizeof(plain), &len))
		return (false);

	p = oidc_pack_reader(plain, len);
	version = (unsigned)oidc_pack_get_number(&p, 1);
	sealed_at = (int64_t)oidc_pack_get_number(&p, 8);
	flags = (unsigned)oidc_pack_get_number(&p, 1);
	oidc_pack_get_text(&p, logout.client_id, sizeof(logout.client_id));
	oidc_pack_get_text(&p, logout.redirect_uri,
	    sizeof(logout.redirect_uri));
	oidc_pack_get_text(&p, logout.state, sizeof(logout.state));
	oidc_pack_get_text(&p, logout.ui_locales, sizeof(logout.ui_locales));
	oidc_pack_get_text(&p, logout.hint.sub, sizeof(logout.hint.sub));
	oidc_pack_get_text(&p, logout.hint.sid, sizeof(logout.hint.sid));
	if (!oidc_pack_finish(&p) || version != LOGOUT_VERSION ||
	    now - sealed_at >= OIDC_LOGOUT_SECONDS)
		return (false);

	logout.has_state = (flags & 1) != 0;
	logout.hinted = (flags & 2) != 0;
	memcpy(logout.hint.client_id, logout.client_id,
	    sizeof(logout.client_id));
	*out = logout;
	return (true);
}
