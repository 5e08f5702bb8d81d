# A dead worker is started again, with a growing pause when it keeps dying
# (server_parent.h); also one that left with 0, which would have kept the
# right to accept.
in 'src/worker.c';
after '#include "kore.h"', <<'C';
#include "server/server_parent.h"
C
in 'src/worker.c', 'worker_reaper';
replace 'WEXITSTATUS(status) == 0', 'sig_recv == SIGTERM';
after 'keymgr or acme process gone, stopping', <<'C';
			server_parent_failed();
C
replace qr/kore_worker_spawn\(idx, kw->id, kw->cpu\);\n\t\tkore_msg_parent_add\(kw\);/,
    'server_parent_restart(kw, idx);';
in 'src/worker.c', 'kore_worker_spawn';
after 'kw->running = 1;', <<'C';
	server_parent_started(kw);
C
