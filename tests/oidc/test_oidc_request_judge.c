/*
 * What a request needs before it is answered.
 * Every case starts from one that needs nothing and changes one thing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "oidc/oidc_request.h"

#define NOW		1000000
#define SECOND		INT64_C(1000000)
#define SIGNED_IN	((NOW - 100) * SECOND)

struct scene {
	struct oidc_request	request;
	struct oidc_client	client;
	struct oidc_session	session;
};

static const struct scene good = {
	.request = {
		.redirect_uri = "https://rp.example/cb",
		.scopes = OIDC_SCOPE_OPENID,
		.max_age = -1,
		.proofs = { .demanded = -1 },
	},
	.client = { .auth = OIDC_AUTH_NONE },
	.session = {
		.live = true,
		.user_id = { { 1 } },
		.sub = "ada",
		.auth_time = SIGNED_IN,
		.consented = true,
		.consent_scopes = OIDC_SCOPE_OPENID,
	},
};

static void nothing(struct scene *s)	{ (void)s; }
static void nobody(struct scene *s)	{ s->session.live = false; }
static void age_100(struct scene *s)	{ s->request.max_age = 100; }
static void age_99(struct scene *s)	{ s->request.max_age = 99; }
static void age_0(struct scene *s)	{ s->request.max_age = 0; }
static void
age_0_now(struct scene *s)
{
	age_0(s);
	s->session.auth_time = NOW * SECOND;
}

static void login(struct scene *s)	{ s->request.prompt = OIDC_PROMPT_LOGIN; }
static void selects(struct scene *s)	{ s->request.prompt = OIDC_PROMPT_SELECT; }
static void asks(struct scene *s)	{ s->request.prompt = OIDC_PROMPT_CONSENT; }
static void ada(struct scene *s)	{ memcpy(s->request.sub, "ada", 4); }
static void bob(struct scene *s)	{ memcpy(s->request.sub, "bob", 4); }
static void denied(struct scene *s)	{ s->request.proofs.denied = true; }
static void first(struct scene *s)	{ s->session.consented = false; }
static void skipped(struct scene *s)	{ first(s); s->client.skip_consent = true; }
static void email(struct scene *s)	{ s->request.scopes |= OIDC_SCOPE_EMAIL; }
static void claim(struct scene *s)	{ s->request.claims.userinfo = OIDC_CLAIM_NAME; }
static void native(struct scene *s)	{ memcpy(s->request.redirect_uri, "http://127.0.0.1/", 18); }
static void native_skip(struct scene *s) { native(s); s->client.skip_consent = true; }

static void
native_secret(struct scene *s)
{
	native(s);
	s->client.auth = OIDC_AUTH_BASIC;
}

/* signed in after the demand: the proof of a fresh sign-in */
static void
fresh(struct scene *s)
{
	s->request.proofs.demanded = SIGNED_IN - 1;
}

/* still the sign-in that was there when a fresh one was demanded */
static void
stale(struct scene *s)
{
	s->request.proofs.demanded = SIGNED_IN;
}

static void login_fresh(struct scene *s) { login(s); fresh(s); }
static void login_stale(struct scene *s) { login(s); stale(s); }
static void age_fresh(struct scene *s)	{ age_0(s); fresh(s); }
static void selects_fresh(struct scene *s) { selects(s); fresh(s); }
static void bob_fresh(struct scene *s)	{ bob(s); fresh(s); }

static void
proof(struct scene *s)
{
	s->request.proofs.user_id = s->session.user_id;
	s->request.proofs.consent = true;
	s->request.proofs.account = true;
}

static void
proof_other(struct scene *s)
{
	proof(s);
	s->request.proofs.user_id.bytes[0] = 2;
}

static void
proof_nobody(struct scene *s)
{
	proof(s);
	s->request.proofs.user_id.bytes[0] = 0;
	s->session.user_id.bytes[0] = 0;
}

static void selected(struct scene *s)	{ selects(s); proof(s); }
static void selected_2(struct scene *s)	{ selects(s); proof_other(s); }
static void selected_0(struct scene *s)	{ selects(s); proof_nobody(s); }
static void asked(struct scene *s)	{ asks(s); proof(s); }
static void asked_2(struct scene *s)	{ asks(s); proof_other(s); }
static void native_seen(struct scene *s) { native(s); proof(s); }
/* a proof is that the page was seen, not that the row is there */
static void unwritten(struct scene *s)	{ asks(s); proof(s); first(s); }

#define YES	OIDC_NEED_NOTHING
#define LOGIN	OIDC_NEED_LOGIN
#define ACCOUNT	OIDC_NEED_ACCOUNT
#define CONSENT	OIDC_NEED_CONSENT
#define ERROR	OIDC_NEED_ERROR

static const struct {
	const char	*name;
	void		(*change)(struct scene *);
	enum oidc_need	 want;
	enum oidc_error	 error;		/* when want is ERROR */
	enum oidc_error	 silent;	/* with prompt=none; OIDC_OK: passes */
} cases[] = {
	{ "all there", nothing, YES, 0, OIDC_OK },
	{ "nobody signed in", nobody, LOGIN, 0, OIDC_LOGIN_REQUIRED },
	{ "just young enough", age_100, YES, 0, OIDC_OK },
	{ "too old", age_99, LOGIN, 0, OIDC_LOGIN_REQUIRED },
	{ "max_age 0", age_0, LOGIN, 0, OIDC_LOGIN_REQUIRED },
	{ "max_age 0, signed in this second", age_0_now, LOGIN, 0,
	    OIDC_LOGIN_REQUIRED },
	{ "max_age 0, fresh", age_fresh, YES, 0, OIDC_OK },
	{ "prompt=login", login, LOGIN, 0, 0 },
	{ "prompt=login, fresh", login_fresh, YES, 0, 0 },
	{ "prompt=login, stale", login_stale, LOGIN, 0, 0 },
	{ "the one asked for", ada, YES, 0, OIDC_OK },
	{ "another one", bob, LOGIN, 0, OIDC_LOGIN_REQUIRED },
	{ "another one, fresh", bob_fresh, ERROR, OIDC_LOGIN_REQUIRED,
	    OIDC_LOGIN_REQUIRED },
	{ "cancelled", denied, ERROR, OIDC_ACCESS_DENIED,
	    OIDC_ACCESS_DENIED },
	{ "select_account", selects, ACCOUNT, 0, 0 },
	{ "selected", selected, YES, 0, 0 },
	{ "select_account, signed in anew", selects_fresh, YES, 0, 0 },
	{ "selected by another", selected_2, ACCOUNT, 0, 0 },
	{ "selected by nobody", selected_0, ACCOUNT, 0, 0 },
	{ "first time", first, CONSENT, 0, OIDC_CONSENT_REQUIRED },
	{ "trusted client", skipped, YES, 0, OIDC_OK },
	{ "new scope", email, CONSENT, 0, OIDC_CONSENT_REQUIRED },
	{ "new claim", claim, CONSENT, 0, OIDC_CONSENT_REQUIRED },
	{ "prompt=consent", asks, CONSENT, 0, 0 },
	{ "consented just now", asked, YES, 0, 0 },
	{ "another consented", asked_2, CONSENT, 0, 0 },
	{ "consent gone meanwhile", unwritten, CONSENT, 0, 0 },
	{ "native app", native, CONSENT, 0, OIDC_CONSENT_REQUIRED },
	{ "native app, trusted", native_skip, CONSENT, 0,
	    OIDC_CONSENT_REQUIRED },
	{ "native app, asked", native_seen, YES, 0, OIDC_OK },
	{ "loopback, with secret", native_secret, YES, 0, OIDC_OK },
};

static void
test_oidc_request_judge(void **state)
{
	enum oidc_error	error;
	enum oidc_need	need;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene	s = good;

		cases[i].change(&s);
		error = OIDC_OK;
		need = oidc_request_judge(&s.request, &s.client, &s.session,
		    NOW, &error);
		if (need != cases[i].want)
			fail_msg("case: %s: %d", cases[i].name, need);
		if (need == ERROR && error != cases[i].error)
			fail_msg("case: %s: error %d", cases[i].name, error);
	}
}

/* prompt=none never needs a page. */
static void
test_oidc_request_judge_silent(void **state)
{
	enum oidc_error	error;
	enum oidc_need	need;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene	s = good;

		cases[i].change(&s);
		if (s.request.prompt != 0)	/* none stands alone */
			continue;
		s.request.prompt = OIDC_PROMPT_NONE;
		error = OIDC_OK;
		need = oidc_request_judge(&s.request, &s.client, &s.session,
		    NOW, &error);
		if (error != cases[i].silent || need !=
		    (cases[i].silent == OIDC_OK ? YES : ERROR))
			fail_msg("case: %s: %d, %d", cases[i].name, need,
			    error);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oidc_request_judge),
		cmocka_unit_test(test_oidc_request_judge_silent),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
