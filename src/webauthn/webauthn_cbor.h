/*
 * CBOR as authenticators must write it (CTAP2 canonical form, RFC 8949),
 * taken an item at a time out of bytes that are never copied.
 *
 * libcbor's stream decoder finds the tokens; the rules are ours: definite
 * lengths, shortest heads, no tags, floats, null or other simple values, map
 * keys that are integers or text and unique, text that is UTF-8, nesting of
 * at most WEBAUTHN_CBOR_DEPTH_MAX.  Unsorted keys are taken: real COSE keys
 * have them, and position decides nothing.
 *
 * Nothing is allocated, and a claimed length costs nothing: it is compared
 * with the bytes that are left.
 */
#ifndef PERMISO_WEBAUTHN_CBOR_H
#define PERMISO_WEBAUTHN_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_bytes.h"

#define WEBAUTHN_CBOR_DEPTH_MAX	6
#define WEBAUTHN_CBOR_PAIRS_MAX	32	/* of one map; a COSE key has 5 */

enum webauthn_cbor_type {
	WEBAUTHN_CBOR_NOTHING,		/* no item, or none we take */
	WEBAUTHN_CBOR_INTEGER,
	WEBAUTHN_CBOR_BYTES,
	WEBAUTHN_CBOR_TEXT,
	WEBAUTHN_CBOR_BOOLEAN,
	WEBAUTHN_CBOR_ARRAY,
	WEBAUTHN_CBOR_MAP
};

/* What is still to be read.  Copy it to look ahead. */
struct webauthn_cbor {
	struct base_slice	left;
};

struct webauthn_cbor_item {
	enum webauthn_cbor_type	type;
	int64_t			integer;
	bool			boolean;
	struct base_slice	string;	/* of bytes and text */
	size_t			count;	/* elements, or pairs */
	struct webauthn_cbor	inside;	/* what follows the container's head */
	struct base_slice	whole;	/* the item as it was encoded */
};

struct webauthn_cbor	webauthn_cbor_over(struct base_slice bytes);

/*
 * Take the next item, a container with everything in it, checked to the last
 * byte.  False, cursor and *item untouched, at the end and for anything that
 * breaks a rule above.
 */
bool	webauthn_cbor_take(struct webauthn_cbor *cursor,
	    struct webauthn_cbor_item *item);

/* Take an item of this type or nothing. */
bool	webauthn_cbor_expect(struct webauthn_cbor *cursor,
	    enum webauthn_cbor_type type, struct webauthn_cbor_item *item);

/* Nothing is left. */
bool	webauthn_cbor_done(const struct webauthn_cbor *cursor);

/* Is this item that text? */
bool	webauthn_cbor_text(const struct webauthn_cbor_item *item,
	    const char *text);

#endif /* !PERMISO_WEBAUTHN_CBOR_H */
