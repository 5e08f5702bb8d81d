/*
 * Which language a person reads.
 */

#include <string.h>
#include <strings.h>

#include "web/web_accept.h"
#include "web/web_message.h"

#define TAG_MAX		35	/* RFC 5646 4.4.1 */

/* Tags that a prefix does not lead to the language they mean. */
static const struct {
	const char	*wish;
	const char	*tag;
} aliases[] = {
	{ "no", "nb" }, { "nn", "nb" },
	{ "zh-cn", "zh-Hans" }, { "zh-sg", "zh-Hans" },
	{ "zh-hk", "zh-Hant" }, { "zh-mo", "zh-Hant" },
	{ "zh-tw", "zh-Hant" }, { "zh", "zh-Hans" },
};

static const struct web_language *
language_exact(const char *tag)
{
	size_t				 count;
	const struct web_language	*languages;

	languages = web_message_languages(&count);
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(languages[i].tag, tag) == 0)
			return (&languages[i]);
	}

	return (NULL);
}

/* RFC 4647 3.4: drop subtags from the end until one is known. */
static const struct web_language *
language_match(struct base_slice wish)
{
	char				 tag[TAG_MAX + 1], *dash;
	const struct web_language	*found;

	if (wish.len == 0 || wish.len > TAG_MAX)
		return (NULL);
	memcpy(tag, wish.data, wish.len);
	tag[wish.len] = '\0';

	for (;;) {
		if ((found = language_exact(tag)) != NULL)
			return (found);
		for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]);
		    i++) {
			if (strcasecmp(aliases[i].wish, tag) == 0 &&
			    (found = language_exact(aliases[i].tag)) != NULL)
				return (found);
		}
		if ((dash = strrchr(tag, '-')) == NULL)
			return (NULL);
		*dash = '\0';
	}
}

/* RFC 9110 12.5.4: the known language with the greatest weight. */
static const struct web_language *
language_accepted(struct base_slice accept)
{
	unsigned int			 best_weight = 0, weight;
	struct base_slice		 wish;
	const struct web_language	*best = NULL, *found;

	for (size_t i = 0; i < WEB_ACCEPT_WISHES_MAX &&
	    web_accept_next(&accept, &wish, &weight); i++) {
		if (weight <= best_weight ||
		    (found = language_match(wish)) == NULL)
			continue;
		best = found;
		best_weight = weight;
	}

	return (best);
}

const struct web_language *
web_message_choose(struct base_slice ui_locales, struct base_slice cookie,
    struct base_slice accept)
{
	size_t				 count;
	const struct web_language	*found;

	while (ui_locales.len > 0) {
		found = language_match(web_accept_item(&ui_locales,
		    ' '));
		if (found != NULL)
			return (found);
	}
	if ((found = language_match(cookie)) != NULL)
		return (found);
	if ((found = language_accepted(accept)) != NULL)
		return (found);

	return (&web_message_languages(&count)[0]);
}
