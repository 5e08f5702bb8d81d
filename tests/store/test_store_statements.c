/*
 * Every statement of the product against the real schema, as the role that
 * runs it: it prepares with its declared types, gives the declared columns,
 * and its role may do what it does (EXPLAIN checks rights, PREPARE does not).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libpq-fe.h>

#include <stdio.h>
#include <string.h>

#include "store/store.h"
#include "store/store_gather.h"
#include "store/store_roles.h"
#include "support/postgres.h"

static const char *const	names[STORE_ROLE_COUNT] = {
	"web", "signer", "jobs", "retention", "owner"
};

static unsigned	failures;

static void
judge(PGconn *connection, enum store_role role, const char *name,
    PGresult *result, ExecStatusType want, const char *step)
{
	if (PQresultStatus(result) != want) {
		print_error("%s, statement %s, %s: %s\n", names[role], name,
		    step, PQerrorMessage(connection));
		failures++;
	}
	PQclear(result);
}

static void
check(PGconn *connection, enum store_role role,
    const struct store_statement *statement)
{
	Oid		 types[STORE_PARAMS_MAX];
	char		 sql[512], nulls[6 * STORE_PARAMS_MAX + 1] = "";
	PGresult	*result;
	size_t		 count = strlen(statement->types);
	int		 columns = statement->columns +
			    (statement->gather > 0 ? 1 : 0);

	for (size_t i = 0; i < count; i++) {
		types[i] = store_gather_type(statement, i);
		if (types[i] == 0)
			fail_msg("%s: type letter %c", statement->name,
			    statement->types[i]);
	}

	result = PQprepare(connection, statement->name, statement->sql,
	    (int)count, types);
	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		judge(connection, role, statement->name, result,
		    PGRES_COMMAND_OK, "PREPARE");
		return;
	}
	PQclear(result);

	result = PQdescribePrepared(connection, statement->name);
	if (PQnfields(result) != columns ||
	    PQnparams(result) != (int)count) {
		print_error("%s, statement %s: %d columns and %d parameters, "
		    "declared %d and %zu\n", names[role], statement->name,
		    PQnfields(result), PQnparams(result), columns, count);
		failures++;
	}
	judge(connection, role, statement->name, result, PGRES_COMMAND_OK,
	    "Describe");

	for (size_t i = 0; i < count; i++)
		memcpy(nulls + 6 * i, i == 0 ? " NULL " : ",NULL ", 7);
	snprintf(sql, sizeof(sql), "EXPLAIN EXECUTE \"%s\"%s%s%s",
	    statement->name, count > 0 ? "(" : "", nulls,
	    count > 0 ? ")" : "");
	judge(connection, role, statement->name, PQexec(connection, sql),
	    PGRES_TUPLES_OK, "EXPLAIN");
}

static void
test_store_statements_prepare(void **state)
{
	struct base_config	 config;
	char			 conninfo[BASE_CONFIG_TEXT_MAX + 1];
	char			 error[BASE_CONFIG_ERROR_MAX + 1];
	PGconn			*connection;
	size_t			 checked;

	(void)state;
	postgres_migrated(&config);
	checked = 0;
	for (enum store_role role = 0; role < STORE_ROLE_COUNT; role++) {
		assert_true(store_roles_conninfo(&config, role, conninfo,
		    error));
		connection = PQconnectdb(conninfo);
		assert_int_equal(PQstatus(connection), CONNECTION_OK);
		PQclear(PQexec(connection,
		    "SET plan_cache_mode = force_generic_plan"));
		for (const struct store_statement *const *statement =
		    store_statements(role); *statement != NULL; statement++) {
			check(connection, role, *statement);
			checked++;
		}
		PQfinish(connection);
	}

	print_message("%zu statements\n", checked);
	assert_true(checked > 0);
	assert_int_equal(failures, 0);
}

/* Names are what a connection prepares them under. */
static void
test_store_statements_unique(void **state)
{
	const struct store_statement *const	*list;

	(void)state;
	for (enum store_role role = 0; role < STORE_ROLE_COUNT; role++) {
		list = store_statements(role);
		for (size_t i = 0; list[i] != NULL; i++) {
			assert_true(strlen(list[i]->name) < 64);
			for (size_t j = 0; j < i; j++) {
				if (strcmp(list[i]->name, list[j]->name) == 0)
					fail_msg("%s twice", list[i]->name);
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_statements_prepare),
		cmocka_unit_test(test_store_statements_unique),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
