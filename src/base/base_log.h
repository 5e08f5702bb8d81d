/*
 * One structured log, text or JSON, a line each, on standard error.
 *
 * Names are fixed words of ours, values are escaped.  No secret is ever a
 * value: tokens, codes, link values, cookies, secrets, Authorization headers
 * and the queries of authorize stay out.  The request id of
 * the exchange that is running is added by itself.
 */
#ifndef PERMISO_BASE_LOG_H
#define PERMISO_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE_LOG_REQUEST_ID_LEN	16

enum base_log_level {
	BASE_LOG_DEBUG,
	BASE_LOG_INFO,
	BASE_LOG_WARNING,
	BASE_LOG_ERROR
};

/* One value; made by the functions below, never by hand. */
struct base_log_value {
	enum { BASE_LOG_TEXT, BASE_LOG_NUMBER } kind;
	const char	*name;
	const char	*text;		/* borrowed until the call returns */
	int64_t		 number;
};

#define base_log_text(n, t)	((struct base_log_value){ \
				    .kind = BASE_LOG_TEXT, .name = (n), \
				    .text = (t) })
#define base_log_number(n, v)	((struct base_log_value){ \
				    .kind = BASE_LOG_NUMBER, .name = (n), \
				    .number = (v) })

/*
 * base_log(BASE_LOG_INFO, "store", "connected",
 *     base_log_text("host", host), base_log_number("after_ms", ms));
 */
#define base_log(level, part, event, ...) \
	base_log_write((level), (part), (event), \
	    (const struct base_log_value[]){ __VA_ARGS__ __VA_OPT__(,) \
	    { .name = NULL } })

/* Chosen once at start: process name, least level, JSON or text. */
void	base_log_open(const char *process, enum base_log_level least,
	    bool json);
/* The request whose lines follow; NULL: none. */
void	base_log_request(const char *request_id);
/* "values" ends with one whose name is NULL. */
void	base_log_write(enum base_log_level level, const char *part,
	    const char *event, const struct base_log_value *values);
bool	base_log_level_parse(const char *name, enum base_log_level *out);

#endif /* !PERMISO_BASE_LOG_H */
