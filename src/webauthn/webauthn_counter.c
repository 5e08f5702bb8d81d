#include "webauthn/webauthn_counter.h"

enum webauthn_counter
webauthn_counter_check(uint32_t stored, uint32_t received,
    bool backup_eligible)
{
	if (stored == 0 && received == 0)
		return (WEBAUTHN_COUNTER_UNUSED);
	if (received > stored)
		return (WEBAUTHN_COUNTER_UP);
	return (backup_eligible ? WEBAUTHN_COUNTER_WARNING :
	    WEBAUTHN_COUNTER_REFUSED);
}

uint32_t
webauthn_counter_next(uint32_t stored, uint32_t received)
{
	return (received > stored ? received : stored);
}
