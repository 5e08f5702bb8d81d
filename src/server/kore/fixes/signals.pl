# The order to end is not overwritten by a signal that comes after it.
in 'src/kore.c', 'kore_signal';
body <<'C';
	if (sig_recv != SIGTERM && sig_recv != SIGQUIT && sig_recv != SIGINT)
		sig_recv = sig;
C
