/*
 * The CBOR reader.  What it takes, libcbor's own parser must take too, to the
 * same end, and write back as the same bytes: there is one canonical form.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cbor.h>

#include "webauthn/webauthn_attestation.h"
#include "webauthn/webauthn_cbor.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Only for bytes our reader has judged: it allocates what is claimed. */
static void
compare(struct base_slice whole)
{
	struct cbor_load_result	 result;
	cbor_item_t		*item;
	unsigned char		*written = NULL;
	size_t			 size, len;

	item = cbor_load(whole.data, whole.len, &result);
	if (item == NULL || result.read != whole.len)
		abort();
	len = cbor_serialize_alloc(item, &written, &size);
	if (len != whole.len || memcmp(written, whole.data, len) != 0)
		abort();
	free(written);
	cbor_decref(&item);
}

/* Every item inside is inside, and together they are all of it. */
static void
walk(const struct webauthn_cbor_item *item)
{
	struct webauthn_cbor		inside = item->inside;
	struct webauthn_cbor_item	inner;
	size_t				count = 0;

	while (webauthn_cbor_take(&inside, &inner)) {
		if (inner.whole.data < item->whole.data ||
		    inner.whole.data + inner.whole.len >
		    item->whole.data + item->whole.len)
			abort();
		walk(&inner);
		count++;
	}
	if (!webauthn_cbor_done(&inside) || count != item->count *
	    (item->type == WEBAUTHN_CBOR_MAP ? 2 : 1))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct webauthn_attestation_object	object;
	struct webauthn_cbor_item		item;
	struct webauthn_cbor			cursor;
	const struct base_slice			bytes = { data, size };

	cursor = webauthn_cbor_over(bytes);
	if (webauthn_cbor_take(&cursor, &item)) {
		compare(item.whole);
		if (item.type == WEBAUTHN_CBOR_ARRAY ||
		    item.type == WEBAUTHN_CBOR_MAP)
			walk(&item);
	}
	(void)webauthn_attestation_decode(bytes, &object);
	return (0);
}
