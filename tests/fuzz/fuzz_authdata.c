/*
 * Authenticator data, and the key in it.  What is taken lies inside the
 * input; a key that passes loads, and is written in one way only.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "webauthn/webauthn_authdata.h"
#include "webauthn/webauthn_cose.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(struct base_slice part, const uint8_t *data, size_t size)
{
	if (part.len > 0 && (part.data < data ||
	    part.data + part.len > data + size))
		abort();
}

static void
load(struct base_slice cose)
{
	struct webauthn_cose	 key;
	uint8_t			 spki[WEBAUTHN_SPKI_MAX];
	const uint8_t		*p = spki;
	EVP_PKEY		*loaded;
	size_t			 len;

	if (webauthn_cose_parse(cose, &key) != WEBAUTHN_OK ||
	    webauthn_cose_spki(&key, spki, &len) != WEBAUTHN_OK)
		return;
	loaded = d2i_PUBKEY(NULL, &p, (long)len);
	if (loaded == NULL || p != spki + len)
		abort();
	EVP_PKEY_free(loaded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct webauthn_authdata	out;
	const struct base_slice		bytes = { data, size };

	if (webauthn_authdata_decode(bytes, &out) == WEBAUTHN_OK) {
		inside(out.credential_id, data, size);
		inside(out.cose, data, size);
		if (out.attested != (out.credential_id.len > 0))
			abort();
		load(out.cose);
	}
	load(bytes);
	return (0);
}
