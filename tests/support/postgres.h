/*
 * A database of its own for a test: a private cluster (postgres.sh) that is
 * started at the first call and removed when the test's process ends, however
 * it ends.
 */
#ifndef PERMISO_TESTS_POSTGRES_H
#define PERMISO_TESTS_POSTGRES_H

#include "base/base_config.h"
#include "store/store_sync.h"

/* The folder of the cluster; starts it.  Ends the test when it cannot. */
const char	*postgres_folder(void);

/*
 * An empty database, and settings that lead to it: owner's database,
 * APP_URL http://localhost:1812, a root key.
 */
void		 postgres_config(struct base_config *config);

/* The same, migrated. */
void		 postgres_migrated(struct base_config *config);

/* A connection as a role. */
struct store_sync	*postgres_open(const struct base_config *config,
			    enum store_role role);

/*
 * Text run as the cluster's superuser in the database of "config"; what it
 * answered, one row a line, "|" between cells.  Static buffer.  Ends the test
 * when the text fails.
 */
const char	*postgres_psql(const struct base_config *config,
		    const char *sql);

/* postgres.sh's commands: "restart", "stop immediate", "start fast". */
void		 postgres_do(const char *command);

/* The same in a child; the caller waits for it. */
int		 postgres_begin(const char *command);

/*
 * A copy of the cluster that was promoted (timeline 2) while this one lives
 * on: its folder, removed with ours.  postgres.sh starts and stops it.
 */
const char	*postgres_promoted(void);
void		 postgres_promoted_do(const char *command);

/* Send "signal" to the postmaster, and to its backends when "all". */
void		 postgres_signal(int signal, bool all);

#endif /* !PERMISO_TESTS_POSTGRES_H */
