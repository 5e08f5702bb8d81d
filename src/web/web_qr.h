/*
 * QR codes (ISO/IEC 18004) as drawings in a page.
 */
#ifndef PERMISO_WEB_QR_H
#define PERMISO_WEB_QR_H

#include <jansson.h>

#define WEB_QR_TEXT_MAX	1024	/* bytes */

/*
 * "text" as an inline SVG for {{{name}}}: level M, four modules of margin,
 * black on white whatever the theme is.  "label" is read out in its place.
 * NULL when it is too long or memory is gone.
 */
json_t	*web_qr(const char *text, const char *label);

#endif /* !PERMISO_WEB_QR_H */
