/*
 * The outbox: mails that a change asks for, written by the statement that
 * makes the change, sent later by the jobs process of any node.
 *
 * For those who change something: one more CTE, which takes no parameter,
 *
 *	"), mailed AS ("
 *	STORE_OUTBOX_MAIL("passkey_added", "made.user_id",
 *	    "jsonb_build_object('name', made.name)", "made")
 *	") SELECT ..."
 *
 * "kind" is one of the table's, "user" gives the id of the person whose
 * address it goes to, "detail" a jsonb object with what the mail says (its
 * members are in assets/email/KIND.html), "from" the CTEs these come from:
 * one row a mail.  "AND ..." may follow.  Without a mail server the statement
 * queues nothing; a person without an address or who is disabled gets
 * nothing: that is decided when it is sent.  A statement that makes the
 * person too may use it.
 *
 * There are no secrets in here.  A mail that carries a login link names its
 * row (STORE_OUTBOX_LINK); the link's statement stores a digest that nobody
 * knows the code of, and jobs puts that of a new code in its place while it
 * sends the mail: neither the table nor a copy of it ever holds a way in
 * (docs/decisions/mail.md).
 */
#ifndef PERMISO_STORE_OUTBOX_H
#define PERMISO_STORE_OUTBOX_H

#include "account/account_user.h"
#include "base/base_hash.h"
#include "store/store.h"

#define STORE_OUTBOX_MAIL(kind, user, detail, from)			\
	"INSERT INTO outbox (kind, user_id, detail) "			\
	"SELECT '" kind "', " user ", " detail " "			\
	"FROM installation o_i, " from " WHERE o_i.mail "

/* The same with a login link: "link" is its id. */
#define STORE_OUTBOX_LINK(user, link, detail, from)			\
	"INSERT INTO outbox (kind, user_id, link_id, detail) "		\
	"SELECT 'login_link', " user ", " link ", " detail " "		\
	"FROM installation o_i, " from " WHERE o_i.mail "

#define STORE_OUTBOX_TRIES	12	/* over some eight hours */
#define STORE_OUTBOX_LEASE	600	/* s that a try may take */
#define STORE_OUTBOX_ERROR_MAX	255
#define STORE_OUTBOX_KIND_MAX	31
#define STORE_OUTBOX_DETAIL_MAX	4096
#define STORE_OUTBOX_DAYS	"30"	/* that finished rows are kept */

/* A mail that is ours to send now. */
struct store_outbox_item {
	struct base_uuid	id;
	struct base_uuid	claim;		/* of this try */
	char			kind[STORE_OUTBOX_KIND_MAX + 1];
	int64_t			tries;		/* this one included */
	char			address[ACCOUNT_EMAIL_MAX + 1];
	char			username[ACCOUNT_USERNAME_MAX + 1];
	char			name[ACCOUNT_NAME_MAX + 1];	/* "": nobody's */
	char			locale[ACCOUNT_LOCALE_MAX + 1];	/* "": none */
	int64_t			created_at;	/* seconds since 1970 */
	int64_t			link_until;	/* 0: no link in it */
	char			detail[STORE_OUTBOX_DETAIL_MAX + 1];	/* JSON */
};

/*
 * Take the mail that is due longest, of no other node's; it comes again after
 * STORE_OUTBOX_LEASE seconds unless one of the two calls below ends the try.
 * "digest" becomes that of the login link, if the mail has one: only the code
 * of the latest try works.  STORE_OK; STORE_MISSING: nothing is due;
 * STORE_GONE: it was taken off the queue, because there is no address, the
 * person is disabled, or the link was used, replaced or is over;
 * STORE_FAILED.
 */
struct store_call	*store_outbox_claim(struct base_arena *arena,
			    const uint8_t digest[BASE_SHA256_LEN]);
enum store_status	 store_outbox_claimed(
			    const struct store_result *result,
			    struct store_outbox_item *out);

/* The server took it.  STORE_OK; STORE_STALE: another try has begun. */
struct store_call	*store_outbox_sent(struct base_arena *arena,
			    const struct store_outbox_item *item);

/*
 * The try failed, for the reason "error" (a sentence without secrets).  Due
 * again after 30 s, doubled by each try up to two hours; given up, with an
 * audit row, when "for_good", after STORE_OUTBOX_TRIES, or when it is a test.
 * STORE_OK; STORE_SPENT: given up; STORE_STALE.
 */
struct store_call	*store_outbox_failed(struct base_arena *arena,
			    const struct store_outbox_item *item,
			    const char *error, bool for_good);

/* Whether there is a mail server; jobs says so at its start. */
struct store_call	*store_outbox_enable(struct base_arena *arena,
			    bool mail);

/* A test mail.  STORE_OK, STORE_REFUSED: jobs has no mail server. */
struct store_call	*store_outbox_test(struct base_arena *arena,
			    const struct base_uuid *id, const char *address);

/*
 * A row as people see it: id, kind, whom it goes to (user name or address),
 * created, due, done (seconds, 0: not), tries, outcome ("waiting", "sent",
 * "gone", "failed"), error ("": none).
 */
struct store_outbox_row {
	struct base_uuid	id;
	char			kind[STORE_OUTBOX_KIND_MAX + 1];
	char			to[ACCOUNT_EMAIL_MAX + 1];
	int64_t			created_at;
	int64_t			due_at;
	int64_t			done_at;
	int64_t			tries;
	char			outcome[8];
	char			error[STORE_OUTBOX_ERROR_MAX + 1];
};
#define STORE_OUTBOX_LIST_MAX	100

/* What waits, the most urgent first, then what failed, the latest first. */
struct store_call	*store_outbox_list(struct base_arena *arena);
/* One row.  store_outbox_row() says what "list" and "find" gave. */
struct store_call	*store_outbox_find(struct base_arena *arena,
			    const struct base_uuid *id);
bool			 store_outbox_row(const struct store_result *result,
			    int row, struct store_outbox_row *out);

/* What waits is due now.  STORE_OK and how many in column 1. */
struct store_call	*store_outbox_retry(struct base_arena *arena);

extern const struct store_statement *const store_outbox_jobs[];
extern const struct store_statement *const store_outbox_owner[];
extern const struct store_statement *const store_outbox_web[];

#endif /* !PERMISO_STORE_OUTBOX_H */
