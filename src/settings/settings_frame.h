/*
 * What one exchange of the settings has in hand.  Only src/settings includes
 * this, and of it only the frame's own files.
 */
#ifndef PERMISO_SETTINGS_FRAME_H
#define PERMISO_SETTINGS_FRAME_H

#include "settings/settings.h"
#include "web/web_form.h"

#define SETTINGS_ERRORS_MAX	32	/* of one input; more are not told */
#define SETTINGS_IDS_MAX	3	/* in one path */

struct settings_error {
	const char	*field;		/* NULL: none of the table's */
	const char	*code;		/* message form.CODE */
	const char	*text;		/* in the reader's language */
};

struct settings_frame {
	const struct settings_operation	*op;
	const struct settings_operation	*failed;  /* whose form is shown again */
	bool				 api;
	struct base_uuid		 ids[SETTINGS_IDS_MAX];
	size_t				 id_count;
	struct account_session		 session;
	struct account_user		 user;
	struct store_caller		 caller;
	struct web_form			*form;	/* as sent: page's body, query */
	json_t				*input;	/* borrowed; of the exchange */
	struct settings_paging		 paging;
	struct settings_error		 errors[SETTINGS_ERRORS_MAX];
	size_t				 error_count;
	void				*own;	/* settings_state() */
	size_t				 own_size;
};

struct settings_frame	*settings_frame(struct web_exchange *x);

/* --- settings_form.c --- */

/* Decode by the operation's table; every error is noted.  False: what was
 * sent is no form (or JSON object) at all. */
bool	settings_form_decode(struct web_exchange *x);
/* Note an error; "field" NULL: of no field. */
void	settings_form_wrong(struct web_exchange *x, const char *field,
	    const char *code);

/* --- settings_list.c --- */

/* "after" and "size" of the query; false, noted, when they are wrong. */
bool	settings_list_decode(struct web_exchange *x);
/* {"items", "next"}, and for a page "next_url"; consumes "items". */
json_t	*settings_list_model(struct web_exchange *x, json_t *items);

/* --- settings_page.c --- */

struct web_next	settings_page(struct web_exchange *x, json_t *object);
/* To "path" by 303; "notice" (NULL: none) is said there. */
struct web_next	settings_page_go(struct web_exchange *x, const char *path,
		    const char *notice);

/* --- settings_problem.c --- */

struct web_next	settings_problem_invalid(struct web_exchange *x);
/* JSON of any media type; consumed. */
struct web_next	settings_problem_json(struct web_exchange *x, int status,
		    const char *type, json_t *json);

/* --- settings_openapi.c --- */

web_step	settings_openapi;
/* Whether "value" has the members of "fields" and no other, each of its type:
 * nothing leaves that the description does not have. */
bool		settings_openapi_matches(const struct settings_field *fields,
		    const json_t *value);
/* The whole description; the caller owns it. */
json_t		*settings_openapi_document(const char *app_name,
		    const char *app_url);

#endif /* !PERMISO_SETTINGS_FRAME_H */
