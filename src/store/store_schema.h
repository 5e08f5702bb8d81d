/*
 * The migrations of schema/, as they are in the program (made at build time by
 * src/tools/tools_schema.sh).
 */
#ifndef PERMISO_STORE_SCHEMA_H
#define PERMISO_STORE_SCHEMA_H

#include <stddef.h>

struct store_schema_file {
	int		 number;	/* from 1; 0 ends the list */
	int		 oldest;	/* schema of the oldest program on it */
	const char	*name;		/* "0001_initial.sql" */
	const char	*sql;
};

extern const struct store_schema_file	store_schema_files[];

#endif /* !PERMISO_STORE_SCHEMA_H */
