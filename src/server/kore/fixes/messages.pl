# Messages between the processes: a worker that is started again does not get
# each of them once more, none is larger than a certificate chain, and a
# worker whose parent is gone ends without kill(2), which its filter forbids.
in 'src/msg.c';
after '#include "kore.h"', <<'C';
#include "server/server_parent.h"
C
in 'src/msg.c', 'msg_disconnected_worker';
body <<'C';
	size_t	i;

	for (i = 0; i < cacheidx; i++) {
		if (conncache[i] == c)
			conncache[i--] = conncache[--cacheidx];
	}

	c->hdlr_extra = NULL;
C
in 'src/msg.c', 'msg_recv_packet';
before 'if (msg->length > 0) {', <<'C';
	if (msg->length > 1024 * 1024) {
		server_parent_distrust(nb->owner);
		net_recv_reset(nb->owner, sizeof(struct kore_msg),
		    msg_recv_packet);
		nb->owner->evt.flags &= ~KORE_EVENT_READ;
		return (KORE_RESULT_OK);
	}

C
in 'src/msg.c', 'msg_disconnected_parent';
body <<'C';
	sig_recv = SIGQUIT;
C
# Nor does one worker's word, or end, stop them all.
in 'src/msg.c', 'msg_type_shutdown';
body <<'C';
	kore_log(LOG_NOTICE, "worker %u wants an end", msg->src);
C
in 'src/worker.c', 'kore_worker_entry';
replace 'kore_msg_send(KORE_MSG_PARENT, KORE_MSG_SHUTDOWN, NULL, 0);', '';
