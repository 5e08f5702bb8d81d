# SIGHUP reads the certificate and key again, after a look at them
# (server_tls.h); there are no modules to reload.
in 'src/kore.c';
after '#include "hooks.h"', <<'C';
#include "server/server_tls.h"
C
in 'src/kore.c', 'kore_server_start';
replace qr/(?<=case SIGHUP:\n\t\t\t\t)kore_worker_dispatch_signal\(sig_recv\);\n\t\t\t\tkore_module_reload\(0\);/,
    'server_tls_reload();';
