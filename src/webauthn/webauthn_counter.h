/*
 * Signature counters (section 6.1.1): did a copy of this key sign?
 *
 * Most passkeys say zero for ever.  One that has counted and does not go up,
 * a fall to zero too, may have been copied: refused for a key that cannot be
 * backed up; accepted with a warning for one that may be synced, whose
 * devices need not agree.
 */
#ifndef PERMISO_WEBAUTHN_COUNTER_H
#define PERMISO_WEBAUTHN_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

enum webauthn_counter {
	WEBAUTHN_COUNTER_UNUSED,	/* both zero */
	WEBAUTHN_COUNTER_UP,
	WEBAUTHN_COUNTER_WARNING,	/* went back; let in, tell somebody */
	WEBAUTHN_COUNTER_REFUSED	/* went back; a copy, as it seems */
};

enum webauthn_counter	webauthn_counter_check(uint32_t stored,
			    uint32_t received, bool backup_eligible);

/* What to store: the received count, or the stored one when that is more. */
uint32_t		webauthn_counter_next(uint32_t stored,
			    uint32_t received);

#endif /* !PERMISO_WEBAUTHN_COUNTER_H */
