/*
 * What a person allowed a client to see.
 *
 * Two that allow at once: the second waits for the row and adds to what the
 * first left there, so neither takes anything away.
 */

#include "store/store_consent.h"

/* The session $1 of person $2, alive. */
#define LIVE								\
	"SELECT s.id FROM sessions s "					\
	"JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL "	\
	"JOIN passkeys p ON p.id = s.passkey_id AND p.user_id = u.id "	\
	"WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL "	\
	"AND s.expires_at > now()"

#define AUDIT								\
	"INSERT INTO audit (id, event, actor_id, user_id, client_id, "	\
	"session_id, address, device, request_id, detail) "

#define AUDIT_VALUES							\
	", $2, $2, $3, $1, " STORE_PLACE_ADDRESS("$7") ", "		\
	STORE_PLACE_TEXT("$8") ", " STORE_PLACE_TEXT("$9") ", "		\
	"jsonb_build_object('scopes', $4, 'claims', $5) "

static const struct store_statement give = {
	.name = "consent_give",
	.sql =
	    "WITH live AS (" LIVE "), given AS ("
	    "INSERT INTO consents AS k (user_id, client_id, scopes, claims) "
	    "SELECT $2, c.id, $4, $5 FROM live, clients c "
	    "WHERE c.id = $3 AND c.disabled_at IS NULL "
	    "ON CONFLICT (user_id, client_id) DO UPDATE SET "
	    "scopes = ARRAY(SELECT DISTINCT unnest(k.scopes || $4)), "
	    "claims = ARRAY(SELECT DISTINCT unnest(k.claims || $5)), "
	    "updated_at = now() RETURNING k.user_id"
	    "), audited AS ("
	    AUDIT "SELECT $6, 'consent_given'" AUDIT_VALUES "FROM given "
	    "ON CONFLICT (id) DO NOTHING"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM given) THEN 'ok' "
	    "ELSE 'gone' END",
	.types = "uuuTTuttt",
	.columns = 1,
	.lane = STORE_FAST,
	.repeatable = true,
};

static const struct store_statement deny = {
	.name = "consent_deny",
	.sql =
	    "WITH live AS (" LIVE "), audited AS ("
	    AUDIT "SELECT $6, 'consent_denied'" AUDIT_VALUES "FROM live "
	    "ON CONFLICT (id) DO NOTHING"
	    ") SELECT CASE WHEN EXISTS (SELECT FROM live) THEN 'ok' "
	    "ELSE 'gone' END",
	.types = "uuuTTuttt",
	.columns = 1,
	.lane = STORE_FAST,
	.repeatable = true,
};

const struct store_statement *const store_consent_web[] = {
	&deny,
	&give,
	NULL
};

static struct store_call *
consent_call(struct base_arena *arena,
    const struct store_statement *statement,
    const struct store_consent *consent, const struct store_place *place)
{
	struct store_call	*call = store_call(arena, statement);
	const struct base_uuid	 audit = base_uuid_new();
	const char		*scopes[OIDC_SCOPE_COUNT + 1] = { NULL };
	const char		*claims[OIDC_CLAIM_COUNT + 1] = { NULL };
	size_t			 count = 0;

	for (size_t i = 0; i < OIDC_SCOPE_COUNT; i++) {
		if ((consent->scopes & 1U << i) != 0)
			scopes[count++] = oidc_scope_name(i);
	}
	count = 0;
	for (size_t i = 0; i < OIDC_CLAIM_COUNT; i++) {
		if ((consent->claims & 1U << i) != 0)
			claims[count++] = oidc_claims_name(i);
	}

	store_uuid(call, &consent->session_id);
	store_uuid(call, &consent->user_id);
	store_uuid(call, &consent->client_id);
	store_texts(call, scopes);
	store_texts(call, claims);
	store_uuid(call, &audit);
	store_place(call, place);

	return (call);
}

struct store_call *
store_consent_give(struct base_arena *arena,
    const struct store_consent *consent, const struct store_place *place)
{
	return (consent_call(arena, &give, consent, place));
}

struct store_call *
store_consent_deny(struct base_arena *arena,
    const struct store_consent *consent, const struct store_place *place)
{
	return (consent_call(arena, &deny, consent, place));
}
