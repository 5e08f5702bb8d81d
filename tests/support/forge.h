/*
 * A forged ceremony: everything an authenticator and a browser send, in parts
 * that a test spoils one at a time.  What is signed is signed after spoiling,
 * so that the check of the spoiled part is what must refuse it.
 */
#ifndef PERMISO_TESTS_FORGE_H
#define PERMISO_TESTS_FORGE_H

#include <stdbool.h>

#include <openssl/evp.h>

#include "base/base_arena.h"
#include "webauthn/webauthn_authenticate.h"
#include "webauthn/webauthn_register.h"

#define FORGE_UP	0x01
#define FORGE_UV	0x04
#define FORGE_BE	0x08
#define FORGE_BS	0x10
#define FORGE_AT	0x40
#define FORGE_ED	0x80

#define FORGE_RP_ID	"localhost"
#define FORGE_ORIGIN	"http://localhost:1812"

/* Where a slice is empty or a pointer NULL, the right thing is made. */
struct forge {
	struct base_arena	 arena;
	bool			 creation;
	int32_t			 alg;
	EVP_PKEY		*key;		/* not owned */

	/* Client data */
	const char		*type;
	const char		*challenge;	/* base64url */
	const char		*origin;
	const char		*more;		/* ", \"name\": value" */
	struct base_slice	 client_data;	/* in place of all that */

	/* Authenticator data */
	struct base_slice	 rp_id_hash;
	uint8_t			 flags;
	uint32_t		 count;
	uint8_t			 aaguid[16];
	struct base_slice	 id;		/* in the data */
	long			 id_len;	/* claimed; -1: the true one */
	struct base_slice	 cose;
	struct base_slice	 extensions;	/* CBOR */
	struct base_slice	 tail;		/* behind it all */
	struct base_slice	 auth_data;	/* in place of all that */

	/* Attestation object */
	const char		*format;
	bool			 self;		/* packed self attestation */
	struct base_slice	 statement;	/* CBOR */
	struct base_slice	 object;	/* in place of all that */

	/* The response */
	struct base_slice	 raw_id;
	struct base_slice	 user_handle;
	bool			 no_user_handle;
	EVP_PKEY		*signer;	/* NULL: key */
	struct base_slice	 signature;	/* of an assertion */

	/* What the server knows */
	struct base_slice		 origins[2];
	struct webauthn_expect		 expect;
	const int32_t			*algs;
	size_t				 alg_count;
	const struct base_slice		*allowed;
	size_t				 allowed_count;
	struct base_slice		 known_handle;
	struct webauthn_stored		 stored;
};

/* A good creation, or a good assertion of a good stored key. */
void	forge_creation(struct forge *forge, int32_t alg);
void	forge_assertion(struct forge *forge, int32_t alg);
void	forge_clear(struct forge *forge);

/* Build the response, check it as the server does. */
enum webauthn_verdict	forge_register(struct forge *forge,
			    struct webauthn_credential *out);
enum webauthn_verdict	forge_authenticate(struct forge *forge,
			    struct webauthn_assertion *out);

/* The response alone, for tests that go on by themselves. */
struct webauthn_register_response	forge_created(struct forge *forge);
struct webauthn_authenticate_response	forge_asserted(struct forge *forge);

/* The key of this process for an algorithm; "other" is a second one. */
EVP_PKEY		*forge_key(int32_t alg, bool other);
struct base_slice	 forge_cose(struct base_arena *arena, EVP_PKEY *key,
			    int32_t alg);
struct base_slice	 forge_spki(struct base_arena *arena, EVP_PKEY *key);
struct base_slice	 forge_sign(struct base_arena *arena, EVP_PKEY *key,
			    const EVP_MD *digest, struct base_slice message);

/* Bytes. */
struct base_slice	 forge_text(const char *text);
struct base_slice	 forge_hex(struct base_arena *arena, const char *hex);
struct base_slice	 forge_repeat(struct base_arena *arena, uint8_t byte,
			    size_t count);
struct base_slice	 forge_join(struct base_arena *arena,
			    struct base_slice a, struct base_slice b);
/* A CBOR head of shortest form, and a byte string. */
struct base_slice	 forge_head(struct base_arena *arena,
			    unsigned int major, uint64_t n);
struct base_slice	 forge_string(struct base_arena *arena,
			    struct base_slice bytes);
struct base_slice	 forge_json(struct base_arena *arena,
			    const char *format, ...)
			    __attribute__((format(printf, 2, 3)));

#endif /* !PERMISO_TESTS_FORGE_H */
