/*
 * Sessions: what one may do.
 */

#include "account/account_session.h"

bool
account_session_limited(const struct account_session *session)
{
	return (base_uuid_empty(&session->passkey_id));
}
