# The last answer is delivered before the connection is dropped, also when
# the client is still sending (server_linger.h).
in 'src/net.c';
after '#include "kore.h"', <<'C';
#include "server/server_linger.h"
C
in 'src/net.c', 'net_send_flush';
replace 'kore_connection_disconnect(c);', 'server_linger_start(c);';
