/*
 * A coarse name of browser and system, out of a User-Agent header: "Firefox
 * on Linux".  For lists of sessions and the audit log; decides nothing.
 */
#ifndef PERMISO_ACCOUNT_DEVICE_H
#define PERMISO_ACCOUNT_DEVICE_H

#include "base/base_bytes.h"

#define ACCOUNT_DEVICE_MAX	48

/*
 * Words of ours only, never a piece of the header.  "" when nothing is known
 * of it.
 */
void	account_device_name(struct base_slice user_agent,
	    char out[ACCOUNT_DEVICE_MAX + 1]);

#endif /* !PERMISO_ACCOUNT_DEVICE_H */
