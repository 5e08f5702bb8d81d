/*
 * Bytes of sealed values: numbers, texts and keys, one after the other.
 *
 * Writing and reading mirror each other call by call.  Failure is sticky and
 * asked once at the end, so that neither side checks every step.
 */
#ifndef PERMISO_OIDC_PACK_H
#define PERMISO_OIDC_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oidc_pack {
	uint8_t		*out;		/* writing */
	const uint8_t	*in;		/* reading */
	size_t		 size;		/* of "out", or length of "in" */
	size_t		 len;		/* written or read so far */
	bool		 failed;
};

struct oidc_pack	oidc_pack_writer(void *out, size_t size);
struct oidc_pack	oidc_pack_reader(const void *in, size_t len);

/* Big-endian, 1 to 8 bytes; a value that needs more fails. */
void	oidc_pack_number(struct oidc_pack *pack, uint64_t value, size_t bytes);
void	oidc_pack_bytes(struct oidc_pack *pack, const void *data, size_t len);
/* Two bytes of length, then the text without its NUL. */
void	oidc_pack_text(struct oidc_pack *pack, const char *text);

uint64_t	oidc_pack_get_number(struct oidc_pack *pack, size_t bytes);
void		oidc_pack_get_bytes(struct oidc_pack *pack, void *out,
		    size_t len);
void		oidc_pack_get_text(struct oidc_pack *pack, char *out,
		    size_t size);

/* Everything written fitted; or everything was read and nothing is left. */
bool	oidc_pack_finish(const struct oidc_pack *pack);

#endif /* !PERMISO_OIDC_PACK_H */
