/*
 * One message, compiled.  Only web_message*.c and their tests include this.
 */
#ifndef PERMISO_WEB_MESSAGE_PARSE_H
#define PERMISO_WEB_MESSAGE_PARSE_H

#include "base/base_arena.h"
#include "base/base_bytes.h"

#define WEB_MESSAGE_DEPTH_MAX	4	/* plurals and selects in each other */

enum web_message_kind {
	WEB_MESSAGE_LITERAL,
	WEB_MESSAGE_ARGUMENT,	/* {name} */
	WEB_MESSAGE_NUMBER,	/* # inside a plural */
	WEB_MESSAGE_PLURAL,
	WEB_MESSAGE_SELECT,
	WEB_MESSAGE_BOLD,	/* <b> */
	WEB_MESSAGE_PLAIN	/* </b> */
};

struct web_message_branch;

struct web_message_piece {
	enum web_message_kind		 kind;
	struct base_slice		 text;	/* literal, or argument's name */
	struct web_message_branch	*branches;
	struct web_message_piece	*next;
};

struct web_message_branch {
	struct base_slice		 name;	/* "=0", "one", "other", "a" */
	struct web_message_piece	*pieces;
	struct web_message_branch	*next;
};

/*
 * Compile "text", which must outlive the pieces.  False, with what is wrong
 * in *what, when it is malformed: a brace or <b> left open, a plural or select
 * without "other", an unknown form.
 */
bool	web_message_parse(struct base_arena *arena, const char *text,
	    struct web_message_piece **out, const char **what);

#endif /* !PERMISO_WEB_MESSAGE_PARSE_H */
