/*
 * Clients: what a request about one needs, and how registrations get in.
 *
 * A client is only ever read together with whom it concerns: authorize asks
 * for the client, the browser's live session, its person and the consent
 * between the two in one SELECT.
 */
#ifndef PERMISO_STORE_CLIENT_H
#define PERMISO_STORE_CLIENT_H

#include "account/account_user.h"
#include "base/base_hash.h"
#include "oidc/oidc_client.h"
#include "oidc/oidc_request.h"
#include "store/store.h"
#include "store/store_user.h"

/* What a request at authorize, consent or sign-out is about. */
struct store_client_scene {
	struct oidc_client	client;
	struct oidc_session	session;	/* .live: somebody is there */
	struct account_user	user;		/* when session.live */
	bool			spent;		/* the code id has a grant */
};

/*
 * The client, who is signed in (cookie_digest NULL: nobody), the consent
 * between them, and whether "code_id" (NULL: none) has become a grant.
 */
struct store_call	*store_client_scene(struct base_arena *arena,
			    const char *client_id,
			    const uint8_t *cookie_digest,
			    const struct base_uuid *code_id);
/* STORE_OK; STORE_BAD_CLIENT: unknown or disabled, out->session still holds;
 * STORE_FAILED */
enum store_status	 store_client_scene_found(
			    const struct store_result *result,
			    struct base_arena *arena,
			    struct store_client_scene *out);

/*
 * Registrations, for the command line.  "json" is a list of objects with one
 * member for each column of the table clients but version, disabled_at and
 * the times, "audit_id", "secret": null or {"id", "key_id", "digest" (hex)}, and
 * "candidates", a list of digests a given secret would have.
 *
 * compare: one row each: client_id, create|update|unchanged, whether it has a
 * secret, whether a stored secret is one of the candidates.
 */
struct store_call	*store_client_compare(struct base_arena *arena,
			    const char *json);
enum store_status	 store_client_compared(
			    const struct store_result *result, int row,
			    char client_id[OIDC_CLIENT_ID_MAX + 1],
			    char change[16], bool *has_secret, bool *known);
/* Make or change all of them, or none; a given secret takes the place of
 * those that were there.  A verdict: STORE_OK. */
struct store_call	*store_client_apply(struct base_arena *arena,
			    const char *json);

/* Rows: client_id, name, auth_method, disabled, secrets. */
struct store_call	*store_client_list(struct base_arena *arena);
struct store_client_line {
	char	client_id[OIDC_CLIENT_ID_MAX + 1];
	char	name[OIDC_CLIENT_NAME_MAX + 1];
	char	auth_method[32];
	bool	disabled;
	int64_t	secrets;
};
bool			 store_client_line(const struct store_result *result,
			    int row, struct store_client_line *out);

/* One registration as JSON text, secrets left out; no row: unknown. */
struct store_call	*store_client_show(struct base_arena *arena,
			    const char *client_id);

/*
 * Verdicts: STORE_OK; STORE_MISSING; STORE_CONFLICT: it is so already, or two
 * secrets are there, or it is public.
 */
struct store_call	*store_client_switch(struct base_arena *arena,
			    const char *client_id, bool disabled);
struct store_call	*store_client_delete(struct base_arena *arena,
			    const char *client_id);
struct store_call	*store_client_secret_add(struct base_arena *arena,
			    const char *client_id, uint32_t key_id,
			    const uint8_t digest[BASE_SHA256_LEN]);

extern const struct store_statement *const store_client_web[];
extern const struct store_statement *const store_client_owner[];

#endif /* !PERMISO_STORE_CLIENT_H */
