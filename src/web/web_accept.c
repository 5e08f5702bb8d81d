/*
 * Lists of wishes with weights.
 */

#include "web/web_accept.h"

static bool
blank(uint8_t c)
{
	return (c == ' ' || c == '\t');
}

struct base_slice
web_accept_item(struct base_slice *list, char end)
{
	size_t			len = 0;
	struct base_slice	item;

	while (len < list->len && list->data[len] != (uint8_t)end)
		len++;
	item = (struct base_slice){ list->data, len };
	if (len < list->len)
		len++;
	list->data += len;
	list->len -= len;

	while (item.len > 0 && blank(item.data[0])) {
		item.data++;
		item.len--;
	}
	while (item.len > 0 && blank(item.data[item.len - 1]))
		item.len--;

	return (item);
}

/* "q=0.8" and at most three digits. */
static unsigned int
weight_parse(struct base_slice text)
{
	unsigned int	value, scale = 100;

	if (text.len == 0)
		return (1000);
	if (text.len < 3 || text.len > 7 || (text.data[0] | 0x20) != 'q' ||
	    text.data[1] != '=' || (text.data[2] != '0' &&
	    text.data[2] != '1') || (text.len > 3 && text.data[3] != '.'))
		return (0);

	value = (unsigned int)(text.data[2] - '0') * 1000;
	for (size_t i = 4; i < text.len; i++, scale /= 10) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return (0);
		value += (unsigned int)(text.data[i] - '0') * scale;
	}

	return (value > 1000 ? 0 : value);
}

bool
web_accept_next(struct base_slice *list, struct base_slice *wish,
    unsigned int *weight)
{
	struct base_slice	item;

	if (list->len == 0)
		return (false);

	item = web_accept_item(list, ',');
	*wish = web_accept_item(&item, ';');
	*weight = weight_parse(web_accept_item(&item, ';'));
	return (true);
}

unsigned int
web_accept_weight(struct base_slice list, const char *name)
{
	unsigned int		weight, found = 0;
	struct base_slice	wish;

	for (size_t i = 0; i < WEB_ACCEPT_WISHES_MAX &&
	    web_accept_next(&list, &wish, &weight); i++) {
		if (base_bytes_is(wish, name))
			return (weight);
		if (base_bytes_is(wish, "*"))
			found = weight;
	}

	return (found);
}
