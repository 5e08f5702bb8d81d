/*
 * Account and administration: pages and JSON API out of one table.
 *
 * An operation is one thing that can be asked or done.  It has up to two
 * addresses, an API path and a page, and one function; what the function
 * answers is one JSON object, dumped for the API and rendered for the page.
 * docs/settings.md says how to add one.
 *
 * The frame (settings.c) does what is common before "run" is called: finds
 * the operation, the session, its rights, a passkey used lately, the CSRF
 * token, and decodes input by its field table.  The statement of the operation
 * joins the live session once more (store_caller.h), so that right and deed
 * are one.
 */
#ifndef PERMISO_SETTINGS_H
#define PERMISO_SETTINGS_H

#include "account/account_session.h"
#include "account/account_user.h"
#include "store/store_caller.h"
#include "web/web.h"
#include "web/web_router.h"

#define SETTINGS_ROUTES		11
extern const struct web_route	settings_routes[SETTINGS_ROUTES];

/* --- fields ---------------------------------------------------------------- */

/* In JSON, and in a form. */
enum settings_type {
	SETTINGS_END = 0,	/* closes a table */
	SETTINGS_TEXT,		/* text of one line; account_text.h */
	SETTINGS_EMAIL,
	SETTINGS_USERNAME,
	SETTINGS_NUMBER,	/* integer from "min" to "max" */
	SETTINGS_SWITCH,	/* true or false; a checkbox: absent is false */
	SETTINGS_CHOICE,	/* one of "choices" */
	SETTINGS_LANGUAGE,	/* tag of one that pages are written in */
	SETTINGS_ID,		/* UUID */
	SETTINGS_IDS,		/* list of UUIDs; a form repeats the name */
	SETTINGS_LINES,		/* list of texts; a form has one a line */
	/* of answers only */
	SETTINGS_TIME,		/* RFC 3339, UTC; its name ends in "_at" */
	SETTINGS_OBJECT,	/* members "of" */
	SETTINGS_OBJECTS	/* list of such */
};

/* One member of what is taken, or of what is answered. */
struct settings_field {
	const char		*name;
	enum settings_type	 type;
	bool			 required;	/* an answer: never null */
	bool			 hidden;	/* of the page's form */
	int			 min;		/* NUMBER */
	int			 max;		/* NUMBER; characters of a TEXT
						 * or line; 0: 200 */
	int			 lines;		/* LINES, IDS: at most; 0: 50 */
	const char *const	*choices;	/* CHOICE, NULL-terminated */
	/* A rule more: NULL when "text" is good, else an error's code. */
	const char		*(*check)(const char *text);
	/* The page: message keys; a choice's is LABEL.CHOICE. */
	const char		*label;
	const char		*hint;
	const char		*autocomplete;
	const struct settings_field *of;	/* OBJECT, OBJECTS */
};

/* --- operations ------------------------------------------------------------ */

enum settings_access {
	SETTINGS_USER = 0,	/* signed in with a passkey */
	SETTINGS_ADMINISTRATOR
};

/*
 * Completes what "run" answered for the page: addresses (web_url.h), texts,
 * forms.  Members whose name ends in "_at" are <time> already.
 */
typedef void settings_view(struct web_exchange *x, json_t *model);

struct settings_operation {
	const char		*name;		/* "passkey_remove" */
	enum web_method		 method;	/* of the API */
	/* Paths; "{passkey}" takes one UUID.  NULL: there is none. */
	const char		*api;
	const char		*page;		/* GET; POST when it changes */
	enum settings_access	 access;
	bool			 fresh;		/* a passkey, 10 min ago at most */
	/* Body; of a GET, and of a DELETE of the API: query. */
	const struct settings_field *input;
	const struct settings_field *output;	/* members of the answer */
	/* A list: members of an item that it is sorted by, the cursor's. */
	const char		*keys[2];
	web_step		*run;
	/* Of a GET with a page: */
	const char		*title;		/* message key */
	const char		*template;	/* assets/pages/NAME.html */
	settings_view		*view;		/* may be NULL */
	/* Of a change with a page: the GET that shows its form. */
	const char		*back;
};

/* One file's operations, ended by one without a name. */
extern const struct settings_operation	settings_app_operations[];
extern const struct settings_operation	settings_audit_operations[];
extern const struct settings_operation	settings_passkey_operations[];
extern const struct settings_operation	settings_profile_operations[];
extern const struct settings_operation	settings_session_operations[];
extern const struct settings_operation	settings_user_operations[];
extern const struct settings_operation	settings_user_access_operations[];

/* All operations, for the index, OpenAPI and tests: NULL behind the last. */
const struct settings_operation	*settings_operation(size_t index);
const struct settings_operation	*settings_operation_find(const char *name);

/* --- for "run": who, and what was sent ------------------------------------- */

/* The handler's own state, zeroed; as web_state() elsewhere. */
void				*settings_state(struct web_exchange *x,
				    size_t size);
const struct account_user	*settings_user(struct web_exchange *x);
const struct account_session	*settings_session(struct web_exchange *x);
/* For store_caller_read() and store_caller_write(). */
const struct store_caller	*settings_caller(struct web_exchange *x);
/* The UUID of the path's n-th "{...}", from 0. */
const struct base_uuid		*settings_id(struct web_exchange *x,
				    size_t n);
/* The caller's API answer, not a page. */
bool				 settings_api(struct web_exchange *x);

/*
 * Input by its table: every name of it is there, null when it was not sent
 * and need not be.  Borrowed.
 */
const json_t		*settings_input(struct web_exchange *x);
const char		*settings_text(struct web_exchange *x,
			    const char *name);		/* NULL: null */
int64_t			 settings_number(struct web_exchange *x,
			    const char *name, int64_t none);
bool			 settings_on(struct web_exchange *x, const char *name);
/* A list as store_texts() takes it; empty when null. */
const char *const	*settings_texts(struct web_exchange *x,
			    const char *name);

/* A list's page: ask for size + 1 rows behind "after" (texts; NULL: first). */
struct settings_paging {
	int64_t		 size;
	const char	*after[2];
};
const struct settings_paging	*settings_paging(struct web_exchange *x);

/* --- for "run": answers ---------------------------------------------------- */

/* An object of the operation's output; consumed. */
struct web_next	settings_show(struct web_exchange *x, json_t *object);
/* A list of such, of which the last one, when there are size + 1, is only
 * the sign that there are more; consumed. */
struct web_next	settings_list(struct web_exchange *x, json_t *items);

/*
 * It is done.  Page: to "page" (a path of ours), which says the message
 * "notice.NOTICE".  API: 200 with "object", 204 when it is NULL.
 */
struct web_next	settings_done(struct web_exchange *x, const char *page,
		    const char *notice, json_t *object);
/* The same for something new: 201, with its API path as Location. */
struct web_next	settings_created(struct web_exchange *x, const char *page,
		    const char *notice, const char *api, json_t *object);

/* This field is wrong: message "form.CODE"; then settings_invalid(). */
void		settings_wrong(struct web_exchange *x, const char *field,
		    const char *code);
/* 422: the form again with all that was typed, or a problem with errors. */
struct web_next	settings_invalid(struct web_exchange *x);

/*
 * A passkey is to be used first: the sign-in page, and from there back to the
 * page with the form; or problem "confirm".
 */
struct web_next	settings_confirm(struct web_exchange *x);

/*
 * A refusal: page, or problem (RFC 9457) with member "code".  "code" is a
 * word of settings_problem.c; an unknown one is a 500.
 */
struct web_next	settings_problem(struct web_exchange *x, const char *code);
/* What a verdict other than STORE_OK means when the operation has no words
 * of its own: gone 401, missing 404, conflict and refused 409, stale 412. */
struct web_next	settings_verdict(struct web_exchange *x,
		    enum store_status status);

/* --- for views ------------------------------------------------------------- */

/*
 * The form of operation "name" for part "settings/form": fields with the
 * values of "object" (by name), or with what was typed and was wrong.  "id"
 * tells several on one page apart (NULL: there is one): it must be the UUID of
 * the path.
 */
json_t	*settings_form(struct web_exchange *x, const char *name,
	    const json_t *object, const char *id);

/* A path with its "{...}" replaced in order, for href and action. */
json_t	*settings_path(struct web_exchange *x, const char *path,
	    const char *id, const char *second);

/* Values of answers. */
json_t	*settings_time(int64_t seconds);	/* 0: null */
json_t	*settings_uuid(const struct base_uuid *uuid);
json_t	*settings_string(const char *text);	/* "": null */

#endif /* !PERMISO_SETTINGS_H */
