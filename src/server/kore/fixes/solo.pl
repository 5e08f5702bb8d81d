# One worker alone uses the accept lock like many: otherwise it spins when
# its connections are used up.
in 'src/worker.c';
replace qr/(?<=WORKER_SOLO_COUNT\t)3/, '0';
