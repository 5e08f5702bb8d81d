# Every child dies with its parent, leaves no core and cannot be traced; the
# key manager too, which runs no hook (server_sandbox.h).
in 'src/worker.c';
after '#include "kore.h"', <<'C';
#include "server/server_sandbox.h"
C
in 'src/worker.c', 'kore_worker_privdrop';
before 'kore_platform_sandbox();', <<'C';
	server_sandbox_confine();
C
