/*
 * When a child that ended is started again.  Rules only: no clock, no fork.
 */
#ifndef PERMISO_SUPERVISOR_BACKOFF_H
#define PERMISO_SUPERVISOR_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#define SUPERVISOR_BACKOFF_FIRST	100	/* ms */
#define SUPERVISOR_BACKOFF_MOST		30000	/* ms */
/* A child that lived so long was well: its failures are forgotten. */
#define SUPERVISOR_BACKOFF_STEADY	10000	/* ms */
/* A child that was never well is given up after so many failures in a row. */
#define SUPERVISOR_BACKOFF_TRIES	6

struct supervisor_backoff {
	unsigned	failures;	/* in a row */
	bool		steady;		/* has once lived STEADY ms */
};

/*
 * A child ended after "lived" ms with the status of wait(2).  True: start it
 * again after "*delay" ms.  False: it cannot work as things are; "*delay" is
 * untouched.  EX_CONFIG and EX_USAGE are given up at once, for a settings
 * mistake does not go away by trying.
 */
bool	supervisor_backoff_again(struct supervisor_backoff *backoff,
	    int64_t lived, int status, int64_t *delay);

#endif /* !PERMISO_SUPERVISOR_BACKOFF_H */
