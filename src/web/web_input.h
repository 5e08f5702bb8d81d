/*
 * What a request carries, parsed once: query, form body, JSON body.
 * Parameters are read only from the place the specification names.
 */
#ifndef PERMISO_WEB_INPUT_H
#define PERMISO_WEB_INPUT_H

#include "web/web.h"
#include "web/web_form.h"

/* The query string; an absent one is an empty form. */
enum web_form_status	web_input_query(struct web_exchange *x,
			    struct web_form *out);

/*
 * The body of a POST.  WEB_FORM_MALFORMED also when the content type is not
 * exactly a form.
 */
enum web_form_status	web_input_form(struct web_exchange *x,
			    struct web_form *out);

/*
 * The JSON object in the body; NULL when the content type is not JSON or the
 * text is not what web_json.h takes.  Borrowed: freed with the exchange.
 */
json_t	*web_input_json(struct web_exchange *x);

#endif /* !PERMISO_WEB_INPUT_H */
