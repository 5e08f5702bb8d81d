/*
 * Kore's words, in our log and in the process table.
 */
#ifndef PERMISO_SERVER_LOG_H
#define PERMISO_SERVER_LOG_H

/* A line of Kore's, with its <syslog.h> priority. */
void	server_log_line(int priority, const char *text);

/* Name this process after what Kore calls it ("1", "parent", "keymgr"). */
void	server_log_title(const char *title);

#endif /* !PERMISO_SERVER_LOG_H */
