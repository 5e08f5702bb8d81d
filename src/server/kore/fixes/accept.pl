# Every worker that has room accepts, one connection a turn, and the kernel
# chooses.  Kore hands one lock around through the parent: a worker that
# holds it and blocks stops the others, one that leaves keeps it, and a
# worker alone spins when its connections are used up.
in 'src/worker.c';
replace "static int	worker_trylock(void);",
    "static int	worker_trylock(void) __attribute__((unused));";
in 'src/worker.c', 'worker_acceptlock_obtain';
body <<'C';
	if (worker_active_connections >= worker_max_connections ||
	    http_request_count >= http_request_limit)
		return (0);

	worker->has_lock = 1;
	return (1);
C
in 'src/worker.c', 'worker_acceptlock_release';
body <<'C';
	if (worker_active_connections < worker_max_connections &&
	    http_request_count < http_request_limit)
		return;

	worker->has_lock = 0;
	accept_avail = 1;
C
in 'src/worker.c', 'kore_worker_make_busy';
body '';
