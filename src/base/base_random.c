#include "base/base_random.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/rand.h>

#include "base/base_log.h"

void
base_random_bytes(void *out, size_t len)
{
	if (len > INT_MAX || RAND_bytes(out, (int)len) != 1) {
		base_log(BASE_LOG_ERROR, "random", "no random bytes");
		abort();
	}
}
