/*
 * Client data (section 5.8.1): what the browser says it did, for whom.
 */
#ifndef PERMISO_WEBAUTHN_CLIENT_DATA_H
#define PERMISO_WEBAUTHN_CLIENT_DATA_H

#include "base/base_bytes.h"
#include "webauthn/webauthn.h"
#include "webauthn/webauthn_verdict.h"

#define WEBAUTHN_CLIENT_DATA_CREATE	"webauthn.create"
#define WEBAUTHN_CLIENT_DATA_GET	"webauthn.get"

/*
 * R5-R11; A8-A14.  "type" is one of the two above.  A leading byte-order mark
 * is stripped; unknown members are ignored, repeated ones refused; the origin
 * must be one of ours byte for byte; a page in a foreign frame (crossOrigin,
 * topOrigin) is refused.
 */
enum webauthn_verdict	webauthn_client_data_check(struct base_slice bytes,
			    const char *type,
			    const struct webauthn_expect *expect);

#endif /* !PERMISO_WEBAUTHN_CLIENT_DATA_H */
