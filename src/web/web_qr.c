/*
 * QR codes as drawings: one path, a run of dark modules at a time.
 */

#include "web/web_qr.h"

#include <stdio.h>
#include <string.h>

#include <qrencode.h>

#include "base/base_buffer.h"
#include "base/base_bytes.h"
#include "web/web_html.h"

#define MARGIN		4	/* modules, ISO/IEC 18004 section 6.3.8 */
#define MARKUP_MAX	60000
#define DARK		1	/* the lowest bit of a module */

/* The dark runs of one row. */
static void
row_draw(struct base_buffer *out, const unsigned char *row, int width, int y)
{
	char	run[64];
	int	begin, x = 0;

	while (x < width) {
		if (!(row[x] & DARK)) {
			x++;
			continue;
		}
		begin = x;
		while (x < width && (row[x] & DARK))
			x++;
		(void)snprintf(run, sizeof(run), "M%d %dh%dv1h-%dz",
		    begin + MARGIN, y + MARGIN, x - begin, x - begin);
		base_buffer_text(out, run);
	}
}

static json_t *
draw(const QRcode *code, const char *label)
{
	char			 head[160];
	const char		*markup;
	const int		 size = code->width + 2 * MARGIN;
	json_t			*value = NULL;
	struct base_buffer	 out;

	base_buffer_init(&out, MARKUP_MAX);
	base_buffer_text(&out, "<svg class=\"qr\" role=\"img\" aria-label=\"");
	web_html_escape(&out, label, strlen(label));
	(void)snprintf(head, sizeof(head), "\" viewBox=\"0 0 %d %d\" "
	    "shape-rendering=\"crispEdges\"><path fill=\"#fff\" "
	    "d=\"M0 0h%dv%dH0z\"/><path d=\"", size, size, size, size);
	base_buffer_text(&out, head);
	for (int y = 0; y < code->width; y++)
		row_draw(&out, code->data + y * code->width, code->width, y);
	base_buffer_text(&out, "\"/></svg>");

	if ((markup = base_buffer_finish(&out)) != NULL)
		value = web_html_drawing(markup);
	base_buffer_clear(&out);
	return (value);
}

json_t *
web_qr(const char *text, const char *label)
{
	json_t	*value;
	QRcode	*code;

	if (strlen(text) > WEB_QR_TEXT_MAX || (code = QRcode_encodeString8bit(
	    text, 0, QR_ECLEVEL_M)) == NULL)
		return (NULL);

	value = draw(code, label);
	/* It may be the drawing of a secret. */
	base_bytes_wipe(code->data, (size_t)code->width * (size_t)code->width);
	QRcode_free(code);
	return (value);
}
