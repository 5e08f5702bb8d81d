/*
 * Clocks.  Seconds since 1970 for what protocols say, milliseconds of a
 * monotonic clock for deadlines.  Tests link tests/support/fake_clock.c
 * in place of base_clock.c.
 */
#ifndef PERMISO_BASE_CLOCK_H
#define PERMISO_BASE_CLOCK_H

#include <stdint.h>

int64_t	base_clock_seconds(void);	/* wall, seconds since 1970 */
int64_t	base_clock_milliseconds(void);	/* wall, milliseconds since 1970 */
int64_t	base_clock_monotonic(void);	/* milliseconds, never goes back */

#endif /* !PERMISO_BASE_CLOCK_H */
