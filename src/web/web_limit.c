#include "web/web_limit.h"

#include <stdio.h>
#include <string.h>

#include "base/base_clock.h"
#include "oidc/oidc.h"
#include "web/web_batch.h"
#include "web/web_engine.h"
#include "web/web_page.h"
#include "web/web_rate.h"

#define MINUTE		60000	/* ms */
#define LOG_EVERY	1000	/* ms between two lines about it */
#define WHAT_MAX	(OIDC_CLIENT_ID_MAX + 1)

struct rule {
	const char		*name;
	struct web_rate_rule	 rate;
};

static const struct rule	rules[WEB_LIMIT_COUNT] = {
	[WEB_LIMIT_AUTHORIZE] = { "authorize", { MINUTE / 120, 120 } },
	[WEB_LIMIT_OPTIONS] = { "options", { MINUTE / 30, 30 } },
	[WEB_LIMIT_VERIFY] = { "verify", { MINUTE / 20, 10 } },
	[WEB_LIMIT_LINK] = { "link", { MINUTE / 10, 10 } },
	[WEB_LIMIT_SETUP] = { "setup", { MINUTE / 10, 10 } },
	[WEB_LIMIT_TOKEN] = { "token", { MINUTE / 600, 600 } },
	[WEB_LIMIT_CLIENT] = { "client", { MINUTE / 30, 30 } },
};

/* What a bucket is for; compared as bytes, so it has no holes. */
struct key {
	uint8_t	network[WEB_ADDRESS_NETWORK_LEN];
	char	kind;
	char	what[WHAT_MAX];
};

static struct web_rate	*shared;
static unsigned		 percent = 100;

bool
web_limit_open(const struct base_config *config)
{
	percent = config->rate_limit_percent;
	if (percent == 0 || shared != NULL)
		return (true);
	if ((shared = web_rate_open()) != NULL)
		return (true);

	base_log(BASE_LOG_ERROR, "web", "no_memory_for_limits");
	return (false);
}

/* The rule as RATE_LIMIT_PERCENT makes it. */
static struct web_rate_rule
rule_scaled(enum web_limit_kind kind)
{
	struct web_rate_rule	rule = rules[kind].rate;

	rule.every = rule.every * 100 / percent;
	rule.burst = rule.burst * percent / 100;
	if (rule.every < 1)
		rule.every = 1;
	if (rule.burst < 1)
		rule.burst = 1;
	return (rule);
}

static bool
limit_ask(struct web_exchange *x, enum web_limit_kind kind, const char *what,
    bool count)
{
	struct key		key = { .kind = (char)kind };
	struct web_rate_rule	rule;
	int64_t			now = base_clock_monotonic();

	if (kind == WEB_LIMIT_NONE || percent == 0 || shared == NULL)
		return (true);
	if (!web_address_network(x->address, key.network))
		return (true);

	if (what != NULL)
		(void)snprintf(key.what, sizeof(key.what), "%s", what);
	rule = rule_scaled(kind);
	x->limited = count ?
	    web_rate_take(shared, &key, sizeof(key), &rule, now) :
	    web_rate_look(shared, &key, sizeof(key), &rule, now);
	if (x->limited == 0)
		return (true);

	x->limit = kind;
	return (false);
}

bool
web_limit_take(struct web_exchange *x, enum web_limit_kind kind,
    const char *what)
{
	return (limit_ask(x, kind, what, true));
}

bool
web_limit_look(struct web_exchange *x, enum web_limit_kind kind,
    const char *what)
{
	return (limit_ask(x, kind, what, false));
}

/* A flood must not flood the log: one line a second says how many. */
static void
refused_log(const struct web_exchange *x)
{
	static int64_t	said = -LOG_EVERY, count;
	int64_t		now = base_clock_monotonic();

	count++;
	if (now - said < LOG_EVERY)
		return;

	base_log(BASE_LOG_WARNING, "web", "too_many",
	    base_log_text("limit", rules[x->limit].name),
	    base_log_text("address", x->address),
	    base_log_number("refused", count));
	said = now;
	count = 0;
}

int64_t
web_limit_refused(struct web_exchange *x)
{
	int64_t	seconds = (x->limited + 999) / 1000;

	refused_log(x);
	web_batch_limit(x, rules[x->limit].name);
	web_reply_header(x, "retry-after", base_arena_format(&x->arena,
	    "%lld", (long long)seconds));
	return (seconds);
}

struct web_next
web_limit_refuse(struct web_exchange *x)
{
	int64_t	seconds = web_limit_refused(x);

	if (web_takes_html(x))
		return (web_page_limited(x, seconds));

	return (web_error(x, 429, "rate"));
}
