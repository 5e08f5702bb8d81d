# The parent wakes once a second to look for dead children, in place of ten
# times for an access log that we do not have.
in 'src/kore.c';
after '#include "hooks.h"', <<'C';
#include "server/server_parent.h"
C
in 'src/kore.c', 'kore_server_start';
replace 'kore_timer_add(kore_accesslog_run, 100, NULL, 0);',
    'kore_timer_add(server_parent_tick, SERVER_PARENT_TICK, NULL, 0);';
