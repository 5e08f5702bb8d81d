/*
 * Whose address a request has: the socket's peer, or, when that peer is a
 * proxy we were told to trust, what the proxy says (TRUST_PROXY).
 */
#ifndef PERMISO_WEB_ADDRESS_H
#define PERMISO_WEB_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base_bytes.h"

#define WEB_ADDRESS_RULES_MAX	32
#define WEB_ADDRESS_NETWORK_LEN	16

struct web_address_rule {
	uint8_t		bytes[16];	/* IPv4 as ::ffff:a.b.c.d */
	uint8_t		bits;		/* of 128 */
};

struct web_address_rules {
	struct web_address_rule	rules[WEB_ADDRESS_RULES_MAX];
	size_t			count;
	bool			all;
	bool			any;	/* a peer without address (unix) too */
};

/*
 * Read TRUST_PROXY: "" (nobody), "all", or addresses and networks
 * ("10.0.0.0/8, ::1") divided by commas or spaces.  False when one is wrong.
 */
bool	web_address_parse(const char *text, struct web_address_rules *out);

/*
 * The address of the person: walks X-Forwarded-For from its end, over trusted
 * proxies, to the first that is not one.  "forwarded" empty: the peer.
 * Junk in the header stops the walk: the last good address counts.
 * "out" has "size" bytes, at least 46; "" when nothing is known.
 */
void	web_address_find(const struct web_address_rules *rules,
	    const char *peer, struct base_slice forwarded, char *out,
	    size_t size);

/*
 * Who an address stands for where requests are counted: an IPv4 address
 * itself, of IPv6 the /64, which is what one subscriber has.  False, and
 * nothing but zeroes, when it is nobody in particular: unknown, or this
 * machine's own (a proxy that we were not told of has that one).
 */
bool	web_address_network(const char *address,
	    uint8_t out[WEB_ADDRESS_NETWORK_LEN]);

/* The same as text: "192.0.2.1", "2001:db8:0:7::/64"; nobody in particular
 * as it is given.  "out" has "size" bytes, at least 46. */
void	web_address_group(const char *address, char *out, size_t size);

#endif /* !PERMISO_WEB_ADDRESS_H */
