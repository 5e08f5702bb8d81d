#include "support/vector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_base64url.h"

static struct base_slice
bytes(struct base_arena *arena, const json_t *text)
{
	size_t	 len = json_string_length(text);
	uint8_t	*out = base_arena_new(arena, len + 1);

	if (!base_base64url_decode(json_string_value(text), len, out, len + 1,
	    &len)) {
		fprintf(stderr, "vector: no base64url\n");
		exit(1);
	}
	return ((struct base_slice){ out, len });
}

void
vector_open(struct vector *vector, const char *name)
{
	char	path[256];

	memset(vector, 0, sizeof(*vector));
	base_arena_init(&vector->arena);
	snprintf(path, sizeof(path), "tests/vectors/%s.json", name);
	vector->json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	if (vector->json == NULL) {
		fprintf(stderr, "vector: cannot read %s\n", path);
		exit(1);
	}
	vector->origin = base_bytes_slice(json_string_value(
	    json_object_get(vector->json, "origin")));
	vector->user_handle = bytes(&vector->arena,
	    json_object_get(vector->json, "user_handle"));
	vector->rp_id = json_string_value(
	    json_object_get(vector->json, "rp_id"));
	vector->user_verification = true;
}

void
vector_close(struct vector *vector)
{
	json_decref(vector->json);
	base_arena_clear(&vector->arena);
}

static const json_t *
step(const struct vector *vector, int index)
{
	if (index < 0)
		return (json_object_get(vector->json, "create"));
	return (json_array_get(json_object_get(vector->json, "get"),
	    (size_t)index));
}

const json_t *
vector_created(const struct vector *vector)
{
	return (json_object_get(step(vector, -1), "credential"));
}

size_t
vector_count(const struct vector *vector)
{
	return (json_array_size(json_object_get(vector->json, "get")));
}

const json_t *
vector_asserted(const struct vector *vector, size_t index)
{
	return (json_object_get(step(vector, (int)index), "credential"));
}

struct webauthn_expect
vector_expect(struct vector *vector, int index)
{
	struct webauthn_expect	expect = { 0 };

	expect.challenge = bytes(&vector->arena,
	    json_object_get(step(vector, index), "challenge"));
	expect.rp_id = vector->rp_id;
	expect.origins = &vector->origin;
	expect.origin_count = 1;
	expect.user_verification = vector->user_verification;
	return (expect);
}
