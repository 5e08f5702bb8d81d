/*
 * Answers at the redirect URI: see oidc_response.h.
 */

#include "oidc/oidc_response.h"

#include <string.h>

#include "oidc/oidc_request.h"

static void
response_add(struct oidc_response *response, const char *name,
    const char *value)
{
	response->fields[response->count++] = (struct oidc_response_field){
		.name = name, .value = value
	};
}

static void
response_finish(const struct oidc_request *request, const char *issuer,
    struct oidc_response *out)
{
	if (request->has_state)
		response_add(out, "state", request->state);
	response_add(out, "iss", issuer);
}

void
oidc_response_code(const struct oidc_request *request, const char *issuer,
    const char *code, struct oidc_response *out)
{
	*out = (struct oidc_response){ 0 };
	response_add(out, "code", code);
	response_finish(request, issuer, out);
}

void
oidc_response_error(const struct oidc_request *request, const char *issuer,
    enum oidc_error error, struct oidc_response *out)
{
	*out = (struct oidc_response){ 0 };
	response_add(out, "error", oidc_error_code(error));
	response_add(out, "error_description", oidc_error_text(error));
	response_finish(request, issuer, out);
}

static bool
response_unreserved(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("-._~", c) != NULL));
}

/* Writes at most 3 bytes for each of "value"; returns the end. */
static char *
response_encode(char *out, const char *value)
{
	static const char	digits[] = "0123456789ABCDEF";

	for (; *value != '\0'; value++) {
		if (response_unreserved(*value)) {
			*out++ = *value;
			continue;
		}
		*out++ = '%';
		*out++ = digits[(unsigned char)*value >> 4];
		*out++ = digits[(unsigned char)*value & 15];
	}

	return (out);
}

char *
oidc_response_uri(struct base_arena *arena, const char *uri,
    const struct oidc_response *response)
{
	const char	*query;
	char		*text, *end;
	char		 separator;
	size_t		 size = strlen(uri) + 1;

	for (size_t i = 0; i < response->count; i++)
		size += strlen(response->fields[i].name) + 2 +
		    3 * strlen(response->fields[i].value);
	text = base_arena_new(arena, size);
	memcpy(text, uri, strlen(uri) + 1);
	end = text + strlen(uri);

	query = strchr(uri, '?');
	separator = query == NULL ? '?' : '&';
	if (query != NULL && query[1] == '\0') {
		separator = '?';	/* an empty query: ours to begin */
		end--;
	} else if (query != NULL && end[-1] == '&')
		end--;

	for (size_t i = 0; i < response->count; i++) {
		*end++ = separator;
		end = response_encode(end, response->fields[i].name);
		*end++ = '=';
		end = response_encode(end, response->fields[i].value);
		separator = '&';
	}

	*end = '\0';
	return (text);
}
