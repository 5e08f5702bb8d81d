#include "jose/jose_jwk_set.h"

#include <string.h>

void
jose_jwk_set_init(struct jose_jwk_set *set)
{
	memset(set, 0, sizeof(*set));
}

bool
jose_jwk_set_add(struct jose_jwk_set *set, struct jose_key *key)
{
	if (set->count == JOSE_JWK_SET_MAX ||
	    jose_jwk_set_find(set, jose_key_kid(key)) != NULL) {
		jose_key_free(key);
		return (false);
	}
	set->keys[set->count++] = key;

	return (true);
}

const struct jose_key *
jose_jwk_set_find(const struct jose_jwk_set *set, const char *kid)
{
	size_t	i;

	for (i = 0; i < set->count; i++) {
		if (strcmp(jose_key_kid(set->keys[i]), kid) == 0)
			return (set->keys[i]);
	}

	return (NULL);
}

json_t *
jose_jwk_set_json(const struct jose_jwk_set *set)
{
	json_t	*list = json_array();
	size_t	 i;

	for (i = 0; list != NULL && i < set->count; i++) {
		if (json_array_append_new(list,
		    jose_key_jwk(set->keys[i])) != 0) {
			json_decref(list);
			return (NULL);
		}
	}

	return (json_pack("{s:o}", "keys", list));
}

void
jose_jwk_set_clear(struct jose_jwk_set *set)
{
	size_t	i;

	for (i = 0; i < set->count; i++)
		jose_key_free(set->keys[i]);
	jose_jwk_set_init(set);
}
