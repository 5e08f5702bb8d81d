#include "base/base_clock.h"

#include <time.h>

static int64_t
clock_read(clockid_t clock)
{
	struct timespec	ts;

	/* Fails only for a clock that does not exist. */
	(void)clock_gettime(clock, &ts);

	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

int64_t
base_clock_seconds(void)
{
	return (base_clock_milliseconds() / 1000);
}

int64_t
base_clock_milliseconds(void)
{
	return (clock_read(CLOCK_REALTIME));
}

int64_t
base_clock_monotonic(void)
{
	return (clock_read(CLOCK_MONOTONIC));
}
