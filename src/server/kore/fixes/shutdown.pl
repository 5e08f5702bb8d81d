# Waiting for the workers has an end, a signal that a worker missed is sent
# again, and the shared memory is gone when the last process is.
in 'src/worker.c';
after '#include "kore.h"', <<'C';
#include "server/server_parent.h"
C
in 'src/worker.c', 'kore_worker_shutdown';
body <<'C';
	server_parent_wait(kore_workers, worker_count);
C
in 'src/worker.c', 'kore_worker_init';
after 'fatal("kore_worker_init(): shmat() %s"', <<'C';
	if (shmctl(shm_accept_key, IPC_RMID, NULL) == -1)
		fatal("kore_worker_init(): shmctl() %s", errno_s);
C
