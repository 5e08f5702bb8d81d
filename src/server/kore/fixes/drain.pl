# A worker that is told to end first finishes what it has begun
# (server_worker.h).
in 'src/worker.c';
after '#include "kore.h"', <<'C';
#include "server/server_worker.h"
C
in 'src/worker.c', 'kore_worker_entry';
replace 'quit = 1;', 'quit = server_worker_quit();';
