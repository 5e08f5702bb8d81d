# Kore's log lines are lines of our one log.
in 'src/utils.c';
after '#include "kore.h"', <<'C';
#include "server/server_log.h"
C
in 'src/utils.c', 'kore_log';
body <<'C';
	va_list		args;
	char		buf[2048];

	va_start(args, fmt);
	(void)vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	server_log_line(prio, buf);
C
in 'src/utils.c', 'fatal_log';
body <<'C';
	char	buf[2048];

	(void)vsnprintf(buf, sizeof(buf), fmt, args);
	server_log_line(LOG_CRIT, buf);
	if (worker != NULL && worker->id == KORE_WORKER_KEYMGR)
		kore_keymgr_cleanup(1);
C
