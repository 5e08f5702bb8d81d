/*
 * Taking mails off the outbox and handing them over, one after the other.
 */

#include "jobs/jobs_mail.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "account/account_secret.h"
#include "base/base_arena.h"
#include "base/base_buffer.h"
#include "base/base_bytes.h"
#include "base/base_clock.h"
#include "base/base_log.h"
#include "base/base_sandbox.h"
#include "jobs/jobs_letter.h"
#include "jobs/jobs_message.h"
#include "jobs/jobs_smtp.h"
#include "store/store_outbox.h"
#include "store/store_sync.h"

#define LOOK_MS		1000	/* while nothing is due */
#define AWAY_MS		5000	/* while the database is away */
#define SETTLE_TRIES	5
#define GRACE_S		5	/* for the mail under way when told to end */
#define ID_MAX		(BASE_UUID_TEXT_LEN + 24)

struct mail {
	const struct base_config	*config;
	struct base_arena		 arena;		/* of one mail */
	struct store_sync		*store;
	struct jobs_smtp		*smtp;		/* NULL: not connected */
};

static volatile sig_atomic_t	busy;
static volatile sig_atomic_t	ending;

/* At once between mails; the one under way is given some seconds. */
static void
stop(int signal)
{
	const struct itimerval	grace = { .it_value = { .tv_sec = GRACE_S } };

	(void)signal;
	if (!busy)
		_exit(EX_OK);
	ending = 1;
	(void)setitimer(ITIMER_REAL, &grace, NULL);
}

static void
rest(long ms)
{
	const struct timespec	pause = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/* ---------------------------------------------------------------- one mail */

/* Different for each try: a mail that came twice has two codes, and the
 * second must not be taken for a copy of the first. */
static const char *
message_id(struct mail *mail, const struct store_outbox_item *item)
{
	char	id[BASE_UUID_TEXT_LEN + 1];

	base_uuid_format(&item->id, id);

	return (base_arena_format(&mail->arena, "%s.%lld", id,
	    (long long)item->tries));
}

static bool
compose(struct mail *mail, const struct store_outbox_item *item,
    const char *code, struct base_buffer *out)
{
	struct jobs_letter	 letter;
	struct jobs_message	 message = {
		.from_name = mail->config->app_name,
		.from = mail->config->smtp_from,
		.reply_to = mail->config->smtp_reply_to,
		.to = item->address,
		.id = message_id(mail, item),
		.host = mail->config->rp_id,
		.date = base_clock_seconds(),
	};

	if (!jobs_letter_write(&mail->arena, mail->config, item,
	    item->link_until != 0 ? code : NULL, &letter))
		return (false);
	message.subject = letter.subject;
	message.text = letter.text;
	message.html = letter.html;

	return (jobs_message_write(&message, out));
}

static enum jobs_smtp_status
hand_over(struct mail *mail, const struct store_outbox_item *item,
    const char *code, char error[JOBS_SMTP_ERROR_MAX + 1])
{
	struct base_buffer	 out;
	struct jobs_smtp_letter	 letter = {
		.from = mail->config->smtp_from,
		.to = item->address,
	};
	enum jobs_smtp_status	 status = JOBS_SMTP_NEVER;

	base_buffer_init(&out, JOBS_MESSAGE_MAX);
	if (!compose(mail, item, code, &out)) {
		(void)snprintf(error, JOBS_SMTP_ERROR_MAX + 1,
		    "the mail could not be written");
	} else if (mail->smtp == NULL &&
	    (mail->smtp = jobs_smtp_new(mail->config)) == NULL) {
		(void)snprintf(error, JOBS_SMTP_ERROR_MAX + 1, "no memory");
		status = JOBS_SMTP_LATER;
	} else {
		letter.data = out.data;
		letter.len = out.len;
		status = jobs_smtp_send(mail->smtp, &letter, error);
	}
	base_buffer_clear(&out);

	return (status);
}

/* That it was sent must not be forgotten because the database is away. */
static void
settle(struct mail *mail, const struct store_outbox_item *item,
    enum jobs_smtp_status status, const char *error)
{
	enum store_status	said = STORE_FAILED;
	char			id[BASE_UUID_TEXT_LEN + 1];

	base_uuid_format(&item->id, id);
	for (int i = 0; i < SETTLE_TRIES && said == STORE_FAILED; i++) {
		if (i > 0)
			rest(AWAY_MS);
		said = store_verdict(store_sync_run(mail->store,
		    status == JOBS_SMTP_OK ?
		    store_outbox_sent(&mail->arena, item) :
		    store_outbox_failed(&mail->arena, item, error,
		    status == JOBS_SMTP_NEVER)));
	}

	if (status == JOBS_SMTP_OK)
		base_log(BASE_LOG_INFO, "mail", "sent",
		    base_log_text("kind", item->kind),
		    base_log_text("id", id));
	else
		base_log(BASE_LOG_WARNING, "mail", said == STORE_SPENT ?
		    "given up" : "not sent", base_log_text("kind",
		    item->kind), base_log_text("id", id),
		    base_log_number("try", item->tries),
		    base_log_text("why", error));
}

/* Milliseconds until the next look: none after a mail. */
static long
one(struct mail *mail)
{
	struct store_outbox_item	item;
	uint8_t				digest[BASE_SHA256_LEN];
	char				code[ACCOUNT_SECRET_LEN + 1];
	char				error[JOBS_SMTP_ERROR_MAX + 1];
	enum store_status		status;

	account_secret_new(code, digest);
	status = store_outbox_claimed(store_sync_run(mail->store,
	    store_outbox_claim(&mail->arena, digest)), &item);
	if (status == STORE_OK)
		settle(mail, &item, hand_over(mail, &item, code, error),
		    error);
	base_bytes_wipe(code, sizeof(code));

	return (status == STORE_OK || status == STORE_GONE ? 0 :
	    status == STORE_MISSING ? LOOK_MS : AWAY_MS);
}

/* ------------------------------------------------------------ the process */

static bool
connected(struct mail *mail)
{
	char	error[STORE_SYNC_ERROR_MAX + 1];

	if (mail->store == NULL)
		mail->store = store_sync_open(mail->config->role_database,
		    STORE_ROLE_JOBS, error);

	return (mail->store != NULL);
}

static void
turn(struct mail *mail)
{
	long	ms = AWAY_MS;

	busy = 1;
	if (connected(mail)) {
		base_arena_init(&mail->arena);
		ms = one(mail);
		base_arena_clear(&mail->arena);
	}
	if (ms > 0) {
		jobs_smtp_free(mail->smtp);
		mail->smtp = NULL;
	}
	busy = 0;
	if (ending)
		_exit(EX_OK);
	if (ms > 0)
		rest(ms);
}

/* A model holds the link of its mail. */
static void
wiped_free(void *memory)
{
	if (memory != NULL)
		base_bytes_wipe(memory, malloc_usable_size(memory));
	free(memory);
}

static _Noreturn void
serve(const struct base_config *config, pid_t parent)
{
	static const int	more[] = { SYS_setitimer, -1 };
	struct mail		mail = { .config = config };
	struct sigaction	action = { .sa_handler = stop };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	prctl(PR_SET_NAME, "permiso-mail");
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(EX_OSERR);
	json_set_alloc_funcs(malloc, wiped_free);
	if (!jobs_letter_load() || !jobs_smtp_begin())
		_exit(EX_SOFTWARE);
	if (!base_sandbox_enter(more)) {
		base_log(BASE_LOG_ERROR, "mail", "no system call filter");
		_exit(EX_OSERR);
	}

	for (;;)
		turn(&mail);
}

static void
ended(int signal)
{
	(void)signal;
	_exit(EX_SOFTWARE);
}

bool
jobs_mail_start(const struct base_config *config)
{
	const struct sigaction	action = { .sa_handler = ended,
				    .sa_flags = SA_NOCLDSTOP };
	pid_t			parent = getpid(), child;

	if (config->smtp_host[0] == '\0')
		return (true);
	sigaction(SIGCHLD, &action, NULL);
	if ((child = fork()) == -1) {
		base_log(BASE_LOG_ERROR, "mail", "cannot fork");
		return (false);
	}
	if (child == 0)
		serve(config, parent);

	return (true);
}
