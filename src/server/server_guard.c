/*
 * Line by line: request line, headers, and what they mean together.
 */

#include "server/server_guard.h"

#include <string.h>
#include <strings.h>

#include "base/base_bytes.h"

#define LENGTH_DIGITS_MAX	15

/* What has been read so far. */
struct reading {
	struct server_guard	*out;
	bool			 old;		/* HTTP/1.0 */
	bool			 bodied;	/* a method that has a body */
	unsigned		 hosts;
	unsigned		 lengths;
	unsigned		 lines;
};

typedef int judge(struct reading *, struct base_slice);

static judge	judge_coding;
static judge	judge_expect;
static judge	judge_host;
static judge	judge_length;

/* Headers that decide where a request ends, or whom it is for. */
static const struct {
	const char	*name;
	judge		*judge;
} rules[] = {
	{ "content-length",	judge_length },
	{ "expect",		judge_expect },
	{ "host",		judge_host },
	{ "transfer-encoding",	judge_coding },
};

static const struct {
	const char	*name;
	bool		 bodied;
	bool		 old;		/* known to HTTP/1.0 */
} methods[] = {
	{ "DELETE",	false,	false },
	{ "GET",	false,	true },
	{ "HEAD",	false,	true },
	{ "OPTIONS",	false,	false },
	{ "PATCH",	true,	false },
	{ "POST",	true,	true },
	{ "PUT",	true,	false },
};

static bool
token_byte(uint8_t byte)
{
	return ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
	    (byte >= 'a' && byte <= 'z') ||
	    (byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte) != NULL));
}

static bool
text_is_caseless(struct base_slice text, const char *word)
{
	return (text.len == strlen(word) &&
	    strncasecmp((const char *)text.data, word, text.len) == 0);
}

/* Take the text up to "end" from "rest"; false when "end" is not there. */
static bool
take(struct base_slice *rest, const char *end, struct base_slice *out)
{
	size_t		 len = strlen(end);
	const uint8_t	*at;

	if ((at = memmem(rest->data, rest->len, end, len)) == NULL)
		return (false);

	out->data = rest->data;
	out->len = (size_t)(at - rest->data);
	rest->data += out->len + len;
	rest->len -= out->len + len;
	return (true);
}

/* "HTTP/" DIGIT "." DIGIT, of which 1.1 and 1.0 are spoken here. */
static int
judge_version(struct reading *r, struct base_slice version)
{
	r->old = base_bytes_is(version, "HTTP/1.0");
	if (r->old || base_bytes_is(version, "HTTP/1.1"))
		return (0);

	if (version.len == 8 && base_bytes_begin(version, "HTTP/") &&
	    version.data[5] >= '0' && version.data[5] <= '9' &&
	    version.data[6] == '.' &&
	    version.data[7] >= '0' && version.data[7] <= '9')
		return (505);

	return (400);
}

/* Methods are case-sensitive (RFC 9110 section 9.1). */
static int
judge_method(struct reading *r, struct base_slice method)
{
	if (method.len == 0)
		return (400);
	for (size_t i = 0; i < method.len; i++) {
		if (!token_byte(method.data[i]))
			return (400);
	}

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (!base_bytes_is(method, methods[i].name))
			continue;
		r->bodied = methods[i].bodied;
		return (r->old && !methods[i].old ? 501 : 0);
	}

	return (501);
}

/* A path, the whole server, or an address of http (RFC 9112 section 3.2). */
static int
judge_target(struct base_slice method, struct base_slice target)
{
	static const char *const	schemes[] = { "http://", "https://" };
	size_t				len;

	if (target.len == 0)
		return (400);
	if (target.len > SERVER_GUARD_TARGET_MAX)
		return (414);
	for (size_t i = 0; i < target.len; i++) {
		if (target.data[i] <= 0x20 || target.data[i] > 0x7e ||
		    target.data[i] == '#')
			return (400);
	}

	if (target.data[0] == '/' ||
	    (base_bytes_is(target, "*") && base_bytes_is(method, "OPTIONS")))
		return (0);
	for (size_t i = 0; i < 2; i++) {
		len = strlen(schemes[i]);
		if (target.len > len && target.data[len] != '/' &&
		    strncasecmp((const char *)target.data, schemes[i],
		    len) == 0)
			return (0);
	}

	return (400);
}

static int
judge_request(struct reading *r, struct base_slice line)
{
	struct base_slice	method, target;
	int		status;

	if (!take(&line, " ", &method) || !take(&line, " ", &target))
		return (400);

	if ((status = judge_version(r, line)) != 0 ||
	    (status = judge_method(r, method)) != 0)
		return (status);

	return (judge_target(method, target));
}

static int
judge_length(struct reading *r, struct base_slice value)
{
	size_t	length = 0;

	if (value.len == 0 || value.len > LENGTH_DIGITS_MAX)
		return (400);
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return (400);
		length = length * 10 + (size_t)(value.data[i] - '0');
	}

	if (r->lengths++ > 0)
		return (400);
	if (length > 0 && !r->bodied)
		return (400);

	r->out->length = length;
	return (0);
}

static int
judge_coding(struct reading *r, struct base_slice value)
{
	(void)r;
	(void)value;

	return (400);
}

/* Expect means nothing in HTTP/1.0 (RFC 9110 section 10.1.1). */
static int
judge_expect(struct reading *r, struct base_slice value)
{
	if (r->old)
		return (0);
	if (!text_is_caseless(value, "100-continue"))
		return (417);

	r->out->expects = true;
	return (0);
}

/* A name or an address, and a port: never used, but logged and matched. */
static int
judge_host(struct reading *r, struct base_slice value)
{
	r->hosts++;		/* judged at the end: exactly one */
	if (value.len == 0 || value.len > SERVER_GUARD_HOST_MAX)
		return (400);
	for (size_t i = 0; i < value.len; i++) {
		if (!token_byte(value.data[i]) &&
		    strchr(":[]", value.data[i]) == NULL)
			return (400);
	}

	return (0);
}

static int
judge_header(struct reading *r, struct base_slice line)
{
	struct base_slice	name;

	if (++r->lines > SERVER_GUARD_HEADERS_MAX)
		return (431);
	if (!take(&line, ":", &name) || name.len == 0)
		return (400);
	for (size_t i = 0; i < name.len; i++) {
		if (!token_byte(name.data[i]))
			return (400);
	}

	while (line.len > 0 && (*line.data == ' ' || *line.data == '\t')) {
		line.data++;
		line.len--;
	}
	for (size_t i = 0; i < line.len; i++) {
		if (line.data[i] == 0x7f ||
		    (line.data[i] < 0x20 && line.data[i] != '\t'))
			return (400);
	}

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (text_is_caseless(name, rules[i].name))
			return (rules[i].judge(r, line));
	}

	return (0);
}

int
server_guard_check(const uint8_t *block, size_t len, struct server_guard *out)
{
	struct server_guard	 guard = { 0, false };
	struct reading		 r = { .out = &guard };
	struct base_slice		 rest = { block, len }, line;
	int			 status;

	/*
	 * Nothing looks for a CR or LF of its own: it would be a byte of a
	 * line, and no part of a line may have it.
	 */
	if (len < 4 || !base_bytes_equal(block + len - 4, 4, "\r\n\r\n", 4))
		return (400);

	/* One empty line before a request is forgiven (section 2.2). */
	if (base_bytes_begin(rest, "\r\n")) {
		rest.data += 2;
		rest.len -= 2;
	}

	if (!take(&rest, "\r\n", &line))
		return (400);
	if ((status = judge_request(&r, line)) != 0)
		return (status);

	while (take(&rest, "\r\n", &line) && line.len > 0) {
		if ((status = judge_header(&r, line)) != 0)
			return (status);
	}

	if (rest.len > 0 || r.hosts != 1)
		return (400);

	*out = guard;
	return (0);
}
