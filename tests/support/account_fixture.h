/*
 * Accounts for tests of statements: a person with a passkey, a way to sign
 * in, and processes that do things at the same moment.
 */
#ifndef PERMISO_TESTS_ACCOUNT_FIXTURE_H
#define PERMISO_TESTS_ACCOUNT_FIXTURE_H

#include "base/base_config.h"
#include "store/store_installation.h"
#include "store/store_link.h"
#include "store/store_passkey.h"
#include "store/store_session.h"
#include "store/store_sync.h"
#include "store/store_user.h"

/* A browser, and the digest of the cookie it has last been given. */
struct fixture_browser {
	uint8_t	browser[BASE_SHA256_LEN];
	uint8_t	cookie[BASE_SHA256_LEN];
};

struct fixture_person {
	struct account_user	user;
	struct base_uuid	passkey;
};

/* The two connections of this process, as owner and as web. */
struct fixture {
	struct base_config	config;
	struct base_arena	arena;
	struct store_sync	*owner;
	struct store_sync	*web;
};

extern const struct store_place	fixture_place;

/* A new database; connections to it. */
void	fixture_open(struct fixture *f);
void	fixture_close(struct fixture *f);

/* Set up: *admin is the first administrator, signed in in *b. */
void	fixture_set_up(struct fixture *f, struct fixture_person *admin,
	    struct fixture_browser *b);

/* A person with a passkey put there by hand. */
void	fixture_person(struct fixture *f, const char *username,
	    bool backup_eligible, struct fixture_person *out);

void	fixture_browser(struct fixture_browser *b);
void	fixture_challenge(struct store_session_challenge *challenge);
void	fixture_passkey(struct store_passkey_new *passkey,
	    struct webauthn_credential *credential);

/* One sign-in; b->cookie is the new one when it is STORE_OK. */
enum store_status	fixture_sign_in(struct fixture *f,
			    const struct fixture_person *p,
			    struct fixture_browser *b, int64_t sign_count,
			    struct base_uuid *session_id);
/* Whether the browser's cookie is somebody's. */
enum store_status	fixture_live(struct fixture *f,
			    const struct fixture_browser *b,
			    struct account_session *session);

enum store_status	fixture_owner(struct fixture *f,
			    struct store_call *call);
enum store_status	fixture_web(struct fixture *f,
			    struct store_call *call);
/* A number that a query answers. */
long			fixture_number(struct fixture *f, const char *sql);

/*
 * A race: "count" processes with connections of their own do "task", all let
 * go at one moment, "rounds" times over.  "before" (may be NULL) and "after"
 * run between the rounds; counts[status] says how often each came.
 */
struct fixture_race {
	int			 count;
	int			 rounds;
	enum store_status	(*task)(struct fixture *f, int who, int round,
				    void *shared);
	void			(*before)(struct fixture *f, int round,
				    void *shared);
	void			(*after)(struct fixture *f, int round,
				    const int *counts, void *shared);
	void			*shared;	/* of fixture_shared() */
};
void	 fixture_race(struct fixture *f, const struct fixture_race *race);
/* Zeroed memory that the processes of a race share. */
void	*fixture_shared(size_t size);

#endif /* !PERMISO_TESTS_ACCOUNT_FIXTURE_H */
