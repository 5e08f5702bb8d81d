/*
 * Every statement of the product, by the role that runs it.
 *
 * A store_<thing>.c file exports one NULL-terminated list for each role that
 * uses its statements: store_<thing>_statements_web, _signer, _jobs,
 * _retention, _owner.  Add it to its role's table below, in alphabetical
 * order.  The PREPARE test walks these, so what is not here is not tested.
 */

#include <stdlib.h>

#include "store/store.h"
#include "store/store_audit.h"
#include "store/store_cleanup.h"
#include "store/store_client.h"
#include "store/store_consent.h"
#include "store/store_grant.h"
#include "store/store_installation.h"
#include "store/store_keyring.h"
#include "store/store_link.h"
#include "store/store_migrate.h"
#include "store/store_outbox.h"
#include "store/store_own.h"
#include "store/store_passkey.h"
#include "store/store_passkey_own.h"
#include "store/store_people.h"
#include "store/store_session.h"
#include "store/store_signing_key.h"
#include "store/store_user.h"
#include "store/store_user_access.h"
#include "store/store_user_admin.h"

#define STATEMENTS_MAX	256	/* of one role */

typedef const struct store_statement *const statement_list;

static statement_list *const web[] = {
	store_client_web,
	store_consent_web,
	store_grant_web,
	store_installation_web,
	store_keyring_statements_web,
	store_link_web,
	store_migrate_statements_all,
	store_outbox_web,
	store_own_web,
	store_passkey_own_web,
	store_passkey_web,
	store_people_web,
	store_session_web,
	store_signing_key_statements_web,
	store_user_access_web,
	store_user_admin_web,
	NULL
};

static statement_list *const signer[] = {
	store_migrate_statements_all,
	store_signing_key_statements_signer,
	NULL
};

static statement_list *const jobs[] = {
	store_audit_statements_jobs,
	store_cleanup_statements_jobs,
	store_keyring_statements_jobs,
	store_migrate_statements_all,
	store_outbox_jobs,
	NULL
};

static statement_list *const retention[] = {
	store_audit_statements_retention,
	store_cleanup_statements_retention,
	NULL
};

static statement_list *const owner[] = {
	store_client_owner,
	store_audit_statements_owner,
	store_installation_owner,
	store_keyring_statements_owner,
	store_link_owner,
	store_migrate_statements_all,
	store_migrate_statements_owner,
	store_outbox_owner,
	store_passkey_owner,
	store_signing_key_statements_owner,
	store_user_owner,
	NULL
};

static statement_list *const *const roles[STORE_ROLE_COUNT] = {
	[STORE_ROLE_WEB]	= web,
	[STORE_ROLE_SIGNER]	= signer,
	[STORE_ROLE_JOBS]	= jobs,
	[STORE_ROLE_RETENTION]	= retention,
	[STORE_ROLE_OWNER]	= owner,
};

/* Put together once for each role; processes here have one thread. */
const struct store_statement *const *
store_statements(enum store_role role)
{
	static const struct store_statement
	    *all[STORE_ROLE_COUNT][STATEMENTS_MAX + 1];
	static bool	 made[STORE_ROLE_COUNT];
	size_t		 count;

	if (made[role])
		return (all[role]);

	count = 0;
	for (statement_list *const *list = roles[role]; *list != NULL;
	    list++) {
		for (statement_list *one = *list; *one != NULL; one++) {
			if (count == STATEMENTS_MAX)
				abort();
			all[role][count++] = *one;
		}
	}
	made[role] = true;

	return (all[role]);
}
