#include "server/server_log.h"

#include <sys/prctl.h>

#include <stdio.h>
#include <syslog.h>

#include "base/base_log.h"

void
server_log_line(int priority, const char *text)
{
	enum base_log_level	level = BASE_LOG_INFO;

	if (priority <= LOG_ERR)
		level = BASE_LOG_ERROR;
	else if (priority == LOG_WARNING)
		level = BASE_LOG_WARNING;

	base_log(level, "kore", "said", base_log_text("text", text));
}

void
server_log_title(const char *title)
{
	char	name[16];

	(void)snprintf(name, sizeof(name), "permiso:%s", title);
	(void)prctl(PR_SET_NAME, name);
}
