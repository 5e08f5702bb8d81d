/*
 * The judge of header blocks.  What passes must look the same to a parser as
 * loose as Kore's, which splits at every CR and LF and stops at NUL.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/server_guard.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int holds)
{
	if (!holds)
		abort();
}

/* Kore's view: lines between any of CR and LF, empty ones skipped. */
static void
look(char *text, const struct server_guard *guard)
{
	char		*rest = text, *line;
	unsigned	 lines = 0, hosts = 0, lengths = 0;

	while ((line = strsep(&rest, "\r\n")) != NULL) {
		if (*line == '\0')
			continue;
		if (lines++ == 0) {
			must(strchr("DGHOP", *line) != NULL);
			continue;
		}
		must(*line != ' ' && *line != '\t' &&
		    strchr(line, ':') != NULL);
		hosts += strncasecmp(line, "host:", 5) == 0;
		must(strncasecmp(line, "transfer-encoding", 17) != 0 ||
		    line[17] != ':');
		if (strncasecmp(line, "content-length:", 15) == 0) {
			lengths++;
			must((size_t)atoll(line + 15) == guard->length);
		}
	}

	must(hosts == 1 && lengths <= 1);
	must(lengths == 1 || guard->length == 0);
	must(lines >= 2 && lines <= 1 + SERVER_GUARD_HEADERS_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct server_guard	 guard;
	char			*text;

	if (server_guard_check(data, size, &guard) != 0)
		return (0);

	must(memchr(data, '\0', size) == NULL);
	if ((text = malloc(size + 1)) == NULL)
		return (0);
	memcpy(text, data, size);
	text[size] = '\0';
	look(text, &guard);
	free(text);

	return (0);
}
