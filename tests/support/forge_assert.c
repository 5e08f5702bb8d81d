#include "support/forge_assert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MARK	0x5a

static bool
untouched(const void *data, size_t len)
{
	const uint8_t	*p = data;

	for (size_t i = 0; i < len; i++) {
		if (p[i] != MARK)
			return (false);
	}
	return (true);
}

static void
judge(const char *name, enum webauthn_verdict got, enum webauthn_verdict want,
    bool kept)
{
	if (got != want)
		fail_msg("%s: %s, not %s", name, webauthn_verdict_name(got),
		    webauthn_verdict_name(want));
	if (want != WEBAUTHN_OK && !kept)
		fail_msg("%s: refused, but the output was written", name);
}

void
forge_assert_register(struct forge *forge, const char *name,
    enum webauthn_verdict want)
{
	struct webauthn_credential	out;
	enum webauthn_verdict		got;

	memset(&out, MARK, sizeof(out));
	got = forge_register(forge, &out);
	forge_clear(forge);
	judge(name, got, want, untouched(&out, sizeof(out)));
}

void
forge_assert_authenticate(struct forge *forge, const char *name,
    enum webauthn_verdict want)
{
	struct webauthn_assertion	out;
	enum webauthn_verdict		got;

	memset(&out, MARK, sizeof(out));
	got = forge_authenticate(forge, &out);
	forge_clear(forge);
	judge(name, got, want, untouched(&out, sizeof(out)));
}
