/*
 * Which URIs answer.  Whatever passes is byte for byte a registered one, or
 * differs from a loopback one in nothing but its port; and whatever may be
 * registered has no room for a trick.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_arena.h"
#include "oidc/oidc_client.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const	registered[] = {
	"https://rp.example/cb?a=1",
	"http://127.0.0.1:8000/cb",
	"http://[::1]/cb",
	"com.example.app:/cb",
	NULL
};

/* "uri" without the port of one of the two addresses. */
static void
without_port(const char *uri, char *out)
{
	size_t	host = strncmp(uri, "http://[::1]", 12) == 0 ? 12 : 16;
	size_t	digits;

	memcpy(out, uri, host);
	uri += host;
	if (*uri == ':') {
		digits = strspn(uri + 1, "0123456789");
		if (digits == 0 || digits > 5)
			abort();
		uri += 1 + digits;
	}
	memcpy(out + host, uri, strlen(uri) + 1);
}

static void
check_match(const char *uri, char *scratch)
{
	if (strcmp(uri, registered[0]) == 0 ||
	    strcmp(uri, registered[3]) == 0)
		return;
	if (strncmp(uri, "http://127.0.0.1", 16) != 0 &&
	    strncmp(uri, "http://[::1]", 12) != 0)
		abort();
	without_port(uri, scratch);
	if (strcmp(scratch, "http://127.0.0.1/cb") != 0 &&
	    strcmp(scratch, "http://[::1]/cb") != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oidc_client	client = { .redirect_uris = registered };
	struct base_arena	arena;
	char			*uri, *scratch;
	bool			 exact = false;

	base_arena_init(&arena);
	uri = base_arena_text(&arena, data, size);
	scratch = base_arena_new(&arena, size + 32);
	for (size_t i = 0; registered[i] != NULL; i++)
		exact = exact || strcmp(registered[i], uri) == 0;

	if (oidc_client_redirect_valid(&client, uri) != exact)
		abort();
	client.native = true;
	if (oidc_client_redirect_valid(&client, uri))
		check_match(uri, scratch);
	if (oidc_client_uri_valid(uri, true) &&
	    (strlen(uri) > OIDC_URI_MAX || strpbrk(uri, "#\\* \"<>") != NULL))
		abort();
	if (oidc_client_uri_valid(uri, false) &&
	    strncmp(uri, "https://", 8) != 0 &&
	    strncmp(uri, "http://", 7) != 0)
		abort();
	base_arena_clear(&arena);
	return (0);
}
