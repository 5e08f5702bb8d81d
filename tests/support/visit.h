/*
 * Visits to the real handlers and pages, with a database that answers from a
 * script (fake_runner.h): one browser that keeps its cookies.
 */
#ifndef PERMISO_TESTS_VISIT_H
#define PERMISO_TESTS_VISIT_H

#include <jansson.h>

#include "web/web_exchange.h"

#define VISIT_BODY_MAX	65536

/* The answer to the last request. */
struct visit {
	int	 status;
	char	 headers[4096];		/* "name: value\n", as sent */
	char	 body[VISIT_BODY_MAX];
	char	 location[4096];	/* "" when there is none */
	int	 statements;		/* that were asked */
};

/* A process of its own for the whole test program; settings are those of a
 * development installation at http://localhost:1812.  visit_close ends it. */
void	visit_open(struct base_config *config);
void	visit_close(void);

/* Let every timer fire; how many there were. */
int	visit_tick(void);

/* Forget all cookies: another browser. */
void	visit_forget(void);
/* Value of a cookie, or NULL; set one by hand (NULL deletes it). */
const char	*visit_cookie(const char *name);
void		 visit_set_cookie(const char *name, const char *value);

/* "path" with an optional query.  Runs until it is answered; what it asks the
 * database must have been scripted before. */
void	visit_get(struct visit *visit, const char *path);
/* A form: "body" is urlencoded.  JSON: with the X-CSRF header "csrf". */
void	visit_form(struct visit *visit, const char *path, const char *body);
void	visit_json(struct visit *visit, const char *path, const char *csrf,
	    const char *body);

/* The answer's JSON, or ends the test; the caller owns it. */
json_t	*visit_answer(const struct visit *visit);
/* A text of the answer's JSON, in a static buffer. */
const char	*visit_text(const struct visit *visit, const char *name);
/* What stands in the page between name=" and the next quote, unescaped. */
const char	*visit_attribute(const struct visit *visit, const char *name);

#endif /* !PERMISO_TESTS_VISIT_H */
