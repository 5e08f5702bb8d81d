/*
 * The outbox: what is queued and what is not, who sends it, how often it is
 * tried, and that no copy of the table is a way in.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "account/account_secret.h"
#include "store/store_outbox.h"
#include "support/account_fixture.h"
#include "support/postgres.h"

#define RACERS		4
#define RACED		60

static struct fixture		 f;
static struct store_sync	*jobs;

static enum store_status
run(struct store_call *call)
{
	return (store_verdict(store_sync_run(jobs, call)));
}

static enum store_status
claim(uint8_t digest[BASE_SHA256_LEN], char code[ACCOUNT_SECRET_LEN + 1],
    struct store_outbox_item *item)
{
	account_secret_new(code, digest);
	return (store_outbox_claimed(store_sync_run(jobs,
	    store_outbox_claim(&f.arena, digest)), item));
}

static enum store_status
take(struct store_outbox_item *item)
{
	uint8_t	digest[BASE_SHA256_LEN];
	char	code[ACCOUNT_SECRET_LEN + 1];

	return (claim(digest, code, item));
}

static const char *
sql(const char *text)
{
	return (postgres_psql(&f.config, text));
}

static void
person(const char *name, struct fixture_person *out)
{
	char	text[256];

	fixture_person(&f, name, true, out);
	(void)snprintf(text, sizeof(text), "UPDATE users SET email = '%s' ||"
	    " '@example.com', locale = 'de' WHERE username = '%s'", name,
	    name);
	(void)sql(text);
}

static void
queue(const struct fixture_person *p)
{
	assert_int_equal(fixture_owner(&f, store_link_mail(&f.arena,
	    &p->user.id, 3600)), STORE_OK);
}

static enum store_status
look(const uint8_t digest[BASE_SHA256_LEN])
{
	struct account_user	user;

	return (store_link_found(store_sync_run(f.web,
	    store_link_find(&f.arena, digest)), &user));
}

/* Nothing is queued that nobody will send. */
static void
test_store_outbox_without_server(void **state)
{
	struct fixture_person	ada;

	(void)state;
	person("off", &ada);
	assert_int_equal(run(store_outbox_enable(&f.arena, false)), STORE_OK);
	assert_int_equal(fixture_owner(&f, store_link_mail(&f.arena,
	    &ada.user.id, 3600)), STORE_REFUSED);
	assert_int_equal(fixture_owner(&f, store_passkey_remove(&f.arena,
	    &ada.user.id, &ada.passkey)), STORE_OK);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM outbox"), 0);
	assert_int_equal(fixture_number(&f,
	    "SELECT count(*) FROM login_links"), 0);
	assert_int_equal(run(store_outbox_enable(&f.arena, true)), STORE_OK);
	assert_int_equal(run(store_outbox_enable(&f.arena, true)), STORE_OK);
	/* Nor to somebody without an address. */
	(void)sql("UPDATE users SET email = NULL WHERE username = 'off'");
	assert_int_equal(fixture_owner(&f, store_link_mail(&f.arena,
	    &ada.user.id, 3600)), STORE_REFUSED);
}

/* What the table has opens nothing; the mailed code does, and only the one
 * of the latest try. */
static void
test_store_outbox_link(void **state)
{
	struct fixture_person		ada;
	struct store_outbox_item	item;
	uint8_t				digest[BASE_SHA256_LEN];
	uint8_t				second[BASE_SHA256_LEN];
	char				code[ACCOUNT_SECRET_LEN + 1];

	(void)state;
	person("linked", &ada);
	queue(&ada);
	assert_int_equal(claim(digest, code, &item), STORE_OK);
	assert_string_equal(item.kind, "login_link");
	assert_string_equal(item.address, "linked@example.com");
	assert_string_equal(item.username, "linked");
	assert_string_equal(item.locale, "de");
	assert_string_equal(item.detail, "{\"seconds\": 3600}");
	assert_int_equal(item.tries, 1);
	assert_true(item.link_until >= item.created_at + 3599);
	assert_int_equal(look(digest), STORE_OK);
	assert_int_equal(take(&item), STORE_MISSING);

	(void)sql("UPDATE outbox SET due_at = now()");
	assert_int_equal(claim(second, code, &item), STORE_OK);
	assert_int_equal(item.tries, 2);
	assert_int_equal(look(digest), STORE_GONE);
	assert_int_equal(look(second), STORE_OK);
	assert_int_equal(run(store_outbox_sent(&f.arena, &item)), STORE_OK);
	assert_int_equal(run(store_outbox_sent(&f.arena, &item)),
	    STORE_STALE);
	assert_int_equal(look(second), STORE_OK);
	assert_string_equal(sql("SELECT outcome FROM outbox"), "sent");
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM audit "
	    "WHERE event = 'login_link_sent'"), 1);
	/* The code is nowhere. */
	assert_null(strstr(sql("SELECT (SELECT jsonb_agg(o)::text FROM "
	    "outbox o) || (SELECT jsonb_agg(l)::text FROM login_links l) || "
	    "(SELECT jsonb_agg(a)::text FROM audit a)"), code));
}

static void
gone(const char *change)
{
	struct store_outbox_item	item;

	(void)sql("UPDATE outbox SET due_at = now()");
	(void)sql(change);
	assert_int_equal(take(&item), STORE_GONE);
	assert_int_equal(take(&item), STORE_MISSING);
	assert_string_equal(sql("SELECT outcome FROM outbox ORDER BY "
	    "created_at DESC LIMIT 1"), "gone");
}

/* Judged by what is true when it is sent. */
static void
test_store_outbox_gone(void **state)
{
	struct fixture_person		ada;
	struct store_outbox_item	item;

	(void)state;
	person("gone", &ada);
	queue(&ada);
	gone("UPDATE login_links SET used_at = now()");
	queue(&ada);
	gone("UPDATE login_links SET expires_at = now()");
	queue(&ada);
	gone("UPDATE login_links SET ended_at = now()");
	queue(&ada);
	gone("DELETE FROM login_links");
	queue(&ada);
	gone("UPDATE users SET email = NULL WHERE username = 'gone'");
	(void)sql("UPDATE users SET email = 'gone@example.com' "
	    "WHERE username = 'gone'");
	queue(&ada);
	gone("UPDATE users SET disabled_at = now() WHERE username = 'gone'");
	(void)sql("UPDATE users SET disabled_at = NULL");
	/* A newer link takes the place of the older. */
	queue(&ada);
	queue(&ada);
	assert_int_equal(take(&item), STORE_GONE);
	assert_int_equal(take(&item), STORE_OK);
	(void)sql("UPDATE outbox SET due_at = now()");
	(void)sql("DELETE FROM users WHERE username = 'gone'");
	assert_int_equal(take(&item), STORE_MISSING);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM outbox "
	    "WHERE done_at IS NULL"), 0);
}

static long
moment(void)
{
	return (fixture_number(&f, "SELECT floor(extract(epoch FROM now()))"));
}

static long
due(void)
{
	return (fixture_number(&f, "SELECT floor(extract(epoch FROM due_at)) "
	    "FROM outbox WHERE done_at IS NULL"));
}

/* Later and later, then never, and the audit says so. */
static void
test_store_outbox_again(void **state)
{
	struct fixture_person		ada;
	struct store_outbox_item	item, old;
	char				error[STORE_OUTBOX_ERROR_MAX + 1];
	long				before, wait;

	(void)state;
	person("again", &ada);
	queue(&ada);
	memset(error, 'x', sizeof(error) - 1);
	error[sizeof(error) - 1] = '\0';
	for (int i = 1; i < STORE_OUTBOX_TRIES; i++) {
		assert_int_equal(take(&item), STORE_OK);
		assert_int_equal(item.tries, i);
		old = item;
		before = moment();
		assert_int_equal(run(store_outbox_failed(&f.arena, &item,
		    error, false)), STORE_OK);
		assert_int_equal(run(store_outbox_failed(&f.arena, &old,
		    error, false)), STORE_STALE);
		assert_int_equal(run(store_outbox_sent(&f.arena, &old)),
		    STORE_STALE);
		assert_int_equal(take(&item), STORE_MISSING);
		wait = i > 8 ? 7200 : 30L << (i - 1);
		assert_true(due() >= before + wait);
		assert_true(due() <= moment() + wait + 1);
		(void)sql("UPDATE outbox SET due_at = now()");
	}
	assert_int_equal(take(&item), STORE_OK);
	assert_int_equal(run(store_outbox_failed(&f.arena, &item, "no",
	    false)), STORE_SPENT);
	assert_string_equal(sql("SELECT result || (detail->>'error') || "
	    "(detail->>'tries') FROM audit WHERE event = 'mail_failed'"),
	    "failedno12");

	queue(&ada);
	assert_int_equal(take(&item), STORE_OK);
	assert_int_equal(run(store_outbox_failed(&f.arena, &item,
	    "550 no such user", true)), STORE_SPENT);
	assert_int_equal(take(&item), STORE_MISSING);
}

static void
test_store_outbox_test(void **state)
{
	struct base_uuid		id = base_uuid_new();
	struct store_outbox_item	item;
	struct store_outbox_row		row;
	const struct store_result	*result;

	(void)state;
	assert_int_equal(fixture_owner(&f, store_outbox_test(&f.arena, &id,
	    "me@example.com")), STORE_OK);
	assert_int_equal(take(&item), STORE_OK);
	assert_string_equal(item.address, "me@example.com");
	assert_string_equal(item.username, "");
	assert_int_equal(run(store_outbox_failed(&f.arena, &item, "refused",
	    false)), STORE_SPENT);
	result = store_sync_run(f.owner, store_outbox_find(&f.arena, &id));
	assert_true(store_outbox_row(result, 0, &row));
	assert_string_equal(row.to, "me@example.com");
	assert_string_equal(row.outcome, "failed");
	assert_string_equal(row.error, "refused");
	result = store_sync_run(f.web, store_outbox_list(&f.arena));
	assert_true(store_result_rows(result) >= 1);
	for (int i = 0; i < store_result_rows(result); i++)
		assert_true(store_outbox_row(result, i, &row));
}

/* What waits can be hurried; what is being sent is not sent twice. */
static void
test_store_outbox_retry(void **state)
{
	struct fixture_person		ada;
	struct store_outbox_item	item;
	const struct store_result	*result;
	int64_t				count = -1;

	(void)state;
	person("hurried", &ada);
	queue(&ada);
	assert_int_equal(take(&item), STORE_OK);
	result = store_sync_run(f.owner, store_outbox_retry(&f.arena));
	assert_true(store_cell_int(result, 0, 1, &count));
	assert_int_equal(count, 0);
	assert_int_equal(run(store_outbox_failed(&f.arena, &item, "later",
	    false)), STORE_OK);
	result = store_sync_run(f.owner, store_outbox_retry(&f.arena));
	assert_true(store_cell_int(result, 0, 1, &count));
	assert_int_equal(count, 1);
	assert_int_equal(take(&item), STORE_OK);
	assert_int_equal(run(store_outbox_sent(&f.arena, &item)), STORE_OK);
}

/* Several nodes: each mail is taken once. */
static enum store_status
taker(struct fixture *g, int who, int round, void *shared)
{
	struct store_sync		*sync;
	struct store_outbox_item	 item;
	uint8_t				 digest[BASE_SHA256_LEN] = { 0 };
	enum store_status		 status;
	int				*taken = shared;

	(void)round;
	sync = postgres_open(&g->config, STORE_ROLE_JOBS);
	while ((status = store_outbox_claimed(store_sync_run(sync,
	    store_outbox_claim(&g->arena, digest)), &item)) == STORE_OK) {
		taken[who]++;
		if (store_verdict(store_sync_run(sync, store_outbox_sent(
		    &g->arena, &item))) != STORE_OK)
			return (STORE_FAILED);
	}
	store_sync_close(sync);

	return (status);
}

static void
all_missing(struct fixture *g, int round, const int *counts, void *shared)
{
	(void)g;
	(void)round;
	(void)shared;
	assert_int_equal(counts[STORE_MISSING], RACERS);
}

static void
test_store_outbox_race(void **state)
{
	int			*taken = fixture_shared(sizeof(int) * RACERS);
	const struct fixture_race race = {
		RACERS, 1, taker, NULL, all_missing, taken
	};
	int			 sum = 0;

	(void)state;
	(void)sql("INSERT INTO outbox (kind, recipient) SELECT 'test', "
	    "i || '@example.com' FROM generate_series(1, 60) i");
	fixture_race(&f, &race);
	for (int i = 0; i < RACERS; i++)
		sum += taken[i];
	assert_int_equal(sum, RACED);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM outbox "
	    "WHERE tries = 1 AND outcome = 'sent'"), RACED);
}

static int
clear(void **state)
{
	(void)state;
	(void)sql("TRUNCATE outbox, login_links, audit; "
	    "UPDATE installation SET mail = true");

	return (0);
}

static int
set_up(void **state)
{
	(void)state;
	fixture_open(&f);
	jobs = postgres_open(&f.config, STORE_ROLE_JOBS);

	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	store_sync_close(jobs);
	fixture_close(&f);

	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_store_outbox_without_server,
		    clear),
		cmocka_unit_test_setup(test_store_outbox_link, clear),
		cmocka_unit_test_setup(test_store_outbox_gone, clear),
		cmocka_unit_test_setup(test_store_outbox_again, clear),
		cmocka_unit_test_setup(test_store_outbox_test, clear),
		cmocka_unit_test_setup(test_store_outbox_retry, clear),
		cmocka_unit_test_setup(test_store_outbox_race, clear),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
