#include "support/forge.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/base_base64url.h"
#include "base/base_hash.h"
#include "base/base_hex.h"

/* ---------------------------------------------------------------- bytes */

struct base_slice
forge_text(const char *text)
{
	return (base_bytes_slice(text));
}

struct base_slice
forge_hex(struct base_arena *arena, const char *hex)
{
	size_t	 len = strlen(hex), out_len = 0;
	uint8_t	*out = base_arena_new(arena, len / 2 + 1);

	if (!base_hex_decode(hex, len, out, len / 2 + 1, &out_len))
		abort();
	return ((struct base_slice){ out, out_len });
}

struct base_slice
forge_repeat(struct base_arena *arena, uint8_t byte, size_t count)
{
	uint8_t	*out = base_arena_new(arena, count + 1);

	memset(out, byte, count);
	return ((struct base_slice){ out, count });
}

struct base_slice
forge_join(struct base_arena *arena, struct base_slice a, struct base_slice b)
{
	uint8_t	*out = base_arena_new(arena, a.len + b.len + 1);

	if (a.len > 0)
		memcpy(out, a.data, a.len);
	if (b.len > 0)
		memcpy(out + a.len, b.data, b.len);
	return ((struct base_slice){ out, a.len + b.len });
}

struct base_slice
forge_head(struct base_arena *arena, unsigned int major, uint64_t n)
{
	uint8_t	*out = base_arena_new(arena, 9);
	size_t	 bytes = n < 24 ? 0 : n <= 0xff ? 1 : n <= 0xffff ? 2 :
		    n <= 0xffffffff ? 4 : 8;
	uint8_t	 info = bytes == 0 ? (uint8_t)n : bytes == 1 ? 24 :
		    bytes == 2 ? 25 : bytes == 4 ? 26 : 27;

	out[0] = (uint8_t)(major << 5 | info);
	for (size_t i = 0; i < bytes; i++)
		out[1 + i] = (uint8_t)(n >> (8 * (bytes - 1 - i)));
	return ((struct base_slice){ out, 1 + bytes });
}

struct base_slice
forge_string(struct base_arena *arena, struct base_slice bytes)
{
	return (forge_join(arena, forge_head(arena, 2, bytes.len), bytes));
}

struct base_slice
forge_json(struct base_arena *arena, const char *format, ...)
{
	va_list	 args;
	char	*out = base_arena_new(arena, 8192);
	int	 len;

	va_start(args, format);
	len = vsnprintf(out, 8192, format, args);
	va_end(args);
	if (len < 0 || len >= 8192)
		abort();
	return ((struct base_slice){ (const uint8_t *)out, (size_t)len });
}

/* ----------------------------------------------------------------- keys */

static EVP_PKEY *
key_new(int32_t alg)
{
	switch (alg) {
	case WEBAUTHN_ALG_ES256:
		return (EVP_EC_gen("P-256"));
	case WEBAUTHN_ALG_ES384:
		return (EVP_EC_gen("P-384"));
	case WEBAUTHN_ALG_EDDSA:
		return (EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	case WEBAUTHN_ALG_RS256:
		return (EVP_RSA_gen(2048));
	default:
		abort();
	}
}

EVP_PKEY *
forge_key(int32_t alg, bool other)
{
	static struct {
		int32_t		 alg;
		bool		 other;
		EVP_PKEY	*key;
	} made[8];

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		if (made[i].key == NULL) {
			made[i].alg = alg;
			made[i].other = other;
			made[i].key = key_new(alg);
		}
		if (made[i].alg == alg && made[i].other == other)
			return (made[i].key);
	}
	abort();
}

static struct base_slice
number(struct base_arena *arena, EVP_PKEY *key, const char *name, size_t len)
{
	BIGNUM	*bn = NULL;
	uint8_t	*out;
	int	 size;

	if (EVP_PKEY_get_bn_param(key, name, &bn) != 1)
		abort();
	size = len == 0 ? BN_num_bytes(bn) : (int)len;
	out = base_arena_new(arena, (size_t)size);
	if (BN_bn2binpad(bn, out, size) != size)
		abort();
	BN_free(bn);
	return ((struct base_slice){ out, (size_t)size });
}

static struct base_slice
ed25519_raw(struct base_arena *arena, EVP_PKEY *key)
{
	size_t	 len = 32;
	uint8_t	*out = base_arena_new(arena, len);

	if (EVP_PKEY_get_raw_public_key(key, out, &len) != 1)
		abort();
	return ((struct base_slice){ out, len });
}

/* "front", a byte string, "middle", a byte string. */
static struct base_slice
two_strings(struct base_arena *arena, const char *front, struct base_slice a,
    const char *middle, struct base_slice b)
{
	struct base_slice	out;

	out = forge_join(arena, forge_hex(arena, front),
	    forge_string(arena, a));
	out = forge_join(arena, out, forge_hex(arena, middle));
	return (forge_join(arena, out, forge_string(arena, b)));
}

struct base_slice
forge_cose(struct base_arena *arena, EVP_PKEY *key, int32_t alg)
{
	switch (alg) {
	case WEBAUTHN_ALG_ES256:
		return (two_strings(arena, "a5010203262001" "21",
		    number(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, 32), "22",
		    number(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, 32)));
	case WEBAUTHN_ALG_ES384:
		return (two_strings(arena, "a501020338222002" "21",
		    number(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, 48), "22",
		    number(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, 48)));
	case WEBAUTHN_ALG_EDDSA:
		return (forge_join(arena, forge_hex(arena, "a4010103272006"
		    "21"), forge_string(arena, ed25519_raw(arena, key))));
	case WEBAUTHN_ALG_RS256:
		return (two_strings(arena, "a401030339010020",
		    number(arena, key, OSSL_PKEY_PARAM_RSA_N, 0), "21",
		    number(arena, key, OSSL_PKEY_PARAM_RSA_E, 0)));
	default:
		abort();
	}
}

struct base_slice
forge_spki(struct base_arena *arena, EVP_PKEY *key)
{
	uint8_t			*der = NULL;
	int			 len = i2d_PUBKEY(key, &der);
	struct base_slice	 out;

	if (len <= 0)
		abort();
	out.data = base_arena_copy(arena, der, (size_t)len);
	out.len = (size_t)len;
	OPENSSL_free(der);
	return (out);
}

struct base_slice
forge_sign(struct base_arena *arena, EVP_PKEY *key, const EVP_MD *digest,
    struct base_slice message)
{
	EVP_MD_CTX	*ctx = EVP_MD_CTX_new();
	size_t		 len = 1024;
	uint8_t		*out = base_arena_new(arena, len);

	if (EVP_DigestSignInit(ctx, NULL, digest, NULL, key) != 1 ||
	    EVP_DigestSign(ctx, out, &len, message.data, message.len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	return ((struct base_slice){ out, len });
}

static const EVP_MD *
digest_of(int32_t alg)
{
	if (alg == WEBAUTHN_ALG_EDDSA)
		return (NULL);
	return (alg == WEBAUTHN_ALG_ES384 ? EVP_sha384() : EVP_sha256());
}

/* ------------------------------------------------------------- the parts */

static struct base_slice
sha256(struct base_arena *arena, struct base_slice bytes)
{
	uint8_t	*out = base_arena_new(arena, BASE_SHA256_LEN);

	base_hash_sha256(bytes.data, bytes.len, out);
	return ((struct base_slice){ out, BASE_SHA256_LEN });
}

static void
begin(struct forge *forge, int32_t alg, bool creation)
{
	static const uint8_t	challenge[32] = { 0x50, 0x65, 0x72, 1, 2, 3 };
	char			text[44];

	memset(forge, 0, sizeof(*forge));
	base_arena_init(&forge->arena);
	base_base64url_encode(challenge, sizeof(challenge), text);

	forge->creation = creation;
	forge->alg = alg;
	forge->key = forge_key(alg, false);
	forge->type = creation ? "webauthn.create" : "webauthn.get";
	forge->challenge = base_arena_text(&forge->arena, text, strlen(text));
	forge->origin = FORGE_ORIGIN;
	forge->more = ",\"crossOrigin\":false";
	forge->flags = FORGE_UP | FORGE_UV | (creation ? FORGE_AT : 0);
	forge->count = 5;
	forge->id = forge_repeat(&forge->arena, 0xc1, 32);
	forge->id_len = -1;

	forge->origins[0] = forge_text("https://id.example.org");
	forge->origins[1] = forge_text(FORGE_ORIGIN);
	forge->expect.challenge = (struct base_slice){ challenge, 32 };
	forge->expect.rp_id = FORGE_RP_ID;
	forge->expect.origin_count = 2;
	forge->expect.user_verification = true;
}

void
forge_creation(struct forge *forge, int32_t alg)
{
	static const int32_t	algs[] = { -8, -7, -257, -35 };

	begin(forge, alg, true);
	forge->algs = algs;
	forge->alg_count = 4;
}

void
forge_assertion(struct forge *forge, int32_t alg)
{
	begin(forge, alg, false);
	forge->user_handle = forge_repeat(&forge->arena, 0xa7, 32);
	forge->stored.id = forge->id;
	forge->stored.user_handle = forge->user_handle;
	forge->stored.spki = forge_spki(&forge->arena, forge->key);
	forge->stored.alg = alg;
	forge->stored.sign_count = 4;
	forge->stored.backup_eligible = false;
}

void
forge_clear(struct forge *forge)
{
	base_arena_clear(&forge->arena);
}

static struct base_slice
client_data(struct forge *f)
{
	if (f->client_data.data != NULL)
		return (f->client_data);
	return (forge_json(&f->arena, "{\"type\":\"%s\",\"challenge\":\"%s\","
	    "\"origin\":\"%s\"%s}", f->type, f->challenge, f->origin,
	    f->more));
}

static struct base_slice
attested(struct forge *f)
{
	size_t			 len = f->id_len < 0 ? f->id.len :
				    (size_t)f->id_len;
	uint8_t			*head = base_arena_new(&f->arena, 18);
	struct base_slice	 out = { head, 18 };

	memcpy(head, f->aaguid, 16);
	head[16] = (uint8_t)(len >> 8);
	head[17] = (uint8_t)len;
	out = forge_join(&f->arena, out, f->id);
	return (forge_join(&f->arena, out, f->cose.data != NULL ? f->cose :
	    forge_cose(&f->arena, f->key, f->alg)));
}

static struct base_slice
auth_data(struct forge *f)
{
	uint8_t			*mid = base_arena_new(&f->arena, 5);
	struct base_slice	 out;

	if (f->auth_data.data != NULL)
		return (f->auth_data);
	mid[0] = f->flags;
	for (int i = 0; i < 4; i++)
		mid[1 + i] = (uint8_t)(f->count >> (24 - 8 * i));

	out = f->rp_id_hash.data != NULL ? f->rp_id_hash :
	    sha256(&f->arena, forge_text(FORGE_RP_ID));
	out = forge_join(&f->arena, out, (struct base_slice){ mid, 5 });
	if (f->creation && (f->flags & FORGE_AT) != 0)
		out = forge_join(&f->arena, out, attested(f));
	out = forge_join(&f->arena, out, f->extensions);
	return (forge_join(&f->arena, out, f->tail));
}

static struct base_slice
signature(struct forge *f, struct base_slice data, struct base_slice client)
{
	return (forge_sign(&f->arena, f->signer != NULL ? f->signer : f->key,
	    digest_of(f->alg), forge_join(&f->arena, data,
	    sha256(&f->arena, client))));
}

/* { "alg": alg, "sig": ... } */
static struct base_slice
self_statement(struct forge *f, struct base_slice sig)
{
	struct base_slice	out;

	out = forge_join(&f->arena, forge_hex(&f->arena, "a263616c67"),
	    forge_head(&f->arena, 1, (uint64_t)(-1 - f->alg)));
	out = forge_join(&f->arena, out, forge_hex(&f->arena, "63736967"));
	return (forge_join(&f->arena, out, forge_string(&f->arena, sig)));
}

static struct base_slice
object(struct forge *f, struct base_slice data, struct base_slice client)
{
	struct base_arena	*arena = &f->arena;
	const char		*format = f->format != NULL ? f->format :
				    f->self ? "packed" : "none";
	struct base_slice	 statement = f->statement, out;

	if (f->object.data != NULL)
		return (f->object);
	if (statement.data == NULL)
		statement = f->self ? self_statement(f,
		    signature(f, data, client)) : forge_hex(arena, "a0");

	/* { "fmt": ..., "attStmt": ..., "authData": ... } */
	out = forge_join(arena, forge_hex(arena, "a363666d74"),
	    forge_head(arena, 3, strlen(format)));
	out = forge_join(arena, out, forge_text(format));
	out = forge_join(arena, out, forge_hex(arena, "6761747453746d74"));
	out = forge_join(arena, out, statement);
	out = forge_join(arena, out, forge_hex(arena, "686175746844617461"));
	return (forge_join(arena, out, forge_string(arena, data)));
}

/* --------------------------------------------------------- the responses */

struct webauthn_register_response
forge_created(struct forge *f)
{
	struct webauthn_register_response	r = { 0 };

	r.id = f->raw_id.data != NULL ? f->raw_id : f->id;
	r.client_data = client_data(f);
	r.attestation = object(f, auth_data(f), r.client_data);
	return (r);
}

struct webauthn_authenticate_response
forge_asserted(struct forge *f)
{
	struct webauthn_authenticate_response	r = { 0 };

	r.id = f->raw_id.data != NULL ? f->raw_id : f->id;
	if (!f->no_user_handle)
		r.user_handle = f->user_handle;
	r.client_data = client_data(f);
	r.auth_data = auth_data(f);
	r.signature = f->signature.data != NULL ? f->signature :
	    signature(f, r.auth_data, r.client_data);
	return (r);
}

static struct webauthn_expect
expected(struct forge *f)
{
	struct webauthn_expect	expect = f->expect;

	expect.origins = f->origins;
	return (expect);
}

enum webauthn_verdict
forge_register(struct forge *f, struct webauthn_credential *out)
{
	struct webauthn_register_response	r = forge_created(f);
	struct webauthn_register_expect	expect = {
		expected(f), f->algs, f->alg_count
	};

	return (webauthn_register_check(&r, &expect, out));
}

enum webauthn_verdict
forge_authenticate(struct forge *f, struct webauthn_assertion *out)
{
	struct webauthn_authenticate_response	r = forge_asserted(f);
	struct webauthn_authenticate_expect	expect = {
		expected(f), f->allowed, f->allowed_count, f->known_handle
	};

	return (webauthn_authenticate_check(&r, &expect, &f->stored, out));
}
