/*
 * Names of the database's hosts: what is looked up, what others read of it,
 * and what becomes of a connection string's lists.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_hosts.h"

static struct store_hosts_ends	ends;

static bool
expand(const char *hosts, const char *addresses, const char *ports,
    char out[3][STORE_HOSTS_TEXT])
{
	(void)snprintf(out[0], STORE_HOSTS_TEXT, "%s", hosts);
	(void)snprintf(out[1], STORE_HOSTS_TEXT, "%s", addresses);
	(void)snprintf(out[2], STORE_HOSTS_TEXT, "%s", ports);
	return (store_hosts_expand(out[0], out[1], out[2]));
}

/* Lists that stay as they are, whoever asks. */
static const struct {
	const char	*hosts;
	const char	*addresses;
	const char	*ports;
} same[] = {
	{ "", "", "" },
	{ "/run/postgresql", "", "" },
	{ "/run/postgresql,/tmp", ",", "5432,5433" },
	{ "192.0.2.7", "", "5432" },
	{ "2001:db8::7", "", "" },
	{ "db.example.org", "192.0.2.7", "" },
	{ "a.example.org,b.example.org", "192.0.2.7,192.0.2.8", "1,2" },
};

static void
test_store_hosts_unattached(void **state)
{
	char	out[3][STORE_HOSTS_TEXT];

	(void)state;
	assert_true(expand("db.example.org", "", "5432", out));
	assert_string_equal(out[0], "db.example.org");
	assert_string_equal(out[1], "");
}

/* The names of this machine's own hosts file; no server is asked. */
static void
test_store_hosts_expand(void **state)
{
	char	out[3][STORE_HOSTS_TEXT], *comma;

	(void)state;
	assert_true(store_hosts_make(&ends));
	assert_true(store_hosts_serve(ends.table_write, ends.wish_read));
	assert_true(store_hosts_attach(ends.table_read, ends.wish_write));

	/* nothing was looked up yet */
	assert_false(expand("localhost", "", "5432", out));
	store_hosts_resolve("host=localhost port=5432 dbname=x");
	assert_true(expand("localhost", "", "5432", out));
	assert_true(strncmp(out[0], "localhost", 9) == 0);
	assert_true(strstr(out[1], "127.0.0.1") != NULL ||
	    strstr(out[1], "::1") != NULL);
	assert_true(strncmp(out[2], "5432", 4) == 0);

	/* as many of one as of the others */
	for (int i = 0, commas[3] = { 0 }; i < 3; i++) {
		for (comma = out[i]; (comma = strchr(comma, ',')) != NULL;
		    comma++)
			commas[i]++;
		assert_int_equal(commas[i], commas[0]);
	}

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_true(expand(same[i].hosts, same[i].addresses,
		    same[i].ports, out));
		assert_string_equal(out[0], same[i].hosts);
		assert_true(strspn(out[1], ",") == strlen(out[1]) ||
		    strcmp(out[1], same[i].addresses) == 0);
	}
}

/* Several hosts, of which one is not known: the others are tried. */
static void
test_store_hosts_several(void **state)
{
	char	out[3][STORE_HOSTS_TEXT];

	(void)state;
	assert_true(expand("no..name,192.0.2.7,/tmp", "", "1,2,3",
	    out));
	assert_string_equal(out[0], "192.0.2.7,/tmp");
	assert_string_equal(out[1], ",");
	assert_string_equal(out[2], "2,3");
	assert_false(expand("no..name", "", "", out));
}

/* No name has two dots in a row, so nobody is asked about that one.
 * A name that is not found any more keeps what it had. */
static void
test_store_hosts_keeps(void **state)
{
	char	before[3][STORE_HOSTS_TEXT], after[3][STORE_HOSTS_TEXT];

	(void)state;
	assert_true(expand("localhost", "", "", before));
	store_hosts_resolve("host=localhost,no..name");
	assert_true(expand("localhost", "", "", after));
	assert_string_equal(before[1], after[1]);
}

static void
test_store_hosts_wish(void **state)
{
	(void)state;
	assert_true(store_hosts_serve(ends.table_write, ends.wish_read));
	assert_false(store_hosts_wished(0));
	/* more wishes than a pipe holds do not block */
	assert_true(store_hosts_attach(ends.table_read, ends.wish_write));
	for (int i = 0; i < 100000; i++)
		store_hosts_wish();
	assert_true(store_hosts_serve(ends.table_write, ends.wish_read));
	assert_true(store_hosts_wished(0));
	assert_false(store_hosts_wished(0));
}

/* Who reads cannot write: neither the memory nor through its descriptor. */
static void
test_store_hosts_read_only(void **state)
{
	(void)state;
	assert_int_equal(write(ends.table_read, "", 1), -1);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_store_hosts_unattached),
		cmocka_unit_test(test_store_hosts_expand),
		cmocka_unit_test(test_store_hosts_several),
		cmocka_unit_test(test_store_hosts_keeps),
		cmocka_unit_test(test_store_hosts_wish),
		cmocka_unit_test(test_store_hosts_read_only),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
