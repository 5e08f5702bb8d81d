# Kore finds our functions by name; these are their names.
in 'src/worker.c', 'kore_worker_entry';
replace '"kore_worker_configure"', '"server_worker_start"';
replace '"kore_worker_teardown"', '"server_worker_stop"';
in 'src/seccomp.c', 'kore_seccomp_enable';
replace '"kore_seccomp_hook"', '"server_sandbox_filter"';
