# A process that gives up says with its exit code whether trying again may
# help (<sysexits.h>).
in 'src/utils.c';
after '#include "kore.h"', <<'C';
#include "server/server_parent.h"
C
in 'src/utils.c', 'fatal';
replace 'exit(1)', 'exit(SERVER_PARENT_GAVE_UP)';
in 'src/utils.c', 'fatalx';
replace 'exit(1)', 'exit(SERVER_PARENT_GAVE_UP)';
