/*
 * libpq, as both runners use it.
 */

#include "store/store_postgres.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_buffer.h"
#include "base/base_log.h"
#include "store/store_gather.h"
#include "store/store_hosts.h"

#define FAST_MS		2000
#define SLOW_MS		10000
#define TEXT_MAX	STORE_HOSTS_TEXT

static void	 cell(const struct store_result *, int, int,
		    struct store_value *);
static void	 keyword(struct base_buffer *, const char *, const char *);
static bool	 of_a_person(const char *);
static void	 pick(struct store_result *, size_t);
static void	 quiet(void *, const PGresult *);
static void	 rotate(char[TEXT_MAX], unsigned);
static int	 send_values(PGconn *, const struct store_call *,
		    const struct store_value *);

static const char *const role_names[STORE_ROLE_COUNT] = {
	[STORE_ROLE_WEB]	= "permiso web",
	[STORE_ROLE_SIGNER]	= "permiso signer",
	[STORE_ROLE_JOBS]	= "permiso jobs",
	[STORE_ROLE_RETENTION]	= "permiso retention",
	[STORE_ROLE_OWNER]	= "permiso owner",
};

/*
 * Statements of the fast lane go by a key, whatever the planner thinks of how
 * many rows there are: a plan that was made for empty tables must not read
 * full ones, and one that was made for arrays must not expect thousands.
 */
static const char	by_key[] = " -c enable_seqscan=off"
			    " -c enable_bitmapscan=off -c enable_hashjoin=off"
			    " -c enable_mergejoin=off -c enable_memoize=off"
			    " -c enable_material=off"
			    " -c jit=off";

int64_t
store_postgres_deadline(enum store_lane lane)
{
	return (lane == STORE_FAST ? FAST_MS : SLOW_MS);
}

/*
 * Order decides with libpq: what stands before "dbname" are defaults that the
 * connection string may change, what stands behind it may not be changed; an
 * empty value is none.  A plan of a partitioned table is never made generic
 * by itself, so that is forced; a lock that is not free in 250 ms is
 * somebody's long transaction.
 */
PGconn *
store_postgres_start(const char *conninfo, enum store_role role,
    enum store_lane lane, int64_t limit, unsigned turn)
{
	char		 given[TEXT_MAX], options[2 * TEXT_MAX];
	char		 hosts[TEXT_MAX], addresses[TEXT_MAX], ports[TEXT_MAX];
	PGconn		*connection;

	store_postgres_option(conninfo, "options", given);
	store_postgres_option(conninfo, "host", hosts);
	store_postgres_option(conninfo, "hostaddr", addresses);
	store_postgres_option(conninfo, "port", ports);
	if (!store_hosts_expand(hosts, addresses, ports))
		return (NULL);
	rotate(hosts, turn);
	rotate(addresses, turn);
	rotate(ports, turn);
	snprintf(options, sizeof(options), "%s%s -c lock_timeout=250ms"
	    " -c plan_cache_mode=force_generic_plan"
	    " -c statement_timeout=%lld"
	    " -c idle_in_transaction_session_timeout=10s"
	    " -c timezone=UTC -c datestyle=ISO -c search_path=public"
	    " -c client_min_messages=warning", given,
	    lane == STORE_FAST ? by_key : "",
	    limit == STORE_POSTGRES_NO_LIMIT ? 0LL : (long long)limit);

	const char *const	keys[] = {
		"tcp_user_timeout", "keepalives_idle", "keepalives_interval",
		"keepalives_count", "target_session_attrs", "dbname",
		"host", "hostaddr", "port",
		"gssencmode", "client_encoding", "application_name",
		"options", NULL
	};
	const char *const	values[] = {
		"2000", "10", "3", "3", "read-write", conninfo,
		hosts, addresses, ports,
		"disable", "UTF8", role_names[role], options, NULL
	};

	connection = PQconnectStartParams(keys, values, 1);
	if (connection != NULL)
		PQsetNoticeReceiver(connection, quiet, NULL);

	return (connection);
}

bool
store_postgres_valid(const char *conninfo)
{
	PQconninfoOption	*options;

	options = PQconninfoParse(conninfo, NULL);
	PQconninfoFree(options);

	return (options != NULL);
}

bool
store_postgres_as(const char *conninfo, const char *user,
    const char *password, char *out, size_t size)
{
	struct base_buffer	 text;
	PQconninfoOption	*options;
	bool			 fits;

	if ((options = PQconninfoParse(conninfo, NULL)) == NULL)
		return (false);

	base_buffer_init(&text, size);
	for (PQconninfoOption *o = options; o->keyword != NULL; o++) {
		if (o->val != NULL && !of_a_person(o->keyword))
			keyword(&text, o->keyword, o->val);
	}
	keyword(&text, "user", user);
	keyword(&text, "password", password);
	PQconninfoFree(options);

	fits = base_buffer_finish(&text) != NULL && text.len < size;
	if (fits)
		memcpy(out, text.data, text.len + 1);
	base_buffer_clear(&text);

	return (fits);
}

int
store_postgres_send_prepare(PGconn *connection,
    const struct store_statement *statement)
{
	Oid	types[STORE_PARAMS_MAX];
	int	count;

	for (count = 0; statement->types[count] != '\0'; count++)
		types[count] = store_gather_type(statement, (size_t)count);

	return (PQsendPrepare(connection, statement->name, statement->sql,
	    count, types));
}

int
store_postgres_send(PGconn *connection, const struct store_call *const *calls,
    size_t count)
{
	struct store_value	 arrays[STORE_PARAMS_MAX];
	struct base_buffer	 buffer;
	int			 sent;

	if (calls[0]->statement->gather == 0)
		return (send_values(connection, calls[0], calls[0]->values));

	sent = store_gather_values(calls, count, &buffer, arrays) ?
	    send_values(connection, calls[0], arrays) : 0;
	base_buffer_clear(&buffer);

	return (sent);
}

/* libpq copies the values. */
static int
send_values(PGconn *connection, const struct store_call *call,
    const struct store_value *from)
{
	const char	*values[STORE_PARAMS_MAX];
	int		 lengths[STORE_PARAMS_MAX], formats[STORE_PARAMS_MAX];

	for (int i = 0; i < call->count; i++) {
		values[i] = (const char *)from[i].data;
		lengths[i] = from[i].len;
		formats[i] = 1;
	}

	return (PQsendQueryPrepared(connection, call->statement->name,
	    call->count, values, lengths, formats, 1));
}

void
store_postgres_result(const struct store_statement *statement,
    const PGresult *pg, size_t number, struct store_result *out)
{
	const char	*state, *why;

	*out = STORE_RESULT_FAILED;
	if (store_postgres_fine(pg) && PQnfields(pg) == statement->columns +
	    (statement->gather > 0 ? 1 : 0)) {
		out->status = STORE_OK;
		out->rows = PQntuples(pg);
		out->columns = statement->columns;
		out->cell = cell;
		out->owner = pg;
		if (statement->gather > 0)
			pick(out, number);
		return;
	}

	if ((state = PQresultErrorField(pg, PG_DIAG_SQLSTATE)) == NULL)
		state = "";
	if (strcmp(state, "23514") == 0) {
		out->status = STORE_REFUSED;
		return;
	}
	if (strcmp(state, "23505") == 0) {
		out->status = STORE_CONFLICT;
		return;
	}

	/* Messages of class 22 (data) quote values, so they stay out. */
	why = PQresultErrorField(pg, PG_DIAG_MESSAGE_PRIMARY);
	if (why == NULL)
		why = "other columns than declared";
	else if (strncmp(state, "22", 2) == 0)
		why = "a value did not fit";
	base_log(BASE_LOG_ERROR, "store", "statement failed",
	    base_log_text("statement", statement->name),
	    base_log_text("sqlstate", state), base_log_text("why", why));
}

bool
store_postgres_fine(const PGresult *pg)
{
	ExecStatusType	kind = PQresultStatus(pg);

	return (kind == PGRES_TUPLES_OK || kind == PGRES_COMMAND_OK);
}

/* The row of one call is the one whose last column, an int4, is its number. */
static void
pick(struct store_result *result, size_t number)
{
	const uint8_t		 want[] = { (uint8_t)((number + 1) >> 24),
				    (uint8_t)((number + 1) >> 16),
				    (uint8_t)((number + 1) >> 8),
				    (uint8_t)(number + 1) };
	struct store_value	 value;
	int			 rows = result->rows;

	for (result->first = 0; result->first < rows; result->first++) {
		cell(result, 0, result->columns, &value);
		if (base_bytes_equal(value.data, (size_t)value.len, want,
		    sizeof(want))) {
			result->rows = 1;
			return;
		}
	}
	result->rows = 0;
}

bool
store_postgres_again(const PGresult *pg)
{
	static const char *const	states[] = {
		"55P03", "40P01", "40001"
	};
	const char			*state;

	if ((state = PQresultErrorField(pg, PG_DIAG_SQLSTATE)) == NULL)
		return (false);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(state, states[i]) == 0)
			return (true);
	}

	return (false);
}

const char *
store_postgres_error(const PGconn *connection)
{
	static char	 line[384];
	size_t		 len;

	snprintf(line, sizeof(line), "%s", PQerrorMessage(connection));
	len = strlen(line);
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		line[--len] = '\0';
	for (char *c = line; *c != '\0'; c++) {
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	}

	return (len > 0 ? line : "no connection");
}

static void
cell(const struct store_result *result, int row, int column,
    struct store_value *out)
{
	const PGresult	*pg = result->owner;

	out->data = NULL;
	out->len = 0;
	row += result->first;
	if (PQgetisnull(pg, row, column))
		return;
	out->data = (const uint8_t *)PQgetvalue(pg, row, column);
	out->len = PQgetlength(pg, row, column);
}

void
store_postgres_option(const char *conninfo, const char *word,
    char out[STORE_HOSTS_TEXT])
{
	PQconninfoOption	*options;

	out[0] = '\0';
	if ((options = PQconninfoParse(conninfo, NULL)) == NULL)
		return;

	for (PQconninfoOption *o = options; o->keyword != NULL; o++) {
		if (strcmp(o->keyword, word) == 0 && o->val != NULL &&
		    strlen(o->val) < TEXT_MAX)
			memcpy(out, o->val, strlen(o->val) + 1);
	}
	PQconninfoFree(options);
}

/* A list with commas, begun at its "turn"th item. */
static void
rotate(char list[TEXT_MAX], unsigned turn)
{
	char		 turned[TEXT_MAX];
	const char	*begin = list;
	unsigned	 count = 1;

	for (const char *c = list; *c != '\0'; c++)
		count += *c == ',';
	if (turn % count == 0)
		return;

	for (unsigned i = 0; i < turn % count; i++)
		begin = strchr(begin, ',') + 1;
	snprintf(turned, sizeof(turned), "%s,%.*s", begin,
	    (int)(begin - list - 1), list);
	memcpy(list, turned, sizeof(turned));
}

/* What proves who somebody is, and must not be handed on. */
static bool
of_a_person(const char *word)
{
	static const char *const	words[] = {
		"user", "password", "passfile", "sslcert", "sslkey",
		"sslpassword"
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0)
			return (true);
	}

	return (false);
}

/* keyword='value', with the quotes and backslashes of the value escaped. */
static void
keyword(struct base_buffer *out, const char *word, const char *value)
{
	base_buffer_text(out, out->len > 0 ? " " : "");
	base_buffer_text(out, word);
	base_buffer_text(out, "='");
	for (const char *c = value; *c != '\0'; c++) {
		if (*c == '\'' || *c == '\\')
			base_buffer_text(out, "\\");
		base_buffer_append(out, c, 1);
	}
	base_buffer_text(out, "'");
}

/* Notices of the server are for psql; what matters comes as an error. */
static void
quiet(void *owner, const PGresult *notice)
{
	(void)owner;
	(void)notice;
}
