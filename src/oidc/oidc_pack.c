/*
 * Bytes of sealed values: see oidc_pack.h.
 */

#include "oidc/oidc_pack.h"

#include <string.h>

struct oidc_pack
oidc_pack_writer(void *out, size_t size)
{
	struct oidc_pack	pack = { .out = out, .size = size };

	return (pack);
}

struct oidc_pack
oidc_pack_reader(const void *in, size_t len)
{
	struct oidc_pack	pack = { .in = in, .size = len };

	return (pack);
}

static bool
pack_room(struct oidc_pack *pack, size_t len)
{
	if (pack->failed || len > pack->size - pack->len)
		pack->failed = true;

	return (!pack->failed);
}

void
oidc_pack_number(struct oidc_pack *pack, uint64_t value, size_t bytes)
{
	if (bytes < sizeof(value) && value >> (8 * bytes) != 0)
		pack->failed = true;
	if (!pack_room(pack, bytes))
		return;

	for (size_t i = bytes; i > 0; i--)
		pack->out[pack->len++] = (uint8_t)(value >> (8 * (i - 1)));
}

void
oidc_pack_bytes(struct oidc_pack *pack, const void *data, size_t len)
{
	if (!pack_room(pack, len))
		return;

	memcpy(pack->out + pack->len, data, len);
	pack->len += len;
}

void
oidc_pack_text(struct oidc_pack *pack, const char *text)
{
	size_t	len = strlen(text);

	oidc_pack_number(pack, len, 2);
	oidc_pack_bytes(pack, text, len);
}

uint64_t
oidc_pack_get_number(struct oidc_pack *pack, size_t bytes)
{
	uint64_t	value = 0;

	if (!pack_room(pack, bytes))
		return (0);

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | pack->in[pack->len++];

	return (value);
}

void
oidc_pack_get_bytes(struct oidc_pack *pack, void *out, size_t len)
{
	if (!pack_room(pack, len))
		return;

	memcpy(out, pack->in + pack->len, len);
	pack->len += len;
}

void
oidc_pack_get_text(struct oidc_pack *pack, char *out, size_t size)
{
	size_t	len = oidc_pack_get_number(pack, 2);

	if (len >= size)
		pack->failed = true;
	if (!pack_room(pack, len))
		return;

	memcpy(out, pack->in + pack->len, len);
	out[len] = '\0';
	pack->len += len;
}

bool
oidc_pack_finish(const struct oidc_pack *pack)
{
	if (pack->failed)
		return (false);

	return (pack->out != NULL || pack->len == pack->size);
}
