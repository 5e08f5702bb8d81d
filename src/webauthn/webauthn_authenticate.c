#include "webauthn/webauthn_authenticate.h"

#include "base/base_hash.h"
#include "webauthn/webauthn_authdata.h"
#include "webauthn/webauthn_client_data.h"
#include "webauthn/webauthn_json.h"
#include "webauthn/webauthn_response.h"
#include "webauthn/webauthn_signature.h"

/* Absent and null are "no handle"; some authenticators send none. */
static enum webauthn_verdict
user_handle_parse(struct base_arena *arena, const json_t *response,
    struct base_slice *out)
{
	const json_t		*json;
	enum webauthn_verdict	 verdict;

	json = json_object_get(response, "userHandle");
	if (json == NULL || json_is_null(json))
		return (WEBAUTHN_OK);
	verdict = webauthn_json_bytes(arena, response, "userHandle",
	    WEBAUTHN_USER_HANDLE_MAX, out);
	return (verdict == WEBAUTHN_RESPONSE_TOO_LONG ?
	    WEBAUTHN_USER_HANDLE : verdict);
}

enum webauthn_verdict
webauthn_authenticate_parse(struct base_arena *arena, const json_t *json,
    struct webauthn_authenticate_response *out)
{
	struct webauthn_authenticate_response	response = { 0 };
	struct webauthn_response		head;
	enum webauthn_verdict			verdict;

	if ((verdict = webauthn_response_parse(arena, json,
	    &head)) != WEBAUTHN_OK)
		return (verdict);
	response.id = head.id;
	response.client_data = head.client_data;
	response.cross_platform = head.cross_platform;

	if (json_object_get(head.response, "attestationObject") != NULL)
		return (WEBAUTHN_RESPONSE_KIND);
	if ((verdict = webauthn_json_bytes(arena, head.response,
	    "authenticatorData", WEBAUTHN_AUTH_DATA_MAX,
	    &response.auth_data)) != WEBAUTHN_OK ||
	    (verdict = webauthn_json_bytes(arena, head.response, "signature",
	    WEBAUTHN_SIGNATURE_MAX, &response.signature)) != WEBAUTHN_OK ||
	    (verdict = user_handle_parse(arena, head.response,
	    &response.user_handle)) != WEBAUTHN_OK)
		return (verdict);

	*out = response;
	return (WEBAUTHN_OK);
}

static bool
equal(struct base_slice a, struct base_slice b)
{
	return (base_bytes_equal(a.data, a.len, b.data, b.len));
}

/* A5 */
static bool
allowed(const struct webauthn_authenticate_response *r,
    const struct webauthn_authenticate_expect *expect)
{
	if (expect->allowed_count == 0)
		return (true);
	for (size_t i = 0; i < expect->allowed_count; i++) {
		if (equal(expect->allowed[i], r->id))
			return (true);
	}
	return (false);
}

/*
 * A6, as far as it goes without the database: a known person's handle may be
 * left out but not be another's; an unknown person must be named.
 */
static bool
handle_fits(const struct webauthn_authenticate_response *r,
    const struct webauthn_authenticate_expect *expect)
{
	if (expect->user_handle.len == 0)
		return (r->user_handle.len > 0);
	return (r->user_handle.len == 0 ||
	    equal(r->user_handle, expect->user_handle));
}

/* A5, A6 in part, A7-A18. */
static enum webauthn_verdict
screen(const struct webauthn_authenticate_response *r,
    const struct webauthn_authenticate_expect *expect,
    struct webauthn_authdata *data)
{
	enum webauthn_verdict	verdict;

	if (!allowed(r, expect))
		return (WEBAUTHN_CREDENTIAL_NOT_ALLOWED);
	if (!handle_fits(r, expect))
		return (WEBAUTHN_USER_HANDLE);
	if ((verdict = webauthn_client_data_check(r->client_data,
	    WEBAUTHN_CLIENT_DATA_GET, &expect->common)) != WEBAUTHN_OK ||
	    (verdict = webauthn_authdata_decode(r->auth_data,
	    data)) != WEBAUTHN_OK)
		return (verdict);
	if (data->attested)
		return (WEBAUTHN_AUTH_DATA_ATTESTED);
	return (webauthn_authdata_check(data, &expect->common));
}

enum webauthn_verdict
webauthn_authenticate_screen(const struct webauthn_authenticate_response *r,
    const struct webauthn_authenticate_expect *expect)
{
	struct webauthn_authdata	data;

	return (screen(r, expect, &data));
}

/* A6 in full: the stored passkey is the one, and of the person, that came. */
static enum webauthn_verdict
stored_fits(const struct webauthn_authenticate_response *r,
    const struct webauthn_authenticate_expect *expect,
    const struct webauthn_stored *stored)
{
	if (!equal(stored->id, r->id))
		return (WEBAUTHN_CREDENTIAL_UNKNOWN);
	if (stored->user_handle.len == 0 ||
	    (r->user_handle.len > 0 &&
	    !equal(stored->user_handle, r->user_handle)) ||
	    (expect->user_handle.len > 0 &&
	    !equal(stored->user_handle, expect->user_handle)))
		return (WEBAUTHN_USER_HANDLE);
	return (WEBAUTHN_OK);
}

/* A20, A21 */
static enum webauthn_verdict
signature_check(const struct webauthn_authenticate_response *r,
    const struct webauthn_stored *stored)
{
	struct webauthn_signed	data;

	data.auth_data = r->auth_data;
	base_hash_sha256(r->client_data.data, r->client_data.len,
	    data.client_data_hash);
	return (webauthn_signature_check(stored->alg, stored->spki, &data,
	    r->signature));
}

enum webauthn_verdict
webauthn_authenticate_check(const struct webauthn_authenticate_response *r,
    const struct webauthn_authenticate_expect *expect,
    const struct webauthn_stored *stored, struct webauthn_assertion *out)
{
	struct webauthn_authdata	data;
	enum webauthn_counter		counter;
	enum webauthn_verdict		verdict;

	if ((verdict = screen(r, expect, &data)) != WEBAUTHN_OK ||
	    (verdict = stored_fits(r, expect, stored)) != WEBAUTHN_OK)
		return (verdict);
	if (data.backup_eligible != stored->backup_eligible)
		return (WEBAUTHN_BACKUP_CHANGED);
	if ((verdict = signature_check(r, stored)) != WEBAUTHN_OK)
		return (verdict);

	/* A22: a count is worth something only when it was signed. */
	counter = webauthn_counter_check(stored->sign_count, data.sign_count,
	    data.backup_eligible);
	if (counter == WEBAUTHN_COUNTER_REFUSED)
		return (WEBAUTHN_COUNTER_BACK);

	out->counter = counter;
	out->sign_count = webauthn_counter_next(stored->sign_count,
	    data.sign_count);
	out->user_verified = data.user_verified;
	out->backup_state = data.backup_state;
	return (WEBAUTHN_OK);
}
