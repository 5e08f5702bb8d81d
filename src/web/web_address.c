/*
 * Trusted proxies and X-Forwarded-For.
 */

#include "web/web_address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_bytes.h"

static const uint8_t	mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

/* Text to 16 bytes, IPv4 as mapped; *full is the width of its family. */
static bool
address_bytes(const char *text, uint8_t out[16], unsigned int *full)
{
	if (inet_pton(AF_INET6, text, out) == 1) {
		*full = 128;
		return (true);
	}

	if (inet_pton(AF_INET, text, out + sizeof(mapped)) == 1) {
		memcpy(out, mapped, sizeof(mapped));
		*full = 32;
		return (true);
	}

	return (false);
}

static bool
rule_parse(const char *text, struct web_address_rule *out)
{
	char			 host[64], *slash, *end;
	struct web_address_rule	 rule = { 0 };
	unsigned int		 full = 0;
	unsigned long		 bits;

	if (!base_bytes_text_copy(host, sizeof(host), text, strlen(text)))
		return (false);

	if ((slash = strchr(host, '/')) != NULL)
		*slash++ = '\0';

	if (!address_bytes(host, rule.bytes, &full))
		return (false);

	bits = full;
	if (slash != NULL) {
		if (*slash < '0' || *slash > '9')
			return (false);
		bits = strtoul(slash, &end, 10);
		if (*end != '\0' || bits > full)
			return (false);
	}

	rule.bits = (uint8_t)(128 - full + bits);
	*out = rule;
	return (true);
}

bool
web_address_parse(const char *text, struct web_address_rules *out)
{
	char				 word[64];
	size_t				 len;
	struct web_address_rules	 rules = { 0 };

	for (text += strspn(text, ", "); *text != '\0';
	    text += strspn(text, ", ")) {
		len = strcspn(text, ", ");
		if (rules.count == WEB_ADDRESS_RULES_MAX ||
		    !base_bytes_text_copy(word, sizeof(word), text, len))
			return (false);

		rules.any = true;
		if (strcmp(word, "all") == 0)
			rules.all = true;
		else if (!rule_parse(word, &rules.rules[rules.count++]))
			return (false);
		text += len;
	}

	*out = rules;
	return (true);
}

static bool
rule_match(const struct web_address_rule *rule, const uint8_t address[16])
{
	size_t	whole = rule->bits / 8;
	int	rest = rule->bits % 8;

	if (!base_bytes_equal(rule->bytes, whole, address, whole))
		return (false);
	if (rest == 0)
		return (true);

	return (((rule->bytes[whole] ^ address[whole]) >> (8 - rest)) == 0);
}

/* A peer on a unix socket ("") is the proxy, when any proxy is trusted. */
static bool
trusted(const struct web_address_rules *rules, const char *address)
{
	uint8_t		bytes[16];
	unsigned int	full;

	if (rules->all || *address == '\0')
		return (rules->any);
	if (!address_bytes(address, bytes, &full))
		return (false);

	for (size_t i = 0; i < rules->count; i++) {
		if (rule_match(&rules->rules[i], bytes))
			return (true);
	}

	return (false);
}

/* Take the last element off a comma list, without blanks and brackets. */
static struct base_slice
last_element(struct base_slice *list)
{
	size_t			 at = list->len;
	struct base_slice	 item;

	while (at > 0 && list->data[at - 1] != ',')
		at--;

	item.data = list->data + at;
	item.len = list->len - at;
	list->len = at > 0 ? at - 1 : 0;

	while (item.len > 0 && (item.data[0] == ' ' || item.data[0] == '[')) {
		item.data++;
		item.len--;
	}
	while (item.len > 0 && (item.data[item.len - 1] == ' ' ||
	    item.data[item.len - 1] == ']'))
		item.len--;

	return (item);
}

void
web_address_find(const struct web_address_rules *rules, const char *peer,
    struct base_slice forwarded, char *out, size_t size)
{
	char			 hop[64], good[64];
	uint8_t			 bytes[16];
	unsigned int		 full;
	struct base_slice	 item;

	if (!base_bytes_text_copy(good, sizeof(good), peer, strlen(peer)))
		good[0] = '\0';

	while (forwarded.len > 0 && trusted(rules, good)) {
		item = last_element(&forwarded);
		if (!base_bytes_text_copy(hop, sizeof(hop), item.data,
		    item.len) || !address_bytes(hop, bytes, &full))
			break;
		memcpy(good, hop, sizeof(good));
	}

	if (!base_bytes_text_copy(out, size, good, strlen(good)))
		out[0] = '\0';
}

/* 127.0.0.0/8, ::1 */
static bool
loopback(const uint8_t bytes[16])
{
	static const uint8_t	one[16] = { [15] = 1 };

	if (base_bytes_equal(bytes, sizeof(mapped), mapped, sizeof(mapped)))
		return (bytes[sizeof(mapped)] == 127);

	return (base_bytes_equal(bytes, sizeof(one), one, sizeof(one)));
}

bool
web_address_network(const char *address, uint8_t out[WEB_ADDRESS_NETWORK_LEN])
{
	uint8_t		bytes[16];
	unsigned int	full;

	memset(out, 0, WEB_ADDRESS_NETWORK_LEN);
	if (!address_bytes(address, bytes, &full) || loopback(bytes))
		return (false);

	/* ::ffff:192.0.2.1 is an IPv4 address, however it was written. */
	if (base_bytes_equal(bytes, sizeof(mapped), mapped, sizeof(mapped)))
		memcpy(out, bytes, sizeof(bytes));
	else
		memcpy(out, bytes, sizeof(bytes) / 2);
	return (true);
}

void
web_address_group(const char *address, char *out, size_t size)
{
	uint8_t	network[WEB_ADDRESS_NETWORK_LEN];
	char	text[INET6_ADDRSTRLEN];

	if (web_address_network(address, network) &&
	    !base_bytes_equal(network, sizeof(mapped), mapped,
	    sizeof(mapped)) &&
	    inet_ntop(AF_INET6, network, text, sizeof(text)) != NULL)
		(void)snprintf(out, size, "%s/64", text);
	else
		(void)snprintf(out, size, "%s", address);
}
