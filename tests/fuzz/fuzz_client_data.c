/*
 * Client data, for both ceremonies.  Whatever passes holds the challenge and
 * the origin in so many letters.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "webauthn/webauthn_client_data.h"

#define ORIGIN	"http://localhost:1812"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t		challenge[4] = { 1, 2, 3, 4 };
	const struct base_slice		bytes = { data, size };
	const struct base_slice		origin = {
		(const uint8_t *)ORIGIN, sizeof(ORIGIN) - 1
	};
	const struct webauthn_expect	expect = {
		{ challenge, sizeof(challenge) }, "localhost", &origin, 1, true
	};
	int				passed = 0;

	passed += webauthn_client_data_check(bytes,
	    WEBAUTHN_CLIENT_DATA_CREATE, &expect) == WEBAUTHN_OK;
	passed += webauthn_client_data_check(bytes,
	    WEBAUTHN_CLIENT_DATA_GET, &expect) == WEBAUTHN_OK;
	if (passed > 1)
		abort();
	/* letters may be written as \u escapes, but not fewer of them */
	if (passed == 1 && (size < sizeof(ORIGIN) + 6 ||
	    memmem(data, size, ":", 1) == NULL))
		abort();
	return (0);
}
