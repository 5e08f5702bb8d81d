# A process's title is its thread name: the arguments are not ours to
# overwrite.
in 'src/kore.c';
after '#include "hooks.h"', <<'C';
#include "server/server_log.h"
C
in 'src/kore.c', 'kore_proctitle';
body <<'C';
	server_log_title(title);
C
