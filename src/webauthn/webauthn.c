#include "webauthn/webauthn.h"

const int32_t	webauthn_algs[WEBAUTHN_ALGS_COUNT] = {
	WEBAUTHN_ALG_EDDSA, WEBAUTHN_ALG_ES256, WEBAUTHN_ALG_RS256,
};

const char *
webauthn_format_name(enum webauthn_format format)
{
	switch (format) {
	case WEBAUTHN_FORMAT_PACKED:
		return ("packed");
	case WEBAUTHN_FORMAT_NONE:
		break;
	}
	return ("none");
}

const char *
webauthn_attestation_name(enum webauthn_attestation type)
{
	switch (type) {
	case WEBAUTHN_ATTESTATION_SELF:
		return ("self");
	case WEBAUTHN_ATTESTATION_NONE:
		break;
	}
	return ("none");
}
