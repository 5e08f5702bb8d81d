/*
 * Claims: the one function that builds them, told the destination (OpenID
 * Connect Core 2, 5.1, 5.4, 5.5), and the "claims" parameter.
 *
 * A claim is given when a granted scope covers it or the request named it and
 * the client may ask for that scope.  Absent values are left out.
 */
#ifndef PERMISO_OIDC_CLAIMS_H
#define PERMISO_OIDC_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "account/account_user.h"
#include "oidc/oidc.h"
#include "oidc/oidc_error.h"

/* Claims about a person, as bits. */
enum oidc_claim {
	OIDC_CLAIM_NAME			= 1 << 0,
	OIDC_CLAIM_GIVEN_NAME		= 1 << 1,
	OIDC_CLAIM_FAMILY_NAME		= 1 << 2,
	OIDC_CLAIM_PREFERRED_USERNAME	= 1 << 3,
	OIDC_CLAIM_LOCALE		= 1 << 4,
	OIDC_CLAIM_UPDATED_AT		= 1 << 5,
	OIDC_CLAIM_EMAIL		= 1 << 6,
	OIDC_CLAIM_EMAIL_VERIFIED	= 1 << 7
};
#define OIDC_CLAIM_COUNT	8

/* What the "claims" parameter asked for. */
struct oidc_claims_set {
	uint32_t	id_token;	/* bits of enum oidc_claim */
	uint32_t	userinfo;
	bool		acr_unmet;	/* an essential acr we cannot give */
	char		sub[OIDC_SUB_MAX + 1];	/* demanded; "": none */
};

enum oidc_destination {
	OIDC_TO_ID_TOKEN,
	OIDC_TO_USERINFO,
	OIDC_TO_CONSENT		/* both together, as shown to the person */
};

/* What claims are made of. */
struct oidc_claims_facts {
	const struct account_user	*person;
	unsigned			 scopes;	/* granted */
	struct oidc_claims_set		 asked;
	bool				 core;		/* id_token_claims */
};

/* Name of claim "bit" (0 to OIDC_CLAIM_COUNT - 1) and the scope it is of. */
const char	*oidc_claims_name(size_t bit);
unsigned	 oidc_claims_scope(size_t bit);

/* Read a "claims" parameter; unknown claims are ignored. */
enum oidc_error	 oidc_claims_parse(const char *text, size_t len,
		    struct oidc_claims_set *out);
/* Drop what scopes the client may not ask for cover. */
void		 oidc_claims_narrow(struct oidc_claims_set *set,
		    unsigned allowed_scopes);
/*
 * What was asked for by name as words, "i.name u.email": i for the ID token,
 * u for userinfo; and back.  Words that are unknown are left out.
 */
#define OIDC_CLAIMS_WORDS_MAX	511
void		 oidc_claims_format(const struct oidc_claims_set *set,
		    char out[OIDC_CLAIMS_WORDS_MAX + 1]);
void		 oidc_claims_words(const char *text,
		    struct oidc_claims_set *out);

/*
 * The claims about the person for one destination: a new object with "sub",
 * to which the protocol's own claims are added by whoever sends it.  NULL
 * only when out of memory.
 */
json_t		*oidc_claims_build(enum oidc_destination destination,
		    const struct oidc_claims_facts *facts);

#endif /* !PERMISO_OIDC_CLAIMS_H */
