/*
 * What one assertion costs, whole and in its parts: CPU time, with the floor
 * (one bare verification with a key that is loaded) in the same run.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "support/forge.h"
#include "webauthn/webauthn_client_data.h"
#include "webauthn/webauthn_json.h"
#include "webauthn/webauthn_signature.h"

#include "base/base_base64url.h"
#include "base/base_hash.h"

#define ROUNDS	2000

static struct forge				f;
static struct webauthn_authenticate_response	response;
static struct webauthn_authenticate_expect	expect;
static struct webauthn_signed			data;
static char					*body;
static size_t					 body_len;

static double
cpu_microseconds(void)
{
	struct timespec	t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return ((double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3);
}

static void
must(bool good)
{
	if (!good) {
		fprintf(stderr, "bench_webauthn: a ceremony failed\n");
		exit(1);
	}
}

static void
bare(void)
{
	EVP_MD_CTX	*ctx = EVP_MD_CTX_new();
	uint8_t		 bytes[69];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i < 37 ? data.auth_data.data[i] :
		    data.client_data_hash[i - 37];
	must(EVP_DigestVerifyInit(ctx, NULL, f.alg == WEBAUTHN_ALG_EDDSA ?
	    NULL : EVP_sha256(), NULL, f.key) == 1 &&
	    EVP_DigestVerify(ctx, response.signature.data,
	    response.signature.len, bytes, sizeof(bytes)) == 1);
	EVP_MD_CTX_free(ctx);
}

static void
signature(void)
{
	must(webauthn_signature_check(f.alg, f.stored.spki, &data,
	    response.signature) == WEBAUTHN_OK);
}

static void
client_data(void)
{
	must(webauthn_client_data_check(response.client_data,
	    WEBAUTHN_CLIENT_DATA_GET, &expect.common) == WEBAUTHN_OK);
}

static void
check(void)
{
	struct webauthn_assertion	out;

	must(webauthn_authenticate_check(&response, &expect, &f.stored,
	    &out) == WEBAUTHN_OK);
}

static void
whole(void)
{
	struct webauthn_authenticate_response	parsed;
	struct webauthn_assertion		out;
	struct base_arena			arena;
	json_t					*json;

	base_arena_init(&arena);
	json = webauthn_json_load((struct base_slice){
	    (const uint8_t *)body, body_len });
	must(json != NULL && webauthn_authenticate_parse(&arena, json,
	    &parsed) == WEBAUTHN_OK && webauthn_authenticate_check(&parsed,
	    &expect, &f.stored, &out) == WEBAUTHN_OK);
	json_decref(json);
	base_arena_clear(&arena);
}

static json_t *
text(struct base_slice bytes)
{
	char	*out = base_arena_new(&f.arena,
		    BASE_BASE64URL_LEN(bytes.len) + 1);

	base_base64url_encode(bytes.data, bytes.len, out);
	return (json_string(out));
}

static void
prepare(int32_t alg)
{
	json_t	*json;

	forge_assertion(&f, alg);
	response = forge_asserted(&f);
	expect = (struct webauthn_authenticate_expect){ .common = f.expect };
	expect.common.origins = f.origins;
	data.auth_data = response.auth_data;
	base_hash_sha256(response.client_data.data, response.client_data.len,
	    data.client_data_hash);

	json = json_pack("{s:o, s:o, s:s, s:s, s:{}, s:{s:o, s:o, s:o, s:o}}",
	    "id", text(response.id), "rawId", text(response.id),
	    "type", "public-key", "authenticatorAttachment", "platform",
	    "clientExtensionResults", "response",
	    "clientDataJSON", text(response.client_data),
	    "authenticatorData", text(response.auth_data),
	    "signature", text(response.signature),
	    "userHandle", text(response.user_handle));
	body = json_dumps(json, JSON_COMPACT);
	must(body != NULL);
	body_len = strlen(body);
	json_decref(json);
}

/* Microseconds of one call; the best of five runs, after one to warm up. */
static double
measure(void (*run)(void))
{
	double	best = 1e9, start, each;

	for (int i = 0; i < 50; i++)
		run();
	for (int turn = 0; turn < 5; turn++) {
		start = cpu_microseconds();
		for (int i = 0; i < ROUNDS / 5; i++)
			run();
		each = (cpu_microseconds() - start) / (ROUNDS / 5);
		if (each < best)
			best = each;
	}
	return (best);
}

int
main(void)
{
	static const struct {
		int32_t		 alg;
		const char	*name;
	} algs[] = {
		{ WEBAUTHN_ALG_ES256, "ES256" },
		{ WEBAUTHN_ALG_EDDSA, "EdDSA" },
		{ WEBAUTHN_ALG_RS256, "RS256" },
	};

	printf("one assertion, CPU us   %8s %8s %8s %8s %8s\n", "bare",
	    "+ key", "client", "check", "+ JSON");
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		prepare(algs[i].alg);
		printf("%-23s %8.1f %8.1f %8.1f %8.1f %8.1f\n",
		    algs[i].name, measure(bare), measure(signature),
		    measure(client_data), measure(check), measure(whole));
		free(body);
		forge_clear(&f);
	}
	return (0);
}
