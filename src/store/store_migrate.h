/*
 * The schema: bringing it up to date, and judging whether a program may run
 * on what it finds.
 *
 * Migrations are numbered, checksummed, forward only, one transaction each,
 * guarded by an advisory lock: two that run together are one that runs and one
 * that waits.
 */
#ifndef PERMISO_STORE_MIGRATE_H
#define PERMISO_STORE_MIGRATE_H

#include "base/base_config.h"
#include "store/store_sync.h"

enum store_migrate_status {
	STORE_MIGRATE_OK = 0,
	STORE_MIGRATE_AWAY,	/* no answer; another try may help */
	STORE_MIGRATE_REFUSED	/* a person has to change something */
};

/* What was done, for the person who watches; "text" is a sentence. */
typedef void	store_migrate_said(void *owner, const char *text);

/*
 * Roles, migrations, partitions, and the row that says what this installation
 * is.  "config" holds the owner's database and the root key.  On anything but
 * OK a sentence for a person is in "error"; what was applied stays applied.
 */
enum store_migrate_status	store_migrate(const struct base_config *config,
				    store_migrate_said *said, void *owner,
				    char error[BASE_CONFIG_ERROR_MAX + 1]);

/*
 * May this program serve what "sync" (any role's connection) leads to?
 * Refuses: PostgreSQL before 15, another encoding than UTF-8,
 * synchronous_commit=off, a connection pooler, a standby, a schema that is
 * older than this program or allows only younger ones, migrations that are
 * not the ones of this program, and another APP_URL or RP_ID than recorded.
 */
enum store_migrate_status	store_migrate_check(struct store_sync *sync,
				    const struct base_config *config,
				    char error[BASE_CONFIG_ERROR_MAX + 1]);

extern const struct store_statement *const store_migrate_statements_all[];
extern const struct store_statement *const store_migrate_statements_owner[];

#endif /* !PERMISO_STORE_MIGRATE_H */
