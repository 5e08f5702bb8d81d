# No signal is lost.  Those that come before a process has its handlers wait
# (server_parent_signals()); an order to end is not overwritten by what comes
# after it; and a signal is taken before it is obeyed, so that one that comes
# meanwhile is still there when it was.
in 'src/kore.c';
after '#include "hooks.h"', <<'C';
#include "server/server_parent.h"
C
in 'src/kore.c', 'kore_signal_setup';
after '(void)signal(SIGPIPE, SIG_IGN);', <<'C';
	server_parent_signals(SIG_UNBLOCK);
C
in 'src/kore.c', 'kore_signal';
body <<'C';
	if (sig_recv == SIGTERM || sig_recv == SIGQUIT || sig_recv == SIGINT)
		return;
	/* Dead children are looked for every second as well. */
	if (sig != SIGCHLD || sig_recv == 0)
		sig_recv = sig;
C
in 'src/kore.c', 'kore_server_start';
replace 'last_sig = sig_recv;', 'last_sig = server_parent_signal();';
replace 'switch (sig_recv) {', 'switch (last_sig) {';
replace qr/if \(sig_recv == last_sig\)\n\t+sig_recv = 0;\n\t+else\n/,
    "if (sig_recv != 0)\n";
replace qr/(?<=case SIGUSR1:\n\t\t\t\t)kore_worker_dispatch_signal\(sig_recv\);/,
    'kore_worker_dispatch_signal(SIGUSR1);';

in 'src/worker.c';
after '#include "kore.h"', <<'C';
#include "server/server_parent.h"
C
# kw is in memory that parent and child share: the child's 0 must not be what
# the parent reads as its own.
in 'src/worker.c', 'kore_worker_spawn';
after 'struct kore_worker', <<'C';
	pid_t			pid;
C
replace 'kw->pid = fork();', <<'C' =~ s/^\t//r;
	server_parent_signals(SIG_BLOCK);
	if ((pid = fork()) != 0) {
		kw->pid = pid;
		server_parent_signals(SIG_UNBLOCK);
	}
C
replace 'if (kw->pid == -1)', 'if (pid == -1)';
replace 'if (kw->pid == 0) {', 'if (pid == 0) {';

for (['src/worker.c', 'kore_worker_entry'], ['src/keymgr.c', 'kore_keymgr_run']) {
	in @$_;
	replace 'switch (sig_recv) {',
	    'switch (__atomic_exchange_n(&sig_recv, 0, __ATOMIC_SEQ_CST)) {';
	replace 'sig_recv = 0;', '';
}
