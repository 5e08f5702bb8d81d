/*
 * Light minifying: comments and white space only, nothing is renamed.
 */
#ifndef PERMISO_TOOLS_PACK_MINIFY_H
#define PERMISO_TOOLS_PACK_MINIFY_H

#include <stdbool.h>

#include "base/base_buffer.h"

/* A style sheet: comments go, white space shrinks, strings stay. */
void	pack_minify_css(const char *text, struct base_buffer *out);

/*
 * A script: comments on lines of their own and indents go.  False when a
 * template literal spans lines, which this would damage.
 */
bool	pack_minify_js(const char *text, struct base_buffer *out);

#endif /* !PERMISO_TOOLS_PACK_MINIFY_H */
