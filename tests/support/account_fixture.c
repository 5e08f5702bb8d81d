/*
 * Accounts for tests of statements.
 */

#include "support/account_fixture.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base_random.h"
#include "support/postgres.h"

#define RUNNERS_MAX	64

/* Processes of a race and what they answered; shared memory. */
struct course {
	pthread_barrier_t	go;
	pthread_barrier_t	done;
	int			counts[STORE_STALE + 1];
	pthread_mutex_t		lock;
};

const struct store_place	fixture_place = {
	.address = "192.0.2.7",
	.device = "Firefox on Linux",
	.request_id = "0123456789abcdef",
};

static void
die(const char *what)
{
	fprintf(stderr, "fixture: %s\n", what);
	exit(1);
}

void
fixture_open(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	postgres_migrated(&f->config);
	base_arena_init(&f->arena);
	f->owner = postgres_open(&f->config, STORE_ROLE_OWNER);
	f->web = postgres_open(&f->config, STORE_ROLE_WEB);
}

void
fixture_close(struct fixture *f)
{
	store_sync_close(f->owner);
	store_sync_close(f->web);
	base_arena_clear(&f->arena);
}

enum store_status
fixture_owner(struct fixture *f, struct store_call *call)
{
	return (store_verdict(store_sync_run(f->owner, call)));
}

enum store_status
fixture_web(struct fixture *f, struct store_call *call)
{
	return (store_verdict(store_sync_run(f->web, call)));
}

long
fixture_number(struct fixture *f, const char *sql)
{
	return (strtol(postgres_psql(&f->config, sql), NULL, 10));
}

void
fixture_browser(struct fixture_browser *b)
{
	base_random_bytes(b, sizeof(*b));
}

void
fixture_challenge(struct store_session_challenge *challenge)
{
	base_random_bytes(challenge->digest, sizeof(challenge->digest));
	challenge->expires_at = 4102444800;
}

void
fixture_passkey(struct store_passkey_new *passkey,
    struct webauthn_credential *credential)
{
	static const uint8_t	object[] = { 1, 2, 3 };

	memset(credential, 0, sizeof(*credential));
	base_random_bytes(credential->id, 32);
	credential->id_len = 32;
	credential->spki_len = 91;
	credential->cose_len = 77;
	credential->alg = WEBAUTHN_ALG_ES256;
	credential->user_verified = true;
	snprintf(credential->transports.names[0],
	    sizeof(credential->transports.names[0]), "internal");
	credential->transports.count = 1;

	passkey->id = base_uuid_new();
	passkey->credential = credential;
	passkey->attestation_object = (struct base_slice){ object,
	    sizeof(object) };
	passkey->client_data = passkey->attestation_object;
	passkey->name = "Passkey";
}

static void
session_new(struct store_session_new *session, struct fixture_browser *b)
{
	session->id = base_uuid_new();
	base_random_bytes(session->cookie_digest,
	    sizeof(session->cookie_digest));
	memcpy(session->browser_digest, b->browser, sizeof(b->browser));
	session->seconds = 3600;
}

void
fixture_set_up(struct fixture *f, struct fixture_person *admin,
    struct fixture_browser *b)
{
	uint8_t				code[BASE_SHA256_LEN] = { 7 };
	struct webauthn_credential	credential;
	struct store_passkey_new	passkey;
	struct store_session_new	session;
	struct store_session_challenge	challenge;
	const struct store_installation_first first = {
		.user = &admin->user, .challenge = &challenge,
		.passkey = &passkey, .session = &session,
	};

	account_user_init(&admin->user);
	snprintf(admin->user.username, sizeof(admin->user.username), "admin");
	snprintf(admin->user.email, sizeof(admin->user.email),
	    "admin@example.com");
	account_user_display(&admin->user);
	fixture_browser(b);
	fixture_challenge(&challenge);
	fixture_passkey(&passkey, &credential);
	session_new(&session, b);
	admin->passkey = passkey.id;
	memcpy(b->cookie, session.cookie_digest, sizeof(b->cookie));

	if (fixture_owner(f, store_installation_code(&f->arena, code)) !=
	    STORE_OK || fixture_web(f, store_installation_set_up(&f->arena,
	    code, &first, &fixture_place)) != STORE_OK)
		die("set-up failed");
}

void
fixture_person(struct fixture *f, const char *username, bool backup_eligible,
    struct fixture_person *out)
{
	char	id[BASE_UUID_TEXT_LEN + 1], key[BASE_UUID_TEXT_LEN + 1];
	char	sql[1024];

	account_user_init(&out->user);
	snprintf(out->user.username, sizeof(out->user.username), "%s",
	    username);
	account_user_display(&out->user);
	out->passkey = base_uuid_new();
	if (fixture_owner(f, store_user_insert(&f->arena, &out->user)) !=
	    STORE_OK)
		die("no person");

	base_uuid_format(&out->user.id, id);
	base_uuid_format(&out->passkey, key);
	snprintf(sql, sizeof(sql), "INSERT INTO passkeys (id, user_id, "
	    "credential_id, spki, cose, alg, sign_count, backup_eligible, "
	    "backup_state, uv_initialized, transports, aaguid, format, "
	    "attestation, attestation_object, client_data, name) VALUES "
	    "('%s', '%s', sha256('%s'), '', '', -7, 5, %s, false, true, "
	    "'{usb,odd}', '%s', 'none', 'none', '', '', 'Passkey'); "
	    "UPDATE users SET passkeys = passkeys + 1 WHERE id = '%s'",
	    key, id, key, backup_eligible ? "true" : "false", key, id);
	(void)postgres_psql(&f->config, sql);
}

enum store_status
fixture_sign_in(struct fixture *f, const struct fixture_person *p,
    struct fixture_browser *b, int64_t sign_count,
    struct base_uuid *session_id)
{
	enum store_status		status;
	struct store_session_new	session;
	struct store_session_challenge	challenge;
	const struct store_session_assertion assertion = {
		.user_id = p->user.id, .passkey_id = p->passkey,
		.sign_count = sign_count, .backup_state = false,
	};

	session_new(&session, b);
	fixture_challenge(&challenge);
	status = store_session_signed_in(store_sync_run(f->web,
	    store_session_sign_in(&f->arena, &session, &challenge, &assertion,
	    &fixture_place)), session_id);
	if (status == STORE_OK)
		memcpy(b->cookie, session.cookie_digest, sizeof(b->cookie));

	return (status);
}

enum store_status
fixture_live(struct fixture *f, const struct fixture_browser *b,
    struct account_session *session)
{
	struct account_user	user;

	return (store_session_found(store_sync_run(f->web,
	    store_session_find(&f->arena, b->cookie)), session, &user));
}

void *
fixture_shared(size_t size)
{
	void	*memory;

	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		die("no shared memory");

	return (memory);
}

static void
run(struct fixture *f, struct course *course, int who,
    const struct fixture_race *race)
{
	enum store_status	status;

	/* A failed test leaves its runners behind a barrier. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	f->owner = postgres_open(&f->config, STORE_ROLE_OWNER);
	f->web = postgres_open(&f->config, STORE_ROLE_WEB);
	base_arena_init(&f->arena);
	for (int round = 0; round < race->rounds; round++) {
		(void)pthread_barrier_wait(&course->go);
		status = race->task(f, who, round, race->shared);
		(void)pthread_mutex_lock(&course->lock);
		course->counts[status]++;
		(void)pthread_mutex_unlock(&course->lock);
		(void)pthread_barrier_wait(&course->done);
		base_arena_clear(&f->arena);
		base_arena_init(&f->arena);
	}
	_exit(0);
}

static struct course *
course_new(int count)
{
	struct course		*course = fixture_shared(sizeof(*course));
	pthread_barrierattr_t	 barrier;
	pthread_mutexattr_t	 mutex;

	(void)pthread_barrierattr_init(&barrier);
	(void)pthread_barrierattr_setpshared(&barrier,
	    PTHREAD_PROCESS_SHARED);
	(void)pthread_mutexattr_init(&mutex);
	(void)pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	(void)pthread_barrier_init(&course->go, &barrier,
	    (unsigned)count + 1);
	(void)pthread_barrier_init(&course->done, &barrier,
	    (unsigned)count + 1);
	(void)pthread_mutex_init(&course->lock, &mutex);
	return (course);
}

void
fixture_race(struct fixture *f, const struct fixture_race *race)
{
	pid_t		 child[RUNNERS_MAX];
	struct fixture	 own;
	struct course	*course = course_new(race->count);

	if (race->count > RUNNERS_MAX)
		die("too many runners");

	for (int who = 0; who < race->count; who++) {
		own = *f;
		if ((child[who] = fork()) == -1)
			die("cannot fork");
		if (child[who] == 0)
			run(&own, course, who, race);
	}

	for (int round = 0; round < race->rounds; round++) {
		memset(course->counts, 0, sizeof(course->counts));
		if (race->before != NULL)
			race->before(f, round, race->shared);
		(void)pthread_barrier_wait(&course->go);
		(void)pthread_barrier_wait(&course->done);
		race->after(f, round, course->counts, race->shared);
		base_arena_clear(&f->arena);
		base_arena_init(&f->arena);
	}
	for (int who = 0; who < race->count; who++)
		(void)waitpid(child[who], NULL, 0);
	(void)munmap(course, sizeof(*course));
}
