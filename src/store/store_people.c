/*
 * People as an administrator reads of them.
 */

#include "store/store_people.h"

#include <string.h>

#include "store/store_user.h"

/* More than the beginning of any text that may be stored. */
#define LAST	"U&'\\+10FFFF'"

/* What is read of each; "p" has key and id. */
#define COLUMNS								\
	"p.key, " STORE_USER_COLUMNS ", u.state, "			\
	"(SELECT extract(epoch FROM max(k.last_used_at))::int8 "	\
	"FROM passkeys k WHERE k.user_id = u.id)"
#define COLUMN_COUNT	(STORE_USER_COLUMN_COUNT + 3)

/* The people of "page", one by one: no plan, whatever it thinks of the page's
 * length, may come to read the whole table. */
#define PERSON_OF(page)							\
	"SELECT " COLUMNS " FROM caller LEFT JOIN (" page " p "		\
	"CROSS JOIN LATERAL (SELECT * FROM users o WHERE o.id = p.id "	\
	"LIMIT 1) AS u) ON true "

/* $2 states, $3 ranks: each pair of them is a range of every index. */
#define KINDS								\
	"kinds AS ("							\
	"SELECT state, administrator FROM unnest($2) AS s (state), "	\
	"unnest($3::boolean[]) AS a (administrator)) "
#define OF_KIND								\
	"u.state = kinds.state AND u.administrator = kinds.administrator "

/* $4, $5: key and id of the row before; $6: how many. */
#define LIST(key, behind, order, outer)					\
	"WITH " STORE_CALLER_READ(STORE_CALLER_ADMINISTRATOR) ", " KINDS \
	", page AS ("							\
	"SELECT p.key, p.id FROM kinds CROSS JOIN LATERAL ("		\
	"SELECT " key " AS key, u.id FROM users u WHERE " OF_KIND	\
	"AND " behind " ORDER BY " order " LIMIT $6) AS p "		\
	"ORDER BY " outer " LIMIT $6) "					\
	PERSON_OF("page") "ORDER BY " outer

#define LISTED(id, text)						\
	{								\
		.name = id,						\
		.sql = text,						\
		.types = STORE_CALLER_READ_TYPES "TTtui",		\
		.columns = COLUMN_COUNT,				\
		.lane = STORE_SLOW,					\
		.repeatable = true,					\
	}

static const struct store_statement lists[] = {
	[STORE_PEOPLE_USERNAME] = LISTED("people_username",
	    LIST("lower(u.username)", "(lower(u.username), u.id) > ($4, $5)",
	    "lower(u.username), u.id", "p.key, p.id")),
	[STORE_PEOPLE_USERNAME_DOWN] = LISTED("people_username_down",
	    LIST("lower(u.username)", "(lower(u.username), u.id) < ($4, $5)",
	    "lower(u.username) DESC, u.id DESC", "p.key DESC, p.id DESC")),
	[STORE_PEOPLE_CREATED] = LISTED("people_created",
	    LIST("lower(u.username)", "u.id > $5", "u.id", "p.id")),
	[STORE_PEOPLE_CREATED_DOWN] = LISTED("people_created_down",
	    LIST("lower(u.username)", "u.id < $5", "u.id DESC", "p.id DESC")),
};

/*
 * $7 begins one of four texts of a person.  On one page they come once, at
 * the first of these; another one may bring them back on a later page.  To
 * look for that would mean to read again all that was passed.
 */
#define NAME(column)	"(lower(u." column ") COLLATE \"C\")"
#define SEARCH(key)							\
	"(SELECT " key " AS key, u.id FROM users u WHERE " OF_KIND	\
	"AND " key " >= lower($7) AND " key " < lower($7) || " LAST " "	\
	"AND (" key ", u.id) > ($4, $5) ORDER BY " key ", u.id LIMIT $6)"

static const struct store_statement search = {
	.name = "people_search",
	.sql =
	    "WITH " STORE_CALLER_READ(STORE_CALLER_ADMINISTRATOR) ", " KINDS
	    ", page AS ("
	    "SELECT min(one.key) AS key, one.id FROM kinds "
	    "CROSS JOIN LATERAL ("
	    SEARCH("lower(u.username)") " UNION ALL "
	    SEARCH("lower(u.email)") " UNION ALL "
	    SEARCH(NAME("display_name")) " UNION ALL "
	    SEARCH(NAME("family_name"))
	    ") AS one GROUP BY one.id ORDER BY 1, 2 LIMIT $6) "
	    PERSON_OF("page") "ORDER BY p.key, p.id",
	.types = STORE_CALLER_READ_TYPES "TTtuit",
	.columns = COLUMN_COUNT,
	.lane = STORE_SLOW,
	.repeatable = true,
};

#define TIME(column)							\
	"to_char(" column " AT TIME ZONE 'UTC', "			\
	"'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

#define PASSKEYS							\
	"(SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.id, "	\
	"'name', k.name, 'kind', CASE WHEN k.backup_state THEN 'synced' " \
	"WHEN k.backup_eligible THEN 'not_synced' ELSE 'device' END, "	\
	"'created_at', " TIME("k.created_at") ", "			\
	"'last_used_at', " TIME("k.last_used_at") ") ORDER BY k.id), "	\
	"'[]')::text FROM passkeys k WHERE k.user_id = u.id)"

/* Those that still count. */
#define SESSIONS							\
	"(SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, "	\
	"'passkey', k.name, 'device', s.device, "			\
	"'address', host(s.address), "					\
	"'created_at', " TIME("s.created_at") ", "			\
	"'last_active_at', " TIME("s.last_active_at") ", "		\
	"'expires_at', " TIME("s.expires_at") ") "			\
	"ORDER BY s.last_active_at DESC, s.id), '[]')::text "		\
	"FROM sessions s LEFT JOIN passkeys k ON k.id = s.passkey_id "	\
	"AND k.user_id = s.user_id "					\
	"WHERE s.user_id = u.id AND s.ended_at IS NULL "		\
	"AND s.expires_at > now() "					\
	"AND (k.id IS NOT NULL OR s.passkey_id IS NULL))"

#define LINK								\
	"(SELECT jsonb_build_object('id', l.id, "			\
	"'status', CASE WHEN l.used_at IS NOT NULL THEN 'used' "	\
	"WHEN l.expires_at <= now() THEN 'expired' "			\
	"ELSE 'waiting' END, 'created_by', (SELECT b.username "		\
	"FROM users b WHERE b.id = l.created_by), "			\
	"'created_at', " TIME("l.created_at") ", "			\
	"'expires_at', " TIME("l.expires_at") ", "			\
	"'used_at', " TIME("l.used_at") ")::text "			\
	"FROM login_links l WHERE l.user_id = u.id "			\
	"AND l.ended_at IS NULL)"

#define APPS								\
	"(SELECT coalesce(jsonb_agg(jsonb_build_object("		\
	"'client_id', c.client_id, 'name', c.name, "			\
	"'scopes', to_jsonb(t.scopes), "				\
	"'created_at', " TIME("t.created_at") ") ORDER BY c.name, c.id), " \
	"'[]')::text FROM (SELECT * FROM consents WHERE user_id = u.id "	\
	"LIMIT 200) t JOIN clients c ON c.id = t.client_id)"

#define ACTIVITY							\
	"(SELECT coalesce(jsonb_agg(jsonb_build_object("		\
	"'event', a.event, 'result', a.result, "			\
	"'actor', (SELECT b.username FROM users b "			\
	"WHERE b.id = a.actor_id), 'device', a.device, "		\
	"'address', host(a.address), 'created_at', " TIME("a.at") ") "	\
	"ORDER BY a.id DESC), '[]')::text FROM ("			\
	"SELECT * FROM audit WHERE user_id = u.id ORDER BY id DESC "	\
	"LIMIT 20) a)"

static const struct store_statement find = {
	.name = "people_find",
	.sql =
	    "WITH " STORE_CALLER_READ(STORE_CALLER_ADMINISTRATOR)
	    ", p AS (SELECT id, lower(username) AS key FROM users "
	    "WHERE id = $2) "
	    "SELECT " COLUMNS ", "
	    "(extract(epoch FROM u.updated_at) * 1000000)::int8, "
	    "(SELECT mail FROM installation), "
	    PASSKEYS ", " SESSIONS ", " LINK ", " APPS ", " ACTIVITY
	    " FROM caller LEFT JOIN (p JOIN users u ON u.id = p.id) ON true",
	.types = STORE_CALLER_READ_TYPES "u",
	.columns = COLUMN_COUNT + 7,
	.lane = STORE_SLOW,
	.repeatable = true,
};

const struct store_statement *const store_people_web[] = {
	&find,
	&lists[STORE_PEOPLE_USERNAME],
	&lists[STORE_PEOPLE_USERNAME_DOWN],
	&lists[STORE_PEOPLE_CREATED],
	&lists[STORE_PEOPLE_CREATED_DOWN],
	&search,
	NULL
};

static void
bind_kinds(struct store_call *call, const struct store_people_query *query)
{
	const char	*states[] = { "active", "no_passkey", "disabled",
			    NULL };
	const char	*ranks[] = { "false", "true", NULL };

	if (query->state != NULL) {
		states[0] = query->state;
		states[1] = NULL;
	}
	if (query->rank != NULL) {
		ranks[0] = strcmp(query->rank, "administrator") == 0 ?
		    "true" : "false";
		ranks[1] = NULL;
	}
	store_texts(call, states);
	store_texts(call, ranks);
}

/* Before the first, after the last. */
static void
bind_cursor(struct store_call *call, const struct store_people_query *query,
    bool down)
{
	struct base_uuid	id = query->after_id;

	if (query->after_key == NULL)
		memset(&id, down ? 0xff : 0, sizeof(id));
	store_text(call, query->after_key != NULL ? query->after_key :
	    down ? "\xf4\x8f\xbf\xbf" : "");
	store_uuid(call, &id);
	store_int(call, query->limit);
}

struct store_call *
store_people_list(struct base_arena *arena, const struct store_caller *caller,
    const struct store_people_query *query)
{
	const bool		 some = query->search[0] != '\0';
	const bool		 down = !some &&
				    (query->sort == STORE_PEOPLE_USERNAME_DOWN ||
				    query->sort == STORE_PEOPLE_CREATED_DOWN);
	struct store_call	*call;

	call = store_caller_read(arena, some ? &search : &lists[query->sort],
	    caller);
	bind_kinds(call, query);
	bind_cursor(call, query, down);
	if (some)
		store_text(call, query->search);
	return (call);
}

bool
store_people_decode(const struct store_result *result, int row,
    struct store_people_row *out)
{
	const int	behind = 1 + STORE_USER_COLUMN_COUNT;

	out->last_used_at = 0;
	if (!store_cell_null(result, row, behind + 1) &&
	    !store_cell_int(result, row, behind + 1, &out->last_used_at))
		return (false);

	return (store_cell_text(result, row, 0, out->key, sizeof(out->key)) &&
	    store_user_decode(result, row, 1, &out->user) &&
	    store_cell_text(result, row, behind, out->state,
	    sizeof(out->state)));
}

struct store_call *
store_people_find(struct base_arena *arena, const struct store_caller *caller,
    const struct base_uuid *id)
{
	struct store_call	*call;

	call = store_caller_read(arena, &find, caller);
	store_uuid(call, id);
	return (call);
}

enum store_status
store_people_found(const struct store_result *result,
    struct store_people_profile *out)
{
	const int		c = COLUMN_COUNT;
	int			rows;
	enum store_status	status;

	if ((status = store_caller_rows(result, 0, &rows)) != STORE_OK)
		return (status);
	if (rows == 0)
		return (STORE_MISSING);

	out->link = (struct base_slice){ NULL, 0 };
	if (!store_people_decode(result, 0, &out->person) ||
	    !store_cell_int(result, 0, c, &out->version) ||
	    !store_cell_bool(result, 0, c + 1, &out->mail) ||
	    !store_cell_slice(result, 0, c + 2, &out->passkeys) ||
	    !store_cell_slice(result, 0, c + 3, &out->sessions) ||
	    (!store_cell_null(result, 0, c + 4) &&
	    !store_cell_slice(result, 0, c + 4, &out->link)) ||
	    !store_cell_slice(result, 0, c + 5, &out->apps) ||
	    !store_cell_slice(result, 0, c + 6, &out->activity))
		return (STORE_FAILED);

	return (STORE_OK);
}
