/*
 * Every statement of the product, by the role that runs it.
 *
 * A store_<thing>.c file exports one NULL-terminated list for each role that
 * uses its statements, named store_<thing>_web, _signer, _jobs, _retention or
 * _owner.  Declare it below and add it to its role's table, in alphabetical
 * order.
 */

#include <stdlib.h>

#include "store/store.h"

#define STATEMENTS_MAX	256	/* of one role */

typedef const struct store_statement *const statement_list;

static statement_list *const web[] = {
	NULL
};

static statement_list *const signer[] = {
	NULL
};

static statement_list *const jobs[] = {
	NULL
};

static statement_list *const retention[] = {
	NULL
};

static statement_list *const owner[] = {
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
