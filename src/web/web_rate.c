#include "web/web_rate.h"

#include <sys/mman.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/base_bytes.h"
#include "base/base_hash.h"
#include "base/base_random.h"

#define TIME_BITS	36		/* ms: two years, then over again */
#define TIME_MASK	((UINT64_C(1) << TIME_BITS) - 1)
#define LONGEST		(4 * 3600 * 1000)	/* ms a bucket needs to fill */
#define TRIES		64		/* against other workers */

struct web_rate {
	uint8_t			 secret[BASE_SHA256_LEN];
	_Atomic uint64_t	 rows[WEB_RATE_ROWS][WEB_RATE_PLACES];
};

/* Where a key's bucket is or would be, and what stands there. */
struct place {
	_Atomic uint64_t	*at;
	uint64_t		 word;
	int64_t			 debt;	/* ms until it is full; 0: full */
};

struct web_rate *
web_rate_open(void)
{
	struct web_rate	*rate;

	rate = mmap(NULL, sizeof(*rate), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rate == MAP_FAILED)
		return (NULL);

	base_random_bytes(rate->secret, sizeof(rate->secret));
	return (rate);
}

void
web_rate_close(struct web_rate *rate)
{
	if (rate != NULL)
		(void)munmap(rate, sizeof(*rate));
}

/* Times go round: what lies further ahead than any debt lies behind us. */
static int64_t
word_debt(uint64_t word, int64_t now)
{
	uint64_t	ahead = ((word & TIME_MASK) - (uint64_t)now) &
			    TIME_MASK;

	return (ahead <= LONGEST ? (int64_t)ahead : 0);
}

/* The bucket with this mark, or else the one nearest to full. */
static struct place
place_find(_Atomic uint64_t *row, uint64_t mark, int64_t now)
{
	struct place	best = { .debt = INT64_MAX };

	for (size_t i = 0; i < WEB_RATE_PLACES; i++) {
		uint64_t	word = atomic_load(&row[i]);
		int64_t		debt = word_debt(word, now);

		if (word >> TIME_BITS == mark)
			return ((struct place){ &row[i], word, debt });
		if (debt < best.debt)
			best = (struct place){ &row[i], word, debt };
	}

	best.debt = 0;	/* that was another's */
	return (best);
}

static int64_t
rate_ask(struct web_rate *rate, const void *key, size_t len,
    const struct web_rate_rule *rule, int64_t now, bool count)
{
	struct place	 place;
	uint8_t		 digest[BASE_SHA256_LEN];
	uint64_t	 mark, next, row;
	int64_t		 wait;

	base_hash_hmac(rate->secret, sizeof(rate->secret), key, len, digest);
	memcpy(&row, digest, sizeof(row));
	memcpy(&mark, digest + sizeof(row), sizeof(mark));
	mark >>= TIME_BITS;

	for (int i = 0; i < TRIES; i++) {
		place = place_find(rate->rows[row % WEB_RATE_ROWS], mark, now);
		/* more than there is to fill: two years old */
		if (place.debt > rule->burst * rule->every)
			place.debt = 0;
		wait = place.debt - (rule->burst - 1) * rule->every;
		if (wait > 0)
			return (wait);
		if (!count)
			return (0);
		next = mark << TIME_BITS |
		    ((uint64_t)(now + place.debt + rule->every) & TIME_MASK);
		if (atomic_compare_exchange_strong(place.at, &place.word,
		    next))
			return (0);
	}

	return (0);
}

int64_t
web_rate_take(struct web_rate *rate, const void *key, size_t len,
    const struct web_rate_rule *rule, int64_t now)
{
	return (rate_ask(rate, key, len, rule, now, true));
}

int64_t
web_rate_look(struct web_rate *rate, const void *key, size_t len,
    const struct web_rate_rule *rule, int64_t now)
{
	return (rate_ask(rate, key, len, rule, now, false));
}
