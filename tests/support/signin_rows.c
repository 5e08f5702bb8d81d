/*
 * What the database answers in tests of signing in.
 */

#include "support/signin_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/base_base64url.h"

/* Letters and values of STORE_USER_COLUMNS. */
#define USER_LETTERS	"utbttottttooiii"
#define USER(handle, disabled)						\
	&signin_rows_user, "sub", (handle), (size_t)32, "ada",		\
	"ada@example.com", true, "Ada", "Lovelace", "Ada Lovelace",	\
	(const char *)NULL, true, (disabled), (int64_t)1,		\
	(int64_t)1700000000, (int64_t)1700000000

struct base_uuid	signin_rows_user = { { 1 } };
struct base_uuid	signin_rows_session = { { 2 } };
struct base_uuid	signin_rows_passkey = { { 3 } };

static const uint8_t	handle[32] = { 0xa7 };

void
signin_rows_none(const char *statement, enum store_status status)
{
	fake_runner_answer(statement, fake_store_result(status));
}

void
signin_rows_verdict(const char *statement, const char *verdict)
{
	struct store_result	*result = fake_store_result(STORE_OK);

	if (strcmp(statement, "session_sign_in") == 0)
		fake_store_row(result, "tu", verdict, &signin_rows_session);
	else if (strcmp(statement, "passkey_add") == 0)
		fake_store_row(result, "to", verdict, true);
	else
		fake_store_row(result, "t", verdict);
	fake_runner_answer(statement, result);
}

void
signin_rows_person(const char *statement)
{
	struct store_result	*result = fake_store_result(STORE_OK);

	fake_store_row(result, USER_LETTERS, USER(handle, false));
	fake_runner_answer(statement, result);
}

void
signin_rows_session_full(const char *statement, int64_t auth_time)
{
	static const char *const	 transports[] = { "usb", NULL };
	struct store_result		*result = fake_store_result(STORE_OK);

	if (strcmp(statement, "passkey_session") == 0)
		fake_store_row(result, "uuuiii" USER_LETTERS "bT",
		    &signin_rows_session, &signin_rows_user,
		    &signin_rows_passkey, auth_time, (int64_t)1700000000,
		    (int64_t)1800000000, USER(handle, false), handle,
		    sizeof(handle), transports);
	else
		fake_store_row(result, "uuuiii" USER_LETTERS,
		    &signin_rows_session, &signin_rows_user,
		    &signin_rows_passkey, auth_time, (int64_t)1700000000,
		    (int64_t)1800000000, USER(handle, false));
	fake_runner_answer(statement, result);
}

void
signin_rows_session_limited(const char *statement)
{
	struct store_result	*result = fake_store_result(STORE_OK);

	if (strcmp(statement, "passkey_session") == 0)
		fake_store_row(result, "uuniii" USER_LETTERS "nn",
		    &signin_rows_session, &signin_rows_user,
		    (int64_t)1700000000, (int64_t)1700000000,
		    (int64_t)1800000000, USER(handle, false));
	else
		fake_store_row(result, "uuniii" USER_LETTERS,
		    &signin_rows_session, &signin_rows_user,
		    (int64_t)1700000000, (int64_t)1700000000,
		    (int64_t)1800000000, USER(handle, false));
	fake_runner_answer(statement, result);
}

void
signin_rows_passkey_found(const struct forge *forge, bool disabled)
{
	static const char *const	 ids[] = { "wcE", "AQI", NULL };
	struct store_result		*result = fake_store_result(STORE_OK);

	fake_store_row(result, "ubiioTo" USER_LETTERS, &signin_rows_passkey,
	    forge->stored.spki.data, forge->stored.spki.len,
	    (int64_t)forge->stored.alg, (int64_t)forge->stored.sign_count,
	    forge->stored.backup_eligible, ids, true,
	    USER(forge->stored.user_handle.data, disabled));
	fake_runner_answer("passkey_find", result);
}

static const char *
text(struct forge *forge, struct base_slice bytes)
{
	char	*out = base_arena_new(&forge->arena,
		    BASE_BASE64URL_LEN(bytes.len) + 1);

	base_base64url_encode(bytes.data, bytes.len, out);
	return (out);
}

const char *
signin_rows_assertion(struct forge *forge)
{
	const struct webauthn_authenticate_response r = forge_asserted(forge);

	return (base_arena_format(&forge->arena, "{\"id\":\"%s\","
	    "\"rawId\":\"%s\",\"type\":\"public-key\","
	    "\"clientExtensionResults\":{},\"response\":{"
	    "\"clientDataJSON\":\"%s\",\"authenticatorData\":\"%s\","
	    "\"signature\":\"%s\",\"userHandle\":\"%s\"}}",
	    text(forge, r.id), text(forge, r.id),
	    text(forge, r.client_data), text(forge, r.auth_data),
	    text(forge, r.signature), text(forge, r.user_handle)));
}

const char *
signin_rows_creation(struct forge *forge)
{
	const struct webauthn_register_response r = forge_created(forge);

	return (base_arena_format(&forge->arena, "{\"id\":\"%s\","
	    "\"rawId\":\"%s\",\"type\":\"public-key\","
	    "\"clientExtensionResults\":{},\"response\":{"
	    "\"clientDataJSON\":\"%s\",\"attestationObject\":\"%s\","
	    "\"transports\":[\"internal\"]}}",
	    text(forge, r.id), text(forge, r.id),
	    text(forge, r.client_data), text(forge, r.attestation)));
}

void
signin_rows_ended(const char *statement)
{
	static const char *const	 names[] = { "Expenses & more",
					    "Wiki", NULL };
	static const char *const	 uris[] = { "https://e.example/", "",
					    NULL };
	struct store_result		*result = fake_store_result(STORE_OK);

	fake_store_row(result, "tTT", "ok", names, uris);
	fake_runner_answer(statement, result);
}
