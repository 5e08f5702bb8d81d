/*
 * Settings -> Administration -> Users: what the files about people share.
 * Only src/settings/settings_user*.c include this.
 */
#ifndef PERMISO_SETTINGS_USER_H
#define PERMISO_SETTINGS_USER_H

#include "settings/settings.h"
#include "store/store_actor.h"
#include "store/store_people.h"

#define SETTINGS_USER_LIST	"/settings/admin/users"
#define SETTINGS_USER_PAGE	SETTINGS_USER_LIST "/{user}"
#define SETTINGS_USER_API	"/api/users/{user}"

/* The person, as answers have them. */
extern const struct settings_field	settings_user_fields[];
json_t	*settings_user_object(const struct store_people_row *row);

/* Who acts, for the statements of store_user_admin.h. */
const struct store_actor	*settings_user_actor(struct web_exchange *x);

/* The page of the path's person, or with "id" that of another one. */
const char	*settings_user_path(struct web_exchange *x, const char *id);

/*
 * It is done, or the reason why not.  OK and UNCHANGED: "notice" on the page
 * of the path's person (or on "page").  What a form can put right is the
 * caller's.
 */
struct web_next	settings_user_done(struct web_exchange *x,
		    enum store_actor_verdict verdict, const char *page,
		    const char *notice);

/* "All about one" for a page that asks before something is done: the answer
 * to store_people_find().  False: *refused is the answer. */
bool		settings_user_found(struct web_exchange *x,
		    struct store_people_profile *profile,
		    struct web_next *refused);

/* --- pages that ask: settings_user_ask.c ----------------------------------- */

extern const struct settings_field	settings_user_ask_fields[];
web_step	settings_user_ask;
/*
 * The question's words are messages "users.WHAT.title" (with the person's
 * name), ".text", ".button"; it posts to "action", with the form of the
 * operation of the same name where that has fields.
 */
void		settings_user_ask_view(struct web_exchange *x, json_t *model,
		    const char *what, const char *operation);

#endif /* !PERMISO_SETTINGS_USER_H */
