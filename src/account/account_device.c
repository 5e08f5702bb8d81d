/*
 * Browser and system out of a User-Agent header.
 *
 * Browsers name each other in their headers, so the more particular word
 * comes first in each table.
 */

#include "account/account_device.h"

#include <stdio.h>
#include <string.h>

struct word {
	const char	*in;	/* as in the header */
	const char	*name;
};

static const struct word browsers[] = {
	{ "Edg/",		"Edge" },
	{ "EdgA/",		"Edge" },
	{ "EdgiOS/",		"Edge" },
	{ "OPR/",		"Opera" },
	{ "Vivaldi/",		"Vivaldi" },
	{ "SamsungBrowser/",	"Samsung Internet" },
	{ "YaBrowser/",		"Yandex Browser" },
	{ "DuckDuckGo/",	"DuckDuckGo" },
	{ "FxiOS/",		"Firefox" },
	{ "Firefox/",		"Firefox" },
	{ "CriOS/",		"Chrome" },
	{ "HeadlessChrome/",	"Chrome" },
	{ "Chromium/",		"Chromium" },
	{ "Chrome/",		"Chrome" },
	{ "Safari/",		"Safari" },
	{ "curl/",		"curl" },
};

static const struct word systems[] = {
	{ "Windows",		"Windows" },
	{ "iPhone",		"iPhone" },
	{ "iPad",		"iPad" },
	{ "Android",		"Android" },
	{ "CrOS",		"ChromeOS" },
	{ "Macintosh",		"macOS" },
	{ "FreeBSD",		"FreeBSD" },
	{ "OpenBSD",		"OpenBSD" },
	{ "Linux",		"Linux" },
};

static const char *
find(const struct word *words, size_t count, struct base_slice text)
{
	for (size_t i = 0; i < count; i++) {
		if (memmem(text.data, text.len, words[i].in,
		    strlen(words[i].in)) != NULL)
			return (words[i].name);
	}

	return (NULL);
}

void
account_device_name(struct base_slice user_agent,
    char out[ACCOUNT_DEVICE_MAX + 1])
{
	const char	*browser, *system;

	out[0] = '\0';
	if (user_agent.len == 0)
		return;

	browser = find(browsers, sizeof(browsers) / sizeof(browsers[0]),
	    user_agent);
	system = find(systems, sizeof(systems) / sizeof(systems[0]),
	    user_agent);
	if (browser != NULL && system != NULL)
		(void)snprintf(out, ACCOUNT_DEVICE_MAX + 1, "%s on %s",
		    browser, system);
	else if (browser != NULL || system != NULL)
		(void)snprintf(out, ACCOUNT_DEVICE_MAX + 1, "%s",
		    browser != NULL ? browser : system);
}
