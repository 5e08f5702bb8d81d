/*
 * The administrator who acts.
 */

#include "store/store_actor.h"

#include "base/base_bytes.h"

static const struct {
	const char			*word;
	enum store_actor_verdict	 verdict;
} words[] = {
	{ "disabled",		STORE_ACTOR_DISABLED },
	{ "email",		STORE_ACTOR_EMAIL },
	{ "missing",		STORE_ACTOR_MISSING },
	{ "nobody",		STORE_ACTOR_NOBODY },
	{ "ok",			STORE_ACTOR_OK },
	{ "own",		STORE_ACTOR_OWN },
	{ "stale",		STORE_ACTOR_STALE },
	{ "unchanged",		STORE_ACTOR_UNCHANGED },
	{ "unconfirmed",	STORE_ACTOR_UNCONFIRMED },
	{ "unmailed",		STORE_ACTOR_UNMAILED },
	{ "username",		STORE_ACTOR_USERNAME },
};

void
store_actor(struct store_call *call, const struct store_actor *actor)
{
	store_bytes(call, actor->cookie_digest, sizeof(actor->cookie_digest));
	store_int(call, actor->fresh_seconds);
	store_place(call, actor->place);
}

enum store_actor_verdict
store_actor_verdict(const struct store_result *result)
{
	struct base_slice	cell;
	enum store_status	status = store_result_status(result);

	/* The two rules that the tables keep by themselves. */
	if (status == STORE_REFUSED)
		return (STORE_ACTOR_LAST);
	if (status == STORE_CONFLICT)
		return (STORE_ACTOR_TAKEN);
	if (status != STORE_OK || !store_cell_slice(result, 0, 0, &cell))
		return (STORE_ACTOR_FAILED);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (base_bytes_is(cell, words[i].word))
			return (words[i].verdict);
	}

	return (STORE_ACTOR_FAILED);
}
