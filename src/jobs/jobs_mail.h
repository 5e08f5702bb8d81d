/*
 * The process that sends mail: a child of jobs, so that a server that does
 * not answer holds up nothing else.  It sees the outbox, its letters and the
 * mail server, and ends with its parent.
 */
#ifndef PERMISO_JOBS_MAIL_H
#define PERMISO_JOBS_MAIL_H

#include "base/base_config.h"

/*
 * Start it, unless there is no mail server; before the parent's system call
 * filter.  It inherits the settings.  False, logged, when it cannot be
 * started.  When it ends, the parent ends too and both are started again.
 */
bool	jobs_mail_start(const struct base_config *config);

#endif /* !PERMISO_JOBS_MAIL_H */
